from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from recommendations.forms import DayField
from recommendations.languages import languages_to_choose
from tracker.forms.fields import PlainTextField
from tracker.forms.user import check_repeated_password
from tracker.models import Institution, Invitation, Membership, User
from tracker.models.user import INVITED_AS, NAME_LIMIT, Role, validate_person_name

ROLES = {
    Role.CONTRIBUTOR: _("Contributor: answers the assigned recommendations, or all of them if a focal point allows it"),
    Role.VIEWER: _("Viewer: reads all pages of your team"),
}
ENTER_PASSWORD = _("Enter the password.")


class InstitutionChoice(forms.TypedChoiceField):
    def set_institutions(self, institutions: list[Institution]) -> None:
        by_key = {str(institution.pk): institution for institution in institutions}
        # Translators: A choice: the person belongs to no institution.
        self.choices = [("", _("No institution")), *((key, institution.name) for key, institution in by_key.items())]
        self.coerce = by_key.__getitem__


def last_day() -> DayField:
    return DayField(
        label=_("Last day"),
        required=False,
        help_text=_("The role ends after this day; leave blank for no end date."),
    )


class InvitationForm(forms.Form):
    email = forms.EmailField(
        # Translators: Name of a field.
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        help_text=_("The person receives a link that works once, then enters a name and sets a password."),
    )
    role = forms.ChoiceField(
        # Translators: What a person may do on the site, as contributor.
        label=_("Role"),
        choices=[(role, ROLES[role]) for role in INVITED_AS],
        widget=forms.RadioSelect,
    )
    # Translators: Label of a field.
    institution = InstitutionChoice(label=_("Institution"), required=False, empty_value=None)
    until = last_day()
    language = forms.ChoiceField(
        label=_("Language"),
        choices=languages_to_choose,
        initial=settings.LANGUAGE_CODE,
        widget=forms.RadioSelect,
        help_text=_("The language of the e-mail and of the site for this person."),
    )

    def __init__(self, *args, institutions: list[Institution], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["institution"].set_institutions(institutions)  # type: ignore[attr-defined]
        if not languages_to_choose():
            del self.fields["language"]


class JoinForm(forms.Form):
    name = PlainTextField(
        label=_("Name"),
        max_length=NAME_LIMIT,
        validators=[validate_person_name],
        widget=forms.TextInput(attrs={"autocomplete": "name", "dir": "auto"}),
        help_text=_("Your name as your colleagues know it; it is shown next to what you save."),
        error_messages={"required": _("Enter the name.")},
    )
    password1 = forms.CharField(
        # Translators: Label.
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": ENTER_PASSWORD},
    )
    password2 = forms.CharField(
        label=_("Repeat the password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": ENTER_PASSWORD},
    )

    def __init__(self, *args, invitation: Invitation, has_identity: bool = False, **kwargs):
        super().__init__(*args, **kwargs)
        self.invitation = invitation
        self.fields["password1"].help_text = " ".join(password_validators_help_texts())
        if has_identity:
            del self.fields["password1"], self.fields["password2"]

    def clean(self):
        check_repeated_password(self)
        password = self.cleaned_data.get("password1")
        if not password:
            return
        person = User(email=self.invitation.email, name=self.cleaned_data.get("name", ""))
        person.current_memberships = [Membership(respondent=self.invitation.respondent)]
        try:
            validate_password(password, person)
        except ValidationError as error:
            self.add_error("password1", error)

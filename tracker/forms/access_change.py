"""Forms of the admin by which an administrator requests what another confirms."""

from collections import defaultdict

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tracker.actions.access_change import missing_appointing_fields
from tracker.forms.fields import EvidenceFileField, PlainTextField
from tracker.models import AccessChange, Membership, User
from tracker.models.validators import validate_line
from tracker.queries.identity import identity_providers


def _provider_choices() -> list[tuple[str, str | Promise]]:
    # Translators: A choice: the person signs in at no identity provider.
    return [("", _("No provider")), *identity_providers().items()]


class ActionForm(forms.ModelForm):
    """Do the action once the fields are valid: what it refuses appears at the field, beside what was typed."""

    outcome: AccessChange | User | None = None

    def act(self) -> AccessChange | User | None:
        raise NotImplementedError

    def _post_clean(self):
        super()._post_clean()
        if self.errors:
            return
        try:
            with transaction.atomic():
                self.outcome = self.act()
        except ValidationError as error:
            for name, problems in error.update_error_dict({}).items():
                self.add_error(name if name != NON_FIELD_ERRORS and name in self.fields else None, problems)


class RoleRequestForm(ActionForm):
    file = EvidenceFileField(
        label=_("File of the appointing document"),
        help_text=_("For example, the note verbale as PDF; visible to administrators and that State’s focal points."),
    )

    class Meta:
        model = Membership
        fields = ["user", "role", "respondent", "since", "until", "appointing_document", "appointed_on"]

    def clean(self):
        super().clean()
        values = defaultdict(lambda: None, self.cleaned_data)
        for name, missing in missing_appointing_fields(values).items():
            if name not in self.errors:
                self.add_error(name, missing)


class PersonForm(ActionForm):
    class Meta:
        model = User
        fields = ["name", "email"]
        error_messages = {"name": {"required": _("Enter the name.")}}


class PersonChangeForm(PersonForm):
    """Correct the name at once, and request another address or an identity."""

    # Translators: Label: the organization at which the person signs in.
    provider = forms.ChoiceField(label=_("Provider"), required=False, choices=_provider_choices)
    # Translators: Label: the code by which the provider knows the person.
    subject = PlainTextField(
        label=_("Identity"),
        max_length=191,
        validators=[validate_line],
        required=False,
        help_text=_(
            "To let the person sign in at the provider in place of a password: the identity that the site shows after "
            "an attempt to sign in there. Check by telephone that it is this person’s."
        ),
    )

    def clean(self):
        super().clean()
        if bool(self.cleaned_data.get("provider")) != bool(self.cleaned_data.get("subject")):
            missing = "subject" if self.cleaned_data.get("provider") else "provider"
            self.add_error(missing, _("Fill in both the provider and the identity, or neither."))

from collections.abc import Iterable

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommendations.forms import DayField
from tracker.actions.questionnaire import OF_ANOTHER_STATE
from tracker.documents.exchange.questionnaire import Letter
from tracker.documents.exchange.questionnaire_reader import SUFFIX, SentBack, read
from tracker.forms.fields import PlainTextField
from tracker.forms.shared import ReceivedForm, UploadForm
from tracker.models import Institution, Respondent, User
from tracker.models.answer_fields import INSTITUTION_LIMIT
from tracker.models.language import Language
from tracker.queries.desk.units import UnitRow

WITH, WITHOUT = "with", "without"
AT_ONCE = 230


class QuestionnaireForm(forms.Form):
    """Choose among the units `offered`; without a choice the questionnaire asks about those `selected` at first."""

    institution = PlainTextField(
        label=_("Send to (institution)"),
        required=False,
        max_length=INSTITUTION_LIMIT,
        widget=forms.TextInput(attrs={"dir": "auto", "list": "institutions"}),
    )
    return_by = DayField(label=_("Return by"), required=False)
    return_to = PlainTextField(
        label=_("Return to (name)"),
        required=False,
        max_length=INSTITUTION_LIMIT,
        widget=forms.TextInput(attrs={"dir": "auto"}),
    )
    email = forms.EmailField(label=_("E-mail address"), required=False)
    answers = forms.ChoiceField(
        # Translators: Heading of two choices: include the current answers in the questionnaire or not.
        label=_("Current answers"),
        choices=[(WITH, _("Include the current answers in the boxes")), (WITHOUT, _("Leave the boxes empty"))],
        widget=forms.RadioSelect,
        required=False,
        initial=WITH,
    )
    unit = forms.MultipleChoiceField(
        label=_("Recommendations to include"),
        required=False,
        help_text=_("If you select none, the recommendations selected when the page opened are used."),
    )

    def __init__(
        self, data: QueryDict | None = None, *, by: User, offered: Iterable[UnitRow], selected: Iterable[UnitRow]
    ):
        super().__init__(data, initial={"return_to": by.name, "email": by.email})
        named = data.getlist("unit") if data else []
        self.offered = {row.unit.slug: row for row in offered}
        self.selected = [row.unit.slug for row in selected]
        self.chosen = set(named or self.selected)  # as the form is shown
        self.fields["unit"].choices = [(slug, slug) for slug in self.offered]  # type: ignore[attr-defined]

    def clean_unit(self) -> list[str]:
        chosen = self.cleaned_data["unit"]
        if len(chosen) > AT_ONCE:
            raise ValidationError(
                _("Selected: %(count)d. The limit is %(most)d at a time: deselect some recommendations."),
                params={"most": AT_ONCE, "count": len(chosen)},
            )
        return chosen

    @property
    def rows(self) -> list[UnitRow]:
        chosen = set(self.cleaned_data["unit"] or self.selected)
        return [row for slug, row in self.offered.items() if slug in chosen]

    @property
    def letter(self) -> Letter:
        values = self.cleaned_data
        return Letter(
            institution=values["institution"],
            return_by=values["return_by"],
            return_to=values["return_to"],
            email=values["email"],
            with_answers=values["answers"] != WITHOUT,
        )


class QuestionnaireUploadForm(UploadForm, ReceivedForm):
    """Read a completed questionnaire; once valid, its `upload` is a `SentBack`. `language`: of new answers."""

    upload = forms.FileField(
        # Translators: Label of a field: the file to upload.
        label=_("Word document"),
        max_length=255,
        help_text=_("The file (.docx) as returned by the institution, at most 25 MB."),
        widget=forms.FileInput(attrs={"accept": SUFFIX}),
    )
    field_order = ("upload",)
    language = forms.ChoiceField(
        label=_("Language of the text"), choices=Language, help_text=_("Used for new answers only.")
    )

    def __init__(self, data=None, files=None, *, respondent: Respondent, institutions: Iterable[Institution], language):
        super().__init__(data, files, initial={"received_on": timezone.localdate(), "language": language})
        self.respondent = respondent
        self.institutions = {institution.name: institution for institution in institutions}
        self.fields["received_from"].required = self.fields["received_on"].required = True

    def clean_upload(self) -> SentBack:
        sent_back = read(self.cleaned_data["upload"])
        if sent_back.respondent != self.respondent.code:
            raise ValidationError(OF_ANOTHER_STATE)
        return sent_back

    def clean(self):
        self.add_received_errors()
        if self.errors:
            self.add_file_error()

    @property
    def institution(self) -> Institution | None:
        """Return the institution of this name, if it is on the list."""
        return self.institutions.get(self.received().institution)

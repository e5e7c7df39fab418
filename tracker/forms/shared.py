"""Parts that several forms have."""

from collections.abc import Iterable

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommendations.forms import DayField
from recommendations.models import Recommendation
from tracker.forms.fields import InstitutionField, PlainTextField
from tracker.models import Respondent, User
from tracker.models.answer_rules import answer_errors
from tracker.models.assignment import NOTE_LIMIT
from tracker.models.language import Language
from tracker.models.record import Answer, ReceivedDetails


class WordsField(PlainTextField):
    def __init__(self, **kwargs):
        widget = forms.Textarea(attrs={"rows": 3, "dir": "auto"})
        super().__init__(max_length=NOTE_LIMIT, widget=widget, **kwargs)


class ReasonForm(forms.Form):
    reason = WordsField(label=_("Reason"), error_messages={"required": _("Enter the reason.")})


class UnitsForm(forms.Form):
    """Choose some of the units `offered`; `selected` are the slugs of those selected at first."""

    unit = forms.MultipleChoiceField(
        label=_("Recommendations"), error_messages={"required": _("Select at least one recommendation.")}
    )

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        offered: Iterable[Recommendation],
        selected: Iterable[str] = (),
        initial: dict | None = None,
    ):
        super().__init__(data, initial=initial)
        self.fields["unit"] = self.fields.pop("unit")  # last in a list of errors
        self.offered = {unit.slug: unit for unit in offered}
        self.chosen = set(data.getlist("unit") if data else selected)  # as the form is shown
        self.fields["unit"].choices = [(slug, slug) for slug in self.offered]  # type: ignore[attr-defined]

    @property
    def units(self) -> list[Recommendation]:
        return [unit for slug, unit in self.offered.items() if slug in self.chosen]


class ReceivedForm(forms.Form):
    """Say from which institution answers were received, and when."""

    received_from = InstitutionField(
        label=_("Received from (institution)"),
        error_messages={"required": _("Enter the institution that sent the information.")},
    )
    # Translators: Field name: date of receipt.
    received_on = DayField(label=_("Received on"), required=False)

    def received(self) -> ReceivedDetails:
        return ReceivedDetails(self.cleaned_data.get("received_from", ""), self.cleaned_data.get("received_on"))

    def add_received_errors(self) -> None:
        for name, problems in answer_errors(Recommendation(), Answer(""), received=self.received()).items():
            if name in ReceivedForm.base_fields and name not in self.errors:
                self.add_error(name, problems)


class UploadForm(forms.Form):
    """Ask again for a file that was sent with a form that is shown again: a browser never sends a file again."""

    file_field = "upload"

    def add_file_error(self) -> None:
        chosen = self.files.get(self.add_prefix(self.file_field))
        if chosen and self.file_field not in self.errors:
            # Translators: name: name of the file.
            message = _("Choose the file “%(name)s” again: it was not saved.")
            self.add_error(self.file_field, message % {"name": chosen.name})


class ReturnedFileForm(UploadForm, ReceivedForm):
    """Accept a file that was made here and filled in elsewhere. `language`: of answers that are new."""

    upload = forms.FileField(
        # Translators: Noun: a computer file.
        label=_("File"),
        max_length=255,
        help_text=_("A questionnaire (.docx, at most 25 MB) or workbook (.xlsx, at most 10 MB) of this site."),
        widget=forms.FileInput(attrs={"accept": ".docx,.xlsx"}),
    )
    field_order = ("upload",)
    language = forms.ChoiceField(
        label=_("Language of the text"),
        choices=Language,
        required=False,
        help_text=_("Used for new answers of a questionnaire only."),
    )

    def __init__(self, data=None, files=None, *, desk: Respondent, user: User, initial: dict | None = None):
        super().__init__(data, files, initial={"received_on": timezone.localdate()} | (initial or {}))
        self.desk, self.user = desk, user

    def clean(self):
        self.add_received_errors()
        if self.errors:
            self.add_file_error()

from collections.abc import Iterable

from django import forms
from django.http import QueryDict
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from tracker.documents.report.chapters import Choice, ReportPart
from tracker.forms.fields import DateInput, PlainTextField
from tracker.models import Submission
from tracker.models.submission import STATEMENT_LIMIT


class ReportForm(forms.Form):
    """Choose the parts of a report, by default all, by theme. `earlier`: submissions to compare with."""

    part = forms.MultipleChoiceField(
        label=_("Parts"),
        choices=ReportPart.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        initial=ReportPart.values,
        help_text=_("With none ticked the report has them all."),
    )
    by = forms.ChoiceField(
        label=_("Order"),
        choices=[("theme", _("By theme")), ("meeting", _("By meeting"))],
        widget=forms.RadioSelect,
        required=False,
        initial="theme",
    )
    since = forms.ChoiceField(label=_("Changes since"), required=False)
    authority = PlainTextField(
        label=_("Prepared by"),
        required=False,
        max_length=STATEMENT_LIMIT,
        help_text=_("The authority, as it is to stand on the cover."),
    )
    as_at = forms.DateField(
        label=_("Situation as at"),
        required=False,
        widget=DateInput(),
        help_text=_("The date to stand on the cover. The date of the data stands there in any case."),
    )

    def __init__(self, data: QueryDict | None = None, *, earlier: Iterable[Submission]):
        super().__init__(data)
        self.earlier = {submission.reference: submission for submission in earlier}
        handed_in = [
            (reference, f"{reference}, {date_format(submission.sealed_at, 'DATE_FORMAT')}")
            for reference, submission in self.earlier.items()
        ]
        self.fields["since"].choices = [("", _("no comparison")), *handed_in]  # type: ignore[attr-defined]

    @property
    def choice(self) -> Choice:
        chosen = self.cleaned_data
        return Choice(
            parts=frozenset(chosen["part"] or ReportPart.values),
            grouping=chosen["by"] or "theme",
            since=self.earlier.get(chosen["since"]),
            authority=chosen["authority"],
            as_at=chosen["as_at"],
        )

from collections.abc import Iterable, Iterator

from django import forms
from django.http import QueryDict
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from recommendations.forms import DayField
from tracker.actions.brief import POINT_LIMIT, POINTS_LIMIT
from tracker.documents.report.chapters import Choice, ReportPart
from tracker.forms.fields import PlainTextField, WrittenField
from tracker.models import Submission
from tracker.models.submission import STATEMENT_LIMIT


class DecisionsForm(forms.Form):
    text = WrittenField(
        label=_("For decision"),
        widget=forms.Textarea(attrs={"rows": 4}),
        limit=POINTS_LIMIT * (POINT_LIMIT + len("\n")),
        help_text=_("What the minister decides: one point a line. Do not name a victim. Visible to your team only."),
    )


class ReportForm(forms.Form):
    """Choose the parts of a report, by default all, by theme. `earlier`: submissions to compare with."""

    part = forms.MultipleChoiceField(
        label=_("Parts to include"),
        choices=ReportPart.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        initial=ReportPart.values,
        help_text=_("If you select none, the report includes all parts."),
    )
    by = forms.ChoiceField(
        # Translators: Heading of two choices: by theme or by meeting.
        label=_("Order"),
        choices=[("theme", _("By theme")), ("meeting", _("By meeting"))],
        widget=forms.RadioSelect,
        required=False,
        initial="theme",
    )
    since = forms.ChoiceField(label=_("Show changes since"), required=False)
    authority = PlainTextField(
        label=_("Prepared by"),
        required=False,
        max_length=STATEMENT_LIMIT,
        help_text=_("The authority shown on the cover."),
    )
    as_at = DayField(
        label=_("Situation as at"),
        required=False,
        help_text=_("The date shown on the cover, in addition to the date of the data."),
    )

    def __init__(self, data: QueryDict | None = None, *, earlier: Iterable[Submission]):
        """Read `earlier` where the form is shown or has one of them."""
        super().__init__(data)
        self.earlier = earlier
        self.fields["since"].choices = self._list_earlier  # type: ignore[attr-defined]

    def _list_earlier(self) -> Iterator[tuple[str, str | Promise]]:
        # Translators: First choice in the list “Show changes since”.
        yield "", _("No comparison")
        for submission in self.earlier:
            yield submission.reference, f"{submission.reference}, {date_format(submission.sealed_at, 'DATE_FORMAT')}"

    @property
    def choice(self) -> Choice:
        chosen = self.cleaned_data
        return Choice(
            parts=frozenset(chosen["part"] or ReportPart.values),
            grouping=chosen["by"] or "theme",
            since=self._find_earlier(chosen["since"]) if chosen["since"] else None,
            authority=chosen["authority"],
            as_at=chosen["as_at"],
        )

    def _find_earlier(self, reference: str) -> Submission:
        return next(submission for submission in self.earlier if submission.reference == reference)

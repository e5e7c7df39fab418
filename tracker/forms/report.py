from collections.abc import Iterable, Iterator

from django import forms
from django.core.validators import MaxLengthValidator
from django.http import QueryDict
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from recommendations.forms import DayField
from tracker.actions.brief import DECISION_LIMIT, DECISIONS_LIMIT, TEXT_LIMIT
from tracker.documents.report.chapters import Choice, ReportPart
from tracker.documents.report.state import Entry
from tracker.forms.fields import PlainTextField, WrittenField
from tracker.models import Submission
from tracker.models.submission import STATEMENT_LIMIT

ANSWERS_LIMIT = 8


class BriefForm(forms.Form):
    done = WrittenField(
        label=_("What was done"),
        widget=forms.Textarea(attrs={"rows": 6}),
        limit=TEXT_LIMIT,
        help_text=_("A title on a line, then a paragraph. Leave an empty line before the next title."),
    )
    missing = WrittenField(label=_("What is missing"), widget=forms.Textarea(attrs={"rows": 6}), limit=TEXT_LIMIT)
    decisions = WrittenField(
        label=_("For decision"),
        widget=forms.Textarea(attrs={"rows": 4}),
        limit=DECISIONS_LIMIT * (DECISION_LIMIT + len("\n")),
        help_text=_(
            "Decisions you need, one per line, with date and lead: "
            "“Approve the bill; 15 December 2026; Ministry of Justice”."
        ),
    )


class FillForm(forms.Form):
    """Select answers, by the slug of their recommendation, that fill a text of the brief. `entries`: those offered."""

    answer = forms.MultipleChoiceField(
        label=_("Answers"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Select at least one answer."),
            "invalid_choice": _("You can no longer add one of the selected answers. Select again."),
        },
        # Translators: limit_value: a number.
        validators=[MaxLengthValidator(ANSWERS_LIMIT, _("Select at most %(limit_value)s answers."))],
    )

    def __init__(self, data: QueryDict | None = None, *, entries: Iterable[Entry]):
        super().__init__(data)
        self.fields["answer"].choices = [(entry.row.unit.slug, "") for entry in entries]  # type: ignore[attr-defined]


class BriefFilesForm(forms.Form):
    """Choose of which answers a brief has the figures. `submissions`: the newest first."""

    figures = forms.ChoiceField(label=_("Figures"), required=False)

    def __init__(self, submissions: Iterable[Submission], initial: str):
        super().__init__(initial={"figures": initial})
        self.fields["figures"].choices = [  # type: ignore[attr-defined]
            ("", _("Current answers (not submitted)")),
            *map(_name_submission, submissions),
        ]


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
        yield from map(_name_submission, self.earlier)

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


def _name_submission(submission: Submission) -> tuple[str, str]:
    return submission.reference, f"{submission.reference}, {date_format(submission.sealed_at, 'DATE_FORMAT')}"

"""Make a State's report for every format: from its current answers, for its own users, or from a submission."""

from dataclasses import dataclass
from datetime import date, datetime
from operator import attrgetter
from typing import NamedTuple

from django.db.models import F
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recommendations.groups import group_pairs
from recommendations.models import Body, Meeting, Recommendation, Theme
from tracker.documents.statements import all_statements, statements_for
from tracker.figures.answers import (
    LIVING_RECORD,
    Figures,
    GroupProgress,
    Progress,
    figures,
    needs_assistance,
    open_target,
    progress,
)
from tracker.models import Citation, Respondent, Revision, Submission, User
from tracker.models.answer_fields import AssistanceKind
from tracker.models.status import Status
from tracker.queries.desk.units import UnitRow, by_meeting, by_theme, unit_rows

TITLE = gettext_lazy("Report on the implementation of the recommendations")
WORKING_DOCUMENT = gettext_lazy("Working document")
GROUPINGS = {"theme": by_theme, "meeting": by_meeting}
SHOWN_ON_THE_FIRST_PAGE = 5


class CitedEvidence(NamedTuple):
    """Hold the version of an evidence item that an answer cites, as reports show it, and the place in it.

    `key` is that of the version. A file whose bytes were removed has a `withdrawal`, and still its digest.
    """

    key: int
    pinpoint: str
    evidence_number: int
    number: int
    title: str
    kind: str
    document_date: date | None
    language: str
    disclosure: str
    form: str
    file_name: str
    url: str
    citation: str
    sha256: str | None
    withdrawal: int | None

    @property
    def evidence(self) -> str:
        return f"E{self.evidence_number}"

    @property
    def anchor(self) -> str:
        return f"evidence-{self.evidence_number}-{self.number}"


# The paths from a citation to the fields: plain values take a third of the time of four rows of models.
CITED_COLUMNS = (
    *("evidence_version", "pinpoint", "evidence_version__evidence__number"),
    *(f"evidence_version__{name}" for name in CitedEvidence._fields[3:-2]),
    *("evidence_version__file__sha256", "evidence_version__file__withdrawal"),
)
# Put together once: this takes as long as reading them.
_current_citations = (
    Citation.objects.filter(revision=F("revision__record__current"))
    .order_by("revision", "position")
    .values_list("revision", *CITED_COLUMNS)
)


class Entry(NamedTuple):
    """Hold a unit with the answer to it, if any, and what that cites, in order.

    `items`: those answered at this unit; `withheld`: the number of citations that the State keeps to itself;
    `was_reworded`: in a submission, whether the unit had a new wording by then.
    """

    row: UnitRow
    citations: list[CitedEvidence]
    items: list[Recommendation]
    withheld: int = 0
    was_reworded: bool = False

    @property
    def revision(self) -> Revision | None:
        return self.row.revision

    @property
    def assistance_kinds(self) -> list[AssistanceKind]:
        return [AssistanceKind(kind) for kind in self.revision.assistance_kinds] if self.revision else []

    @property
    def items_met(self) -> list[str]:
        """Return labels with titles; the label alone of an item that is no longer there."""
        titles = {item.label: item.published_label_with_title for item in self.items}
        return [titles.get(label, label) for label in self.revision.items_met] if self.revision else []

    @property
    def answers_former_wording(self) -> bool:
        if self.revision is None:
            return False
        return self.was_reworded or self.revision.answers_former_wording(self.row.unit, self.items)


class ReportSection(NamedTuple):
    number: int
    of: Theme | Meeting | None
    progress: Progress
    entries: list[Entry]

    @property
    def slug(self) -> str:
        return self.of.slug if isinstance(self.of, Theme) else ""


@dataclass(frozen=True)
class StateReport:
    """Hold `to_answer` and `others` in the order of the paper; the others are answered units in no figure.

    `at` is the time of the data: for a submission, when it was sealed. `submission` is None for current answers;
    `confirmed` counts the answers of an earlier round in it that were confirmed as still correct.
    """

    respondent: Respondent
    at: datetime
    to_answer: list[Entry]
    others: list[Entry]
    bodies: list[Body]
    submission: Submission | None = None
    confirmed: int = 0

    @cached_property
    def figures(self) -> Figures:
        return figures([entry.row for entry in self.to_answer], self.at, self.source)

    @cached_property
    def source(self) -> str:
        return self.submission.reference if self.submission else str(LIVING_RECORD)

    @property
    def digest(self) -> str:
        return self.submission.digest if self.submission else ""

    @cached_property
    def mark(self) -> str:
        if self.submission is None:
            return str(WORKING_DOCUMENT)
        if self.submission.is_withdrawn:
            # Translators: reference: of a submission, such as XAA/2026/2.
            return _("Submission %(reference)s (withdrawn)") % {"reference": self.submission.reference}
        # Translators: reference: of a submission, such as XAA/2026/2.
        return _("Submission %(reference)s") % {"reference": self.submission.reference}

    @property
    def entries(self) -> list[Entry]:
        return [*self.to_answer, *self.others]

    def sections(self, grouping: str) -> list[ReportSection]:
        entries = {entry.row.unit.pk: entry for entry in self.to_answer}
        groups = GROUPINGS[grouping]([entry.row for entry in self.to_answer])
        return [
            ReportSection(
                number,
                group.of,
                progress(group.rows, self.at, self.source),
                [entries[row.unit.pk] for row in group.rows],
            )
            for number, group in enumerate(groups, start=1)
        ]

    @cached_property
    def evidence(self) -> list[CitedEvidence]:
        cited = {each.key: each for entry in self.entries for each in entry.citations}
        return sorted(cited.values(), key=attrgetter("evidence_number", "number"))

    @property
    def gaps(self) -> list[GroupProgress]:
        gaps = [group for group in self.figures.by_theme if _count_gaps(group.progress)]
        return sorted(gaps, key=lambda group: -_count_gaps(group.progress))[:SHOWN_ON_THE_FIRST_PAGE]

    @property
    def without_measure(self) -> list[Entry]:
        return [entry for entry in self.to_answer if entry.row.status == Status.NOT_STARTED]

    @property
    def assistance(self) -> list[tuple[str, list[Entry]]]:
        """Return the answers that ask for assistance by name of its kind, the most first; those without a kind last."""
        asking = [entry for entry in self.to_answer if needs_assistance(entry.row)]
        by_kind = [
            (str(kind.label), [entry for entry in asking if kind in entry.assistance_kinds]) for kind in AssistanceKind
        ]
        by_kind.sort(key=lambda pair: -len(pair[1]))
        without_kind = [entry for entry in asking if not entry.assistance_kinds]
        return [pair for pair in (*by_kind, (_("Kind not specified"), without_kind)) if pair[1]]

    @property
    def target_list(self) -> list[Entry]:
        targets = ((open_target(entry.row), entry) for entry in self.to_answer)
        coming = [(target, entry) for target, entry in targets if target and target >= self.at.date()]
        coming.sort(key=lambda pair: pair[0])
        return [entry for _target, entry in coming[:SHOWN_ON_THE_FIRST_PAGE]]

    @property
    def own_statements(self) -> tuple[str | Promise, ...]:
        return statements_for(self.respondent)

    @cached_property
    def statements(self) -> list[str]:
        units = [entry.row.unit for entry in self.entries]
        return [self._data_text, *all_statements(units, self.own_statements)]

    @cached_property
    def notice(self) -> str:
        return " ".join(self.statements)

    @property
    def _data_text(self) -> str:
        values = {"at": date_format(self.at, "DATETIME_FORMAT"), "name": self.respondent.name}
        if self.submission is None:
            # Translators: name: name of the State or other respondent; at: date and time.
            return _("%(name)s: current answers as at %(at)s UTC. Working document, not submitted.") % values
        return _(
            # Translators: name: name of the State or other respondent; at: date and time; reference: reference of the
            # submission; digest: a digest.
            "%(name)s: answers as submitted and sealed on %(at)s UTC. Submission %(reference)s, SHA-256 %(digest)s."
        ) % {**values, "reference": self.submission.reference, "digest": self.submission.digest}


def state_report(
    respondent: Respondent, reader: User, body: Body | None = None, *, with_answers: bool = True
) -> StateReport:
    """Read the current answers to the texts of a body (the first if None) that the reader may see.

    It takes a fixed number of queries. Without answers, it reads what the first page shows.
    """
    at = timezone.now()
    rows = unit_rows(respondent, reader, body=body, with_answers=with_answers)
    listed = [*rows.to_answer, *(row for row in rows.others if row.is_answered)]
    if with_answers:
        entries = entries_of(listed, respondent, reader)
    else:
        entries = [Entry(row, [], row.unit.unit_items) for row in listed]
    return StateReport(
        respondent=respondent,
        at=at,
        to_answer=entries[: len(rows.to_answer)],
        others=entries[len(rows.to_answer) :],
        bodies=list({entry.row.unit.body_id: entry.row.unit.body for entry in entries}.values()),
    )


def entries_of(rows: list[UnitRow], respondent: Respondent, reader: User) -> list[Entry]:
    cited = _citations(respondent, reader)
    return [Entry(row, cited[row.revision.pk] if row.revision else [], row.unit.unit_items) for row in rows]


def _citations(respondent: Respondent, reader: User) -> dict[int, list[CitedEvidence]]:
    cited = _current_citations.visible_to(reader)  # type: ignore[attr-defined]
    rows = cited.filter(revision__record__respondent=respondent)
    return group_pairs((revision, CitedEvidence(*values)) for revision, *values in rows)


def _count_gaps(progress: Progress) -> int:
    return progress.distribution[Status.NOT_STARTED].numerator + progress.no_information.numerator

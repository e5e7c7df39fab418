"""Count the answers of a respondent for its overview and its report.

Every figure has its denominator, date and source. "No information" is counted apart, and there is no score.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from recommendations.models import Meeting, Theme
from tracker.models.answer_fields import UNFINISHED, AssistanceKind
from tracker.models.status import CONSIDERED, NO_INFORMATION, NO_INFORMATION_LABEL, Status
from tracker.queries.desk.units import UnitGroup, UnitRow, by_meeting, by_theme

LIVING_RECORD = _("Current answers (not submitted)")

# The kinds of answer, in the order of bars: the statuses, with "considered, not taken up" in two kinds.
CONSIDERED_WHERE_ASKED = "considered_where_asked"
CONSIDERED_ELSEWHERE = "considered_elsewhere"
ANSWERS: dict[str, str | Promise] = {
    Status.IMPLEMENTED.value: Status.IMPLEMENTED.label,
    CONSIDERED_WHERE_ASKED: _("Considered, not taken up (asked to consider)"),
    CONSIDERED_ELSEWHERE: _("Considered, not taken up (asked to act)"),
    Status.PARTIALLY_IMPLEMENTED.value: Status.PARTIALLY_IMPLEMENTED.label,
    Status.IN_PROGRESS.value: Status.IN_PROGRESS.label,
    Status.NOT_STARTED.value: Status.NOT_STARTED.label,
    Status.NOT_APPLICABLE.value: Status.NOT_APPLICABLE.label,
    NO_INFORMATION: NO_INFORMATION_LABEL,
}


@dataclass(frozen=True, slots=True)
class Figure:
    """Hold `numerator` of `denominator` units, self-reported, as recorded at `at`."""

    numerator: int
    denominator: int
    at: datetime
    source: str | Promise = LIVING_RECORD


@dataclass(frozen=True, slots=True)
class Progress:
    """Hold the response rate with the distribution of statuses, over one set of units to answer.

    `response_rate` is over all units; `distribution` has every status, in the order of bars, over the answered units.
    So have the two parts of "considered, not taken up": where the text asks to consider, and elsewhere.
    """

    response_rate: Figure
    no_information: Figure
    distribution: dict[Status, Figure]
    considered_where_asked: Figure
    considered_elsewhere: Figure

    @property
    def answered(self) -> int:
        return self.response_rate.numerator

    @property
    def total(self) -> int:
        return self.response_rate.denominator

    @property
    def considered(self) -> Figure:
        return self.distribution[CONSIDERED]

    @property
    def counts(self) -> dict[str, int]:
        """Return units by status code, for a bar. No information is what is missing to `total`."""
        return {status.value: figure.numerator for status, figure in self.distribution.items()}

    @property
    def answers(self) -> dict[str, int]:
        counts = {
            CONSIDERED_WHERE_ASKED: self.considered_where_asked.numerator,
            CONSIDERED_ELSEWHERE: self.considered_elsewhere.numerator,
            NO_INFORMATION: self.no_information.numerator,
        }
        return {code: counts.get(code, self.counts.get(code, 0)) for code in ANSWERS}


class GroupProgress[Of: Theme | Meeting | None](NamedTuple):
    of: Of
    progress: Progress


@dataclass(frozen=True, slots=True)
class Figures:
    """Hold all figures of one respondent. Those about answers are over the answered units.

    `assistance` has every kind, and an answer may need several. `target_dated` is over the unfinished answers,
    `overdue` over the unfinished answers with a target date.
    """

    at: datetime
    overall: Progress
    by_theme: list[GroupProgress[Theme | None]]
    by_meeting: list[GroupProgress[Meeting]]
    ready: Figure
    unready: Figure
    with_evidence: Figure
    assistance_needed: Figure
    assistance: dict[AssistanceKind, Figure]
    target_dated: Figure
    overdue: Figure


def figures(rows: list[UnitRow], at: datetime, source: str | Promise = LIVING_RECORD) -> Figures:
    answered = [row for row in rows if row.is_answered]
    unfinished = [row for row in answered if row.status in UNFINISHED]
    target_dated = [row for row in unfinished if open_target(row)]

    def share(rows: list[UnitRow], has: Callable[[UnitRow], object]) -> Figure:
        return Figure(sum(bool(has(row)) for row in rows), len(rows), at, source)

    kinds = Counter(kind for row in rows if row.revision for kind in set(row.revision.assistance_kinds))
    return Figures(
        at=at,
        overall=progress(rows, at, source),
        by_theme=_progress_by_group(by_theme(rows), at, source),
        by_meeting=_progress_by_group(by_meeting(rows), at, source),
        ready=share(answered, lambda row: row.is_ready),
        unready=share(answered, lambda row: not row.is_ready),
        with_evidence=share(answered, lambda row: row.evidence_count),
        assistance_needed=share(answered, needs_assistance),
        assistance={kind: Figure(kinds[kind], len(answered), at, source) for kind in AssistanceKind},
        target_dated=Figure(len(target_dated), len(unfinished), at, source),
        overdue=share(target_dated, lambda row: is_overdue(row, at)),
    )


def progress(rows: Iterable[UnitRow], at: datetime, source: str | Promise = LIVING_RECORD) -> Progress:
    return progress_of(Counter((row.status, row.unit.asks_to_consider) for row in rows), at, source)


def progress_of(
    counts: Mapping[tuple[str, bool], int], at: datetime, source: str | Promise = LIVING_RECORD
) -> Progress:
    """Calculate from numbers of units by status code (or `no_information`) and by whether the unit asks to consider."""
    statuses: Counter[str] = Counter()
    for (status, _asks_to_consider), count in counts.items():
        statuses[status] += count
    total = statuses.total()
    answered = total - statuses[NO_INFORMATION]

    def of_answered(count: int) -> Figure:
        return Figure(count, answered, at, source)

    return Progress(
        response_rate=Figure(answered, total, at, source),
        no_information=Figure(statuses[NO_INFORMATION], total, at, source),
        distribution={status: of_answered(statuses[status]) for status in Status},
        considered_where_asked=of_answered(counts.get((CONSIDERED, True), 0)),
        considered_elsewhere=of_answered(counts.get((CONSIDERED, False), 0)),
    )


def answer_of(status: str, asks_to_consider: bool) -> str:
    if status != CONSIDERED:
        return status
    return CONSIDERED_WHERE_ASKED if asks_to_consider else CONSIDERED_ELSEWHERE


def needs_assistance(row: UnitRow) -> bool:
    return bool(row.revision and row.revision.asks_for_assistance)


def open_target(row: UnitRow) -> date | None:
    return row.revision.target_date if row.revision and row.status in UNFINISHED else None


def is_overdue(row: UnitRow, at: datetime) -> bool:
    target = open_target(row)
    return target is not None and target < at.date()


def _progress_by_group(groups: list[UnitGroup], at: datetime, source: str | Promise) -> list[GroupProgress]:
    return [GroupProgress(group.of, progress(group.rows, at, source)) for group in groups]

"""Every number of the desk and of the State's report, and how any number is made. Each says what it counts: a figure is
never without its denominator, its date and its source; "no information" is counted apart, and no score is made of any
of them.
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

LIVING_RECORD = _("living record")

# The kinds of answer, in the order of bars: statuses, but that what was considered and not taken up is two.
CONSIDERED_WHERE_ASKED = "considered_where_asked"
CONSIDERED_ELSEWHERE = "considered_elsewhere"
ANSWERS: dict[str, str | Promise] = {
    Status.IMPLEMENTED.value: Status.IMPLEMENTED.label,
    CONSIDERED_WHERE_ASKED: _("Considered, not taken up, where asked to"),
    CONSIDERED_ELSEWHERE: _("Considered, not taken up, elsewhere"),
    Status.PARTIALLY_IMPLEMENTED.value: Status.PARTIALLY_IMPLEMENTED.label,
    Status.IN_PROGRESS.value: Status.IN_PROGRESS.label,
    Status.NOT_STARTED.value: Status.NOT_STARTED.label,
    Status.NOT_APPLICABLE.value: Status.NOT_APPLICABLE.label,
    NO_INFORMATION: NO_INFORMATION_LABEL,
}

# What is still to be done where a target date stands.


@dataclass(frozen=True, slots=True)
class Figure:
    """`numerator` of `denominator` units, self-reported, as the source stood at `at`."""

    numerator: int
    denominator: int
    at: datetime
    source: str | Promise = LIVING_RECORD


@dataclass(frozen=True, slots=True)
class Progress:
    """The two figures that always stand together, over one set of units asked.

    `response_rate` is answered / units asked; `distribution` has every status, in the order of bars, over the
    answered ones. The units considered and not taken up are also given in two, over the answered ones as well:
    where the text asks to consider, and elsewhere.
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
        """Status code -> number of units, for a bar; no information is what is missing to `asked`."""
        return {status.value: figure.numerator for status, figure in self.distribution.items()}

    @property
    def answers(self) -> dict[str, int]:
        """By ANSWERS, all of which together are `asked`."""
        counts = {
            CONSIDERED_WHERE_ASKED: self.considered_where_asked.numerator,
            CONSIDERED_ELSEWHERE: self.considered_elsewhere.numerator,
            NO_INFORMATION: self.no_information.numerator,
        }
        return {code: counts.get(code, self.counts.get(code, 0)) for code in ANSWERS}


class GroupProgress[Of: Theme | Meeting | None](NamedTuple):
    """`of` is None for units that have no theme."""

    of: Of
    progress: Progress


@dataclass(frozen=True, slots=True)
class Figures:
    """All figures of one respondent. What is about answers is over the answered ones of the units asked.

    `assistance` has every kind, and an answer may need several. `target_dated` is over the unfinished ones, `overdue`
    over those of them that have a target date.
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
    """The figures of a respondent at a moment, from the rows of the units asked of it."""
    answered = [row for row in rows if row.is_answered]
    unfinished = [row for row in answered if row.status in UNFINISHED]
    target_dated = [row for row in unfinished if open_target(row)]

    def share(rows: list[UnitRow], has: Callable[[UnitRow], object]) -> Figure:
        return Figure(sum(bool(has(row)) for row in rows), len(rows), at, source)

    kinds = Counter(kind for row in rows if row.revision for kind in set(row.revision.assistance_kinds))
    return Figures(
        at=at,
        overall=progress(rows, at, source),
        by_theme=_grouped(by_theme(rows), at, source),
        by_meeting=_grouped(by_meeting(rows), at, source),
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
    """From the units asked: counts by status code, `no_information` among them, and by whether they ask to consider."""
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
    """The kind of answer, by ANSWERS, that a status is on a unit that asks to consider, or on another."""
    if status != CONSIDERED:
        return status
    return CONSIDERED_WHERE_ASKED if asks_to_consider else CONSIDERED_ELSEWHERE


def needs_assistance(row: UnitRow) -> bool:
    return bool(row.revision and row.revision.asks_for_assistance)


def open_target(row: UnitRow) -> date | None:
    """The target date of what is not finished."""
    return row.revision.target_date if row.revision and row.status in UNFINISHED else None


def is_overdue(row: UnitRow, at: datetime) -> bool:
    target = open_target(row)
    return target is not None and target < at.date()


def _grouped(groups: list[UnitGroup], at: datetime, source: str | Promise) -> list[GroupProgress]:
    return [GroupProgress(group.of, progress(group.rows, at, source)) for group in groups]

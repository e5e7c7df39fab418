"""Count the answers of a respondent for its overview and its report.

Every figure has its denominator, date and source. "No information" is counted apart, and there is no score.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from recommendations.models import Meeting, Theme
from tracker.figures.selection import ANSWERED, Selection
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

# The kind of answer, by status (or `no_information`) and by whether the text asks to consider.
KINDS: dict[tuple[str, bool], str] = {
    **{(status, asks): status for status in ANSWERS for asks in (True, False)},
    (CONSIDERED.value, True): CONSIDERED_WHERE_ASKED,
    (CONSIDERED.value, False): CONSIDERED_ELSEWHERE,
}

type NumberParts = tuple[tuple[str, str] | None, ...]  # (parameter, value), None for all

NUMBER_PARTS: dict[str, NumberParts] = {
    name: (None, (name, ANSWERED), *((name, kind) for kind in ANSWERS)) for name in ("status", "before")
}


@dataclass(frozen=True, slots=True)
class Figure:
    """Hold `numerator` of `denominator` units, self-reported, as recorded at `at`.

    `selection`: what the numerator counts, where a list of it can be opened.
    """

    numerator: int
    denominator: int
    at: datetime
    source: str | Promise = LIVING_RECORD
    selection: Selection | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Progress:
    """Hold the response rate with the distribution of statuses, over one set of units to answer.

    `answers` are the units by kind of answer, in the order of ANSWERS. `response_rate` is over all units;
    `distribution` has every status, in the order of bars, over the answered units. So have the two parts of
    "considered, not taken up": where the text asks to consider, and elsewhere.

    `selection`: all units, where a list of them can be opened; `selected_by`: its parameter that names a status.
    """

    answers: Mapping[str, int]
    at: datetime
    source: str | Promise = LIVING_RECORD
    selection: Selection | None = field(default=None, compare=False)
    selected_by: str = field(default="status", compare=False)

    @property
    def total(self) -> int:
        return sum(self.answers.values())

    @property
    def answered(self) -> int:
        return self.total - self.answers[NO_INFORMATION]

    @property
    def numbers(self) -> tuple[int, ...]:
        """Return `total`, `answered` and then the kinds of answer, for a row of a table."""
        return self.total, self.answered, *self.answers.values()

    @property
    def number_parts(self) -> NumberParts:
        """Return what each of `numbers` chooses from the selection."""
        return NUMBER_PARTS[self.selected_by]

    @property
    def all(self) -> Figure:
        return Figure(self.total, self.total, self.at, self.source, self.selection)

    @property
    def response_rate(self) -> Figure:
        return Figure(self.answered, self.total, self.at, self.source, self.with_status(ANSWERED))

    @property
    def no_information(self) -> Figure:
        return Figure(self.answers[NO_INFORMATION], self.total, self.at, self.source, self.with_status(NO_INFORMATION))

    @property
    def distribution(self) -> dict[Status, Figure]:
        return {status: self.of_status(status) for status in Status}

    @property
    def considered(self) -> Figure:
        return self.of_status(CONSIDERED)

    @property
    def considered_where_asked(self) -> Figure:
        return self._of_answered(self.answers[CONSIDERED_WHERE_ASKED], CONSIDERED_WHERE_ASKED)

    @property
    def considered_elsewhere(self) -> Figure:
        return self._of_answered(self.answers[CONSIDERED_ELSEWHERE], CONSIDERED_ELSEWHERE)

    @property
    def counts(self) -> dict[str, int]:
        """Return units by status code, for a bar. No information is what is missing to `total`."""
        return {status.value: self._count(status) for status in Status}

    def of_status(self, status: Status) -> Figure:
        return self._of_answered(self._count(status), status.value)

    def with_status(self, status: str) -> Selection | None:
        return self.selection._replace(**{self.selected_by: status}) if self.selection else None

    def _count(self, status: Status) -> int:
        if status == CONSIDERED:
            return self.answers[CONSIDERED_WHERE_ASKED] + self.answers[CONSIDERED_ELSEWHERE]
        return self.answers[status]

    def _of_answered(self, count: int, status: str) -> Figure:
        return Figure(count, self.answered, self.at, self.source, self.with_status(status))


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
    return Progress(answers_of(Counter((row.status, row.unit.asks_to_consider) for row in rows)), at, source)


def answers_of(counts: Mapping[tuple[str, bool], int]) -> dict[str, int]:
    """Count from numbers of units by status code (or `no_information`) and by whether the unit asks to consider."""
    answers = dict.fromkeys(ANSWERS, 0)
    for pair, count in counts.items():
        answers[KINDS[pair]] += count
    return answers


def needs_assistance(row: UnitRow) -> bool:
    return bool(row.revision and row.revision.asks_for_assistance)


def open_target(row: UnitRow) -> date | None:
    return row.revision.open_target if row.revision else None


def is_overdue(row: UnitRow, at: datetime) -> bool:
    return row.revision is not None and row.revision.is_target_passed(at.date())


def _progress_by_group(groups: list[UnitGroup], at: datetime, source: str | Promise) -> list[GroupProgress]:
    return [GroupProgress(group.of, progress(group.rows, at, source)) for group in groups]

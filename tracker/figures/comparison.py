"""Compare two rounds, over the States counted in both (figures/progress.py) and the units requested from them in both.

Levels (the figures of each round) and changes (from status to status) are kept apart. Themes are those recorded when
the later round opened; meeting and "asks to consider" come from the catalogue.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from django.db import models
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommendations.models import Recommendation
from tracker.figures.answers import (
    ANSWERS,
    CONSIDERED_ELSEWHERE,
    CONSIDERED_WHERE_ASKED,
    Figure,
    Progress,
    answer_of,
    progress_of,
)
from tracker.figures.progress import Standing, standing_by_round
from tracker.models import Respondent, Round, RoundUnit, SubmissionItem
from tracker.models.status import NO_INFORMATION, Status
from tracker.queries.desk.units import UnitRow
from tracker.queries.themes import by_frozen_theme

# From no measure to implemented; "considered, not taken up" and "not applicable" are no steps between them.
STEPS = [Status.NOT_STARTED, Status.IN_PROGRESS, Status.PARTIALLY_IMPLEMENTED, Status.IMPLEMENTED]


class StatusChange(models.TextChoices):
    # Translators: A change between two rounds: the answer moved towards “Implemented”.
    FURTHER = "further", _("Moved forward")
    OTHERWISE = "otherwise", _("Other change of status")
    # Translators: Change of an answer between two rounds, as from “Implemented” to “In progress”.
    LESS_FAR = "less_far", _("Moved back")
    # Translators: Change of an answer between two rounds: no information before.
    NEWLY_ANSWERED = "newly_answered", _("Newly answered")
    # Translators: No change of an answer between two rounds.
    SAME = "same", _("Same status")
    NO_LONGER_ANSWERED = "no_longer_answered", _("No longer answered")
    STILL_NOTHING = "still_nothing", _("No information in either round")


class Move(NamedTuple):
    """`before` and `after` are status codes or `no_information`."""

    unit: int
    before: str
    after: str


class LeftOut(NamedTuple):
    """Hold a State not counted in both rounds. A standing is None where nothing is requested from the State."""

    respondent: Respondent
    before: Standing | None
    after: Standing | None


class UnitsLeftOut(NamedTuple):
    why: str
    units: list[Recommendation]


class StatusChangeRow(NamedTuple):
    """Count what the answers of the kind `of` in the earlier round became; `total` is their number.

    `of` and the kinds are those of ANSWERS. A cell is None where no answer is possible, since a text either asks to
    consider or does not.
    """

    of: str
    total: Figure
    cells: list[Figure | None]

    @property
    def words(self) -> str | Promise:
        return ANSWERS[self.of]

    @property
    def cells_by_kind(self) -> list[tuple[str, Figure | None]]:
        return list(zip(ANSWERS, self.cells, strict=True))


class ComparedGroup[Of](NamedTuple):
    of: Of
    slug: str
    before: Progress
    after: Progress
    changes: dict[StatusChange, Figure]


@dataclass(frozen=True)
class RoundChanges:
    """`moves` count units once for each State. `scope` has the entries of both rounds, the later round first."""

    earlier: Round
    later: Round
    at: datetime
    states: list[Respondent]
    states_left_out: list[LeftOut]
    scope: list[RoundUnit]
    moves: Counter[Move]

    @property
    def source(self) -> str:
        codes = {"earlier": self.earlier.code, "later": self.later.code}
        # Translators: earlier, later: codes of rounds, as 2024. Source of a figure.
        return gettext("Submissions of rounds %(earlier)s and %(later)s") % codes

    @property
    def round(self) -> Round:
        return self.later

    @property
    def total(self) -> int:
        return self.moves.total()

    @property
    def unchanged(self) -> int:
        return sum(count for move, count in self.moves.items() if move.before == move.after)

    @cached_property
    def units(self) -> list[RoundUnit]:
        compared = {move.unit for move in self.moves}
        return [entry for entry in self.scope if entry.round_id == self.later.pk and entry.unit_id in compared]

    @cached_property
    def units_left_out(self) -> list[UnitsLeftOut]:
        units = {entry.unit_id: entry.unit for entry in self.scope}
        earlier, later = (
            {entry.unit_id for entry in self.scope if entry.round == of} for of in (self.earlier, self.later)
        )
        compared = {entry.unit_id for entry in self.units}
        found = [
            # Translators: round: code of a round, as 2026. Why recommendations are left out of a comparison.
            (gettext("Only in round %(round)s") % {"round": self.earlier.code}, earlier - later),
            (gettext("Only in round %(round)s") % {"round": self.later.code}, later - earlier),
            (
                gettext("In both rounds, but not addressed in both to any of the States compared"),
                (earlier & later) - compared,
            ),
        ]
        return [
            UnitsLeftOut(why, sorted((units[pk] for pk in pks), key=lambda unit: unit.position))
            for why, pks in found
            if pks
        ]

    @cached_property
    def overall(self) -> ComparedGroup[str]:
        return self._compared("", "", self.moves.items())

    @cached_property
    def change_rows(self) -> list[StatusChangeRow]:
        counts: Counter[tuple[str, str]] = Counter()
        for move, count in self.moves.items():
            asks = move.unit in self._considered_units
            counts[answer_of(move.before, asks), answer_of(move.after, asks)] += count
        totals = {before: sum(counts[before, after] for after in ANSWERS) for before in ANSWERS}
        return [
            StatusChangeRow(
                before,
                self._figure(totals[before], self.total),
                [
                    None if _is_left_out(before, after) else self._figure(counts[before, after], totals[before])
                    for after in ANSWERS
                ],
            )
            for before in ANSWERS
        ]

    @cached_property
    def by_theme(self) -> list[ComparedGroup[str]]:
        groups = by_frozen_theme(((entry.themes, entry.unit_id) for entry in self.units), self.later)
        theme_of = {unit: group.slug for group in groups for unit in group.units}
        found = self._group_changes(lambda move: theme_of[move.unit])
        return [self._compared(group.name, group.slug, found[group.slug]) for group in groups]

    @cached_property
    def by_unit(self) -> list[ComparedGroup[Recommendation]]:
        found = self._group_changes(lambda move: move.unit)
        return [self._compared(entry.unit, entry.unit.slug, found[entry.unit_id]) for entry in self.units]

    @cached_property
    def _considered_units(self) -> set[int]:
        return {entry.unit_id for entry in self.scope if entry.unit.asks_to_consider}

    def _group_changes[Key](self, key: Callable[[Move], Key]) -> dict[Key, list[tuple[Move, int]]]:
        found = defaultdict(list)
        for move, count in self.moves.items():
            found[key(move)].append((move, count))
        return found

    def _compared[Of](self, of: Of, slug: str, moves: Iterable[tuple[Move, int]]) -> ComparedGroup[Of]:
        before: Counter[tuple[str, bool]] = Counter()
        after: Counter[tuple[str, bool]] = Counter()
        changes: Counter[StatusChange] = Counter()
        for move, count in moves:
            asks = move.unit in self._considered_units
            before[move.before, asks] += count
            after[move.after, asks] += count
            changes[change_of(move.before, move.after)] += count
        total = changes.total()
        return ComparedGroup(
            of,
            slug,
            progress_of(before, self.at, _source(self.earlier)),
            progress_of(after, self.at, _source(self.later)),
            {change: self._figure(changes[change], total) for change in StatusChange},
        )

    def _figure(self, numerator: int, denominator: int) -> Figure:
        return Figure(numerator, denominator, self.at, self.source)


def compare(earlier: Round, later: Round) -> RoundChanges:
    """Compare two rounds as they are now, in six queries. `earlier` must have opened first."""
    by_round = standing_by_round(earlier, later)
    before, after = (
        {standing.respondent: standing for standing in by_round[round_] if standing.is_state}
        for round_ in (earlier, later)
    )
    states, left_out = [], []
    for respondent in sorted({**before, **after}, key=lambda respondent: respondent.sort_key):
        found = LeftOut(respondent, before.get(respondent), after.get(respondent))
        if all(standing and standing.is_counted for standing in found[1:]):
            states.append(respondent)
        else:
            left_out.append(found)
    scope = RoundUnit.objects.filter(round__in=[earlier, later]).select_related("unit__current_wording")
    in_order = sorted(scope, key=lambda entry: (entry.round_id != later.pk, entry.position))
    for entry in in_order:
        entry.round = later if entry.round_id == later.pk else earlier
    moves = _count_changes([before[respondent] for respondent in states], [after[respondent] for respondent in states])
    return RoundChanges(earlier, later, timezone.now(), states, left_out, in_order, moves)


def change_of(before: str, after: str) -> StatusChange:
    if before == after:
        return StatusChange.STILL_NOTHING if after == NO_INFORMATION else StatusChange.SAME
    if before == NO_INFORMATION:
        return StatusChange.NEWLY_ANSWERED
    if after == NO_INFORMATION:
        return StatusChange.NO_LONGER_ANSWERED
    if before not in STEPS or after not in STEPS:
        return StatusChange.OTHERWISE
    return StatusChange.FURTHER if STEPS.index(Status(after)) > STEPS.index(Status(before)) else StatusChange.LESS_FAR


def changes_since(statuses: Mapping[int, str], rows: Iterable[UnitRow]) -> dict[StatusChange, int]:
    """Count how the answers changed since the round in which these statuses, by key of the unit, were submitted."""
    found = Counter(change_of(statuses.get(row.unit.pk) or NO_INFORMATION, row.status) for row in rows)
    return {change: found[change] for change in StatusChange if found[change] and change != StatusChange.STILL_NOTHING}


def _count_changes(before: list[Standing], after: list[Standing]) -> Counter[Move]:
    earlier = {(respondent, unit): status for respondent, unit, status in _statuses(before)}
    return Counter(
        Move(unit, earlier[respondent, unit], status)
        for respondent, unit, status in _statuses(after)
        if (respondent, unit) in earlier
    )


def _statuses(counted: list[Standing]) -> Iterator[tuple[int, int, str]]:
    """Yield (respondent key, unit key, status code or `no_information`) for each item of their submissions."""
    submissions = [standing.submission for standing in counted if standing.submission]
    respondents = {submission.pk: submission.respondent_id for submission in submissions}
    items = SubmissionItem.objects.of_submissions(submissions).order_by()
    for submission, unit, status in items.values_list("submission", "unit", "status"):
        yield respondents[submission], unit, status or NO_INFORMATION


def _is_left_out(before: str, after: str) -> bool:
    return {before, after} == {CONSIDERED_WHERE_ASKED, CONSIDERED_ELSEWHERE}


def _source(round_: Round) -> str | Promise:
    # Translators: code: code of a round, as 2026. Source of a figure.
    return gettext("Submissions of round %(code)s") % {"code": round_.code}

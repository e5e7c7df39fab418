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
    KINDS,
    Figure,
    NumberParts,
    Progress,
)
from tracker.figures.progress import Standing, read_scope, sealed_statuses, source_of, standing_by_round
from tracker.figures.selection import ANSWERED, KEY_OF_UNIT, Selection
from tracker.models import Respondent, Round, RoundUnit
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
    """Count what the answers of the kind `of` in the earlier round became, by kind; `total` is their number.

    `of` and the kinds are those of ANSWERS. A cell is None where no answer is possible, since a text either asks to
    consider or does not.
    """

    of: str
    total: Figure
    cells: dict[str, Figure | None]

    @property
    def words(self) -> str | Promise:
        return ANSWERS[self.of]


NUMBER_PARTS: NumberParts = (
    None,
    *((name, status) for status in (ANSWERED, Status.IMPLEMENTED.value) for name in ("before", "status")),
    *(("change", change.value) for change in StatusChange),
)


class ComparedGroup[Of](NamedTuple):
    of: Of
    slug: str
    before: Progress
    after: Progress
    changes: dict[StatusChange, Figure]

    @property
    def numbers(self) -> list[int]:
        """Return the States, those that answered and that implemented before and after, and the changes."""
        implemented = [part.counts[Status.IMPLEMENTED] for part in (self.before, self.after)]
        changes = [figure.numerator for figure in self.changes.values()]
        return [self.after.total, self.before.answered, self.after.answered, *implemented, *changes]

    @property
    def selection(self) -> Selection | None:
        return self.after.selection

    @property
    def number_parts(self) -> NumberParts:
        """Return what each of `numbers` chooses from the selection."""
        return NUMBER_PARTS


class MoveNumbers(NamedTuple):
    """Count the answers of a group by kind of answer in each round, and its changes."""

    before: dict[str, int]
    after: dict[str, int]
    changes: Counter[StatusChange]


@dataclass(frozen=True)
class RoundChanges:
    """`scope` has the entries of both rounds, the later round first; `moves` count a unit once for each State."""

    earlier: Round
    later: Round
    at: datetime
    compared: list[tuple[Standing, Standing]]
    states_left_out: list[LeftOut]
    scope: list[RoundUnit]
    moves: Counter[Move]

    @property
    def states(self) -> list[Respondent]:
        return [after.respondent for _before, after in self.compared]

    @property
    def selection(self) -> Selection:
        return Selection(self.later.code, earlier=self.earlier.code)

    @property
    def compared_states(self) -> Figure:
        return self._figure(len(self.compared), len(self.compared) + len(self.states_left_out), of="states")

    @property
    def source(self) -> str:
        codes = {"earlier": self.earlier.code, "later": self.later.code}
        # Translators: earlier, later: codes of rounds, as 2024. Source of a figure.
        return gettext("Submissions of rounds %(earlier)s and %(later)s") % codes

    @property
    def round(self) -> Round:
        return self.later

    @cached_property
    def total(self) -> int:
        return self.moves.total()

    @property
    def unchanged(self) -> int:
        return sum([count for move, count in self.moves.items() if move.before == move.after])

    @cached_property
    def units(self) -> list[RoundUnit]:
        compared = {move.unit for move in self.moves}
        return [entry for entry in self.scope if entry.round_id == self.later.pk and entry.unit_id in compared]

    @cached_property
    def units_left_out(self) -> list[UnitsLeftOut]:
        units = {entry.unit_id: entry.unit for entry in self.scope}
        earlier, later = (
            {entry.unit_id for entry in self.scope if entry.round_id == of.pk} for of in (self.earlier, self.later)
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
        return self._compared("", "", self._count_by(lambda unit: "").get(""), self.selection)

    @cached_property
    def change_rows(self) -> list[StatusChangeRow]:
        counts: Counter[tuple[str, str]] = Counter()
        for _unit, before, after, _change, count in self._kinds_of_moves:
            counts[before, after] += count
        totals = {before: sum(counts[before, after] for after in ANSWERS) for before in ANSWERS}
        return [
            StatusChangeRow(
                before,
                self._figure(totals[before], self.total, before=before),
                {
                    after: None
                    if _is_left_out(before, after)
                    else self._figure(counts[before, after], totals[before], before=before, status=after)
                    for after in ANSWERS
                },
            )
            for before in ANSWERS
        ]

    @cached_property
    def by_theme(self) -> list[ComparedGroup[str]]:
        groups = by_frozen_theme(((entry.themes, entry.unit_id) for entry in self.units), self.later)
        theme_of = {entry.unit_id: KEY_OF_UNIT["theme"](entry) for entry in self.units}
        found = self._count_by(theme_of.__getitem__)
        every = self.selection
        return [
            self._compared(group.name, group.slug, found[group.slug], every._replace(theme=group.slug))
            for group in groups
        ]

    @cached_property
    def by_unit(self) -> list[ComparedGroup[Recommendation]]:
        found = self._count_by(lambda unit: unit)
        every = self.selection
        return [
            self._compared(entry.unit, entry.unit.slug, found[entry.unit_id], every._replace(unit=entry.unit.slug))
            for entry in self.units
        ]

    @cached_property
    def _kinds_of_moves(self) -> list[tuple[int, str, str, StatusChange, int]]:
        """Return each move with the kinds of its answers, its change and its count."""
        asks = {entry.unit_id for entry in self.scope if entry.unit.asks_to_consider}
        return [
            (unit, KINDS[before, unit in asks], KINDS[after, unit in asks], change_of(before, after), count)
            for (unit, before, after), count in self.moves.items()
        ]

    def _count_by[Key](self, key_of: Callable[[int], Key]) -> dict[Key, MoveNumbers]:
        found: defaultdict[Key, MoveNumbers] = defaultdict(_no_moves)
        for unit, before, after, change, count in self._kinds_of_moves:
            numbers = found[key_of(unit)]
            numbers.before[before] += count
            numbers.after[after] += count
            numbers.changes[change] += count
        return dict(found)

    def _compared[Of](self, of: Of, slug: str, numbers: MoveNumbers | None, selection: Selection) -> ComparedGroup[Of]:
        before, after, changes = numbers or _no_moves()
        total, source = changes.total(), self.source
        return ComparedGroup(
            of,
            slug,
            Progress(before, self.at, source_of(self.earlier), selection, selected_by="before"),
            Progress(after, self.at, source_of(self.later), selection),
            {
                change: Figure(changes[change], total, self.at, source, selection._replace(change=change.value))
                for change in StatusChange
            },
        )

    def _figure(self, numerator: int, denominator: int, **chosen: str) -> Figure:
        return Figure(numerator, denominator, self.at, self.source, self.selection._replace(**chosen))


def compare(earlier: Round, later: Round) -> RoundChanges:
    """Compare two rounds as they are now, in six queries at most. `earlier` must have opened first."""
    by_round = standing_by_round(earlier, later)
    before, after = (
        {standing.respondent: standing for standing in by_round[round_] if standing.is_state}
        for round_ in (earlier, later)
    )
    compared, left_out = [], []
    for respondent in sorted({**before, **after}, key=lambda respondent: respondent.sort_key):
        in_earlier, in_later = before.get(respondent), after.get(respondent)
        if in_earlier and in_earlier.is_counted and in_later and in_later.is_counted:
            compared.append((in_earlier, in_later))
        else:
            left_out.append(LeftOut(respondent, in_earlier, in_later))
    scope, _stamp = read_scope(earlier, later)
    in_order = sorted(scope, key=lambda entry: (entry.round_id != later.pk, entry.position))
    return RoundChanges(earlier, later, timezone.now(), compared, left_out, in_order, _count_moves(compared))


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


def _count_moves(compared: Iterable[tuple[Standing, Standing]]) -> Counter[Move]:
    counts: Counter[tuple[int, str, str]] = Counter()
    for _standing, moves in sealed_moves(compared):
        counts.update(moves)
    return Counter({Move(*move): count for move, count in counts.items()})


def sealed_moves(
    compared: Iterable[tuple[Standing, Standing]],
) -> Iterator[tuple[Standing, list[tuple[int, str, str]]]]:
    """Yield for each State, by its standing in the later round, the units that both submissions have: the values of
    a Move.
    """
    sealed = sealed_statuses(standing for pair in compared for standing in pair)
    for (_before, earlier), (after, later) in zip(sealed, sealed, strict=True):
        known = dict(zip(*earlier, strict=True))
        yield after, [(unit, known[unit], status) for unit, status in zip(*later, strict=True) if unit in known]


def _no_moves() -> MoveNumbers:
    return MoveNumbers(dict.fromkeys(ANSWERS, 0), dict.fromkeys(ANSWERS, 0), Counter())


def _is_left_out(before: str, after: str) -> bool:
    return {before, after} == {CONSIDERED_WHERE_ASKED, CONSIDERED_ELSEWHERE}

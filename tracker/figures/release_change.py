"""Count what changed since the release of an earlier round, over what both releases count.

What is shown leaves the Secretariat, so it is suppressed as the figures of a release are. A reader is taken to know
every published submission, every release, and every comparison of earlier releases.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import NamedTuple

from recommendations.groups import group_pairs
from tracker.figures.comparison import StatusChange, change_of
from tracker.figures.progress import RoundProgress
from tracker.figures.release import ALL, Cell, Group, Shares, counted_standings, subtract_shares
from tracker.figures.sealed import STATUSES, BoundedStore
from tracker.figures.selection import theme_of as theme_of_entry
from tracker.figures.suppression import FEWEST, CountLine, NotShown, View, is_small_count, suppress
from tracker.models import Release, ReleaseStanding, Submission
from tracker.models.status import NO_INFORMATION, Status

BEFORE, AFTER = "before", "after"
ANSWERED = (*Status.values, NO_INFORMATION)
ANSWERS_BEFORE, ANSWERS_AFTER = ([f"{when} {code}" for code in ANSWERED] for when in (BEFORE, AFTER))
SHOWN = (
    f"{BEFORE} {Status.IMPLEMENTED}",
    f"{AFTER} {Status.IMPLEMENTED}",
    StatusChange.FURTHER.value,
    StatusChange.LESS_FAR.value,
)


class GroupChange(NamedTuple):
    """Count the `total` answers requested in both rounds: those implemented `before` and `after`, and those that moved
    `forward` or `back`. A count that is not shown is None.
    """

    units: int
    total: int
    before: int | None
    after: int | None
    forward: int | None
    back: int | None


class ReleaseChange(NamedTuple):
    """`groups` are all recommendations, and each theme of the later release."""

    before: Release
    states: int
    groups: dict[Group, GroupChange]


@dataclass(frozen=True)
class _Counted:
    """A release, with the submission that it counts of each State."""

    release: Release
    submissions: dict[int, Submission]

    @cached_property
    def statuses(self) -> dict[int, dict[int, str]]:
        """Return the status of each unit, by State."""
        sealed = STATUSES.of(self.submissions.values())
        return {state: dict(zip(*sealed[submission.pk], strict=True)) for state, submission in self.submissions.items()}


class _Comparison(NamedTuple):
    before: _Counted
    after: _Counted

    @property
    def states(self) -> list[int]:
        return sorted(self.before.submissions.keys() & self.after.submissions.keys())

    def shares(self, theme_of: dict[int, Group]) -> Shares:
        found: Shares = defaultdict(Counter)
        for state in self.states:
            for (theme, before, after), count in self._moves(state, theme_of).items():
                for group, measure in product((ALL, theme), _measures(before, after)):
                    found[group, measure][state] += count
        return found

    def units(self, theme_of: dict[int, Group]) -> dict[Group, set[int]]:
        found: defaultdict[Group, set[int]] = defaultdict(set)
        for state in self.states:
            for unit in self.before.statuses[state].keys() & self.after.statuses[state].keys() & theme_of.keys():
                found[theme_of[unit]].add(unit)
                found[ALL].add(unit)
        return found

    def _moves(self, state: int, theme_of: dict[int, Group]) -> Counter[tuple[Group, str, str]]:
        before = self.before.statuses[state]
        return Counter(
            (theme_of[unit], before[unit], after)
            for unit, after in self.after.statuses[state].items()
            if unit in before and unit in theme_of
        )

    def unknown(self, shares: Shares, published: frozenset[int]) -> Shares:
        """Leave out what a reader of published submissions knows: a change, where both are published."""
        known_before, known_after = (
            {state for state, submission in counted.submissions.items() if submission.pk in published}
            for counted in self
        )
        known = {BEFORE: known_before, AFTER: known_after}
        found: Shares = defaultdict(Counter)
        for (group, measure), of_states in shares.items():
            out = known.get(measure.partition(" ")[0], known_before & known_after)
            if some := {state: share for state, share in of_states.items() if state not in out}:
                found[group, measure].update(some)
        return found


def release_change(found: RoundProgress) -> ReleaseChange | None:
    """Compare the release of these figures with the newest release of the round before, made earlier.

    Return None where there is none, or where fewer than five States are in both. It takes one query, and three more
    where this was not compared before.
    """
    release = found.release
    if release is None:
        raise ValueError("figures of today are in no document")
    published = frozenset(Submission.objects.published_to_date().order_by().values_list("pk", flat=True))
    key = release.pk, release.made_at, published
    [change] = _CHANGES.get_or_make(key, lambda: [_compare(found, release, published)])
    return change


# All else that a comparison depends on never changes: releases, their standings and what was submitted.
_CHANGES: BoundedStore[tuple, list[ReleaseChange | None]] = BoundedStore(8)


def _compare(found: RoundProgress, release: Release, published: frozenset[int]) -> ReleaseChange | None:
    this = _Counted(release, {row.respondent.pk: row.submission for row in found.counted if row.submission})
    counted = [this, *_earlier(release)]
    before = _before(this, counted)
    if before is None:
        return None
    comparison = _Comparison(before, this)
    if len(comparison.states) < FEWEST:
        return None
    theme_of: dict[int, Group] = {entry.unit_id: ("theme", theme_of_entry(entry)[0]) for entry in found.scope}
    shares = comparison.shares(theme_of)
    hidden = _hidden(comparison, shares, counted, theme_of, published)

    def count(group: Group, measure: str) -> int | None:
        return None if (group, measure) in hidden else shares.get((group, measure), Counter()).total()

    groups = {
        group: GroupChange(
            len(units),
            sum(shares[group, measure].total() for measure in ANSWERS_AFTER if (group, measure) in shares),
            *(count(group, measure) for measure in SHOWN),
        )
        for group, units in comparison.units(theme_of).items()
    }
    return ReleaseChange(before.release, len(comparison.states), groups)


def _measures(before: str, after: str) -> tuple[str, str, str]:
    return f"{BEFORE} {before}", f"{AFTER} {after}", change_of(before, after).value


def _earlier(release: Release) -> list[_Counted]:
    of_body = Release.objects.filter(round__body=release.round.body_id, pk__lt=release.pk)
    releases = list(of_body.select_related("round").defer("units", "figures"))
    standings = ReleaseStanding.objects.of_releases(releases).select_related("respondent", "submission")
    by_release = group_pairs((row.release_id, row) for row in standings)
    return [
        _Counted(
            of,
            {row.respondent_id: row.submission for row in counted_standings(by_release[of.pk]) if row.submission},
        )
        for of in releases
    ]


def _before(counted: _Counted, releases: Iterable[_Counted]) -> _Counted | None:
    """Return the newest release, made before this one, of the last round before its round."""
    made, opened = counted.release.pk, counted.release.round.opens_on
    earlier = [of for of in releases if of.release.pk < made and of.release.round.opens_on < opened]
    return max(earlier, key=lambda of: (of.release.round.opens_on, of.release.pk), default=None)


# What is not shown


def _hidden(
    comparison: _Comparison,
    shares: Shares,
    counted: list[_Counted],
    theme_of: dict[int, Group],
    published: frozenset[int],
) -> dict[Cell, NotShown]:
    unknown = comparison.unknown(shares, published)
    views = [View(NotShown.FEW, shares), View(NotShown.FEW, unknown)]
    for other, names in _related(comparison, counted):
        known = _renamed(other.unknown(other.shares(theme_of), published), names)
        measures_known = {measure for _group, measure in known}
        mine = {cell: share for cell, share in unknown.items() if cell[1] in measures_known}
        views.append(View(NotShown.EARLIER, subtract_shares(mine, known), ()))
    groups = {ALL, *theme_of.values()}
    small = {group for view in views[:2] for group in groups if is_small_count(len(_states(view, group)))}
    measures = (*ANSWERS_BEFORE, *ANSWERS_AFTER, *StatusChange.values)
    also = {(group, measure) for group in groups for measure in measures if measure not in SHOWN or group in small}
    return suppress(views, _lines(groups - {ALL}), also)


def _related(comparison: _Comparison, counted: list[_Counted]) -> Iterator[tuple[_Comparison, dict[str, str]]]:
    """Yield what else a reader has of the same rounds, with the name that each of its measures has in this comparison:
    releases, which are compared with themselves, and the comparisons of earlier releases.
    """
    sides = {BEFORE: comparison.before, AFTER: comparison.after}
    for of in counted:
        others = [(_Comparison(of, of), {AFTER: of})]
        if (before := _before(of, counted)) and of is not comparison.after:
            others.append((_Comparison(before, of), {BEFORE: before, AFTER: of}))
        for other, its_sides in others:
            names = {
                (when, mine)
                for (when, its), (mine, side) in product(its_sides.items(), sides.items())
                if its.release.round_id == side.release.round_id
            }
            is_alike = {(BEFORE, BEFORE), (AFTER, AFTER)} <= names
            for when, mine in names:
                yield other, {f"{when} {code}": f"{mine} {code}" for code in ANSWERED}
            if is_alike:
                yield other, {change: change for change in StatusChange.values}


def _renamed(shares: Shares, names: dict[str, str]) -> Shares:
    return defaultdict(
        Counter, {(group, names[measure]): of for (group, measure), of in shares.items() if measure in names}
    )


def _states(view: View[Cell], group: Group) -> set[int]:
    return {state for measure in ANSWERS_AFTER for state in view.shares.get((group, measure), ())}


def _lines(themes: Iterable[Group]) -> Iterator[CountLine[Cell]]:
    """Yield the sums from which a figure could be worked out."""
    themes = list(themes)
    of_measures = (ANSWERS_BEFORE, ANSWERS_AFTER, StatusChange.values)
    for group, measures in product((ALL, *themes), of_measures):
        yield CountLine([(group, measure) for measure in measures])
    for measure in SHOWN:
        yield CountLine([(theme, measure) for theme in themes], (ALL, measure))

"""Count for readers outside the Secretariat, with small counts suppressed (figures/suppression.py)."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from tracker.figures.answers import ANSWERS, Progress
from tracker.figures.groups import theme_of
from tracker.figures.progress import RoundProgress, UnitProgress
from tracker.figures.suppression import FEWEST, CountLine, is_small_count, suppress_small_counts
from tracker.models.status import NO_INFORMATION

type Group = tuple[str, str]  # a kind of group, and which it is

ALL: Group = ("all", "")

# The group of a unit, by kind of group.
GROUPINGS: dict[str, Callable[[UnitProgress], str]] = {
    "theme": lambda statement: theme_of(statement.entry)[0],
    "meeting": lambda unit_progress: str(unit_progress.unit.meeting.number),
    "strength": lambda unit_progress: unit_progress.unit.strength,
}


class PublicCounts(NamedTuple):
    """Hold the counts of a group by kind of answer (ANSWERS). A suppressed count is None."""

    total: int | None
    counts: dict[str, int | None]

    @property
    def answered(self) -> int | None:
        none = self.counts[NO_INFORMATION]
        return None if self.total is None or none is None else self.total - none


@dataclass(frozen=True)
class PublicProgress:
    found: RoundProgress

    @cached_property
    def counts(self) -> dict[Group, PublicCounts]:
        return public_counts(self.found)

    @property
    def has_figures(self) -> bool:
        return len(self.found.counted) >= FEWEST

    def of_unit(self, unit_progress: UnitProgress) -> PublicCounts:
        return self.counts["unit", unit_progress.of]


def all_counts(progress: Progress) -> PublicCounts:
    return PublicCounts(progress.total, {**progress.answers})


def public_counts(found: RoundProgress) -> dict[Group, PublicCounts]:
    """Suppress small counts over all States, and in every regional group, theme, meeting, strength and unit.

    Every count of a group of fewer than five States is suppressed.
    """
    groups = dict(_progress_rows(found))
    states = _states(found)
    counts = {(of, answer): count for of, counts in groups.items() for answer, count in counts.answers.items()}
    too_few = {of for of in groups if is_small_count(states[of])}
    also = [(of, answer) for of in too_few for answer in ANSWERS]
    suppressed = suppress_small_counts(counts, _lines(found, list(groups)), also)
    return {
        of: PublicCounts(
            None if of in too_few else group.total,
            {name: None if (of, name) in suppressed else counts[of, name] for name in ANSWERS},
        )
        for of, group in groups.items()
    }


def _progress_rows(found: RoundProgress) -> Iterator[tuple[Group, Progress]]:
    yield ALL, found.overall
    for region in found.by_region:
        yield ("region", region.code), region.progress
    for kind, parts in (("theme", found.by_theme), ("meeting", found.by_meeting), ("strength", found.by_strength)):
        for part in parts:
            yield (kind, part.slug), part.progress
    for unit_progress in found.by_unit:
        yield ("unit", unit_progress.of), unit_progress.progress


def _states(found: RoundProgress) -> dict[Group, int]:
    """Count the States of each group. A group of units has the largest number among its units."""
    states = {ALL: len(found.counted)}
    for region in found.by_region:
        states["region", region.code] = region.counted.numerator
    for unit_progress in found.by_unit:
        states["unit", unit_progress.of] = unit_progress.progress.total
        for kind, group_of in GROUPINGS.items():
            of = (kind, group_of(unit_progress))
            states[of] = max(states.get(of, 0), unit_progress.progress.total)
    return states


def _lines(found: RoundProgress, groups: list[Group]) -> Iterator[CountLine[tuple[Group, str]]]:
    """Yield the sums from which a count could be worked out: counts of a group, groups of all, units of a group."""
    parts: defaultdict[Group, list[Group]] = defaultdict(list)
    for unit_progress in found.by_unit:
        for kind, group_of in GROUPINGS.items():
            parts[kind, group_of(unit_progress)].append(("unit", unit_progress.of))
    kinds: defaultdict[str, list[Group]] = defaultdict(list)
    for of in groups:
        yield CountLine([(of, answer) for answer in ANSWERS])
        kinds[of[0]].append(of)
    for answer in ANSWERS:
        for kind in ("region", *GROUPINGS):
            yield CountLine([(of, answer) for of in kinds[kind]], (ALL, answer))
        for of, units in parts.items():
            yield CountLine([(unit, answer) for unit in units], (of, answer))

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Protocol

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tracker.figures.answers import Figure
from tracker.figures.progress import REGIONS, RoundProgress, Standing
from tracker.models import RoundUnit


class CountedRow(Protocol):
    @property
    def standing(self) -> Standing: ...

    @property
    def entry(self) -> RoundUnit: ...


class FigureGroup(NamedTuple):
    """Hold the size of a group. `slug` is that of a theme or a family, or the code of a regional group."""

    of: str | Promise
    slug: str
    answered: int
    states: int


class FigureGroupSet(NamedTuple):
    groups: list[FigureGroup]
    slugs_of: Callable[[CountedRow], Collection[str]]

    def split[Row: CountedRow](self, rows: Iterable[Row]) -> list[tuple[FigureGroup, list[Row]]]:
        found = defaultdict(list)
        for row in rows:
            for slug in self.slugs_of(row):
                found[slug].append(row)
        return [(group, found[group.slug]) for group in self.groups]


@dataclass(frozen=True)
class CountByGroup[Row: CountedRow, Of]:
    """Count rows of a round in groups. The rows are by State, then in the order of the paper."""

    found: RoundProgress
    rows: list[Row]

    def count_group(self, group: FigureGroup, rows: list[Row]) -> Of:
        raise NotImplementedError

    @cached_property
    def overall(self) -> Of:
        return self.count_group(group_of_all(self.found), self.rows)

    @cached_property
    def by_theme(self) -> list[Of]:
        return self._count_by_group(themes(self.found))

    @cached_property
    def by_family(self) -> list[Of]:
        return self._count_by_group(families(self.found))

    @cached_property
    def by_region(self) -> list[Of]:
        return self._count_by_group(regions(self.found))

    def figure(self, numerator: int, denominator: int) -> Figure:
        return Figure(numerator, denominator, self.found.at, self.found.source)

    def _count_by_group(self, groups: FigureGroupSet) -> list[Of]:
        return [self.count_group(*part) for part in groups.split(self.rows)]


def in_paper_order[Row: CountedRow](found: RoundProgress, rows: Iterable[Row]) -> list[Row]:
    place = {standing.respondent.pk: place for place, standing in enumerate(found.counted)}
    return sorted(rows, key=lambda row: (place[row.standing.respondent.pk], row.entry.position))


def group_of_all(found: RoundProgress) -> FigureGroup:
    return FigureGroup(_("All"), "", found.overall.answered, len(found.counted))


def themes(found: RoundProgress) -> FigureGroupSet:
    """Leave out units requested from no State."""
    groups = [FigureGroup(part.of, part.slug, part.progress.answered, len(found.counted)) for part in found.by_theme]
    return FigureGroupSet(groups, lambda row: theme_of(row.entry)[:1])


def families(found: RoundProgress) -> FigureGroupSet:
    """Return the families recorded when the round opened that have an answer, by name. A unit may be in several."""
    answers = Counter[int]()
    for cell in found.cells:
        answers[cell.unit] += cell.count if cell.status else 0
    answered = Counter[tuple[str, str]]()
    for entry in found.scope:
        for slug, name in entry.families:
            answered[name, slug] += answers[entry.unit_id]
    states = len(found.counted)
    groups = [FigureGroup(name, slug, count, states) for (name, slug), count in sorted(answered.items()) if count]
    return FigureGroupSet(groups, lambda row: dict(row.entry.families))


def regions(found: RoundProgress) -> FigureGroupSet:
    states = Counter(standing.respondent.regional_group for standing in found.counted)
    answered = Counter[str]()
    for cell in found.cells:
        answered[cell.region] += cell.count if cell.status else 0
    groups = [FigureGroup(name, code, answered[code], states[code]) for code, name in REGIONS if states[code]]
    return FigureGroupSet(groups, lambda row: [row.standing.respondent.regional_group])


def theme_of(entry: RoundUnit) -> tuple[str, str]:
    """Return slug and name of the primary theme recorded when the round opened; empty without a theme."""
    slug, name = entry.themes[0] if entry.themes else ("", "")
    return slug, name

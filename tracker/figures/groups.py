from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Protocol

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from recommendations.groups import group_pairs
from tracker.figures.progress import RoundProgress, Standing
from tracker.figures.sealed import SealedNeed, SealedPractice, SealedValues
from tracker.figures.selection import Selection, theme_of
from tracker.models import RoundUnit
from tracker.models.status import NO_INFORMATION


class CountedRow(Protocol):
    @property
    def standing(self) -> Standing: ...

    @property
    def entry(self) -> RoundUnit: ...


class FigureGroup(NamedTuple):
    """Hold the size of a group. `slug` is that of a theme or a family, or the code of a regional group; `selection`:
    its units or States, where a list of them can be opened.
    """

    of: str | Promise
    slug: str
    answered: int
    states: int
    selection: Selection | None = None

    def select(self, **part: str) -> Selection | None:
        """Return the selection of a part of the group, where a list of it can be opened."""
        return self.selection and self.selection._replace(**part)

    @property
    def states_selection(self) -> Selection | None:
        return self.selection and self.selection.with_states("counted", self.selection.region)


@dataclass(frozen=True)
class CountByGroup[Row: CountedRow, Of]:
    """Count rows of a round in groups. The rows are by State, then in the order of the paper."""

    found: RoundProgress
    rows: list[Row]

    def figures_of(self, group: FigureGroup, rows: list[Row]) -> Of:
        raise NotImplementedError

    @cached_property
    def overall(self) -> Of:
        found = self.found
        group = FigureGroup(_("All"), "", found.overall.answered, len(found.counted), found.selection)
        return self.figures_of(group, self.rows)

    @cached_property
    def by_theme(self) -> list[Of]:
        return self._count_by_group(themes(self.found), lambda row: [theme_of(row.entry)[0]])

    @cached_property
    def by_family(self) -> list[Of]:
        return self._count_by_group(families(self.found), lambda row: dict(row.entry.families))

    @cached_property
    def by_region(self) -> list[Of]:
        return self._count_by_group(regions(self.found), lambda row: [row.standing.region])

    def _count_by_group(self, groups: list[FigureGroup], slugs_of: Callable[[Row], Iterable[str]]) -> list[Of]:
        rows = group_pairs((slug, row) for row in self.rows for slug in slugs_of(row))
        return [self.figures_of(group, rows[group.slug]) for group in groups]


def in_paper_order[Sealed: SealedNeed | SealedPractice](
    found: RoundProgress, values: SealedValues[tuple[Sealed, ...]]
) -> Iterator[tuple[Standing, RoundUnit, Sealed]]:
    """Yield what is sealed of units in scope: by State, then in the order of the paper."""
    entries = {entry.unit_id: entry for entry in found.scope}
    sealed = values.of(found.counted_submissions)
    for standing in found.counted:
        rows = sealed[standing.submission.pk] if standing.submission else ()
        known = [(entries[row.unit], row) for row in rows if row.unit in entries]
        yield from ((standing, *pair) for pair in sorted(known, key=lambda pair: pair[0].position))


def themes(found: RoundProgress) -> list[FigureGroup]:
    """Leave out units requested from no State."""
    return [
        FigureGroup(part.of, part.slug, part.progress.answered, len(found.counted), part.progress.selection)
        for part in found.by_theme
    ]


def families(found: RoundProgress) -> list[FigureGroup]:
    """Return the families recorded when the round opened that have an answer, by name. A unit may be in several."""
    answers = Counter[int]()
    for (unit, _region, status), count in found.cells.items():
        answers[unit] += count if status != NO_INFORMATION else 0
    answered = Counter[tuple[str, str]]()
    for entry in found.scope:
        for slug, name in entry.families:
            answered[name, slug] += answers[entry.unit_id]
    states = len(found.counted)
    return [
        FigureGroup(name, slug, count, states, found.select(family=slug))
        for (name, slug), count in sorted(answered.items())
        if count
    ]


def regions(found: RoundProgress) -> list[FigureGroup]:
    states = Counter(standing.region for standing in found.counted)
    return [
        FigureGroup(part.of, part.code, part.progress.answered, states[part.code], part.progress.selection)
        for part in found.by_region
        if states[part.code]
    ]

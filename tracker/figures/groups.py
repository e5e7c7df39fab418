"""The themes, families and regional groups of a round, over which needs and practices are counted."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable
from typing import NamedTuple, Protocol

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tracker.figures.progress import REGIONS, RoundProgress, Standing
from tracker.models import RoundUnit


class Statement(Protocol):
    """What a State says of a unit."""

    @property
    def standing(self) -> Standing: ...

    @property
    def entry(self) -> RoundUnit: ...


class FigureGroup(NamedTuple):
    """Some of what is counted: `answered` answers, of `states` States.

    `slug` of a theme or a family, or the code of a regional group.
    """

    of: str | Promise
    slug: str
    answered: int
    states: int


class Grouping(NamedTuple):
    """`slugs_of` tells in which of the groups stands what a State says of a unit."""

    groups: list[FigureGroup]
    slugs_of: Callable[[Statement], Collection[str]]

    def split[Row: Statement](self, rows: Iterable[Row]) -> list[tuple[FigureGroup, list[Row]]]:
        """Every group with its rows, in their order."""
        found = defaultdict(list)
        for row in rows:
            for slug in self.slugs_of(row):
                found[slug].append(row)
        return [(group, found[group.slug]) for group in self.groups]


def everything(found: RoundProgress) -> FigureGroup:
    return FigureGroup(_("All"), "", found.overall.answered, len(found.counted))


def themes(found: RoundProgress) -> Grouping:
    """Each unit once, under the primary theme with which the round was opened; those of which anybody is asked."""
    groups = [FigureGroup(part.of, part.slug, part.progress.answered, len(found.counted)) for part in found.by_theme]
    return Grouping(groups, lambda row: theme_of(row.entry)[:1])


def families(found: RoundProgress) -> Grouping:
    """Those with which the round was opened and that have an answer, by name. A unit may be of several."""
    answers = Counter[int]()
    for cell in found.cells:
        answers[cell.unit] += cell.count if cell.status else 0
    answered = Counter[tuple[str, str]]()
    for entry in found.scope:
        for slug, name in entry.families:
            answered[name, slug] += answers[entry.unit_id]
    states = len(found.counted)
    groups = [FigureGroup(name, slug, count, states) for (name, slug), count in sorted(answered.items()) if count]
    return Grouping(groups, lambda row: dict(row.entry.families))


def regions(found: RoundProgress) -> Grouping:
    """Every group of which a State is counted, in alphabetical order; those without a group last."""
    states = Counter(standing.respondent.regional_group for standing in found.counted)
    answered = Counter[str]()
    for cell in found.cells:
        answered[cell.region] += cell.count if cell.status else 0
    groups = [FigureGroup(name, code, answered[code], states[code]) for code, name in REGIONS if states[code]]
    return Grouping(groups, lambda row: [row.standing.respondent.regional_group])


def theme_of(entry: RoundUnit) -> tuple[str, str]:
    """Slug and name of the primary theme with which the round was opened; empty without one."""
    slug, name = entry.themes[0] if entry.themes else ("", "")
    return slug, name

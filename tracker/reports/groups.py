"""The themes, families and regional groups of a round, over which needs and practices are counted."""

from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tracker.models import RoundUnit
from tracker.reports.progress import REGIONS, RoundProgress, Standing


class Group(NamedTuple):
    """Some of what is counted: `answered` answers, of `states` States.

    `slug` of a theme or a family, or the code of a regional group; `has` says whether what a State says of a unit
    stands in it.
    """

    of: str | Promise
    slug: str
    answered: int
    states: int
    has: Callable[[Standing, RoundUnit], bool]


def everything(found: RoundProgress) -> Group:
    return Group(_("All"), "", found.overall.answered, len(found.counted), lambda standing, entry: True)


def themes(found: RoundProgress) -> list[Group]:
    """Each unit once, under the primary theme with which the round was opened; those of which anybody is asked."""
    return [
        Group(
            part.of,
            part.slug,
            part.progress.answered,
            len(found.counted),
            lambda standing, entry, slug=part.slug: slug == theme_of(entry)[0],
        )
        for part in found.by_theme
    ]


def families(found: RoundProgress) -> list[Group]:
    """Those with which the round was opened and that have an answer, by name. A unit may be of several."""
    answers = Counter[int]()
    for cell in found.cells:
        answers[cell.unit] += cell.count if cell.status else 0
    answered = Counter[tuple[str, str]]()
    for entry in found.scope:
        for slug, name in entry.families:
            answered[name, slug] += answers[entry.unit_id]
    return [
        Group(
            name,
            slug,
            count,
            len(found.counted),
            lambda standing, entry, slug=slug: slug in dict(entry.families),
        )
        for (name, slug), count in sorted(answered.items())
        if count
    ]


def regions(found: RoundProgress) -> list[Group]:
    """Every group of which a State is counted, in alphabetical order; those without a group last."""
    states = Counter(standing.respondent.regional_group for standing in found.counted)
    answered = Counter[str]()
    for cell in found.cells:
        answered[cell.region] += cell.count if cell.status else 0
    return [
        Group(
            name,
            code,
            answered[code],
            states[code],
            lambda standing, entry, code=code: standing.respondent.regional_group == code,
        )
        for code, name in REGIONS
        if states[code]
    ]


def theme_of(entry: RoundUnit) -> tuple[str, str]:
    """Slug and name of the primary theme with which the round was opened; empty without one."""
    slug, name = entry.themes[0] if entry.themes else ("", "")
    return slug, name

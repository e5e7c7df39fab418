"""Prepare the public figures of a round, over the submissions that may be used in aggregates.

They name no State and have no count of fewer than five (figures/outside.py).
"""

from dataclasses import dataclass
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from recommendations.models import Body, Meeting
from tracker.figures.answers import ANSWERS
from tracker.figures.outside import ALL, PublicCounts, public_counts
from tracker.figures.progress import RoundProgress, round_progress, rounds_of, standing_by_round
from tracker.figures.suppression import FEWEST, CountLine, suppress_small_counts
from tracker.models import Round
from tracker.models.status import NO_INFORMATION


class StateCount(NamedTuple):
    """Count the States counted in a round, of the `total` that have something to answer; None for fewer than five."""

    round: Round
    states: int | None
    total: int


class PublicRow(NamedTuple):
    """`states` is the number of counted States of a regional group, None where it is suppressed."""

    kind: str
    slug: str
    of: str | Promise | Meeting
    counts: PublicCounts
    states: int | None = None

    @property
    def is_shown(self) -> bool:
        return self.counts.total is not None

    @property
    def parts(self) -> dict[str, int]:
        """Return for a bar the counts that are shown, and the sum of the suppressed counts."""
        total, none = self.counts.total, self.counts.counts[NO_INFORMATION] or 0
        if total is None:
            return {}
        shown = {code: count for code, count in self.counts.counts.items() if count and code != NO_INFORMATION}
        return shown | {SUPPRESSED: total - sum(shown.values()) - none, NO_INFORMATION: none}


@dataclass(frozen=True)
class PublicFigures:
    """Hold figures. With fewer than five counted States there are none, and no groups."""

    found: RoundProgress
    overall: PublicRow
    by_theme: list[PublicRow]
    by_meeting: list[PublicRow]
    by_region: list[PublicRow]

    @property
    def rows(self) -> list[PublicRow]:
        return [self.overall, *self.by_theme, *self.by_meeting, *self.by_region]


SUPPRESSED = "not_told"
NOTHING = PublicCounts(None, dict.fromkeys(ANSWERS))


def counted_now() -> StateCount | None:
    round_ = rounds_of(None).first()
    if round_ is None:
        return None
    states = [standing for standing in standing_by_round(round_)[round_] if standing.is_state]
    counted = sum(standing.is_counted for standing in states)
    return StateCount(round_, counted if counted >= FEWEST else None, len(states))


def public_figures(body: Body | None = None) -> PublicFigures | None:
    round_ = rounds_of(body).first()
    return public_figures_of(round_progress(round_)) if round_ else None


def public_figures_of(found: RoundProgress) -> PublicFigures:
    counted = len(found.counted)
    if counted < FEWEST:
        # Translators: Row or column: all States together. Not a geographical group.
        return PublicFigures(found, PublicRow("all", "", _("All States"), NOTHING), [], [], [])
    counts = public_counts(found)
    return PublicFigures(
        found=found,
        overall=PublicRow("all", "", _("All States"), counts[ALL], counted),
        by_theme=[PublicRow("theme", part.slug, part.of, counts["theme", part.slug]) for part in found.by_theme],
        by_meeting=[
            PublicRow("meeting", part.slug, part.of, counts["meeting", part.slug]) for part in found.by_meeting
        ],
        by_region=_regions(found, counts),
    )


def _regions(found: RoundProgress, counts: dict[tuple[str, str], PublicCounts]) -> list[PublicRow]:
    """Suppress the number of States in a group as any small count; also zero, which would name who is missing."""
    states = {region.code: region.counted.numerator for region in found.by_region}
    suppressed = suppress_small_counts(
        states, [CountLine(list(states))], {code for code, count in states.items() if count < FEWEST}
    )
    return [
        PublicRow("regional_group", region.code, region.of, NOTHING)
        if region.code in suppressed
        else PublicRow("regional_group", region.code, region.of, counts["region", region.code], states[region.code])
        for region in found.by_region
    ]

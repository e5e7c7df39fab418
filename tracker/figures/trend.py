"""Read the figures of all rounds, each over the States counted in it and the units requested from them.

Rounds differ in States and units: this is no comparison (figures/comparison.py).
"""

from collections import Counter
from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import gettext

from recommendations.models import Body, Recommendation
from tracker.figures.answers import Figure, Progress, progress_of
from tracker.figures.progress import Standing, rounds_of, standing_by_round
from tracker.figures.sealed import CONSIDERED_UNITS
from tracker.models import Round
from tracker.models.status import CONSIDERED, NO_INFORMATION, Status


class Level(NamedTuple):
    """`submitted` is over the States that have something to answer, `progress` over the `counted` States."""

    of: Round
    submitted: Figure
    counted: int
    progress: Progress


def progress_by_round(body: Body | None = None) -> list[Level]:
    """Return every opened round of a body (the first if None), the newest first, in seven queries at most."""
    at, found = timezone.now(), list(rounds_of(body))
    states = {
        round_: [standing for standing in everyone if standing.is_state]
        for round_, everyone in standing_by_round(*found).items()
    }
    counted = {round_: [standing for standing in states[round_] if standing.is_counted] for round_ in found}
    round_of = {standing.submission: round_ for round_ in found for standing in counted[round_] if standing.submission}
    counts = {round_: _sealed_counts(counted[round_]) for round_ in found}
    by_pk = {submission.pk: round_ for submission, round_ in round_of.items()}
    asks_to_consider = set(Recommendation.objects.filter(asks_to_consider=True).values_list("pk", flat=True))
    for submission, units in CONSIDERED_UNITS.of(round_of).items():
        count = len(asks_to_consider.intersection(units))
        counts[by_pk[submission]][CONSIDERED, True] += count
        counts[by_pk[submission]][CONSIDERED, False] -= count
    levels = []
    for round_ in found:
        source = gettext("Submissions of round %(code)s") % {"code": round_.code}
        submitted = sum(standing.is_submitted for standing in states[round_])
        levels.append(
            Level(
                round_,
                Figure(submitted, len(states[round_]), at, source),
                len(counted[round_]),
                progress_of(counts[round_], at, source),
            )
        )
    return levels


def _sealed_counts(counted: list[Standing]) -> Counter[tuple[str, bool]]:
    """Add the counts sealed in each submission. They do not say whether a unit asks to consider."""
    counts: Counter[tuple[str, bool]] = Counter()
    for submission in (standing.submission for standing in counted if standing.submission):
        counts[NO_INFORMATION, False] += submission.counts["asked"] - submission.counts["answered"]
        for status in Status:
            counts[status, False] += submission.counts[status]
    return counts

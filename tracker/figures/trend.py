"""Read the figures of all rounds, each over the States counted in it and the units requested from them.

Rounds differ in States and units: this is no comparison (figures/comparison.py).
"""

from collections import Counter, defaultdict
from datetime import datetime
from functools import partial
from typing import NamedTuple

from django.db.models import CharField, Count
from django.db.models.functions import Cast
from django.utils import timezone

from recommendations.models import Body, stamp_column
from tracker.figures.answers import Figure, Progress, answers_of
from tracker.figures.progress import rounds_of, source_of, standing_by_round
from tracker.figures.sealed import BoundedStore
from tracker.figures.selection import Selection
from tracker.models import FormerStanding, Respondent, Round, Submission, SubmissionItem
from tracker.models.status import NO_INFORMATION


class RoundCounts(NamedTuple):
    """Count the `submitted` and the `counted` of the `states` that have something to answer, and their `answers`."""

    states: int
    submitted: int
    counted: int
    answers: dict[str, int]


class Level(NamedTuple):
    """`submitted` and `counted` are over the `invited` States, `progress` over the counted."""

    of: Round
    invited: Figure
    submitted: Figure
    counted: Figure
    progress: Progress


def progress_by_round(body: Body | None = None) -> list[Level]:
    """Return every opened round of a body (the first if None), the newest first.

    It takes three queries, and eight more where a round was not counted before.
    """
    at, keys = timezone.now(), _keys_by_round(body)
    counts = _COUNTS.get_or_read(keys, _count, partial(_keys_by_round, body))
    return [_level(round_, counts[round_], at) for round_ in keys]


def _level(round_: Round, counts: RoundCounts, at: datetime) -> Level:
    source, selection = source_of(round_), Selection(round_.code)
    invited, submitted, counted = (
        Figure(count, counts.states, at, source, selection.with_states(name))
        for name, count in (
            ("invited", counts.states),
            ("submitted", counts.submitted),
            ("counted", counts.counted),
        )
    )
    return Level(round_, invited, submitted, counted, Progress(counts.answers, at, source, selection))


def _keys_by_round(body: Body | None) -> dict[Round, tuple]:
    """Return all that the counts of each round depend on: which submissions count is read for each request."""
    rounds = list[Round](rounds_of(body).annotate(stamp=stamp_column()))
    standing = Respondent.objects.order_by().values_list("pk", "kind", "treaty_status")
    former = FormerStanding.objects.order_by().annotate(day=Cast("until", CharField()))
    both = standing.union(former.values_list("respondent", "day", "treaty_status"), all=True).order_by()
    statuses = tuple(sorted(both))
    codes = {pk: codes for pk, *codes in Submission.objects.counted_in(*rounds).codes_by_round()}
    return {
        round_: (round_.pk, round_.opened_at, round_.closed_at, round_.stamp, statuses, *codes.get(round_.pk, ()))  # type: ignore[attr-defined]
        for round_ in rounds
    }


def _count(rounds: list[Round]) -> dict[Round, RoundCounts]:
    states = {
        round_: [standing for standing in standings if standing.is_state]
        for round_, standings in standing_by_round(*rounds).items()
    }
    counted = {round_: [standing for standing in states[round_] if standing.is_counted] for round_ in rounds}
    submissions = [standing.submission for round_ in rounds for standing in counted[round_] if standing.submission]
    rows = SubmissionItem.objects.of_submissions(submissions).order_by()
    answers: defaultdict[int, Counter[tuple[str, bool]]] = defaultdict(Counter)
    for pk, status, asks_to_consider, count in rows.values_list(
        "submission__round", "status", "unit__asks_to_consider"
    ).annotate(Count("pk")):
        answers[pk][status or NO_INFORMATION, asks_to_consider] += count
    return {
        round_: RoundCounts(
            len(states[round_]),
            sum(standing.is_submitted for standing in states[round_]),
            len(counted[round_]),
            answers_of(answers[round_.pk]),
        )
        for round_ in rounds
    }


_COUNTS: BoundedStore[tuple, RoundCounts] = BoundedStore(200)  # some 30 KB each

"""Round the public figures, so that no reader works out an answer that its State did not publish.

The rule for readers: figures are rounded to five States, and moved to a neighbouring multiple where they would reveal
an answer (docs/decisions/0039-releases.md has the proof).
"""

from collections.abc import Iterable, Sequence

STEP = 5
SLACK = 2  # every answer can be two more and two fewer: one remains for a State that knows its own
FEWEST = 6  # States whose answer is not known, in a row that is shown
BASE = 20  # States covered, for a percentage


def round_row(counts: Sequence[int], known: Sequence[int]) -> list[int] | None:
    """Return the figures of one recommendation, by answer, or None where fewer than six States' answers are unknown.

    `counts` are the States covered with each answer, `known` those of them that ever published it.
    """
    unknown = sum(counts) - sum(known)
    if unknown < FEWEST:
        return None
    row = [round_count(count, of_known, unknown) for count, of_known in zip(counts, known, strict=True)]
    possible = [possible_counts(shown, of_known, unknown) for shown, of_known in zip(row, known, strict=True)]
    largest = max(range(len(row)), key=lambda place: row[place] - known[place])
    if sum(counts) - sum(map(min, possible)) < SLACK:
        row[largest] -= STEP
    elif sum(map(max, possible)) - sum(counts) < SLACK:
        row[largest] += STEP
    return row


def round_count(count: int, known: int, unknown: int) -> int:
    """Round to the nearest multiple of five, of a count that is two or more away from what known answers allow."""
    within = min(max(count, known + SLACK), known + unknown - SLACK)
    return STEP * ((within + STEP // 2) // STEP)


def possible_counts(shown: int, known: int, unknown: int) -> list[int]:
    """Return the counts that `round_count` rounds to the figure shown."""
    return [count for count in range(known, known + unknown + 1) if round_count(count, known, unknown) == shown]


def round_share(counts: Sequence[int], unknown: Sequence[int], most: int) -> int | None:
    """Return the share of the first of two kinds of answers, in per cent rounded to five, or None where it might
    reveal the kind of an answer.

    `unknown` are those of each kind that were never published and could be of the other kind. One State gave at most
    `most` of them: two of each kind remain for a State that knows its own.
    """
    whole = sum(counts)
    return STEP * ((200 // STEP * counts[0] + whole) // (2 * whole)) if min(unknown) >= most + SLACK else None


def percentages(rows: Iterable[Sequence[int]]) -> list[int] | None:
    """Return the share of each answer in the sum of rows that are shown, in whole per cent, a half upwards."""
    totals = list(map(sum, zip(*rows, strict=True)))
    whole = sum(totals)
    return [(200 * total + whole) // (2 * whole) for total in totals] if whole else None

"""Suppress counts of fewer than five, and counts from which such a count could be worked out.

An example of the latter is the last count that is missing to a total. Zero is shown: it is about nobody.
"""

from collections.abc import Hashable, Iterable, Mapping
from typing import NamedTuple

FEWEST = 5


class CountLine[Key: Hashable](NamedTuple):
    """List counts that make up a total. `total` is the key of a count, or None where everybody knows it."""

    parts: list[Key]
    total: Key | None = None


def is_small_count(count: int) -> bool:
    return 0 < count < FEWEST


def suppress_small_counts[Key: Hashable](
    counts: Mapping[Key, int], lines: Iterable[CountLine[Key]], also: Iterable[Key] = ()
) -> set[Key]:
    """Return the keys of the counts to suppress: small counts, those in `also`, and what in each line would disclose
    them.

    A line whose total is shown has at least two suppressed counts, of five or more together and of more than one each,
    so that no subtraction gives any of them.
    """
    found = {key for key, count in counts.items() if is_small_count(count)} | set(also)
    lines = list(lines)
    is_settled = False
    while not is_settled:
        is_settled = True
        for line in lines:
            while (more := _next_to_suppress(line, counts, found)) is not None:
                found.add(more)
                is_settled = False
    return found


def _next_to_suppress[Key: Hashable](line: CountLine[Key], counts: Mapping[Key, int], found: set[Key]) -> Key | None:
    """Return what else to suppress in a line: the smallest count that is shown, and only then the total."""
    if not _can_find_count(line, counts, found):
        return None
    shown = [part for part in line.parts if part not in found and counts[part]]
    if shown:
        return min(shown, key=counts.__getitem__)
    return line.total if line.total not in found else None


def _can_find_count[Key: Hashable](line: CountLine[Key], counts: Mapping[Key, int], found: set[Key]) -> bool:
    suppressed = [counts[part] for part in line.parts if part in found]
    if line.total in found:
        return not suppressed
    return bool(suppressed) and (len(suppressed) < 2 or sum(suppressed) < FEWEST or sum(suppressed) <= len(suppressed))

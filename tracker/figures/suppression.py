"""Which counts may leave the Secretariat: none of fewer than five, and none from which one of these can be worked out,
such as the last that is missing to a total.

A count of none is told: it is about nobody.
"""

from collections.abc import Hashable, Iterable, Mapping
from typing import NamedTuple

FEWEST = 5


class Total[Key: Hashable](NamedTuple):
    """Counts that make up a total. `total` is the key of a count, or nothing where everybody knows it."""

    parts: list[Key]
    total: Key | None = None


def is_too_few(count: int) -> bool:
    return 0 < count < FEWEST


def suppress_small_counts[Key: Hashable](
    counts: Mapping[Key, int], lines: Iterable[Total[Key]], besides: Iterable[Key] = ()
) -> set[Key]:
    """The counts that are not told: the small ones, those `besides`, and what in each line would tell them.

    What is kept back of a line whose total is told are at least two counts, of five or more together and of more than
    one each, so that no subtraction gives any of them.
    """
    found = {key for key, count in counts.items() if is_too_few(count)} | set(besides)
    lines = list(lines)
    is_settled = False
    while not is_settled:
        is_settled = True
        for line in lines:
            while (more := _next_suppressed(line, counts, found)) is not None:
                found.add(more)
                is_settled = False
    return found


def _next_suppressed[Key: Hashable](line: Total[Key], counts: Mapping[Key, int], found: set[Key]) -> Key | None:
    """What else has to be kept back of a line: the smallest that is told, and only then the total."""
    if not _is_disclosing(line, counts, found):
        return None
    shown = [part for part in line.parts if part not in found and counts[part]]
    if shown:
        return min(shown, key=counts.__getitem__)
    return line.total if line.total not in found else None


def _is_disclosing[Key: Hashable](line: Total[Key], counts: Mapping[Key, int], found: set[Key]) -> bool:
    """Whether what is told of a line gives away what is not."""
    back = [counts[part] for part in line.parts if part in found]
    if line.total in found:
        return not back
    return bool(back) and (len(back) < 2 or sum(back) < FEWEST or sum(back) <= len(back))

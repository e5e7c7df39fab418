"""Write the code points for which fonts have a letter, as [first, last] pairs in JSON: the program of a child process.

Reading a Chinese font leaves twenty megabytes in a process.
"""

import json
import sys
from collections.abc import Iterable, Iterator

from fontTools.ttLib import TTFont


def main() -> None:
    found: set[int] = set()
    for path in json.load(sys.stdin.buffer):
        with TTFont(path, lazy=True) as font:
            found.update(font.getBestCmap())
    sys.stdout.write(json.dumps(list(_ranges(sorted(found)))))


def _ranges(points: Iterable[int]) -> Iterator[tuple[int, int]]:
    first, *others = points
    last = first
    for point in others:
        if point != last + 1:
            yield first, last
            first = point
        last = point
    yield first, last


if __name__ == "__main__":
    main()

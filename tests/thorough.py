"""How much is tested: a part by default, all of it with CI set, as in `.ci/run`."""

import os
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

import pytest
from django.db import connection

WALK = "test_walk.py"  # each of its cases is another address
FOLDERS_OF_PAGES = ("views", "web")
IS_THOROUGH = bool(os.environ.get("CI"))
# The site does the same on each database, so a run on PostgreSQL does a part beside the whole run on SQLite.
IS_WHOLE = IS_THOROUGH and connection.vendor == "sqlite"


def times(few: int, many: int) -> int:
    """Return how often, or with how many rows: many where the run is whole."""
    return many if IS_WHOLE else few


def moments(few: int, many: int) -> int:
    """Return how often to kill a process or to act at once: many on each database, which ends a transaction in its own
    way.
    """
    return many if IS_THOROUGH else few


def in_turn[Case](cases: Sequence[Case], place: int) -> Sequence[Case]:
    """Return all cases where the run is whole, or else one, so that places in a row get each of them in turn."""
    return cases if IS_WHOLE else [cases[place % len(cases)]]


def some[Case](cases: Sequence[Case]) -> Sequence[Case]:
    """Return all cases where the run is whole, or else every fifth of them."""
    return cases if IS_WHOLE else cases[::5]


def of_this_run(items: Collection[pytest.Item]) -> Collection[pytest.Item]:
    """Return what a run does that names no test."""
    if not IS_THOROUGH:
        return quick(items)
    return items if IS_WHOLE else every_fifth_case(items, has_pages)


def quick(items: Collection[pytest.Item]) -> list[pytest.Item]:
    """Return what takes some five minutes: every fifth case of each test, but each of the walk of all roles. Tests of
    the browser, and those marked as thorough, are left out.
    """
    kept = [item for item in items if not any(map(item.get_closest_marker, ("browser", "thorough")))]
    return every_fifth_case(kept, lambda path: path.name != WALK)


def every_fifth_case(items: Collection[pytest.Item], is_shortened: Callable[[Path], bool]) -> list[pytest.Item]:
    """Return every fifth case of each test in the files that are shortened, and all of the others."""
    cases = defaultdict(list)
    for item in items:
        cases[item.function].append(item)
    return [item for of_test in cases.values() for item in of_test[:: 5 if is_shortened(of_test[0].path) else 1]]


def has_pages(path: Path) -> bool:
    """Return whether a file tests pages: each shows the same from both databases once its queries work on both."""
    return path.parent.name in FOLDERS_OF_PAGES or path.name.startswith("test_walk")

"""How much is done by tests that do one thing many times: a part by default, all of it with CI set, as in `.ci/run`."""

import os
from collections.abc import Sequence

from django.db import connection

IS_THOROUGH = bool(os.environ.get("CI"))


def times(few: int, many: int) -> int:
    """Return how often, or with how many rows: many on SQLite alone, since the site does the same on each database."""
    return many if IS_THOROUGH and connection.vendor == "sqlite" else few


def moments(few: int, many: int) -> int:
    """Return how often to kill a process or to act at once: many on each database, which ends a transaction in its own
    way.
    """
    return many if IS_THOROUGH else few


def in_turn[Case](cases: Sequence[Case], place: int) -> Sequence[Case]:
    """All cases, or by default one, so that places in a row get each of them in turn."""
    return cases if IS_THOROUGH else [cases[place % len(cases)]]


def some[Case](cases: Sequence[Case]) -> Sequence[Case]:
    """Return all cases, or by default every fifth of them."""
    return cases if IS_THOROUGH else cases[::5]

"""Count what each address, file and form costs in a small and in a large world, and compare it with `costs.json`.

Calls, queries, transactions and bytes are nearly the same on every machine and on every day.
"""

import gc
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from datetime import date
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext, override_settings

from tools.bench.browser import UserSessions
from tools.bench.forms import WorldForms
from tools.bench.rows import PageRequest, Rows
from tracker.demo.clock import on_day
from tracker.demo.people import NO_MAIL

type Costs = dict[str, dict[str, int]]


class CostKind(NamedTuple):
    """It fails above `share` of what the file has, but a difference of up to `floor` does not count."""

    unit: str
    share: float
    floor: int


KINDS = {
    "calls": CostKind("calls of functions", 1.1, 500),
    "queries": CostKind("queries", 1, 0),
    "transactions": CostKind("transactions", 1, 0),
    "bytes": CostKind("bytes", 1.1, 100),
}
STALE = 0.85  # of what the file has: below it the file is to be written again
FILE = Path(__file__).with_name("costs.json")
DAY = date(2026, 11, 27)
WORLDS = {"small": {"respondents": 6, "rounds": 2}, "large": {"respondents": 20, "rounds": 2}}
STEPS = 10  # of SQLite, that count as one call
BEGINNINGS = ("BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK")
WRITES = ("INSERT", "UPDATE", "DELETE")
QUICK = {
    "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],  # others are slow on purpose
    "MAILERS": NO_MAIL,
}


def check() -> tuple[list[str], list[str]]:
    """Return a sentence for each cost above what the file allows, and one for each far below the file."""
    usual, costs = json.loads(FILE.read_text()), measure_costs()
    return compare_costs(usual, costs), find_stale_costs(usual, costs)


def write() -> None:
    lines = [f"  {json.dumps(name)}: {json.dumps(cost)}" for name, cost in measure_costs().items()]
    FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n")


def compare_costs(usual: Costs, costs: Costs) -> list[str]:
    """Return a sentence for each figure above what is allowed, and for each name that is in one of the two only."""
    found = [f"{name}: measured, but not in {FILE.name}." for name in costs.keys() - usual.keys()]
    for name in costs.keys() & usual.keys():
        for kind, value in costs[name].items():
            former, limits = usual[name][kind], KINDS[kind]
            limit = max(former * limits.share, former + limits.floor)
            if value > limit:
                found.append(f"{name}: {value} {limits.unit}; the limit is {limit:.9g}, usual are {former}.")
    found += [f"{name}: in {FILE.name}, but not measured." for name in usual.keys() - costs.keys()]
    return sorted(found)


def find_stale_costs(usual: Costs, costs: Costs) -> list[str]:
    """Return a sentence for each figure far below the file, which therefore allows more than it should."""
    return [
        f"{name}: {value} {KINDS[kind].unit}; usual are {usual[name][kind]}."
        for name in sorted(costs.keys() & usual.keys())
        for kind, value in costs[name].items()
        if value < min(usual[name][kind] * STALE, usual[name][kind] - KINDS[kind].floor)
    ]


def measure_costs() -> Costs:
    """Return the costs by world and name: `large record`, for example."""
    return {f"{world} {name}": cost for world, size in WORLDS.items() for name, cost in _costs_in_world(**size).items()}


def _costs_in_world(**size: int) -> Costs:
    with _new_world(**size), as_served(), override_settings(**QUICK):
        sessions = UserSessions()
        forms = WorldForms(sessions, Rows())
        forms.prepare()
        return {page.name: measure_page(page, sessions) for page in [*Rows().requests(), *forms.requests()]}


def measure_page(page: PageRequest, sessions: UserSessions) -> dict[str, int]:
    """Return the costs of one answer; the database is left as it was."""
    sessions.send_without_change(page)  # what is loaded once is not counted
    with CaptureQueriesContext(connection) as captured:
        size = len(sessions.send_without_change(page))
    log = [query["sql"] for query in captured]  # now: the next request begins a new log
    return {
        "calls": count_calls(page, sessions.send_without_change),
        "queries": sum(not sql.startswith(BEGINNINGS) for sql in log),
        "transactions": count_transactions(log),
        "bytes": size,
    }


def count_transactions(log: list[str]) -> int:
    """Count the outermost blocks, and the writes outside of any. The first is the block that `send_without_change`
    undoes: of the others each is a savepoint.
    """
    count = depth = 0
    for sql in log:
        if depth == 0 and sql.startswith(("SAVEPOINT", *WRITES)):
            count += 1
        depth += sql.startswith("SAVEPOINT") - sql.startswith("RELEASE")
    return count


def count_calls(page: PageRequest, send: Callable[[PageRequest], bytes]) -> int:
    """Return the calls of functions and the steps of SQLite of one answer."""
    calls = 0

    def count_call(_frame, event: str, _argument) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    def count_steps() -> None:
        nonlocal calls
        calls += 1

    connection.ensure_connection()
    gc.disable()  # what is freed is of earlier answers, and Django's rows make calls when they are freed
    connection.connection.set_progress_handler(count_steps, STEPS)
    sys.setprofile(count_call)
    try:
        send(page)
    finally:
        sys.setprofile(None)
        connection.connection.set_progress_handler(None, 0)
        gc.enable()
    return calls


def as_served() -> override_settings:
    """Without DEBUG, with which every query is kept, and whether or not the static files have been collected. What a
    user may ask for is counted, but not limited. The page of the security contact exists.
    """
    static = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    return override_settings(
        DEBUG=False,
        ALLOWED_HOSTS=["*"],
        SECURITY_CONTACT="security@example.org",
        STATIC_ROOT=None,
        STORAGES={**settings.STORAGES, "staticfiles": static},
        REQUEST_LIMITS=dict.fromkeys(settings.REQUEST_LIMITS, (sys.maxsize, sys.maxsize)),
    )


@contextmanager
def _new_world(**size: int) -> Iterator[None]:
    """Use a new database, and the same world on every day; drop it at the end."""
    former = connection.settings_dict["NAME"]
    storage: Any = settings.STORAGES["default"]
    with TemporaryDirectory() as folder, on_day(DAY):
        connection.settings_dict["TEST"] |= {"NAME": f"{folder}/bench.sqlite3", "MIGRATE": False}
        options = {**storage["OPTIONS"], "location": f"{folder}/files"}
        with redirect_stdout(StringIO()):
            connection.creation.create_test_db(verbosity=0)
        try:
            with override_settings(STORAGES={**settings.STORAGES, "default": {**storage, "OPTIONS": options}}):
                call_command("migrate", fake=True, verbosity=0)
                call_command("make_world", **size, seed=1, today=DAY, verbosity=0)
                yield
        finally:
            connection.creation.destroy_test_db(former, verbosity=0)

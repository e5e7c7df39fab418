"""Whether pages, files and forms cost more than a file in the repository says, on a world of 20 States and 2 rounds.

Of a page calls are counted, which no machine changes. Processor time varies with the machine: it is measured in bare
pages, bare hashes or bare children, and again where it is above its limit.
"""

import gc
import json
import secrets
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from datetime import date
from io import StringIO
from math import inf
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory, TemporaryFile
from time import process_time
from typing import Any, NamedTuple

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test.utils import override_settings
from django.urls import reverse

from recommendations.child import make_in_child
from tracker.demo.bench.browser import UserSessions
from tracker.demo.bench.forms import WorldForms
from tracker.demo.bench.measure import answer_time, as_served, child_seconds, count_calls, count_queries
from tracker.demo.bench.pages import PageRequest, PageRows
from tracker.demo.bench.server import ServerTimes, measure_server, memory_after_pdfs, served
from tracker.demo.clock import on_day
from tracker.demo.people import NO_MAIL
from tracker.web.process import prepare_process

type Costs = dict[str, dict[str, float]]


class CostKind(NamedTuple):
    """What is measured: it fails above `share` of what is usual, but a difference of up to `floor` does not count."""

    unit: str
    share: float
    floor: float


DAY = date(2026, 11, 27)
WORLD = {"respondents": 20, "rounds": 2, "seed": 1, "today": DAY}
KINDS = {
    "calls": CostKind("calls of functions", 1.1, 500),
    "queries": CostKind("queries", 1, 0),
    "bytes": CostKind("bytes", 1.2, 100),
    "memory": CostKind("MB of memory", 1.2, 0.5),
    "work": CostKind("bare pages of processor time", 1.5, 1),  # also of code in C, which makes no calls
    "child": CostKind("bare children of processor time", 1.2, 0.5),
    "time": CostKind("bare pages of processor time", 1.2, 1),
    "sign_in": CostKind("bare pages with a bare hash", 1.2, 0),
    "worker": CostKind("MB of a worker", 1.2, 5),
    "lost": CostKind("lost answers", 1, 0),
}
CEILINGS = {"worker": 200}
SAVES, SIGN_IN, PDF_FILES = "eight people save at once", "sign in, password hashed as served", "a worker after 15 PDFs"
TIMES_AGAIN = 8
BARE_TIMES = 2  # before a page, and after it
BARE_CHILD = Path(__file__).with_name("bare_child.py")
MEGABYTE = 1024 * 1024
QUICK = {
    "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],  # others are slow on purpose
    "MAILERS": NO_MAIL,
}


class PageCosts:
    """Measures pages: queries, bytes and calls, which are nearly the same on every machine, the memory of Python, and
    the processor time of this process and of child processes.
    """

    def __init__(self, sessions: UserSessions, pages: list[PageRequest]):
        self.sessions, self.pages = sessions, pages

    def measure(self, usual: Costs) -> Costs:
        prepare_process()  # as in a process that serves
        return {page.name: self._costs(page, usual.get(page.name, {})) for page in self.pages}

    def _costs(self, page: PageRequest, usual: dict[str, float]) -> dict[str, float]:
        # Sent once before it is measured: what is loaded once is not counted.
        needs_child = bool(_time_of_children(lambda: self.sessions.send_without_change(page)))
        tracemalloc.start()
        queries, size = count_queries(page, self.sessions)
        memory = round(tracemalloc.get_traced_memory()[1] / MEGABYTE, 1)
        tracemalloc.stop()
        calls = count_calls(page, self.sessions.send_without_change)
        work = repeat("work", lambda: self._work_time(page), usual)
        costs = {"calls": calls, "queries": queries, "bytes": size, "memory": memory, "work": work}
        if needs_child:
            costs["child"] = repeat("child", lambda: self._child_time(page), usual)
        return costs

    def _work_time(self, page: PageRequest) -> float:
        """Return the processor time of an answer in bare pages; of the bare page itself, in answers of a text."""
        bare = PageRequest("bare page", None, reverse("account_login"))
        if page.url == bare.url and page.data is None:
            bare = bare._replace(url=reverse("security_contact"))
        gc.collect()
        before = [self._process_time(bare) for _time in range(BARE_TIMES)]
        seconds = self._process_time(page)
        after = [self._process_time(bare) for _time in range(BARE_TIMES)]
        return round(seconds / median(before + after), 1)

    def _process_time(self, page: PageRequest) -> float:
        return answer_time(page, self.sessions.send_without_change, process_time)

    def _child_time(self, page: PageRequest) -> float:
        """Return the processor time of the child processes of an answer, in those of the bare child just after."""
        seconds = _time_of_children(lambda: self.sessions.send_without_change(page))
        return round(seconds / _time_of_children(_run_bare_child), 2)


def _time_of_children(work: Callable[[], Any]) -> float:
    before = child_seconds()
    work()
    return child_seconds() - before


def _run_bare_child() -> None:
    with TemporaryFile() as content, TemporaryFile() as output:
        make_in_child(BARE_CHILD, content=content, output=output, seconds=10, memory=128 * MEGABYTE)


def repeat(kind: str, measure: Callable[[], float], usual: dict[str, float]) -> float:
    """Measure once, and again while the limit is exceeded, and return the least: other processes only add to it.

    Where nothing is usual yet, return the median of many, which one odd measurement does not move.
    """
    if not usual:
        return median(measure() for _time in range(1 + TIMES_AGAIN))
    limit = allowed(kind, usual.get(kind, 0))
    least = measure()
    for _time in range(TIMES_AGAIN):
        if least <= limit:
            break
        least = min(least, measure())
    return least


def check() -> list[str]:
    usual = json.loads(costs_file().read_text())
    return compare_costs(usual, _measure_costs(usual))


def write_costs() -> None:
    costs = _measure_costs({})
    lines = [f"  {json.dumps(name)}: {json.dumps(cost)}" for name, cost in costs.items()]
    costs_file().write_text("{\n" + ",\n".join(lines) + "\n}\n")


def costs_file() -> Path:
    return Path(__file__).with_name(f"costs.{connection.vendor}.json")


def allowed(kind: str, usual: float) -> float:
    return min(max(usual * KINDS[kind].share, usual + KINDS[kind].floor), CEILINGS.get(kind, inf))


def compare_costs(usual: Costs, costs: Costs) -> list[str]:
    """Return a sentence for each figure above what is allowed, and for each name that is in one of the two only."""
    found = []
    for name, cost in costs.items():
        if name not in usual:
            found.append(f"{name}: measured, but not in {costs_file().name}.")
        for kind, value in cost.items():
            former = usual.get(name, cost).get(kind, 0)
            limit = allowed(kind, former)
            if value > limit:
                found.append(
                    f"{name}: {value:.9g} {KINDS[kind].unit}; the limit is {limit:.9g}, usual are {former:.9g}."
                )
    return found + [f"{name}: in {costs_file().name}, but not measured." for name in usual if name not in costs]


def _measure_costs(usual: Costs) -> Costs:
    with _new_world(), as_served():
        with override_settings(**QUICK):
            sessions = UserSessions()
            forms = WorldForms(sessions, PageRows())
            forms.prepare()
            costs = PageCosts(sessions, [*PageRows().requests(), *forms.requests()]).measure(usual)
        return costs | _measure_server_costs(usual)


def _measure_server_costs(usual: Costs) -> Costs:
    """Measure what needs gunicorn, as often as `repeat`. The unit of time is the bare page of the same server."""
    times: list[ServerTimes] = []
    with served("site", "--workers", "2") as server:
        for _time in range(1 + TIMES_AGAIN):
            times.append(measure_server(server))
            costs = _server_costs(times, min if usual else median)
            if not compare_costs({name: cost for name, cost in usual.items() if name in costs}, costs):
                break
    return costs | {PDF_FILES: {"worker": memory_after_pdfs()}}


def _server_costs(times: list[ServerTimes], one_of: Callable[[list[float]], float]) -> Costs:
    return {
        SAVES: {
            "time": one_of([round(time.save / time.bare, 1) for time in times]),
            "lost": sum(time.lost for time in times),
        },
        SIGN_IN: {"sign_in": one_of([round(time.sign_in / (time.bare + time.bare_hash), 2) for time in times])},
    }


@contextmanager
def _new_world() -> Iterator[None]:
    """Use a new database of the kind that DATABASE_URL names, and the same world on every day; drop it at the end."""
    former = connection.settings_dict["NAME"]
    storage: Any = settings.STORAGES["default"]
    with TemporaryDirectory() as folder, on_day(DAY):
        name = f"{folder}/bench.sqlite3" if connection.vendor == "sqlite" else f"bench_{secrets.token_hex(6)}"
        connection.settings_dict["TEST"] |= {"NAME": name, "MIGRATE": False}
        options = {**storage["OPTIONS"], "location": f"{folder}/files"}
        with redirect_stdout(StringIO()):
            connection.creation.create_test_db(verbosity=0)
        try:
            with override_settings(STORAGES={**settings.STORAGES, "default": {**storage, "OPTIONS": options}}):
                call_command("migrate", fake=True, verbosity=0)
                call_command("make_world", **WORLD, verbosity=0)
                yield
        finally:
            connection.creation.destroy_test_db(former, verbosity=0)

"""Whether pages, files and forms cost more than a file in the repository says, on a world of 20 States and 2 rounds.

Processor time is counted in bare pages, which are answered just before and just after: how fast the machine is and
what else it does bears on both. What is above its limit is timed again before it counts.
"""

import gc
import json
import secrets
import statistics
import tracemalloc
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from datetime import date
from io import StringIO
from math import inf
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test.utils import override_settings
from django.urls import reverse

from tracker.demo.bench.browser import UserSessions
from tracker.demo.bench.forms import WorldForms
from tracker.demo.bench.measure import answer_time, as_served, count_queries, processor_seconds
from tracker.demo.bench.pages import PageRequest, PageRows
from tracker.demo.bench.server import measure_server, memory_after_pdfs, served
from tracker.demo.clock import on_day
from tracker.web.garbage_collection import prepare_process

type Costs = dict[str, dict[str, float]]

DAY = date(2026, 11, 27)
WORLD = {"respondents": 20, "rounds": 2, "seed": 1, "today": DAY}
UNITS = {
    "time": "bare pages of processor time",
    "queries": "queries",
    "bytes": "bytes",
    "memory": "MB of memory",
    "worker": "MB of a worker",
    "lost": "lost answers",
}
TOLERANCES = {"time": 1.2, "queries": 1, "bytes": 1.2, "memory": 1.2, "worker": 1.2, "lost": 1}
FLOORS = {"time": 1, "queries": 0, "bytes": 100, "memory": 0.5, "worker": 5, "lost": 0}  # what does not count
CEILINGS = {"worker": 200}
SAVES, SIGN_IN, PDF_FILES = "eight people save at once", "sign in, password hashed as served", "a worker after 15 PDFs"
SERVER_TIMES = 2
TIMES, TIMES_TO_WRITE, TIMES_AGAIN = 3, 9, 8
BARE_TIMES = 2  # before a page, and after it
ENOUGH = 40  # bare pages for each time: what takes longer is timed less often, as its time varies less
MEGABYTE = 1024 * 1024
QUICK = {
    "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],  # others are slow on purpose
    "MAILERS": {"default": {"BACKEND": "django.core.mail.backends.dummy.EmailBackend"}},
}


class PageCosts:
    """Measures pages: first queries, bytes and the memory of Python, then processor time, each page several times."""

    def __init__(self, sessions: UserSessions, pages: list[PageRequest]):
        self.sessions, self.pages = sessions, pages
        self.counts: Costs = {}
        self.times: defaultdict[str, list[float]] = defaultdict(list)

    def count(self) -> None:
        for page in self.pages:
            self.sessions.send_without_change(page)  # what is loaded once is not counted
            tracemalloc.start()
            queries, size = count_queries(page, self.sessions)
            memory = round(tracemalloc.get_traced_memory()[1] / MEGABYTE, 1)
            tracemalloc.stop()
            self.counts[page.name] = {"queries": queries, "bytes": size, "memory": memory}
        prepare_process()  # as in a process that serves

    def time(self, page: PageRequest) -> None:
        """Add the processor time of an answer, in bare pages; of the bare page itself, in answers of a text."""
        bare = PageRequest("bare page", None, reverse("account_login"))
        if page.url == bare.url and page.data is None:
            bare = bare._replace(url=reverse("security_contact"))
        gc.collect()
        before = [self._process_time(bare) for _time in range(BARE_TIMES)]
        seconds = self._process_time(page)
        after = [self._process_time(bare) for _time in range(BARE_TIMES)]
        self.times[page.name].append(seconds / statistics.mean(before + after))

    def time_all(self, times: int, usual: Costs) -> None:
        """Time each page so many times, a long one less often. What is above its limit is timed again: the low
        quartile counts, since what another process adds is no cost of the page.
        """
        for _time in range(times):
            for page in self.pages:
                if sum(self.times[page.name]) < ENOUGH * times:
                    self.time(page)
        for _time in range(TIMES_AGAIN):
            for page in self.pages:
                if page.name in usual and self.time_of(page) > allowed("time", usual[page.name]["time"]):
                    self.time(page)

    def time_of(self, page: PageRequest) -> float:
        return round(_low_quartile(self.times[page.name]), 1)

    def costs(self) -> Costs:
        return {page.name: {"time": self.time_of(page), **self.counts[page.name]} for page in self.pages}

    def _process_time(self, page: PageRequest) -> float:
        return answer_time(page, self.sessions.send_without_change, processor_seconds)


def _low_quartile(times: list[float]) -> float:
    return statistics.quantiles(times, n=4)[0] if len(times) > 1 else times[0]


def check() -> list[str]:
    usual = json.loads(costs_file().read_text())
    return compare_costs(usual, _count_costs(TIMES, usual))


def write_costs() -> None:
    costs = _count_costs(TIMES_TO_WRITE, {})
    lines = [f"  {json.dumps(name)}: {json.dumps(cost)}" for name, cost in costs.items()]
    costs_file().write_text("{\n" + ",\n".join(lines) + "\n}\n")


def costs_file() -> Path:
    return Path(__file__).with_name(f"costs.{connection.vendor}.json")


def allowed(kind: str, usual: float) -> float:
    return min(max(usual * TOLERANCES[kind], usual + FLOORS[kind]), CEILINGS.get(kind, inf))


def compare_costs(usual: Costs, costs: Costs) -> list[str]:
    """Return a sentence for each figure above what is allowed, and for each name that is in one of the two only."""
    found = []
    for name, cost in costs.items():
        if name not in usual:
            found.append(f"{name}: measured, but not in {costs_file().name}.")
        for kind, value in cost.items():
            former = usual.get(name, cost)[kind]
            limit = allowed(kind, former)
            if value > limit:
                found.append(f"{name}: {value:g} {UNITS[kind]}; the limit is {limit:g}, usual are {former:g}.")
    return found + [f"{name}: in {costs_file().name}, but not measured." for name in usual if name not in costs]


def _count_costs(times: int, usual: Costs) -> Costs:
    with _new_world(), as_served():
        with override_settings(**QUICK):
            sessions = UserSessions()
            forms = WorldForms(sessions, PageRows())
            forms.prepare()
            pages = PageCosts(sessions, [*PageRows().requests(), *forms.requests()])
            pages.count()
            pages.time_all(times, usual)
        return pages.costs() | _count_server_costs()


def _count_server_costs() -> Costs:
    """Measure what needs gunicorn. Its processor time is counted in answers of the same server to the bare page."""
    with served("site", "--workers", "2") as server:
        times = [measure_server(server) for _time in range(SERVER_TIMES)]
    lost = sum(time.lost for time in times)
    return {
        SAVES: {"time": min(round(time.save / time.bare, 1) for time in times), "lost": lost},
        SIGN_IN: {"time": min(round(time.sign_in / time.bare, 1) for time in times)},
        PDF_FILES: {"worker": memory_after_pdfs()},
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

"""Whether pages, files and forms cost more than a file in the repository says, on a world of 20 States and 2 rounds.

Processor time is counted in bare pages, which are answered just before and just after: how fast the machine is and
what else it does bears on both. What is above its limit is timed again before it counts.
"""

import gc
import json
import resource
import statistics
import time
import tracemalloc
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection, transaction
from django.test.utils import override_settings
from django.urls import reverse

from tracker.demo.bench.browser import Clients
from tracker.demo.bench.database import own_world
from tracker.demo.bench.measure import as_served, count_queries
from tracker.demo.bench.scene import Scene
from tracker.demo.bench.visits import Subjects, Visit
from tracker.web.garbage_collection import prepare_process

type Costs = dict[str, dict[str, float]]

UNITS = {"time": "bare pages of processor time", "queries": "queries", "bytes": "bytes", "memory": "MB of memory"}
TOLERANCE = 1.2
FLOORS = {"time": 0.5, "queries": 0, "bytes": 100, "memory": 0.5}  # smaller differences do not count
ROUNDS, ROUNDS_AGAIN, ROUNDS_TO_WRITE = 3, 8, 6
ENOUGH = 40  # bare pages for each round: what takes longer is timed less often, as its time varies less
TOGETHER = "all together"
FEWEST, MOST = 3, 10  # bare pages before a visit, and after it
MEGABYTE = 1024 * 1024
QUICK = {
    "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],  # others are slow on purpose
    "MAILERS": {"default": {"BACKEND": "django.core.mail.backends.dummy.EmailBackend"}},
}


class Meter:
    """Measures visits: first queries, bytes and the memory of Python, then processor time in several rounds."""

    def __init__(self, clients: Clients, visits: list[Visit]):
        self.clients, self.visits = clients, visits
        self.blank = Visit("blank page", None, reverse("livez"))
        self.bare = Visit("bare page", None, reverse("account_login"))
        self.counts: Costs = {}
        self.times: defaultdict[str, list[float]] = defaultdict(list)

    def count(self) -> None:
        for visit in self.visits:
            self.clients.rehearse(visit)  # what is loaded once is not counted
            tracemalloc.start()
            queries, size = count_queries(visit, self.clients)
            memory = round(tracemalloc.get_traced_memory()[1] / MEGABYTE, 1)
            tracemalloc.stop()
            self.counts[visit.name] = {"queries": queries, "bytes": size, "memory": memory}
        prepare_process()  # as in a process that serves

    def time(self, visit: Visit) -> None:
        """Add the processor time of an answer, in bare pages; of the bare page itself, in blank ones."""
        bare = self.blank if visit.url == self.bare.url else self.bare
        count = min(max(FEWEST, round(self.time_of(visit) / 4)), MOST)
        gc.collect()
        before = [self._seconds(bare) for _time in range(count)]
        seconds = self._seconds(visit)
        after = [self._seconds(bare) for _time in range(count)]
        self.times[visit.name].append(seconds / statistics.mean(before + after))

    def time_all(self, rounds: int) -> None:
        for _round in range(rounds):
            for visit in self.visits:
                if sum(self.times[visit.name]) < ENOUGH * rounds:
                    self.time(visit)

    def time_again(self, expected: Costs) -> None:
        """Time what is above its limit until it is not: another process may have been in the way."""
        for _round in range(ROUNDS_AGAIN):
            for visit in self.visits:
                usual = expected.get(visit.name)
                if usual and self.time_of(visit) > limit("time", usual["time"]):
                    self.time(visit)

    def time_of(self, visit: Visit) -> float:
        return statistics.median(self.times[visit.name] or [0])

    def costs(self) -> Costs:
        return {visit.name: {"time": round(self.time_of(visit), 1), **self.counts[visit.name]} for visit in self.visits}

    def _seconds(self, visit: Visit) -> float:
        begun = time.process_time()
        self.clients.rehearse(visit)
        return time.process_time() - begun


def check() -> list[str]:
    """Return what is above its limit, each in a sentence."""
    expected = json.loads(costs_file().read_text())
    return excesses(expected, _measured(ROUNDS, expected))


def write_costs() -> None:
    lines = [f"  {json.dumps(name)}: {json.dumps(cost)}" for name, cost in _measured(ROUNDS_TO_WRITE, {}).items()]
    costs_file().write_text("{\n" + ",\n".join(lines) + "\n}\n")


def costs_file() -> Path:
    return Path(__file__).with_name(f"costs.{connection.vendor}.json")


def limit(figure: str, usual: float) -> float:
    return max(usual * TOLERANCE, usual + FLOORS[figure])


def excesses(expected: Costs, measured: Costs) -> list[str]:
    """Return a sentence for each figure above its limit, and for each name that is in one of the two only."""
    found = []
    for name, cost in measured.items():
        if name not in expected:
            found.append(f"{name}: measured, but not in {costs_file().name}.")
            continue
        for figure, value in cost.items():
            usual = expected[name][figure]
            highest = limit(figure, usual)
            if value > highest:
                found.append(f"{name}: {value:g} {UNITS[figure]}; the limit is {highest:g}, usual are {usual:g}.")
    missing = [name for name in expected if name not in measured]
    return found + [f"{name}: in {costs_file().name}, but not measured." for name in missing]


def _measured(rounds: int, expected: Costs) -> Costs:
    with _meter() as meter:
        before = _peak()
        meter.count()
        meter.time_all(rounds)
        meter.time_again(expected)
        return meter.costs() | {TOGETHER: {"memory": round(_peak() - before)}}


@contextmanager
def _meter() -> Iterator[Meter]:
    with own_world(), as_served(), override_settings(**QUICK), transaction.atomic():
        clients = Clients()
        scene = Scene(clients, Subjects())
        scene.prepare()
        yield Meter(clients, [*Subjects().visits(), *scene.forms()])
        transaction.set_rollback(True)


def _peak() -> float:
    """Return the most memory that this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MEGABYTE

"""How fast the pages and files are that people wait for, measured on whatever the database holds."""

import statistics
import time
from collections.abc import Collection, Iterator
from math import ceil
from typing import NamedTuple

from django.conf import settings
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext, override_settings

from tracker.demo.bench.browser import Clients
from tracker.demo.bench.visits import Subjects, Visit
from tracker.web.garbage_collection import prepare_process


class Measurement(NamedTuple):
    """`queries` of one answer, `bytes` as they travel, compressed where pages are; times in milliseconds."""

    name: str
    queries: int
    median_ms: float
    p95_ms: float
    bytes: int


def measure(times: int, parts: Collection[str] = ()) -> Iterator[Measurement]:
    """Measure each page, or those whose name has one of the parts, so many times after a first time. The database is
    left as it was found. Raises NothingToMeasure.
    """
    with as_served(), transaction.atomic():
        visits, clients = Subjects().visits(), Clients()
        prepare_process()  # as in a process that serves
        for visit in visits:
            if not parts or any(part in visit.name for part in parts):
                yield _measured(visit, clients, times)
        transaction.set_rollback(True)


def as_served() -> override_settings:
    """Without DEBUG, with which every query is kept, and whether or not the static files have been collected."""
    static = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    return override_settings(
        DEBUG=False,
        ALLOWED_HOSTS=["*"],
        STATIC_ROOT=None,
        STORAGES={**settings.STORAGES, "staticfiles": static},
    )


def count_queries(visit: Visit, clients: Clients) -> tuple[int, int]:
    """Return how many queries an answer takes, and its bytes."""
    clients[visit.by]  # signed in before: that is not counted
    with CaptureQueriesContext(connection) as captured:
        size = len(clients.rehearse(visit))
    # Now: the next request begins a new log. Savepoints are of the transaction in which this is measured.
    return sum(not query["sql"].startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")) for query in captured), size


def _measured(visit: Visit, clients: Clients, times: int) -> Measurement:
    queries, size = count_queries(visit, clients)
    took = [_milliseconds(visit, clients) for _time in range(times)]
    return Measurement(
        visit.name,
        queries,
        round(statistics.median(took), 1),
        round(sorted(took)[ceil(0.95 * times) - 1], 1),
        size,
    )


def _milliseconds(visit: Visit, clients: Clients) -> float:
    """Return the time until the last byte of an answer."""
    begun = time.perf_counter()
    clients.request(visit)
    return (time.perf_counter() - begun) * 1000

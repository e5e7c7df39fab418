"""How fast the pages and files are that people wait for, measured on whatever the database holds."""

import statistics
import sys
import time
from collections.abc import Callable, Collection, Iterator
from math import ceil
from typing import NamedTuple

from django.conf import settings
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext, override_settings

from tracker.demo.bench.browser import UserSessions
from tracker.demo.bench.pages import PageRequest, PageRows
from tracker.web.garbage_collection import prepare_process


class PageFigures(NamedTuple):
    """`queries` of one answer, `bytes` as they travel, compressed where pages are; times in milliseconds."""

    name: str
    queries: int
    median_ms: float
    p95_ms: float
    bytes: int


def list_page_figures(times: int, parts: Collection[str] = ()) -> Iterator[PageFigures]:
    """Measure each page, or those whose name has one of the parts, so many times after a first time. The database is
    left as it was found. Raises MissingRows.
    """
    with as_served(), transaction.atomic():
        pages, sessions = PageRows().requests(), UserSessions()
        prepare_process()  # as in a process that serves
        for page in pages:
            if not parts or any(part in page.name for part in parts):
                queries, size = count_queries(page, sessions)
                seconds = sorted(answer_time(page, sessions.send, time.perf_counter) for _time in range(times))
                median, p95 = statistics.median(seconds), seconds[ceil(0.95 * times) - 1]
                yield PageFigures(page.name, queries, round(1000 * median, 1), round(1000 * p95, 1), size)
        transaction.set_rollback(True)


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


def count_queries(page: PageRequest, sessions: UserSessions) -> tuple[int, int]:
    sessions[page.by]  # signed in before: that is not counted
    with CaptureQueriesContext(connection) as captured:
        size = len(sessions.send_without_change(page))
    # Now: the next request begins a new log. Transactions and savepoints are undone after the answer.
    log = [query["sql"] for query in captured]
    return sum(not sql.startswith(("BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK")) for sql in log), size


def answer_time(page: PageRequest, send: Callable[[PageRequest], bytes], clock: Callable[[], float]) -> float:
    start = clock()
    send(page)
    return clock() - start

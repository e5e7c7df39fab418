"""How fast the pages and files are that people wait for, measured on whatever the database holds."""

import gc
import re
import resource
import statistics
import sys
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from math import ceil
from typing import NamedTuple

from django.conf import settings
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext, override_settings

from tracker.demo.bench.bare import BARE, URL
from tracker.demo.bench.browser import UserSessions
from tracker.demo.bench.pages import PageRequest, PageRows
from tracker.web.process import prepare_process

QUERIES = 15
STEPS = 10  # of SQLite, that count as one call
STATE_MS, SECRETARIAT_MS = 60, 120  # of processor, for a page
FILES_MS = {"pdf": 2000, "docx": 3000}  # for a file of this kind; others have no limit
FILE = re.compile(r"\b(pdf|docx|xlsx|csv|json|file)\b")
BARE_PAGE = PageRequest("bare page", None, URL)


class PageFigures(NamedTuple):
    """`queries` of one answer, `bytes` as they travel, compressed where pages are; times in milliseconds, medians of
    all but `p95_ms`; `limit_ms` of the processor, None where there is none.
    """

    name: str
    queries: int
    bytes: int
    processor_ms: float
    limit_ms: int | None
    median_ms: float
    p95_ms: float

    @property
    def excesses(self) -> list[str]:
        """Return a sentence for each limit that is exceeded."""
        found = []
        if self.queries > QUERIES:
            found.append(f"{self.name}: {self.queries} queries; the limit is {QUERIES}.")
        if self.limit_ms and self.processor_ms > self.limit_ms:
            found.append(f"{self.name}: {self.processor_ms:g} ms of processor; the limit is {self.limit_ms}.")
        return found


def list_page_figures(times: int, parts: Collection[str] = ()) -> Iterator[PageFigures]:
    """Measure the bare page, then each page or those whose name has one of the parts, so many times after a first
    time. The database is left as it was found. Raises MissingRows.
    """
    with as_served(), transaction.atomic():
        pages, sessions = PageRows().requests(), UserSessions()
        prepare_process()  # as in a process that serves
        with override_settings(**BARE):
            yield _measure_page(BARE_PAGE, UserSessions(), times)
        for page in pages:
            if not parts or any(part in page.name for part in parts):
                yield _measure_page(page, sessions, times)
        transaction.set_rollback(True)


def _measure_page(page: PageRequest, sessions: UserSessions, times: int) -> PageFigures:
    sessions.send_without_change(page)  # what is loaded once is not counted
    queries, size = count_queries(page, sessions)
    wall, processor = [], []
    for _time in range(times):
        start = processor_seconds()
        wall.append(answer_time(page, sessions.send, time.perf_counter))
        processor.append(processor_seconds() - start)
    median, p95 = statistics.median(wall), sorted(wall)[ceil(0.95 * times) - 1]
    processor_ms, median_ms, p95_ms = (round(1000 * value, 1) for value in (statistics.median(processor), median, p95))
    return PageFigures(page.name, queries, size, processor_ms, page_limit(page), median_ms, p95_ms)


def page_limit(page: PageRequest) -> int | None:
    if kind := FILE.search(page.name):
        return FILES_MS.get(kind[0])
    is_secretariat = page.by and any(membership.respondent_id is None for membership in page.by.current_memberships)
    return SECRETARIAT_MS if is_secretariat else STATE_MS


def processor_seconds() -> float:
    """Return what this process used, and its children that have ended."""
    return time.process_time() + child_seconds()


def child_seconds() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return children.ru_utime + children.ru_stime


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


def count_calls(page: PageRequest, send: Callable[[PageRequest], bytes]) -> int:
    """Return the calls of functions and the steps of SQLite of one answer, nearly the same on every machine."""
    calls = 0

    def count_call(_frame, event: str, _argument) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    def count_steps() -> None:
        nonlocal calls
        calls += 1

    with _progress_handler(count_steps), _no_collection():
        sys.setprofile(count_call)
        try:
            send(page)
        finally:
            sys.setprofile(None)
    return calls


@contextmanager
def _no_collection() -> Iterator[None]:
    """Collect no garbage: it is of earlier answers, and Django's rows make calls when they are freed."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@contextmanager
def _progress_handler(count_steps: Callable[[], None]) -> Iterator[None]:
    if connection.vendor != "sqlite":
        yield
        return
    connection.connection.set_progress_handler(count_steps, STEPS)
    try:
        yield
    finally:
        connection.connection.set_progress_handler(None, 0)


def answer_time(page: PageRequest, send: Callable[[PageRequest], bytes], clock: Callable[[], float]) -> float:
    start = clock()
    send(page)
    return clock() - start

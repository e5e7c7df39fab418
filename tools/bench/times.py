"""How fast the pages and files are that people wait for, measured on whatever the database holds."""

import re
import resource
import statistics
import time
from collections.abc import Collection, Iterator
from math import ceil
from typing import NamedTuple

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tools.bench.browser import UserSessions
from tools.bench.costs import BEGINNINGS, as_served
from tools.bench.rows import PageRequest, Rows

QUERIES = 15
STATE_MS, SECRETARIAT_MS = 60, 120  # of processor, for a page
FILES_MS = {"pdf": 2000, "docx": 3000}  # for a file of this kind; others have no limit
FILE = re.compile(r"[_:](pdf|docx|xlsx|csv|json|file)\b")


class PageTimes(NamedTuple):
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


def measure_times(times: int, parts: Collection[str] = ()) -> Iterator[PageTimes]:
    """Measure each page or those whose name has one of the parts, so many times after a first time. The database is
    left as it was found. Raises MissingRows.
    """
    with as_served(), transaction.atomic():
        sessions = UserSessions()
        for page in Rows().requests():
            if not parts or any(part in page.name for part in parts):
                yield _measure_page(page, sessions, times)
        transaction.set_rollback(True)


def page_limit(page: PageRequest) -> int | None:
    if kind := FILE.search(page.name):
        return FILES_MS.get(kind[1])
    is_secretariat = page.by and any(membership.respondent_id is None for membership in page.by.current_memberships)
    return SECRETARIAT_MS if is_secretariat else STATE_MS


def _measure_page(page: PageRequest, sessions: UserSessions, times: int) -> PageTimes:
    sessions.send_without_change(page)  # what is loaded once is not counted
    with CaptureQueriesContext(connection) as captured:
        size = len(sessions.send_without_change(page))
    queries = sum(not query["sql"].startswith(BEGINNINGS) for query in captured)
    wall, processor = [], []
    for _time in range(times):
        start, processor_start = time.perf_counter(), _processor_seconds()
        sessions.send(page)
        wall.append(time.perf_counter() - start)
        processor.append(_processor_seconds() - processor_start)
    figures = (statistics.median(processor), statistics.median(wall), sorted(wall)[ceil(0.95 * times) - 1])
    processor_ms, median_ms, p95_ms = (round(1000 * seconds, 1) for seconds in figures)
    return PageTimes(page.name, queries, size, processor_ms, page_limit(page), median_ms, p95_ms)


def _processor_seconds() -> float:
    """Return what this process used, and its children that have ended."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime

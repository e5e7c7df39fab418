"""A State's page costs the same with more States, and a page of the Secretariat hardly more with more rounds.

The cost is counted, not timed: calls of functions, and steps of SQLite.
"""

import sys

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from tests.database import as_owner
from tests.thorough import some
from tracker.demo.bench.browser import UserSessions
from tracker.demo.bench.check import DAY
from tracker.demo.bench.measure import FILE, SECRETARIAT_MS, STATE_MS, as_served, page_limit
from tracker.demo.bench.pages import PageRequest, PageRows
from tracker.demo.clock import on_day

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

STEPS = 10  # of SQLite, that count as one call
SHARE = 1.1  # of a State's page with four times the States
SHARE_BY_ROUNDS = 1.25  # of a page of the Secretariat with four times the rounds
LISTS = {  # that show more, until their first page is full
    STATE_MS: {"practices of others", "practices of others on a unit", "directory"},
    SECRETARIAT_MS: {"review queue", "rounds"},
}


def count_work(page: PageRequest, sessions: UserSessions) -> int:
    """Return the calls and steps of one answer, after one in which what is kept is made."""
    work = 0

    def count_call(_frame, event: str, _argument) -> None:
        nonlocal work
        work += event in ("call", "c_call")

    def count_steps() -> None:
        nonlocal work
        work += 1

    sessions.send(page)
    connection.connection.set_progress_handler(count_steps, STEPS)
    sys.setprofile(count_call)
    try:
        sessions.send(page)
    finally:
        sys.setprofile(None)
        connection.connection.set_progress_handler(None, 0)
    return work


def work_by_page(limit: int, **size: int) -> dict[str, int]:
    """Return the work of pages with this limit in a world of this size, which is undone."""
    with on_day(DAY), transaction.atomic(), as_served():
        with as_owner():
            call_command("make_world", **size, seed=1, today=DAY, verbosity=0)
        pages = [page for page in PageRows().requests() if page.by and page_limit(page) == limit]
        pages = [page for page in pages if page.name not in LISTS[limit] and not FILE.search(page.name)]
        pages = [*some(pages), *(page for page in pages if "rounds" in page.name)]
        sessions = UserSessions()
        work = {page.name: count_work(page, sessions) for page in pages}
        transaction.set_rollback(True)
    return work


@pytest.mark.parametrize(
    ("limit", "size", "share"),
    [
        (STATE_MS, {"respondents": 16, "rounds": 2}, SHARE),
        (SECRETARIAT_MS, {"respondents": 4, "rounds": 8}, SHARE_BY_ROUNDS),
    ],
    ids=["States", "rounds"],
)
def test_a_page_costs_no_more_in_a_larger_world(limit, size, share):
    small, large = work_by_page(limit, respondents=4, rounds=2), work_by_page(limit, **size)
    both = small.keys() & large.keys()
    assert len(both) >= 4
    assert {name: (small[name], large[name]) for name in both if large[name] > share * small[name]} == {}

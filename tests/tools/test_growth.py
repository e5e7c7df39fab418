"""A State's page costs the same with more States, and a page of the Secretariat hardly more with more rounds.

The cost is counted, not timed: calls of functions, and steps of SQLite.
"""

from functools import cache

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import override_settings

from tests.database import as_owner
from tests.thorough import some, times
from tools.bench.browser import UserSessions
from tools.bench.costs import DAY, as_served, count_calls
from tools.bench.rows import PageRequest, Rows
from tools.bench.times import FILE, SECRETARIAT_MS, STATE_MS, page_limit
from tracker.demo.clock import on_day

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

SHARE = 1.1  # of a State's page with twice the States, or four times where the run is whole
SHARE_BY_ROUNDS = 1.25  # of a page of the Secretariat with as many times the rounds
LISTS = {  # that show more: until their first page is full, or a column for each round
    STATE_MS: {"directory", "practice_list", "practice_unit", "quotations_of_state"},
    SECRETARIAT_MS: {"review_queue", "round_list", "progress_rounds"},
}


def work_by_page(*limits: int, **size: int) -> dict[int, dict[str, int]]:
    """Return the work of pages with each of these limits in a world of this size, which is undone."""
    with on_day(DAY), transaction.atomic(), as_served():
        with as_owner(), override_settings(DEBUG=True):  # so that users have a password
            call_command("make_world", **size, seed=1, today=DAY, verbosity=0)
        sessions = UserSessions()
        work = {limit: {page.name: _work(page, sessions) for page in pages_with(limit)} for limit in limits}
        transaction.set_rollback(True)
    return work


def _work(page: PageRequest, sessions: UserSessions) -> int:
    sessions.send_without_change(page)  # what is kept is made
    return count_calls(page, sessions.send_without_change)


def pages_with(limit: int) -> list[PageRequest]:
    pages = [page for page in Rows().requests() if page.by and page_limit(page) == limit]
    pages = [page for page in pages if page.name not in LISTS[limit] and not FILE.search(page.name)]
    return [*some(pages), *(page for page in pages if "rounds" in page.name)]


@cache
def work_in_small_world() -> dict[int, dict[str, int]]:
    return work_by_page(STATE_MS, SECRETARIAT_MS, respondents=4, rounds=2)


@pytest.mark.parametrize(
    ("limit", "size", "share"),
    [
        (STATE_MS, {"respondents": times(8, 16), "rounds": 2}, SHARE),
        (SECRETARIAT_MS, {"respondents": 4, "rounds": times(4, 8)}, SHARE_BY_ROUNDS),
    ],
    ids=["States", "rounds"],
)
@pytest.mark.thorough
def test_a_page_costs_no_more_in_a_larger_world(limit, size, share):
    small, large = work_in_small_world()[limit], work_by_page(limit, **size)[limit]
    both = small.keys() & large.keys()
    assert len(both) >= 4
    assert {name: (small[name], large[name]) for name in both if large[name] > share * small[name]} == {}

"""What is measured: each address of the walk, within its queries; nothing is changed. What costs more is found."""

import json
import re
from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.db import connection

from tools.addresses import URLS
from tools.bench.browser import UserSessions
from tools.bench.costs import (
    FILE,
    WORLDS,
    as_served,
    compare_costs,
    count_calls,
    count_transactions,
    find_stale_costs,
    measure_page,
)
from tools.bench.rows import NOT_VISITED, PageRequest, Rows
from tools.bench.times import PageTimes, page_limit
from tracker.models import Event, Session, User

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

QUERIES = 15
FORMS = (
    *("save an answer", "save a draft", "save an answer and a note", "write a comment", "mark answers ready"),
    *("upload evidence", "submit", "reply to a clarification"),
    *("import a document of 80 pages", "sign in"),
)
COSTS = json.loads(FILE.read_text())
MARKS = "<!-- pages {0} -->\n{1}<!-- end of pages {0} -->\n"


def bench(*options) -> str:
    out = StringIO()
    call_command("bench", "--times", "1", *options, stdout=out)
    return out.getvalue()


def costs_of(name: str) -> dict[str, int]:
    with as_served():
        page = next(page for page in Rows().requests() if page.name == name)
        return measure_page(page, UserSessions())


class SlowMiddleware:
    """Ask the database more for each answer, and work for longer."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        for _time in range(20):
            User.objects.first()
        for number in range(100_000):
            abs(number)
        return self.get_response(request)


def test_there_is_nothing_to_measure_in_an_empty_database():
    with pytest.raises(CommandError, match="make_world"):
        bench()  # this one first: the world stays until the last test


def test_attack_without_keys_of_second_factors(settings):
    settings.SECOND_FACTOR_KEYS = []
    with pytest.raises(CommandError, match="Set SECOND_FACTOR_KEYS"):
        bench("--check")


# The file


def test_the_file_has_each_address_that_somebody_opens():
    """In the large world, but for those that need what only a browser or a mail makes."""
    opened = {name for name, (_arguments, expected) in URLS.items() if "200" in expected.get} - NOT_VISITED.keys()
    visited = {name.removeprefix("large ").partition("?")[0] for name in COSTS if name.startswith("large ")}
    assert opened - visited == set()
    assert NOT_VISITED.keys() <= URLS.keys()


@pytest.mark.parametrize("world", WORLDS)
def test_the_file_has_each_form_and_no_page_above_its_queries(world):
    costs = {name.removeprefix(f"{world} "): cost for name, cost in COSTS.items() if name.startswith(world)}
    assert costs.keys() >= set(FORMS)
    assert [name for name in costs.keys() - set(FORMS) if costs[name]["queries"] > QUERIES] == []


# Costs


@pytest.mark.usefixtures("world")
@pytest.mark.thorough
def test_what_costs_more_is_found_and_nothing_else(settings):
    before, same = (costs_of("submission_list") for _time in range(2))
    settings.MIDDLEWARE = [f"{__name__}.SlowMiddleware", *settings.MIDDLEWARE]
    after = costs_of("submission_list")
    assert compare_costs({"a page": before}, {"a page": same}) == []
    calls, queries = compare_costs({"a page": before}, {"a page": after})
    assert re.fullmatch(r"a page: \d+ calls of functions; the limit is [\d.]+, usual are \d+\.", calls)
    usual = before["queries"]
    assert queries == f"a page: {usual + 20} queries; the limit is {usual}, usual are {usual}."
    assert after["calls"] > before["calls"] + 100_000


def test_what_earlier_answers_left_is_not_counted():
    page = PageRequest("a page", None, "/")

    def calls(rows_left: int) -> int:
        for _row in range(rows_left):
            left = User()
            left.itself = left
        return count_calls(page, lambda _page: [[] for _object in range(200_000)])

    assert calls(rows_left=1000) == calls(rows_left=0)


def test_transactions_are_the_outermost_blocks_and_single_writes():
    outer = ["BEGIN", "SELECT 1", "SAVEPOINT a", "INSERT 1", "SAVEPOINT b", "UPDATE 1", "RELEASE b", "RELEASE a"]
    assert count_transactions([*outer, "ROLLBACK"]) == 1
    assert count_transactions([*outer, "UPDATE 2", "SAVEPOINT c", "ROLLBACK TO SAVEPOINT c", "RELEASE c"]) == 3


def test_a_limit_is_a_share_above_what_is_usual_and_small_differences_do_not_count():
    usual = {"a page": {"calls": 10_000, "queries": 10, "transactions": 1, "bytes": 1000}}
    within = {"a page": {"calls": 11_000, "queries": 10, "transactions": 1, "bytes": 1100}}
    above = {"a page": {"calls": 11_001, "queries": 11, "transactions": 2, "bytes": 1101}}
    assert compare_costs(usual, within) == []
    assert compare_costs(usual, above) == [
        "a page: 11 queries; the limit is 10, usual are 10.",
        "a page: 11001 calls of functions; the limit is 11000, usual are 10000.",
        "a page: 1101 bytes; the limit is 1100, usual are 1000.",
        "a page: 2 transactions; the limit is 1, usual are 1.",
    ]
    small = {"a page": {"calls": 1000, "bytes": 100}}
    assert compare_costs(small, {"a page": {"calls": 1500, "bytes": 200}}) == []
    assert compare_costs(usual, {"another": {"calls": 1}}) == [
        "a page: in costs.json, but not measured.",
        "another: measured, but not in costs.json.",
    ]


def test_a_figure_far_below_the_file_is_named():
    usual = {"a page": {"calls": 10_000, "queries": 10, "bytes": 1000}, "short": {"calls": 500}}
    near = {"a page": {"calls": 8_500, "queries": 9, "bytes": 850}, "short": {"calls": 0}}
    below = {"a page": {"calls": 8_499, "queries": 8, "bytes": 849}, "short": {"calls": 0}}
    assert find_stale_costs(usual, near) == []
    assert find_stale_costs(usual, below) == [
        "a page: 8499 calls of functions; usual are 10000.",
        "a page: 8 queries; usual are 10.",
        "a page: 849 bytes; usual are 1000.",
    ]


# Times on a database


@pytest.mark.usefixtures("world")
@pytest.mark.thorough
def test_the_table_has_those_that_are_named_and_the_database_is_left_as_it_was():
    def counts():
        return [model._base_manager.count() for model in (User, Event, Session, Authenticator)]

    before = counts()
    names = ["record_list", "progress_gaps"]
    assert [line.split("|")[1].strip() for line in bench("record_list", "gaps").splitlines()[2:4]] == names
    assert counts() == before
    assert not User.objects.filter(last_login__isnull=False).exists()


@pytest.mark.usefixtures("world")
@pytest.mark.thorough
def test_the_table_of_this_database_is_replaced_in_a_file_and_the_rest_stays(tmp_path):
    file = tmp_path / "bench.md"
    other = MARKS.format("of another database", "| record_list | 9 |\n")
    file.write_text(f"# The bench\n\n{MARKS.format(connection.vendor, 'old')}\nBetween.\n{other}After.\n")
    assert bench("record_list", "--table", str(file)) == ""
    before, table, after = re.split(rf"<!-- (?:end of )?pages {connection.vendor} -->\n", file.read_text())
    assert (before, after) == ("# The bench\n\n", f"\nBetween.\n{other}After.\n")
    assert re.findall(r"^\| (\w+)", table, re.MULTILINE) == ["page", "record_list"]
    file.write_text("# The bench\n")
    with pytest.raises(CommandError, match=f"lacks a line <!-- pages {connection.vendor} -->"):
        bench("record_list", "--table", str(file))


def test_a_page_above_its_limits_is_named():
    times = PageTimes("record_list", 15, 38_000, 60, 60, 70, 80)
    assert times.excesses == []
    assert times._replace(queries=16, processor_ms=60.1).excesses == [
        "record_list: 16 queries; the limit is 15.",
        "record_list: 60.1 ms of processor; the limit is 60.",
    ]
    assert times._replace(limit_ms=None, processor_ms=9000).excesses == []


@pytest.mark.usefixtures("world")
@pytest.mark.thorough
def test_pages_of_states_and_of_the_secretariat_and_files_have_limits():
    limits = {page.name: page_limit(page) for page in Rows().requests()}
    names = ("record_list", "home", "progress_gaps", "report_pdf", "report_docx", "report_xlsx")
    assert [limits[name] for name in names] == [60, 60, 120, 2000, 3000, None]

"""What is measured: every page and file, each within its queries; nothing is changed. What costs more is found."""

import json
import re
from io import StringIO
from urllib.parse import urlsplit

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import get_resolver, resolve

from tests.test_walk import named_patterns
from tracker.demo.bench.browser import UserSessions
from tracker.demo.bench.check import PDF_FILES, SAVES, SIGN_IN, PageCosts, compare_costs, costs_file, repeat
from tracker.demo.bench.forms import WorldForms
from tracker.demo.bench.measure import PageFigures, as_served, count_calls, page_limit
from tracker.demo.bench.pages import PageRequest, PageRows
from tracker.models import Event, Session, User
from tracker.web.process import NEW_OBJECTS

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

QUERIES = 15
HEAVY = (  # measured by `bench --check` alone, as are nine in ten of the others
    *("report pdf", "report docx", "report of a submission pdf", "report of a submission docx"),
    *("questionnaire docx", "provisions docx", "progress figures xlsx"),
)
FORMS = (
    *("save an answer", "save a draft", "save an answer and a note", "write a comment", "mark answers ready"),
    *("upload evidence", "submit", "reply to a clarification"),
    *("import a document of 80 pages", "sign in"),
)
MARKS = "<!-- pages {0} -->\n{1}<!-- end of pages {0} -->\n"
MUST = ("task", "progress", "pdf", "docx", "xlsx", "csv")
WITHOUT_QUERIES = {
    *("accessibility", "privacy", "help", "answer guide", "guide"),
    *("verify", "account login", "account inactive"),
    *("account reset password", "account reset password done", "account reset password from key done"),
}
ARGUMENTS = {"code": "XAA", "respondent_code": "XAA", "slug": "I-1"}
# What answers GET and is not measured.
STORED_FILE = "sends a stored file, as evidence_file does"
NOT_MEASURED = {
    "recommendations:xlsx": "has the rows of recommendations:csv",
    "paper_import_retract": "the import of the generated world is a draft; tests count its queries",
    "confirm_selected": "reads what check and record_list read",
    "session_end": "is a short text, from the session that every page reads",
    "security_contact": "is four lines from the settings; the sign-in page is compared with it",
    "daily_list": "the generated world has no list",
    "daily_list_log": "the generated world has no list",
    "daily_list_day": "the generated world has no list",
    "appointing_document": STORED_FILE,
    "access_document": STORED_FILE,
    "practice_evidence_file": STORED_FILE,
    "published_evidence_file": STORED_FILE,
    "figures_csv": STORED_FILE,
    "figures_json": STORED_FILE,
    "release": "is the page figures, of a release that is not the newest",
    "release_file": STORED_FILE,
    "quotation_choose": "is a short form, of one row that quotation_list reads",
    "quotation_object": "is a short form, of one row that quotations_of_state reads",
    "submission_evidence_file": STORED_FILE,
    "recommendations:body": "is for a second body, and the catalogue has one",
    "review_remark": "redirects to review",
    "proposal_add": "is the page record with other buttons",
    "update": "redirects where nothing is offered",
    "invitation": "redirects to invitation_accept",
    "access_stop": "redirects to access_stop_confirm",
    "access_stop_confirm": "is a short text, and needs the link of a mail",
    "account_set_password": "redirects to account",
    "openid_connect_callback": "404 without an identity provider",
    "openid_connect_confirm": "404 without an identity provider",
    "mfa_index": "redirects to account",
    "mfa_authenticate": "redirects unless a password was just accepted",
    "mfa_list_webauthn": "redirects to account",
    "mfa_login_webauthn": "is a short text, from nothing but the settings",
    "mfa_reauthenticate_webauthn": "needs a passkey, which only a browser makes",
    "mfa_edit_webauthn": "needs a passkey, which only a browser makes",
    "mfa_remove_webauthn": "needs a passkey, which only a browser makes",
    "mfa_add_webauthn": "is a short form, as mfa_reauthenticate",
    "mfa_activate_totp": "is a short form, as mfa_reauthenticate",
    "mfa_deactivate_totp": "is a short form, as mfa_reauthenticate",
    "mfa_generate_recovery_codes": "is a short form, as mfa_reauthenticate",
    "mfa_view_recovery_codes": "needs recovery codes",
    "mfa_download_recovery_codes": "needs recovery codes",
    "second_factor": "redirects where there is a second factor",
    "account_reset_password_from_key": "needs the key of a mail",
}


def bench(*options) -> str:
    out = StringIO()
    call_command("bench", "--times", "1", *options, stdout=out)
    return out.getvalue()


def url_name(page: PageRequest) -> str:
    return resolve(urlsplit(page.url).path).view_name


def path_of(name: str) -> str:
    [(path, parameters)], *_rest = get_resolver().reverse_dict.getlist(name)[0]
    return "/" + path % {parameter: ARGUMENTS.get(parameter, 1) for parameter in parameters}


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


class SummingMiddleware:
    """Work in C alone."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.path.endswith("/submissions/"):
            sum(range(4_000_000))
        return self.get_response(request)


@pytest.fixture(scope="module")
def forms(world):
    """Forms sent in the world, so that every page has something to show."""
    with as_served():
        forms = WorldForms(UserSessions(), PageRows())
        forms.prepare()
    return forms


def test_there_is_nothing_to_measure_in_an_empty_database():
    with pytest.raises(CommandError, match="make_world"):
        bench()  # this one first: the world stays until the last test


@pytest.mark.usefixtures("world")
@pytest.mark.thorough
def test_some_are_measured_and_within_their_queries():
    all_names = [page.name for page in PageRows().requests()]
    assert [word for word in MUST if not any(word in name for name in all_names)] == []
    light = [name for name in all_names if not any(name in heavy for heavy in HEAVY)]
    bare, *measured = json.loads(bench("--json", *light[::10]))
    assert (bare["name"], bare["queries"]) == ("bare page", 1)
    names = [page["name"] for page in measured]
    assert len(set(names)) == len(names) >= 12
    for page in measured:
        assert list(page) == ["name", "queries", "bytes", "processor_ms", "limit_ms", "median_ms", "p95_ms"]
        assert page["queries"] <= QUERIES, page
        assert page["processor_ms"] > 0
        assert 0 < page["median_ms"] <= page["p95_ms"]
        assert page["bytes"] > 0


@pytest.mark.usefixtures("world")
@pytest.mark.thorough
def test_the_table_has_those_that_are_named_and_the_database_is_left_as_it_was():
    def counts():
        return [model._base_manager.count() for model in (User, Event, Session, Authenticator)]

    before = counts()
    names = ["bare page", "task list", "progress: gaps"]
    assert [line.split("|")[1].strip() for line in bench("task", "gaps").splitlines()[2:5]] == names
    assert counts() == before
    assert not User.objects.filter(last_login__isnull=False).exists()


@pytest.mark.usefixtures("world")
@pytest.mark.thorough
def test_the_table_of_this_database_is_replaced_in_a_file_and_the_rest_stays(tmp_path):
    file = tmp_path / "bench.md"
    other = MARKS.format("of another database", "| task list | 9 |\n")
    file.write_text(f"# The bench\n\n{MARKS.format(connection.vendor, 'old')}\nBetween.\n{other}After.\n")
    assert bench("task", "--write", str(file)) == ""
    before, table, after = re.split(rf"<!-- (?:end of )?pages {connection.vendor} -->\n", file.read_text())
    assert (before, after) == ("# The bench\n\n", f"\nBetween.\n{other}After.\n")
    assert re.findall(r"^\| (\w+ \w+) ", table, re.MULTILINE) == ["page or", "bare page", "task list"]
    file.write_text("# The bench\n")
    with pytest.raises(CommandError, match=f"lacks a line <!-- pages {connection.vendor} -->"):
        bench("task", "--write", str(file))


def test_a_page_above_its_limits_is_named():
    figures = PageFigures("task list", 15, 38_000, 60, 60, 70, 80)
    assert figures.excesses == []
    assert figures._replace(queries=16, processor_ms=60.1).excesses == [
        "task list: 16 queries; the limit is 15.",
        "task list: 60.1 ms of processor; the limit is 60.",
    ]
    assert figures._replace(limit_ms=None, processor_ms=9000).excesses == []


@pytest.mark.usefixtures("world")
@pytest.mark.thorough
def test_pages_of_states_and_of_the_secretariat_and_files_have_limits():
    limits = {page.name: page_limit(page) for page in PageRows().requests()}
    names = ("task list", "front page", "progress", "report pdf", "report docx", "report xlsx")
    assert [limits[name] for name in names] == [60, 60, 120, 2000, 3000, None]


@pytest.mark.thorough
def test_every_url_that_answers_get_is_measured_or_named_with_a_reason(forms):
    names = {name for name, _pattern in named_patterns(get_resolver().url_patterns)}
    names = {name for name in names if not name.startswith("admin:")}  # Django's own pages
    measured = {url_name(page) for page in PageRows().requests()}
    assert measured & NOT_MEASURED.keys() == set()
    assert NOT_MEASURED.keys() <= names
    client = forms.sessions[forms.focal_point]
    others = names - measured - NOT_MEASURED.keys()
    assert [name for name in others if client.get(path_of(name), secure=True).status_code != 405] == []


@pytest.mark.thorough
def test_the_files_have_what_is_measured(forms):
    with as_served():
        names = [form.name for form in forms.requests()]
    assert names == list(FORMS)
    files = list(costs_file().parent.glob("costs.*.json"))
    assert "costs.sqlite.json" in [file.name for file in files]
    pages = {page.name for page in PageRows().requests()}
    for costs in (json.loads(file.read_text()) for file in files):
        assert costs.keys() == {*names, *pages, SAVES, SIGN_IN, PDF_FILES}
        assert [page for page in pages if costs[page]["queries"] > QUERIES] == []
        assert {page for page in pages if costs[page]["queries"] == 0} == WITHOUT_QUERIES


def test_what_earlier_answers_left_is_not_counted():
    page = PageRequest("a page", None, "/")

    def calls(rows_left: int) -> int:
        for _row in range(rows_left):
            left = User()
            left.itself = left
        return count_calls(page, lambda _page: [[] for _object in range(2 * NEW_OBJECTS)])

    assert calls(rows_left=1000) == calls(rows_left=0)


@pytest.mark.thorough
def test_what_costs_more_is_found_and_nothing_else(forms, settings):
    page = next(page for page in PageRows().requests() if page.name == "submissions")
    with as_served():
        before, same = (PageCosts(UserSessions(), [page]).measure({}) for _time in range(2))
        settings.MIDDLEWARE = [f"{__name__}.SlowMiddleware", *settings.MIDDLEWARE]
        after = PageCosts(UserSessions(), [page]).measure({})
    assert [line for line in compare_costs(before, same) if "processor" not in line] == []
    calls, queries, *_work = compare_costs(before, after)
    assert re.fullmatch(r"submissions: \d+ calls of functions; the limit is [\d.]+, usual are \d+\.", calls)
    usual = before["submissions"]["queries"]
    assert queries == f"submissions: {usual + 20} queries; the limit is {usual}, usual are {usual}."
    assert after["submissions"]["calls"] > before["submissions"]["calls"] + 100_000


@pytest.mark.thorough
def test_the_time_of_child_processes_is_that_of_bare_children(forms):
    page = next(page for page in PageRows().requests() if page.name == "brief pdf")
    with as_served():
        costs = PageCosts(UserSessions(), [page]).measure({})
    assert 0.3 < costs["brief pdf"]["child"] < 3
    usual = {"brief pdf": costs["brief pdf"] | {"child": 0.1}}
    [line] = compare_costs(usual, costs)
    assert line == (
        f"brief pdf: {costs['brief pdf']['child']:g} bare children of processor time; the limit is 0.6, usual are 0.1."
    )


def test_a_page_that_begins_to_need_a_child_is_named():
    [line] = compare_costs({"a page": {"calls": 1}}, {"a page": {"calls": 1, "child": 0.6}})
    assert line == "a page: 0.6 bare children of processor time; the limit is 0.5, usual are 0."


@pytest.mark.thorough
def test_code_in_c_that_makes_no_calls_is_found_by_its_time(forms, settings):
    page = next(page for page in PageRows().requests() if page.name == "submissions")
    with as_served():
        before = PageCosts(UserSessions(), [page]).measure({})
        settings.MIDDLEWARE = [f"{__name__}.SummingMiddleware", *settings.MIDDLEWARE]
        after = PageCosts(UserSessions(), [page]).measure({})
    assert "child" not in before["submissions"]
    [work] = compare_costs(before, after)
    assert work.startswith("submissions: ")
    assert "bare pages of processor time" in work


def test_a_limit_is_10_or_20_per_cent_above_what_is_usual_except_of_queries_and_small_differences_do_not_count():
    usual = {"a page": {"calls": 10_000, "queries": 10, "bytes": 1000, "memory": 5.0, "child": 5.0}}
    within = {"a page": {"calls": 11_000, "queries": 10, "bytes": 1200, "memory": 6.0, "child": 6.0}}
    assert compare_costs(usual, within) == []
    above = {"a page": {"calls": 11_001, "queries": 11, "bytes": 1201, "memory": 6.1, "child": 6.01}}
    assert compare_costs(usual, above) == [
        "a page: 11001 calls of functions; the limit is 11000, usual are 10000.",
        "a page: 11 queries; the limit is 10, usual are 10.",
        "a page: 1201 bytes; the limit is 1200, usual are 1000.",
        "a page: 6.1 MB of memory; the limit is 6, usual are 5.",
        "a page: 6.01 bare children of processor time; the limit is 6, usual are 5.",
    ]
    small = {"a page": {"calls": 1000, "queries": 0, "bytes": 100, "memory": 1.0, "child": 0.1}}
    assert (
        compare_costs(small, {"a page": {"calls": 1500, "queries": 0, "bytes": 200, "memory": 1.5, "child": 0.6}}) == []
    )
    assert compare_costs(usual, {"another": {"calls": 1}}) == [
        f"another: measured, but not in {costs_file().name}.",
        f"a page: in {costs_file().name}, but not measured.",
    ]


def test_one_odd_measurement_neither_fails_nor_becomes_what_is_usual():
    assert repeat("work", iter([4.5, 2.9]).__next__, {"work": 2.0}) == 2.9
    assert repeat("work", iter([0.9, 2.1, 2.0, 1.9, 2.0, 3.8, 2.0, 2.1, 2.0]).__next__, {}) == 2.0
    assert repeat("work", iter([3.3, 3.2, 3.4, 3.3, 3.3, 3.3, 3.3, 3.3, 3.3]).__next__, {"work": 2.0}) == 3.2


def test_a_worker_has_a_limit_whatever_is_usual():
    usual = {"a worker": {"worker": 180, "lost": 0}}
    assert compare_costs(usual, {"a worker": {"worker": 200, "lost": 0}}) == []
    assert compare_costs(usual, {"a worker": {"worker": 201, "lost": 1}}) == [
        "a worker: 201 MB of a worker; the limit is 200, usual are 180.",
        "a worker: 1 lost answers; the limit is 0, usual are 0.",
    ]

"""The Secretariat's pages of progress before there is anything to count, and what they take to make."""

import pytest

from tests.conftest import make_person, make_state
from tests.pages import client_of, words
from tests.submissions import opened_round, save_statuses, submit_ready
from tests.thorough import times
from tracker.models.respondent import StateGroup
from tracker.models.user import Role

pytestmark = pytest.mark.django_db

QUERIES = 15
PAGES = (
    "/progress/",
    "/progress/regions/",
    "/progress/states/",
    "/progress/gaps/",
    "/progress/gaps/?of=implemented",
    "/progress/gaps/?of=considered",
    "/progress/gaps/?of=not_applicable",
    "/progress/themes/compensation/",
    "/progress/families/non-punishment/",
    "/progress/recommendations/IV-46-i/",
)
BEHIND = "/progress/behind/"


@pytest.fixture
def page(bob):
    return client_of(bob)


def test_before_the_first_round_a_page_says_so(page):
    assert [url for url in (*PAGES, BEHIND) if "No rounds yet" not in words(page.get(url))] == []


def test_before_the_first_submission_there_are_no_figures(page, bob, xaa):
    opened_round(bob)
    said = {url: words(page.get(url)) for url in PAGES}
    assert [
        url
        for url in PAGES
        if "No figures Figures appear here once a State has submitted for this round" not in said[url]
        or "0%" in said[url]
    ] == []


def test_before_the_first_round_there_are_no_figures(page):
    assert page.get("/progress/figures.csv").status_code == 404


def test_without_two_rounds_there_is_nothing_to_compare(page, bob):
    assert "No rounds yet" in words(page.get("/progress/changes/"))
    assert "No rounds yet" in words(page.get("/progress/rounds/"))
    opened_round(bob)
    assert "Two rounds needed" in words(page.get("/progress/changes/"))
    opened_round(bob, code="2027")
    assert "No State to compare" in words(page.get("/progress/changes/"))
    assert "when you choose two different rounds" in words(page.get("/progress/changes/?round=2026&with=2026"))


@pytest.mark.parametrize("states", [2, times(5, 8)])
def test_a_page_takes_as_many_queries_for_many_states(states, page, bob, django_assert_max_num_queries):
    round_ = opened_round(bob, meetings=[1, 4])
    for number in range(states):
        group = StateGroup.values[number % 5]
        state = make_state(f"X{chr(65 + number)}Z", f"Land {number}", regional_group=group)
        person = make_person(f"person{number}", Role.FOCAL_POINT, state)
        save_statuses(state, person, **{"I.13": "implemented", "IV.46(i)": "not_applicable"})
        submit_ready(state, round_, person)
    opened_round(bob, code="2027", meetings=[1, 4])
    files = ("/progress/figures.csv", "/progress/figures.xlsx")
    for url in (*PAGES, BEHIND, "/progress/changes/", "/progress/rounds/", *files):
        with django_assert_max_num_queries(QUERIES):
            assert page.get(url).status_code == 200

"""Pages of needs before there is any need, and what they take to make."""

import pytest

from tests.conftest import make_person, make_state
from tests.needs import FILES, LIST, ask_for_assistance, cells, shown
from tests.pages import client_of, words
from tests.submissions import opened_round, save_many, submit_ready
from tests.thorough import times
from tracker.actions.record import Answer
from tracker.models.respondent import StateGroup
from tracker.models.user import Role
from tracker.views.assistance import PAGE

pytestmark = pytest.mark.django_db

QUERIES = 15
OWN = "/desk/XAA/assistance/"


@pytest.fixture
def round_(bob):
    return opened_round(bob, meetings=[1, 2])


def test_before_anybody_asks_the_pages_say_so(bob, alice, xaa):
    assert "No rounds yet" in words(client_of(bob).get(LIST))
    round_ = opened_round(bob, meetings=[1, 2, 4])
    assert "No figures Figures appear here once a State has submitted for this round" in words(client_of(bob).get(LIST))
    ask_for_assistance(xaa, alice)
    submit_ready(xaa, round_, alice)
    said = words(client_of(bob).get(LIST))
    assert "Answers that ask for assistance: 0 of 1 · States that ask: 0 of 1 covered" in said
    assert "No needs" in said
    assert "No submitted answer asks for technical assistance." in words(client_of(alice).get(OWN))


def test_a_need_is_no_formula(bob, xaa, alice, round_):
    ask_for_assistance(xaa, alice, assistance="=HYPERLINK(1)")
    submit_ready(xaa, round_, alice)
    said = [cells(client_of(bob).get(url))[0]["assistance"] for url in FILES]
    assert said == ["'=HYPERLINK(1)", "=HYPERLINK(1)"]


@pytest.mark.parametrize("url", FILES)
def test_a_file_is_for_reviewers_and_of_a_round(url, bob, dana, erin, xaa, alice):
    assert client_of(bob).get(url).status_code == 404
    opened_round(bob, meetings=[1, 2, 4])
    assert client_of(dana).get(url).status_code == 403
    assert client_of(bob).get(url).status_code == 200


def test_a_long_list_has_pages(bob, xaa, alice, round_):
    units = xaa.units_to_answer().with_text().order_by("position")[: PAGE + 5]
    said = Answer(status="in_progress", measures="A bill.", ready=True, assistance="A manual.")
    save_many(xaa, dict.fromkeys(units, said), alice)
    submit_ready(xaa, round_, alice)
    assert [len(shown(client_of(bob).get(LIST, {"page": page}))) for page in (1, 2)] == [PAGE, 5]


@pytest.mark.parametrize("states", [2, times(5, 8)])
def test_the_pages_take_as_many_queries_for_many_needs(states, bob, round_, django_assert_max_num_queries):
    for number in range(states):
        group = StateGroup.values[number % 5]
        state = make_state(f"X{chr(65 + number)}Z", f"Land {number}", regional_group=group)
        person = make_person(f"person{number}", Role.FOCAL_POINT, state)
        for label in ("II.4", "I.13"):
            ask_for_assistance(state, person, label, assistance_kinds=["training"], assistance="A manual.")
        submit_ready(state, round_, person)
    reviewer, desk = client_of(bob), client_of(person)
    reviewer.post("/progress/assistance/XAZ/II-4/", {"transition": "contact", "base": "open"})
    reviewer.get(LIST)
    with django_assert_max_num_queries(QUERIES):
        assert len(shown(reviewer.get(LIST))) == states * 2
    with django_assert_max_num_queries(QUERIES):
        assert len(desk.get(f"/desk/{state.code}/assistance/").context["needs"]) == 2

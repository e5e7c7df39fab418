"""The figures that everybody reads."""

import pytest
from django.urls import reverse

from tests.conftest import make_person, make_state
from tests.pages import words
from tests.submissions import handed_in, opened_round
from tracker.actions.record import Answer, save_answer
from tracker.models.respondent import StateGroup
from tracker.models.user import Role

pytestmark = pytest.mark.django_db

QUERIES = 15


@pytest.fixture
def handed_in_by(bob, unit):
    round_ = opened_round(bob)

    def hand_in(states: int) -> None:
        for number in range(states):
            state = make_state(f"X{chr(65 + number)}A", f"Land {number}", regional_group=StateGroup.AFRICAN)
            person = make_person(f"person{number}", Role.FOCAL_POINT, state)
            answer = Answer(status="implemented", ready=True)
            save_answer(respondent=state, unit=unit("I.13"), base=0, answer=answer, by=person)
            handed_in(state, round_, person)

    return hand_in


def test_before_the_first_round_the_page_says_so(client):
    assert "No rounds yet" in words(client.get(reverse("figures")))


def test_of_four_states_nothing_is_told(client, handed_in_by):
    handed_in_by(4)
    said = words(client.get(reverse("figures")))
    assert "Fewer than five States so far" in said
    assert "answered" not in said.partition("Fewer than five States so far")[2].partition("About this report")[0]


def test_figures_have_their_denominator_date_and_source_and_name_nobody(client, handed_in_by):
    handed_in_by(6)
    response = client.get(reverse("figures"))
    said = words(response)
    assert "The figures cover 6 of the 6 States invited to report in this round." in said
    assert "6 of 1,380 answered · 1%" in said
    assert "Self-reported · Submissions of round 2026" in said
    assert "Compensation, restitution and access to justice Compensation" in said
    assert "African States 6 State" in said
    assert "Self-reported by States; not verified by the Secretariat." in said
    assert "Land" not in said
    assert response["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize("states", [1, 6])
def test_it_takes_as_many_queries_for_many_states(states, client, handed_in_by, django_assert_max_num_queries):
    handed_in_by(states)
    for name in ("figures", "figures_csv", "figures_json"):
        with django_assert_max_num_queries(QUERIES):
            assert client.get(reverse(name)).status_code == 200

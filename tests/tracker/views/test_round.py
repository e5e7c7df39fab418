"""The pages on which the Secretariat plans and opens rounds, and sets when they close."""

import datetime

import pytest
from django.urls import reverse

from recommendations.models import Meeting
from tests.client import Client
from tests.conftest import make_person, make_state
from tests.pages import words
from tests.submissions import close_round, opened_round, release_of_few, save_statuses, submit_ready
from tracker.actions.round import plan_round
from tracker.demo.clock import on_day
from tracker.models import Release, Round
from tracker.models.user import Role

pytestmark = pytest.mark.django_db

QUERIES = 15
PLAN = {"code": "2026", "title": "Round 2026", "opens_on": "1 September 2026", "due_on": "31 January 2027"}


@pytest.fixture
def page(bob) -> Client:
    client = Client()
    client.force_login(bob)
    return client


def test_a_round_is_planned_and_opened_and_its_closing_date_is_set(page):
    address = reverse("round", args=["2026"])
    assert page.post(reverse("round_add"), PLAN).url == address
    page.post(address, {"step": "open"})
    assert Round.objects.get().stage == "open"
    opened = words(page.get(address))
    assert "275 recommendations, fixed on" in opened
    assert "Closes on" not in opened
    assert page.post(address, {"closes_on": "30 June 2027"}).url == address
    for shown in (address, reverse("round_list"), reverse("desks")):
        assert "Closes on 30 June 2027" in words(page.get(shown))


def test_a_closed_round_says_when_it_closed_and_its_date_stays(page, bob):
    round_ = opened_round(bob, meetings=[1, 2, 4])
    close_round(round_)
    address = reverse("round", args=["2026"])
    said = words(page.get(address))
    assert "Only open requests for clarification can be replied to." in said
    assert "Set the closing date" not in said
    response = page.post(address, {"closes_on": "30 June 2027"}, follow=True)
    assert "The page changed after you opened it, so nothing was done." in words(response)


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        (
            "31 January 2027",
            "Enter 1 February 2027 or a later date: after the due date, and 30 days or more from today.",
        ),
        ("soon", "Enter the date as 30 June 2027."),
    ],
)
def test_a_closing_date_that_is_too_early_is_refused_and_what_was_typed_stays(page, bob, typed, error):
    opened_round(bob, meetings=[1, 2, 4])
    with on_day(datetime.date(2026, 11, 1)):
        page.force_login(bob)
        response = page.post(reverse("round", args=["2026"]), {"closes_on": typed})
    assert error in words(response)
    assert f'value="{typed}"' in response.content.decode()
    assert Round.objects.get().closes_on is None


def test_an_error_is_shown_and_the_input_stays(page):
    response = page.post(reverse("round_add"), PLAN | {"due_on": "1 August 2026"})
    assert "The due date must be the opening date or later." in words(response)
    assert 'value="Round 2026"' in response.content.decode()
    assert not Round.objects.exists()


def test_the_address_of_another_page_is_no_code(page):
    response = page.post(reverse("round_add"), PLAN | {"code": "add"})
    assert list(response.context["form"].errors) == ["code"]
    assert not Round.objects.exists()


def test_doing_it_twice_says_so(page, bob):
    opened_round(bob, meetings=[1, 2, 4])
    response = page.post(reverse("round", args=["2026"]), {"step": "open"}, follow=True)
    assert "The page changed after you opened it, so nothing was done." in words(response)


def test_a_plan_that_another_user_changed_since_is_neither_replaced_nor_opened_unseen(page, dana):
    page.post(reverse("round_add"), PLAN)
    address = reverse("round", args=["2026"])
    base = page.get(address).context["form"]["base"].value()
    found = Round.objects.get()
    found.title = "Of dana"
    plan_round(round=found, meetings=Meeting.objects.filter(number=1), themes=[], families=[], by=dana)

    response = page.post(address, {"step": "open", "base": base}, follow=True)
    assert "The page changed after you opened it, so nothing was done." in words(response)
    assert Round.objects.get().stage == "planned"

    typed = PLAN | {"title": "Of bob", "base": base}
    response = page.post(address, typed)
    assert "The round changed after you opened the page. Nothing was saved." in words(response)
    assert 'value="Of bob"' in response.text
    assert Round.objects.get().title == "Of dana"
    assert page.post(address, typed | {"base": response.context["form"]["base"].value()}).url == address
    assert Round.objects.get().title == "Of bob"
    page.post(address, {"step": "open", "base": page.get(address).context["form"]["base"].value()})
    assert Round.objects.get().stage == "open"


def test_an_open_round_is_not_edited_and_what_was_typed_stays(page, bob):
    opened_round(bob, meetings=[1, 2, 4])
    response = page.post(reverse("round", args=["2026"]), PLAN | {"title": "Another"})
    assert response.status_code == 409
    assert "This round has opened since you loaded this page and cannot be changed." in words(response)
    assert 'value="Another"' in response.content.decode()
    assert "Open the round" not in words(response)
    assert Round.objects.get().title == "Round 2026"


@pytest.mark.parametrize("name", ["round_list", "round_add", "round"])
def test_queries(name, page, bob, django_assert_max_num_queries):
    opened_round(bob, meetings=[1, 2, 4])
    address = reverse(name, args=["2026"] if name == "round" else [])
    page.get(address)
    with django_assert_max_num_queries(QUERIES):
        assert page.get(address).status_code == 200


def test_a_release_is_prepared_and_made_on_the_page_of_a_closed_round(client, bob, unit):
    round_ = opened_round(bob, code="2025", meetings=[1])
    for place in range(6):
        state = make_state(f"X{chr(65 + place)}Y", f"Land {place}")
        person = make_person(f"person{place}", Role.FOCAL_POINT, state)
        save_statuses(state, person, **{"I.13": "implemented"})
        submit_ready(state, round_, person)
    client.force_login(bob)
    page = reverse("round", args=["2025"])
    assert "Prepare a release" not in words(client.get(page))
    close_round(round_)
    assert "Prepare a release" in words(client.get(page))
    prepared = words(client.get(page, {"release": ""}))
    assert "States covered: 6 of 6 invited" in prepared
    assert "Recommendations shown: 27" in prepared
    assert "This round can have no other release." in prepared
    assert "Make release 2025" in prepared
    client.post(page, {"step": "release"})
    assert "Make release" not in words(client.get(page, {"release": ""}))
    again = words(client.post(page, {"step": "release"}, follow=True))
    assert "This round already has a release. Correct an error in it by a note." in again
    assert Release.objects.count() == 1


def test_a_note_is_saved_on_the_page_of_the_round_and_refused_where_it_is_too_long(client, bob):
    round_ = opened_round(bob, code="2025", meetings=[1])
    close_round(round_)
    release_of_few(round_, bob)
    client.force_login(bob)
    page = reverse("round", args=["2025"])
    long = client.post(page, {"release_note": "x" * 1001})
    assert ("x" * 1001 in long.text, Round.objects.get().release_note) == (True, "")
    assert "Your changes were saved." in words(client.post(page, {"release_note": "An error."}, follow=True))
    assert Round.objects.get().release_note == "An error."

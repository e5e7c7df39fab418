"""The pages on which the Secretariat plans, opens and closes rounds."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.pages import words
from tests.submissions import opened_round
from tracker.models import Round

pytestmark = pytest.mark.django_db

QUERIES = 15
PLAN = {"code": "2026", "title": "Round 2026", "opens_on": "1 September 2026", "due_on": "31 January 2027"}


@pytest.fixture
def page(bob) -> Client:
    client = Client()
    client.force_login(bob)
    return client


def test_a_round_is_planned_opened_and_closed(page):
    assert page.post(reverse("round_add"), PLAN).url == reverse("round", args=["2026"])
    for step, state in (("open", "open"), ("close", "closed")):
        page.post(reverse("round", args=["2026"]), {"step": step})
        assert Round.objects.get().state == state
    said = words(page.get(reverse("round", args=["2026"])))
    assert "275 recommendations, fixed on" in said
    assert "Close the round" not in said


def test_what_is_wrong_is_told_and_what_was_typed_stays(page):
    response = page.post(reverse("round_add"), PLAN | {"due_on": "1 August 2026"})
    assert "The due date must be the opening date or later." in words(response)
    assert 'value="Round 2026"' in response.content.decode()
    assert not Round.objects.exists()


def test_the_address_of_another_page_is_no_code(page):
    response = page.post(reverse("round_add"), PLAN | {"code": "add"})
    assert list(response.context["form"].errors) == ["code"]
    assert not Round.objects.exists()


def test_doing_it_twice_says_so(page, bob):
    opened_round(bob)
    response = page.post(reverse("round", args=["2026"]), {"step": "open"}, follow=True)
    assert "The page changed after you opened it, so nothing was done." in words(response)


def test_an_open_round_is_not_edited_and_what_was_typed_stays(page, bob):
    opened_round(bob)
    response = page.post(reverse("round", args=["2026"]), PLAN | {"title": "Another"})
    assert response.status_code == 409
    assert "This round has opened since you loaded this page and cannot be changed." in words(response)
    assert 'value="Another"' in response.content.decode()
    assert "Open the round" not in words(response)
    assert Round.objects.get().title == "Round 2026"


@pytest.mark.parametrize("name", ["round_list", "round_add", "round"])
def test_queries(name, page, bob, django_assert_max_num_queries):
    opened_round(bob)
    address = reverse(name, args=["2026"] if name == "round" else [])
    page.get(address)
    with django_assert_max_num_queries(QUERIES):
        assert page.get(address).status_code == 200

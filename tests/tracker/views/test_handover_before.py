"""The handover of a desk on which nothing was done, and as the first page of a focal point who succeeds another."""

import subprocess
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.conftest import find_state, make_person
from tests.database import lifted_triggers
from tests.pages import client_of, words_of_page
from tests.tracker.views.test_handover import FILE, PACK, words_of_pdf
from tracker.models import Membership, Respondent, Revision, User
from tracker.models.user import Role

pytestmark = pytest.mark.django_db

BUTTON = "Go to the overview"
YESTERDAY = timezone.now() - timedelta(days=1)


def give_role(user: User, role: Role, state: Respondent) -> User:
    """From today."""
    Membership.objects.create(user=user, role=role, respondent=state)
    return user


def first_page(user: User) -> str:
    return client_of(user).get("/")["Location"]


@pytest.fixture
def nadia(alice, xaa) -> User:
    return give_role(make_person("nadia"), Role.FOCAL_POINT, xaa)


def test_an_empty_desk_has_a_pack_too_of_four_pages(alice):
    page = client_of(alice)
    assert "No open rounds" in words_of_page(page.get(PACK))
    file = page.get(FILE).content
    assert "No pending suggestions" in words_of_pdf(file)
    assert subprocess.run(["pdftotext", "-", "-"], input=file, capture_output=True, check=True).stdout.count(b"\f") == 4


def test_a_successor_lands_on_the_handover_until_going_on(nadia):
    page = client_of(nadia)
    assert [first_page(nadia), first_page(nadia)] == [PACK, PACK]
    assert BUTTON in words_of_page(page.get(PACK))
    assert page.post("/welcome/")["Location"] == "/"
    assert page.get("/")["Location"] == "/desk/XAA/"
    assert BUTTON not in words_of_page(page.get(PACK))


def test_a_contributor_who_becomes_focal_point_does_too(alice, carol, xaa):
    User.objects.update(welcomed_at=YESTERDAY)
    assert first_page(give_role(carol, Role.FOCAL_POINT, xaa)) == PACK


def test_a_focal_point_whose_role_is_renewed_does_not(alice, xaa):
    alice.memberships.update(until=YESTERDAY.date())
    User.objects.update(welcomed_at=YESTERDAY)
    assert first_page(give_role(alice, Role.FOCAL_POINT, xaa)) == "/desk/XAA/"


def test_of_a_state_without_a_former_focal_point_earlier_answers_count(nadia, say, alice):
    say()
    alice.memberships.update(role=Role.VIEWER)
    assert first_page(nadia) == "/welcome/"
    assert BUTTON not in words_of_page(client_of(nadia).get(PACK))
    with lifted_triggers():
        Revision.everyones.update(created_at=YESTERDAY)
    assert first_page(nadia) == PACK


@pytest.mark.parametrize(("role", "code"), [("contributor", "XAA"), ("viewer", "XAA"), ("focal_point", "XBB")])
def test_others_and_another_state_begin_with_the_introduction(alice, say, xbb, role, code):
    say()
    nora = give_role(make_person("nora"), role, find_state(code))
    assert first_page(nora) == "/welcome/"
    assert client_of(nora).get(PACK).status_code == {"XAA": 403, "XBB": 404}[code]

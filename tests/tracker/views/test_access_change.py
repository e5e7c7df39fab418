"""What a State sees of what administrators do for its people, and the page of the link that stops it."""

import pytest
from django.core.cache import cache
from django.utils import formats, timezone

from recommendations.error_messages import PAGE_CHANGED
from tests.access import appointed, requested_role
from tests.conftest import make_person, reread
from tests.pages import client_of, messages_on, words_of_page
from tracker.actions.access_change import confirm_access_change, request_address, second_access_change
from tracker.models import AccessChange, Membership
from tracker.models.user import Role

pytestmark = pytest.mark.django_db

PEOPLE = "/desk/XAA/people/"
CONFIRM, STOP_BUTTON = ('value="second">', 'value="stop">')
STOP = "/access/stop/"


@pytest.fixture
def page(client):
    def page(reader, path: str = PEOPLE) -> str:
        client.force_login(reader)
        return client.get(path).content.decode()

    return page


@pytest.fixture
def change(erin, alice) -> AccessChange:
    return request_address(user=alice, email="alice.smith@example.org", by=erin)


def day() -> str:
    return f"{timezone.localdate().day} {timezone.localdate():%B %Y}"


def test_focal_points_see_who_requested_who_confirmed_when_and_on_which_note_verbale(erin, greta, alice, xaa, page):
    appointed(make_person("frida"), xaa, by=(erin, greta))
    second_access_change(change=AccessChange.objects.get(), by=alice)
    membership = Membership.objects.get(user__name="Frida")
    words = page(alice)
    assert f"<dt>Requested by</dt><dd><bdi>Erin, {day()}" in words
    assert "<dt>Confirmed by focal point</dt><dd><bdi>Alice</bdi></dd>" in words
    assert f"<dt>Confirmed by</dt><dd><bdi>Greta, {day()}" in words
    assert "<dt>Appointing document</dt><dd><bdi>NV 12/2026</bdi></dd>" in words
    assert f'<a href="/access/{membership.access_change.pk}/document/">note.txt</a>' in words
    assert f"Requested by: <bdi>Erin</bdi> · Confirmed by: <bdi>Greta</bdi>, {day()}" in words
    assert words.count("Requested by: Operator, by a command on the server") == 1  # alice, by make_person


def test_another_state_sees_nothing_of_it(change, charlie, page):
    assert "Account changes for a second administrator" not in page(charlie, "/desk/XBB/people/")


def test_another_focal_point_confirms_an_address_on_the_page(change, greta, alice, ruth, client, page):
    assert (CONFIRM in page(alice), STOP_BUTTON in page(alice)) == (False, True)
    assert (CONFIRM in page(ruth), STOP_BUTTON in page(ruth)) == (True, True)
    expected = (
        "One administrator requests a change, and another confirms the request. The change takes effect 72 hours "
        "later, or as soon as a focal point also confirms it. Stop it if it is not correct."
    )
    assert expected in words_of_page(client.get(PEOPLE))
    url, second = f"{PEOPLE}requests/{change.pk}/", {"step": "second"}
    assert messages_on(client.post(url, second, follow=True)) == ["Change of access confirmed: Alice."]
    assert (CONFIRM in page(ruth), STOP_BUTTON in page(ruth)) == (False, True)
    assert messages_on(client.post(url, second, follow=True)) == [PAGE_CHANGED]
    confirm_access_change(change=change, by=greta)
    assert reread(alice).email == "alice.smith@example.org"


def test_a_focal_point_reads_when_it_takes_effect_and_stops_it_on_the_page(change, greta, ruth, client, page):
    due = confirm_access_change(change=change, by=greta).due_at
    moment = formats.date_format(timezone.localtime(due), "DATETIME_FORMAT")
    assert f"<dt>Takes effect on</dt><dd><bdi>{moment}</bdi></dd>" in page(ruth)
    url = f"{PEOPLE}requests/{change.pk}/"
    assert messages_on(client.post(url, {"step": "stop"}, follow=True)) == ["Change of access stopped: Alice."]
    assert "<dt>Declined or stopped by</dt><dd><bdi>Ruth</bdi></dd>" in page(ruth)
    assert STOP_BUTTON not in page(ruth)
    assert messages_on(client.post(url, {"step": "stop"}, follow=True)) == [PAGE_CHANGED]


@pytest.mark.parametrize("step", ["", "sign", "Stop"])
def test_what_is_neither_confirm_nor_stop_changes_nothing(change, ruth, step):
    assert client_of(ruth).post(f"{PEOPLE}requests/{change.pk}/", {"step": step}).status_code == 302
    assert AccessChange.objects.get().seconded_by is None


def test_a_change_of_another_state_is_not_found(change, charlie):
    assert client_of(charlie).post(f"/desk/XBB/people/requests/{change.pk}/", {"step": "stop"}).status_code == 404


def test_the_link_stops_the_change_once_and_without_signing_in(change, alice, client):
    opened = client.get(f"{STOP}{change.token}/", follow=True)
    assert opened.redirect_chain == [(STOP, 302)]
    assert "alice.smith@example.org" in opened.content.decode()
    assert "The change was stopped." in client.post(STOP).content.decode()
    stopped_at = AccessChange.objects.get().ended_at
    client.post(STOP)
    assert AccessChange.objects.get().ended_at == stopped_at
    assert "Stop</button>" not in client.get(STOP).content.decode()


def test_a_link_that_is_too_late_or_broken_says_so(change, greta, ruth, client):
    late = f"{STOP}{change.token}/"
    confirm_access_change(change=change, by=greta)
    second_access_change(change=change, by=ruth)
    for url in (late, f"{STOP}{change.pk}:x/", STOP):
        words = client.get(url, follow=True).content.decode()
        assert "This link no longer works" in words
        assert "alice.smith@example.org" not in words
    assert "This link no longer works" in client.post(STOP).content.decode()


def test_links_are_tried_slowly(client):
    cache.clear()
    codes = {client.get(f"{STOP}{number}:x/").status_code for number in range(61)}
    assert codes == {302, 429}


def test_people_costs_few_queries_with_many_requests(erin, xaa, desk, django_assert_max_num_queries):
    for number in range(12):
        person = make_person(f"person{number}", Role.VIEWER, xaa)
        request_address(user=person, email=f"new{number}@example.org", by=erin)
        requested_role(make_person(f"other{number}"), Role.CONTRIBUTOR, xaa, by=erin)
    with django_assert_max_num_queries(15):
        assert desk.get(PEOPLE).content.decode().count(CONFIRM) == 24

"""Where a person is signed in, as her own page tells her."""

import datetime

import pytest
from django.test import Client
from django.utils import timezone

from tests.conftest import PASSWORD, make_person
from tests.thorough import times
from tracker.models import Draft, Membership, Session
from tracker.models.draft import new_tab
from tracker.models.session import SEEN_EVERY
from tracker.models.user import Role
from tracker.queries.session import address_group, client_name

pytestmark = pytest.mark.django_db

URL = "/account/sessions/"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
EDGE = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0"


def signed_in(person, browser: str = FIREFOX, address: str = "203.0.113.77") -> Client:
    client = Client(headers={"user-agent": browser}, REMOTE_ADDR=address)
    client.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    return client


def listed(client: Client) -> list[tuple]:
    sessions = client.get(URL).context["sessions"]
    return [(session.browser, session.network, session.is_this) for session in sessions]


def test_it_says_where_and_when_and_nothing_that_would_open_another(alice, charlie):
    here, there = signed_in(alice), signed_in(alice, EDGE, "2001:db8:aa:1::5")
    signed_in(charlie, EDGE, "198.51.100.4")
    assert listed(here) == [("Firefox, Windows", "203.0.113.*", True), ("Edge, Mac", "2001:db8:aa:*", False)]
    page = here.get(URL).content.decode()
    assert f"{timezone.now():%-d %B %Y}" in page
    for secret in (here.session.session_key, there.session.session_key, "203.0.113.77", "2001:db8:aa:1", "198.51"):
        assert secret not in page


def test_one_or_all_others_are_ended(alice):
    here, there, third = signed_in(alice), signed_in(alice), signed_in(alice)
    number = Session.objects.get(session_key=there.session.session_key).number
    response = here.post(URL, {"number": number}, follow=True)
    assert "1 session was ended." in response.content.decode()
    assert len(listed(third)) == 2
    here.post(URL, {"others": ""})
    assert len(listed(here)) == 1
    assert third.get(URL).status_code == 302


@pytest.mark.parametrize("number", ["", "\x00", "x" * 5000, "0" * 16])
def test_what_is_no_session_is_not_ended(alice, number):
    here = signed_in(alice)
    assert (
        "The page changed after you opened it, so nothing was done."
        in here.post(URL, {"number": number}, follow=True).content.decode()
    )
    assert len(listed(here)) == 1


def test_one_that_is_older_than_the_password_is_not_listed(alice):
    signed_in(alice)
    alice.set_password("another long pass phrase")
    alice.save()
    client = Client()
    client.force_login(alice)
    assert [session.is_this for session in client.get(URL).context["sessions"]] == [True]


def test_when_it_was_last_seen_is_written_once_in_a_while(alice, django_assert_num_queries):
    here = signed_in(alice)
    long_ago = timezone.now() - SEEN_EVERY - datetime.timedelta(minutes=1)
    Session.objects.update(seen_at=long_ago)
    ends = Session.objects.get().expire_date
    here.get("/account/")
    session = Session.objects.get()
    assert session.seen_at > timezone.now() - datetime.timedelta(minutes=1)
    assert session.expire_date == ends
    here.get("/account/")
    assert Session.objects.get().seen_at == session.seen_at


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("", ""),
        ("203.0.113.77", "203.0.113.*"),
        ("::ffff:203.0.113.77", "203.0.113.*"),
        ("2001:db8:aa:1::5", "2001:db8:aa:*"),
        ("fe80::1", "fe80:0:0:*"),
    ],
)
def test_of_an_address_the_network_alone_is_kept(address, network):
    assert address_group(address) == network


@pytest.mark.parametrize(
    ("header", "words"), [(FIREFOX, "Firefox, Windows"), (EDGE, "Edge, Mac"), ("curl/8.1", "curl/8.1"), ("", "")]
)
def test_a_browser_is_called_what_it_is_called(header, words):
    assert client_name(header) == words


@pytest.mark.parametrize("others", [0, times(10, 40)])
def test_the_page_takes_few_queries(alice, others, django_assert_max_num_queries):
    here = signed_in(alice)
    for _number in range(others):
        Client().force_login(alice)
    with django_assert_max_num_queries(15):
        assert here.get(URL).status_code == 200


END = "/account/sessions/end/"


@pytest.fixture
def ending(alice):
    """Alice, in a session of which a minute and a half is left."""
    here = signed_in(alice)
    Session.objects.update(expire_date=timezone.now() + datetime.timedelta(seconds=90))
    return here


def seconds_left() -> float:
    return (Session.objects.get().expire_date - timezone.now()).total_seconds()


def test_every_page_says_when_the_session_ends(ending):
    ends = Session.objects.get().expire_date
    page = ending.get("/desk/XAA/recommendations/I-13/").content.decode()
    assert f"You are signed in until {ends:%-d %B %Y}, {ends:%H:%M} UTC." in page
    assert 0 < int(page.split('data-session="')[1].split('"')[0]) <= 90
    assert "You are signed in until" not in Client().get("/").content.decode()


def test_only_a_button_extends_a_session(ending, xaa):
    assert 0 < ending.get(END).json()["seconds"] <= 90
    tab = new_tab()
    saved = {"tab": tab, "base": "0", "status": "implemented", "measures": "A law."}
    response = ending.post("/desk/XAA/recommendations/I-13/draft/", saved, headers={"HX-Request": "true"})
    assert (response.status_code, Draft.everyones.get().fields["measures"]) == (200, ["A law."])
    assert seconds_left() <= 90
    extended = ending.post(END).json()["seconds"]
    assert 12 * 3600 - 60 < extended <= 12 * 3600
    assert seconds_left() > 12 * 3600 - 60


def test_a_session_is_not_extended_beyond_the_role(ending, alice):
    Membership.objects.filter(user=alice).update(until=timezone.localdate())
    [midnight] = Membership.objects.first_end(alice)
    assert ending.post(END).json()["seconds"] <= (midnight - timezone.now()).total_seconds() + 1
    assert alice.sessions.get().expire_date <= midnight


def test_it_is_said_also_before_two_step_sign_in_is_set_up(client):
    client.force_login(make_person("bob", Role.REVIEWER))
    assert client.get("/account/").status_code == 302
    assert client.get(END).json()["seconds"] > 0


def test_an_ended_session_is_not_extended(ending):
    Session.objects.update(expire_date=timezone.now())
    for response in (ending.get(END), ending.post(END)):
        assert response.json()["seconds"] == 0
        assert "You have been signed out." in response.json()["dialog"]
    assert Session.objects.filter(expire_date__gt=timezone.now()).exists() is False

"""Where a person is signed in, as her own page tells her."""

import datetime

import pytest
from django.db import connection
from django.utils import timezone

from tests.client import Client
from tests.conftest import PASSWORD, make_person
from tests.thorough import times
from tests.tracker.web.test_accounts import NEW_PASSWORD
from tracker.actions.export import request_export
from tracker.models import Draft, Membership, Session
from tracker.models.draft import new_tab
from tracker.models.session import BEGAN, SEEN_EVERY
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
    number = there.session.row_key
    response = here.post(URL, {"number": number}, follow=True)
    assert "1 session was ended." in response.content.decode()
    assert len(listed(third)) == 2
    here.post(URL, {"others": ""})
    assert len(listed(here)) == 1
    assert third.get(URL).status_code == 302


def test_attack_a_session_key_read_in_the_database_opens_a_session(alice, settings):
    here, thief = signed_in(alice), Client()
    with connection.cursor() as cursor:
        cursor.execute("SELECT session_key, session_data FROM tracker_session")
        [stored] = cursor.fetchall()
    assert here.session.session_key not in "".join(stored)
    for value in stored:
        thief.cookies[settings.SESSION_COOKIE_NAME] = value
        assert thief.get(URL).status_code == 302
    thief.cookies[settings.SESSION_COOKIE_NAME] = here.session.session_key
    assert thief.get(URL).status_code == 200


def test_a_cookie_that_was_set_before_signing_in_opens_nothing(alice, settings):
    here, thief = Client(), Client()
    here.get(f"/accounts/login/?next={URL}")
    here.cookies[settings.SESSION_COOKIE_NAME] = thief.cookies[settings.SESSION_COOKIE_NAME] = (
        "chosen0by0a0thief0000000000000000"
    )
    here.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})
    assert (here.get(URL).status_code, thief.get(URL).status_code) == (200, 302)


def test_the_row_of_a_former_key_is_deleted_and_opens_nothing(alice, settings):
    here, thief = signed_in(alice), Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = here.session.session_key
    typed = dict.fromkeys(("password1", "password2"), NEW_PASSWORD) | {"oldpassword": PASSWORD}
    here.post("/accounts/password/change/", typed)
    assert (Session.objects.count(), here.get(URL).status_code, thief.get(URL).status_code) == (1, 200, 302)
    here.post("/accounts/logout/")
    assert Session.objects.count() == 0


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
    Session.objects.update(seen_at=timezone.now() - SEEN_EVERY)
    here.get("/account/")
    session = Session.objects.get()
    assert session.seen_at > timezone.now() - datetime.timedelta(seconds=50)
    here.get("/account/")
    again = Session.objects.get()
    assert (again.seen_at, again.expire_date) == (session.seen_at, session.expire_date)


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
def test_only_the_network_of_an_address_is_kept(address, network):
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


MINUTE = datetime.timedelta(minutes=1)


def wait(time: datetime.timedelta) -> None:
    """Move everything that the sessions remember into the past."""
    for session in Session.objects.all():
        data = session.get_decoded()
        began_at = datetime.datetime.fromisoformat(data[BEGAN]["at"]) - time
        session.session_data = Session.objects.encode(data | {BEGAN: data[BEGAN] | {"at": began_at.isoformat()}})
        session.expire_date -= time
        session.ends_by -= time
        session.seen_at -= time
        session.save()


def minutes_left() -> float:
    return round((Session.objects.get().expire_date - timezone.now()) / MINUTE, 1)


@pytest.fixture
def ending(alice):
    """Alice, in a session of which a minute and a half is left."""
    here = signed_in(alice)
    wait(58.5 * MINUTE)
    return here


def is_signed_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def test_a_session_ends_after_60_idle_minutes(alice):
    here = signed_in(alice)
    wait(59 * MINUTE)
    assert is_signed_in(here) is True
    assert minutes_left() == 60
    wait(60 * MINUTE)
    assert is_signed_in(here) is False


def test_a_session_ends_after_12_hours_whatever_is_done(alice):
    here = signed_in(alice)
    for _time in range(13):
        wait(55 * MINUTE)
        assert is_signed_in(here) is True
    assert minutes_left() == 5
    assert here.post(END).json()["seconds"] <= 300
    wait(5 * MINUTE)
    assert is_signed_in(here) is False


def test_every_page_says_when_the_session_ends_if_nothing_more_is_done(ending):
    ends = timezone.now() + 60 * MINUTE
    page = ending.get("/desk/XAA/recommendations/I-13/").content.decode()
    assert f"You are signed in until {ends:%-d %B %Y}, {ends:%H:%M} UTC." in page
    assert 3590 < int(page.split('data-session="')[1].split('"')[0]) <= 3600
    assert "You are signed in until" not in Client().get("/").content.decode()


def test_the_page_knows_the_nearer_of_the_two_ends(alice):
    here = signed_in(alice)
    for _time in range(13):
        wait(55 * MINUTE)
        page = here.get("/account/").content.decode()
    assert 290 < int(page.split('data-session="')[1].split('"')[0]) <= 300
    assert 290 < here.get(END).json()["seconds"] <= 300


def test_a_draft_that_saves_itself_is_activity(ending, xaa):
    saved = {"tab": new_tab(), "base": "0", "status": "implemented", "measures": "A law."}
    response = ending.post("/desk/XAA/recommendations/I-13/draft/", saved, headers={"HX-Request": "true"})
    assert (response.status_code, Draft.everyones.get().fields["measures"]) == (200, ["A law."])
    assert minutes_left() == 60


def test_pages_that_ask_by_themselves_are_no_activity(officer, bob):
    wait(58.5 * MINUTE)
    file_page = request_export(rounds=[], by=bob).get_absolute_url()
    for _time in range(3):
        assert 0 < officer.get(END).json()["seconds"] <= 90
        assert officer.get(file_page, headers={"HX-Request": "true"}).status_code == 200
    assert minutes_left() == 1.5
    assert officer.get(file_page).status_code == 200
    assert minutes_left() == 60


def test_the_button_of_the_warning_extends_a_session(ending):
    assert 3590 < ending.post(END).json()["seconds"] <= 3600
    assert minutes_left() == 60


def test_a_session_is_not_extended_beyond_the_role(ending, alice):
    Membership.objects.filter(user=alice).update(until=timezone.localdate())
    [midnight] = Membership.objects.first_end(alice)
    assert ending.post(END).json()["seconds"] <= (midnight - timezone.now()).total_seconds() + 1
    assert alice.sessions.get().ends_by <= midnight
    assert alice.sessions.get().expire_date <= midnight


def test_the_session_end_is_sent_before_two_step_sign_in(client, settings):
    settings.SECOND_FACTOR_REQUIRED = True
    client.force_login(make_person("bob", Role.REVIEWER))
    assert client.get("/account/").status_code == 302
    assert client.get(END).json()["seconds"] > 0


def test_an_ended_session_is_not_extended(ending):
    Session.objects.update(expire_date=timezone.now())
    for response in (ending.get(END), ending.post(END)):
        assert response.json()["seconds"] == 0
        assert "You have been signed out." in response.json()["dialog"]
    assert Session.objects.filter(expire_date__gt=timezone.now()).exists() is False

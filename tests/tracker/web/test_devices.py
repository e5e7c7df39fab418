"""Attempts that fail slow down browsers that are new to an account, and never close it to its owner."""

import re
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core import signing
from django.core.cache import cache
from django.db import connection

from tests.client import Client
from tests.conftest import PASSWORD
from tests.tracker.web.test_accounts import NEW_PASSWORD, RESET, code, is_signed_in, link_in, set_password, sign_in
from tracker.actions.invitation import send_invitation
from tracker.actions.user import set_password as set_password_again
from tracker.models import Session
from tracker.models.user import Role

pytestmark = pytest.mark.django_db

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
HOUR = 3600
AJAX = {"X-Requested-With": "XMLHttpRequest"}


@pytest.fixture
def clock(monkeypatch):
    """Moves the clock of the counted attempts on."""
    now = time.time()
    shown = {"at": now}
    monkeypatch.setattr("allauth.core.internal.ratelimit.time.time", lambda: shown["at"])

    def pass_seconds(seconds: float):
        shown["at"] += seconds

    return pass_seconds


def browser_of(person) -> Client:
    """A browser in which the person has signed in, and out."""
    client = Client()
    sign_in(client, person.email)
    client.post("/accounts/logout/")
    return client


def attack(person, attempts: int = 40, **extra) -> Client:
    thief = Client()
    for _attempt in range(attempts):
        sign_in(thief, person.email, "wrong", **extra)
    return thief


def is_told_to_wait(response) -> bool:
    return "Too many attempts" in response.content.decode()


# Anybody locks anybody out: not any more


@pytest.mark.parametrize("address", ["127.0.0.1", "192.0.2.1"])
def test_attack_wrong_passwords_repeated_lock_nobody_out(alice, address):
    """Neither from elsewhere nor from the network of the owner, whose address is 127.0.0.1."""
    known = browser_of(alice)
    thief = attack(alice, REMOTE_ADDR=address)
    assert is_told_to_wait(sign_in(thief, alice.email)) is True
    assert sign_in(known, alice.email).status_code == 302
    assert is_signed_in(known) is True


def test_attack_a_reset_asked_for_repeatedly_is_refused_to_nobody(alice, mailoutbox):
    thief, owner = Client(), Client()
    for number in range(60):
        thief.post(RESET, {"email": alice.email}, REMOTE_ADDR=f"192.0.2.{number}")
    assert len(mailoutbox) == 5
    answer = owner.post(RESET, {"email": alice.email})
    assert answer["Location"] == "/accounts/password/reset/done/"
    assert set_password(owner, link_in(mailoutbox[0]))["Location"] == "/accounts/password/reset/key/done/"
    assert sign_in(owner, alice.email, NEW_PASSWORD).status_code == 302


def test_attack_goes_on_and_a_link_opens_the_account_in_a_new_browser(alice, mailoutbox):
    attack(alice)
    owner = Client()
    assert is_told_to_wait(sign_in(owner, alice.email)) is True
    owner.post(RESET, {"email": alice.email})
    set_password(owner, link_in(mailoutbox[0]))
    attack(alice)
    assert sign_in(owner, alice.email, NEW_PASSWORD).status_code == 302


def test_attack_wrong_codes_after_a_stolen_password_lock_nobody_out(bob, settings):
    settings.MFA_TOTP_TOLERANCE = 1
    known, thief = Client(), Client()
    sign_in(known, bob.email)
    known.post("/accounts/2fa/authenticate/", {"code": code()})
    known.post("/accounts/logout/")
    cache.clear()  # a code works once: the next one is the same
    sign_in(thief, bob.email)
    for _attempt in range(20):
        refused = thief.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert is_told_to_wait(refused) is True
    sign_in(known, bob.email)
    assert known.post("/accounts/2fa/authenticate/", {"code": code()}).status_code == 302
    assert is_signed_in(known) is True


# Guessing stays slow


def test_unknown_browsers_wait_longer_and_longer_and_an_hour_at_most(alice, clock):
    waits = []
    for _failure in range(20):
        waited = 0
        while is_told_to_wait(sign_in(Client(), alice.email, "wrong")):
            clock(60)
            waited += 1
        waits.append(waited)
    assert (waits[:5], waits[5], waits[10]) == ([0] * 5, 5, 5)
    assert 45 <= waits[15] <= 60
    clock(HOUR)
    assert sign_in(Client(), alice.email).status_code == 302


def test_a_known_browser_guesses_no_faster_and_slows_no_other_down(alice):
    known, other = browser_of(alice), browser_of(alice)
    for _attempt in range(5):
        assert is_told_to_wait(sign_in(known, alice.email, "wrong")) is False
    assert is_told_to_wait(sign_in(known, alice.email)) is True
    assert sign_in(other, alice.email).status_code == 302


def test_a_known_browser_of_one_person_is_unknown_to_another(alice, charlie):
    attack(alice)
    assert is_told_to_wait(sign_in(browser_of(charlie), alice.email)) is True


def test_a_shared_browser_is_known_to_each_of_its_people(alice, charlie):
    shared = browser_of(alice)
    sign_in(shared, charlie.email)
    shared.post("/accounts/logout/")
    attack(alice)
    assert sign_in(shared, alice.email).status_code == 302


@pytest.mark.parametrize(
    "cookie",
    ["", "x", "W10:1tq:x", signing.dumps([["x", "y"]], salt="another")],
    ids=["empty", "a letter", "another signature", "another salt"],
)
def test_a_forged_cookie_makes_no_browser_known(alice, cookie):
    thief = attack(alice)
    thief.cookies["device"] = cookie
    assert is_told_to_wait(sign_in(thief, alice.email)) is True


def test_a_browser_of_the_old_password_is_unknown(alice, mailoutbox):
    """A thief who signed in once is not known for ever."""
    thief, owner = browser_of(alice), browser_of(alice)
    sign_in(owner, alice.email)
    owner.post(
        "/accounts/password/change/",
        dict.fromkeys(("password1", "password2"), NEW_PASSWORD) | {"oldpassword": PASSWORD},
    )
    owner.post("/accounts/logout/")
    attack(alice)
    assert is_told_to_wait(sign_in(thief, alice.email, NEW_PASSWORD)) is True
    assert sign_in(owner, alice.email, NEW_PASSWORD).status_code == 302


def test_attack_a_known_browser_survives_end_all_other_sessions(alice):
    thief, owner = browser_of(alice), browser_of(alice)
    sign_in(owner, alice.email)
    owner.post("/account/sessions/", {"others": ""})
    owner.post("/accounts/logout/")
    attack(alice)
    assert is_told_to_wait(sign_in(thief, alice.email)) is True
    assert sign_in(owner, alice.email).status_code == 302


def test_a_password_that_is_hashed_again_forgets_no_browser(alice, mailoutbox):
    browser = browser_of(alice)
    set_password_again(user=alice, password=PASSWORD, is_same=True)
    assert sign_in(browser, alice.email).status_code == 302
    assert len(mailoutbox) == 1


# A sign-in from a new browser is notified


def test_a_sign_in_from_a_new_browser_is_notified_once(alice, mailoutbox):
    client = Client(headers={"user-agent": FIREFOX}, REMOTE_ADDR="203.0.113.77")
    for _time in range(2):
        sign_in(client, alice.email)
        client.post("/accounts/logout/")
    [message] = mailoutbox
    assert (message.to, message.subject) == (["alice@example.org"], "New sign-in to the Recommendations tracker")
    assert re.search(r"^Time: \d+ \w+ \d{4}, \d\d:\d\d UTC$", message.body, re.MULTILINE)
    assert "Browser: Firefox, Windows\nNetwork: 203.0.113.*\n" in message.body
    assert "203.0.113.77" not in message.body
    assert "http://127.0.0.1:8000/account/sessions/" in message.body


def test_what_a_browser_says_of_itself_is_not_mailed(alice, mailoutbox):
    sign_in(Client(headers={"user-agent": "Call +1 555 to keep your account"}), alice.email)
    assert "Browser: Not known\n" in mailoutbox[0].body
    assert "555" not in mailoutbox[0].body


def test_a_wrong_password_or_half_a_sign_in_notifies_nobody(alice, bob, mailoutbox):
    sign_in(Client(), alice.email, "wrong")
    sign_in(Client(), bob.email)
    assert mailoutbox == []


def test_the_browser_in_which_a_password_was_set_is_known(client, alice, mailoutbox):
    client.post(RESET, {"email": alice.email})
    set_password(client, link_in(mailoutbox[0]))
    sign_in(client, alice.email, NEW_PASSWORD)
    assert len(mailoutbox) == 1


def test_the_browser_in_which_an_invitation_was_accepted_is_known(
    client, alice, xaa, mailoutbox, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        send_invitation(respondent=xaa, email="frida@example.org", role=Role.VIEWER, by=alice)
    joined = {"name": "Frida", "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    client.get(link_in(mailoutbox[0]))
    client.post("/invitations/accept/", joined)
    assert sign_in(client, "frida@example.org", NEW_PASSWORD).status_code == 302
    assert "New sign-in to the Recommendations tracker" not in [message.subject for message in mailoutbox]


# Many at once


@pytest.mark.django_db(transaction=True)
def test_attack_guesses_at_the_same_time_pass_no_limit(alice):
    """The counts are read and written under a lock that all processes share."""

    def guess(number: int) -> bool:
        try:
            return is_told_to_wait(sign_in(Client(), alice.email, "wrong", REMOTE_ADDR=f"192.0.2.{number}"))
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        refused = list(pool.map(guess, range(24)))
    assert 1 <= refused.count(False) <= 5


@pytest.mark.parametrize(
    ("page", "field"), [("/accounts/reauthenticate/", "password"), ("/accounts/password/change/", "oldpassword")]
)
def test_attack_a_password_is_guessed_fast_in_a_session_that_was_left_open(alice, clock, page, field):
    client = Client()
    sign_in(client, alice.email)
    codes = []
    for _five_minutes in range(12):
        codes += [client.post(page, {field: "wrong"}).status_code for _attempt in range(6)]
        clock(5 * 60 + 1)
    assert codes.count(200) == 30
    assert codes.count(429) == 42


def test_attack_challenges_for_passkeys_fill_the_database_with_sessions(db):
    codes = [Client().get("/accounts/2fa/passkeys/login/", headers=AJAX).status_code for _request in range(70)]
    assert codes == [200] * 60 + [429] * 10
    assert Session.objects.count() == 60

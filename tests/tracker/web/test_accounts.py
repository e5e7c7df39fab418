"""Signing in and out, resetting a password, the second factor, and throttling: with real requests."""

import datetime
import re

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.conf import settings
from django.core.cache import cache
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from tests.client import Client
from tests.conftest import PASSWORD, TOTP_KEY
from tests.verification import name_rows
from tracker.actions import user as people
from tracker.actions.access_change import confirm_access_change, request_address
from tracker.models import AccessChange, Membership, Session, User
from tracker.models.user import Role

pytestmark = pytest.mark.django_db

LOGIN = "/accounts/login/"
RESET = "/accounts/password/reset/"
NEW_PASSWORD = "another long pass phrase"


@pytest.fixture(autouse=True)
def _a_code_lives_a_little_longer(settings):
    """So that no test fails for having begun at the end of a half minute."""
    settings.MFA_TOTP_TOLERANCE = 1


def code(key: str = TOTP_KEY) -> str:
    counters = list(yield_hotp_counters_from_time())
    return format_hotp_value(hotp_value(key, counters[len(counters) // 2]))


def sign_in(client, email, password=PASSWORD, next_="", **extra):
    return client.post(LOGIN, {"login": email, "password": password, "next": next_}, **extra)


def is_signed_in(client) -> bool:
    return client.get("/account/").status_code == 200


# Signing in


@pytest.mark.parametrize("email", ["alice@example.org", "ALICE@Example.org", " alice@example.org "])
def test_a_person_signs_in_with_address_and_password(client, alice, email):
    response = sign_in(client, email)
    assert (response.status_code, response["Location"]) == (302, "/")
    assert is_signed_in(client) is True


def test_signing_in_leads_back_to_the_page_that_was_asked_for(client, alice):
    response = client.get("/account/")
    assert response["Location"] == "/accounts/login/?next=/account/"
    assert sign_in(client, alice.email, next_="/account/")["Location"] == "/account/"


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "\x00", "\r\nX: y"]
)
def test_signing_in_never_leads_to_another_site(client, alice, elsewhere):
    assert sign_in(client, alice.email, next_=elsewhere)["Location"] == "/"


def test_known_and_unknown_people_read_the_same(client, alice):
    known = sign_in(client, alice.email, "wrong")
    unknown = sign_in(client, "nobody@example.org", "wrong")
    assert known.status_code == unknown.status_code == 200
    assert without_tokens(known, alice.email) == without_tokens(unknown, "nobody@example.org")


def test_an_unknown_person_costs_a_hash_too(client, alice, settings, monkeypatch):
    hashed = []
    from django.contrib.auth.hashers import MD5PasswordHasher

    encode = MD5PasswordHasher.encode
    monkeypatch.setattr(MD5PasswordHasher, "encode", lambda *args: hashed.append(1) or encode(*args))
    sign_in(client, alice.email, "wrong")
    known = len(hashed)
    sign_in(client, "nobody@example.org", "wrong")
    assert known == len(hashed) - known == 1


@pytest.mark.parametrize("typed", ["", "no address", "a\x00b@example.org", "x" * 5000, b"\xff\xfe@example.org"])
def test_whatever_is_typed_is_answered(client, db, typed):
    assert sign_in(client, typed, typed).status_code == 200
    assert client.post(RESET, {"email": typed}).status_code == 200


def test_a_deactivated_person_gets_in_no_more(client, alice, erin):
    sign_in(client, alice.email)
    people.close_account(user=alice, by=erin)
    assert is_signed_in(client) is False
    client.logout()
    assert sign_in(client, alice.email)["Location"] == "/accounts/inactive/"
    assert client.get("/accounts/inactive/").status_code == 200
    assert is_signed_in(client) is False


def test_the_session_ends_with_the_browser_and_after_half_a_day(client, alice, settings):
    response = sign_in(client, alice.email)
    assert response.cookies["sessionid"]["max-age"] == ""
    assert settings.SESSION_COOKIE_AGE == 12 * 3600


def test_signing_out_takes_a_post(client, alice):
    sign_in(client, alice.email)
    client.get("/accounts/logout/")
    assert is_signed_in(client) is True
    response = client.post("/accounts/logout/")
    assert (response["Location"], response.cookies["sessionid"]["max-age"]) == ("/", 0)
    assert is_signed_in(client) is False


@pytest.mark.parametrize(
    "name",
    [
        "account_signup",
        "account_email",
        "account_confirm_email",
        "account_email_verification_sent",
        "account_request_login_code",
        "account_confirm_login_code",
        "mfa_trust",
    ],
)
def test_what_is_not_needed_has_no_address(name):
    with pytest.raises(NoReverseMatch):
        reverse(name)


def without_tokens(response, email: str = "") -> str:
    page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", response.content.decode())
    return page.replace(email, "") if email else page


# Setting a password


def link_in(message) -> str:
    return re.search(rf"{settings.SITE_URL}(/\S+)", message.body)[1]


def set_password(client, link: str, password: str = NEW_PASSWORD):
    page = client.get(link, follow=True)
    return client.post(page.request["PATH_INFO"], {"password1": password, "password2": password})


def test_a_forgotten_password_is_set_by_a_mailed_link(client, alice, mailoutbox, verified_after):
    name_rows()
    assert client.post(RESET, {"email": "Alice@example.org"})["Location"] == "/accounts/password/reset/done/"
    [message] = mailoutbox
    assert message.to == ["alice@example.org"]
    assert message.subject == "Set a new password for the Recommendations tracker"
    link = link_in(message)
    response = set_password(client, link)
    assert response["Location"] == "/accounts/password/reset/key/done/"
    assert is_signed_in(client) is False
    assert sign_in(client, alice.email, PASSWORD).status_code == 200
    assert sign_in(client, alice.email, NEW_PASSWORD).status_code == 302


def test_setting_the_password_twice_leads_to_signing_in(client, alice, mailoutbox):
    client.post(RESET, {"email": alice.email})
    link = link_in(mailoutbox[0])
    page = client.get(link, follow=True).request["PATH_INFO"]
    for expected in (302, 200):  # the second press on a slow line
        response = client.post(page, {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})
        assert response.status_code == expected
    for answer in (response, client.get(link, follow=True)):
        assert "If you have set your password with this link, sign in." in answer.content.decode()
        assert '<a href="/accounts/login/">Sign in</a></p>' in answer.content.decode()


def test_the_link_leads_to_the_site_whatever_host_a_request_names(client, alice, mailoutbox):
    client.post(RESET, {"email": alice.email}, headers={"host": "localhost"})
    assert link_in(mailoutbox[0]).startswith("/accounts/password/reset/key/")


def test_a_new_password_works_immediately_after_too_many_wrong_attempts(client, alice, mailoutbox):
    for _attempt in range(6):
        sign_in(client, alice.email, "forgotten")
    client.post(RESET, {"email": alice.email})
    set_password(client, link_in(mailoutbox[0]))
    assert sign_in(client, alice.email, NEW_PASSWORD).status_code == 302


def test_an_address_that_was_changed_stops_working(client, alice, erin, greta, mailoutbox):
    """From the minute on that is due: nobody waits for the daily job."""
    client.post(RESET, {"email": alice.email})
    old_link = link_in(mailoutbox[0])
    sign_in(client, alice.email)
    client.logout()
    change = request_address(user=alice, email="alice.smith@example.org", by=erin)
    confirm_access_change(change=change, by=greta)
    AccessChange.objects.update(due_at=timezone.now())
    assert sign_in(client, "alice@example.org").status_code == 200
    assert "no longer works" in client.get(old_link, follow=True).content.decode()
    client.post(RESET, {"email": "alice@example.org"})
    assert mailoutbox[-1].subject == "This e-mail address has no access to the Recommendations tracker"
    assert sign_in(client, "alice.smith@example.org").status_code == 302


def test_a_link_works_once(client, alice, mailoutbox):
    client.post(RESET, {"email": alice.email})
    link = link_in(mailoutbox[0])
    set_password(client, link)
    assert "no longer works" in client.get(link).content.decode()


def test_a_new_person_sets_a_password_by_the_first_link(
    client, erin, mailoutbox, settings, django_capture_on_commit_callbacks
):
    settings.SITE_URL = "http://testserver"
    with django_capture_on_commit_callbacks(execute=True):
        frida = people.add_person(email="frida@example.org", name="Frida", by=erin)
    set_password(client, link_in(mailoutbox[0]))
    assert sign_in(client, frida.email, NEW_PASSWORD).status_code == 302


@pytest.mark.parametrize("password", ["short", "123456789012345", "alice@example.org", "password1234"])
def test_a_weak_password_is_refused_with_a_reason(client, alice, mailoutbox, password):
    client.post(RESET, {"email": alice.email})
    response = set_password(client, link_in(mailoutbox[0]), password)
    assert response.status_code == 200
    assert list(response.context["form"].errors) == ["password1"]


def test_resetting_says_the_same_for_unknown_people_and_mails_both(client, alice, mailoutbox):
    known = client.post(RESET, {"email": alice.email})
    unknown = client.post(RESET, {"email": "nobody@example.org"})
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert [message.to for message in mailoutbox] == [["alice@example.org"], ["nobody@example.org"]]
    assert "http" not in mailoutbox[1].body


def test_a_deactivated_person_is_as_unknown(client, alice, erin, mailoutbox):
    people.close_account(user=alice, by=erin)
    client.post(RESET, {"email": alice.email})
    assert mailoutbox[0].subject == "This e-mail address has no access to the Recommendations tracker"


@pytest.mark.parametrize("key", ["1-x", "zzzzzzzzzzzzz-x", "0-set-password", "1-%00", "9" * 40 + "-x", "1-a-b-c"])
def test_a_broken_link_says_so(client, db, key):
    response = client.get(f"/accounts/password/reset/key/{key}/", follow=True)
    assert response.status_code == 200
    assert "no longer works" in response.content.decode()


def test_a_password_change_keeps_only_the_current_session(client, alice, verified_after):
    name_rows()
    elsewhere = Client()
    sign_in(client, alice.email)
    sign_in(elsewhere, alice.email)
    data = {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    assert client.post("/accounts/password/change/", data)["Location"] == "/account/"
    assert (is_signed_in(client), is_signed_in(elsewhere)) == (True, False)


def test_passwords_that_do_not_fit_are_refused_in_our_words(desk):
    wrong = {"oldpassword": "wrong", "password1": NEW_PASSWORD, "password2": PASSWORD}
    assert desk.post("/accounts/password/change/", wrong).context["form"].errors == {
        "oldpassword": ["The password is incorrect. Enter your current password."],
        "password2": ["The two passwords must be the same."],
    }
    confirming = desk.post("/accounts/reauthenticate/", {"password": "wrong"}).context["form"]
    assert confirming.errors == {"password": ["The password is incorrect. Enter your current password."]}


# Throttling: counted in the database, which all processes share


def test_wrong_passwords_are_counted_and_then_the_right_one_waits_too(client, alice):
    for _attempt in range(5):
        assert "Too many attempts" not in sign_in(client, alice.email, "wrong").content.decode()
    response = sign_in(client, alice.email)
    assert "Too many attempts" in response.content.decode()
    assert is_signed_in(client) is False


def test_wrong_passwords_of_unknown_people_are_counted_alike(client, db):
    for _attempt in range(5):
        assert "Too many attempts" not in sign_in(client, "nobody@example.org", "wrong").content.decode()
    assert "Too many attempts" in sign_in(client, "nobody@example.org", "wrong").content.decode()


def test_only_the_address_with_many_attempts_is_throttled(client, alice):
    for number in range(10):
        sign_in(client, f"nobody{number}@example.org", "wrong", REMOTE_ADDR="192.0.2.1")
    refused = sign_in(client, alice.email, REMOTE_ADDR="192.0.2.1")
    assert "Too many attempts" in refused.content.decode()
    assert sign_in(client, alice.email, REMOTE_ADDR="192.0.2.2").status_code == 302


def test_the_network_of_an_ipv6_address_counts_as_one(client, alice):
    for number in range(10):
        sign_in(client, f"nobody{number}@example.org", "wrong", REMOTE_ADDR=f"2001:db8:1:2::{number}")
    assert sign_in(client, alice.email, REMOTE_ADDR="2001:db8:1:2::ffff").status_code == 200
    assert sign_in(client, alice.email, REMOTE_ADDR="2001:db8:1:3::1").status_code == 302


def test_attack_guesses_over_ipv4_slow_down_no_other_ipv4_address_where_a_proxy_writes_both_as_ipv6(client, alice):
    for number in range(10):
        sign_in(client, f"nobody{number}@example.org", "wrong", REMOTE_ADDR="::ffff:192.0.2.1")
    assert sign_in(client, alice.email, REMOTE_ADDR="192.0.2.1").status_code == 200
    assert sign_in(client, alice.email, REMOTE_ADDR="::ffff:192.0.2.2").status_code == 302


def test_behind_a_proxy_the_address_that_it_saw_counts(client, alice, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1

    def attempt(seen: str, claimed: str, password: str):
        return sign_in(client, alice.email, password, REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=f"{claimed}, {seen}")

    for number in range(10):
        email = f"nobody{number}@example.org"
        forged = f"198.51.100.{number}, 192.0.2.1"
        sign_in(client, email, "wrong", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=forged)
    assert attempt("192.0.2.1", "198.51.100.99", PASSWORD).status_code == 200
    assert attempt("192.0.2.2", "192.0.2.1", PASSWORD).status_code == 302


def test_without_a_proxy_nobody_believes_what_a_client_claims(client, alice):
    for number in range(10):
        sign_in(client, f"nobody{number}@example.org", "wrong", HTTP_X_FORWARDED_FOR=f"198.51.100.{number}")
    assert sign_in(client, alice.email, HTTP_X_FORWARDED_FOR="198.51.100.99").status_code == 200


@pytest.mark.parametrize("claimed", ["192.0.2.1", "nonsense, ", "", "192.0.2.1, [::"])
def test_who_comes_round_the_proxies_is_refused_and_nothing_breaks(client, alice, settings, claimed):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 2
    assert sign_in(client, alice.email, HTTP_X_FORWARDED_FOR=claimed).status_code in (302, 403)


def test_password_resets_are_limited_by_network_and_mail_address(client, alice, mailoutbox):
    for email in (alice.email, "nobody@example.org"):
        statuses = [client.post(RESET, {"email": email}).status_code for _attempt in range(8)]
        assert statuses == [302] * 8
    assert [message.to for message in mailoutbox] == [["alice@example.org"]] * 5 + [["nobody@example.org"]] * 5
    statuses = [client.post(RESET, {"email": alice.email}).status_code for _attempt in range(5)]
    assert statuses == [302] * 4 + [429]
    assert client.post(RESET, {"email": alice.email}, REMOTE_ADDR="192.0.2.1").status_code == 302


def test_codes_are_throttled(client, bob):
    sign_in(client, bob.email)
    for _attempt in range(5):
        client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    response = client.post("/accounts/2fa/authenticate/", {"code": code()})
    assert "Too many attempts" in response.content.decode()
    assert is_signed_in(client) is False


def test_attempts_are_counted_in_the_database(client, db, django_assert_num_queries):
    from django.db import connection

    sign_in(client, "nobody@example.org", "wrong")
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM cache WHERE cache_key LIKE %s", ["%attempt_unknown%"])
        assert cursor.fetchone() == (3,)
    cache.clear()


def test_many_other_keys_do_not_push_out_what_is_counted(client, alice):
    for _attempt in range(5):
        sign_in(client, alice.email, "wrong")
    for number in range(320):
        cache.set(f"~{number}", 1)
    assert "Too many attempts" in sign_in(client, alice.email).content.decode()


@pytest.mark.parametrize("ended", ["until yesterday", "ended today", "from tomorrow"])
def test_a_role_that_is_not_of_today_opens_nothing_from_the_next_page_on(desk, alice, xaa, ended):
    now = timezone.now()
    spans = {
        "until yesterday": {"until": now.date() - datetime.timedelta(days=1)},
        "ended today": {"ended_at": now},
        "from tomorrow": {"since": now.date() + datetime.timedelta(days=1)},
    }
    assert desk.get("/desk/XAA/").status_code == 200
    Membership.objects.filter(user=alice).update(**{"since": "2020-01-01"} | spans[ended])
    assert desk.get("/desk/XAA/").status_code == 404
    Membership.objects.create(user=alice, role=Role.VIEWER, respondent=xaa, since="2020-01-01")
    assert desk.get("/desk/XAA/").status_code == 200
    assert desk.get("/desk/XAA/submissions/").context["user"].has_role(Role.FOCAL_POINT, respondent=xaa) is False


def test_a_deactivated_person_is_signed_out_at_the_next_page(desk, alice):
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert desk.get("/desk/XAA/").headers["Location"].startswith(LOGIN)


def test_no_session_is_kept_for_who_only_reads(client, db):
    client.get("/")
    client.get(LOGIN)
    assert Session.objects.count() == 0
    assert User.objects.count() == 0

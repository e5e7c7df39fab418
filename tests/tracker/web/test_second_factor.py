"""Two-step sign-in: who must have it, from when, with what, and how its secrets are kept. Passkeys in a browser are in
tests/browser/test_passkeys.py.
"""

import datetime
import json
from copy import copy
from functools import partial
from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.core.cache import cache
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from tests.catalogue_events import later_events
from tests.client import Client
from tests.conftest import PASSWORD, TOTP_KEY, make_person, with_second_factor
from tests.passkeys import add_passkey
from tests.races import at_once
from tests.test_walk import URLS
from tests.tracker.web.test_accounts import LOGIN, NEW_PASSWORD, code, is_signed_in, sign_in
from tests.verification import name_rows
from tracker.actions.access_change import confirm_access_change, request_second_factor_reset
from tracker.models import Event
from tracker.models.second_factor import decrypt
from tracker.models.user import Role
from tracker.web.second_factor import TRUSTS_DEVICE

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("verified_after")]

CHOOSE = "/account/two-step/"
AUTHENTICATE = "/accounts/2fa/authenticate/"
APP = "/accounts/2fa/totp/activate/"
REMOVE_APP = "/accounts/2fa/totp/deactivate/"
CODES = "/accounts/2fa/recovery-codes/"
ADD_PASSKEY = "/accounts/2fa/passkeys/add/"
SECRETARIAT = [Role.REVIEWER, Role.CURATOR, Role.ADMINISTRATOR]


@pytest.fixture(autouse=True)
def _a_code_lives_a_little_longer(settings):
    """So that no test fails for having begun at the end of a half minute."""
    settings.MFA_TOTP_TOLERANCE = 1


@pytest.fixture(autouse=True)
def _required(settings):
    """As where DEBUG is off."""
    settings.SECOND_FACTOR_REQUIRED = True


def add_app(client) -> str:
    key = client.get(APP).context["form"].secret
    client.post(APP, {"code": code(key)})
    return key


def sign_in_again(person, **extra) -> Client:
    client = Client()
    sign_in(client, person.email, **extra)
    return client


# Who must have it, and from when


@pytest.mark.parametrize("role", [Role.FOCAL_POINT, *SECRETARIAT])
def test_a_role_that_requires_it_is_invited_first_may_postpone_once_and_then_sets_it_up(xaa, role):
    person = make_person("frida", role, xaa if role == Role.FOCAL_POINT else None)
    first = sign_in_again(person)
    assert first.get("/account/")["Location"] == f"{CHOOSE}?next=%2Faccount%2F"
    assert "You can postpone it once" in first.get(CHOOSE).content.decode()
    assert first.post(CHOOSE, {"next": "/account/"})["Location"] == "/account/"
    assert first.get("/account/").status_code == 200
    second = sign_in_again(person)
    assert second.get("/account/")["Location"] == f"{CHOOSE}?next=%2Faccount%2F"
    assert "you cannot open other pages" in second.get(CHOOSE).content.decode()
    assert second.post(CHOOSE).status_code == 403
    assert second.get("/account/").status_code == 302
    add_app(second)
    assert second.get("/account/").status_code == 200


def test_postponing_is_recorded_and_leads_to_no_other_site(desk):
    assert desk.post(CHOOSE, {"next": "https://evil.example/"})["Location"] == "/"
    assert Event.everyones.latest("number").action == "second factor postponed"


def test_no_page_opens_before_it_is_set_up(desk):
    """All addresses of the walk: only those of signing in and out answer."""
    opened = {
        name
        for name, (arguments, _expected) in URLS.items()
        if not any(isinstance(value, str) and value.isupper() and value != "XAA" for value in arguments.values())
        and desk.get(reverse(name, kwargs=arguments)).get("Location", "").startswith(CHOOSE) is False
    }
    assert {name for name in opened if not name.startswith(("account_", "mfa_", "openid_connect_"))} == {
        "access_stop_confirm",
        "second_factor",
        "security_contact",
        "session_end",
        "language",
    }
    assert desk.get("/desk/XAA/", headers={"HX-Request": "true"}).status_code == 403


def test_text_that_is_posted_before_it_is_set_up_is_kept(desk, alice, xaa, unit):
    with_second_factor(alice)
    page = desk.get("/desk/XAA/recommendations/I-13/")
    token = page.content.decode().partition('name="author_token" value="')[2].partition('"')[0]
    Authenticator.objects.all().delete()
    posted = desk.post("/desk/XAA/recommendations/I-13/", {"author_token": token, "measures": "The Act of 2016."})
    assert posted["Location"] == f"{CHOOSE}?next=%2Fdesk%2FXAA%2Frecommendations%2FI-13%2F"
    with_second_factor(alice)
    assert "The Act of 2016." in desk.get("/desk/XAA/recommendations/I-13/").content.decode()


@pytest.mark.parametrize("role", [Role.CONTRIBUTOR, Role.VIEWER])
def test_a_state_decides_for_its_contributors_and_viewers(client, xaa, alice, role):
    person = make_person("frida", role, xaa)
    client.force_login(person)
    assert client.get("/desk/XAA/").status_code == 200
    with_second_factor(alice)
    focal_point = Client()
    focal_point.force_login(alice)
    focal_point.post("/desk/XAA/people/two-step/", {"asked": "yes"})
    assert (
        "Two-step sign-in is required of everyone on your team."
        in focal_point.get("/desk/XAA/people/").content.decode()
    )
    assert client.get("/desk/XAA/")["Location"] == f"{CHOOSE}?next=%2Fdesk%2FXAA%2F"
    focal_point.post("/desk/XAA/people/two-step/", {"asked": "no"})
    assert client.get("/desk/XAA/").status_code == 200
    asked = Event.everyones.filter(respondent=xaa, target="respondent XAA").order_by("number")
    assert [event.action for event in asked] == ["second factor asked of team", "second factor left to team"]


def test_a_demonstration_requires_none(desk, settings):
    settings.SECOND_FACTOR_REQUIRED = False
    assert desk.get("/account/").status_code == 200


# With what


def test_it_is_asked_for_after_the_password(client, bob):
    assert sign_in(client, bob.email, next_="/about/")["Location"].startswith(AUTHENTICATE)
    assert is_signed_in(client) is False
    assert client.post(AUTHENTICATE, {"code": "000000x"}).status_code == 200
    assert client.post(AUTHENTICATE, {"code": code()})["Location"] == "/about/"
    assert is_signed_in(client) is True


def test_a_code_works_once(client, bob):
    used = code()
    sign_in(client, bob.email)
    assert client.post(AUTHENTICATE, {"code": used}).status_code == 302
    thief = sign_in_again(bob)
    assert thief.post(AUTHENTICATE, {"code": used}).status_code == 200
    assert is_signed_in(thief) is False


def test_a_recovery_code_replaces_an_app_or_passkey_once(client, alice):
    add_passkey(alice)
    printed = RecoveryCodes.activate(alice).get_unused_codes()
    name_rows()
    assert len(printed) == 10
    sign_in(client, alice.email)
    assert "Use your passkey. Without it, enter a code." in client.get(AUTHENTICATE).content.decode()
    client.post(AUTHENTICATE, {"code": printed[0]})
    assert is_signed_in(client) is True
    assert "Codes left: 9" in client.get("/account/").content.decode()
    codes = client.get("/accounts/2fa/recovery-codes/").content.decode()
    assert "Codes left: 9 of 10." in codes
    assert "Each code works once instead of the passkey or the app." in codes
    again = sign_in_again(alice)
    assert again.post(AUTHENTICATE, {"code": printed[0]}).status_code == 200


def test_the_page_names_only_what_the_person_has(client, alice, bob):
    sign_in(client, bob.email)
    page = client.get(AUTHENTICATE).content.decode()
    assert ("Enter the code shown in your authenticator app." in page, "Use a passkey" in page) == (True, False)


@pytest.mark.parametrize("junk", ["", "{", "[]", "7", "{}", '{"response": []}', '{"id": "x", "rawId": "x"}', "null"])
@pytest.mark.parametrize(
    "path", [AUTHENTICATE, "/accounts/2fa/passkeys/login/", "/accounts/2fa/passkeys/reauthenticate/"]
)
def test_an_answer_that_no_passkey_gives_opens_nothing_and_breaks_nothing(client, alice, path, junk):
    add_passkey(alice)
    if "reauthenticate" in path:
        client.force_login(alice)
    elif path == AUTHENTICATE:
        sign_in(client, alice.email)
    assert client.post(path, {"credential": junk}).status_code in (200, 302)
    assert is_signed_in(client) is ("reauthenticate" in path)


@pytest.mark.parametrize("junk", ["", "{", "[]", "{}", '{"response": []}'])
def test_junk_is_not_added_as_a_passkey(desk, junk):
    desk.get(ADD_PASSKEY)
    assert desk.post(ADD_PASSKEY, {"name": "x", "credential": junk}).status_code == 200
    assert Authenticator.objects.exists() is False


def test_a_passkey_of_another_person_is_neither_renamed_nor_removed(client, alice, charlie):
    passkey = add_passkey(charlie)
    client.force_login(with_second_factor(alice))
    for step in ("rename", "remove"):
        assert client.post(f"/accounts/2fa/passkeys/{passkey.pk}/{step}/", {"name": "mine"}).status_code == 404
    passkey.refresh_from_db()
    assert passkey.data["name"] == "Office laptop"


def test_a_passkey_is_renamed_and_removed(client, alice):
    passkey = add_passkey(alice)
    client.force_login(with_second_factor(alice))
    name_rows()
    client.post(f"/accounts/2fa/passkeys/{passkey.pk}/rename/", {"name": "Blue key"})
    assert "Blue key" in client.get("/account/").content.decode()
    client.post(f"/accounts/2fa/passkeys/{passkey.pk}/remove/")
    assert [row.type for row in Authenticator.objects.all()] == ["totp"]
    assert Event.everyones.latest("number").action == "second factor removed"


# The last one


def test_the_last_one_is_not_removed_from_a_role_that_requires_it(client, alice):
    client.force_login(with_second_factor(alice))
    said = client.post(REMOVE_APP).content.decode()
    assert "this is your last passkey or app. Add another one first." in said
    passkey = add_passkey(alice)
    assert client.post(REMOVE_APP)["Location"] == "/accounts/2fa/"
    page = client.post(f"/accounts/2fa/passkeys/{passkey.pk}/remove/")
    assert "this is your last passkey or app. Add another one first." in page.content.decode()
    assert [row.type for row in Authenticator.objects.all()] == ["webauthn"]


def clients_of(person) -> list[Client]:
    """Two browsers in which the person is signed in."""
    clients = [Client(), Client()]
    for client in clients:
        client.force_login(person)
    return clients


@pytest.mark.parametrize("time", range(3))
@pytest.mark.django_db(transaction=True)
def test_the_last_two_are_not_removed_at_once(alice, time):
    passkey = add_passkey(with_second_factor(alice))
    first, second = clients_of(alice)
    paths = (REMOVE_APP, f"/accounts/2fa/passkeys/{passkey.pk}/remove/")
    at_once(partial(first.post, paths[0]), partial(second.post, paths[1]))
    assert Authenticator.objects.filter(user=alice).count() == 1


@pytest.mark.parametrize("time", range(3))
@pytest.mark.django_db(transaction=True)
def test_it_is_not_postponed_twice_at_once(alice, time):
    first, second = clients_of(alice)
    at_once(partial(first.post, CHOOSE), partial(second.post, CHOOSE))
    assert Event.everyones.filter(action="second factor postponed").count() == 1
    assert sorted([first.get("/account/").status_code, second.get("/account/").status_code]) == [200, 302]


@pytest.mark.parametrize("time", range(3))
@pytest.mark.django_db(transaction=True)
def test_a_recovery_code_is_not_used_twice_at_once(alice, time):
    add_passkey(alice)
    printed = RecoveryCodes.activate(alice).get_unused_codes()[0]
    clients = [sign_in_again(alice), sign_in_again(alice)]
    at_once(*(partial(client.post, AUTHENTICATE, {"code": printed}) for client in clients))
    assert sorted(is_signed_in(client) for client in clients) == [False, True]


def test_a_wrong_code_of_the_first_app_offers_nothing_that_there_is_not_yet(desk):
    form = desk.post(APP, {"code": "000000x"}).context["form"]
    assert form.errors == {"code": ["The code is incorrect. Enter a new code."]}


def test_an_app_is_replaced_without_a_moment_without_one(client, alice, django_capture_on_commit_callbacks):
    client.force_login(with_second_factor(alice))
    name_rows()
    client.post(APP, {"code": "000000x"})
    assert decrypt(Authenticator.objects.get(type="totp").data["secret"]) == TOTP_KEY
    with django_capture_on_commit_callbacks(execute=True):
        key = add_app(client)
    assert decrypt(Authenticator.objects.get(type="totp").data["secret"]) == key


def test_who_need_none_may_remove_the_last_one(client, carol):
    client.force_login(with_second_factor(carol))
    RecoveryCodes.activate(carol)
    name_rows()
    client.post(REMOVE_APP)
    assert Authenticator.objects.exists() is False
    assert client.get("/desk/XAA/").status_code == 200


# What a change does


def test_switching_it_on_signs_out_a_thief_who_has_the_password(client, xaa, alice, django_capture_on_commit_callbacks):
    carol = make_person("carol", Role.CONTRIBUTOR, xaa)
    thief, stranger = sign_in_again(carol), sign_in_again(make_person("victor", Role.VIEWER, xaa))
    sign_in(client, carol.email)
    with django_capture_on_commit_callbacks(execute=True):
        add_app(client)
    assert (is_signed_in(client), is_signed_in(thief), is_signed_in(stranger)) == (True, False, True)


def test_each_change_is_recorded_and_notified(client, carol, mailoutbox, django_capture_on_commit_callbacks):
    client.force_login(carol)
    name_rows()
    with django_capture_on_commit_callbacks(execute=True):
        add_app(client)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(CODES + "generate/")
    with django_capture_on_commit_callbacks(execute=True):
        client.post(REMOVE_APP)
    codes = "recovery codes created"
    actions = ["rows loaded", "second factor set up", codes, codes, "second factor removed"]
    assert [event.action for event in later_events().order_by("number")] == actions
    assert [mail.to for mail in mailoutbox] == [["carol@example.org"]] * 3
    assert "Passkey or authenticator app added" in mailoutbox[0].body


def test_the_qr_code_holds_to_the_content_security_policy(desk):
    page = desk.get(APP)
    assert '<svg class="qr"' in page.content.decode()
    assert "data:" not in page.content.decode()
    assert "img-src 'self';" in page["Content-Security-Policy"]


# A remembered device


def authenticate(client, **typed):
    return client.post(AUTHENTICATE, {"code": code()} | typed)


def test_a_device_is_remembered_for_30_days(client, bob, settings):
    sign_in(client, bob.email)
    cookie = authenticate(client, trust="on").cookies[settings.MFA_TRUST_COOKIE_NAME]
    assert (cookie["max-age"], cookie["httponly"]) == (30 * 24 * 3600, True)
    client.post("/accounts/logout/")
    assert sign_in(client, bob.email)["Location"] == "/"
    assert is_signed_in(client) is True
    assert sign_in(Client(), bob.email)["Location"].startswith(AUTHENTICATE)


def test_a_device_is_remembered_only_if_the_person_says_so(client, bob, settings):
    sign_in(client, bob.email)
    assert settings.MFA_TRUST_COOKIE_NAME not in authenticate(client).cookies
    client.post("/accounts/logout/")
    assert sign_in(client, bob.email)["Location"].startswith(AUTHENTICATE)


def test_a_device_is_not_remembered_for_another_person_who_signs_in_next(client, bob, settings):
    """Where the sign-in of the first person did not come to its end."""
    client.get(LOGIN)
    session = client.session
    session[TRUSTS_DEVICE] = bob.pk
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    dora = make_person("dora", Role.REVIEWER)
    assert settings.MFA_TRUST_COOKIE_NAME not in sign_in(client, dora.email).cookies
    assert is_signed_in(client) is False  # a second factor is chosen first


@pytest.mark.parametrize("change", ["another app", "another passkey", "another password", "another person"])
def test_a_remembered_device_is_forgotten_after_a_change(client, bob, change):
    sign_in(client, bob.email)
    authenticate(client, trust="on")
    client.post("/accounts/logout/")
    person, password = bob, PASSWORD
    if change == "another app":
        Authenticator.objects.all().delete()
        with_second_factor(bob)
    elif change == "another passkey":
        add_passkey(bob)
    elif change == "another password":
        password = "another long pass phrase"
        bob.set_password(password)
        bob.save()
    else:
        person = with_second_factor(make_person("dora", Role.REVIEWER))
    assert sign_in(client, person.email, password)["Location"].startswith(AUTHENTICATE)


def remembered(person) -> Client:
    """A browser that is not asked for the second step of the person for 30 days."""
    client = Client()
    sign_in(client, person.email)
    authenticate(client, trust="on")
    cache.clear()  # a code works once: the next one is the same
    assert is_signed_in(client) is True
    return client


def is_asked(client, person, password: str = PASSWORD) -> bool:
    """Whether the second step is asked for at the next sign-in in this browser."""
    client.post("/accounts/logout/")
    return sign_in(client, person.email, password)["Location"].startswith(AUTHENTICATE)


def test_attack_a_remembered_device_survives_end_all_other_sessions(bob):
    owner, thief = remembered(bob), remembered(bob)
    owner.post("/account/sessions/", {"others": ""})
    assert (is_signed_in(owner), is_signed_in(thief)) == (True, False)
    assert (is_asked(owner, bob), is_asked(thief, bob)) == (False, True)


def test_attack_a_copied_cookie_of_a_remembered_device_survives_too(bob):
    owner, thief = remembered(bob), Client()
    thief.cookies = copy(owner.cookies)
    owner.post("/account/sessions/", {"others": ""})
    assert is_asked(thief, bob) is True


def test_attack_a_remembered_device_survives_another_password(bob):
    owner, thief = remembered(bob), remembered(bob)
    typed = dict.fromkeys(("password1", "password2"), NEW_PASSWORD) | {"oldpassword": PASSWORD}
    owner.post("/accounts/password/change/", typed)
    assert is_asked(thief, bob, NEW_PASSWORD) is True


@pytest.mark.parametrize("change", ["adds", "removes", "replaces codes"])
def test_attack_a_remembered_device_survives_another_factor(bob, change, django_capture_on_commit_callbacks):
    add_passkey(bob)
    RecoveryCodes.activate(bob)
    name_rows()
    owner, thief = remembered(bob), remembered(bob)
    with django_capture_on_commit_callbacks(execute=True):
        if change == "adds":
            add_app(owner)
        elif change == "removes":
            owner.post(REMOVE_APP)
        else:
            owner.post(f"{CODES}generate/")
    bob.refresh_from_db()
    assert (bob.device_generation, is_asked(thief, bob)) == (1, True)


def test_attack_a_remembered_device_survives_the_end_of_all_sessions(bob, erin):
    thief = remembered(bob)
    request = request_second_factor_reset(user=bob, by=erin)
    confirm_access_change(change=request, by=with_second_factor(make_person("greta", Role.ADMINISTRATOR)))
    with_second_factor(bob)
    bob.refresh_from_db()
    assert (bob.device_generation, is_asked(thief, bob)) == (1, True)


def test_a_remembered_device_of_one_person_forgets_no_other(bob):
    dora = with_second_factor(make_person("dora", Role.REVIEWER))
    client = remembered(bob)
    client.post("/accounts/logout/")
    sign_in(client, dora.email)
    authenticate(client, trust="on")
    client.post("/account/sessions/", {"others": ""})
    assert (is_asked(client, dora), is_asked(client, bob)) == (False, False)


def test_a_remembered_device_is_forgotten_after_30_days(client, bob, monkeypatch):
    sign_in(client, bob.email)
    authenticate(client, trust="on")
    client.post("/accounts/logout/")
    later = timezone.now() + datetime.timedelta(days=30, seconds=1)
    monkeypatch.setattr("allauth.mfa.internal.flows.trust.time.time", later.timestamp)
    assert sign_in(client, bob.email)["Location"].startswith(AUTHENTICATE)


# Secrets are encrypted with a key outside the database


def stored() -> str:
    """All that the table has."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT data FROM mfa_authenticator")
        return json.dumps([str(row) for row in cursor.fetchall()])


def test_a_stolen_database_gives_no_code(desk):
    """Neither the key of an app nor the seed of the recovery codes is in it."""
    key = add_app(desk)
    printed = desk.get(CODES + "download/").content.decode().split()
    assert len(printed) == 10
    kept = stored()
    assert key not in kept
    codes = Authenticator.objects.get(type="recovery_codes")
    assert decrypt(codes.data["seed"]) not in kept
    assert [number for number in printed if number in kept] == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT session_key FROM tracker_session")
        sessions = [row[0] for row in cursor.fetchall()]
    assert [desk.session.get("mfa.totp.secret"), len(sessions)] == [None, 1]


def test_the_same_secret_looks_different_each_time(alice, bob):
    with_second_factor(alice)
    first, second = Authenticator.objects.order_by("pk")
    assert first.data["secret"] != second.data["secret"]


def test_the_key_is_rotated(client, bob, settings):
    """The new key first: both decrypt. After the command the old one is not needed any more."""
    RecoveryCodes.activate(bob)
    settings.SECOND_FACTOR_KEYS = ["a new key", *settings.SECOND_FACTOR_KEYS]
    assert errors() == []
    said = StringIO()
    call_command("encrypt_second_factors", stdout=said)
    assert "2 secrets" in said.getvalue()
    settings.SECOND_FACTOR_KEYS = ["a new key"]
    assert errors() == []
    sign_in(client, bob.email)
    assert authenticate(client).status_code == 302
    assert Event.everyones.latest("number").action == "second factors encrypted"


def errors() -> list[str]:
    return [error.id for error in run_checks(databases=["default"]) if error.id.startswith("tracker.")]


@pytest.mark.parametrize(("keys", "found"), [(["wrong"], ["tracker.E002"]), ([], ["tracker.E001"])])
def test_a_wrong_key_is_found_by_the_check(bob, settings, keys, found):
    assert errors() == []
    settings.SECOND_FACTOR_KEYS = keys
    assert errors() == found


def test_a_wrong_key_changes_nothing_when_secrets_are_encrypted_again(bob, settings):
    before = stored()
    settings.SECOND_FACTOR_KEYS = ["wrong"]
    with pytest.raises(CommandError, match="Nothing was changed"):
        call_command("encrypt_second_factors")
    assert stored() == before


def test_with_a_wrong_key_a_sign_in_says_so_and_lets_nobody_in(client, bob, settings):
    settings.SECOND_FACTOR_KEYS = ["wrong"]
    sign_in(client, bob.email)
    page = client.post(AUTHENTICATE, {"code": code()}, follow=True)
    assert page.status_code == 200
    assert "Codes cannot be checked at present." in page.content.decode()
    assert is_signed_in(client) is False


def test_with_a_wrong_key_no_recovery_code_is_made_up(officer, bob, settings):
    RecoveryCodes.activate(bob)
    settings.SECOND_FACTOR_KEYS = ["wrong"]
    page = officer.get(CODES, follow=True)
    assert "Codes cannot be checked at present." in page.content.decode()
    assert page.redirect_chain == [("/account/", 302)]


# Who sees it


def test_focal_points_see_who_has_it_since_when(desk, xaa, alice, django_assert_max_num_queries):
    with_second_factor(alice)
    Authenticator.objects.update(created_at=datetime.datetime(2026, 3, 3, 12, tzinfo=datetime.UTC))
    for number in range(10):
        add_passkey(make_person(f"carol{number}", Role.CONTRIBUTOR, xaa))
    make_person("victor", Role.VIEWER, xaa)
    with django_assert_max_num_queries(15):
        page = desk.get("/desk/XAA/people/").content.decode()
    words = " ".join(page.replace("<", " <").split())
    assert "Authenticator app" in words
    assert "Since 3 March 2026" in words
    assert page.count("Passkey") == 10
    assert page.count("No two-step sign-in") == 1


def test_administrators_see_who_has_it_since_when(administrator, alice, django_assert_max_num_queries):
    Authenticator.objects.update(created_at=datetime.datetime(2026, 3, 3, 12, tzinfo=datetime.UTC))
    for number in range(10):
        add_passkey(make_person(f"carol{number}"))
    with django_assert_max_num_queries(15):
        page = administrator.get("/admin/tracker/user/").content.decode()
    assert 'class="field-two_step">Authenticator app (3 March 2026)</td>' in page
    assert page.count('class="field-two_step">Passkey (') == 10
    assert page.count('class="field-two_step">-</td>') == 1

"""Signing in at a provider that a test has say anything: what it may say, and what it may not do."""

import gzip
import json
import time
import tracemalloc

import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from tests.client import Client
from tests.conftest import PASSWORD, make_person, with_second_factor
from tests.identity_providers import CLIENT_ID, KEY, OTHER_KEY, SECRET, SmallProvider, use_provider
from tracker import settings as shipped
from tracker.actions import user as people
from tracker.actions.identity import bind_identity
from tracker.actions.invitation import send_invitation
from tracker.models import Event, Invitation, Session, User
from tracker.models.user import Role

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

LOGIN = "/accounts/oidc/ministry/login/"
BACK = "/accounts/oidc/ministry/login/callback/"
CONFIRM = "/accounts/oidc/ministry/confirm/"
ACCEPT = "/invitations/accept/"


def page_of(response) -> str:
    return " ".join(response.content.decode().split())


@pytest.fixture
def provider(settings, monkeypatch):
    provider = SmallProvider()
    use_provider(settings, monkeypatch, provider.issuer)
    yield provider
    provider.stop()


@pytest.fixture
def frida(xaa):
    """A contributor of XAA who signs in at the provider."""
    frida = make_person("frida", Role.CONTRIBUTOR, xaa)
    bind_identity(frida, "ministry", "subject-frida", by=frida)
    return frida


@pytest.fixture
def token(xaa, alice, mailoutbox):
    """The token of an invitation to XAA."""
    return invite(xaa, alice)


def invite(xaa, alice, email="frida@example.org") -> str:
    invitation = send_invitation(respondent=xaa, email=email, role=Role.VIEWER, by=alice)
    token = invitation.new_link(alice)
    invitation.save()
    return token


def visit(client: Client, purpose: str = "sign_in", **posted):
    return client.post(LOGIN, {"purpose": purpose} | posted)


def sign_in(client: Client, provider: SmallProvider, subject: str, purpose: str = "sign_in", **claims):
    """Go to the provider and come back with what it says."""
    return client.get(BACK, provider.says(visit(client, purpose)["Location"], subject, **claims))


def user_of(client: Client) -> str | None:
    response = client.get("/account/")
    return response.context["user"].email if response.status_code == 200 else None


# Settings


def test_without_settings_there_is_no_provider(client):
    assert "openid_connect" not in page_of(client.get("/accounts/login/"))
    assert "/accounts/oidc/" not in page_of(client.get("/accounts/login/"))
    for address in (BACK, CONFIRM):
        assert client.get(address).status_code == (404 if address == BACK else 302)
    assert visit(client).status_code == 404
    assert "form-action 'self';" in client.get("/accounts/login/")["Content-Security-Policy"]


def test_forms_lead_only_to_the_origin_of_the_provider(client, provider):
    policy = client.get("/accounts/login/")["Content-Security-Policy"]
    assert f"form-action 'self' {provider.issuer};" in policy


def test_the_operator_can_name_other_origins(monkeypatch, settings):
    use_provider(
        settings, monkeypatch, "https://login.example/realm", ORIGINS="https://login.example,https://go.example"
    )
    assert settings.SECURE_CSP["form-action"] == ["'self'", "https://login.example", "https://go.example"]


@pytest.mark.parametrize("issuer", ["http://login.example", "http://127.0.0.1.example", "login.example"])
def test_a_provider_without_tls_is_refused(monkeypatch, settings, issuer):
    with pytest.raises(ImproperlyConfigured, match="OIDC_MINISTRY_ISSUER must begin with https://"):
        use_provider(settings, monkeypatch, issuer)


@pytest.mark.parametrize("name", ["a.b", "Ministry", "a b", "a/b"])
def test_the_name_of_a_provider_fits_into_an_address(monkeypatch, settings, name):
    with pytest.raises(ImproperlyConfigured, match="small letters"):
        use_provider(settings, monkeypatch, "https://login.example", name=name)


def test_a_provider_lacks_nothing(monkeypatch, settings):
    use_provider(settings, monkeypatch, "https://login.example")
    monkeypatch.delenv("OIDC_MINISTRY_SECRET")
    with pytest.raises(ImproperlyConfigured, match="OIDC_MINISTRY_SECRET"):
        shipped.read_identity_providers()


def test_a_provider_in_the_database_is_none(client, provider):
    SocialApp.objects.create(provider="openid_connect", provider_id="other", name="Other", client_id="x")
    assert "Other" not in page_of(client.get("/accounts/login/"))
    assert client.post("/accounts/oidc/other/login/", {"purpose": "sign_in"}).status_code == 404


# Signing in


def test_a_bound_identity_signs_in_and_leads_on(client, provider, frida):
    assert "<span>Continue with <bdi>Ministry of Arandia</bdi></span>" in page_of(
        client.get("/accounts/login/?next=/desk/XAA/")
    )
    gone = visit(client, next="/desk/XAA/")
    assert gone["Location"].startswith(f"{provider.issuer}/authorize?")
    back = client.get(BACK, provider.says(gone["Location"], "subject-frida", email="frida@ministry.example"))
    assert (back.status_code, back["Location"]) == (302, "/desk/XAA/")
    assert user_of(client) == frida.email
    assert "<bdi>Ministry of Arandia</bdi>: <bdi>frida@ministry.example</bdi>" in page_of(client.get("/account/"))


def test_the_code_is_exchanged_with_the_secret_and_a_verifier(client, provider, frida):
    sign_in(client, provider, "subject-frida")
    posted = provider.posted[0]
    assert len(posted.pop("code_verifier")) == 128
    assert posted == {
        "client_id": CLIENT_ID,
        "client_secret": SECRET,
        "code": "a code",
        "grant_type": "authorization_code",
        "redirect_uri": f"http://testserver{BACK}",
    }


def test_no_token_of_the_provider_is_stored(client, provider, frida):
    sign_in(client, provider, "subject-frida")
    identity = SocialAccount.objects.get()
    assert identity.socialtoken_set.count() == 0
    assert set(identity.extra_data["id_token"]) == {"sub", "label", "amr", "auth_time"}


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_signing_in_at_a_provider_never_leads_to_another_site(client, provider, frida, elsewhere):
    gone = visit(client, next=elsewhere)
    assert client.get(BACK, provider.says(gone["Location"], "subject-frida"))["Location"] == "/"


@pytest.mark.parametrize("address", [LOGIN, f"{LOGIN}?process=connect&next=/"])
def test_going_to_a_provider_takes_a_post_of_this_site(provider, address):
    assert Client().get(address).status_code == 405
    assert Client(enforce_csrf_checks=True).post(address, {"purpose": "sign_in"}).status_code == 403


# Attacks


def test_an_unknown_identity_gets_instructions_and_no_account(client, provider, frida):
    """Not even with the address of a user, verified by the provider."""
    response = sign_in(client, provider, "subject-mallory", email=frida.email, email_verified=True)
    page = page_of(response)
    assert response.status_code == 403
    assert "This account is not linked to a user" in page
    assert "<code>subject-mallory</code>" in page
    assert "Open the link in the e-mail again, and choose the provider on that page." in page
    assert user_of(client) is None
    assert SocialAccount.objects.get().uid == "subject-frida"


def wrong_state(parameters):
    return parameters | {"state": "of somebody else"}


def no_state(parameters):
    return {"code": parameters["code"]}


def no_code(parameters):
    return {"state": parameters["state"]}


@pytest.mark.parametrize("change", [wrong_state, no_state, no_code])
def test_a_reply_to_another_visit_signs_nobody_in(client, provider, frida, change):
    parameters = provider.says(visit(client)["Location"], "subject-frida")
    response = client.get(BACK, change(parameters))
    assert (response.status_code, user_of(client)) == (400, None)
    assert "The sign-in was not completed" in page_of(response)


def test_a_reply_works_in_the_browser_that_asked_and_once(client, provider, frida):
    parameters = provider.says(visit(client)["Location"], "subject-frida")
    victim = Client()
    assert victim.get(BACK, parameters).status_code == 400
    assert user_of(victim) is None
    assert client.get(BACK, parameters).status_code == 302
    client.post("/accounts/logout/")
    assert client.get(BACK, parameters).status_code == 400
    assert user_of(client) is None


NOW = int(time.time())


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "of another visit"},
        {"nonce": None},
        {"aud": "another site"},
        {"aud": [CLIENT_ID, "another site"], "azp": "another site"},
        {"iss": "https://evil.example"},
        {"exp": NOW - 3600},
        {"exp": None},
        {"exp": float("inf")},
        {"iat": NOW + 3600},
        {"sub": None},
        {"sub": ""},
        {"sub": "subject-frida\0"},
        {"sub": "x" * 192},
    ],
    ids=" ".join,  # without values: the two processes of a run would name a time otherwise
)
def test_a_token_that_is_wrong_signs_nobody_in(client, provider, frida, claims):
    response = sign_in(client, provider, **({"subject": "subject-frida"} | renamed(claims)))
    assert (response.status_code, user_of(client)) == (400, None)


def renamed(claims: dict) -> dict:
    return {"subject" if name == "sub" else name: value for name, value in claims.items()}


@pytest.mark.parametrize(
    ("key", "header", "algorithm"),
    [
        (OTHER_KEY, {"kid": "1"}, "RS256"),
        (OTHER_KEY, {"kid": "2"}, "RS256"),
        (KEY, {}, "RS256"),
        (None, {"kid": "1"}, "none"),
        ("a key that both know, of thirty-two", {"kid": "1"}, "HS256"),
    ],
    ids=["another key", "unknown key", "no key named", "unsigned", "symmetric"],
)
def test_a_token_that_the_provider_did_not_sign_signs_nobody_in(client, provider, frida, key, header, algorithm):
    provider.key, provider.header, provider.algorithm = key, header, algorithm
    response = sign_in(client, provider, "subject-frida")
    assert (response.status_code, user_of(client)) == (400, None)


def test_a_token_signed_by_the_provider_for_another_visit_signs_nobody_in(client, provider, frida):
    """The nonce alone tells them apart."""
    first = provider.says(visit(client)["Location"], "subject-frida")
    second = visit(client)["Location"]
    claims = provider.claims
    back = provider.says(second, "subject-mallory")
    provider.claims = claims
    assert first["state"] != back["state"]
    assert client.get(BACK, back).status_code == 400
    assert user_of(client) is None


@pytest.mark.parametrize(
    ("path", "document"),
    [
        ("/.well-known/openid-configuration", b"not JSON"),
        ("/.well-known/openid-configuration", b"[]"),
        ("/.well-known/openid-configuration", b"{}"),
        ("/.well-known/openid-configuration", b'{"issuer": "https://evil.example"}'),
        ("/keys", b"not JSON"),
        ("/keys", b"[]"),
        ("/keys", b'{"keys": [{"kty": "RSA"}]}'),
        ("/token", b"not JSON"),
        ("/token", b"[]"),
        ("/token", b'{"error": "invalid_grant"}'),
        ("/token", b'{"access_token": "x"}'),
        ("/token", b'{"access_token": "x", "id_token": 5}'),
        ("/token", b'{"access_token": "x", "id_token": "a.b.c"}'),
    ],
)
def test_a_provider_that_talks_nonsense_is_answered_with_a_page(client, provider, frida, path, document):
    gone = visit(client)
    parameters = provider.says(gone["Location"], "subject-frida")
    provider.documents[path] = document
    response = client.get(BACK, parameters)
    assert response.status_code in (400, 503)
    assert "Nobody was signed in." in page_of(response)
    if path.startswith("/.well-known"):
        assert visit(Client()).status_code in (400, 503)
    assert user_of(client) is None


def test_a_provider_that_is_away_is_answered_with_a_page(client, provider, frida):
    gone = visit(client)
    parameters = provider.says(gone["Location"], "subject-frida")
    provider.stop()
    for response in (visit(Client()), client.get(BACK, parameters)):
        assert response.status_code == 503
        assert "The provider cannot be reached" in page_of(response)


def test_a_provider_cannot_pass_for_another_issuer(client, provider):
    document = json.loads(provider._document("/.well-known/openid-configuration")) | {"issuer": "https://evil.example"}
    provider.documents["/.well-known/openid-configuration"] = json.dumps(document).encode()
    assert visit(client).status_code == 400


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/token", "/keys"])
def test_no_redirect_of_a_provider_is_followed(client, provider, frida, path):
    parameters = provider.says(visit(client)["Location"], "subject-frida")
    provider.documents[path] = f"{provider.issuer}/elsewhere".encode()
    assert client.get(BACK, parameters).status_code == 503
    assert path in provider.paths
    assert "/elsewhere" not in provider.paths


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/token", "/keys"])
def test_a_reply_of_a_provider_fills_no_memory(client, provider, frida, path, pack):
    parameters = provider.says(visit(client)["Location"], "subject-frida")
    provider.documents[path] = pack(b" " * 50_000_000 + b"{}")
    tracemalloc.start()
    response = client.get(BACK, parameters)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert response.status_code == 503
    assert peak < 10_000_000


@pytest.mark.parametrize("endpoint", ["authorization_endpoint", "token_endpoint", "jwks_uri"])
def test_a_provider_names_no_address_of_another_kind(client, provider, endpoint):
    document = json.loads(provider._document("/.well-known/openid-configuration")) | {endpoint: "file:///etc/passwd"}
    provider.documents["/.well-known/openid-configuration"] = json.dumps(document).encode()
    assert visit(client).status_code == 400


def test_who_cancels_at_the_provider_is_at_the_sign_in_page(client, provider):
    parameters = provider.says(visit(client)["Location"], "subject-frida")
    response = client.get(BACK, {"state": parameters["state"], "error": "access_denied"})
    assert (response.status_code, response["Location"]) == (302, "/accounts/login/")


def test_attack_a_long_address_to_come_back_to_fills_no_session(client, provider, frida):
    gone = visit(client, next=f"/desk/XAA/?{'x' * 100_000}")
    assert len(Session.objects.get().session_data) < 2_000
    assert client.get(BACK, provider.says(gone["Location"], "subject-frida"))["Location"] == "/"


def test_too_many_visits_are_slowed(client, provider):
    codes = [visit(client).status_code for _visit in range(61)]
    assert codes == [302] * 60 + [429]


# Roles that end


def test_an_identity_without_a_role_reads_nothing(client, provider, frida):
    frida.memberships.update(ended_at=timezone.now())
    sign_in(client, provider, "subject-frida")
    assert user_of(client) == frida.email
    assert client.get("/desk/XAA/").status_code == 404


def test_the_identity_of_a_deactivated_user_signs_nobody_in(client, provider, frida, erin):
    people.close_account(user=frida, by=erin)
    response = sign_in(client, provider, "subject-frida")
    assert response["Location"] == "/accounts/inactive/"
    assert user_of(client) is None


# Two steps


def test_a_second_step_at_the_provider_counts_where_the_operator_says_so(
    client, settings, monkeypatch, provider, frida
):
    use_provider(settings, monkeypatch, provider.issuer, SECOND_STEP="otp,hwk")
    with_second_factor(frida)
    assert sign_in(client, provider, "subject-frida", amr=["pwd", "otp"])["Location"] == "/"
    assert user_of(client) == frida.email


@pytest.mark.parametrize(
    ("second_step", "amr"), [("otp", ["pwd"]), ("otp", None), ("otp", "otp"), ("", ["pwd", "otp"])]
)
def test_no_other_second_step_counts(client, settings, monkeypatch, provider, frida, second_step, amr):
    use_provider(settings, monkeypatch, provider.issuer, SECOND_STEP=second_step)
    with_second_factor(frida)
    assert sign_in(client, provider, "subject-frida", amr=amr)["Location"] == "/accounts/2fa/authenticate/"
    assert user_of(client) is None


def test_the_secretariat_needs_no_other_second_step(client, settings, monkeypatch, provider, db):
    settings.SECOND_FACTOR_REQUIRED = True
    use_provider(settings, monkeypatch, provider.issuer, SECOND_STEP="otp")
    omar = make_person("omar", Role.REVIEWER)
    bind_identity(omar, "ministry", "subject-omar", by=omar)
    sign_in(client, provider, "subject-omar", amr=["otp"])
    assert client.get("/review/", follow=True).redirect_chain == []
    client.post("/accounts/logout/")
    sign_in(client, provider, "subject-omar", amr=["pwd"])
    assert client.get("/review/")["Location"] == "/account/two-step/?next=%2Freview%2F"


# Binding


def test_an_invitation_is_accepted_with_an_identity_in_place_of_a_password(client, provider, token):
    page = page_of(client.get(f"/invitations/{token}/", follow=True))
    assert "Or sign in with your organization" in page
    back = sign_in(client, provider, "subject-frida", purpose="join", email="f@ministry.example")
    assert back["Location"] == ACCEPT
    page = page_of(client.get(ACCEPT))
    assert "<bdi>Ministry of Arandia</bdi></b>, as <bdi>f@ministry.example</bdi>." in page
    assert "password1" not in page
    assert SocialAccount.objects.count() == 0
    done = client.post(ACCEPT, {"name": "Frida"}, follow=True)
    assert "You have joined the team: Arandia." in page_of(done)
    frida = User.objects.get(email="frida@example.org")
    assert (frida.has_usable_password(), SocialAccount.objects.get().user) == (False, frida)
    assert sign_in(client, provider, "subject-frida").status_code == 302
    assert client.get("/desk/XAA/").status_code == 200
    bound = Event.objects.headers_for(make_person("erin", Role.ADMINISTRATOR)).get(action="identity bound")
    assert (bound.target, bound.actor.email) == (f"person {frida.pk}", frida.email)
    assert "subject-frida" not in bound.became


def test_who_changes_their_mind_sets_a_password(client, provider, token):
    client.get(f"/invitations/{token}/")
    sign_in(client, provider, "subject-frida", purpose="join")
    client.post(ACCEPT, {"password": "yes"})
    assert "password1" in page_of(client.get(ACCEPT))
    client.post(ACCEPT, {"name": "Frida", "password1": PASSWORD, "password2": PASSWORD})
    assert SocialAccount.objects.count() == 0


def test_an_identity_does_not_wait_for_the_invitation_of_another_person(client, provider, xaa, alice, token):
    client.get(f"/invitations/{token}/")
    sign_in(client, provider, "subject-frida", purpose="join")
    client.get(f"/invitations/{invite(xaa, alice, 'gina@example.org')}/")
    assert "password1" in page_of(client.get(ACCEPT))


def test_the_identity_of_another_person_accepts_no_invitation(client, provider, xaa, alice, frida):
    """It signs its own user in, who is not invited; and it is bound once, also by two at the same moment."""
    client.get(f"/invitations/{invite(xaa, alice, 'gina@example.org')}/")
    sign_in(client, provider, "subject-frida", purpose="join")
    assert "Sign out and open the link again." in page_of(client.get(ACCEPT))
    late = Client()
    late.get(f"/invitations/{invite(xaa, alice, 'hugo@example.org')}/")
    SocialAccount.objects.update(uid="not bound yet")
    sign_in(late, provider, "subject-frida", purpose="join")
    SocialAccount.objects.update(uid="subject-frida")
    page = page_of(late.post(ACCEPT, {"name": "Hugo"}))
    assert "This account at the provider belongs to another user." in page
    assert 'value="Hugo"' in page
    assert User.objects.filter(email="hugo@example.org").exists() is False
    assert Invitation.everyones.filter(accepted_at=None).count() == 2


def test_an_identity_without_an_invitation_binds_nothing(client, provider, db):
    sign_in(client, provider, "subject-mallory", purpose="join")
    client.post(ACCEPT, {"name": "Mallory"})
    assert (SocialAccount.objects.count(), User.objects.count()) == (0, 0)


def test_a_signed_in_user_binds_no_identity_of_their_own(desk, provider):
    for purpose in ("join", "sign_in", "connect", ""):
        assert visit(desk, purpose, process="connect")["Location"] == "/"
    assert SocialAccount.objects.count() == 0


# Without a password


def test_a_user_with_an_identity_gets_no_link_for_a_password(client, provider, frida, alice, mailoutbox):
    pages = [client.post("/accounts/password/reset/", {"email": user.email}, follow=True) for user in (frida, alice)]
    assert len({page_of(page) for page in pages}) == 1
    assert "choose “Continue with Ministry of Arandia”" in mailoutbox[0].body
    assert "/password/reset/key/" not in mailoutbox[0].body
    assert "/password/reset/key/" in mailoutbox[1].body


def test_users_of_a_provider_that_is_no_more_set_a_password(client, settings, frida, mailoutbox):
    client.post("/accounts/password/reset/", {"email": frida.email})
    assert "/password/reset/key/" in mailoutbox[0].body


def test_a_user_with_an_identity_is_asked_for_no_new_password_after_a_sign_in_of_another(
    client, provider, frida, alice, mailoutbox
):
    sign_in(client, provider, "subject-frida")
    assert "If this was not you, end all other sessions" in mailoutbox[0].body
    assert "password" not in mailoutbox[0].body + page_of(client.get("/account/sessions/"))
    client.force_login(alice)
    assert "After you end a session that was not yours, change your password." in page_of(
        client.get("/account/sessions/")
    )


def test_the_page_for_a_new_password_leads_to_the_account(client, provider, frida):
    sign_in(client, provider, "subject-frida")
    assert client.get("/accounts/password/change/", follow=True).redirect_chain[-1] == ("/account/", 302)
    assert "Change password" not in page_of(client.get("/account/"))


def test_a_fresh_sign_in_is_asked_at_the_provider(client, provider, frida):
    sign_in(client, provider, "subject-frida")
    asked = client.get("/accounts/2fa/totp/activate/")
    assert asked["Location"] == f"{CONFIRM}?next=%2Faccounts%2F2fa%2Ftotp%2Factivate%2F"
    page = page_of(client.get(asked["Location"]))
    assert 'name="next" value="/accounts/2fa/totp/activate/"' in page
    gone = visit(client, "confirm", next="/accounts/2fa/totp/activate/")["Location"]
    assert "prompt=login" in gone
    assert "max_age=0" in gone
    back = client.get(BACK, provider.says(gone, "subject-frida", auth_time=int(time.time())))
    assert back["Location"] == "/accounts/2fa/totp/activate/"
    assert client.get("/accounts/2fa/totp/activate/").status_code == 200


def test_a_sign_in_is_fresh_where_the_provider_has_just_asked(client, provider, frida):
    sign_in(client, provider, "subject-frida", auth_time=int(time.time()))
    assert client.get("/accounts/2fa/totp/activate/").status_code == 200


@pytest.mark.parametrize("auth_time", [None, NOW - 3600, "now", True], ids=["none", "old", "words", "true"])
def test_an_old_sign_in_at_the_provider_is_not_fresh(client, provider, frida, auth_time):
    sign_in(client, provider, "subject-frida", auth_time=auth_time)
    assert client.get("/accounts/2fa/totp/activate/").status_code == 302
    assert sign_in(client, provider, "subject-frida", "confirm", auth_time=auth_time).status_code == 400
    assert client.get("/accounts/2fa/totp/activate/").status_code == 302
    assert Authenticator.objects.count() == 0


def test_the_page_names_the_other_ways_to_confirm(client, provider, frida):
    with_second_factor(frida)
    client.force_login(frida)
    page = page_of(client.get(f"{CONFIRM}?next=/account/"))
    assert '<a href="/accounts/2fa/reauthenticate/?next=%2Faccount%2F">' in page
    assert page.count("Continue with") == 1


def test_another_person_at_the_provider_confirms_nothing(client, provider, frida, xaa):
    gina = make_person("gina", Role.CONTRIBUTOR, xaa)
    bind_identity(gina, "ministry", "subject-gina", by=gina)
    sign_in(client, provider, "subject-frida")
    for subject in ("subject-gina", "subject-mallory"):
        response = sign_in(client, provider, subject, "confirm", auth_time=int(time.time()))
        assert response.status_code == 403
        assert "This account is not yours" in page_of(response)
    assert user_of(client) == frida.email
    assert client.get("/accounts/2fa/totp/activate/").status_code == 302

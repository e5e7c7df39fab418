"""Single sign-on in a browser, under the policy that the site sends, at the identity provider that allauth ships."""

import re

import pytest
from allauth.socialaccount.models import SocialAccount
from playwright.sync_api import expect

from tests.browser.conftest import everywhere, is_sound, press, sign_out
from tests.conftest import make_person, with_second_factor
from tests.identity_providers import allauth_provider, use_provider
from tests.provider_site.__main__ import PROVIDER_PASSWORD
from tracker.actions.identity import bind_identity
from tracker.actions.invitation import send_invitation
from tracker.models import User
from tracker.models.user import Role


@pytest.fixture(scope="module")
def provider(live_server, tmp_path_factory):
    back = f"{live_server.url}/accounts/oidc/ministry/login/callback/"
    with allauth_provider(tmp_path_factory.mktemp("provider"), back) as issuer:
        yield issuer


@pytest.fixture(autouse=True)
def _is_configured(provider, settings, monkeypatch):
    use_provider(settings, monkeypatch, provider, SECOND_STEP="otp")


def sign_in_there(page, name: str) -> None:
    """Fill in the form of the provider, which is a site of another origin."""
    expect(page).to_have_url(re.compile(r"^http://127\.0\.0\.1:\d+/accounts/login/"))
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(PROVIDER_PASSWORD)
    page.get_by_role("button", name="Sign In").click()


@everywhere
def test_an_invitation_is_accepted_at_the_provider_and_signs_in_from_then_on(visit, width, javascript, xaa, alice):
    invitation = send_invitation(respondent=xaa, email="frida@example.org", role=Role.VIEWER, by=alice)
    token = invitation.new_link(alice)
    invitation.save()
    page = visit(None, f"/invitations/{token}/", width, javascript)
    assert is_sound(page)
    press(page, "Continue with Ministry of Arandia")
    sign_in_there(page, "frida")
    expect(page.get_by_text("You will sign in with Ministry of Arandia, as frida@example.org.")).to_be_visible()
    assert is_sound(page)
    page.get_by_label("Name").fill("Frida")
    press(page, "Accept")
    expect(page.get_by_text("You have joined the team: Arandia.")).to_be_visible()
    assert is_sound(page)
    press(page, "Continue with Ministry of Arandia")  # the provider knows the browser still
    expect(page).to_have_url(re.compile("/welcome/|/desk/XAA/"))
    assert SocialAccount.objects.get().user == User.objects.get(email="frida@example.org")


@everywhere
def test_an_unknown_identity_reads_what_to_do(visit, width, javascript, db):
    page = visit(None, "/accounts/login/", width, javascript)
    press(page, "Continue with Ministry of Arandia")
    sign_in_there(page, "mallory")
    expect(page.get_by_role("heading", name="This account is not linked to a user")).to_be_visible()
    expect(page.get_by_text("subject-mallory")).to_be_visible()
    assert is_sound(page)


def test_a_code_at_the_provider_counts_and_a_password_there_does_not(visit, xaa):
    for name in ("sofia", "frida"):
        user = with_second_factor(make_person(name, Role.CONTRIBUTOR, xaa))
        bind_identity(user, "ministry", f"subject-{name}", by=user)
    page = visit(None, "/accounts/login/?next=/account/")
    press(page, "Continue with Ministry of Arandia")
    sign_in_there(page, "sofia")
    expect(page.get_by_text("Ministry of Arandia: sofia@example.org")).to_be_visible()
    assert is_sound(page)
    other = visit(None, "/accounts/login/", is_first=True)
    press(other, "Continue with Ministry of Arandia")
    sign_in_there(other, "frida")
    expect(other).to_have_url(re.compile("/accounts/2fa/authenticate/"))


def test_a_fresh_sign_in_is_asked_at_the_provider(visit, xaa):
    user = make_person("gina", Role.CONTRIBUTOR, xaa)
    bind_identity(user, "ministry", "subject-gina", by=user)
    page = visit(None, "/accounts/login/?next=/accounts/2fa/totp/activate/")
    press(page, "Continue with Ministry of Arandia")
    sign_in_there(page, "gina")
    expect(page.get_by_role("heading", name="Confirm that it is you")).to_be_visible()
    assert is_sound(page)
    press(page, "Continue with Ministry of Arandia")
    page.get_by_label("Password").fill(PROVIDER_PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_label("Code")).to_be_visible()
    sign_out(page)


def test_without_its_origin_in_the_policy_chromium_goes_nowhere(chromium, live_server, settings, db):
    """So the setting is needed, and a form of the site leads to no other origin."""
    settings.SECURE_CSP = settings.SECURE_CSP | {"form-action": ["'self'"]}
    context = chromium.new_context(base_url=live_server.url)
    page = context.new_page()
    page.goto("/accounts/login/")
    with page.expect_console_message(lambda message: "form-action 'self'" in message.text):
        press(page, "Continue with Ministry of Arandia")
    expect(page).to_have_url(re.compile("/accounts/login/"))
    context.close()

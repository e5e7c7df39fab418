"""Passkeys, with the virtual authenticator of Chromium, under the policy that the site sends. Without JavaScript the
password and codes do the same.
"""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.conf import settings
from playwright.sync_api import Page, expect

from tests.browser.conftest import at_both_widths, enter, follow, is_sound, press, sign_in, sign_out
from tests.conftest import PASSWORD, with_second_factor
from tests.tracker.web.test_accounts import code
from tests.tracker.web.test_fresh_sign_in import make_older
from tracker.actions.user import close_account
from tracker.models import User
from tracker.models.session import SessionStore

ADD = "/accounts/2fa/passkeys/add/"
AUTHENTICATE = "**/accounts/2fa/authenticate/"


@pytest.fixture(autouse=True)
def _required(settings):
    """As where DEBUG is off."""
    settings.SECOND_FACTOR_REQUIRED = True
    settings.MFA_TOTP_TOLERANCE = 1


def add_device(page: Page, has_pin: bool = True) -> str:
    """A device that holds passkeys and whose owner always agrees."""
    page.device = page.context.new_cdp_session(page)  # kept, or the device would go
    page.device.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal" if has_pin else "usb",
        "hasResidentKey": has_pin,
        "hasUserVerification": has_pin,
        "isUserVerified": has_pin,
        "automaticPresenceSimulation": True,
    }
    return page.device.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]


def set_up(page: Page, name: str = "Office laptop") -> None:
    page.get_by_label("Name of the passkey").fill(name)
    press(page, "Add a passkey")
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery codes")


def sign_in_again(page: Page, user: User) -> None:
    page.goto("/account/")
    sign_out(page)
    sign_in(page, user.email)


@pytest.fixture
def page(open_page, alice):
    """A page of alice, who has a passkey on this device."""
    page = open_page()
    page.device_id = add_device(page)
    enter(page, alice).goto(ADD)
    set_up(page)
    return page


@at_both_widths
def test_a_focal_point_sets_up_a_passkey_at_the_first_sign_in_and_then_needs_no_password(open_page, alice, width):
    page = open_page(width)
    add_device(page)
    sign_in(page, alice.email)
    expect(page.get_by_role("heading", level=1)).to_have_text("Set up two-step sign-in")
    assert is_sound(page)
    follow(page, "Add a passkey")
    assert is_sound(page)
    set_up(page)
    follow(page, "Continue")
    page.goto("/account/")
    expect(page.get_by_text("Office laptop").first).to_be_visible()
    assert is_sound(page)
    sign_out(page)
    page.goto("/accounts/login/?next=/account/")
    assert is_sound(page)
    press(page, "Sign in with a passkey")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account")


def test_a_passkey_is_the_second_step_after_a_password(page, alice):
    sign_in_again(page, alice)
    page.wait_for_url(AUTHENTICATE)
    expect(page.get_by_text("Use your passkey. Without it, enter a code.")).to_be_visible()
    assert is_sound(page)
    page.get_by_label("Do not ask again on this device for 30 days").first.check()
    press(page, "Use a passkey")
    expect(page.get_by_role("heading", level=1)).to_have_text("Welcome, Alice")
    sign_in_again(page, alice)
    page.goto("/account/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account")


def test_a_security_key_without_pin_is_only_a_second_step(open_page, alice):
    page = open_page()
    add_device(page, has_pin=False)
    enter(page, alice).goto(ADD)
    page.get_by_label("Sign in with this passkey, without a password").uncheck()
    set_up(page, "Blue key")
    sign_in_again(page, alice)
    press(page, "Use a passkey")
    expect(page.get_by_role("heading", level=1)).to_have_text("Welcome, Alice")


def test_a_passkey_that_the_device_does_not_have_says_so_in_place(page, alice):
    page.device.send("WebAuthn.clearCredentials", {"authenticatorId": page.device_id})
    sign_in_again(page, alice)
    press(page, "Use a passkey")
    error = page.get_by_role("alert").filter(has_text="The passkey could not be used. Try again, or use another way.")
    expect(error).to_be_focused()
    page.get_by_label("Code").fill(RecoveryCodes.activate(alice).get_unused_codes()[0])
    press(page, "Sign in")
    expect(page.get_by_role("heading", level=1)).to_have_text("Welcome, Alice")


def test_a_passkey_lets_nobody_in_whose_account_is_deactivated(page, alice, erin):
    close_account(user=alice, by=erin)
    page.goto("/accounts/login/")
    press(page, "Sign in with a passkey")
    expect(page.get_by_role("heading", level=1)).to_have_text("You can no longer sign in")


def leave_open(page: Page) -> None:
    """As if nobody had used the browser for 16 minutes."""
    cookies = {cookie["name"]: cookie["value"] for cookie in page.context.cookies()}

    class Browser:
        session = SessionStore(cookies[settings.SESSION_COOKIE_NAME])

    make_older(Browser)


def test_a_passkey_confirms_that_it_is_you_and_what_was_typed_is_there(page, alice):
    page.goto("/desk/XAA/people/invite/")
    page.get_by_label("E-mail").fill("frida@example.org")
    page.get_by_label("Contributor").check()
    leave_open(page)
    press(page, "Send invitation")
    expect(page.get_by_role("heading", level=1)).to_have_text("Confirm that it is you")
    follow(page, "Use a passkey")
    assert is_sound(page)
    press(page, "Use a passkey")
    expect(page.get_by_text("Not saved yet.")).to_be_visible()
    expect(page.get_by_label("E-mail")).to_have_value("frida@example.org")
    press(page, "Send invitation")
    expect(page.get_by_role("heading", level=1)).to_have_text("People")


@at_both_widths
def test_without_javascript_a_password_and_a_code_do_it_all(open_page, alice, width):
    with_second_factor(alice)
    page = open_page(width, javascript=False)
    sign_in(page, alice.email)
    page.wait_for_url(AUTHENTICATE)
    expect(page.get_by_role("button", name="Use a passkey")).to_have_count(0)
    page.get_by_label("Code").fill(code())
    press(page, "Sign in")
    page.goto("/desk/XAA/people/invite/")
    page.get_by_label("E-mail").fill("frida@example.org")
    page.get_by_label("Contributor").check()
    leave_open(page)
    press(page, "Send invitation")
    assert is_sound(page)
    follow(page, "Use your password instead")
    page.get_by_label("Password").fill(PASSWORD)
    press(page, "Continue")
    expect(page.get_by_label("E-mail")).to_have_value("frida@example.org")
    page.goto(ADD)
    expect(page.get_by_text("This browser cannot use passkeys, or JavaScript is off.")).to_be_visible()
    expect(page.get_by_role("link", name="Set up an authenticator app")).to_be_visible()
    expect(page.get_by_label("Name of the passkey")).to_be_hidden()


def test_one_passkey_is_not_added_twice_and_each_is_renamed_and_removed(page, alice):
    with_second_factor(alice)
    page.goto(ADD)
    press(page, "Add a passkey")
    expect(page.get_by_role("alert").filter(has_text="The passkey could not be used.")).to_be_focused()
    page.goto("/account/")
    page.get_by_role("link", name="Rename : Office laptop").click()
    page.get_by_label("Name of the passkey").fill("Blue key")
    press(page, "Save")
    page.get_by_role("link", name="Remove : Blue key").click()
    assert is_sound(page)
    press(page, "Remove the passkey")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account")
    assert list(Authenticator.objects.filter(type="webauthn")) == []

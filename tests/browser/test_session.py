"""The end of a session in a real browser: a warning, one button, and what was typed."""

import datetime

from django.utils import timezone
from playwright.sync_api import expect

from tests.browser.conftest import is_sound
from tracker.models import Session

ANSWER = "/desk/XAA/recommendations/I-13/"


def leave(seconds: int) -> None:
    Session.objects.update(expire_date=timezone.now() + datetime.timedelta(seconds=seconds))


def test_one_button_extends_a_session_and_what_was_typed_stays(visit, alice):
    page = visit(alice, ANSWER, width=320)
    warning = page.get_by_role("alertdialog", name="Your session")
    expect(warning).to_be_hidden()
    page.get_by_role("radio", name="Implemented").first.check()
    page.get_by_label("Measures taken").fill("A law.")
    leave(100)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(warning).to_contain_text("You will be signed out in less than two minutes.")
    expect(page.get_by_role("button", name="Stay signed in")).to_be_focused()
    assert is_sound(page)
    page.keyboard.press("Enter")
    expect(warning).to_be_hidden()
    expect(page.get_by_label("Measures taken")).to_have_value("A law.")
    assert Session.objects.get().expire_date > timezone.now() + datetime.timedelta(minutes=59)
    leave(-1)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(warning).to_contain_text("You have been signed out.")
    page.get_by_role("button", name="Close").click()
    expect(warning).to_be_hidden()

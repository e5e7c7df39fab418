"""Handing in by hand: what is missing has the focus, what was typed stays, the receipt follows; no script is needed."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import everywhere, is_sound, violations
from tests.submissions import opened_round
from tracker.models import Submission


@pytest.fixture
def checked(visit, alice, bob, say):
    """Open the check of a round as alice, who has answered II.8."""
    for label, is_ready in (("II.8", True), ("II.9", False)):
        say(label, measures="The Act.", ready=is_ready)
    opened_round(bob)

    def checked(**kwargs):
        page = visit(alice, "/desk/XAA/", **kwargs)
        page.get_by_role("link", name="Check and submit").click()
        return page

    return checked


@everywhere
def test_hand_in(checked, width, javascript):
    page = checked(width=width, javascript=javascript)
    assert is_sound(page)
    page.get_by_label("Note verbale").fill("NV 12/2026")
    page.get_by_label("Note verbale").press("Enter")
    summary = page.get_by_role("alert")
    expect(summary).to_contain_text("There is 1 problem")
    expect(summary).to_be_focused()
    expect(page.get_by_label("Note verbale")).to_have_value("NV 12/2026")
    assert violations(page) == []
    page.get_by_label("I submit with these gaps").check()
    page.get_by_role("button", name="Submit 1 answer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Receipt of a submission")
    expect(page.get_by_text("NV 12/2026")).to_be_visible()
    assert is_sound(page)
    assert Submission.everyones.get().note_verbale == "NV 12/2026"


def test_what_is_to_be_mended_leads_back(checked):
    page = checked()
    page.get_by_role("link", name="II.8", exact=True).first.click()
    page.get_by_label("Measures taken").fill("The Act of 2016.")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("link", name="Back to").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check and submit")

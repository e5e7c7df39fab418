"""Answer once by hand: an answer is copied within its family, and the copies are offered what it says later."""

from functools import partial

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import everywhere, is_sound


@pytest.fixture
def page_of(visit, alice, say):
    """The page of the answer to II.43 as alice, who has answered it, and V.35 otherwise."""
    for label, measures in (("II.43", "A bill on non-punishment."), ("V.35", "A bill on trafficking.")):
        say(label, "in_progress", measures=measures)

    return partial(visit, alice, "/desk/XAA/recommendations/II-43/")


@everywhere
def test_an_answer_is_copied_and_its_copies_are_offered_the_update(page_of, width, javascript):
    page = page_of(width=width, javascript=javascript)
    page.get_by_role("link", name="Copy this answer to related recommendations").click()
    for box in page.get_by_role("checkbox").all():
        expect(box).not_to_be_checked()
    assert is_sound(page)

    page.get_by_role("button", name="Preview changes").click()
    expect(page.get_by_role("alert")).to_contain_text("Select at least one recommendation.")
    assert is_sound(page)
    page.get_by_role("checkbox", name="V.35").check()
    page.get_by_role("checkbox", name="II.44").check()
    page.get_by_role("button", name="Preview changes").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("2 answers will change")
    expect(page.locator("del")).to_contain_text(["trafficking"])
    assert is_sound(page)

    page.get_by_role("button", name="Change selection").click()
    expect(page.get_by_role("checkbox", name="V.35")).to_be_checked()
    page.get_by_role("button", name="Preview changes").click()
    page.get_by_role("button", name="Save 2 answers").click()
    expect(page.get_by_role("status").filter(has_text="was copied to 2 recommendations")).to_be_visible()

    page.get_by_label("Measures taken").fill("An act on non-punishment.")
    page.get_by_role("button", name="Save", exact=True).click()
    page.goto("/desk/XAA/")
    page.get_by_role("region", name="Updates available").get_by_role("link", name="V.35").click()
    assert is_sound(page)
    page.get_by_role("button", name="Accept update").click()
    expect(page.get_by_label("Measures taken")).to_have_value("An act on non-punishment.")
    page.goto("/desk/XAA/recommendations/?ready=update")
    expect(page.locator(".task .tag")).to_have_text(["Update available"])
    assert is_sound(page)
    page.goto("/desk/XAA/recommendations/II-44/")
    page.get_by_role("link", name="Preview changes").click()
    page.get_by_role("button", name="Decline update").click()
    expect(page.get_by_label("Measures taken")).to_have_value("A bill on non-punishment.")

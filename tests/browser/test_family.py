"""A family of texts as anybody reads it: what differs is told without colour, at any width."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import everywhere, scrolls_sideways, violations

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@everywhere
def test_what_differs_between_its_members_is_struck_through_and_underlined(open_page, width, javascript):
    page = open_page(width=width, javascript=javascript)
    page.goto("/recommendations/families/non-punishment/")
    member = page.locator("#VII-2-b")
    expect(member.locator("del").first).to_have_css("text-decoration-line", "line-through")
    expect(member.locator("ins").first).to_have_css("text-decoration-line", "underline")
    expect(member.locator("del").first).to_contain_text("removed:")
    assert violations(page) == []
    assert not scrolls_sideways(page)
    page.get_by_role("link", name="I.11", exact=True).click()
    expect(page.get_by_role("region", name="Referred to by")).to_contain_text("Confidence · High")
    assert violations(page) == []

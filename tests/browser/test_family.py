"""A family of texts as anybody reads it: what differs is told without colour, at any width."""

from playwright.sync_api import expect

from tests.browser.conftest import everywhere, is_sound, violations


@everywhere
def test_what_differs_between_its_members_is_struck_through_and_underlined(visit, width, javascript):
    page = visit(None, "/recommendations/families/non-punishment/", width=width, javascript=javascript)
    member = page.locator("#VII-2-b")
    expect(member.locator("del").first).to_have_css("text-decoration-line", "line-through")
    expect(member.locator("ins").first).to_have_css("text-decoration-line", "underline")
    expect(member.locator("del").first).to_contain_text("removed:")
    assert is_sound(page)
    page.get_by_role("link", name="I.11", exact=True).click()
    expect(page.get_by_role("region", name="Referred to by")).to_contain_text("Confidence · High")
    assert violations(page) == []

"""The search by hand: type, choose a suggestion by keyboard, narrow; without script, on a telephone, in Arabic."""

import pytest
from django.conf import settings
from playwright.sync_api import expect

from tests.browser.conftest import at_both_widths, enter, everywhere, is_sound, scrolls_sideways, violations
from tests.documents import typeset, upload
from tests.evidence_items import add_item
from tests.languages import RIGHT_TO_LEFT
from tracker.documents.exchange.uploads import check_upload

HEAD = "#search-everything"


@pytest.fixture
def recorded(xaa, alice, say):
    """An answer and a law with two pages, indexed after their commits."""
    say("I.13", "partially_implemented", measures="A fund pays compensation to a child.", language="en")
    law = upload("law.pdf", typeset("Scope.\n#pagebreak()\nThe compensation of a child is paid into an account."))
    add_item(xaa, alice, "Victims Act", upload=check_upload(law))


def test_a_suggestion_is_chosen_by_keyboard(visit):
    page = visit(None, "/figures/")
    box = page.locator(HEAD)
    box.press_sequentially("compens")
    options = page.get_by_role("option")
    expect(options.first).to_be_visible()
    expect(box).to_have_attribute("aria-expanded", "true")
    assert violations(page) == []
    box.press("ArrowDown")
    box.press("ArrowDown")
    box.press("ArrowUp")
    expect(options.first).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", options.first.get_attribute("id"))
    box.press("Escape")
    expect(options).to_have_count(0)
    expect(box).to_have_attribute("aria-expanded", "false")
    box.fill("iv 46 i")
    expect(options.first).to_contain_text("IV.46(i)")
    box.press("ArrowDown")
    box.press("Enter")
    page.wait_for_url("**/recommendations/IV-46-i/")


def test_enter_without_a_choice_searches_and_suggestions_close_elsewhere(visit):
    page = visit(None, "/figures/")
    page.locator(HEAD).press_sequentially("children")
    expect(page.get_by_role("option").first).to_be_visible()
    page.get_by_role("heading", level=1).click()
    expect(page.get_by_role("option")).to_have_count(0)
    page.locator(HEAD).press("Enter")
    page.wait_for_url("**/search/?q=children")
    expect(page.locator("mark").first).to_be_visible()


@everywhere
def test_everything_is_found_and_narrowed_by_links(visit, width, javascript, recorded, alice):
    page = visit(alice, "/figures/", width, javascript)
    if width == 320:
        page.locator(".menu-button").click()
    page.locator(HEAD).fill("compensation child")
    page.locator(HEAD).press("Enter")
    main = page.get_by_role("main")
    expect(main.get_by_text("Arandia · Answer, version 1, not yet submitted")).to_be_visible()
    expect(main.get_by_text("found on page 2")).to_be_visible()
    assert not scrolls_sideways(page)
    main.get_by_role("link", name="Evidence 1").click()
    expect(main.locator(".hit")).to_have_count(1)
    main.get_by_role("link", name="All").click()
    if width == 320:
        main.locator("details.filters > summary").click()
    main.locator(".facet-link", has_text="Compensation").first.click()
    expect(main.locator(".chip")).to_have_count(1)
    main.locator(".chip").click()
    expect(main.locator(".chip")).to_have_count(0)


@at_both_widths
def test_the_page_is_in_nobodys_way(open_page, width, recorded, alice):
    page = enter(open_page(width), alice)
    for typed in ("compensation for minors", "kidney", "zebra", "compensatoin"):
        page.goto(f"/search/?q={typed}")
        assert is_sound(page)


def test_in_arabic_the_page_runs_from_right_to_left_and_texts_stay_english(
    open_page, languages_of_tests, recorded, alice
):
    page = enter(open_page(320), alice)
    cookie = {"name": settings.LANGUAGE_COOKIE_NAME, "value": RIGHT_TO_LEFT, "domain": "localhost", "path": "/"}
    page.context.add_cookies([cookie])
    type(alice).objects.update(language=RIGHT_TO_LEFT)
    page.goto("/search/?q=compensation")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    assert page.locator(".hit-excerpt.law").first.get_attribute("dir") == "ltr"
    assert not scrolls_sideways(page)
    page.locator(".menu-button").press("Enter")
    page.locator(HEAD).press_sequentially("compens")
    expect(page.get_by_role("option").first).to_be_visible()
    assert not scrolls_sideways(page)

"""The head of a page: on a telephone one bar, and the page begins below it; menus need no script and no mouse."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import at_both_widths, enter, everywhere, is_sound, open_menu
from tests.thorough import some

BEGINS_WITHIN = 120  # pixels at 320, from the top of the window to the first heading
TOP = "document.querySelector('main :is(h1, h2)').getBoundingClientRect().top"
LINKS = "[...document.querySelectorAll('.tabs a')].map((link) => link.getAttribute('href'))"
ANSWER = "/desk/XAA/recommendations/IV-2/"


def opened(page: Page, name: str) -> bool:
    return page.locator(name).evaluate("(menu) => menu.open")


def test_on_a_telephone_each_page_of_the_menu_begins_at_once(
    open_page, alice, carol, victor, bob, dana, erin, closed_to_contributors, round_
):
    page, tops = open_page(320, javascript=False), {}
    for person in (None, alice, carol, victor, bob, dana, erin):
        enter(page, person).goto("/")
        listed = [url for url in page.evaluate(LINKS) if not url.startswith("/admin/")]
        for url in (*some(listed), *([ANSWER, ANSWER + "history/"] if person == alice else [])):
            page.goto(url)
            tops[str(person), url] = page.evaluate(TOP)
    assert {place: top for place, top in tops.items() if top > BEGINS_WITHIN} == {}
    assert tops[str(alice), "/desk/XAA/"] == 71
    assert tops[str(carol), "/desk/XAA/"] == 71


@at_both_widths
def test_menus_open_without_script_and_each_closes_the_other(visit, alice, width):
    page = visit(alice, "/desk/XAA/handover/", width, javascript=False)
    open_menu(page)
    page.get_by_text("More: Handover").click()
    head = page.get_by_role("banner")
    expect(head.get_by_role("link", name="Audit trail", exact=True)).to_be_visible()
    assert is_sound(page)
    page.get_by_text("Alice", exact=True).first.click()
    expect(page.get_by_role("link", name="Where you are signed in", exact=True)).to_be_visible()
    assert (opened(page, ".menu-more"), opened(page, ".account")) == (False, True)
    page.locator("html").evaluate("(html) => { html.dir = 'rtl' }")
    assert is_sound(page)


def test_a_keyboard_is_enough(visit, alice):
    page = visit(alice, "/desk/XAA/", 320, javascript=False)
    for _stop in ("skip to the content", "home", "menu"):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.locator(".menu-more > summary").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Technical assistance", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Technical assistance")


def test_the_menu_is_not_printed(visit, alice):
    page = visit(alice, "/desk/XAA/")
    page.emulate_media(media="print")
    expect(page.get_by_role("navigation", name="Main menu")).to_be_hidden()
    expect(page.get_by_text("Recommendations tracker", exact=True)).to_be_visible()


@everywhere
def test_the_administration_has_the_menu_of_the_site(visit, dana, width, javascript):
    page = visit(dana, "/admin/recommendations/theme/", width, javascript)
    head = page.get_by_role("banner")
    open_menu(page)
    expect(head.get_by_label("Search", exact=True)).to_be_visible()
    head.get_by_text("More: Administration").click()
    head.get_by_role("link", name="Imported papers").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Imported papers")

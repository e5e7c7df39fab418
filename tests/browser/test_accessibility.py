"""Pages that anybody is shown (all of them with CI set), in a real browser: nothing for axe to find, wide and narrow,
nothing that scrolls sideways in either direction of writing (320 pixels are 400 % zoom at 1280), and a keyboard is
enough.
"""

import itertools
import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import at_both_widths, enter, scrolls_sideways, sign_in, sign_out, violations
from tests.browser.shown import OPEN_ALL, canary_state, pages_shown_to, people, site  # noqa: F401
from tests.labels import titled
from tests.submissions import opened_round, submit_ready
from tests.thorough import in_turn, some
from tests.tracker.web.test_accounts import code
from tracker.models.status import Status

WIDTHS = (1280, 320)
TURNS = itertools.count()  # of the pages
# Its middle is in the window, and no other thing lies over it.
IS_SEEN = """(element) => {
  const box = element.getBoundingClientRect();
  const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  return top !== null && (element.contains(top) || top.contains(element));
}"""
# Words that are broken letter by letter, but for heads of tables that are not for eyes.
SQUEEZED = """[...document.querySelectorAll('main :is(dt, dd, th, td, p, li, h1, h2, h3, label, summary)')]
  .filter((element) => getComputedStyle(element.closest('thead') ?? element).clipPath === 'none')
  .filter((element) => element.innerText.trim().length > 8 && element.clientWidth < 32 && element.clientHeight > 90)
  .filter((it) => [it, ...it.children].every((one) => getComputedStyle(one).writingMode === 'horizontal-tb'))
  .map((element) => element.innerText.replace(/\\s+/g, ''))"""
# Numbers that are read as two: their digits stand on several lines.
SPLIT = """[...document.querySelectorAll('main *')]
  .filter((element) => !element.children.length && /^\\d[\\d,.]*$/.test(element.textContent.trim()))
  .filter((element) => {
    const range = document.createRange()
    range.selectNodeContents(element)
    return new Set([...range.getClientRects()].map((line) => line.top)).size > 1
  })
  .map((element) => element.parentElement.textContent.trim())"""
# Words of a column's head of which a part stands on the next line.
BROKEN = """[...document.querySelectorAll('main thead th')].flatMap((head) => {
  const found = []
  if (getComputedStyle(head.closest('thead')).clipPath !== 'none') return found // not for eyes
  const texts = document.createTreeWalker(head, NodeFilter.SHOW_TEXT)
  while (texts.nextNode()) {
    for (const word of texts.currentNode.data.matchAll(/\\p{L}+/gu)) {
      const range = document.createRange()
      range.setStart(texts.currentNode, word.index)
      range.setEnd(texts.currentNode, word.index + word[0].length)
      if (new Set([...range.getClientRects()].map((line) => line.top)).size > 1) found.push(word[0])
    }
  }
  return found
})"""
LEVELS = "[...document.querySelectorAll('h1, h2, h3, h4, h5, h6')].map((heading) => Number(heading.tagName[1]))"
# A page of a text in each of these colours.
IN_COLOURS = """(colours) => document.body.replaceChildren(...colours.map((colour) => {
  const text = document.createElement('p')
  text.append('This text.')
  text.style.color = colour
  return text
}))"""
HREF = "(link) => link.href"


def faults(page: Page) -> list[str]:
    """What is wrong with a page, at both widths; by default axe looks at one width alone, in turn."""
    page.wait_for_load_state()  # a click waits for the answer alone
    turn, levels = next(TURNS), page.evaluate(LEVELS)
    found = [f"{page.url} has {levels.count(1)} headings of level 1"] if levels.count(1) != 1 else []
    found += [f"{page.url} has h{low} after h{high}" for high, low in itertools.pairwise(levels) if low > high + 1]
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        if width in in_turn(WIDTHS, turn):
            found += violations(page, is_measured=True)
        for direction in ("rtl", "ltr"):
            page.evaluate("(direction) => { document.documentElement.dir = direction }", direction)
            found += [f"{page.url} scrolls sideways, {direction}, {width}"] if scrolls_sideways(page) else []
        found += [f"{page.url} squeezes {words}, {width}" for words in page.evaluate(SQUEEZED)]
        found += [f"{page.url} splits the number of {words}, {width}" for words in page.evaluate(SPLIT)]
        found += [f"{page.url} breaks {word} in the head of a column, {width}" for word in page.evaluate(BROKEN)]
    return found


@pytest.mark.thorough
def test_no_page_has_an_accessibility_fault(open_page, people, site):  # noqa: F811
    page, found = open_page(), []
    for person, path in list(pages_shown_to(people.values())):
        enter(page, person).goto(path)
        page.evaluate(OPEN_ALL)
        found += faults(page)
    assert found == []


def test_no_page_that_compares_rounds_has_one_either(open_page, xaa, alice, bob, say):
    for base, (year, status) in enumerate({"2024": Status.IN_PROGRESS, "2026": Status.IMPLEMENTED}.items()):
        say("I.14", status, base=base, measures="An act.", ready=True)
        submit_ready(xaa, opened_round(bob, year, meetings=[1]), alice)
    page, found = open_page(), []

    def look(person, path, heading):
        enter(page, person).goto(path)
        page.evaluate(OPEN_ALL)
        expect(page.get_by_role("heading", name=heading).first).to_be_visible()
        found.extend(faults(page))

    look(bob, "/progress/changes/", "Status changes from 2024 to 2026")
    look(alice, "/desk/XAA/recommendations/I-14/history/", "Submitted in each round")
    look(alice, "/desk/XAA/handover/", "Handover")
    opened_round(bob, "2028", meetings=[1])
    look(alice, "/desk/XAA/rounds/2028/still-correct/", "Still correct")
    assert found == []


@pytest.mark.parametrize("path", ["/states/", "/rounds/2026/remind/"])
def test_states_and_their_reminder_do_not_either(visit, alice, charlie, bob, path):
    opened_round(bob, meetings=[1])
    page = visit(bob, path)
    page.evaluate(OPEN_ALL)
    expect(page.locator("main").get_by_text("Arandia")).to_be_visible()
    assert faults(page) == []


def test_no_page_of_a_second_factor_does(open_page, alice, settings):
    settings.MFA_TOTP_TOLERANCE = 1
    page = open_page()
    sign_in(page, "alice@example.org")
    page.goto("/accounts/2fa/totp/activate/")
    found = faults(page)
    page.get_by_label("Code").fill("no code")
    page.get_by_role("button", name="Switch on").click()
    expect(page.locator(".errors")).to_be_focused()
    found += faults(page)
    page.get_by_label("Code").fill(code(page.locator("code").inner_text()))
    page.get_by_role("button", name="Switch on").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery codes")
    found += faults(page)
    for path in ("recovery-codes/generate/", "totp/deactivate/", "reauthenticate/", "passkeys/add/"):
        page.goto(f"/accounts/2fa/{path}")
        found += faults(page)
    page = open_page()
    sign_in(page, "alice@example.org")
    expect(page).to_have_url(re.compile("/accounts/2fa/authenticate/$"))
    assert found + faults(page) == []


def test_no_page_that_says_no_does(open_page, victor, xbb):
    page = enter(open_page(), victor)
    found = []
    for path, status in {
        "/desk/XAA/evidence/add/": 403,
        "/desk/XBB/": 404,
        "/admin/login/?next=%00": 400,
    }.items():
        assert page.goto(path).status == status
        found += faults(page)
    page.goto("/account/")
    page.context.clear_cookies(name="csrftoken")
    sign_out(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("This page was open for too long")
    assert found + faults(page) == []


@pytest.mark.parametrize("walker", ["curator", "administrator"])
def test_no_page_of_the_admin_does(open_page, people, walker):  # noqa: F811
    """Its lists, a page to add and one to change of each, and the rest that stands on its first page."""
    page = enter(open_page(), people[walker])
    page.goto("/admin/")
    found = violations(page, is_measured=True)  # colours too: the style sheet is the same on all of them
    left = some(sorted(set(page.locator("#content a").evaluate_all(f"links => links.map({HREF})"))))
    while left:
        page.goto(left.pop())
        found += violations(page)
        left += page.locator("#result_list tbody a").evaluate_all(f"links => links.slice(0, 1).map({HREF})")
    assert found == []


def test_each_text_that_is_hard_to_see_is_named(visit):
    colours = ["rgb(0 0 0 / 0.2)", "#00000033", "rgb(200, 200, 200)", "rgb(200, 200, 200)", "black"]
    page = visit(None, "/about/")
    page.evaluate(IN_COLOURS, colours)
    found = [fault for fault in violations(page, is_measured=True) if "color-contrast" in fault]
    assert len(found) == len(colours) - 1


def test_the_first_stop_skips_to_the_content(visit):
    page = visit(None, "/about/")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Skip to main content")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_an_error_leads_to_the_list_that_it_is_about(visit, alice, justice):
    page = visit(alice, "/desk/XAA/assignments/add/")
    page.get_by_role("button", name="Assign", exact=True).click()
    page.get_by_role("link", name="Recommendations: Select at least one recommendation.").press("Enter")
    expect(page.get_by_role("heading", name="Recommendations", exact=True)).to_be_focused()


def test_what_has_the_focus_is_not_under_a_bar_of_buttons(open_page, alice, justice):
    page = enter(open_page(), alice)
    page.set_viewport_size({"width": 920, "height": 500})
    for path, key, stops in (("assignments/add/", "Tab", 15), ("recommendations/", "Shift+Tab", 40)):
        page.goto(f"/desk/XAA/{path}")
        boxes = page.locator("main [name=unit], main [name=section]")
        boxes.nth(0 if key == "Tab" else 40).focus()
        for _stop in range(stops):
            page.keyboard.press(key)
            focused = page.locator(":focus")
            assert focused.evaluate(IS_SEEN), focused.evaluate("element => element.outerHTML")


@at_both_widths
def test_an_answer_is_saved_by_keyboard_only_with_visible_focus(visit, alice, width):
    page = visit(alice, "/desk/XAA/recommendations/IV-46-i/", width)

    def tab_to(label):
        for _stop in range(60):
            page.keyboard.press("Tab")
            focused = page.locator(":focus")
            assert focused.evaluate(IS_SEEN), focused.evaluate("element => element.outerHTML")
            if focused.and_(label).count():
                return
        pytest.fail(f"the keyboard does not reach {label}")

    tab_to(page.get_by_role("radio"))
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name="Partially implemented")).to_be_checked()
    tab_to(page.get_by_label("Measures taken"))
    page.keyboard.type("Law No. 17 is in force.")
    tab_to(page.get_by_role("button", name="Save", exact=True))
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text=f"{titled('IV.46(i)')}: saved as version 1.")).to_be_visible()

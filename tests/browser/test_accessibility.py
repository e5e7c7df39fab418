"""Pages that anybody is shown (all of them with CI set), in a real browser: nothing for axe to find, wide and narrow,
nothing that scrolls sideways in either direction of writing (320 pixels are 400 % zoom at 1280), and a keyboard is
enough.
"""

import itertools
import re

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from tests.browser.conftest import at_both_widths, enter, scrolls_sideways, sign_in, sign_out, violations
from tests.canaries import canary_state, people  # noqa: F401
from tests.conftest import PASSWORD
from tests.labels import titled
from tests.languages import PSEUDO, RIGHT_TO_LEFT
from tests.submissions import handed_in, opened_round
from tests.test_walk import URLS, address, client_of
from tests.thorough import IS_THOROUGH, in_turn, some
from tests.tracker.web.test_accounts import code
from tracker.actions.evidence import EvidenceDetails, add_evidence
from tracker.actions.record import Answer, save_answer
from tracker.models import User
from tracker.models.status import ReasonCode, Status

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WIDTHS = (1280, 320)
TURNS = itertools.count()  # of the pages
ENDLESS = "Donaudampfschifffahrt" * 9
MAIN = re.compile(r"<main.*</main>", re.DOTALL)
PASSING = re.compile(r'<input type="hidden"[^>]*>|[0-9]{2}:[0-9]{2}')  # tokens and times
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
OF_THE_SITE = {"domain": "localhost", "path": "/"}
FILE = re.compile("[:_](csv|docx|json|pdf|xlsx)$")
HREF = "(link) => link.href"
OPEN_ALL = "document.querySelectorAll('main details:not(.group)').forEach((details) => { details.open = true })"


@pytest.fixture
def site(canary_state, alice, unit):  # noqa: F811
    """State XAA with an answer of every status, and one of endless words."""
    for label, status in zip(("I.1", "I.8", "I.14", "II.8", "II.9", "II.14"), Status, strict=True):
        said = {Status.NOT_APPLICABLE: {"reason_code": ReasonCode.NOT_A_PARTY}}.get(status, {})
        answer = Answer(status=status, reasons="Reasons", measures="التدابير", language="ar", ready=True, **said)
        save_answer(respondent=canary_state, unit=unit(label), base=0, answer=answer, by=alice)
    details = EvidenceDetails(title=ENDLESS, kind="law", language="en", url=f"https://example.org/{ENDLESS}")
    law = add_evidence(respondent=canary_state, by=alice, details=details)
    answer = Answer(status=Status.IMPLEMENTED, measures=ENDLESS, lead_institution=ENDLESS, citations=[(law, ENDLESS)])
    save_answer(respondent=canary_state, unit=unit("IV.46(i)"), base=2, answer=answer, by=alice, change_reason=ENDLESS)


def pages_shown_to(persons):
    """(person, path) of every page that differs, beyond its masthead, from those before; by default each path once."""
    seen, done = set(), set()
    for place, person in enumerate(persons):
        client = client_of(person)
        names = [name for name, (_kwargs, expected) in URLS.items() if expected.get.split()[place] == "200"]
        paths = [address(name) for name in names if not FILE.search(name)]
        for path in (*paths, *([f"{address('report')}?show=all"] if "report" in names else [])):
            if path in done:
                continue
            response = client.get(path)
            if response.status_code != 200:
                continue
            is_page = response["Content-Type"].startswith("text/html")
            if not (is_page and IS_THOROUGH):
                done.add(path)
            main = PASSING.sub("", MAIN.search(response.content.decode())[0]) if is_page else ""
            if main and main not in seen:
                seen.add(main)
                yield person, path


def faults(page: Page) -> list[str]:
    """What is wrong with a page, at both widths; by default axe looks at one width alone, in turn."""
    turn, found = next(TURNS), []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        if width in in_turn(WIDTHS, turn):
            found += violations(page, has_contrast=True)
        for direction in ("rtl", "ltr"):
            page.evaluate("(direction) => { document.documentElement.dir = direction }", direction)
            found += [f"{page.url} scrolls sideways, {direction}, {width}"] if scrolls_sideways(page) else []
        found += [f"{page.url} squeezes {words}, {width}" for words in page.evaluate(SQUEEZED)]
        found += [f"{page.url} splits the number of {words}, {width}" for words in page.evaluate(SPLIT)]
        found += [f"{page.url} breaks {word} in the head of a column, {width}" for word in page.evaluate(BROKEN)]
    return found


def test_no_page_stands_in_anybodys_way(open_page, people, site):  # noqa: F811
    opened = {None: open_page()} | {person: enter(open_page(), person) for person in people.values() if person}
    found = []
    for person, path in some(list(pages_shown_to(people.values()))):
        page = opened[person]
        page.goto(path)
        page.evaluate(OPEN_ALL)
        found += faults(page)
    assert found == []


def test_no_page_scrolls_sideways_in_longer_words_or_from_right_to_left(
    open_page,
    people,  # noqa: F811
    site,
    languages_of_tests,
):
    opened = {None: open_page(320)} | {person: enter(open_page(320), person) for person in people.values() if person}
    found = []
    for person, path in some(list(pages_shown_to(people.values()))):
        page = opened[person]
        for language in (PSEUDO, RIGHT_TO_LEFT):
            page.context.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": language} | OF_THE_SITE])
            User.objects.update(language=language)
            page.goto(path)
            page.evaluate(OPEN_ALL)
            found += [f"{path} scrolls sideways in {language}"] if scrolls_sideways(page) else []
    assert found == []


def test_a_comparison_of_two_rounds_does_not_either(open_page, xaa, alice, bob, unit):
    for base, (year, status) in enumerate({"2024": Status.IN_PROGRESS, "2026": Status.IMPLEMENTED}.items()):
        answer = Answer(status=status, measures="An act.", ready=True)
        save_answer(respondent=xaa, unit=unit("I.14"), base=base, answer=answer, by=alice)
        handed_in(xaa, opened_round(bob, year), alice)
    page = enter(open_page(), bob)
    page.goto("/progress/changes/")
    page.evaluate(OPEN_ALL)
    expect(page.get_by_role("heading", name="Status changes from 2024 to 2026")).to_be_visible()
    assert faults(page) == []


def test_no_page_of_a_second_factor_does(open_page, alice, settings):
    settings.MFA_TOTP_TOLERANCE = 1
    page = open_page()
    sign_in(page, "alice@example.org")
    page.goto("/accounts/2fa/totp/activate/")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    found = faults(page)
    page.get_by_label("Code").fill("no code")
    page.get_by_role("button", name="Switch on").click()
    expect(page.locator(".errors")).to_be_focused()
    found += faults(page)
    page.get_by_label("Code").fill(code(page.locator("code").inner_text()))
    page.get_by_role("button", name="Switch on").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery codes")
    found += faults(page)
    for path in ("recovery-codes/generate/", "totp/deactivate/", "reauthenticate/"):
        page.goto(f"/accounts/2fa/{path}")
        found += faults(page)
    page = open_page()
    sign_in(page, "alice@example.org")
    expect(page).to_have_url(re.compile("/accounts/2fa/authenticate/$"))
    assert found + faults(page) == []


def test_no_page_that_says_no_does(open_page, people, site):  # noqa: F811
    page = enter(open_page(), people["viewer"])
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
    found = violations(page, has_contrast=True)  # contrast too: the style sheet is the same on all of them
    left = some(sorted(set(page.locator("#content a").evaluate_all(f"links => links.map({HREF})"))))
    while left:
        page.goto(left.pop())
        found += violations(page)
        left += page.locator("#result_list tbody a").evaluate_all(f"links => links.slice(0, 1).map({HREF})")
    assert found == []


def test_the_first_stop_skips_to_the_content(open_page):
    page = open_page()
    page.goto("/about/")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Skip to main content")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


@at_both_widths
def test_an_answer_is_written_and_saved_with_the_keyboard_alone_and_what_has_the_focus_is_seen(open_page, alice, width):
    page = enter(open_page(width), alice)
    page.goto("/desk/XAA/recommendations/IV-46-i/")

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

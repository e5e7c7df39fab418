"""Faults that only the eye finds: fields out of line, half a page left empty, Times instead of another serif."""

import re
from pathlib import Path

from django.contrib.staticfiles import finders
from playwright.sync_api import expect

from tests.browser.conftest import at_both_widths, enter, is_sound

TOP = "(element) => element.getBoundingClientRect().top"
END = "(element) => element.getBoundingClientRect().right"
# Of the words alone: a block is as wide as its column.
WORDS_END = """(element) => {
  const words = document.createRange()
  words.selectNodeContents(element)
  return Math.round(words.getBoundingClientRect().right)
}"""
ANSWER = "/desk/XAA/recommendations/I-13/"


def tops(page, *names: str) -> set[float]:
    return {page.locator(f"[name='{name}']").first.evaluate(TOP) for name in names}


def test_fields_next_to_each_other_are_aligned(visit, alice):
    page = visit(alice, "/desk/XAA/bulk/")
    assert len(tops(page, "status", "ready")) == 1
    assert len(tops(page, "lead_institution", "target_date")) == 1
    page.goto(ANSWER)
    page.locator("#add > summary").click()
    assert len(tops(page, "new-kind", "new-document_date")) == 1
    assert len(tops(page, "new-language", "new-pinpoint")) == 1
    page.goto("/desk/XAA/evidence/add/")
    assert len(tops(page, "kind", "document_date")) == 1


@at_both_widths
def test_signing_in_and_the_welcome_use_the_page(open_page, alice, width):
    page = open_page(width)
    for path in ("/accounts/login/", "/welcome/"):
        page.goto(path)
        ends = {page.locator(name).evaluate(END) for name in (".entrance > .prose", ".footer-row")}
        assert len(ends) == 1
        assert is_sound(page)
        enter(page, alice)


def test_a_label_and_a_title_begin_where_a_page_from_right_to_left_does(open_page, alice):
    page = enter(open_page(), alice)
    for path, words in ((ANSWER, ".heading-label"), ("/recommendations/I-13/", "div > .short-title:first-child")):
        page.goto(path)
        page.evaluate("document.documentElement.dir = 'rtl'")
        beginning = page.locator(words).first
        assert beginning.evaluate(WORDS_END) == round(beginning.locator("..").evaluate(END))


def test_adopted_text_is_in_a_serif_of_the_site(visit):
    page = visit(None, "/recommendations/I-13/")
    session = page.context.new_cdp_session(page)
    session.send("DOM.enable")
    session.send("CSS.enable")
    root = session.send("DOM.getDocument")["root"]["nodeId"]
    node = session.send("DOM.querySelector", {"nodeId": root, "selector": "main .law"})["nodeId"]
    fonts = session.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
    tokens = Path(finders.find("tracker/css/site.css")).read_text()
    named = re.findall(r"[^,:]+", re.search(r"--serif:([^;]+);", tokens)[1])
    assert {font["familyName"] for font in fonts} <= {name.strip().strip('"') for name in named}


def test_the_button_of_an_administration_page_is_not_in_capitals(visit, dana, unit):
    page = visit(dana, f"/admin/recommendations/recommendation/{unit('I.13').pk}/structure/")
    expect(page.get_by_role("button", name="Correct the label")).to_have_css("text-transform", "none")

"""The task list by hand: its keys, its filters without JavaScript, and on a phone."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import at_both_widths, is_sound
from tracker.actions.assignment import assign

LIST = "/desk/XAA/recommendations/"
KEEP_WHAT_IS_DRAWN_FIRST = """addEventListener('htmx:afterSwap', () => {
  window.drawnFirst = document.querySelector('.select-all input').checked
})"""


@pytest.fixture
def opened(visit, alice, say):
    """Open a page of the list as alice, who has answered II.8 and II.9."""
    for label in ("II.8", "II.9"):
        say(label)

    def opened(query="", **kwargs):
        return visit(alice, LIST + query, **kwargs)

    return opened


def test_keys_walk_the_rows_open_and_search_and_can_be_switched_off(opened):
    page = opened("?group=meeting&meeting=2&meeting=4")
    focused = page.locator(":focus")
    page.keyboard.press("j")
    expect(focused).to_have_text("II.1")
    for _step in range(49):
        page.keyboard.press("j")
    expect(focused).to_contain_text("Fourth meeting")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="IV.2", exact=True)).to_be_hidden()
    page.keyboard.press("k")
    page.keyboard.press("/")
    page.keyboard.type("jk/")
    assert page.get_by_role("main").get_by_role("searchbox").input_value() == "jk/"

    page.get_by_label("Keyboard shortcuts").uncheck()
    page.reload()
    page.keyboard.press("j")
    expect(page.locator(".task :focus")).to_have_count(0)
    page.get_by_label("Keyboard shortcuts").check()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/recommendations/II-1/")


def test_filters_act_at_once_and_the_selection_stays(opened, unit):
    page = opened("?group=meeting&meeting=2")
    for label in ("II.8", "II.10"):
        page.get_by_role("checkbox", name=f"Select {unit(label).label_with_title}", exact=True).check()
    expect(page.get_by_text("2 selected")).to_be_visible()
    expect(page.get_by_role("button", name="Show results")).to_be_hidden()
    box = page.get_by_role("group", name="Status").get_by_label("Implemented", exact=False).first
    box.check()
    expect(page.get_by_text("2 of 230 shown")).to_be_visible()
    expect(box).to_be_focused()
    expect(page.get_by_text("2 selected")).to_be_visible()
    expect(page.get_by_role("checkbox", name=f"Select {unit('II.8').label_with_title}", exact=True)).to_be_checked()
    assert "status=implemented" in page.url and "unit=II-10" in page.url
    page.keyboard.press("j")
    expect(page.locator(":focus")).to_have_text("II.8")
    page.get_by_role("checkbox", name=f"Select {unit('II.8').label_with_title}", exact=True).uncheck()
    expect(page.get_by_text("1 selected")).to_be_visible()
    page.go_back()
    page.get_by_role("button", name="Edit", exact=True).click()
    expect(page.get_by_role("checkbox", checked=True)).to_have_count(2)


def test_the_box_of_a_theme_selects_it_closed_or_open_and_one_box_selects_all(opened, unit):
    page = opened("?group=meeting&meeting=2&meeting=1")
    theme = page.get_by_role("checkbox", name="Select Second meeting", exact=False)
    page.get_by_text("Second meeting, Vienna").click()
    theme.check()
    expect(page.get_by_text("49 selected")).to_be_visible()
    page.get_by_text("Second meeting, Vienna").click()
    page.get_by_role("checkbox", name=f"Select {unit('II.8').label_with_title}", exact=True).uncheck()
    expect(page.get_by_text("48 selected")).to_be_visible()
    expect(theme).not_to_be_checked()
    assert "section=" not in page.url and "unit=II-9" in page.url
    every = page.get_by_role("checkbox", name="Select all")
    page.evaluate(KEEP_WHAT_IS_DRAWN_FIRST)
    every.check()
    expect(page.get_by_text("76 selected")).to_be_visible()
    assert page.evaluate("drawnFirst") is True, "the box that comes with the count is checked at once"
    expect(theme).to_be_checked()
    expect(every).to_be_focused()
    every.uncheck()
    expect(page.get_by_role("button", name="Edit", exact=True)).to_be_hidden()
    assert "unit=" not in page.url


@pytest.mark.parametrize("javascript", [True, False])
def test_actions_appear_with_a_selection_within_reach_of_the_keyboard(opened, unit, javascript):
    page = opened("?group=meeting", javascript=javascript)
    edit = page.get_by_role("button", name="Edit", exact=True)
    expect(edit).to_be_hidden()
    box = page.get_by_role("checkbox", name=f"Select {unit('I.1').label_with_title}", exact=True)
    box.focus()
    page.keyboard.press("Space")
    expect(page.get_by_text("1 selected" if javascript else "Actions are for the recommendations")).to_be_visible()
    for _step in range(20):
        if edit.evaluate("button => button === document.activeElement"):
            break
        page.keyboard.press("Shift+Tab")
    expect(edit).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("checkbox", checked=True)).to_have_count(1)


def test_the_box_of_a_theme_is_read_without_a_script(opened):
    page = opened("?group=meeting&meeting=2&meeting=1", javascript=False)
    page.get_by_role("checkbox", name="Select Second meeting", exact=False).check()
    page.get_by_role("button", name="Edit", exact=True).click()
    expect(page.locator("[name=unit]:checked")).to_have_count(49)


@pytest.mark.parametrize(("width", "javascript"), [(1280, False), (320, True)])
def test_boxes_and_words_narrow_the_list_and_stay_in_the_address(opened, width, javascript):
    page = opened(width=width, javascript=javascript)
    if width == 320:
        expect(page.get_by_text("Next, previous")).to_be_hidden()
        page.get_by_text("Filters", exact=True).click()
    page.get_by_label("Implemented", exact=False).first.check()
    if not javascript:
        page.get_by_role("button", name="Show results").click()
    expect(page.get_by_text("2 of 230 shown")).to_be_visible()
    assert "status=implemented" in page.url
    page.get_by_role("main").get_by_role("searchbox").fill("II.9")
    page.get_by_role("main").get_by_role("searchbox").press("Enter")
    expect(page.get_by_text("1 of 230 shown")).to_be_visible()
    assert "status=implemented" in page.url and "q=II.9" in page.url
    page.get_by_role("link", name="Status: Implemented").click()
    expect(page.get_by_role("link", name="II.9", exact=True)).to_be_visible()
    page.get_by_role("link", name="Clear filters").click()
    expect(page.get_by_text("230 of 230 shown")).to_be_visible()


@at_both_widths
def test_the_list_has_no_accessibility_fault(opened, width, xaa, justice, unit, alice):
    assign(respondent=xaa, units=[unit("II.8"), unit("I.1")], to=justice, by=alice)
    page = opened(width=width)
    for query in (
        "?group=meeting&meeting=2&family=shelter",
        "?units=others",
        "?q=zyzzyva&since=never",
        f"?q={'w' * 80}",
        "",
    ):
        page.goto(LIST + query)
        assert is_sound(page)

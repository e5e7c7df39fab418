"""The answer by hand: only the fields that a status needs, no typed word hidden, and two editors."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import everywhere, is_sound
from tests.evidence_items import add_item
from tests.labels import titled
from tracker.actions.record import Answer, save_answer

ANSWER = "/desk/XAA/recommendations/IV-46-i/"


@pytest.fixture
def answered(xaa, alice, unit):
    """Two revisions, of which the second cites a law; another piece waits in the library."""
    pieces = [
        add_item(xaa, alice, title, citation="Gazette") for title in ("Victims of Crime Act", "قانون مكافحة الاتجار")
    ]
    about = {"respondent": xaa, "unit": unit("IV.46(i)"), "by": alice}
    first = Answer(status="in_progress", measures="A bill is being drafted.")
    save_answer(**about, base=0, answer=first)
    second = Answer(
        status="implemented",
        measures="Law No. 17 is in force.",
        items_met=["IV.46(i)(ii)"],
        assistance_kinds=["training"],
        good_practice=True,
        citations=[(pieces[0], "arts. 9 to 14")],
    )
    save_answer(**about, base=1, answer=second, change_reason="In force")


def choose(page, status: str) -> None:
    page.get_by_role("radio", name=status, exact=False).first.check()


@everywhere
def test_only_what_the_status_needs_is_asked_and_no_typed_word_is_hidden(visit, width, javascript, alice):
    page = visit(alice, ANSWER, width=width, javascript=javascript)
    measures, reasons, kept = (
        page.get_by_label("Measures taken"),
        page.get_by_role("textbox", name="Reasons"),
        page.locator(".kept:visible"),
    )
    expect(measures).to_be_hidden()

    choose(page, "Implemented")
    expect(measures).to_be_visible()
    expect(reasons).to_be_hidden()
    expect(kept).to_have_count(0)
    measures.fill("Law No. 17")

    choose(page, "Considered, not taken up")
    expect(measures).to_be_visible()
    expect(reasons).to_be_visible()
    expect(page.get_by_label("Difficulties")).to_be_hidden()
    expect(kept).to_have_count(1)

    measures.fill("")
    expect(measures).to_be_hidden()


@everywhere
def test_an_answer_is_written_put_right_and_saved(visit, width, javascript, alice):
    page = visit(alice, ANSWER, width=width, javascript=javascript)
    choose(page, "Not applicable")
    page.get_by_label("Situation as at").fill("31/6/27")
    page.get_by_role("button", name="Save", exact=True).click()

    expect(page).to_have_title(
        "Error: IV.46(i) At least one option for victim compensation · Answer: Arandia · Recommendations tracker"
    )
    expect(page.locator(".errors")).to_be_focused()
    expect(page.locator(".errors li")).to_have_count(2)
    assert is_sound(page)
    page.get_by_role("link", name="Situation as at: Enter the date as 30 June 2027.").click()
    expect(page.get_by_label("Situation as at")).to_be_focused()

    page.get_by_label("Situation as at").fill("30 June 2026")
    page.get_by_label("The condition in the recommendation does not arise").check()
    page.get_by_role("button", name="Save and go to").click()
    expect(page.get_by_text(f"{titled('IV.46(i)')}: saved as version 1.")).to_be_visible()
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text("IV.46(j) Costs and losses that compensation may cover")


@pytest.mark.parametrize("height", [568, 800])
def test_no_field_with_the_focus_is_under_the_actions(visit, answered, alice, height):
    page = visit(alice, ANSWER, width=320)
    page.set_viewport_size({"width": 320, "height": height})
    page.get_by_label("Measures taken").fill("Law No. 17 is in force. " * 60)
    expect(page.locator("[data-draft]")).to_contain_text("Draft saved")
    actions = page.locator(".answer-actions")
    fields = []
    page.get_by_role("radio", name="Implemented").first.focus()
    while page.evaluate("document.activeElement.name") != "ready":
        page.keyboard.press("Tab")
        field = page.locator(":focus")
        fields.append(field.get_attribute("name"))
        box, above = field.bounding_box(), actions.bounding_box()
        assert field.evaluate("field => !!field.closest('.answer-actions')") or box["y"] + box["height"] <= above["y"]
        expect(page.get_by_role("button", name="Save", exact=True)).to_be_in_viewport(ratio=1)
    assert {"measures", "difficulties", "lead_institution", "situation_as_at"} <= {*fields}


@pytest.mark.parametrize(("width", "order"), [(320, ["text", "form", "about"]), (1280, ["text", "about"])])
def test_on_a_telephone_the_form_follows_the_text(visit, answered, alice, width, order):
    page = visit(alice, ANSWER, width=width)
    places = {name: page.locator(f".answer-{name}").bounding_box() for name in ("text", "form", "about")}
    column = [name for name, place in places.items() if place["x"] < width / 3]
    assert sorted(column, key=lambda name: places[name]["y"]) == order
    strip = page.get_by_role("navigation", name="Previous and next").get_by_role("link").first
    expect(strip).to_have_accessible_name(f"Previous unanswered: {titled('IV.46(h)')}")
    assert strip.bounding_box()["height"] < 50


def test_ctrl_s_saves(visit, alice):
    page = visit(alice, ANSWER)
    choose(page, "Implemented")
    page.get_by_label("Measures taken").fill("Law No. 17")
    page.keyboard.press("Control+s")
    expect(page.get_by_text(f"{titled('IV.46(i)')}: saved as version 1.")).to_be_visible()


@everywhere
def test_the_second_of_two_editors_chooses_and_saves_knowingly(visit, answered, width, javascript, carol, alice):
    mine = visit(alice, ANSWER, width=width, javascript=javascript)
    other = visit(carol, ANSWER)
    other.get_by_label("Measures taken").fill("Law No. 17 is in force since May.")
    other.get_by_label("Lead institution").fill("Court")
    other.get_by_role("button", name="Save", exact=True).click()
    expect(other.get_by_text(f"{titled('IV.46(i)')}: saved as version 3.")).to_be_visible()

    mine.get_by_label("Measures taken").fill("Law No. 17 is in force since June.")
    mine.get_by_role("button", name="Save", exact=True).click()
    expect(mine.get_by_text("Carol saved version 3 on")).to_be_visible()
    expect(mine.locator(".conflict")).to_be_focused()
    expect(mine.locator(".conflict-clash")).to_have_count(1)
    expect(mine.locator(".version").first).to_contain_text("June")
    expect(mine.locator(".conflict-combined")).to_contain_text("Lead institution Changed by Carol")
    assert is_sound(mine)

    mine.get_by_role("button", name="Save version 4").click()
    expect(mine.locator(".errors")).to_be_focused()
    mine.get_by_role("radio", name="Both, edited by me").check()
    mine.get_by_role("textbox", name="Measures taken").fill("Law No. 17 is in force since May and June.")
    mine.get_by_role("button", name="Save version 4").click()
    expect(mine.get_by_text(f"{titled('IV.46(i)')}: saved as version 4.")).to_be_visible()
    expect(mine.get_by_label("Measures taken")).to_have_value("Law No. 17 is in force since May and June.")
    expect(mine.get_by_label("Lead institution")).to_have_value("Court")

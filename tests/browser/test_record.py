"""The answer by hand: only the fields that a status needs, no typed word hidden, and two editors."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import at_both_widths, enter, everywhere, scrolls_sideways, violations
from tests.conftest import make_person
from tests.labels import titled
from tracker.actions.evidence import EvidenceDetails, add_evidence
from tracker.actions.record import Answer, save_answer
from tracker.models import User
from tracker.models.user import Role

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ANSWER = "/desk/XAA/recommendations/IV-46-i/"


@pytest.fixture
def opened(open_page, alice):
    """Open the answer of XAA to IV.46(i), as alice or somebody else."""

    def opened(path=ANSWER, email="alice@example.org", **kwargs):
        page = enter(open_page(**kwargs), User.objects.get(email=email))
        page.goto(path)
        return page

    return opened


@pytest.fixture
def answered(xaa, alice, unit):
    """Two revisions, of which the second cites a law; another piece waits in the library."""
    pieces = [
        add_evidence(
            respondent=xaa,
            by=alice,
            details=EvidenceDetails(title=title, kind="law", language="en", citation="Gazette"),
        )
        for title in ("Victims of Crime Act", "قانون مكافحة الاتجار")
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
def test_only_what_the_status_needs_is_asked_and_no_typed_word_is_hidden(opened, width, javascript):
    page = opened(width=width, javascript=javascript)
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
def test_an_answer_is_written_put_right_and_saved(opened, width, javascript):
    page = opened(width=width, javascript=javascript)
    choose(page, "Not applicable")
    page.get_by_label("Situation as at").fill("31/6/27")
    page.get_by_role("button", name="Save", exact=True).click()

    expect(page).to_have_title(
        "Error: IV.46(i) At least one option for victim compensation · Answer: Arandia · Recommendations tracker"
    )
    expect(page.locator(".errors")).to_be_focused()
    expect(page.locator(".errors li")).to_have_count(2)
    if javascript:
        assert violations(page) == []
    assert scrolls_sideways(page) is False
    page.get_by_role("link", name="Situation as at: Enter the date as 30 June 2027.").click()
    expect(page.get_by_label("Situation as at")).to_be_focused()

    page.get_by_label("Situation as at").fill("30 June 2026")
    page.get_by_label("The condition in the recommendation does not arise").check()
    page.get_by_role("button", name="Save and go to").click()
    expect(page.get_by_text(f"{titled('IV.46(i)')}: saved as version 1.")).to_be_visible()
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text("IV.46(j) Costs and losses that compensation may cover")


def test_ctrl_s_saves(opened):
    page = opened()
    choose(page, "Implemented")
    page.get_by_label("Measures taken").fill("Law No. 17")
    page.keyboard.press("Control+s")
    expect(page.get_by_text(f"{titled('IV.46(i)')}: saved as version 1.")).to_be_visible()


@everywhere
def test_the_second_of_two_editors_chooses_and_saves_knowingly(opened, answered, xaa, width, javascript):
    make_person("carol", Role.CONTRIBUTOR, xaa)
    mine = opened(width=width, javascript=javascript)
    other = opened(email="carol@example.org")
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
    if javascript:
        assert violations(mine) == []
    assert scrolls_sideways(mine) is False

    mine.get_by_role("button", name="Save version 4").click()
    expect(mine.locator(".errors")).to_be_focused()
    mine.get_by_role("radio", name="Both, edited by me").check()
    mine.get_by_role("textbox", name="Measures taken").fill("Law No. 17 is in force since May and June.")
    mine.get_by_role("button", name="Save version 4").click()
    expect(mine.get_by_text(f"{titled('IV.46(i)')}: saved as version 4.")).to_be_visible()
    expect(mine.get_by_label("Measures taken")).to_have_value("Law No. 17 is in force since May and June.")
    expect(mine.get_by_label("Lead institution")).to_have_value("Court")


@at_both_widths
def test_the_pages_of_an_answer_are_accessible_and_fit(opened, answered, width):
    page = opened(width=width)
    for path in ("", "history/", "compare/"):
        page.goto(ANSWER + path)
        page.evaluate("document.querySelectorAll('main details').forEach((one) => (one.open = true))")
        assert violations(page) == []
        assert scrolls_sideways(page) is False
        page.evaluate("document.documentElement.dir = 'rtl'")
        assert scrolls_sideways(page) is False


def test_who_only_reads_finds_it_accessible_too(opened, answered, xaa):
    make_person("vera", Role.VIEWER, xaa)
    page = opened(email="vera@example.org")
    expect(page.get_by_text("Law No. 17 is in force.").first).to_be_visible()
    assert violations(page) == []

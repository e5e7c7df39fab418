"""The main job by hand: sign in, find what is unanswered, answer it, hand the minister a report."""

import csv
import io

import pytest
from playwright.sync_api import Page, expect
from python_calamine import CalamineWorkbook

from tests.browser.conftest import enter, open_menu, press, scrolls_sideways, sign_in, sign_out, tab
from tests.documents import PDF
from tests.labels import titled
from tracker.models import Session

UNIT = "/desk/XAA/recommendations/IV-2/"
SECOND_TITLE = "IV.2 United Nations data on trafficking for organ removal"
THIRD_TITLE = "IV.3 Better use of Convention and Protocol in organ removal cases"
FIRST = "The Act of 2019 names a coordinator; see Jane Doe v. Arandia."
SECOND = "The Act of 2024 names a coordinator; see Jane Doe v. Arandia."
LAST = f"{SECOND} It is in force."


def follow(page: Page, name: str) -> None:
    page.get_by_role("link", name=name).first.click()


def expect_message(page: Page, words: str) -> None:
    expect(page.get_by_role("status").filter(has_text=words)).to_be_visible()


def write(page: Page, measures: str, button: str = "Save") -> None:
    page.get_by_label("Measures taken").fill(measures)
    press(page, button)


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "none"])
@pytest.mark.parametrize("width", [1280, 320])
def test_a_focal_point_answers_and_gives_the_minister_a_report(open_page, alice, charlie, width, javascript):
    page, other = open_page(width, javascript), open_page(width, javascript)

    def first_visit():
        page.goto("/")
        expect(page.get_by_text("Answering is voluntary")).to_be_visible()
        sign_in(page, "alice@example.org")
        expect(page.get_by_role("heading", level=1)).to_have_text("Welcome, Alice")
        expect(page.locator("main li")).to_have_count(5)
        press(page, "Go to the overview")
        expect(page.get_by_role("heading", level=1)).to_have_text("Arandia")

    def what_the_fourth_meeting_asks():
        tab(page, "Recommendations")
        if width == 320:
            page.get_by_text("Filters", exact=True).click()
        page.get_by_label("IV 2011").check()
        if not javascript:
            press(page, "Show results")
        page.wait_for_url("**/?meeting=4*")
        expect(page.get_by_text("47 of 230 shown")).to_be_visible()
        page.goto(page.url + "&q=IV.2")
        page.get_by_role("link", name="IV.2", exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(SECOND_TITLE)

    def an_answer_with_its_law():
        page.get_by_role("radio", name="In progress").check()
        page.get_by_label("Measures taken").fill(FIRST)
        page.get_by_text("Add evidence").click()
        page.get_by_label("Title").fill("Act of 2019")
        page.get_by_label("Kind").select_option("Law")
        page.get_by_label("File").set_input_files({"name": "act.pdf", "mimeType": "", "buffer": PDF})
        page.get_by_label("Articles or pages").fill("arts. 3–7")
        page.get_by_role("button", name="Save and go to").click()
        expect_message(page, f"{titled('IV.2')}: saved as version 1.")
        expect(page.get_by_role("heading", level=1)).to_have_text(THIRD_TITLE)

    def a_second_revision_and_the_first_again():
        page.goto(UNIT)
        expect(page.get_by_label("Articles or pages").first).to_have_value("arts. 3–7")
        write(page, SECOND)
        expect_message(page, f"{titled('IV.2')}: saved as version 2.")
        follow(page, "Compare versions")
        expect(page.locator(".difference")).to_contain_text("removed: 2019")
        expect(page.locator(".difference")).to_contain_text("added: 2024")
        follow(page, "View full history")
        press(page, "Restore version 1")
        expect_message(page, f"{titled('IV.2')}: saved as version 3.")
        expect(page.get_by_label("Measures taken")).to_have_value(FIRST)

    def an_ended_session():
        Session.objects.all().delete()
        write(page, LAST)
        expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
        sign_in(page, "alice@example.org", at=page.url)
        expect_message(page, "Not saved yet.")
        expect(page.get_by_label("Measures taken")).to_have_value(LAST)
        press(page, "Save")
        expect_message(page, f"{titled('IV.2')}: saved as version 4.")

    def the_library():
        tab(page, "Evidence")
        expect(page.locator("main").get_by_role("link", name="IV.2", exact=True)).to_be_visible()
        follow(page, "Act of 2019")
        assert downloaded(page, "act.pdf") == PDF

    def the_report():
        tab(page, "Report")
        expect(page.get_by_text("Working document").first).to_be_visible()
        follow(page, "Show all on one page for printing")
        expect(page.locator(".report-unit").filter(has_text=LAST).first).to_be_visible()
        tab(page, "Report")
        table = list(csv.reader(io.StringIO(downloaded(page, "Download CSV").decode("utf-8-sig"))))
        assert LAST in {cell for row in table for cell in row}
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(downloaded(page, "Download Excel")))
        cells = {
            cell
            for name in workbook.sheet_names
            for row in workbook.get_sheet_by_name(name).to_python()
            for cell in row
        }
        assert LAST in cells

    def nobody_elses():
        stranger = enter(other, charlie)
        for path in (UNIT, UNIT + "history/", "/desk/XAA/report/", "/desk/XAA/evidence/1/file/1/"):
            assert stranger.goto(path).status == 404
        expect(stranger.get_by_role("heading", level=1)).to_have_text("Page not found")

    def the_end():
        sign_out(page)
        open_menu(page)
        expect(page.get_by_role("banner").get_by_role("link", name="Sign in")).to_be_visible()
        page.goto(UNIT)
        expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")

    for step in (
        first_visit,
        what_the_fourth_meeting_asks,
        an_answer_with_its_law,
        a_second_revision_and_the_first_again,
        an_ended_session,
        the_library,
        the_report,
        nobody_elses,
        the_end,
    ):
        step()
        assert scrolls_sideways(page) is False, step.__name__


def downloaded(page: Page, link: str) -> bytes:
    with page.expect_download() as download:
        page.get_by_role("link", name=link).click()
    return download.value.path().read_bytes()


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "none"])
def test_a_double_click_saves_once(visit, alice, javascript):
    page = visit(alice, UNIT, javascript=javascript)
    page.get_by_role("radio", name="In progress").check()
    page.get_by_label("Measures taken").fill(FIRST)
    page.get_by_role("button", name="Save", exact=True).dblclick()
    expect(page.get_by_role("status").first).to_contain_text("IV.2")
    expect(page.locator(".timeline > li")).to_have_count(1)


def test_an_arabic_answer_reads_from_right_to_left(visit, alice):
    page = visit(alice, UNIT)
    page.get_by_role("radio", name="In progress").check()
    page.get_by_label("Language of the text").select_option("العربية")
    write(page, "اعتمد البرلمان القانون رقم 12 لسنة 2019.")
    expect_message(page, f"{titled('IV.2')}: saved as version 1.")
    expect(page.get_by_label("Measures taken")).to_have_css("direction", "rtl")
    expect(page.get_by_label("Measures taken")).to_have_attribute("lang", "ar")
    expect(page.locator(".adopted")).to_have_css("direction", "ltr")
    tab(page, "Report")
    follow(page, "Show all on one page for printing")
    said = page.get_by_text("اعتمد البرلمان")
    expect(said).to_have_css("direction", "rtl")
    expect(page.locator("[lang=ar]", has=said).or_(said.and_(page.locator("[lang=ar]")))).to_have_count(1)

"""The brief for the minister, before and after submitting, and from answers that the focal point selects."""

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import everywhere, is_sound
from tests.files import text_of_pdf
from tests.submissions import opened_round, save_many, submit_ready
from tracker.actions.record import Answer


def download(page: Page, address: str) -> str:
    """Open the page, and with two clicks the report and the brief. Return the words of the PDF."""
    page.goto(address)
    page.get_by_role("main" if "submissions" in address else "banner").get_by_role("link", name="Report").click()
    with page.expect_download() as started:
        page.locator("#brief, [aria-labelledby=brief]").get_by_text("Download the brief as PDF").click()
    return words_of(started.value.path())


def words_of(pdf: Path) -> str:
    return " ".join(text_of_pdf(pdf.read_bytes()).split())


def test_the_brief_takes_two_clicks_before_and_after_submitting(visit, say, xaa, alice, bob):
    say("I.13", "implemented", ready=True)
    round_ = opened_round(bob)
    page = visit(alice, "/desk/XAA/")
    before = download(page, "/desk/XAA/")
    assert ("Working document" in before, "Other parts not submitted" in before) == (True, False)
    submission = submit_ready(xaa, round_, alice)
    for address in ("/desk/XAA/", submission.get_absolute_url()):
        after = download(page, address)
        assert "Figures: XAA/2026/1. Other parts not submitted." in after
        assert "1 of 230 recommendations have an answer." in after


@everywhere
def test_a_text_is_filled_from_answers_and_edited(visit, xaa, alice, width, javascript, unit):
    answer = Answer("implemented", measures="Victims are paid.\nSince 2024.")
    save_many(xaa, dict.fromkeys(xaa.units_to_answer().with_text(), answer), alice)
    page = visit(alice, "/desk/XAA/report/", width=width, javascript=javascript)
    page.get_by_label("For decision").fill("Approve the bill; 15 December 2026; Ministry of Justice")
    page.get_by_role("button", name="Save, then fill “What was done” from answers").click()
    box, theme = page.get_by_label(unit("I.13").title), page.locator("summary", has_text="Compensation")
    theme.click()
    box.check()
    assert is_sound(page)
    theme.click()
    expect(box).to_be_hidden()
    page.emulate_media(media="print")
    expect(box).to_be_visible()
    page.emulate_media(media="screen")
    page.get_by_role("button", name="Add to the brief").click()
    done = page.get_by_label("What was done")
    expect(done).to_have_value(f"{unit('I.13').title}\nVictims are paid.")
    expect(page.get_by_label("For decision")).to_have_value("Approve the bill; 15 December 2026; Ministry of Justice")
    assert is_sound(page)
    done.fill("Compensation\nVictims are paid in full.")
    page.get_by_role("button", name="Save the texts").click()
    expect(page.get_by_text("The texts of the brief are saved.")).to_be_visible()
    with page.expect_download() as started:
        page.get_by_role("button", name="Download the brief as PDF").click()
    brief = words_of(started.value.path())
    assert "Compensation Victims are paid in full." in brief
    assert "Approve the bill 15 December 2026 Ministry of Justice" in brief

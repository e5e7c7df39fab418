"""A curator takes in the next paper: uploaded, corrected beside the paper, published, and on the desk of a State."""

import os

from playwright.sync_api import expect

from recommendations.models import Recommendation
from tests.browser.conftest import enter, everywhere, follow, is_sound, press, tab
from tests.papers import NINTH, as_word

SHOTS = os.environ.get("SHOTS")
PAPER = NINTH.partition("\n¹")[0].replace("¹", "").replace("good practices.", "good good practices")


@everywhere
def test_the_next_paper_is_taken_in(width, javascript, open_page, visit, dana, alice, tmp_path):
    page = enter(open_page(width, javascript), dana)

    def sound(name: str) -> None:
        if SHOTS:
            page.screenshot(path=f"{SHOTS}/{name}-{width}.png", full_page=True)
        assert is_sound(page)

    page.goto("/")
    tab(page, "Imported papers")
    sound("list")
    follow(page, "Import a paper")
    (tmp_path / "ninth.docx").write_bytes(as_word(PAPER))
    press(page, "Import as a draft")
    sound("errors")
    page.get_by_label("File").set_input_files(tmp_path / "ninth.docx")
    press(page, "Import as a draft")
    sound("kept")
    page.get_by_label("Body", exact=True).select_option(label="Working Group on Trafficking in Persons")
    page.get_by_label("Title of the paper").fill("Recommendations adopted at the ninth meeting")
    page.get_by_label("Date of the paper").fill("1 October 2019")
    page.get_by_label("Document symbol").fill("INVENTED/WG.4/2019/9")
    page.get_by_label("Kind of paper").select_option(label="Report of a meeting")
    press(page, "Save")
    expect(page.get_by_text("Doubt 1 of 2: Is this text complete?")).to_be_visible()
    sound("draft")
    columns = page.locator(".import-legend > li").evaluate_all("rows => new Set(rows.map(row => row.offsetLeft)).size")
    assert columns == (4 if width == 1280 else 1)

    page.get_by_role("link", name="Edit : IX.2").click()
    sound("text")
    page.get_by_label("Text", exact=True).fill("The Secretariat should compile good practices.")
    page.get_by_label("I have checked this text").check()
    press(page, "Save")
    expect(page.get_by_text("1 text was changed.")).to_be_visible()
    follow(page, "Add a text below")
    page.get_by_label("Label").fill("IX.4")
    page.get_by_label("Text", exact=True).fill("Measures should be taken to protect all children.")
    press(page, "Add")
    expect(page.get_by_text("The text was added to the draft.")).to_be_visible()

    follow(page, "Back to the draft")
    follow(page, "Edit several texts")
    sound("edit")
    third = page.get_by_role("group", name="IX.4")
    third.get_by_label("Counts as").select_option(label="A recommendation to be answered")
    press(page, "Save")
    expect(page.get_by_role("alert")).to_contain_text("Nothing was saved: correct the errors in 1 text")
    sound("wrong")
    third = page.get_by_role("group", name="IX.4")
    third.get_by_label("Addressee", exact=True).select_option(label="States parties")
    third.get_by_label("Basis for the addressee").select_option(label="Implied")
    press(page, "Save")
    expect(page.get_by_text("1 text was changed.")).to_be_visible()

    follow(page, "Back to the draft")
    sound("corrected")
    page.get_by_role("link", name="Move : Recommendations end here").click()
    expect(page.get_by_text("Choose the paragraph at which the recommendations end.")).to_be_in_viewport()
    sound("move")
    follow(page, "Cancel")
    follow(page, "Document details")
    sound("details")
    follow(page, "Back to the draft")
    follow(page, "Correct texts with a file")
    sound("file")
    follow(page, "Back to the draft")
    follow(page, "Delete the draft")
    sound("delete")
    follow(page, "Back to the draft")
    follow(page, "Check and publish")
    sound("missing")
    expect(page.get_by_role("link", name="To publish, fix 1 problem")).to_be_visible()
    follow(page, "Back to the draft")
    page.get_by_label("Yes, leave these words out").check()
    press(page, "Settle, and go to doubt 3")
    follow(page, "Check and publish")
    sound("preview")
    for box in page.get_by_role("main").get_by_role("checkbox").all():
        box.check()
    press(page, "Publish 6 texts")
    expect(page.get_by_text("6 texts were published.")).to_be_visible()
    sound("published")

    assert Recommendation.objects.published().filter(meeting__number=9).count() == 6
    state = visit(alice, "/desk/XAA/recommendations/?meeting=9", width, javascript)
    expect(state.get_by_role("main")).to_contain_text("Measures should be taken to protect all children.")

"""The library and a withdrawal by hand: add, search, change, download; ask, look, confirm."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import everywhere, is_sound, press
from tests.conftest import PASSWORD
from tests.documents import DOCUMENTS, MACRO_WORD
from tests.evidence_items import add_item
from tracker.models import Citation, EvidenceVersion, Revision, Session

LIBRARY = "/desk/XAA/evidence/"


@pytest.fixture
def law(xaa, alice, say) -> EvidenceVersion:
    """A piece that names a victim, cited by an answer that does so too."""
    law = add_item(xaa, alice, "The case of Jane Doe", kind="judgment", citation="Court, No. 12")
    say("I.13", measures="See Jane Doe v. State.", citations=[(law, "para. 14")])
    return law


def choose(page, name: str, file: dict) -> None:
    """In a field that htmx added, once it hears of the file."""
    expect(page.locator(".htmx-added")).to_have_count(0)
    page.locator(f"[name={name}]").set_input_files(file)


@everywhere
def test_a_file_is_added_found_downloaded_and_changed(visit, width, javascript, alice):
    page = visit(alice, LIBRARY, width=width, javascript=javascript)
    assert is_sound(page)
    page.get_by_role("link", name="Add evidence").click()
    assert is_sound(page)

    page.get_by_label("Title").fill("Victims of Crime Act")
    page.get_by_label("Kind").select_option("Law")
    page.get_by_label("File").set_input_files({"name": "law.docx", "mimeType": "", "buffer": MACRO_WORD})
    if not javascript:
        press(page, "Save")
        expect(page).to_have_title("Error: Add evidence · Arandia · Recommendations tracker")
    expect(page.get_by_text("This document contains macros. Save it without macros").first).to_be_visible()
    expect(page.get_by_label("Title")).to_have_value("Victims of Crime Act")
    assert is_sound(page)

    page.get_by_label("Title").fill("")
    page.get_by_label("File").set_input_files({"name": "قانون.docx", "mimeType": "", "buffer": DOCUMENTS[".docx"]})
    if javascript:
        expect(page.get_by_text("Uploaded, not saved yet.")).to_be_visible()
    page.get_by_label("Kind").select_option("")
    page.get_by_label("Title").fill("")
    press(page, "Save")
    expect(page.get_by_role("alert").first).to_contain_text("Choose a kind of evidence.")
    expect(page.get_by_text("قانون.docx")).to_be_visible()
    assert is_sound(page)

    page.get_by_label("Title").fill("Victims of Crime Act")
    page.get_by_label("Kind").select_option("Law")
    press(page, "Save")
    expect(page.get_by_role("heading", level=1)).to_have_text("E1 Victims of Crime Act")
    assert is_sound(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="قانون.docx").click()
    assert download.value.suggested_filename == "قانون.docx"
    assert download.value.path().read_bytes() == DOCUMENTS[".docx"]

    page.get_by_role("link", name="Edit", exact=True).click()
    page.get_by_label("Title").fill("Victims of Crime Act, as amended")
    press(page, "Save")
    expect(page.get_by_role("status")).to_contain_text("Saved as version 2.")
    page.goto(LIBRARY)
    page.get_by_role("main").get_by_role("searchbox").fill("amended")
    press(page, "Search")
    expect(page.get_by_text("1 of 1 shown")).to_be_visible()
    assert is_sound(page)
    page.get_by_role("main").get_by_role("searchbox").fill("nothing")
    press(page, "Search")
    expect(page.get_by_role("heading", name="No results")).to_be_visible()
    assert is_sound(page)


def test_the_keyboard_goes_on_where_evidence_was_cited_or_removed_and_an_upload_is_announced(visit, law, alice):
    page = visit(alice, "/desk/XAA/recommendations/I-14/")
    page.get_by_role("radio", name="Implemented").first.check()
    page.get_by_text("Cite from the evidence library").click()
    page.get_by_label("Search the evidence library").fill("Jane")
    page.get_by_role("button", name="Cite E1").press("Enter")
    expect(page.locator(f"[name=pinpoint_{law.pk}]")).to_be_focused()
    page.get_by_text("Add evidence", exact=True).click()
    page.locator("[name=new-upload]").set_input_files({"name": "An Act.txt", "mimeType": "", "buffer": b"Article 9"})
    expect(page.locator("[aria-live]").get_by_text("Uploaded, not saved yet.")).to_be_visible()
    expect(page.locator(".htmx-added")).to_have_count(0)
    page.get_by_role("button", name="Remove the file").press("Enter")
    expect(page.locator("[name=new-upload]")).to_be_focused()


def test_a_file_is_uploaded_at_once_and_survives_errors_and_signing_in(visit, alice):
    page = visit(alice, "/desk/XAA/recommendations/I-13/")
    page.get_by_text("Add evidence", exact=True).click()
    page.locator("[name=new-upload]").set_input_files({"name": "An Act.txt", "mimeType": "", "buffer": b"Article 9"})
    expect(page.get_by_text("Uploaded, not saved yet.")).to_be_visible()
    expect(page.locator("[name=new-title]")).to_have_value("An Act")
    assert is_sound(page)
    page.get_by_role("button", name="Add another evidence item").click()
    expect(page.locator("[name=new2-upload]")).to_be_visible()
    choose(page, "new2-upload", {"name": "x.docx", "mimeType": "", "buffer": MACRO_WORD})
    expect(page.get_by_text("This document contains macros.")).to_be_visible()
    choose(page, "new2-upload", {"name": "Bill.txt", "mimeType": "", "buffer": b"Article 10"})
    expect(page.get_by_text("Uploaded, not saved yet.")).to_have_count(2)
    page.get_by_role("button", name="Remove the file").last.click()
    expect(page.locator("[name=new2-upload]")).to_be_visible()
    page.locator("[name=new2-url]").fill("https://laws.example/bill")
    page.locator("[name=new2-kind]").select_option("law")

    Session.objects.all().delete()
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_label("E-mail").fill("alice@example.org")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_text("Not saved yet.", exact=True)).to_be_visible()
    expect(page.get_by_text("An Act.txt")).to_be_visible()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert").first).to_contain_text("Choose a status.")
    page.locator("[name=status][value=implemented]").check()
    page.locator("[name=new-kind]").select_option("law")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("saved as version 1")
    expect(page.get_by_text("2 evidence items cited")).to_be_visible()
    assert [version.form_and_size.replace("\xa0", " ") for version in EvidenceVersion.everyones.order_by("pk")] == [
        "TXT, 9 bytes",
        "Link",
    ]
    assert Revision.everyones.count() == 1


def test_several_files_are_chosen_at_once_and_uploaded_each_by_itself(visit, alice):
    page = visit(alice, "/desk/XAA/recommendations/I-13/")
    page.locator("[name=status][value=implemented]").check()
    page.get_by_text("Add evidence", exact=True).click()
    page.locator("[name=new-kind]").select_option("law")
    files = [{"name": f"Act {number}.txt", "mimeType": "", "buffer": b"Article %d" % number} for number in (1, 2, 3)]
    files.append({"name": "x.docx", "mimeType": "", "buffer": MACRO_WORD})
    page.locator("[name=new-upload]").set_input_files(files)
    expect(page.get_by_text("Uploaded, not saved yet.")).to_have_count(3)
    expect(page.get_by_text("This document contains macros.")).to_be_visible()
    expect(page.locator("[name=new3-title]")).to_have_value("Act 3")
    assert is_sound(page)
    choose(page, "new4-upload", {"name": "Bill.txt", "mimeType": "", "buffer": b"Article 4"})
    expect(page.get_by_text("Uploaded, not saved yet.")).to_have_count(4)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("4 evidence items cited")).to_be_visible()
    assert [version.kind for version in EvidenceVersion.everyones.all()] == ["law"] * 4
    assert Revision.everyones.count() == 1


@everywhere
def test_an_item_of_the_library_is_found_and_cited(visit, law, width, javascript, alice):
    page = visit(alice, "/desk/XAA/recommendations/I-14/", width=width, javascript=javascript)
    page.locator("[name=status][value=implemented]").check()
    page.locator("[name=measures]").fill("See the case.")
    page.get_by_text("Cite from the evidence library").click()
    page.get_by_role("searchbox", name="Search the evidence library").fill("doe jane")
    if not javascript:
        page.locator("#cited").get_by_role("button", name="Search").click()
    page.get_by_role("button", name="Cite E1").click()
    card = page.get_by_role("group", name="E1")
    expect(card.get_by_label("Articles or pages")).to_be_visible()
    assert is_sound(page)
    expect(page.locator("[name=measures]")).to_have_value("See the case.")
    card.get_by_label("Articles or pages").fill("para. 15")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("1 evidence item cited")).to_be_visible()
    assert Citation.everyones.get(revision__record__recommendation__label="I.14").pinpoint == "para. 15"


@everywhere
def test_two_people_withdraw_what_identifies_a_victim(visit, law, width, javascript, carol, alice):
    page = visit(alice, "/desk/XAA/withdrawals/", width=width, javascript=javascript)
    assert is_sound(page)
    page.get_by_role("link", name="Request removal").click()
    page.get_by_label("Words that identify the victim").fill("jane doe")
    page.get_by_label("Names a victim").check()
    press(page, "Preview what would be hidden")
    expect(page.get_by_text("Places: 2 · Files: 0")).to_be_visible()
    assert is_sound(page)
    press(page, "Hide and request removal")
    expect(page.get_by_role("status")).to_contain_text("The words and files are hidden.")
    expect(page.get_by_text("These people can confirm the removal: Carol")).to_be_visible()
    assert is_sound(page)

    other = visit(carol, "/desk/XAA/withdrawals/", width=width, javascript=javascript)
    other.get_by_role("link", name="Requested on").click()
    expect(other.get_by_text("Jane")).to_have_count(0)
    assert is_sound(other)
    press(other, "Confirm and destroy")
    expect(other.get_by_role("main").get_by_text("confirmed")).to_be_visible()
    assert (Revision.everyones.get().measures, EvidenceVersion.everyones.get().title) == ("", "")

    for path in (LIBRARY, law.evidence.get_absolute_url(), "/desk/XAA/recommendations/I-13/"):
        page.goto(path)
        expect(page.get_by_text("Removed on").first).to_be_attached()
        expect(page.get_by_text("Jane")).to_have_count(0)
        assert is_sound(page)


def test_two_editors_of_a_piece_both_see_what_they_typed(visit, law, carol, alice):
    mine, other = visit(alice, f"{LIBRARY}1/edit/"), visit(carol, f"{LIBRARY}1/edit/")
    other.get_by_label("Title").fill("Carol's title")
    press(other, "Save")
    mine.get_by_label("Title").fill("Alice's title")
    press(mine, "Save")
    expect(mine.get_by_role("alert")).to_contain_text("Carol saved version 2 while you were editing.")
    expect(mine.get_by_role("alert")).to_contain_text("Carol's title")
    expect(mine.get_by_label("Title")).to_have_value("Alice's title")
    assert is_sound(mine)
    press(mine, "Save")
    expect(mine.get_by_role("heading", level=1)).to_have_text("E1 Alice's title")

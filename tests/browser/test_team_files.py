"""What goes out of a desk as a file, is filled where there is no site, and comes back: by LibreOffice where it is."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests import libreoffice, questionnaires
from tests.browser.conftest import follow, is_sound, press
from tests.workbooks import column_of, filled, row_of
from tracker.actions.assignment import assign
from tracker.models import Revision

pytestmark = pytest.mark.usefixtures("closed_to_contributors")

ARABIC = "صدر القانون رقم 17 لسنة 2022."
MEASURES = "The Act of 2016.\nIts decree of 2017."


def bring(page, label: str, name: str, content: bytes, folder: Path) -> None:
    """Choose it as a file."""
    (folder / name).write_bytes(content)
    page.get_by_label(label).set_input_files(folder / name)


def newest(label: str) -> Revision:
    return Revision.everyones.filter(record__recommendation__label=label).order_by("number").last()


def test_a_questionnaire_goes_to_a_ministry_comes_back_and_is_taken(visit, alice, tmp_path, say):
    say("I.13", "in_progress", measures="A draft act.")
    page = visit(alice, "/desk/XAA/recommendations/I-13/")
    follow(page, "Send a Word questionnaire")
    page.get_by_label("Send to (institution)").fill("Ministry of Justice")
    assert is_sound(page)
    with page.expect_download() as download:
        press(page, "Download Word")
    sent = Path(download.value.path()).read_bytes()

    boxes = {"I-13/status/in_progress": False, "I-13/status/implemented": True, "I-13/measures": MEASURES}
    back = questionnaires.filled(sent, boxes)
    if questionnaires.SOFFICE:
        back = questionnaires.saved_by_libreoffice(back, tmp_path)

    follow(page, "Upload a completed questionnaire")
    bring(page, "Word document", "back.docx", back, tmp_path)
    page.get_by_label("Received from").fill("Ministry of Justice")
    assert is_sound(page)
    press(page, "Upload")
    expect(page.get_by_text("1 suggestion is waiting for a decision.")).to_be_visible()
    assert is_sound(page)
    assert newest("I.13").status == "in_progress"
    press(page, "Accept selected")
    expect(page.get_by_text("1 suggestion accepted and saved as a new version.")).to_be_visible()
    said = newest("I.13")
    assert (said.status, said.measures, said.received_from) == ("implemented", MEASURES, "Ministry of Justice")


def test_a_contributor_fills_the_workbook_of_their_items_offline(visit, alice, xaa, unit, tmp_path, carol):
    assign(respondent=xaa, units=[unit("I.13"), unit("I.14")], to=carol, by=alice)
    page = visit(carol, "/desk/XAA/workbook/", 320, javascript=False)
    expect(page.get_by_text("2 recommendations, one row each")).to_be_visible()
    with page.expect_download() as download:
        follow(page, "Download Excel")
    taken = Path(download.value.path()).read_bytes()

    typed = {"status": "Implemented", "measures": ARABIC, "language": "العربية"}
    if libreoffice.SOFFICE:
        row = row_of(taken, "I.14")
        cells = [("Answers", f"{column_of(key)}{row}", value) for key, value in typed.items()]
        back = libreoffice.saved_by_libreoffice(taken, tmp_path, *cells)
    else:
        back = filled(taken, "I.14", **typed)

    bring(page, "Workbook", "back.xlsx", back, tmp_path)
    press(page, "Preview changes")
    expect(page.get_by_role("heading", name="1 answer will change")).to_be_visible()
    assert is_sound(page)
    assert newest("I.14") is None
    press(page, "Save changes")
    expect(page.get_by_text("1 answer saved.")).to_be_visible()
    said = newest("I.14")
    assert (said.status, said.measures, said.language, said.author) == ("implemented", ARABIC, "ar", carol)
    assert newest("I.13") is None

"""What goes out of a desk as a file, is filled where there is no site, and comes back: by LibreOffice where it is."""

import datetime
import re
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests import libreoffice, questionnaires
from tests.browser.conftest import everywhere, follow, is_sound, press
from tests.submissions import send_answer
from tests.workbooks import column_of, filled, row_of
from tracker.actions.assignment import assign
from tracker.actions.institution import add_institution, set_institution
from tracker.models import Assignment, Membership, Revision, User

pytestmark = pytest.mark.usefixtures("closed_to_contributors")

ARABIC = "صدر القانون رقم 17 لسنة 2022."
MEASURES = "The Act of 2016.\nIts decree of 2017."


def bring(page, label: str, name: str, content: bytes, folder: Path) -> None:
    """Choose it as a file."""
    (folder / name).write_bytes(content)
    page.get_by_label(label, exact=True).set_input_files(folder / name)


def newest(label: str) -> Revision:
    return Revision.everyones.filter(record__recommendation__label=label).order_by("number").last()


@everywhere
def test_three_ministries_answer_on_the_site_in_word_and_late_in_word(
    open_page, visit, alice, xaa, unit, tmp_path, say, carol, width, javascript
):
    """One on the site; one in Word, in part; one in Word, late, with a field that the first changed too."""
    for label in ("I.13", "I.14"):
        say(label, "in_progress", measures="A draft act.")
    justice, health, labour = (
        add_institution(respondent=xaa, name=f"Ministry of {name}", kind="ministry", by=alice)
        for name in ("Justice", "Health", "Labour")
    )
    set_institution(membership=Membership.objects.get(user=carol), institution=justice, by=alice)
    page = visit(alice, "/desk/XAA/assignments/add/?unit=I-13&unit=I-14", width, javascript)
    files = {}
    for ministry in ("Justice", "Health", "Labour"):
        page.goto("/desk/XAA/assignments/add/?unit=I-13&unit=I-14")
        page.get_by_label("Assign to", exact=True).select_option(label=f"Ministry of {ministry}")
        page.get_by_label("Due date").fill(timezone.localdate().isoformat())
        assert is_sound(page)
        press(page, "Assign")
        if ministry != "Justice":
            expect(page.get_by_role("link", name="Open in your mail program")).to_have_attribute(
                "href", re.compile("^mailto:")
            )
            assert is_sound(page)
            with page.expect_download() as download:
                page.get_by_role("link", name=f"Download Word : Ministry of {ministry}").click()
            files[ministry] = Path(download.value.path()).read_bytes()
    send_answer(respondent=xaa, unit=unit("I.14"), by=User.objects.get(pk=carol.pk))
    Assignment.everyones.update(due_on=timezone.localdate() - datetime.timedelta(days=1))
    page.goto("/desk/XAA/")
    expect(page.get_by_role("heading", name="Due date passed: 5")).to_be_visible()

    def upload_from(ministry: str, measures: str) -> None:
        boxes = {"I-13/status/in_progress": False, "I-13/status/implemented": True, "I-13/measures": measures}
        back = questionnaires.filled(files[ministry], boxes)
        if questionnaires.SOFFICE:
            (tmp_path / ministry).mkdir()
            back = questionnaires.saved_by_libreoffice(back, tmp_path / ministry)
        page.goto("/desk/XAA/")
        follow(page, "Upload a returned file")
        bring(page, "File", "back.docx", back, tmp_path)
        assert is_sound(page)
        press(page, "Upload")

    upload_from("Health", MEASURES)
    expect(page.get_by_text("1 recommendation came back unchanged.")).to_be_visible()
    upload_from("Labour", "A fund.")
    expect(page.get_by_role("heading", name="Suggested by several institutions or people")).to_be_visible()
    expect(page.get_by_role("checkbox")).to_have_count(0)
    assert is_sound(page)
    assert newest("I.13").status == "in_progress"
    page.get_by_role("link", name="Compare, accept or merge: I.13").first.click()
    assert is_sound(page)
    press(page, "Accept this suggestion: Ministry of Health")
    said = newest("I.13")
    assert (said.status, said.measures, said.received_from) == ("implemented", MEASURES, "Ministry of Health")
    assert said.ready
    page.goto("/desk/XAA/questionnaire/answers/")
    expect(page.get_by_text("More than one institution or person changed this answer.")).to_be_visible()
    page.goto("/desk/XAA/assignments/")
    expect(page.get_by_text("Came back unchanged on").first).to_be_visible()
    assert is_sound(page)
    states = Assignment.everyones.filter(institution__in=[health, labour]).order_by("institution", "unit__position")
    assert list(states.values_list("state", flat=True)) == ["accepted", "assigned", "ready", "assigned"]


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

    follow(page, "Upload a returned file")
    bring(page, "File", "back.xlsx", back, tmp_path)
    press(page, "Upload")
    expect(page.get_by_role("heading", name="1 answer will change")).to_be_visible()
    assert is_sound(page)
    assert newest("I.14") is None
    press(page, "Save changes")
    expect(page.get_by_text("1 answer saved.")).to_be_visible()
    said = newest("I.14")
    assert (said.status, said.measures, said.language, said.author) == ("implemented", ARABIC, "ar", carol)
    assert newest("I.13") is None

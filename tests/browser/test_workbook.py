"""The workbook goes home and comes back: faults are found, both sides are seen, and what was decided is saved."""

from pathlib import Path

from playwright.sync_api import expect

from tests.browser.conftest import everywhere, is_sound
from tests.workbooks import filled
from tracker.models import Revision

ARABIC = "اعتمدت الدولة قانونا بشأن مكافحة الاتجار بالأشخاص.\nوبدأ نفاذه."
CHINESE = "已通过《反对贩运人口法》，并设立了协调机制。"


@everywhere
def test_a_workbook_is_downloaded_filled_uploaded_decided_on_and_saved(width, javascript, visit, say, alice, tmp_path):
    say("I.13", measures="A law of 2005.", difficulties="Money.")
    page = visit(alice, "/desk/XAA/recommendations/?meeting=1", width, javascript)
    page.get_by_role("checkbox", name="Select all").check()
    page.get_by_role("button", name="Offline workbook").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download Excel").click()
    taken = Path(download.value.path()).read_bytes()
    say("I.13", measures="A law of 2005, amended.", status="partially_implemented", difficulties="Money.")

    def bring(content: bytes) -> None:
        (tmp_path / "workbook.xlsx").write_bytes(content)
        page.goto("/desk/XAA/returned/")
        page.get_by_label("File", exact=True).set_input_files(tmp_path / "workbook.xlsx")
        page.get_by_role("button", name="Upload", exact=True).click()

    bring(filled(taken, "I.14", status="Done", target_date="soon"))
    expect(page.get_by_role("cell", name="Enter the date as 30 June 2027.")).to_be_visible()
    assert is_sound(page)

    content = filled(taken, "I.13", measures="A law of 2005 and a decree of 2024.")
    content = filled(content, "I.14", status="In progress", measures=ARABIC, language="العربية")
    content = filled(content, "I.8", status="Implemented", measures=CHINESE, language="中文", ready="yes")
    bring(content)
    assert is_sound(page)
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_text("Not saved.")).to_be_visible()
    page.get_by_label("Use the changes in the file").check()
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_text("3 answers saved.")).to_be_visible()
    said = Revision.everyones.filter(record__recommendation__label="I.13").last()
    assert (said.measures, said.status) == ("A law of 2005 and a decree of 2024.", "partially_implemented")

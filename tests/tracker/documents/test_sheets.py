"""What tables of a workbook hold is what was written into them, whatever a State wrote."""

import io
import re
import zipfile

import pytest
from django.utils import translation
from python_calamine import CalamineWorkbook
from xlsxwriter import Workbook

from tracker.documents.sheets import fill_sheets, table_workbook, write_row

LONG = "x" * 32_767


def part(file: bytes, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(file)) as packed:
        return packed.read(name).decode()


def rows_of(file: bytes, sheet: str) -> list[list]:
    return CalamineWorkbook.from_filelike(io.BytesIO(file)).get_sheet_by_name(sheet).to_python()


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("=1+1", "=1+1"),
        ("https://law.example/1", "https://law.example/1"),
        ("<r><t>bold</t></r>", "<r><t>bold</t></r>"),
        ("<r></t></si>", "<r></t></si>"),
        ("</t></si> & &amp; ]]> \" '", "</t></si> & &amp; ]]> \" '"),
        ("  two\n\tlines ", "  two\n\tlines "),
        ("_x0041_ _x00e9_ _xyz_", "_x0041_ _x00e9_ _xyz_"),
        ("a\x00b\x1bc\ud800d\ufffee", "abcde"),
        ("تُعرض على الضحايا 31", "تُعرض على الضحايا 31"),
        ("\N{GRINNING FACE} 向被害人", "\N{GRINNING FACE} 向被害人"),
        (LONG, LONG),
    ],
    ids=range(11),
)
def test_a_text_is_read_as_it_was_written(text, kept):
    file = table_workbook({"One": [["I.1", text, 3]], "Two": [[text, "", 0], ["", text, 1]]}, "ABC", {}, ["Round"])
    assert rows_of(file, "One") == [["A", "B", "C"], ["I.1", kept, 3]]
    assert rows_of(file, "Two") == [["A", "B", "C"], [kept, "", 0], ["", kept, 1]]
    assert part(file, "xl/sharedStrings.xml").count(">I.1<") == 1


@pytest.mark.parametrize("text", [f"{LONG}x", "\N{GRINNING FACE}" * 16_384])
def test_a_text_that_is_too_long_for_a_cell_is_shortened_and_says_so(text):
    shown = rows_of(table_workbook({"One": [[text]]}, "A", {}, []), "One")[1][0]
    notice = "[Shortened: a cell holds at most 32,767 characters. The whole text is in the CSV file and on the page.] "
    assert shown.startswith(notice + text[:10])
    assert len(shown.encode("utf-16-le")) // 2 in (32_766, 32_767)


def test_cells_have_the_format_of_their_columns_and_empty_cells_are_not_written():
    file = io.BytesIO()
    with Workbook(file, {"in_memory": True}) as book:
        bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True})
        for title in ("Plain", "Wrapped"):
            sheet = book.add_worksheet(title)
            write_row(sheet, 0, ["A", "B"], bold)
            sheet.set_column(0, 1, 20, wrapped if title == "Wrapped" else None)
    filled = fill_sheets(file, {1: [["x", 1]], 2: [["x", ""], ["", 2]]})
    cells = {n: re.findall('<c r="([AB][23])"([^>]*)>', part(filled, f"xl/worksheets/sheet{n}.xml")) for n in (1, 2)}
    assert cells == {1: [("A2", ' t="s"'), ("B2", "")], 2: [("A2", ' s="2" t="s"'), ("B3", ' s="2"')]}
    wraps = [" wrapText=" in form for form in re.findall("<xf .*?(?:/>|</xf>)", part(filled, "xl/styles.xml"))]
    assert wraps == [False, False, False, True]  # the first is the base of the others


def test_a_workbook_in_a_language_from_right_to_left_begins_on_the_right():
    with translation.override("ar"):
        file = table_workbook({"One": []}, "A", {}, [])
    assert 'rightToLeft="1"' in part(file, "xl/worksheets/sheet1.xml")
    assert rows_of(file, "One") == [["A"]]

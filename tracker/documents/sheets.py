"""Write tables of a workbook. Text is written as text, never as a formula or a link; empty cells are not written."""

from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO

from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _
from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from tracker.documents.statements import WORKING_FIGURES

NARROW, SENTENCE = 16, 120  # characters
TRUNCATED = -2  # what write_string returns for a text longer than a cell of 32,767 characters


def table_workbook(
    tables: Mapping[str, Iterable[Sequence[str | int]]],
    headers: Sequence[str],
    widths: Mapping[str, int],
    about: Iterable[object],
) -> BytesIO:
    """Write working figures of the Secretariat."""
    file = BytesIO()
    with Workbook(file, {"in_memory": True}) as book:
        heads = book.add_format({"bold": True, "bottom": 1})
        for title, rows in tables.items():
            write_table(book.add_worksheet(title), headers, rows, heads, widths)
        write_statements(book.add_worksheet("About"), [*about, *WORKING_FIGURES])
        set_direction(book)
    file.seek(0)
    return file


def set_direction(book: Workbook) -> None:
    if get_language_bidi():
        for sheet in book.worksheets():
            sheet.right_to_left()


def write_table(
    sheet: Worksheet, headers: Sequence[str], rows: Iterable[Sequence[str | int]], heads, widths: Mapping[str, int]
) -> int:
    write_row(sheet, 0, headers, heads)
    for place, header in enumerate(headers):
        sheet.set_column(place, place, widths.get(header, NARROW))
    number = 0
    for number, cells in enumerate(rows, start=1):
        write_row(sheet, number, cells)
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.autofilter(0, 0, number, len(headers) - 1)
    return number


def write_row(
    sheet: Worksheet, number: int, cells: Iterable[str | int], cell_format=None, with_empty: bool = False
) -> None:
    for place, cell in enumerate(cells):
        if isinstance(cell, int):
            sheet.write_number(number, place, cell, cell_format)
        elif (cell or with_empty) and sheet.write_string(number, place, cell, cell_format) == TRUNCATED:
            notice = _(
                "[Shortened: a cell holds at most 32,767 characters. The whole text is in the CSV file and on "
                "the page.]"
            )
            sheet.write_string(number, place, f"{notice} {cell}", cell_format)


def write_statements(sheet: Worksheet, sentences: Iterable[object], cell_format=None, width: int = SENTENCE) -> None:
    sheet.set_column(0, 0, width)
    for number, sentence in enumerate(sentences):
        sheet.write_string(number, 0, str(sentence), cell_format)

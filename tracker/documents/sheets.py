"""Write tables of a workbook. Text is written as text, never as a formula or a link; empty cells are not written."""

from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO

from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _
from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from tracker.documents import sheet_writer
from tracker.documents.ooxml import escape, read_parts, write_parts
from tracker.documents.sheet_writer import Cells
from tracker.documents.statements import WORKING_FIGURES

NARROW, SENTENCE = 16, 120  # characters
LONGEST = 32_767  # UTF-16 units of a text in a cell


def table_workbook(
    tables: Mapping[str, Iterable[Cells]], headers: Sequence[str], widths: Mapping[str, int], about: Iterable[object]
) -> bytes:
    """Write working figures of the Secretariat."""
    rows = {title: list(table) for title, table in tables.items()}
    sizes = {title: len(table) for title, table in rows.items()}
    file = make_heads(sizes, headers, widths, [*about, *WORKING_FIGURES])
    return fill_sheets(file, dict(enumerate(rows.values(), start=1)))


def make_heads(
    sizes: Mapping[str, int], headers: Sequence[str], widths: Mapping[str, int], about: Iterable[object]
) -> BytesIO:
    """Make a workbook with the heads of tables, whose number of rows is known by title, and with the sheet *About*."""
    file = BytesIO()
    with Workbook(file, {"in_memory": True}) as book:
        heads = book.add_format({"bold": True, "bottom": 1})
        for title, size in sizes.items():
            sheet = book.add_worksheet(title)
            write_row(sheet, 0, headers, heads)
            for place, header in enumerate(headers):
                sheet.set_column(place, place, widths.get(header, NARROW))
            set_table(sheet, size, len(headers))
        write_statements(book.add_worksheet("About"), about)
        set_direction(book)
    return file


def fill_sheets(file: BytesIO, tables: Mapping[int, Iterable[Cells]]) -> bytes:
    """Write rows into sheets of a workbook, by number from 1, below their heads and in the format of the columns."""
    return write_parts(sheet_writer.fill_sheets(read_parts(file), tables, lambda text: escape(_fit(text))))


def set_direction(book: Workbook) -> None:
    if get_language_bidi():
        for sheet in book.worksheets():
            sheet.right_to_left()


def set_table(sheet: Worksheet, rows: int, columns: int, names: int = 0) -> None:
    """Keep in view the heads and `names`, the number of columns that name a row."""
    sheet.freeze_panes(1, names)
    sheet.repeat_rows(0)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.autofilter(0, 0, rows, columns - 1)


def write_row(sheet: Worksheet, number: int, cells: Iterable[str | int], cell_format=None) -> None:
    for place, cell in enumerate(cells):
        if isinstance(cell, int):
            sheet.write_number(number, place, cell, cell_format)
        elif cell:
            sheet.write_string(number, place, _fit(cell), cell_format)


def _fit(text: str) -> str:
    """Shorten a text that is too long for a cell, and say so in front of it."""
    if len(text) <= LONGEST // 2 or len(text.encode("utf-16-le", "ignore")) <= 2 * LONGEST:
        return text
    notice = _(
        "[Shortened: a cell holds at most 32,767 characters. The whole text is in the CSV file and on the page.]"
    )
    return f"{notice} {text}".encode("utf-16-le", "ignore")[: 2 * LONGEST].decode("utf-16-le", "ignore")


def write_statements(sheet: Worksheet, sentences: Iterable[object], cell_format=None, width: int = SENTENCE) -> None:
    sheet.set_column(0, 0, width)
    for number, sentence in enumerate(sentences):
        sheet.write_string(number, 0, str(sentence), cell_format)

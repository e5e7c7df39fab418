"""Write tables of a workbook. Text is written as text, never as a formula or a link; empty cells are not written.

XlsxWriter makes the workbook with the heads of its tables. `fill_sheets` then writes their rows, since XlsxWriter takes
ten times as long for a cell, and reads a text between <r> and </r> as XML.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import BytesIO
from itertools import count

from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _
from xlsxwriter import Workbook
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from tracker.documents.ooxml import escape, read_parts, write_parts
from tracker.documents.statements import WORKING_FIGURES

NARROW, SENTENCE = 16, 120  # characters
LONGEST = 32_767  # UTF-16 units of a text in a cell
STRINGS = "xl/sharedStrings.xml"
DIMENSION = re.compile("<dimension [^>]*/>")  # not needed, and wrong after rows were added
COUNTS = re.compile(r' count="\d+" uniqueCount="\d+"')  # the same
COLUMN_FORMAT = re.compile(r'<col [^>]*style="(\d+)"')
CODED = re.compile(r"_(?=x[0-9a-fA-F]{4}_)")  # as a spreadsheet would read a character

type Cells = Sequence[str | int]


def table_workbook(
    tables: Mapping[str, Iterable[Cells]], headers: Sequence[str], widths: Mapping[str, int], about: Iterable[object]
) -> bytes:
    """Write working figures of the Secretariat."""
    file = BytesIO()
    rows = {title: list(table) for title, table in tables.items()}
    with Workbook(file, {"in_memory": True}) as book:
        heads = book.add_format({"bold": True, "bottom": 1})
        for title, table in rows.items():
            sheet = book.add_worksheet(title)
            write_row(sheet, 0, headers, heads)
            set_columns(sheet, headers, widths)
            set_table(sheet, len(table), len(headers))
        write_statements(book.add_worksheet("About"), [*about, *WORKING_FIGURES])
        set_direction(book)
    return fill_sheets(file, dict(enumerate(rows.values(), start=1)))


def fill_sheets(file: BytesIO, tables: Mapping[int, Iterable[Cells]]) -> bytes:
    """Write rows into sheets of a workbook, by number from 1, below their heads and in the format of the columns."""
    parts = read_parts(file)
    strings = COUNTS.sub("", parts[STRINGS]).removesuffix("</sst>")
    places = defaultdict[str, int](count(strings.count("<si>")).__next__)
    for number, rows in tables.items():
        name = f"xl/worksheets/sheet{number}.xml"
        start, mark, end = DIMENSION.sub("", parts[name]).partition("</sheetData>")
        found = COLUMN_FORMAT.search(start)
        attribute = f' s="{found[1]}"' if found else ""
        parts[name] = "".join([start, *_row_texts(rows, attribute, places), mark, end])
    texts = [f'<si><t xml:space="preserve">{CODED.sub("_x005F_", escape(text))}</t></si>' for text in places]
    parts[STRINGS] = "".join([strings, *texts, "</sst>"])
    return write_parts(parts)


def _row_texts(rows: Iterable[Cells], attribute: str, places: Mapping[str, int]) -> Iterator[str]:
    columns: list[str] = []
    for number, cells in enumerate(rows, start=2):
        columns = columns or [f'<c r="{xl_col_to_name(place)}' for place in range(len(cells))]
        number_start, text_start = f'{number}"{attribute}><v>', f'{number}"{attribute} t="s"><v>'
        texts = [
            f"{column}{number_start}{cell}</v></c>"
            if isinstance(cell, int)
            else f"{column}{text_start}{places[_fit(cell)]}</v></c>"
            for column, cell in zip(columns, cells, strict=True)
            if cell != ""
        ]
        yield f'<row r="{number}">{"".join(texts)}</row>'


def set_direction(book: Workbook) -> None:
    if get_language_bidi():
        for sheet in book.worksheets():
            sheet.right_to_left()


def write_table(
    sheet: Worksheet, headers: Sequence[str], rows: Iterable[Cells], heads, widths: Mapping[str, int]
) -> int:
    write_row(sheet, 0, headers, heads)
    number = 0
    for number, cells in enumerate(rows, start=1):
        write_row(sheet, number, cells)
    set_columns(sheet, headers, widths)
    set_table(sheet, number, len(headers))
    return number


def set_columns(sheet: Worksheet, headers: Sequence[str], widths: Mapping[str, int]) -> None:
    for place, header in enumerate(headers):
        sheet.set_column(place, place, widths.get(header, NARROW))


def set_table(sheet: Worksheet, rows: int, columns: int) -> None:
    sheet.freeze_panes(1, 0)
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

"""Offline workbooks as people send them back: what was downloaded, with cells filled in its own XML."""

import re
from xml.sax.saxutils import escape

from django.core.files.uploadedfile import SimpleUploadedFile
from xlsxwriter.utility import xl_col_to_name

from tests.documents import packed, parts_of
from tracker.documents.exchange.spreadsheet_reader import open_workbook
from tracker.documents.exchange.workbook import COLUMNS, FIRST, rows_to_fill, workbook
from tracker.forms.workbook import WorkbookForm

ANSWERS = "xl/worksheets/sheet1.xml"
ADDRESS = "http://testserver/desk/XAA/workbook/"


def downloaded(respondent, reader, *labels) -> bytes:
    """The workbook with these units, or with all that are asked."""
    asked, _others = rows_to_fill(respondent, reader)
    rows = [row for row in asked if not labels or row.unit.label in labels]
    return workbook(respondent, reader, rows, ADDRESS)


def replaced(content: bytes, name: str, old: str, new: str) -> bytes:
    parts = parts_of(content)
    assert old in parts[name].decode()
    parts[name] = parts[name].decode().replace(old, new).encode()
    return packed(parts)


def row_of(content: bytes, label: str) -> int:
    """Number of a row, as a spreadsheet counts."""
    return labels_in(content).index(label) + 1


def labels_in(content: bytes) -> list[str]:
    """The first cell of each row."""
    return [line[0] for line in open_workbook(as_upload(content)).cells("Answers")]


def column_of(key: str) -> str:
    return xl_col_to_name(FIRST + [column.key for column in COLUMNS].index(key))


def filled(content: bytes, label: str, **cells) -> bytes:
    """With these cells of a row, by the names of columns, a double underscore for the point in them."""
    return with_rows_filled(content, {label: cells})


def with_rows_filled(content: bytes, rows: dict[str, dict]) -> bytes:
    """As `filled`, for many rows by label."""
    labels = labels_in(content)
    return with_cells(
        content,
        {
            f"{column_of(key.replace('__', '.'))}{labels.index(label) + 1}": value
            for label, cells in rows.items()
            for key, value in cells.items()
        },
    )


def with_cell(content: bytes, place: str, value) -> bytes:
    return with_cells(content, {place: value})


def with_cells(content: bytes, values: dict) -> bytes:
    """A text, a number or the XML of a cell at each place such as `C7`."""
    parts = parts_of(content)
    sheet = parts[ANSWERS].decode()
    for place, value in values.items():
        sheet = _replace_cell(sheet, place, value)
    return packed(parts | {ANSWERS: sheet})


def _replace_cell(sheet: str, place: str, value) -> str:
    if isinstance(value, str):
        written = f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
    else:
        written = f'<c r="{place}"><v>{value}</v></c>' if not isinstance(value, bytes) else value.decode()
    sheet, count = re.subn(rf'<c r="{place}"[^>]*?(/>|>.*?</c>)', lambda _found: written, sheet)
    assert count == 1, place
    return sheet


def as_upload(content: bytes, name: str = "XAA-workbook.xlsx") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def rows_in(content: bytes, desk, user) -> list[dict]:
    """What a workbook changes, as it is kept."""
    form = WorkbookForm({}, {"upload": as_upload(content)}, desk=desk, user=user)
    assert form.is_valid(), (form.errors, form.problems)
    return form.rows

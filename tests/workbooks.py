"""Offline workbooks as people send them back: what was downloaded, with cells filled in its own XML."""

import io
import re
import zipfile
from xml.sax.saxutils import escape

from django.core.files.uploadedfile import SimpleUploadedFile
from xlsxwriter.utility import xl_col_to_name

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


def parts_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: dict[str, bytes | str]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return file.getvalue()


def replaced(content: bytes, name: str, old: str, new: str) -> bytes:
    parts = parts_of(content)
    assert old in parts[name].decode()
    parts[name] = parts[name].decode().replace(old, new).encode()
    return packed(parts)


def row_of(content: bytes, label: str) -> int:
    """Number of a row, as a spreadsheet counts."""
    cells = open_workbook(as_upload(content)).cells("Answers")
    return [line[0] for line in cells].index(label) + 1


def column_of(key: str) -> str:
    return xl_col_to_name(FIRST + [column.key for column in COLUMNS].index(key))


def filled(content: bytes, label: str, **cells) -> bytes:
    """With these cells of a row, by the names of columns, a double underscore for the point in them."""
    for key, value in cells.items():
        content = with_cell(content, f"{column_of(key.replace('__', '.'))}{row_of(content, label)}", value)
    return content


def with_cell(content: bytes, place: str, value) -> bytes:
    """A text, a number or the XML of a cell at a place such as `C7`."""
    if isinstance(value, str):
        written = f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
    else:
        written = f'<c r="{place}"><v>{value}</v></c>' if not isinstance(value, bytes) else value.decode()
    parts = parts_of(content)
    sheet, count = re.subn(rf'<c r="{place}"[^>]*?(/>|>.*?</c>)', lambda _found: written, parts[ANSWERS].decode())
    assert count == 1, place
    return packed(parts | {ANSWERS: sheet})


def as_upload(content: bytes, name: str = "XAA-workbook.xlsx") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def rows_in(content: bytes, desk, user) -> list[dict]:
    """What a workbook changes, as it is kept."""
    form = WorkbookForm({}, {"workbook": as_upload(content)}, desk=desk, user=user)
    assert form.is_valid(), (form.errors, form.problems)
    return form.rows

"""The formats of files that curators download and upload: CSV and JSON.

Both are read strictly: the formats of import-export let a JSON object with its keys in another order, or a CSV row with
one cell too many, move values to the wrong column. An encoding that the bytes do not prove is refused by name, since
a wrong guess alters letters without an error.
"""

import codecs
import csv
import io
import json
from collections.abc import Iterable

import tablib
from django.utils.translation import gettext as _
from import_export.formats.base_formats import TablibFormat

from recommendations.error_messages import EMPTY_FILE, NOT_A_TEXT_FILE, OLDER_ENCODING, UNMARKED_UTF16
from recommendations.spreadsheets import mark_as_text, remove_mark

# The longer marks first: that of UTF-32 begins as that of UTF-16.
MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
SEPARATORS = ",;\t"


class FileFormatError(ValueError):
    pass


def decode_text(content: bytes) -> str:
    """Return the text of a file in UTF-8, or in UTF-16 or UTF-32 with their mark. Raises FileFormatError."""
    encoding = next((encoding for mark, encoding in MARKS.items() if content.startswith(mark)), "utf-8")
    if encoding == "utf-8" and b"\0" in content:
        is_utf16 = len(content) % 2 == 0 and content.count(0) >= len(content) // 4
        raise FileFormatError(str(UNMARKED_UTF16 if is_utf16 else NOT_A_TEXT_FILE))
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        raise FileFormatError(str(OLDER_ENCODING if encoding == "utf-8" else NOT_A_TEXT_FILE)) from None


def split_rows(text: str) -> list[list[str]]:
    """Return the rows of CSV text. Its separator is the one that gives the first row the most cells."""
    first, _end, rest = text.partition("\n")
    if first.strip().lower() in {f"sep={separator}".strip() for separator in SEPARATORS}:  # a line that Excel reads
        text = rest
    separator = max(SEPARATORS, key=lambda separator: _count_cells(text, separator))
    return [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True) if row]


def _count_cells(text: str, separator: str) -> int:
    try:
        return len(next(filter(None, csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)), ()))
    except csv.Error:
        return 0


def write_csv(headers: Iterable[str], rows: Iterable[Iterable[object]]) -> bytes:
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(headers)
    writer.writerows([mark_as_text(str(cell)) for cell in row] for row in rows)
    return file.getvalue().encode("utf-8-sig")


class TextFile(TablibFormat):
    def get_title(self) -> str:
        return type(self).__name__

    def create_dataset(self, in_stream: bytes) -> tablib.Dataset:
        headers, *rows = self.read(decode_text(in_stream))
        return tablib.Dataset(*rows, headers=headers)


class CSV(TextFile):
    TABLIB_MODULE = "tablib.formats._csv"
    CONTENT_TYPE = "text/csv; charset=utf-8"

    def read(self, text: str) -> list[list[str]]:
        try:
            rows = split_rows(text)
        except csv.Error:
            raise FileFormatError(_("The file is not valid CSV. Save it as CSV (UTF-8) and choose it again.")) from None
        if not rows:
            raise FileFormatError(str(EMPTY_FILE))
        for number, row in enumerate(rows, start=1):
            if len(row) != len(rows[0]):
                raise FileFormatError(
                    _(
                        # Translators: number: row number; found, expected: numbers of cells.
                        "Row %(number)d: the number of cells is %(found)d. It must be %(expected)d, as in the heading "
                        "row."
                    )
                    % {"number": number, "found": len(row), "expected": len(rows[0])}
                )
        return [[remove_mark(cell) for cell in row] for row in rows]

    def export_data(self, dataset: tablib.Dataset, **kwargs) -> bytes:
        return write_csv(dataset.headers, dataset)


class JSON(TextFile):
    TABLIB_MODULE = "tablib.formats._json"
    CONTENT_TYPE = "application/json"

    def read(self, text: str) -> list[list]:
        try:
            entries = json.loads(text)
        except (ValueError, RecursionError):
            raise FileFormatError(_("The file is not valid JSON. Correct it and choose it again.")) from None
        if not (isinstance(entries, list) and entries and all(isinstance(entry, dict) for entry in entries)):
            raise FileFormatError("The JSON file must be a list of objects, one for each row.")
        headers = list(entries[0])
        for number, entry in enumerate(entries, start=2):
            if entry.keys() != entries[0].keys():
                raise FileFormatError(
                    # Translators: number: number of the row.
                    _("Row %(number)d: the keys must be the same as in the first row.") % {"number": number}
                )
        return [headers, *([entry[header] for header in headers] for entry in entries)]

    def export_data(self, dataset: tablib.Dataset, **kwargs) -> bytes:
        return json.dumps(dataset.dict, ensure_ascii=False, indent=1).encode()


FORMATS = (CSV, JSON)

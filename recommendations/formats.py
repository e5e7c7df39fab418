"""The formats of files that the admin downloads and uploads: CSV and JSON.

Both are read strictly: the formats of import-export let a JSON object with its keys in another order, or a CSV row with
one cell too many, move values to the wrong column.
"""

import csv
import io
import json

import tablib
from django.utils.translation import gettext as _
from import_export.formats.base_formats import Format

from recommendations.error_messages import EMPTY_FILE, NOT_UTF8
from recommendations.spreadsheets import mark_as_text, remove_mark


class FileFormatError(ValueError):
    pass


class TextFile(Format):
    def __init__(self, encoding: str = "utf-8-sig"):
        self.encoding = encoding

    def get_title(self) -> str:
        return type(self).__name__

    def get_extension(self) -> str:
        return self.get_title().lower()

    def can_import(self) -> bool:
        return True

    def can_export(self) -> bool:
        return True

    def create_dataset(self, in_stream: bytes) -> tablib.Dataset:
        try:
            text = in_stream.decode(self.encoding)
        except UnicodeDecodeError:
            raise FileFormatError(str(NOT_UTF8)) from None
        headers, *rows = self.read(text)
        return tablib.Dataset(*rows, headers=headers)


class CSV(TextFile):
    def get_content_type(self) -> str:
        return "text/csv; charset=utf-8"

    def read(self, text: str) -> list[list[str]]:
        try:
            rows = [row for row in csv.reader(io.StringIO(text, newline=""), strict=True) if row]
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
        file = io.StringIO()
        writer = csv.writer(file)
        writer.writerow(dataset.headers)
        writer.writerows([mark_as_text(str(cell)) for cell in row] for row in dataset)
        return file.getvalue().encode(self.encoding)


class JSON(TextFile):
    def get_content_type(self) -> str:
        return "application/json"

    def read(self, text: str) -> list[list]:
        try:
            entries = json.loads(text)
        except (ValueError, RecursionError):
            raise FileFormatError(_("The file is not valid JSON. Correct it and choose it again.")) from None
        if not (isinstance(entries, list) and entries and all(isinstance(entry, dict) for entry in entries)):
            raise FileFormatError(_("The JSON file must be a list of objects, one for each row."))
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

"""Read what files hold: the words of a PDF, the rows of CSV and of the sheets of a workbook."""

import csv
import io
import re
import subprocess

from python_calamine import CalamineWorkbook

INVISIBLE = re.compile("[\ufe0f\u200b-\u200f\u202a-\u202e\u2066-\u2069\u00ad]")


def text_of_pdf(pdf: bytes, *options: str) -> str:
    read = subprocess.run(["pdftotext", *options, "-", "-"], input=pdf, capture_output=True, check=True)
    return visible(read.stdout.decode())


def visible(text: str) -> str:
    return INVISIBLE.sub("", text)


def without_spaces(text: str) -> str:
    """A line may break anywhere."""
    return "".join(visible(text).split())


def rows_of_csv(content: bytes | str) -> list[dict[str, str]]:
    text = content.decode() if isinstance(content, bytes) else content
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def sheets_of(workbook: bytes) -> dict[str, list[list]]:
    """Whole numbers as such: in a file all are decimal."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(workbook))
    sheets = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}
    return {
        name: [[int(cell) if isinstance(cell, float) else cell for cell in row] for row in rows]
        for name, rows in sheets.items()
    }


def rows_of_sheet(sheet: list[list]) -> list[dict]:
    header, *rows = sheet
    return [dict(zip(header, row, strict=True)) for row in rows]

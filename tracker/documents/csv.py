"""Write CSV (RFC 4180) with a byte order mark, without which Excel misreads UTF-8."""

import csv
from collections.abc import Iterable
from io import StringIO
from itertools import chain, repeat

from django.utils.functional import Promise

from recommendations.spreadsheets import mark_row
from tracker.documents.statements import USUAL

BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
NOTICE = "notice"


def csv_file(headers: list[str], rows: Iterable[list[str | int]]) -> str:
    return csv_text(chain([headers], map(mark_row, rows)), BYTE_ORDER_MARK)


def csv_with_statements(
    headers: list[str], rows: Iterable[list[str | int]], statements: Iterable[str | Promise] = USUAL
) -> str:
    """Write the statements in the first row only: a workbook has a sheet for them."""
    notices = chain([" ".join(map(str, statements))], repeat(""))
    return csv_file([*headers, NOTICE], ([*cells, notice] for cells, notice in zip(rows, notices, strict=False)))


def csv_text(rows: Iterable[Iterable[str | int]], mark: str = "") -> str:
    text = StringIO()
    text.write(mark)
    csv.writer(text).writerows(rows)
    return text.getvalue()

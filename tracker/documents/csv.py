"""Write CSV (RFC 4180) with a byte order mark, without which Excel misreads UTF-8.

Lines are written as text, since the module of Python looks at each character and takes four times as long.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import chain, repeat

from django.utils.functional import Promise

from recommendations.spreadsheets import mark_cells
from tracker.documents.statements import USUAL

BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
NOTICE = "notice"
NEEDS_QUOTES = re.compile(r'[,"\n\r]')


def csv_file(headers: list[str], columns: Iterable[Sequence[str | int]]) -> str:
    lines = map(",".join, zip(*map(_csv_column, columns), strict=True))
    return "\r\n".join([BYTE_ORDER_MARK + csv_line(headers), *lines, ""])


def csv_with_statements(
    headers: list[str], rows: Iterable[list[str | int]], statements: Iterable[str | Promise] = USUAL
) -> str:
    """Write the statements in the first row only: a workbook has a sheet for them."""
    notices = chain([" ".join(map(str, statements))], repeat(""))
    with_notice = ([*cells, notice] for cells, notice in zip(rows, notices, strict=False))
    return csv_file([*headers, NOTICE], zip(*with_notice, strict=True))


def csv_line(cells: Iterable[str | int]) -> str:
    return ",".join([_quote(text) if NEEDS_QUOTES.search(text) else text for text in map(str, cells)])


def _csv_column(cells: Sequence[str | int]) -> list[str]:
    """Quote equal cells once, and none where no cell of the column needs it."""
    texts = list(map(str, mark_cells(cells)))
    if not NEEDS_QUOTES.search(" ".join(texts)):
        return texts
    quoted = {text: _quote(text) if NEEDS_QUOTES.search(text) else text for text in set(texts)}
    return [quoted[text] for text in texts]


def _quote(text: str) -> str:
    return f'"{text.replace('"', '""')}"'

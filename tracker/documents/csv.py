"""Write CSV (RFC 4180) with a byte order mark, without which Excel misreads UTF-8."""

import csv
from collections.abc import Iterable
from io import StringIO

BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"


def csv_text(rows: Iterable[Iterable[str | int]]) -> str:
    text = StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()

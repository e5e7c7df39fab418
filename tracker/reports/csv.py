"""Files of CSV (RFC 4180), with a byte order mark, without which Excel misreads UTF-8."""

import csv
from collections.abc import Iterable, Iterator
from io import StringIO

from recommendations.spreadsheets import marked_as_text
from tracker.reports.columns import ANSWERS, Column, row
from tracker.reports.state import StateReport

BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"


class _Line:
    """A file for csv.writer that hands each line back."""

    def write(self, line: str) -> str:
        return line


def csv_text(rows: Iterable[Iterable[str | int]]) -> str:
    """Rows whose cells are marked already, as text."""
    text = StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def csv_lines(report: StateReport, columns: Iterable[Column] = ANSWERS) -> Iterator[str]:
    """The answers of a State's report: a header, then each unit asked, in the order of the paper, and each answered
    beyond that.
    """
    writer = csv.writer(_Line())
    yield BYTE_ORDER_MARK + writer.writerow([column.header for column in columns])
    for entry in report.entries:
        yield writer.writerow([marked_as_text(str(cell)) for cell in row(columns, report, entry)])

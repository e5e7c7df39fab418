"""The answers of a State's report as CSV (RFC 4180), with a byte order mark, without which Excel misreads UTF-8."""

import csv
from collections.abc import Iterator

from tracker.reports.columns import ANSWERS, row
from tracker.reports.state import StateReport

BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"

# What a spreadsheet takes for a formula begins so; in some languages a full-width sign is as good.
BEGIN_A_FORMULA = (
    *"=+-@\t\r\n",
    "\N{FULLWIDTH EQUALS SIGN}",
    "\N{FULLWIDTH PLUS SIGN}",
    "\N{FULLWIDTH HYPHEN-MINUS}",
    "\N{FULLWIDTH COMMERCIAL AT}",
)


class _Line:
    """A file for csv.writer that hands each line back."""

    def write(self, line: str) -> str:
        return line


def csv_lines(report: StateReport) -> Iterator[str]:
    """A header, then each unit asked and each answered beyond that, in the order of the paper."""
    writer = csv.writer(_Line())
    yield BYTE_ORDER_MARK + writer.writerow([column.header for column in ANSWERS])
    for entry in report.entries:
        yield writer.writerow([without_formula(cell) for cell in row(ANSWERS, report, entry)])


def without_formula(cell: str | int) -> str | int:
    """The cell, marked as text by an apostrophe where a spreadsheet would take it for a formula."""
    if isinstance(cell, str) and cell.startswith(BEGIN_A_FORMULA):
        return f"'{cell}"
    return cell

import csv
from collections.abc import Iterable, Iterator

from recommendations.spreadsheets import mark_as_text
from tracker.documents.csv import BYTE_ORDER_MARK
from tracker.documents.report.columns import ANSWERS, Column, row
from tracker.documents.report.state import StateReport


class _Line:
    def write(self, line: str) -> str:
        return line


def csv_lines(report: StateReport, columns: Iterable[Column] = ANSWERS) -> Iterator[str]:
    writer = csv.writer(_Line())
    yield BYTE_ORDER_MARK + writer.writerow([column.header for column in columns])
    for entry in report.entries:
        yield writer.writerow([mark_as_text(str(cell)) for cell in row(columns, report, entry)])

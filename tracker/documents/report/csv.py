from collections.abc import Iterable, Iterator

from recommendations.spreadsheets import mark_as_text
from tracker.documents.csv import csv_file, csv_text
from tracker.documents.report.columns import ANSWERS, Column, row
from tracker.documents.report.state import StateReport


def csv_lines(report: StateReport, columns: Iterable[Column] = ANSWERS) -> Iterator[str]:
    yield csv_file([column.header for column in columns], [])
    for entry in report.entries:
        yield csv_text([[mark_as_text(str(cell)) for cell in row(columns, report, entry)]])

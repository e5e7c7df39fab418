from collections.abc import Collection

from tracker.documents.csv import csv_file
from tracker.documents.report.columns import ANSWERS, Column, cells, entry_values
from tracker.documents.report.state import StateReport


def report_csv(report: StateReport, columns: Collection[Column] = ANSWERS) -> str:
    return csv_file([column.header for column in columns], cells(columns, entry_values(report, report.entries)))

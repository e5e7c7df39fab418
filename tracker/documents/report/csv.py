from collections.abc import Collection

from tracker.documents.csv import csv_file
from tracker.documents.report.columns import ANSWERS, Column, cells
from tracker.documents.report.state import StateReport


def report_csv(report: StateReport, columns: Collection[Column] = ANSWERS) -> str:
    values = cells(columns, ((report, entry) for entry in report.entries))
    return csv_file([column.header for column in columns], values)

from collections.abc import Collection

from tracker.documents.csv import csv_file
from tracker.documents.report.columns import ANSWERS, Column, answer_rows, cells
from tracker.documents.report.state import StateReport


def report_csv(report: StateReport, columns: Collection[Column] = ANSWERS) -> str:
    return csv_file([column.header for column in columns], cells(columns, answer_rows(report, report.entries)))

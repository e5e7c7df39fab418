from tracker.documents.report.columns import FIELDS_AS_COLUMNS, FILE_TABLES, FileTable, columns_of
from tracker.documents.report.csv import report_csv
from tracker.documents.report.json import report_json
from tracker.documents.report.state import StateReport

PUBLIC_FIELDS = [column.header for each in FIELDS_AS_COLUMNS for column in columns_of(each) if column.is_public]
PUBLIC_TABLES = {
    name: FileTable(tuple(column for column in columns if column.is_public), about)
    for name, (columns, about) in FILE_TABLES.items()
    if name in ("answers", "evidence")
}


def publication_csv(report: StateReport) -> str:
    return report_csv(report, PUBLIC_TABLES["answers"].columns)


def publication_json(report: StateReport) -> bytes:
    return report_json(report, PUBLIC_TABLES)

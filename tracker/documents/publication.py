from collections.abc import Iterator

from tracker.documents.report.columns import FIELDS_AS_COLUMNS, FILE_TABLES, FileTable, columns_of
from tracker.documents.report.csv import csv_lines
from tracker.documents.report.json import report_json
from tracker.documents.report.state import StateReport

# By name, so that a new column of the State's own report is not public. How a State works stays with it: when and how
# often it saved, and what it received from whom.
PUBLIC_FIELDS = [column.header for each in FIELDS_AS_COLUMNS if each.is_published for column in columns_of(each)]
PUBLIC_ANSWERS = {
    *PUBLIC_FIELDS,
    "respondent",
    "respondent_name",
    "data_as_at",
    "source",
    "label",
    "body",
    "meeting",
    "theme",
    "theme_name",
    "second_theme",
    "second_theme_name",
    "chapeau",
    "text",
    "items",
    "strength",
    "asks_to_consider",
    "asked",
    "status",
    "status_name",
    "evidence",
    "evidence_count",
    "answers_current_wording",
    "words_withdrawn",
    "marking",
    "digest",
    "notice",
}
PUBLIC_EVIDENCE = {
    "label",
    "evidence",
    "version",
    "title",
    "pinpoint",
    "kind",
    "kind_name",
    "document_date",
    "language",
    "form",
    "form_name",
    "file_name",
    "sha256",
    "link",
    "citation",
    "file_withdrawn",
}
PUBLIC = {"answers": PUBLIC_ANSWERS, "evidence": PUBLIC_EVIDENCE}
PUBLIC_FILE_TABLES = {
    name: FileTable(tuple(column for column in columns if column.header in PUBLIC[name]), about)
    for name, (columns, about) in FILE_TABLES.items()
    if name in PUBLIC
}


def publication_csv(report: StateReport) -> Iterator[str]:
    return csv_lines(report, PUBLIC_FILE_TABLES["answers"].columns)


def publication_json(report: StateReport) -> bytes:
    return report_json(report, PUBLIC_FILE_TABLES)

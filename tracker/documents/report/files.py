from collections.abc import Callable
from typing import NamedTuple

from tracker.documents.docx import write_docx
from tracker.documents.pdf import write_pdf
from tracker.documents.report.brief import Brief, brief_document
from tracker.documents.report.chapters import Choice, document
from tracker.documents.report.csv import report_csv
from tracker.documents.report.json import report_json
from tracker.documents.report.state import StateReport
from tracker.documents.report.xlsx import workbook

OOXML = "application/vnd.openxmlformats-officedocument"


class FileKind(NamedTuple):
    """`write` gets a report as chosen; a format that is no document always has all of it."""

    content_type: str
    write: Callable[[StateReport, Choice], bytes]


FILE_KINDS = {
    "pdf": FileKind("application/pdf", lambda report, choice: write_pdf(document(report, choice))),
    "docx": FileKind(f"{OOXML}.wordprocessingml.document", lambda report, choice: write_docx(document(report, choice))),
    "xlsx": FileKind(f"{OOXML}.spreadsheetml.sheet", lambda report, choice: workbook(report)),
    "csv": FileKind("text/csv; charset=utf-8", lambda report, choice: report_csv(report).encode()),
    "json": FileKind("application/json", lambda report, choice: report_json(report)),
}


BRIEF_WRITERS: dict[str, Callable[[Brief], bytes]] = {
    "pdf": lambda brief: write_pdf(brief_document(brief)),
    "docx": lambda brief: write_docx(brief_document(brief)),
}


def file_name(report: StateReport, kind: str) -> str:
    return f"{report.respondent.code}-report-{report.at:%Y-%m-%d}.{kind}"

import json
from collections.abc import Mapping

from tracker.documents.report.columns import FILE_TABLES, FileTable, Plain, plain, read_columns
from tracker.documents.report.state import TITLE, StateReport


def report_json(report: StateReport, listings: Mapping[str, FileTable] = FILE_TABLES) -> bytes:
    values = {
        "title": str(TITLE),
        "respondent": report.respondent.code,
        "respondent_name": report.respondent.name,
        "data_as_at": plain(report.at),
        "source": report.source,
        "marking": report.mark,
        "digest": report.digest,
        "statements": report.statements,
    }
    listed = {name: _rows(table, report) for name, table in listings.items()}
    return json.dumps(values | listed, ensure_ascii=False, indent=1).encode()


def _rows(table: FileTable, report: StateReport) -> list[dict[str, Plain]]:
    headers = [column.header for column in table.columns]
    columns = read_columns(table.columns, table.about(report), plain)
    return [dict(zip(headers, row, strict=True)) for row in zip(*columns, strict=True)]

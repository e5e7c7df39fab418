import json
from collections.abc import Mapping

from tracker.documents.report.columns import FILE_TABLES, FileTable, named, plain
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
    listed = {
        name: [named(columns, *things) for things in about(report)] for name, (columns, about) in listings.items()
    }
    return json.dumps(values | listed, ensure_ascii=False, indent=1).encode()

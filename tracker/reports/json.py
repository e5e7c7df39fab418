"""A State's report as JSON: what it is, then each listing by its name, rows by the names of their columns."""

import json

from tracker.reports.columns import LISTINGS, named, plain
from tracker.reports.state import TITLE, StateReport


def report_json(report: StateReport) -> bytes:
    said = {
        "title": str(TITLE),
        "respondent": report.respondent.code,
        "respondent_name": report.respondent.name,
        "data_as_at": plain(report.at),
        "source": report.source,
        "marking": report.marking,
        "digest": report.digest,
        "statements": report.statements,
    }
    listings = {
        name: [named(columns, *things) for things in about(report)] for name, (columns, about) in LISTINGS.items()
    }
    return json.dumps(said | listings, ensure_ascii=False, indent=1).encode()

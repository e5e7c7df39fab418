import json

from tracker.documents.csv import csv_file
from tracker.documents.report.columns import Column, named, row
from tracker.documents.statements import USUAL
from tracker.figures.answers import ANSWERS
from tracker.figures.public_figures import PublicFigures

COLUMNS = (
    Column("round", lambda found, public_row: found.round.code),
    Column("body", lambda found, public_row: found.round.body.slug),
    Column("data_as_at", lambda found, public_row: found.at),
    Column("source", lambda found, public_row: found.source),
    Column("group_kind", lambda found, public_row: public_row.kind),
    Column("group", lambda found, public_row: public_row.slug),
    Column("group_name", lambda found, public_row: public_row.of),
    Column("states", lambda found, public_row: public_row.states),
    Column("asked", lambda found, public_row: public_row.counts.total),
    Column("answered", lambda found, public_row: public_row.counts.answered),
    *(Column(code, lambda found, public_row, code=code: public_row.counts.counts[code]) for code in ANSWERS),
)
NOTICE = Column("notice", lambda found, public_row: " ".join(map(str, USUAL)))


def figures_csv(figures: PublicFigures | None) -> str:
    columns = (*COLUMNS, NOTICE)
    rows = [row(columns, figures.found, public_row) for public_row in figures.rows] if figures else []
    return csv_file([column.header for column in columns], rows)


def figures_json(figures: PublicFigures | None) -> str:
    rows = [named(COLUMNS, figures.found, public_row) for public_row in figures.rows] if figures else []
    return json.dumps({"statements": list(map(str, USUAL)), "figures": rows}, ensure_ascii=False, indent=1)

"""The files of the figures of a round that everybody reads."""

import json

from recommendations.spreadsheets import mark_as_text
from tracker.documents.csv import BYTE_ORDER_MARK, csv_text
from tracker.documents.report.columns import Column, named, row
from tracker.documents.statements import USUAL
from tracker.figures.answers import ANSWERS
from tracker.figures.public_figures import PublicFigures

COLUMNS = (
    Column("round", lambda found, one: found.round.code),
    Column("body", lambda found, one: found.round.body.slug),
    Column("data_as_at", lambda found, one: found.at),
    Column("source", lambda found, one: found.source),
    Column("group_kind", lambda found, one: one.kind),
    Column("group", lambda found, one: one.slug),
    Column("group_name", lambda found, one: one.of),
    Column("states", lambda found, one: one.states),
    Column("asked", lambda found, one: one.told.asked),
    Column("answered", lambda found, one: one.told.answered),
    *(Column(code, lambda found, one, code=code: one.told.counts[code]) for code in ANSWERS),
)
NOTICE = Column("notice", lambda found, one: " ".join(map(str, USUAL)))


def figures_csv(figures: PublicFigures | None) -> str:
    columns = (*COLUMNS, NOTICE)
    rows = [row(columns, figures.found, one) for one in figures.rows] if figures else []
    marked = ([mark_as_text(str(cell)) for cell in cells] for cells in rows)
    return BYTE_ORDER_MARK + csv_text([[column.header for column in columns], *marked])


def figures_json(figures: PublicFigures | None) -> str:
    """By the same names, and null where a figure is not told; the statements once."""
    rows = [named(COLUMNS, figures.found, one) for one in figures.rows] if figures else []
    return json.dumps({"statements": list(map(str, USUAL)), "figures": rows}, ensure_ascii=False, indent=1)

"""Write the work list of needs for assistance as CSV and workbook, with one list of columns.

The columns are documented in docs/reference/need-columns.md. It is for reviewers who may read the submissions.
"""

from collections.abc import Iterator

from tracker.documents.csv import csv_with_statements
from tracker.documents.report.columns import Column, as_cell, row
from tracker.documents.sheets import table_workbook
from tracker.documents.statements import WORKING_FIGURES
from tracker.figures.assistance import Need, words_of
from tracker.figures.progress import RoundProgress
from tracker.figures.selection import theme_of
from tracker.models.assistance import NeedStage
from tracker.models.status import LABELS
from tracker.queries.desk.assistance import names_of

STATES = dict(NeedStage.choices)
OF_STANDING = (
    Column("round", lambda found, standing: found.round.code),
    Column("respondent", lambda found, standing: standing.respondent.code),
    Column("respondent_name", lambda found, standing: standing.respondent.name),
    Column("regional_group", lambda found, standing: standing.respondent.regional_group),
    Column("submission", lambda found, standing: standing.submission.reference),
    Column("submitted_at", lambda found, standing: standing.submission.sealed_at),
)
OF_UNIT = (
    Column("label", lambda entry: entry.unit.label),
    Column("title", lambda entry: entry.unit.title),
    Column("text", lambda entry: entry.unit.text),
    Column("theme", lambda entry: theme_of(entry)[0]),
    Column("theme_name", lambda entry: theme_of(entry)[1]),
)
OF_KINDS = (
    Column("kinds", lambda kinds: list(kinds)),
    Column("kind_names", lambda kinds: names_of(kinds)),
)
OF_NEED = (
    Column("assistance", lambda need, answer: answer.assistance),
    Column("language", lambda need, answer: answer.language),
    Column("words_withdrawn", lambda need, answer: answer.is_withdrawn("assistance")),
    Column("may_be_quoted", lambda need, answer: need.standing.may_be_quoted),
    Column("status", lambda need, answer: answer.status),
    Column("status_name", lambda need, answer: LABELS[answer.status]),
    Column("lead_institution", lambda need, answer: answer.lead_institution),
    Column("target_date", lambda need, answer: answer.target_date),
    Column("state", lambda need, answer: need.state),
    Column("state_name", lambda need, answer: STATES[need.state]),
    Column("marked_by", lambda need, answer: need.mark and need.mark.by),
    Column("marked_at", lambda need, answer: need.mark and need.mark.at),
)
OF_ROUND = (
    Column("as_at", lambda found: found.at),
    Column("source", lambda found: found.source),
)
HEADERS = [column.header for column in (*OF_STANDING, *OF_UNIT, *OF_KINDS, *OF_NEED, *OF_ROUND)]
WIDTHS = {"respondent_name": 24, "title": 40, "text": 60, "theme_name": 32, "kind_names": 32, "assistance": 60}


def rows(found: RoundProgress, needs: list[Need]) -> Iterator[list[str | int]]:
    """Yield a row for each need. What needs have in common is written once."""
    answers, of_round = words_of(needs), row(OF_ROUND, found)
    of_standing = {standing: row(OF_STANDING, found, standing) for standing in {need.standing for need in needs}}
    of_unit = {entry: row(OF_UNIT, entry) for entry in {need.entry for need in needs}}
    for need in needs:
        of_need = row(OF_KINDS, need.kinds) + row(OF_NEED, need, answers[need.item])
        yield of_standing[need.standing] + of_unit[need.entry] + of_need + of_round


def csv(found: RoundProgress, needs: list[Need]) -> str:
    return csv_with_statements(HEADERS, rows(found, needs), WORKING_FIGURES)


def workbook(found: RoundProgress, needs: list[Need]) -> bytes:
    about = [found.round.name, as_cell(found.at), found.source]
    return table_workbook({"Needs": rows(found, needs)}, HEADERS, WIDTHS, about)


def file_name(found: RoundProgress, extension: str) -> str:
    return f"needs-{found.round.code}-{found.at:%Y-%m-%d}.{extension}"

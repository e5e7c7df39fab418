"""Write the work list of needs for assistance as CSV and workbook, with one list of columns.

The columns are documented in docs/reference/need-columns.md. It is for reviewers who may read the submissions.
"""

from collections.abc import Iterator

from tracker.documents.csv import csv_with_statements
from tracker.documents.report.columns import Column, as_cell, join_values, row
from tracker.documents.sheets import table_workbook
from tracker.documents.statements import WORKING_FIGURES
from tracker.figures.assistance import Need, words_of
from tracker.figures.groups import theme_of
from tracker.figures.progress import RoundProgress
from tracker.models.assistance import NeedStage
from tracker.models.status import LABELS

STATES = dict(NeedStage.choices)
COLUMNS = (
    Column("round", lambda found, need, answer: found.round.code),
    Column("respondent", lambda found, need, answer: need.respondent.code),
    Column("respondent_name", lambda found, need, answer: need.respondent.name),
    Column("regional_group", lambda found, need, answer: need.respondent.regional_group),
    Column("submission", lambda found, need, answer: need.submission.reference),
    Column("handed_in_at", lambda found, need, answer: need.submission.sealed_at),
    Column("label", lambda found, need, answer: need.unit.label),
    Column("title", lambda found, need, answer: need.unit.title),
    Column("text", lambda found, need, answer: need.unit.text),
    Column("theme", lambda found, need, answer: theme_of(need.entry)[0]),
    Column("theme_name", lambda found, need, answer: theme_of(need.entry)[1]),
    Column("kinds", lambda found, need, answer: join_values(need.kinds)),
    Column("kind_names", lambda found, need, answer: join_values(need.kind_names)),
    Column("assistance", lambda found, need, answer: answer.assistance),
    Column("language", lambda found, need, answer: answer.language),
    Column("words_withdrawn", lambda found, need, answer: answer.is_withdrawn("assistance")),
    Column("may_be_quoted", lambda found, need, answer: need.standing.may_be_quoted),
    Column("status", lambda found, need, answer: answer.status),
    Column("status_name", lambda found, need, answer: LABELS[answer.status]),
    Column("lead_institution", lambda found, need, answer: answer.lead_institution),
    Column("target_date", lambda found, need, answer: answer.target_date),
    Column("state", lambda found, need, answer: need.state),
    Column("state_name", lambda found, need, answer: STATES[need.state]),
    Column("marked_by", lambda found, need, answer: need.mark and need.mark.by),
    Column("marked_at", lambda found, need, answer: need.mark and need.mark.at),
    Column("as_at", lambda found, need, answer: found.at),
    Column("source", lambda found, need, answer: found.source),
)
HEADERS = [column.header for column in COLUMNS]
WIDTHS = {"respondent_name": 24, "title": 40, "text": 60, "theme_name": 32, "kind_names": 32, "assistance": 60}


def rows(found: RoundProgress, needs: list[Need]) -> Iterator[list[str | int]]:
    answers = words_of(needs)
    for need in needs:
        yield row(COLUMNS, found, need, answers[need.item])


def csv(found: RoundProgress, needs: list[Need]) -> str:
    return csv_with_statements(HEADERS, rows(found, needs), WORKING_FIGURES)


def workbook(found: RoundProgress, needs: list[Need]) -> bytes:
    about = [found.round.title, as_cell(found.at), found.source]
    return table_workbook({"Needs": rows(found, needs)}, HEADERS, WIDTHS, about)


def file_name(found: RoundProgress, extension: str) -> str:
    return f"needs-{found.round.code}-{found.at:%Y-%m-%d}.{extension}"

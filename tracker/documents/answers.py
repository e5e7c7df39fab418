"""Write every submitted answer that may be used today, in codes only: one row for each item of each submission.

It has no words of a State. CSV and workbook have the columns of docs/reference/answer-columns.md. Submissions are read
some at a time: no transaction stays open as long as a slow connection takes, and memory does not grow.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import lru_cache
from itertools import chain, count, islice
from tempfile import TemporaryDirectory
from typing import IO, NamedTuple

from django.db.models import Count, TextField
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.translation import gettext as _
from xlsxwriter import Workbook

from recommendations.lists import format_list
from recommendations.spreadsheets import mark_row
from tracker.documents.csv import BYTE_ORDER_MARK, NOTICE, csv_text
from tracker.documents.report.columns import REASONS, Column, as_cell, row
from tracker.documents.sheets import set_direction, write_statements, write_table
from tracker.documents.statements import USUAL
from tracker.models import Export, RoundUnit, Submission, SubmissionEvidence, SubmissionItem, User
from tracker.models.status import LABELS, NO_INFORMATION
from tracker.models.submission import SubmissionQuerySet
from tracker.permissions import can_export_answers
from tracker.queries.addressees import former_status_by_respondent, set_former_status

AT_A_TIME = 10  # submissions: some 2,300 rows
MANY_CODES = 5_000  # combinations of codes that answers have
SHEET_ROWS = 500_000  # of the 1,048,576 that a sheet may have; its XML stays below what a plain archive takes

Cells = list[str | int]

# Called at least once a minute with the finished submissions and all. Raises to end the work when it is not wanted.
type ReportSteps = Callable[[int, int], None]


class Codes(NamedTuple):
    """Hold what few answers differ in, the lists as JSON. Without an answer the status is empty and the rest None."""

    status: str
    reason_code: str | None
    assistance_kinds: str | None
    good_practice: bool | None
    good_practice_shared: bool | None
    items_met: str | None


class AnswerRow(NamedTuple):
    pk: int
    submission: int
    unit: int
    still_correct_as_at: date | None
    target_date: date | None
    situation_as_at: date | None
    language: str | None
    codes: Codes


FIELDS = [
    name if name in ("pk", "submission", "unit", "still_correct_as_at") else f"revision__{name}"
    for name in AnswerRow._fields[:-1]
]
CODES = [
    "status",
    "revision__reason_code",
    Cast("revision__assistance_kinds", TextField()),
    "revision__good_practice",
    "revision__good_practice_shared",
    Cast("revision__items_met", TextField()),
]

OF_SUBMISSION = (
    Column("round", lambda submission: submission.round.code),
    Column("submission", lambda submission: submission.reference),
    Column("digest", lambda submission: submission.digest),
    Column("sealed_at", lambda submission: submission.sealed_at),
    Column("respondent", lambda submission: submission.respondent.code),
    Column("respondent_name", lambda submission: submission.respondent.name),
    Column("respondent_kind", lambda submission: submission.respondent.kind),
    Column("regional_group", lambda submission: submission.respondent.regional_group),
    Column("treaty_status", lambda submission: submission.respondent.treaty_status),
)
OF_UNIT = (
    Column("label", lambda entry: entry.unit.label),
    Column("title", lambda entry: entry.unit.title),
    Column("body", lambda entry: entry.unit.body.slug),
    Column("meeting", lambda entry: entry.unit.meeting.number),
    Column("theme", lambda entry: entry.themes[0][0] if entry.themes else ""),
    Column("theme_name", lambda entry: entry.themes[0][1] if entry.themes else ""),
    Column("strength", lambda entry: entry.unit.strength),
    Column("asks_to_consider", lambda entry: entry.unit.asks_to_consider),
)
OF_CODES = (
    Column("status", lambda codes: codes.status or NO_INFORMATION),
    Column("status_name", lambda codes: LABELS[codes.status or NO_INFORMATION]),
    Column("reason_code", lambda codes: codes.reason_code),
    Column("reason_name", lambda codes: REASONS[codes.reason_code or ""]),
    Column("assistance_kinds", lambda codes: json.loads(codes.assistance_kinds or "[]")),
    Column("good_practice", lambda codes: codes.good_practice),
    Column("good_practice_shared", lambda codes: codes.good_practice_shared),
    Column("items_met", lambda codes: json.loads(codes.items_met or "[]")),
)
OF_ANSWER = (
    Column("target_date", lambda answer, evidence: answer.target_date),
    Column("situation_as_at", lambda answer, evidence: answer.situation_as_at),
    Column("still_correct_as_at", lambda answer, evidence: answer.still_correct_as_at),
    Column("language", lambda answer, evidence: answer.language),
    Column("evidence_count", lambda answer, evidence: evidence[answer.pk, False] if answer.codes.status else None),
    Column("evidence_withheld", lambda answer, evidence: evidence[answer.pk, True] if answer.codes.status else None),
)
HEADERS = [column.header for column in (*OF_SUBMISSION, *OF_UNIT, *OF_CODES, *OF_ANSWER)]
WIDTHS = {
    "submission": 20,
    "digest": 20,
    "sealed_at": 25,
    "respondent_name": 30,
    "regional_group": 34,
    "title": 40,
    "theme_name": 34,
}


def submissions_to_use(user: User) -> SubmissionQuerySet:
    readable = Submission.objects.to_be_read_by(user).not_withdrawn()
    return readable.for_figures()


def standing(user: User, rounds: Iterable[str] = ()) -> list[Submission]:
    found = submissions_to_use(user).newest_in_round()
    if codes := list(rounds):
        found = found.filter(round__code__in=codes)
    return list(
        found.select_related("respondent", "round")
        .only("number", "sealed_at", "digest", "counts", "respondent", "round__code", "round__opens_on")
        .order_by("respondent__sort_key", "round__opens_on", "round__code")
    )


class RowParts[Part](NamedTuple):
    """Hold the parts of a row in their order: those that rows have in common as they are written, then the others."""

    of_submission: Part
    of_unit: Part
    of_codes: Part
    of_answer: Cells


def rows[Part](
    submissions: list[Submission], write: Callable[[Cells], Part], report_steps: ReportSteps | None = None
) -> Iterator[list[RowParts[Part]]]:
    """Yield the rows of some submissions at a time, in their order and that of the paper, in two queries each time.

    `write` writes a part that rows have in common, once.
    """
    entries = RoundUnit.objects.filter(round__in={submission.round_id for submission in submissions}).select_related(
        "unit__meeting", "unit__body"
    )
    of_unit = {(entry.round_id, entry.unit_id): write(row(OF_UNIT, entry)) for entry in entries}
    of_codes = lru_cache(MANY_CODES)(lambda codes: write(row(OF_CODES, codes)))  # in the language of the file
    set_former_status(submissions, former_status_by_respondent())
    for number in range(0, len(submissions), AT_A_TIME):
        some = submissions[number : number + AT_A_TIME]
        items, evidence = _items(some), _evidence(some)
        yield [
            RowParts(
                of_submission,
                of_unit[sealed.round_id, answer.unit],
                of_codes(answer.codes),
                row(OF_ANSWER, answer, evidence),
            )
            for sealed, of_submission in ((submission, write(row(OF_SUBMISSION, submission))) for submission in some)
            for answer in items[sealed.pk]
        ]
        if report_steps:
            report_steps(number + len(some), len(submissions))


def csv_parts(submissions: list[Submission]) -> Iterator[str]:
    yield BYTE_ORDER_MARK + csv_text([[*HEADERS, NOTICE]])
    notice = _csv_cells([" ".join(map(str, [as_cell(timezone.now()), *USUAL]))])
    for some in rows(submissions, _csv_cells):
        lines = []
        for *common, cells in some:
            # Dates, codes and counts need no quotes.
            lines.append(f"{','.join(common)},{','.join(map(str, cells))},{notice}\r\n")
            notice = ""
        yield "".join(lines)


def _csv_cells(cells: Cells) -> str:
    return csv_text([mark_row(cells)]).removesuffix("\r\n")


def title(parameters: dict) -> str:
    return " · ".join([_("Submitted answers"), format_list(parameters["rounds"]) or _("All rounds")])


def file_name(rounds: list[str], extension: str) -> str:
    return f"answers-{'-'.join(rounds) or 'all'}.{extension}"


def can_use_export(export: Export) -> bool:
    keys = submissions_to_use(export.owner).values_list("pk", flat=True)
    return can_export_answers(export.owner) and (not export.sources or set(export.sources) <= set(keys))


def write_workbook(export: Export, file: IO[bytes], report_steps: ReportSteps) -> list[int]:
    submissions = standing(export.owner, export.parameters["rounds"])
    workbook(submissions, title(export.parameters), file, report_steps)
    return [submission.pk for submission in submissions]


def workbook(
    submissions: list[Submission], title: str, file: IO[bytes], report_steps: ReportSteps | None = None
) -> None:
    with TemporaryDirectory() as folder:
        book = Workbook(file, {"constant_memory": True, "tmpdir": folder})
        heads = book.add_format({"bold": True, "bottom": 1})
        every = (list(chain(*parts)) for some in rows(submissions, list, report_steps) for parts in some)
        for number in count(1):
            sheet = book.add_worksheet("Answers" if number == 1 else f"Answers {number}")
            if write_table(sheet, HEADERS, islice(every, SHEET_ROWS), heads, WIDTHS) < SHEET_ROWS:
                break
        write_statements(book.add_worksheet("About"), [title, as_cell(timezone.now()), *USUAL])
        set_direction(book)
        book.close()


def _items(submissions: list[Submission]) -> dict[int, list[AnswerRow]]:
    items = SubmissionItem.objects.of_submissions(submissions).order_by("position").values_list(*FIELDS, *CODES)
    found = defaultdict(list)
    for values in items:
        answer = AnswerRow._make([*values[: len(FIELDS)], Codes._make(values[len(FIELDS) :])])
        found[answer.submission].append(answer)
    return found


def _evidence(submissions: list[Submission]) -> Counter[tuple[int, bool]]:
    """Count by (item, whether the State keeps it to itself)."""
    pieces = SubmissionEvidence.objects.of_submissions(submissions).order_by()
    counted = pieces.values_list("item", "withheld").annotate(Count("pk"))
    return Counter({(item, withheld): count for item, withheld, count in counted})

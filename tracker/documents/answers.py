"""Write every submitted answer that may be used today, in codes only: one row for each item of each submission.

It has no words of a State. CSV and workbook have the columns of docs/reference/answer-columns.md. Submissions are read
some at a time: no transaction stays open as long as a slow connection takes, and memory does not grow.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from itertools import count, islice
from tempfile import TemporaryDirectory
from typing import IO, NamedTuple

from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _
from xlsxwriter import Workbook

from recommendations.lists import format_list
from recommendations.spreadsheets import mark_as_text
from tracker.documents.csv import BYTE_ORDER_MARK, NOTICE, csv_text
from tracker.documents.report.columns import REASONS, Column, as_cell, join_values
from tracker.documents.sheets import set_direction, write_statements, write_table
from tracker.documents.statements import USUAL
from tracker.models import Export, RoundUnit, Submission, SubmissionEvidence, SubmissionItem, User
from tracker.models.status import LABELS, NO_INFORMATION
from tracker.models.submission import SubmissionQuerySet
from tracker.permissions import can_export_answers
from tracker.queries.addressees import former_status_by_respondent, set_former_status

AT_A_TIME = 10  # submissions: some 2,300 rows
SHEET_ROWS = 500_000  # of the 1,048,576 that a sheet may have; its XML stays below what a plain archive takes

Cells = list[str | int]

# Called at least once a minute with the finished submissions and all. Raises to end the work when it is not wanted.
type ReportSteps = Callable[[int, int], None]


class AnswerRow(NamedTuple):
    """Hold an item with its answer in codes. Without an answer the status is empty and the rest None."""

    pk: int
    submission: int
    unit: int
    status: str
    still_correct_as_at: date | None
    reason_code: str | None
    assistance_kinds: list[str] | None
    good_practice: bool | None
    good_practice_shared: bool | None
    items_met: list[str] | None
    target_date: date | None
    situation_as_at: date | None
    language: str | None


FIELDS = [
    name if name in ("pk", "submission", "unit", "status", "still_correct_as_at") else f"revision__{name}"
    for name in AnswerRow._fields
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
OF_ANSWER = (
    Column("status", lambda answer, evidence: answer.status or NO_INFORMATION),
    Column("status_name", lambda answer, evidence: LABELS[answer.status or NO_INFORMATION]),
    Column("reason_code", lambda answer, evidence: answer.reason_code),
    Column("reason_name", lambda answer, evidence: REASONS[answer.reason_code or ""]),
    Column("assistance_kinds", lambda answer, evidence: join_values(answer.assistance_kinds or ())),
    Column("good_practice", lambda answer, evidence: answer.good_practice),
    Column("good_practice_shared", lambda answer, evidence: answer.good_practice_shared),
    Column("items_met", lambda answer, evidence: join_values(answer.items_met or ())),
    Column("target_date", lambda answer, evidence: answer.target_date),
    Column("situation_as_at", lambda answer, evidence: answer.situation_as_at),
    Column("still_correct_as_at", lambda answer, evidence: answer.still_correct_as_at),
    Column("language", lambda answer, evidence: answer.language),
    Column("evidence_count", lambda answer, evidence: evidence[answer.pk, False] if answer.status else None),
    Column("evidence_withheld", lambda answer, evidence: evidence[answer.pk, True] if answer.status else None),
)
HEADERS = [column.header for column in (*OF_SUBMISSION, *OF_UNIT, *OF_ANSWER)]
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


def rows(
    submissions: list[Submission], report_steps: ReportSteps | None = None, as_text: Callable[[str], str] = str
) -> Iterator[list[Cells]]:
    """Yield the rows of some submissions at a time, in their order and that of the paper, in two queries each time.

    `as_text` converts names.
    """
    entries = RoundUnit.objects.filter(round__in={submission.round_id for submission in submissions}).select_related(
        "unit__meeting", "unit__body"
    )
    of_unit = {(entry.round_id, entry.unit_id): _cells(OF_UNIT, entry, as_text) for entry in entries}
    set_former_status(submissions, former_status_by_respondent())
    for number in range(0, len(submissions), AT_A_TIME):
        some = submissions[number : number + AT_A_TIME]
        items, evidence = _items(some), _evidence(some)
        yield [
            of_submission + of_unit[sealed.round_id, answer.unit] + _answer_cells(answer, evidence)
            for sealed, of_submission in (
                (submission, _cells(OF_SUBMISSION, submission, as_text)) for submission in some
            )
            for answer in items[sealed.pk]
        ]
        if report_steps:
            report_steps(number + len(some), len(submissions))


def csv_parts(submissions: list[Submission]) -> Iterator[str]:
    yield BYTE_ORDER_MARK + csv_text([[*HEADERS, NOTICE]])
    notice = " ".join(map(str, [as_cell(timezone.now()), *USUAL]))
    for some in rows(submissions, as_text=mark_as_text):
        for cells in some:
            cells.append(notice)
            notice = ""
        yield csv_text(some)


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
        every = (cells for some in rows(submissions, report_steps) for cells in some)
        for number in count(1):
            sheet = book.add_worksheet("Answers" if number == 1 else f"Answers {number}")
            if write_table(sheet, HEADERS, islice(every, SHEET_ROWS), heads, WIDTHS) < SHEET_ROWS:
                break
        write_statements(book.add_worksheet("About"), [title, as_cell(timezone.now()), *USUAL])
        set_direction(book)
        book.close()


def _cells(columns: Iterable[Column], about: object, as_text: Callable[[str], str]) -> Cells:
    cells = (as_cell(column.value(about)) for column in columns)
    return [as_text(cell) if isinstance(cell, str) else cell for cell in cells]


def _answer_cells(answer: AnswerRow, evidence: Counter[tuple[int, bool]]) -> Cells:
    return [as_cell(column.value(answer, evidence)) for column in OF_ANSWER]


def _items(submissions: list[Submission]) -> dict[int, list[AnswerRow]]:
    items = SubmissionItem.objects.of_submissions(submissions).order_by("position")
    found = defaultdict(list)
    for answer in map(AnswerRow._make, items.values_list(*FIELDS)):
        found[answer.submission].append(answer)
    return found


def _evidence(submissions: list[Submission]) -> Counter[tuple[int, bool]]:
    """Count by (item, whether the State keeps it to itself)."""
    pieces = SubmissionEvidence.objects.of_submissions(submissions).order_by()
    counted = pieces.values_list("item", "withheld").annotate(Count("pk"))
    return Counter({(item, withheld): count for item, withheld, count in counted})

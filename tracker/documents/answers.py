"""Write every submitted answer that may be used today, in codes only: one row for each item of each submission.

It has no words of a State. CSV and workbook have the columns of docs/reference/answer-columns.md. The rows are read
with a cursor into a temporary file: memory does not grow, and no cursor is open as long as a slow connection takes. A
child process makes the workbook of them.
"""

import json
import logging
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from datetime import date
from itertools import chain, count, groupby, repeat
from operator import itemgetter
from pathlib import Path
from tempfile import TemporaryFile
from time import monotonic
from typing import IO, NamedTuple

from django.db.models import Count, OuterRef, Subquery, TextField
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.translation import gettext as _

from recommendations.child import NotMade, make_in_child
from recommendations.lists import format_list
from recommendations.spreadsheets import mark_cells
from tracker.documents.csv import BYTE_ORDER_MARK, NOTICE, csv_line
from tracker.documents.ooxml import read_parts
from tracker.documents.report.columns import REASON_NAMES, Column, as_cell, row
from tracker.documents.sheets import make_heads
from tracker.documents.statements import USUAL
from tracker.figures.selection import theme_of
from tracker.models import CompleteActs, Export, RoundUnit, Submission, SubmissionEvidence, SubmissionItem, User
from tracker.models.status import LABELS, NO_INFORMATION
from tracker.models.submission import SubmissionQuerySet
from tracker.permissions import can_export_answers
from tracker.queries.addressees import former_status_by_respondent, set_former_status
from tracker.queries.treaty_acts import complete_acts, describe_status_lists

logger = logging.getLogger(__name__)

SHEET_WRITER = Path(__file__).with_name("sheet_writer.py")
READING_SECONDS = 60  # for the rows
SECONDS = 120  # for the child; less than a silent export has (`tracker.models.export.SILENT`)
MEMORY = 128 * 1024 * 1024  # bytes
SIZE = 512 * 1024 * 1024  # bytes of its output: the CSV of 308,198 rows has 112 MB
AT_A_TIME = 250  # submissions of a query, whose rows are fetched some at a time
FETCHED = 2_000  # rows
REMEMBERED = 5_000  # combinations of codes, and of dates and counts, that are written once
SHEET_ROWS = 500_000  # of the 1,048,576 that a sheet may have; its XML stays below what a plain archive takes

Cells = list[str | int]

# Called at least once a minute with the finished submissions and all, while no cursor is open: SQLite refuses to write
# after a change by others since the cursor was opened. Raises to end the work when it is not wanted.
type ReportSteps = Callable[[int, int], None]


class Codes(NamedTuple):
    """Hold what few answers differ in, the lists as JSON. Without an answer the status is empty and the rest None."""

    status: str
    reason_code: str | None
    assistance_kinds: str | None
    good_practice: bool | None
    good_practice_shared: bool | None
    items_met: str | None


class Dates(NamedTuple):
    """Hold the dates and counts of an answer. Without an answer the language is None."""

    target_date: date | None
    situation_as_at: date | None
    still_correct_as_at: date | None
    language: str | None
    evidence: int | None
    evidence_withheld: int | None

    def count_evidence(self, found: int | None) -> int | None:
        return None if self.language is None else found or 0


FIRST_DATE = 2 + len(Codes._fields)  # its place in a row of `_items`
ORDER = ("submission__respondent__sort_key", "submission__round__opens_on", "submission__round__code", "submission_id")

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
    Column("theme", lambda entry: theme_of(entry)[0]),
    Column("theme_name", lambda entry: theme_of(entry)[1]),
    Column("strength", lambda entry: entry.unit.strength),
    Column("asks_to_consider", lambda entry: entry.unit.asks_to_consider),
)
OF_CODES = (
    Column("status", lambda codes: codes.status or NO_INFORMATION),
    Column("status_name", lambda codes: LABELS[codes.status or NO_INFORMATION]),
    Column("reason_code", lambda codes: codes.reason_code),
    Column("reason_name", lambda codes: REASON_NAMES[codes.reason_code] if codes.reason_code else ""),
    Column("assistance_kinds", lambda codes: json.loads(codes.assistance_kinds or "[]")),
    Column("good_practice", lambda codes: codes.good_practice),
    Column("good_practice_shared", lambda codes: codes.good_practice_shared),
    Column("items_met", lambda codes: json.loads(codes.items_met or "[]")),
)
OF_DATES = (
    Column("target_date", lambda dates: dates.target_date),
    Column("situation_as_at", lambda dates: dates.situation_as_at),
    Column("still_correct_as_at", lambda dates: dates.still_correct_as_at),
    Column("language", lambda dates: dates.language),
    Column("evidence_count", lambda dates: dates.count_evidence(dates.evidence)),
    Column("evidence_withheld", lambda dates: dates.count_evidence(dates.evidence_withheld)),
)
HEADERS = [column.header for column in (*OF_SUBMISSION, *OF_UNIT, *OF_CODES, *OF_DATES)]
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
    return Submission.objects.to_be_read_by(user).not_withdrawn().for_figures()


def standing(user: User, rounds: Iterable[str] = ()) -> list[Submission]:
    found = submissions_to_use(user).newest_in_round()
    if codes := list(rounds):
        found = found.filter(round__code__in=codes)
    return list(
        found.select_related("respondent", "round")
        .only("number", "sealed_at", "digest", "counts", "respondent", "round__code", "round__opens_on")
        .order_by("respondent__sort_key", "round__opens_on", "round__code")
    )


def lines(
    submissions: list[Submission],
    write: Callable[[Cells], str],
    complete: CompleteActs | None,
    report_steps: ReportSteps | None = None,
) -> Generator[str]:
    """Yield the rows in the order of `standing` and of the paper, as what `write` returns of their parts, with commas.

    Raise NotMade where this takes more time than it may.
    """
    ends = monotonic() + READING_SECONDS
    entries = RoundUnit.objects.filter(round__in={submission.round_id for submission in submissions}).select_related(
        "unit__meeting", "unit__body"
    )
    of_unit = {(entry.round_id, entry.unit_id): write(row(OF_UNIT, entry)) for entry in entries}
    # In the language of the file.
    of_codes = _WrittenParts(lambda codes: write(row(OF_CODES, Codes(*codes))))
    of_dates = _WrittenParts(lambda dates: write(row(OF_DATES, Dates(*dates))))
    set_former_status(submissions, former_status_by_respondent())
    if complete is None:
        for submission in submissions:
            submission.respondent.treaty_status = ""
    for number in range(0, len(submissions), AT_A_TIME):
        some = {submission.pk: submission for submission in submissions[number : number + AT_A_TIME]}
        for key, items in groupby(_items(some.values()), itemgetter(0)):
            of_submission = write(row(OF_SUBMISSION, some[key]))
            for item in items:
                of_answer = f"{of_codes[item[2:FIRST_DATE]]},{of_dates[item[FIRST_DATE:]]}"
                yield f"{of_submission},{of_unit[some[key].round_id, item[1]]},{of_answer}"
        if monotonic() > ends:
            raise _not_made("too much time")
        if report_steps:
            report_steps(number + len(some), len(submissions))


class _WrittenParts(dict[tuple, str]):
    """Hold what `write` returned for values, each written once in this file, or again after many others."""

    def __init__(self, write: Callable[[tuple], str]) -> None:
        self._write = write

    def __missing__(self, values: tuple) -> str:
        if len(self) == REMEMBERED:
            self.clear()
        return self.setdefault(values, self._write(values))


def write_csv(submissions: list[Submission], file: IO[bytes]) -> None:
    """Raise NotMade where this takes more time or output than it may."""
    complete = complete_acts()
    notice = " ".join(map(str, [as_cell(timezone.now()), *USUAL, describe_status_lists(complete)]))
    size = file.write(f"{BYTE_ORDER_MARK}{csv_line([*HEADERS, NOTICE])}\r\n".encode())
    lasts = chain([csv_line(mark_cells([notice]))], repeat(""))
    with closing(lines(submissions, lambda cells: csv_line(mark_cells(cells)), complete)) as rows:
        for line, last in zip(rows, lasts, strict=False):
            size += file.write(f"{line},{last}\r\n".encode())
            if size > SIZE:
                raise _not_made("too much output")


def _not_made(reason: str) -> NotMade:
    logger.error("a file was not made: all answers, %s", reason)
    return NotMade(reason)


def title(rounds: list[str]) -> str:
    return " · ".join([_("Submitted answers"), format_list(rounds) or _("All rounds")])


def file_name(rounds: list[str], extension: str) -> str:
    return f"answers-{'-'.join(rounds) or 'all'}.{extension}"


def can_use_export(export: Export) -> bool:
    """Return whether the owner may have the file today: before it is requested or made, and at each download."""
    keys = submissions_to_use(export.owner).values_list("pk", flat=True)
    return can_export_answers(export.owner) and (not export.sources or set(export.sources) <= set(keys))


def write_workbook(export: Export, file: IO[bytes], report_steps: ReportSteps) -> list[int]:
    """Return the keys of the submissions in the file."""
    submissions = standing(export.owner, export.rounds)
    workbook(submissions, title(export.rounds), file, report_steps)
    return [submission.pk for submission in submissions]


def workbook(
    submissions: list[Submission], title: str, file: IO[bytes], report_steps: ReportSteps | None = None
) -> None:
    """Raise NotMade where this, or the child, takes more time, memory or output than it may."""
    total = SubmissionItem.objects.of_submissions(submissions).count()
    starts = range(0, max(total, 1), SHEET_ROWS)
    sizes = {
        f"Answers {number}".removesuffix(" 1"): min(total - start, SHEET_ROWS)
        for number, start in enumerate(starts, start=1)
    }
    complete = complete_acts()
    notes = [title, as_cell(timezone.now()), *USUAL, describe_status_lists(complete)]
    heads = make_heads(sizes, HEADERS, WIDTHS, notes)
    numbers = count()
    with TemporaryFile() as content:

        def add_part(cells: Cells) -> str:
            content.write(f"{json.dumps(cells)}\n".encode())
            return str(next(numbers))

        content.write(json.dumps([read_parts(heads), list(sizes.values())]).encode() + b"\n")
        with closing(lines(submissions, add_part, complete, report_steps)) as rows:
            content.writelines(f"{line}\n".encode() for line in rows)
        make_in_child(SHEET_WRITER, content=content, output=file, seconds=SECONDS, memory=MEMORY, size=SIZE)


def _items(submissions: Iterable[Submission]) -> Iterator[tuple]:
    """Yield (submission, unit, *values of Codes, *values of Dates)."""
    # Of items that the reader may read.
    evidence = SubmissionEvidence.objects.filter(item=OuterRef("pk")).order_by().values("item", "withheld")
    counted = evidence.annotate(count=Count("pk")).values("count")
    items = SubmissionItem.objects.of_submissions(submissions).order_by(*ORDER, "position")
    return items.values_list(
        "submission",
        "unit",
        "status",
        "revision__reason_code",
        Cast("revision__assistance_kinds", TextField()),
        "revision__good_practice",
        "revision__good_practice_shared",
        Cast("revision__items_met", TextField()),
        "revision__target_date",
        "revision__situation_as_at",
        "still_correct_as_at",
        "revision__language",
        Subquery(counted.filter(withheld=False)),
        Subquery(counted.filter(withheld=True)),
    ).iterator(FETCHED)

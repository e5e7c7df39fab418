"""Import a paper: save what was read as a draft, correct the draft, publish all of it at once.

Nothing of a draft is public. The site answers `user.has_perm()`. Every action can raise PermissionDenied.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from recommendations import changes
from recommendations.catalogue import changed_fields, check_permission
from recommendations.changes import announce_change
from recommendations.error_messages import PAGE_CHANGED
from recommendations.models import (
    ImportedMeeting,
    ImportedParagraph,
    PaperImport,
    Recommendation,
    Theme,
)
from recommendations.outline.outline import Reason
from recommendations.outline.source import SourceParagraph
from recommendations.paper_import import notation
from recommendations.paper_import.cover import read_cover
from recommendations.paper_import.decisions import Decision, can_be_confirmed, check_words, decide, follow
from recommendations.paper_import.doubts import (
    IMPLIED,
    INCLUDE,
    KEEP,
    LABEL_NOT_PRINTED,
    LEAVE_OUT,
    NOBODY_ADDRESSED,
    TWO_ADDRESSEES,
    answers_to,
)
from recommendations.paper_import.plan import NODE_FIELDS, PublicationPlan
from recommendations.paper_import.reading import read_rows
from recommendations.paper_import.rows import Table
from recommendations.word_reader import TOO_LARGE

TEXTS_LIMIT = 5_000
ROWS_LIMIT = 20_000
MEETING_FIELDS = ("number", "part", "heading", "place", "starts", "ends")
DECIDED_FIELDS = ("depth", "is_heading", "reason", "doubts", "decided_by", "decided_with")
ROW_FIELDS = [f for f in ImportedParagraph._meta.local_fields if f.name in (*NODE_FIELDS, *DECIDED_FIELDS)]


class StaleImport(Exception):
    """Say what somebody else changed and was not saved. `rows` are these paragraphs by key, as they are now."""

    def __init__(self, rows: Mapping[int, ImportedParagraph]):
        super().__init__()
        self.rows = rows


@transaction.atomic
def create_import(
    *,
    paper_import: PaperImport,
    source: Iterable[SourceParagraph],
    meeting: notation.ParsedMeeting | None = None,
    document: bytes | None = None,
    by,
) -> PaperImport:
    """Save a document as a draft, with the details of its front page where none were entered.

    `meeting` is for a document whose headings name none, `document` the PDF, whose pages are shown.
    """
    check_permission(by, "add", Recommendation)
    paragraphs = list(source)
    cover = read_cover(paragraphs)
    cover.complete(paper_import)
    meeting = meeting or cover.meeting
    rows, meetings = read_rows(paragraphs, meeting.roman if meeting else "", list(Theme.objects.all()))
    if len(rows) > ROWS_LIMIT or sum(not row.is_left_out for row in rows) > TEXTS_LIMIT:
        raise ValidationError(TOO_LARGE)
    paper_import.added_by, paper_import.document = by, document
    paper_import.save()
    found = {each.number: each for each in meetings} or ({meeting.number: meeting} if meeting else {})
    _add_imported_meetings(paper_import, found.values())
    for row in rows:
        row.paper_import, row.changed_by = paper_import, by
    ImportedParagraph.objects.bulk_create(rows)
    announce_change(changes.ADDED, by=by, target=paper_import, rows=[paper_import])
    return paper_import


def _add_imported_meetings(paper_import: PaperImport, meetings: Iterable[notation.ParsedMeeting]) -> None:
    ImportedMeeting.objects.bulk_create(ImportedMeeting(paper_import=paper_import, **each.values) for each in meetings)


@transaction.atomic
def save_details(*, paper_import: PaperImport, meetings: Mapping[int, notation.ParsedMeeting], base: int, by) -> None:
    """Save the paper's details, and its meetings by number. Raise StaleImport unless version `base` is the newest.

    Labels follow the numeral of the only meeting.
    """
    stored = _lock_draft(paper_import, by)
    if stored.version != base:
        raise StaleImport({})
    before = [meeting.roman for meeting in stored.meetings.all()]
    if meetings:
        stored.meetings.all().delete()
        _add_imported_meetings(paper_import, meetings.values())
        now = [meeting.roman for meeting in meetings.values()]
        if len(now) == 1 and len(before) < 2 and before != now:
            with _changed_rows(stored, by) as table:
                for row in table.rows:
                    row.label = notation.change_prefix(row.label, before[0] if before else "", now[0])
    paper_import.version = stored.version + 1
    fields = changed_fields(stored, paper_import)
    paper_import.save(update_fields=fields)
    announce_change(changes.CHANGED, by=by, target=paper_import, rows=[paper_import], fields=fields)


@contextmanager
def _changed_rows(draft: PaperImport, by) -> Iterator[Table]:
    """Save what changes of the rows of a locked draft: each field in one query, of the rows in which it changed."""
    table = Table(draft.paragraphs.all())
    before = {row.pk: _stored_values(row) for row in table.rows}
    yield table
    for row in table.rows:
        if _place_of(row.label) != _place_of(before[row.pk]["label"]):
            row.settled = [question for question in row.settled if question != LABEL_NOT_PRINTED]
    changes = {row: _stored_values(row) for row in table.rows}
    changed_keys = set[int]()
    for field in ROW_FIELDS:
        rows = [row for row, now in changes.items() if now[field.name] != before[row.pk][field.name]]
        ImportedParagraph.objects.bulk_update(rows, [field.name], batch_size=200)
        changed_keys.update(row.pk for row in rows)
    now = timezone.now()
    draft.paragraphs.filter(pk__in=changed_keys).update(version=F("version") + 1, changed_by=by, changed_at=now)


def _place_of(label: str) -> str:
    parts = notation.parse_label(label)
    return parts.place if parts else label


def _stored_values(row: ImportedParagraph) -> dict[str, Any]:
    values = {field.name: field.value_from_object(row) for field in ROW_FIELDS}
    return {name: list(value) if isinstance(value, list) else value for name, value in values.items()}


def _fresh(table: Table, versions: Mapping[int, int]) -> tuple[list[ImportedParagraph], StaleImport | None]:
    """Return the rows that nobody else changed since a page showed them, and those that somebody did."""
    rows = [row for row in table.rows if row.pk in versions]
    if len(rows) < len(versions):
        raise ValidationError(PAGE_CHANGED)
    stale = {row.pk: row for row in rows if row.version != versions[row.pk]}
    return [row for row in rows if row.pk not in stale], StaleImport(stale) if stale else None


@transaction.atomic
def save_paragraphs(
    *, paper_import: PaperImport, changes: Mapping[int, tuple[int, Mapping[str, Any]]], by
) -> Collection[int]:
    """Save paragraphs that nobody else changed, and return the keys of the others.

    `changes`: (base version, values) by key. Who saves a paragraph decides about it. The items below a chapeau follow
    its label and its addressees. A text that is divided by an empty line becomes two.
    """
    draft = _lock_draft(paper_import, by)
    with _changed_rows(draft, by) as table:
        rows, stale = _fresh(table, {pk: base for pk, (base, _values) in changes.items()})
        for row in rows:
            _save_paragraph(row, changes[row.pk][1], table, by)
    return stale.rows if stale else ()


def _save_paragraph(row: ImportedParagraph, values: Mapping[str, Any], table: Table, by) -> None:
    label, addressees, was_left_out = row.label, row.addressees, row.is_left_out
    for name in values.keys() & set(NODE_FIELDS):
        setattr(row, name, values[name])
    if row.is_left_out != was_left_out:
        row.reason = Reason.CURATOR if row.is_left_out else ""
        row.is_heading = False
    row.decided_by, row.decided_with = by, None
    if problem := follow(row, label, addressees, table):
        raise ValidationError(problem)
    check_words(row, table)


@transaction.atomic
def decide_paragraphs(
    *,
    paper_import: PaperImport,
    decision: str,
    versions: Mapping[int, int] | None = None,
    parts: Collection[int] = (),
    reason: str = "",
    by,
) -> Collection[int]:
    """Say what paragraphs are, or confirm what is proposed (without a `decision`); return the keys of stale ones.

    `versions` are those that were shown, by key; `parts` numbers of parts, of which all paragraphs are decided that
    nobody decided singly.
    """
    draft = _lock_draft(paper_import, by)
    with _changed_rows(draft, by) as table:
        rows, stale = _fresh(table, versions or {})
        whole = {row.pk: part for part in parts for row in table.below(part) if not _is_decided_singly(row)}
        for row in table.rows:
            if row not in rows and row.pk not in whole:
                continue
            if decision:
                decide(row, decision, table, reason)
            elif not can_be_confirmed(row):
                continue
            row.decided_by, row.decided_with = by, None if row in rows else whole[row.pk]
    return stale.rows if stale else ()


def _is_decided_singly(row: ImportedParagraph) -> bool:
    return row.decided_by_id is not None and row.decided_with is None


@transaction.atomic
def settle_doubt(
    *, paper_import: PaperImport, versions: Mapping[int, int], question: str, answer: str, by
) -> Collection[int]:
    """Answer the same doubt of paragraphs, and return the keys of those that somebody else changed."""
    draft = _lock_draft(paper_import, by)
    doubted = {doubt.node.pk for doubt in PublicationPlan(draft).all_doubts if doubt.question == question}
    with _changed_rows(draft, by) as table:
        rows, stale = _fresh(table, versions)
        for row in rows:
            if row.pk not in doubted or answer not in answers_to(question, row):
                raise ValidationError(PAGE_CHANGED)
            _answer(row, question, answer, table)
            row.decided_by, row.decided_with = by, None
    return stale.rows if stale else ()


def _answer(row: ImportedParagraph, question: str, answer: str, table: Table) -> None:
    addressees = row.addressees
    if answer == LEAVE_OUT:
        decide(row, Decision.LEAVE_OUT, table)
    elif answer == INCLUDE:
        decide(row, Decision.RECOMMENDATION, table)
    elif answer == NOBODY_ADDRESSED:
        row.addressees, row.basis, row.is_unit = [], "", False
    elif answer != KEEP:
        basis = Recommendation.Basis.STATED if question == TWO_ADDRESSEES else Recommendation.Basis.IMPLIED
        row.is_unit = row.is_unit if row.addressees else not row.is_topic
        row.addressees, row.basis = answer.split("+"), basis.value
        if basis == Recommendation.Basis.IMPLIED:
            row.settled = [*row.settled, IMPLIED]  # the same question
    row.settled = sorted({*row.settled, question})
    follow(row, row.label, addressees, table)


@transaction.atomic
def delete_import(*, paper_import: PaperImport, by) -> None:
    draft = _lock_draft(paper_import, by)
    deleted = copy(draft)
    draft.delete()
    announce_change(changes.DELETED, by=by, target=deleted, deleted=[deleted])


def _lock_draft(paper_import: PaperImport, by) -> PaperImport:
    check_permission(by, "add", Recommendation)
    drafts = PaperImport.objects.select_for_update(of=("self",)).select_related("body").defer("document")
    draft = drafts.filter(pk=paper_import.pk).first()
    if draft is None or draft.is_published:
        raise ValidationError(PAGE_CHANGED)
    draft.editors.add(by)
    return draft

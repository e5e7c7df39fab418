"""Import a paper: save what was read as a draft, correct the draft, publish all of it at once.

Nothing of a draft is public. The site answers `user.has_perm()`. Every action can raise PermissionDenied.
"""

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from recommendations import changes
from recommendations.catalogue import changed_fields, check_permission
from recommendations.changes import announce_change
from recommendations.error_messages import PAGE_CHANGED
from recommendations.models import ImportedMeeting, ImportedParagraph, NodeKind, PaperImport, Recommendation, Theme
from recommendations.outline.outline import Reason
from recommendations.outline.source import SourceParagraph
from recommendations.paper_import import notation
from recommendations.paper_import.cover import read_first_page
from recommendations.paper_import.decisions import Followed, change_level, check_words, decide, join, propose, split
from recommendations.paper_import.doubts import (
    IMPLIED,
    KEEP,
    LABEL_NOT_PRINTED,
    LEAVE_OUT,
    NOBODY,
    NOBODY_ADDRESSED,
    TWO_ADDRESSEES,
    answers_to,
)
from recommendations.paper_import.plan import NODE_FIELDS, PublicationPlan
from recommendations.paper_import.reading import read_rows
from recommendations.paper_import.rows import ParagraphTable
from recommendations.word_reader import TOO_LARGE

TEXTS_LIMIT = 5_000
ROWS_LIMIT = 20_000
DECIDED_FIELDS = ("depth", "is_heading", "reason", "doubts", "decided_by", "decided_with")
WORD_FIELDS = ("text", "footnotes")
OF_WORDS = (*WORD_FIELDS, "reason")
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
    page = read_first_page(paragraphs)
    page.complete(paper_import)
    paper_import.digest = hashlib.sha256("\n".join(each.text for each in paragraphs).encode()).hexdigest()
    meeting = meeting or page.meeting
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
    announce_change(changes.DRAFT_ADDED, by=by, target=paper_import, rows=[paper_import])
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
    announce_change(changes.DRAFT_EDITED, by=by, target=paper_import, rows=[paper_import], fields=fields)


@contextmanager
def _changed_rows(draft: PaperImport, by) -> Iterator[ParagraphTable]:
    """Save what changes of the rows of a locked draft, with new pieces."""
    table = ParagraphTable(draft.paragraphs.all())
    before = {row.pk: _values(row) for row in table.rows}
    yield table
    reworded = [
        place
        for place, row in enumerate(table.rows)
        if row.pk is None or any(before[row.pk][name] != repr(getattr(row, name)) for name in OF_WORDS)
    ]
    # Also the one above, to which a row was or is joined.
    first_rows = [table.first_of(table.rows[max(0, each)]) for place in reworded for each in (place - 1, place)]
    for first in {table.index(row): row for row in first_rows}.values():
        check_words(first, table)
    differences = [(row, _values(row).items() - before[row.pk].items()) for row in table.rows if row.pk]
    changed = [row for row, difference in differences if difference]
    for row in changed:
        row.version, row.changed_by, row.changed_at = row.version + 1, by, timezone.now()
    names = {name for _row, difference in differences for name, _value in difference}
    if names:
        fields = [*names, "version", "changed_by", "changed_at"]
        ImportedParagraph.objects.bulk_update(changed, fields, batch_size=100)
    for row in table.rows:
        if row.pk is None:
            row.changed_by = by
            row.save()


def _values(row: ImportedParagraph) -> dict[str, str]:
    return {field.name: repr(field.value_from_object(row)) for field in ROW_FIELDS}


@transaction.atomic
def save_paragraphs(*, paper_import: PaperImport, changes: Mapping[int, tuple[int, Mapping[str, Any]]], by) -> None:
    """Save all paragraphs or none, each as decided by a person. `changes`: (base version, values) by key.

    Raise StaleImport. The items below a chapeau follow its label and its addressees. `split` among the values are texts
    for further pieces of the paragraph, which nobody decided yet.
    """
    draft = _lock_draft(paper_import, by)
    with _changed_rows(draft, by) as table:
        rows = {row.pk: row for row in table.rows if row.pk in changes}
        stale = {pk: row for pk, row in rows.items() if row.version != changes[pk][0]}
        if stale or len(rows) < len(changes):
            raise StaleImport(stale)
        followed = [Followed.before(row, table) for row in rows.values()]
        for pk, row in rows.items():
            _save_paragraph(row, changes[pk][1], table, by)
        for each in followed:
            each.follow()


def _save_paragraph(row: ImportedParagraph, values: Mapping[str, Any], table: ParagraphTable, by) -> None:
    stays_left_out = row.is_left_out and values.get("is_left_out", True)
    is_relabelled = values.get("label", row.label) != row.label
    for name in values.keys() & set(WORD_FIELDS if stays_left_out else NODE_FIELDS):
        setattr(row, name, values[name])
    if is_relabelled:
        row.settled = [question for question in row.settled if question != LABEL_NOT_PRINTED]
    row.reason = (values.get("reason") or row.reason or Reason.CURATOR) if row.is_left_out else ""
    row.is_heading = row.reason == Reason.HEADING
    row.decided_by, row.decided_with = by, None
    if texts := values.get("split"):
        _add_pieces(row, texts, table)


def _add_pieces(row: ImportedParagraph, texts: Collection[str], table: ParagraphTable) -> None:
    later = [other for other in table.rows if other.number == row.number and other.piece > row.piece]
    for other in reversed(later):
        other.piece += len(texts)
        other.save(update_fields=["piece"])
    place = table.index(row) + 1
    table.rows[place:place] = pieces = split(row, texts)
    for piece in pieces:
        propose(piece, table)


class RefusedParagraph(NamedTuple):
    """Why nothing was done to a paragraph, while others were changed."""

    row: ImportedParagraph
    problem: str | Promise


CHANGED_BY_OTHERS = _("Another user changed this paragraph after you opened the page. Check it, and try again.")


def decide_paragraphs(
    *,
    paper_import: PaperImport,
    decision: str,
    versions: Mapping[int, int] | None = None,
    parts: Mapping[int, int] | None = None,
    reason: str = "",
    by,
) -> tuple[int, list[RefusedParagraph]]:
    """Say what paragraphs are, or without a `decision` confirm what is proposed; return how many, and what was refused.

    `versions` are those of paragraphs that were shown, by key; `parts` the stamps of parts, by number. Of a part, all
    paragraphs are decided that nobody decided singly.
    """

    def change(row: ImportedParagraph, table: ParagraphTable) -> None:
        if decision:
            decide(row, decision, table, reason)

    return _change_rows(paper_import, by, versions or {}, change, parts)


@transaction.atomic
def _change_rows(
    paper_import: PaperImport,
    by,
    versions: Mapping[int, int],
    change: Callable[[ImportedParagraph, ParagraphTable], None],
    parts: Mapping[int, int] | None = None,
) -> tuple[int, list[RefusedParagraph]]:
    draft, done = _lock_draft(paper_import, by), 0
    with _changed_rows(draft, by) as table:
        chosen = _rows_of_parts(table, parts or {})
        rows, refused = _rows_as_shown(table, versions)
        for row, part in {**chosen, **dict.fromkeys(rows)}.items():
            try:
                change(row, table)
            except ValidationError as error:
                refused.append(RefusedParagraph(row, error.messages[0]))
            else:
                row.decided_by, row.decided_with = by, part
                done += 1
    return done, refused


def _rows_of_parts(table: ParagraphTable, stamps: Mapping[int, int]) -> dict[ImportedParagraph, int | None]:
    parts = [table.part(number) for number in stamps if number in table.rows_of_parts]
    if [part.stamp for part in parts] != list(stamps.values()):
        raise ValidationError(PAGE_CHANGED)
    return {row: part.number for part in parts for row in part.covered}


def _rows_as_shown(
    table: ParagraphTable, versions: Mapping[int, int]
) -> tuple[list[ImportedParagraph], list[RefusedParagraph]]:
    """Return the rows that nobody else changed since a page showed them, and a refusal of each other row."""
    rows = [row for row in table.rows if row.pk in versions]
    if len(rows) < len(versions):
        raise ValidationError(PAGE_CHANGED)
    refused = [RefusedParagraph(row, CHANGED_BY_OTHERS) for row in rows if row.version != versions[row.pk]]
    return [row for row in rows if row.version == versions[row.pk]], refused


@transaction.atomic
def join_paragraphs(*, paper_import: PaperImport, versions: Mapping[int, int], by) -> None:
    """Give the words of paragraphs that follow each other to the first of them, and leave the others out."""
    draft = _lock_draft(paper_import, by)
    with _changed_rows(draft, by) as table:
        rows, refused = _rows_as_shown(table, versions)
        if refused:
            raise ValidationError(CHANGED_BY_OTHERS)
        join(rows, table)
        for row in rows:
            row.decided_by, row.decided_with = by, None


def move_paragraphs(
    *, paper_import: PaperImport, versions: Mapping[int, int], levels: int, by
) -> tuple[int, list[RefusedParagraph]]:
    """Move texts so many levels deeper, with their items; return how many, and what was refused."""
    return _change_rows(paper_import, by, versions, lambda row, table: change_level(row, levels, table))


def settle_doubt(
    *, paper_import: PaperImport, versions: Mapping[int, int], question: str, answer: str, by
) -> tuple[int, list[RefusedParagraph]]:
    """Give the same answer to a doubt of paragraphs; return how many, and what was refused."""
    if answer not in answers_to(question):
        raise ValidationError(_("Choose an answer, then settle the doubt."))
    doubted = {doubt.node.pk for doubt in PublicationPlan(paper_import).all_doubts if doubt.question == question}
    of_doubt = {pk: version for pk, version in versions.items() if pk in doubted}
    return _change_rows(paper_import, by, of_doubt, lambda row, table: _answer(row, question, answer, table))


def _answer(row: ImportedParagraph, question: str, answer: str, table: ParagraphTable) -> None:
    followed = Followed.before(row, table)
    if answer == LEAVE_OUT:
        decide(row, answer, table)
    elif answer == NOBODY_ADDRESSED:
        row.addressees, row.basis, row.is_unit = [], "", False
    elif answer != KEEP:
        row.is_unit = row.is_unit if row.addressees else row.kind == NodeKind.RECOMMENDATION and not row.is_topic
        row.addressees = [answer]
        row.basis = (Recommendation.Basis.STATED if question == TWO_ADDRESSEES else Recommendation.Basis.IMPLIED).value
    also = [IMPLIED] if question == NOBODY else []  # the same question
    row.settled = sorted({*row.settled, question, *also})
    followed.follow()


@transaction.atomic
def delete_import(*, paper_import: PaperImport, by) -> None:
    draft = _lock_draft(paper_import, by)
    deleted = copy(draft)
    draft.delete()
    announce_change(changes.DRAFT_DELETED, by=by, target=deleted, deleted=[deleted])


def _lock_draft(paper_import: PaperImport, by) -> PaperImport:
    check_permission(by, "add", Recommendation)
    drafts = PaperImport.objects.select_for_update(of=("self",)).select_related("body").defer("document")
    draft = drafts.filter(pk=paper_import.pk).first()
    if draft is None or draft.is_published:
        raise ValidationError(PAGE_CHANGED)
    if by.pk not in draft.people:
        draft.editors.add(by)
        announce_change(changes.DRAFT_EDITED, by=by, target=draft, rows=[draft], fields=["editors"])
    return draft

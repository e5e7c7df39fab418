"""Import a paper: save what was read as a draft, correct the draft, publish all of it at once.

Nothing of a draft is public. The site answers `user.has_perm()`. Every action can raise PermissionDenied.
"""

from collections.abc import Collection, Iterable, Mapping
from copy import copy
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Model
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommendations import changes
from recommendations.catalogue import changed_fields, check_permission, write_instance
from recommendations.changes import announce_change
from recommendations.error_messages import PAGE_CHANGED
from recommendations.models import Body, ImportedMeeting, ImportedNode, Meeting, Paper, PaperImport, Recommendation
from recommendations.outline.source import SourceParagraph
from recommendations.outline.stored import write_paragraphs
from recommendations.paper_import import notation
from recommendations.paper_import.cover import read_cover
from recommendations.paper_import.doubts import (
    IMPLIED,
    INCLUDE,
    KEEP,
    LEAVE_OUT,
    NOBODY_ADDRESSED,
    TWO_ADDRESSEES,
    answers_to,
)
from recommendations.paper_import.new_nodes import add_nodes, make_room
from recommendations.paper_import.nodes import check_words, move_items, update_nodes
from recommendations.paper_import.plan import NODE_FIELDS, PublicationPlan
from recommendations.paper_import.reading import bounds_of, read_draft
from recommendations.word_reader import TOO_LARGE

TEXTS_LIMIT = 5_000
ROWS_LIMIT = 20_000
MEETING_FIELDS = ("number", "part", "heading", "place", "starts", "ends")


class StaleImport(Exception):
    """Refuse to save a draft that somebody else changed. `nodes` are the changed texts by key."""

    def __init__(self, nodes: Mapping[int, ImportedNode]):
        super().__init__()
        self.nodes = nodes


@transaction.atomic
def create_import(
    *,
    paper_import: PaperImport,
    source: Iterable[SourceParagraph],
    meeting: notation.ParsedMeeting | None = None,
    by,
) -> PaperImport:
    """Save a document as a draft, with the details of its front page where none were entered.

    `meeting` is for a document whose headings name none.
    """
    check_permission(by, "add", Recommendation)
    paragraphs = list(source)
    cover = read_cover(paragraphs)
    cover.complete(paper_import)
    meeting = meeting or cover.meeting
    paper_import.added_by = by
    paper_import.source = write_paragraphs(paragraphs)
    rows, meetings = read_draft(paper_import, meeting.roman if meeting else "")
    if len(rows) > ROWS_LIMIT or sum("becomes" in row for row in rows) > TEXTS_LIMIT:
        raise ValidationError(TOO_LARGE)
    paper_import.outline = rows
    paper_import.save()
    found = {each.number: each for each in meetings} or ({meeting.number: meeting} if meeting else {})
    _add_imported_meetings(paper_import, found.values())
    update_nodes(paper_import, [], by)
    announce_change(changes.ADDED, by=by, target=paper_import, rows=[paper_import])
    return paper_import


def _add_imported_meetings(paper_import: PaperImport, meetings: Iterable[notation.ParsedMeeting]) -> None:
    ImportedMeeting.objects.bulk_create(ImportedMeeting(paper_import=paper_import, **each.values) for each in meetings)


@transaction.atomic
def save_details(*, paper_import: PaperImport, meetings: Mapping[int, notation.ParsedMeeting], base: int, by) -> None:
    """Save the paper's details, and its meetings by number. Raise StaleImport unless version `base` is the newest."""
    stored = _lock_draft(paper_import, by)
    if stored.version != base:
        raise StaleImport({})
    if meetings:
        paper_import.meetings.all().delete()
        _add_imported_meetings(paper_import, meetings.values())
    _read_again(paper_import, stored, by)


@transaction.atomic
def move_bounds(*, paper_import: PaperImport, base: int, first: int | None = None, last: int | None = None, by) -> None:
    """Begin or end the recommendations at another paragraph. Raise StaleImport unless `base` is the newest version."""
    stored = _lock_draft(paper_import, by)
    if stored.version != base:
        raise StaleImport({})
    changed = copy(stored)
    begins, ends = bounds_of(stored)
    changed.first, changed.last = first or begins, last or ends
    numbers = range(1, len(stored.outline) + 1)
    if changed.first not in numbers or changed.last not in numbers or changed.first > changed.last:
        raise ValidationError(_("The recommendations must begin before they end. Choose another paragraph."))
    _read_again(changed, stored, by)


@transaction.atomic
def decide_paragraphs(*, paper_import: PaperImport, numbers: Collection[int], is_text: bool, by) -> None:
    """Make paragraphs texts of the paper, or leave them out."""
    stored = _lock_draft(paper_import, by)
    _decide(stored, dict.fromkeys(numbers, is_text), by)


def _decide(stored: PaperImport, decisions: Mapping[int, bool], by) -> None:
    if any(not 0 < number <= len(stored.outline) for number in decisions):
        raise ValidationError(PAGE_CHANGED)
    changed = copy(stored)
    changed.decisions = stored.decisions | {str(number): is_text for number, is_text in decisions.items()}
    _read_again(changed, stored, by)


def _read_again(changed: PaperImport, stored: PaperImport, by) -> None:
    """Save the changed details, bounds or decisions, and read the document by them. What was corrected stays."""
    meeting = changed.meetings.first()
    changed.outline, _meetings = read_draft(changed, meeting.roman if meeting else "")
    changed.version = stored.version + 1
    fields = changed_fields(stored, changed)
    changed.save(update_fields=fields)
    update_nodes(changed, stored.outline, by)
    announce_change(changes.CHANGED, by=by, target=changed, rows=[changed], fields=fields)


@transaction.atomic
def save_nodes(*, paper_import: PaperImport, changes: Mapping[int, tuple[int, Mapping[str, Any]]], by) -> int:
    """Save all texts or none, and return how many. `changes`: (base version, values) by key. Raise StaleImport.

    The items below a chapeau follow its label and its addressees.
    """
    draft = _lock_draft(paper_import, by)
    before = {node.pk: node for node in draft.nodes.all()}
    now, stale, saved = timezone.now(), [], []
    for pk, (base, values) in changes.items():
        known = {name: value for name, value in values.items() if name in NODE_FIELDS}
        stored = draft.nodes.filter(pk=pk, version=base)
        if not stored.update(**known, version=F("version") + 1, changed_by=by, changed_at=now):
            stale.append(pk)
        else:
            saved.append((before[pk], known))
    if stale:
        raise StaleImport({node.pk: node for node in draft.nodes.select_related("changed_by").filter(pk__in=stale)})
    move_items(draft, before.values(), {node.pk: known for node, known in saved})
    check_words(draft, {node.number for node, _known in saved})
    decisions = {
        node.number: not known["is_left_out"]
        for node, known in saved
        if not node.is_added and known.get("is_left_out", node.is_left_out) != node.is_left_out
    }
    if decisions:
        _decide(draft, decisions, by)
    return len(changes)


@transaction.atomic
def add_node(*, after: ImportedNode, values: Mapping[str, Any], by) -> ImportedNode:
    draft = _lock_draft(after.paper_import, by)
    known = {name: value for name, value in values.items() if name in NODE_FIELDS}
    node = ImportedNode.objects.create(paper_import=draft, number=after.number, is_added=True, changed_by=by, **known)
    check_words(draft, {after.number})
    return node


@transaction.atomic
def settle_doubt(*, node: ImportedNode, question: str, answer: str, by) -> None:
    """Answer a doubt of a text as read: keep what was read, include the paragraph or leave it out, or say whom the text
    addresses. Raise StaleImport unless the version of `node` is the newest.
    """
    draft = _lock_draft(node.paper_import, by)
    doubts = PublicationPlan(draft).all_doubts
    is_known = any(doubt.node == node and doubt.question == question for doubt in doubts)
    if not is_known or answer not in answers_to(question, node):
        raise ValidationError(PAGE_CHANGED)
    values: dict[str, Any] = {"settled": sorted({*node.settled, question})}
    if answer in (INCLUDE, LEAVE_OUT):
        values["is_left_out"] = answer == LEAVE_OUT
    elif answer == NOBODY_ADDRESSED:
        values |= {"addressees": [], "basis": "", "is_unit": False}
    elif answer != KEEP:
        codes = answer.split("+")
        basis = Recommendation.Basis.STATED if question == TWO_ADDRESSEES else Recommendation.Basis.IMPLIED
        values |= {"addressees": codes, "basis": basis.value}
        if basis == Recommendation.Basis.IMPLIED:
            values["settled"] = sorted({*values["settled"], IMPLIED})  # the same question
        if not node.addressees:
            values["is_unit"] = not node.is_topic
    save_nodes(paper_import=draft, changes={node.pk: (node.version, values)}, by=by)


@transaction.atomic
def delete_import(*, paper_import: PaperImport, by) -> None:
    draft = _lock_draft(paper_import, by)
    deleted = copy(draft)
    draft.delete()
    announce_change(changes.DELETED, by=by, target=deleted, deleted=[deleted])


@transaction.atomic
def publish_import(*, paper_import: PaperImport, stamp: str, confirmed: Collection[str] = (), by) -> PaperImport:
    """Add all new texts of a draft or none; raise ValidationError.

    `stamp` is that of the plan that was shown; `confirmed` are the kinds of doubt that the curator confirmed.
    """
    draft = _lock_draft(paper_import, by)
    if draft.body_id:
        Body.objects.select_for_update().get(pk=draft.body_id)
    plan = PublicationPlan(draft)
    if plan.stamp != stamp:
        raise ValidationError(PAGE_CHANGED)
    if plan.problems:
        raise ValidationError([str(problem) for problem in plan.problems])
    if set(plan.kinds_to_confirm) - set(confirmed):
        raise ValidationError(_("Select the box of each kind of doubt that remains, and publish again."))
    if not plan.new_nodes:
        raise ValidationError(_("The draft has no new text to publish."))
    rows: list[Model] = [draft]
    if draft.body is None:
        draft.body = _add_body(draft, by)
        rows.append(draft.body)
    body = draft.body
    paper = _find_paper(draft, body) or _add_paper(draft, body, by)
    if paper.opened_at:
        raise ValidationError(_("This paper is open to answers. No text can be added to it."))
    rows.append(paper)
    parts = dict(draft.meetings.values_list("number", "part"))
    known = {meeting.number: meeting for meeting in body.meetings.all() if meeting.part == parts.get(meeting.number)}
    added = _add_meetings(draft, known, body, by)
    positions, moved = make_room(body, known, [node.label for node in plan.new_nodes])
    rows += [*moved, *added.values(), *add_nodes(paper, known | added, plan.new_nodes, positions, by, draft)]
    fields = ["body", "published_by", "published_at", "nodes_added", "units_added", *(["position"] if moved else [])]
    draft.published_by, draft.published_at = by, timezone.now()
    draft.nodes_added, draft.units_added = len(plan.new_nodes), plan.unit_count
    draft.save()
    after = f"{draft.nodes_added} texts"
    announce_change(changes.PUBLISHED, by=by, target=draft, rows=rows, after=after, fields=fields)
    return draft


def _lock_draft(paper_import: PaperImport, by) -> PaperImport:
    check_permission(by, "add", Recommendation)
    drafts = PaperImport.objects.select_for_update(of=("self",)).select_related("body")
    draft = drafts.filter(pk=paper_import.pk).first()
    if draft is None or draft.is_published:
        raise ValidationError(PAGE_CHANGED)
    return draft


def _add_body(paper_import: PaperImport, by) -> Body:
    body = Body(
        slug=paper_import.body_slug,
        is_first=not Body.objects.exists(),
        name=paper_import.body_name,
        parent_name=paper_import.body_parent,
    )
    body.full_clean()
    write_instance(instance=body, by=by)
    return body


def _find_paper(paper_import: PaperImport, body: Body) -> Paper | None:
    """Find the paper, of which an earlier import published other texts. It stays as it is in the catalogue."""
    return body.papers.filter(symbol=paper_import.paper_symbol).first()


def _add_paper(paper_import: PaperImport, body: Body, by) -> Paper:
    paper = Paper(
        body=body,
        symbol=paper_import.paper_symbol,
        title=paper_import.paper_title,
        date=paper_import.paper_date,
        kind=paper_import.paper_kind,
    )
    paper.full_clean()
    write_instance(instance=paper, by=by)
    return paper


def _add_meetings(paper_import: PaperImport, known: Mapping[int, Meeting], body: Body, by) -> dict[int, Meeting]:
    added = {}
    for imported in paper_import.meetings.exclude(number__in=known):
        values = {name: getattr(imported, name) for name in MEETING_FIELDS}
        added[imported.number] = Meeting(body=body, **values)
        write_instance(instance=added[imported.number], by=by)
    return added

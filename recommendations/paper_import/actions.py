"""Import a paper: save what was read as a draft, correct the draft, publish all of it at once.

Nothing of a draft is public. The site answers `user.has_perm()`. Every action can raise PermissionDenied.
"""

from bisect import bisect
from collections.abc import Mapping
from copy import copy
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F, Model
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommendations import changes
from recommendations.catalogue import changed_fields, write_instance
from recommendations.changes import announce_change
from recommendations.error_messages import PAGE_CHANGED
from recommendations.models import Body, ImportedMeeting, ImportedNode, Meeting, Paper, PaperImport
from recommendations.paper_import import notation, parser
from recommendations.paper_import.annotation_rules import find_annotations
from recommendations.paper_import.new_nodes import NewNode, add_nodes, make_room, printed_paragraph
from recommendations.paper_import.plan import NODE_FIELDS, PublicationPlan

MEETING_FIELDS = ("part", "heading", "place", "starts", "ends")


class StaleImport(Exception):
    """Refuse to save a draft that somebody else changed. `nodes` are the changed texts by key."""

    def __init__(self, nodes: Mapping[int, ImportedNode]):
        super().__init__()
        self.nodes = nodes


@transaction.atomic
def create_import(*, paper_import: PaperImport, paper: parser.ParsedPaper, by) -> PaperImport:
    _check_permission(by)
    paper_import.added_by = by
    paper_import.save()
    ImportedMeeting.objects.bulk_create(_imported_meeting(paper_import, meeting) for meeting in paper.meetings)
    annotations, doubts = find_annotations(paper.nodes), _doubts_by_line(paper)
    ImportedNode.objects.bulk_create(
        ImportedNode(
            paper_import=paper_import,
            line=node.line,
            label=node.label,
            paragraph=printed_paragraph(node.label),
            kind=node.kind,
            text=notation.add_footnotes(node.text, node.footnotes),
            footnotes="\n".join(f"{notation.footnote_mark(note.number)} {note.text}" for note in node.footnotes),
            doubts=doubts.get(node.line, []),
            changed_by=by,
            **vars(annotations[node.label]) | {"addressees": list(annotations[node.label].addressees)},
        )
        for node in paper.nodes
    )
    announce_change(changes.ADDED, by=by, target=paper_import, rows=[paper_import])
    return paper_import


def _imported_meeting(paper_import: PaperImport, meeting: notation.ParsedMeeting) -> ImportedMeeting:
    values = {name: getattr(meeting, name) for name in ("number", *MEETING_FIELDS)}
    heading = meeting.heading.removeprefix(f"{meeting.roman}. ")
    return ImportedMeeting(paper_import=paper_import, **values | {"heading": heading})


def _doubts_by_line(paper: parser.ParsedPaper) -> dict[int, list[dict]]:
    """Group doubts by the first line of their text; a line that was left out belongs to the text above."""
    line_of = {node.label: node.line for node in paper.nodes}
    first_of = {node.label.partition(".")[0]: node.line for node in reversed(paper.nodes)}
    lines = [node.line for node in paper.nodes]
    doubts: dict[int, list[dict]] = {}
    for doubt in paper.doubts:
        above = lines[max(bisect(lines, doubt.line) - 1, 0)]
        line = line_of.get(doubt.label) or first_of.get(doubt.label) or above
        doubts.setdefault(line, []).append({"question": doubt.question, "line": doubt.line, "words": doubt.words[:300]})
    return doubts


@transaction.atomic
def save_details(*, paper_import: PaperImport, meetings: Mapping[int, notation.ParsedMeeting], base: int, by) -> None:
    """Save the paper's details, and its meetings by number. Raise StaleImport unless version `base` is the newest."""
    _check_permission(by)
    stored = _lock_draft(paper_import)
    if stored.version != base:
        raise StaleImport({})
    paper_import.version = base + 1
    paper_import.save()
    for number, meeting in meetings.items():
        changed = _imported_meeting(paper_import, meeting)
        values = {name: getattr(changed, name) for name in MEETING_FIELDS}
        paper_import.meetings.filter(number=number).update(**values)
    fields = changed_fields(stored, paper_import)
    announce_change(changes.CHANGED, by=by, target=paper_import, rows=[paper_import], fields=fields)


@transaction.atomic
def save_nodes(*, paper_import: PaperImport, changes: Mapping[int, tuple[int, Mapping[str, Any]]], by) -> int:
    """Save all texts or none, and return how many. `changes`: (base version, values) by key. Raise StaleImport."""
    _check_permission(by)
    _lock_draft(paper_import)
    now, stale = timezone.now(), []
    for pk, (base, values) in changes.items():
        known = {name: value for name, value in values.items() if name in NODE_FIELDS}
        node = paper_import.nodes.filter(pk=pk, version=base)
        if not node.update(**known, version=F("version") + 1, changed_by=by, changed_at=now):
            stale.append(pk)
    if stale:
        raise StaleImport(
            {node.pk: node for node in paper_import.nodes.select_related("changed_by").filter(pk__in=stale)}
        )
    return len(changes)


@transaction.atomic
def add_node(*, after: ImportedNode, values: Mapping[str, Any], by) -> ImportedNode:
    _check_permission(by)
    _lock_draft(after.paper_import)
    known = {name: value for name, value in values.items() if name in NODE_FIELDS}
    return ImportedNode.objects.create(paper_import=after.paper_import, line=after.line, changed_by=by, **known)


@transaction.atomic
def delete_import(*, paper_import: PaperImport, by) -> None:
    _check_permission(by)
    draft = _lock_draft(paper_import)
    deleted = copy(draft)
    draft.delete()
    announce_change(changes.DELETED, by=by, target=deleted, deleted=[deleted])


@transaction.atomic
def publish_import(*, paper_import: PaperImport, stamp: str, by) -> PaperImport:
    """Add all new texts of a draft or none. `stamp` is that of the plan that was shown; raise ValidationError."""
    _check_permission(by)
    draft = _lock_draft(paper_import)
    if draft.body_id:
        Body.objects.select_for_update().get(pk=draft.body_id)
    plan = PublicationPlan(draft)
    if plan.stamp != stamp:
        raise ValidationError(PAGE_CHANGED)
    if plan.problems:
        raise ValidationError([str(problem) for problem in plan.problems])
    if not plan.new_nodes:
        raise ValidationError(_("The draft has no new text to publish."))
    rows: list[Model] = [draft]
    if draft.body is None:
        draft.body = _add_body(draft, by)
        rows.append(draft.body)
    body = draft.body
    paper = _find_paper(draft, body) or _add_paper(draft, body, by)
    rows.append(paper)
    parts = dict(draft.meetings.values_list("number", "part"))
    known = {meeting.number: meeting for meeting in body.meetings.all() if meeting.part == parts.get(meeting.number)}
    added = _add_meetings(draft, known, body, by)
    positions, moved = make_room(body, known, [node.label for node in plan.new_nodes])
    new = [_new_node(node, positions[node.label]) for node in plan.new_nodes]
    rows += [*moved, *added.values(), *add_nodes(paper, known | added, new, by)]
    fields = ["body", "published_by", "published_at", "nodes_added", "units_added", *(["position"] if moved else [])]
    draft.published_by, draft.published_at = by, timezone.now()
    draft.nodes_added, draft.units_added = len(plan.new_nodes), plan.unit_count
    draft.save()
    after = f"{draft.nodes_added} texts"
    announce_change(changes.PUBLISHED, by=by, target=draft, rows=rows, after=after, fields=fields)
    return draft


def _check_permission(by) -> None:
    if not by.has_perm("recommendations.add_recommendation"):
        raise PermissionDenied


def _lock_draft(paper_import: PaperImport) -> PaperImport:
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
        values = {name: getattr(imported, name) for name in ("number", *MEETING_FIELDS)}
        added[imported.number] = Meeting(body=body, **values)
        write_instance(instance=added[imported.number], by=by)
    return added


def _new_node(node: ImportedNode, position: int) -> NewNode:
    text, footnotes, _alone = notation.split_footnotes(node.text, notation.parse_footnotes(node.footnotes))
    values = {name: getattr(node, name) for name in NODE_FIELDS if name in NewNode._fields}
    return NewNode(**values | {"position": position, "text": text, "footnotes": footnotes})

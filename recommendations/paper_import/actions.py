"""Taking in a paper: from what was read to a draft, its corrections, and its publication in one act.

Nothing of a draft is public. Who may is asked of `user.has_perm()`; the site answers.
"""

from bisect import bisect
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommendations.catalogue import keep
from recommendations.models import Body, ImportedMeeting, ImportedNode, Meeting, PaperImport
from recommendations.paper_import import notation, parser
from recommendations.paper_import.derived_annotations import derive_annotations
from recommendations.paper_import.new_nodes import NewNode, add_nodes
from recommendations.paper_import.plan import NODE_FIELDS, PublicationPlan


class StaleImport(Exception):
    """Somebody changed it meanwhile: `nodes` as they stand now, by key. Nothing was saved."""

    def __init__(self, nodes: Mapping[int, ImportedNode]):
        super().__init__()
        self.nodes = nodes


# Writing


@transaction.atomic
def create_import(*, paper_import: PaperImport, found: parser.ParsedPaper, by) -> PaperImport:
    """Keep what was read as a draft, with what its words suggest. Raises PermissionDenied."""
    _check_permission(by)
    paper_import.added_by = by
    paper_import.save()
    ImportedMeeting.objects.bulk_create(_imported_meeting(paper_import, meeting) for meeting in found.meetings)
    suggested, doubts = derive_annotations(found.nodes), _doubts_by_line(found)
    ImportedNode.objects.bulk_create(
        ImportedNode(
            paper_import=paper_import,
            line=node.line,
            label=node.label,
            kind=node.kind,
            text=notation.add_marks(node.text, node.footnotes),
            footnotes="\n".join(f"{notation.footnote_mark(note.number)} {note.text}" for note in node.footnotes),
            doubts=doubts.get(node.line, []),
            changed_by=by,
            **vars(suggested[node.label]) | {"addressees": list(suggested[node.label].addressees)},
        )
        for node in found.nodes
    )
    return paper_import


def _imported_meeting(paper_import: PaperImport, meeting: notation.ParsedMeeting) -> ImportedMeeting:
    heading = meeting.heading.removeprefix(f"{meeting.roman}. ")
    return ImportedMeeting(
        paper_import=paper_import,
        number=meeting.number,
        heading=heading,
        place=meeting.place,
        starts=meeting.starts,
        ends=meeting.ends,
    )


def _doubts_by_line(found: parser.ParsedPaper) -> dict[int, list[dict]]:
    """The doubts of each text, by the line where it starts: of what was left out, those of the text above it."""
    line_of = {node.label: node.line for node in found.nodes}
    first_of = {node.label.partition(".")[0]: node.line for node in reversed(found.nodes)}
    lines = [node.line for node in found.nodes]
    doubts: dict[int, list[dict]] = {}
    for doubt in found.doubts:
        above = lines[max(bisect(lines, doubt.line) - 1, 0)]
        line = line_of.get(doubt.label) or first_of.get(doubt.label) or above
        doubts.setdefault(line, []).append({"question": doubt.question, "line": doubt.line, "words": doubt.words[:300]})
    return doubts


@transaction.atomic
def save_details(*, paper_import: PaperImport, meetings: Mapping[int, notation.ParsedMeeting], base: int, by) -> None:
    """Keep what the paper is and of which body, and its meetings by number, if this version is the newest.

    Raises PermissionDenied, ValidationError, or Stale.
    """
    _check_permission(by)
    standing = _lock_draft(paper_import)
    if standing.version != base:
        raise StaleImport({})
    paper_import.version = base + 1
    paper_import.save()
    for number, meeting in meetings.items():
        changed = _imported_meeting(paper_import, meeting)
        values = {name: getattr(changed, name) for name in ("heading", "place", "starts", "ends")}
        paper_import.meetings.filter(number=number).update(**values)


@transaction.atomic
def save_nodes(*, paper_import: PaperImport, changes: Mapping[int, tuple[int, Mapping[str, Any]]], by) -> int:
    """Correct texts of a draft: of each key the version that was corrected, and new values; return how many.

    All or none. Raises PermissionDenied, ValidationError where the draft is published or gone, or Stale.
    """
    _check_permission(by)
    _lock_draft(paper_import)
    now, stale = timezone.now(), []
    for pk, (base, values) in changes.items():
        known = {name: value for name, value in values.items() if name in NODE_FIELDS}
        found = paper_import.nodes.filter(pk=pk, version=base)
        if not found.update(**known, version=F("version") + 1, changed_by=by, changed_at=now):
            stale.append(pk)
    if stale:
        raise StaleImport(
            {node.pk: node for node in paper_import.nodes.select_related("changed_by").filter(pk__in=stale)}
        )
    return len(changes)


@transaction.atomic
def add_node(*, after: ImportedNode, values: Mapping[str, Any], by) -> ImportedNode:
    """Add a text that was not understood as one, after another. Raises PermissionDenied or ValidationError."""
    _check_permission(by)
    _lock_draft(after.paper_import)
    known = {name: value for name, value in values.items() if name in NODE_FIELDS}
    return ImportedNode.objects.create(paper_import=after.paper_import, line=after.line, changed_by=by, **known)


@transaction.atomic
def delete_import(*, paper_import: PaperImport, by) -> None:
    """Delete a draft. Raises PermissionDenied, or ValidationError where it is published or gone."""
    _check_permission(by)
    _lock_draft(paper_import).delete()


@transaction.atomic
def publish_import(*, paper_import: PaperImport, stamp: str, by) -> PaperImport:
    """Add the texts of a draft to the catalogue, all of them or none; those whose label is published stay as they are.

    `stamp` is that of the preview which was read. Raises PermissionDenied or ValidationError.
    """
    _check_permission(by)
    standing = _lock_draft(paper_import)
    if standing.body_id:
        Body.objects.select_for_update().get(pk=standing.body_id)
    plan = PublicationPlan(standing)
    if plan.stamp != stamp:
        raise ValidationError(_("The draft or the catalogue was changed meanwhile. Look at what would be added now."))
    if plan.faults:
        raise ValidationError([fault.said for fault in plan.faults])
    if not plan.added:
        raise ValidationError(_("There is nothing in it to add."))
    body = standing.body or _add_body(standing, by)
    last = body.recommendations.aggregate(last=Max("position"))["last"] or 0
    meetings = _add_meetings(standing, body, by)
    add_nodes(body, meetings, [_new_node(node, last + place) for place, node in enumerate(plan.added, start=1)], by)
    standing.body, standing.published_by, standing.published_at = body, by, timezone.now()
    standing.nodes_added, standing.units_added = len(plan.added), plan.units
    standing.save()
    return standing


def _check_permission(by) -> None:
    if not by.has_perm("recommendations.add_recommendation"):
        raise PermissionDenied


def _lock_draft(paper_import: PaperImport) -> PaperImport:
    """The draft as it stands, locked; raises ValidationError where there is none any more."""
    standing = (
        PaperImport.objects.select_for_update(of=("self",)).select_related("body").filter(pk=paper_import.pk).first()
    )
    if standing is None:
        raise ValidationError(_("This draft was deleted meanwhile."))
    if standing.is_published:
        raise ValidationError(_("This paper was published meanwhile: its texts stand in the catalogue."))
    return standing


def _add_body(paper_import: PaperImport, by) -> Body:
    body = Body(
        slug=paper_import.body_slug,
        is_first=not Body.objects.exists(),
        name=paper_import.body_name,
        parent_name=paper_import.body_parent,
        paper_title=paper_import.paper_title,
        paper_date=paper_import.paper_date,
    )
    body.full_clean()
    keep(thing=body, by=by)
    return body


def _add_meetings(paper_import: PaperImport, body: Body, by) -> dict[int, Meeting]:
    """Its meetings by number; those that the catalogue knows stay as they are."""
    meetings = {meeting.number: meeting for meeting in body.meetings.all()}
    for one in paper_import.meetings.all():
        if one.number not in meetings:
            meetings[one.number] = Meeting(
                body=body, number=one.number, heading=one.heading, place=one.place, starts=one.starts, ends=one.ends
            )
            keep(thing=meetings[one.number], by=by)
    return meetings


def _new_node(node: ImportedNode, position: int) -> NewNode:
    text, footnotes, _alone = notation.split_footnotes(node.text, notation.parse_footnotes(node.footnotes))
    said = {name: getattr(node, name) for name in NODE_FIELDS if name in NewNode._fields}
    return NewNode(**said | {"position": position, "text": text, "footnotes": footnotes})

"""Add the texts of a draft to the catalogue, with the body, the paper and the meetings that it does not have yet."""

from collections.abc import Mapping

from django.db.models import Model

from recommendations.catalogue import write_instance
from recommendations.models import Body, Meeting, Paper, PaperImport
from recommendations.paper_import.new_nodes import add_nodes, make_room
from recommendations.paper_import.plan import PublicationPlan

MEETING_FIELDS = ("number", "part", "heading", "place", "starts", "ends")


def add_texts(plan: PublicationPlan, by) -> list[Model]:
    """Add all new texts as a part of an action, which announces the change; return the rows that changed."""
    draft = plan.paper_import
    rows: list[Model] = []
    if draft.body is None:
        draft.body = _add_body(draft, by)
        rows.append(draft.body)
    body = draft.body
    # Of a paper in the catalogue, an earlier import published other texts. It stays as it is.
    paper = body.papers.filter(symbol=draft.paper_symbol).first() or _add_paper(draft, body, by)
    parts = dict(draft.meetings.values_list("number", "part"))
    known = {meeting.number: meeting for meeting in body.meetings.all() if meeting.part == parts.get(meeting.number)}
    added = _add_meetings(draft, known, body, by)
    positions, moved = make_room(body, known, [node.label for node in plan.new_nodes])
    texts = add_nodes(paper, known | added, plan.new_nodes, positions, by, draft)
    return [*rows, paper, *moved, *added.values(), *texts]


def _add_body(draft: PaperImport, by) -> Body:
    body = Body(
        slug=draft.body_slug,
        is_first=not Body.objects.exists(),
        name=draft.body_name,
        parent_name=draft.body_parent,
    )
    body.full_clean()
    write_instance(instance=body, by=by)
    return body


def _add_paper(draft: PaperImport, body: Body, by) -> Paper:
    paper = Paper(
        body=body,
        symbol=draft.paper_symbol,
        title=draft.paper_title,
        date=draft.paper_date,
        kind=draft.paper_kind,
    )
    paper.full_clean()
    write_instance(instance=paper, by=by)
    return paper


def _add_meetings(draft: PaperImport, known: Mapping[int, Meeting], body: Body, by) -> dict[int, Meeting]:
    added = {}
    for imported in draft.meetings.exclude(number__in=known):
        values = {name: getattr(imported, name) for name in MEETING_FIELDS}
        added[imported.number] = Meeting(body=body, **values)
        write_instance(instance=added[imported.number], by=by)
    return added

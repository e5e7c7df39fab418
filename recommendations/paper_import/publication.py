"""Add the texts of a draft to the catalogue, with the body, the paper and the meetings that it does not have yet."""

from django.db.models import Model

from recommendations.catalogue import write_instance
from recommendations.models import Body, Meeting, Paper
from recommendations.paper_import.new_nodes import add_nodes, make_room
from recommendations.paper_import.plan import PublicationPlan

OF_MEETING = ("number", "part", "heading", "place", "starts", "ends")


def add_texts(plan: PublicationPlan, by) -> list[Model]:
    """Add all new texts as a part of an action, which announces the change; return the rows that changed.

    A paper that the catalogue has, of which an earlier import published other texts, stays as it is there.
    """
    draft = plan.paper_import
    body = draft.body or Body(
        slug=draft.body_slug,
        is_first=not Body.objects.exists(),
        name=draft.body_name,
        parent_name=draft.body_parent,
    )
    rows: list[Model] = [] if body.pk else [_add(body, by)]
    draft.body = body
    paper = body.papers.filter(symbol=draft.paper_symbol).first() or Paper(
        body=body,
        symbol=draft.paper_symbol,
        title=draft.paper_title,
        date=draft.paper_date,
        kind=draft.paper_kind,
    )
    rows.append(paper if paper.pk else _add(paper, by))
    parts = {meeting.number: meeting.part for meeting in plan.meetings}
    known = {meeting.number: meeting for meeting in body.meetings.all() if meeting.part == parts.get(meeting.number)}
    added = {
        meeting.number: Meeting(body=body, **{name: getattr(meeting, name) for name in OF_MEETING})
        for meeting in plan.meetings
        if meeting.number not in known
    }
    rows += Meeting.objects.bulk_create(added.values())
    positions, moved = make_room(body, known, [node.label for node in plan.new_nodes])
    return [*rows, *moved, *add_nodes(paper, known | added, plan.new_nodes, positions, by, draft)]


def _add(row: Body | Paper, by) -> Model:
    row.full_clean()
    write_instance(instance=row, by=by)
    return row

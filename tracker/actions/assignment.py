"""Assign units to institutions and people of a State, and move assignments: sent, returned, accepted, ended.

Each action locks the respondent, so that two at once come one after the other, and takes as many queries for 230
units as for one.
"""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommendations.models import Recommendation
from tracker.actions import mail
from tracker.actions.bulk import mark_ready
from tracker.actions.event import record_event, record_together
from tracker.actions.notification import notify
from tracker.actions.record import SeenAnswer, answers_former_wording, read_answers, read_records, save_edit
from tracker.actions.respondent import lock_respondent
from tracker.models import Assignment, Event, Institution, Membership, Proposal, Respondent, User
from tracker.models.assignment import NOTE_LIMIT
from tracker.models.notification import NotificationKind
from tracker.models.proposal import ProposalStage
from tracker.models.user import Role
from tracker.models.validators import TEXT_LIMIT, check_text, text_problems
from tracker.permissions import (
    can_assign,
    can_send_assignment,
    can_undo_sending,
    check_permission,
    contributors_of,
    focal_points_of,
)
from tracker.workflow import ASSIGNMENT, NotAllowed, next_state

MOVED = ("state", "moved_by", "moved_at", "return_reason", "came_back_on")
EVENTS = {
    "send": "assignment ready",
    "come back": "assignment came back",
    "undo": "assignment sending undone",
    "return": "assignment returned",
    "accept": "assignment accepted",
    "end": "assignment ended",
}


@transaction.atomic
def assign(
    *,
    respondent: Respondent,
    units: Collection[Recommendation],
    to: Institution | User,
    by: User,
    due_on: date | None = None,
    note: str = "",
) -> list[Assignment]:
    """Assign units to an institution or a person, which opens the units to them, and return the new assignments.

    Existing assignments take over this due date and this note, where given; nothing else of them changes.
    """
    lock_respondent(respondent, by, can_assign)
    _check_assignment(respondent=respondent, units=units, to=to, due_on=due_on, note=note)
    at, assignee = timezone.now(), _assignee(to)
    existing = _read(respondent=respondent, unit__in=units, state__in=Assignment.CURRENT, **assignee)
    assigned_units = {assignment.unit_id for assignment in existing}
    new = Assignment.everyones.bulk_create(
        Assignment(
            respondent=respondent, unit=unit, due_on=due_on, note=note, assigned_by=by, assigned_at=at, **assignee
        )
        for unit in units
        if unit.pk not in assigned_units
    )
    _record("unit assigned", new, {}, by)
    _change(existing, due_on, note, by)
    _notify_people(new, at)
    return new


@transaction.atomic
def send_to_focal_point(*, respondent: Respondent, unit: Recommendation, by: User) -> list[Assignment]:
    """Send the saved answer with the user's assignments of a unit; NotAllowed where it is sent already, ValidationError
    where it is empty.
    """
    lock_respondent(respondent, by)
    own = _read_own(respondent, unit, by)
    to_send = [assignment for assignment in own if assignment.state in Assignment.TO_BE_WRITTEN]
    if not to_send:
        raise NotAllowed(f"{unit.full_label} is sent already")
    answer = read_answers(respondent, [unit]).get(unit)
    if answer is None:
        raise ValidationError(_("Save the answer before you send it to the focal point."))
    if answer.is_empty:
        message = _("Describe the measures or add evidence before you send the answer to the focal point.")
        raise ValidationError({"measures": message})
    moved = _move(to_send, "send", by)
    notify(
        focal_points_of(respondent),
        kind=NotificationKind.ITEMS_READY,
        thing=f"{respondent.code} {timezone.localdate().isoformat()}",
        path=reverse("assignment_list", args=[respondent.code]),
        respondent=respondent,
    )
    return moved


@transaction.atomic
def save_and_send(*, respondent: Respondent, unit: Recommendation, by: User, **answer: Any) -> list[Assignment]:
    """Save the answer and send it to the focal point, or do neither; `answer` and errors are those of `save_edit`."""
    save_edit(respondent=respondent, unit=unit, by=by, **answer)
    return send_to_focal_point(respondent=respondent, unit=unit, by=by)


@transaction.atomic
def undo_sending(*, respondent: Respondent, unit: Recommendation, by: User) -> list[Assignment]:
    """Open for writing what the user sent; NotAllowed where it is not sent, or is accepted or returned."""
    lock_respondent(respondent, by)
    sent = [assignment for assignment in _read_own(respondent, unit, by) if can_undo_sending(by, assignment)]
    if not sent:
        raise NotAllowed(f"{unit.full_label} was not sent by this user, or is decided on")
    return _move(sent, "undo", by)


@transaction.atomic
def return_assignment(*, assignment: Assignment, reason: str, by: User) -> Assignment:
    """Return a ready assignment, given as it was read; NotAllowed where it is not ready or was moved since."""
    respondent = assignment.respondent
    lock_respondent(respondent, by, can_assign)
    check_text("reason", reason, NOTE_LIMIT, _("Enter the reason."))
    (read,) = _read_again([assignment])
    if not read.is_sent:
        raise NotAllowed("nobody sent it on the site")
    return _return([read], reason, by)[0]


@transaction.atomic
def accept_assignments(
    *, respondent: Respondent, assignments: Iterable[Assignment], by: User, seen: Collection[SeenAnswer] = ()
) -> list[Assignment]:
    """End assignments that were sent, or came back unchanged, given as they were read, and mark their answers ready.

    None is ended where one is at another stage or was moved since, or where the answer is newer than in `seen`;
    ValidationError where one came back without an answer. An answer to a former wording is not marked: its author has
    not read the new wording.
    """
    assignments = list(assignments)
    if not all(assignment.is_sent or assignment.is_unchanged for assignment in assignments):
        raise NotAllowed("there is nothing to accept, or a suggestion to decide on")
    units = [assignment.unit for assignment in assignments]
    accepted = _close(respondent, assignments, "accept", by)
    answered = _mark_ready(respondent, units, by, {answer.unit.pk: answer.base for answer in seen})
    if any(row.is_unchanged and row.unit_id not in answered for row in assignments):
        raise ValidationError(_("There is no answer to accept. Send a reminder, or end the assignment."))
    return accepted


@transaction.atomic
def end_assignments(*, respondent: Respondent, assignments: Iterable[Assignment], by: User) -> list[Assignment]:
    """End current assignments, given as they were read, at any stage; saved answers stay."""
    return _close(respondent, assignments, "end", by)


@transaction.atomic
def remind(*, respondent: Respondent, to: Institution | User, text: str, by: User, last: int = 0) -> list[User]:
    """Mail a text to the contributors who still have to write answers of an institution or a person.

    `last` is the number of the event of the newest reminder that the page showed, 0 where there was none. NotAllowed
    where there is a newer one, as on a double click, or nobody to remind.
    """
    lock_respondent(respondent, by, can_assign)
    check_text("text", text, TEXT_LIMIT, _("Enter the text."))
    open_items = Assignment.everyones.filter(respondent=respondent, state__in=Assignment.TO_BE_WRITTEN)
    people = contributors_of(open_items.filter(**_assignee(to)))
    target = f"institution {to.pk}" if isinstance(to, Institution) else f"person {to.pk}"
    reminded = Event.everyones.filter(chain=respondent.code, action="contributors reminded", target=target)
    if not people or reminded.filter(number__gt=last).exists():
        raise NotAllowed("there is nobody to remind, or a newer reminder")
    record_event(action="contributors reminded", target=target, by=by, respondent=respondent)
    for person in people:
        mail.send_later(
            "reminder",
            person,
            state=mail.isolated(respondent.name),
            sender=mail.isolated(by.name),
            address=by.email,
            words=text,
            path=respondent.get_absolute_url(),
        )
    return people


def record_came_back(
    *, institution: Institution, units: Collection[int], changed: Collection[int], on: date, by: User
) -> set[int]:
    """Record that a questionnaire came back to a locked respondent. Units are given by key; those `changed` wait for
    the focal point, the others stay assigned. Return those that are not assigned to the institution.
    """
    current = _read(institution=institution, unit__in=units, state__in=Assignment.CURRENT)
    written = [row for row in current if row.state in Assignment.TO_BE_WRITTEN]
    _move([row for row in written if row.unit_id in changed], "come back", by, came_back_on=on)
    unchanged = [row for row in written if row.unit_id not in changed and row.came_back_on != on]
    before = {row.pk: reference(row) for row in unchanged}
    for row in unchanged:
        row.came_back_on = on
    Assignment.everyones.bulk_update(unchanged, ["came_back_on"])
    _record(EVENTS["come back"], unchanged, before, by)
    return set(units) - {row.unit_id for row in current}


def assignments_of(proposals: Collection[Proposal]) -> list[Assignment]:
    """Return the current assignments of their units to the institutions that sent these proposals."""
    pairs = {(proposal.institution_id, proposal.unit_id) for proposal in proposals if proposal.institution_id}
    if not pairs:
        return []
    institutions, units = {of for of, _unit in pairs}, {unit for _of, unit in pairs}
    found = _read(institution__in=institutions, unit__in=units, state__in=Assignment.CURRENT)
    return [row for row in found if (row.institution_id, row.unit_id) in pairs]


def settle_assignments(proposals: Collection[Proposal], decision: str, by: User, reason: str = "") -> None:
    """Let assignments follow a decision on their proposals: an accepted proposal ends its assignment, a declined one
    returns it with the reason, and a withdrawn one leaves it to be written, unless the institution sent another.
    """
    assigned = assignments_of(proposals)
    waiting = [row for row in assigned if row.is_ready and not row.is_sent]
    if decision == "accept":
        _move(assigned, "accept", by)
    elif decision == "decline":
        _return(waiting, reason, by)
    else:
        units = [row.unit_id for row in waiting]
        others = Proposal.everyones.filter(state=ProposalStage.OFFERED, unit__in=units, institution__isnull=False)
        sent = set(others.values_list("institution", "unit"))
        _move([row for row in waiting if (row.institution_id, row.unit_id) not in sent], "undo", by)


def reference(assignment: Assignment) -> str:
    due = f", due {assignment.due_on}" if assignment.due_on else ""
    to = f"institution {assignment.institution_id}" if assignment.institution_id else f"person {assignment.person_id}"
    return f"{assignment.state}, {to}{due} {assignment.make_digest()}"


def _check_assignment(
    *, respondent: Respondent, units: Collection[Recommendation], to: Institution | User, due_on: date | None, note: str
) -> None:
    """Raise ValidationError by field where these units cannot be assigned so."""
    broken: dict[str, list] = {}
    if not units or respondent.units_open().filter(pk__in=[unit.pk for unit in units]).count() < len(units):
        broken["unit"] = [_("Select only recommendations that your State can answer.")]
    if not _can_be_assigned(respondent, to):
        broken["to"] = [_("Choose an institution or a person.")]
    if due_on and due_on < timezone.localdate():
        broken["due_on"] = [_("The date must be today or later.")]
    broken |= text_problems([("note", note, NOTE_LIMIT)])
    if broken:
        raise ValidationError(broken)


def _can_be_assigned(respondent: Respondent, to: Institution | User) -> bool:
    if isinstance(to, Institution):
        return to.respondent_id == respondent.pk and to.is_offered
    active = Membership.objects.current()
    return active.filter(user=to, respondent=respondent, role=Role.CONTRIBUTOR).exists()


def _assignee(to: Institution | User) -> dict:
    return {"institution": to} if isinstance(to, Institution) else {"person": to}


def _read(**conditions: Any) -> list[Assignment]:
    return list(Assignment.everyones.filter(**conditions).select_related("respondent", "unit"))


def _read_own(respondent: Respondent, unit: Recommendation, by: User) -> list[Assignment]:
    """Return the assignments of a unit that the user has or had; PermissionDenied where there are none."""
    found = _read(respondent=respondent, unit=unit)
    own = [assignment for assignment in found if can_send_assignment(by, assignment)]
    check_permission(bool(own))
    return own


def _mark_ready(respondent: Respondent, units: list[Recommendation], by: User, bases: dict[int, int]) -> set[int]:
    """Return the keys of the units that have an answer."""
    answers, answered = [], set()
    for record in read_records(respondent, units).values():
        unit, current = record.recommendation, record.current
        if current is None:
            continue
        answered.add(unit.pk)
        if bases.get(unit.pk, current.number) != current.number:
            raise NotAllowed("the answer is newer than the answer that was read")
        if not answers_former_wording(record):
            answers.append(SeenAnswer.of_fetched(unit, current))
    mark_ready(respondent=respondent, answers=answers, by=by)
    return answered


def _read_again(assignments: Collection[Assignment]) -> list[Assignment]:
    read = {assignment.stamp for assignment in assignments}
    found = _read(pk__in=[assignment.pk for assignment in assignments])
    if any(assignment.stamp not in read for assignment in found):
        raise NotAllowed("it moved since it was read")
    return found


def _change(existing: list[Assignment], due_on: date | None, note: str, by: User) -> None:
    before = {assignment.pk: reference(assignment) for assignment in existing}
    changed = []
    for assignment in existing:
        former = assignment.due_on, assignment.note
        assignment.due_on, assignment.note = due_on or assignment.due_on, note or assignment.note
        if former != (assignment.due_on, assignment.note):
            changed.append(assignment)
    Assignment.everyones.bulk_update(changed, ["due_on", "note"])
    _record("assignment changed", changed, before, by)


def _close(respondent: Respondent, assignments: Iterable[Assignment], name: str, by: User) -> list[Assignment]:
    lock_respondent(respondent, by, can_assign)
    own = [assignment for assignment in assignments if assignment.respondent_id == respondent.pk]
    return _move(_read_again(own), name, by)


def _return(assignments: list[Assignment], reason: str, by: User) -> list[Assignment]:
    for returned in _move(assignments, "return", by, reason):
        respondent = returned.respondent
        notify(
            contributors_of([returned]),
            kind=NotificationKind.RETURNED,
            thing=f"{respondent.code} {returned.pk} {returned.moved_at}",
            path=reverse("record", args=[respondent.code, returned.unit.slug]),
            respondent=respondent,
            context={"label": returned.unit.full_label, "assignment": returned.pk},
        )
    return assignments


def _move(
    assignments: list[Assignment], name: str, by: User, reason: str = "", came_back_on: date | None = None
) -> list[Assignment]:
    before = {assignment.pk: reference(assignment) for assignment in assignments}
    at = timezone.now()
    for assignment in assignments:
        assignment.state = next_state(ASSIGNMENT, name, assignment.state)
        assignment.moved_by, assignment.moved_at = by, at
        assignment.return_reason, assignment.came_back_on = reason or assignment.return_reason, came_back_on
    Assignment.everyones.bulk_update(assignments, MOVED)
    _record(EVENTS[name], assignments, before, by)
    return assignments


def _record(action: str, assignments: list[Assignment], before: dict[int, str], by: User) -> None:
    if not assignments:
        return
    record_together(
        (
            (f"assignment {row.pk} of {row.unit.full_label}", before.get(row.pk, ""), reference(row))
            for row in assignments
        ),
        action=action,
        by=by,
        respondent=assignments[0].respondent,
    )


def _notify_people(new: list[Assignment], at: datetime) -> None:
    if not new:
        return
    respondent, due_on = new[0].respondent, new[0].due_on
    notify(
        contributors_of(new),
        kind=NotificationKind.ASSIGNED,
        thing=f"{respondent.code} {at.isoformat()}",
        path=respondent.get_absolute_url(),
        respondent=respondent,
        context={"items": len(new), "due": due_on.isoformat() if due_on else ""},
    )

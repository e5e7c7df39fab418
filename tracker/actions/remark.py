"""Read what a State submits to a round: start reading, note answers and write requests, send these, close the reading.

There is one reading for a State and a round. It follows the current submission: what was remarked stays with an answer
while its version is the same.
"""

from collections.abc import Iterable
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommendations.lists import format_list
from tracker.actions.event import record_event, record_submission_event
from tracker.actions.notification import notify
from tracker.disclosure import can_read_for
from tracker.models import Participation, Remark, Submission, SubmissionItem, User
from tracker.models.notification import NotificationKind
from tracker.models.remark import RemarkKind, state_digest
from tracker.models.submission import SubmissionStage, is_withdrawn
from tracker.models.validators import TEXT_LIMIT, check_text
from tracker.permissions import check_permission, focal_points_of
from tracker.queries.submissions.questions import unanswered_clarifications
from tracker.workflow import NOT_READ, READ_IN, SUBMISSION, NotAllowed, next_state


@transaction.atomic
def start_reading(*, submission: Submission, by: User) -> None:
    """Start the reading, as its one officer, with the current submission of a round.

    A reading whose officer may no longer read for this State is taken over as it is. One assigned to another officer is
    assigned again first.
    """
    participation = _lock(submission, by)
    has_officer = participation.taken_by is not None and can_read_for(participation.taken_by, submission.respondent)
    if participation.state in READ_IN and not has_officer:
        _give(participation, submission, by, "submission taken over", by)
        return
    if has_officer and participation.taken_by_id != by.pk:
        raise NotAllowed("it is assigned to another officer")
    _move(participation, "take")
    participation.taken_by, participation.taken_at = by, timezone.now()
    participation.save(update_fields=["state", "taken_by", "taken_at"])
    _record_move("submission taken", participation, submission, by)


@transaction.atomic
def assign_readings(*, submissions: Iterable[Submission], officer: User, by: User) -> int:
    """Assign the readings of current submissions to an officer, all or none: to start them, or to continue them as they
    are. Return how many changed. `submissions` have the participation that the user saw: NotAllowed where its officer
    changed since.
    """
    officer = User.objects.select_for_update(no_key=True).get(pk=officer.pk)  # as setting a restriction does
    submissions = sorted(submissions, key=lambda submission: (submission.respondent_id, submission.pk))
    check_permission(all(can_read_for(by, row.respondent) for row in submissions))
    if refused := [row.respondent.name for row in submissions if not can_read_for(officer, row.respondent)]:
        # Translators: officer: name of a Secretariat officer; names: list of names of States.
        message = _("Nothing was assigned. %(officer)s may not read for: %(names)s")
        raise ValidationError(message % {"officer": officer, "names": format_list(refused)})
    count = 0
    for submission in submissions:
        participation = _lock(submission, by)
        if participation.state not in NOT_READ:
            raise NotAllowed("the reading is over")
        if participation.taken_by_id not in (officer.pk, submission.participation.taken_by_id):
            raise NotAllowed("another officer was assigned")
        if participation.taken_by_id != officer.pk:
            _give(participation, submission, officer, "submission assigned", by)
            count += 1
    return count


@transaction.atomic
def return_submission(*, submission: Submission, by: User) -> None:
    """Return a submission to the queue; not once a clarification was written."""
    participation = _lock_as_reader(submission, by)
    if _clarifications(participation).exists():
        raise ValidationError(
            _("There is a request for clarification, so the submission cannot return to the queue. Close the reading.")
        )
    _return(participation)
    _record_move("submission released", participation, submission, by)


@transaction.atomic
def return_submissions(*, user: User, by: User) -> None:
    """Return to the queue what is assigned to an officer, or read, of States for which the officer may no longer read.

    A reading with clarifications stays in its stage until another officer takes it over.
    """
    holder = User.objects.get(pk=user.pk)
    stages = (SubmissionStage.SUBMITTED, SubmissionStage.UNDER_REVIEW)
    readings = Participation.everyones.filter(taken_by=holder, state__in=stages)
    locked = readings.select_for_update(of=("self",)).select_related("current", "respondent", "round")
    to_return = [
        participation
        for participation in locked.order_by("respondent_id", "pk")
        if not can_read_for(holder, participation.respondent)
        and (participation.state == SubmissionStage.SUBMITTED or not _clarifications(participation).exists())
    ]
    for participation in to_return:
        _return(participation)
    for participation in to_return:
        if participation.current:
            _record_move("submission released", participation, participation.current, by)


@transaction.atomic
def save_remark(*, item: SubmissionItem, kind: str, question: str = "", base: str | None = None, by: User) -> Remark:
    """Note an answer, or ask for a clarification; replaces the remark on its version until clarifications are sent.

    A request that was not sent moves along to the version that is read now, or is dropped for another remark. On a
    version about which a request was sent nothing more is asked. `base`: stamp of the remark that the officer saw, or
    empty where there was none; None replaces any.
    """
    participation = _lock_as_reader(item.submission, by)
    if kind not in RemarkKind.values:
        raise ValidationError({"kind": _("Choose a remark.")})
    question = question.strip() if kind == RemarkKind.CLARIFICATION else ""
    if kind == RemarkKind.CLARIFICATION and not question:
        raise ValidationError({"question": _("Enter the request for clarification.")})
    check_text("question", question, TEXT_LIMIT)
    of_unit = _remarks(participation).filter(item__unit=item.unit_id)
    remark = of_unit.filter(item__revision=item.revision_id).order_by("pk").last()
    if remark and remark.sent_at:
        raise NotAllowed("the same answer was asked about before")
    remark = of_unit.filter(kind=RemarkKind.CLARIFICATION, sent_at__isnull=True).first() or remark or Remark()
    if (remark.item_id, remark.kind, remark.question, remark.author_id) == (item.pk, kind, question, by.pk):
        return remark
    if base is not None and base != (remark.stamp if remark.pk else ""):
        raise NotAllowed("another page of the officer changed the remark")
    remark.item = item
    fill_remark(remark, kind, question, by=by, at=timezone.now())
    remark.save()
    _record_reading("item remarked", item.submission, by, after=item.unit.full_label)
    return remark


@transaction.atomic
def note_items(*, submission: Submission, items: list[SubmissionItem], by: User) -> int:
    participation = _lock_as_reader(submission, by)
    remarks = _remarks(participation).values_list("item__unit", "item__revision", "kind", "sent_at")
    read = {(unit, revision) for unit, revision, _kind, _sent_at in remarks}
    asked = {unit for unit, _revision, kind, sent_at in remarks if kind == RemarkKind.CLARIFICATION and not sent_at}
    rest = [
        item
        for item in items
        if item.submission_id == submission.pk
        and item.unit_id not in asked
        and (item.unit_id, item.revision_id) not in read
    ]
    if not rest:
        return 0
    noted = [Remark(item=item) for item in rest]
    for remark in noted:
        fill_remark(remark, RemarkKind.NOTED, "", by=by, at=timezone.now())
    Remark.everyones.bulk_create(noted)
    _record_reading("items noted", submission, by, after=f"{len(rest)} items")
    return len(rest)


@transaction.atomic
def send_clarifications(*, submission: Submission, by: User, reply_by: date | None = None) -> int:
    """Send all requests that are written. Each is about the version in the current submission, whenever written.

    `reply_by`: the day by which a reply is requested.
    """
    participation = _lock_as_reader(submission, by)
    if reply_by and reply_by < timezone.localdate():
        raise ValidationError({"reply_by": _("The date must be today or later.")})
    requests = list(_clarifications(participation).filter(sent_at__isnull=True).select_related("item", "withdrawal"))
    if not requests:
        raise ValidationError(_("There is no request to send. Enter a request for clarification first."))
    _move(participation, "ask")
    participation.asked_at = timezone.now()
    participation.save(update_fields=["state", "asked_at"])
    units = [request.item.unit_id for request in requests]
    current = SubmissionItem.everyones.filter(submission=submission, unit__in=units).select_related("unit")
    items = {item.unit_id: item for item in current}
    for request in requests:
        if request.item.submission_id != submission.pk and request.item.unit_id in items:
            request.item = items[request.item.unit_id]
        request.sent_at, request.reply_by = participation.asked_at, reply_by
        request.digest = request.make_digest()
        request.save(update_fields=["item", "digest", "sent_at", "reply_by"])
    count = len(requests)
    _record_move("questions sent", participation, submission, by, after=f"{count} questions ")
    thing = f"{submission.reference} {participation.asked_at.isoformat()}"  # requests are sent more than once
    path = submission.get_clarifications_url()
    labels = [item.unit.full_label for item in current.order_by("position")]
    due = reply_by.isoformat() if reply_by else ""
    _notify_people(
        submission, NotificationKind.CLARIFICATIONS, path, thing, questions=count, recommendations=labels, due=due
    )
    return count


@transaction.atomic
def close_reading(*, submission: Submission, by: User) -> None:
    """End the reading, with the number of its open clarifications."""
    participation = _lock_as_reader(submission, by)
    participation.unanswered = unanswered_clarifications(participation)
    _move(participation, "close")
    participation.closed_at, participation.read_to = timezone.now(), submission.number
    participation.save(update_fields=["state", "closed_at", "unanswered", "read_to"])
    unanswered = participation.unanswered
    _record_move("review closed", participation, submission, by, after=f"{unanswered} unanswered ")
    path = submission.get_absolute_url()
    _notify_people(submission, NotificationKind.REVIEW_CLOSED, path, submission.reference, unanswered=unanswered)


def fill_remark(remark: Remark, kind: str, question: str, *, by: User, at: datetime) -> None:
    remark.kind, remark.question, remark.author, remark.saved_at = kind, question, by, at
    remark.set_digest()


def _remarks(participation: Participation) -> QuerySet[Remark]:
    remarks = Remark.everyones.filter(item__submission__participation=participation)
    return remarks.exclude(is_withdrawn("item__submission__"))


def _clarifications(participation: Participation) -> QuerySet[Remark]:
    return _remarks(participation).filter(kind=RemarkKind.CLARIFICATION)


def _lock(submission: Submission, by: User) -> Participation:
    """Lock the reading. Refuse what was opened on a submission that another has replaced."""
    check_permission(can_read_for(by, submission.respondent))
    participation = Participation.everyones.select_for_update(of=("self",)).get(submissions=submission)
    if participation.current_id != submission.pk:
        raise NotAllowed("the submission is not current")
    participation.current = submission
    return participation


def _lock_as_reader(submission: Submission, by: User) -> Participation:
    participation = _lock(submission, by)
    if participation.taken_by_id is None:
        raise NotAllowed("nobody has taken it")
    check_permission(participation.taken_by_id == by.pk)
    if participation.state not in READ_IN:
        raise NotAllowed("nothing is being read")
    return participation


def _give(participation: Participation, submission: Submission, officer: User, action: str, by: User) -> None:
    before = f"person {participation.taken_by_id}" if participation.taken_by_id else ""
    participation.taken_by = officer
    if participation.state in READ_IN:
        participation.taken_at = timezone.now()
    participation.save(update_fields=["taken_by", "taken_at"])
    _record_move(action, participation, submission, by, before=before, after=f"person {officer.pk} ")


def _return(participation: Participation) -> None:
    if participation.state in READ_IN:
        _move(participation, "release")
    participation.taken_by = participation.taken_at = None
    participation.save(update_fields=["state", "taken_by", "taken_at"])


def _move(participation: Participation, transition: str) -> None:
    participation.state = next_state(SUBMISSION, transition, participation.state)


def _record_reading(action: str, submission: Submission, by: User, after: str) -> None:
    """Record the event in the site's chain: a State reads its own chain, but not a reading in progress."""
    record_event(action=action, target=f"submission {submission.reference}", by=by, after=after)


def _record_move(
    action: str, participation: Participation, submission: Submission, by: User, before: str = "", after: str = ""
) -> None:
    """Record the event with the digest of the participation, which reveals a change that bypassed the actions."""
    record_submission_event(action, submission, by, before=before, after=f"{after}{state_digest(participation)}")


def _notify_people(submission: Submission, kind: NotificationKind, path: str, thing: str, **context: object) -> None:
    notify(
        focal_points_of(submission.respondent),
        kind=kind,
        thing=thing,
        path=path,
        submission=submission,
        context=context,
    )

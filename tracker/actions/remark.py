"""Read submissions: start reading, note items and write clarifications, send these at once, close the reading.

Once a later submission replaces an earlier one, the reading continues in the later; closing it also closes those whose
clarifications it answers.
"""

from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tracker.actions.event import record_event, record_submission_event
from tracker.actions.notification import notify
from tracker.disclosure import can_read_for
from tracker.models import Remark, Reply, Respondent, Submission, SubmissionItem, SubmissionState, User
from tracker.models.notification import NotificationKind
from tracker.models.remark import RemarkKind, state_digest
from tracker.models.submission import NextSubmission, SubmissionStage
from tracker.models.validators import TEXT_LIMIT, check_text
from tracker.permissions import can_submit, focal_points_of
from tracker.queries.submissions.check import clarification_submission, current_submission
from tracker.queries.submissions.questions import unanswered_clarifications
from tracker.workflow import SUBMISSION, TAKEN_OVER_IN, NotAllowed, next_state, next_submission

State = SubmissionStage


@transaction.atomic
def start_reading(*, submission: Submission, by: User) -> None:
    """Start reading, as the one reviewer who holds the newest submission of a round.

    A reading whose reviewer may no longer read for this State is taken over as it is.
    """
    standing = _lock(submission, by)
    if _needs_reader(standing, submission.respondent):
        _take_over(standing, submission, by)
        return
    if _submissions_after(submission).exists():
        raise NotAllowed("a later submission supersedes this one")
    _move(standing, "take")
    standing.taken_by, standing.taken_at = by, timezone.now()
    standing.save(update_fields=["state", "taken_by", "taken_at"])
    _record_move("submission taken", standing, submission, by)


@transaction.atomic
def return_submission(*, submission: Submission, by: User) -> None:
    """Return a submission to the queue; not once a clarification was written."""
    standing = _lock_as_reader(submission, by)
    if _clarifications(submission).exists():
        raise NotAllowed("something has been asked")
    _return(standing)
    _record_move("submission released", standing, submission, by)


@transaction.atomic
def return_submissions(*, user: User, by: User) -> None:
    """Return to the queue the submissions of a reviewer who may no longer read for their States.

    A submission with clarifications stays in its state until another reviewer takes it over.
    """
    holder = User.objects.get(pk=user.pk)
    readings = SubmissionState.everyones.filter(taken_by=holder, state=State.UNDER_REVIEW).order_by("pk")
    locked = readings.select_for_update(of=("self",)).select_related("submission__respondent", "submission__round")
    to_return = [
        standing
        for standing in locked
        if not can_read_for(holder, standing.submission.respondent)
        and not _clarifications(standing.submission).exists()
    ]
    for standing in to_return:
        _return(standing)
    for standing in to_return:
        _record_move("submission released", standing, standing.submission, by)


@transaction.atomic
def save_remark(*, item: SubmissionItem, kind: str, question: str = "", by: User) -> Remark:
    """Note an item, or ask for a clarification; replaces the item's remark until clarifications are sent."""
    standing = _lock_as_reader(item.submission, by)
    if standing.state != State.UNDER_REVIEW:
        raise NotAllowed("remarks are made while a submission is under review")
    if kind not in RemarkKind.values:
        raise ValidationError({"kind": _("Choose a remark.")})
    question = question.strip() if kind == RemarkKind.CLARIFICATION else ""
    if kind == RemarkKind.CLARIFICATION and not question:
        raise ValidationError({"question": _("Enter the request for clarification.")})
    check_text("question", question, TEXT_LIMIT)
    remark = Remark.everyones.filter(item=item).first() or Remark(item=item)
    fill_remark(remark, kind, question, by=by, at=timezone.now())
    remark.save()
    _record_reading("item remarked", item.submission, by, after=item.unit.full_label)
    return remark


@transaction.atomic
def note_items(*, submission: Submission, items: list[SubmissionItem], by: User) -> int:
    standing = _lock_as_reader(submission, by)
    if standing.state != State.UNDER_REVIEW:
        raise NotAllowed("remarks are made while a submission is under review")
    remarked = set(Remark.everyones.filter(item__submission=submission).values_list("item_id", flat=True))
    rest = [item for item in items if item.pk not in remarked and item.submission_id == submission.pk]
    if not rest:
        return 0
    noted = [Remark(item=item) for item in rest]
    for remark in noted:
        fill_remark(remark, RemarkKind.NOTED, "", by=by, at=timezone.now())
    Remark.everyones.bulk_create(noted)
    _record_reading("items noted", submission, by, after=f"{len(rest)} items")
    return len(rest)


@transaction.atomic
def send_clarifications(*, submission: Submission, by: User) -> int:
    standing = _lock_as_reader(submission, by)
    clarifications = _clarifications(submission)
    count = clarifications.count()
    if not count:
        raise ValidationError(_("There is no request to send. Enter a request for clarification first."))
    _move(standing, "ask")
    standing.asked_at = timezone.now()
    standing.save(update_fields=["state", "asked_at"])
    clarifications.update(sent_at=standing.asked_at)
    _record_move("questions sent", standing, submission, by, after=f"{count} questions ")
    _notify_people(submission, NotificationKind.CLARIFICATIONS, submission.get_clarifications_url(), questions=count)
    return count


@transaction.atomic
def close_reading(*, submission: Submission, by: User) -> None:
    """End the reading, and that of the submissions whose clarifications this submission answers.

    Each keeps its count of open clarifications. Refused where a later submission, not withdrawn, replaces it.
    """
    chain = submission.chain
    standings = SubmissionState.everyones.filter(pk__in=[link.pk for link in chain]).order_by("pk")
    by_pk = {standing.pk: standing for standing in standings.select_for_update()}
    _check_reader(by_pk[submission.pk], submission, by)
    if _has_submission_after(submission):
        raise NotAllowed("the reading goes on in a later submission")
    waiting = [link for link in chain[1:] if by_pk[link.pk].state == State.CLARIFICATION_REQUESTED]
    links = [*reversed(waiting), submission]
    for link in links:
        standing = by_pk[link.pk]
        _move(standing, "close")
        standing.closed_at, standing.unanswered = timezone.now(), unanswered_clarifications(link)
        standing.save(update_fields=["state", "closed_at", "unanswered"])
    for link in links:
        _record_move("review closed", by_pk[link.pk], link, by, after=f"{by_pk[link.pk].unanswered} unanswered ")
    unanswered = by_pk[submission.pk].unanswered
    _notify_people(submission, NotificationKind.REVIEW_CLOSED, submission.get_absolute_url(), unanswered=unanswered)


@transaction.atomic
def save_reply(*, remark: Remark, text: str, base: int, withdrawn: int | None = None, by: User) -> Reply | None:
    """Save the next reply, which the next submission carries; return None when nothing differs.

    `base` is the number of the reply from which it began, 0 where there was none; `withdrawn` is the withdrawal from
    that reply.
    """
    submission = remark.item.submission
    if not can_submit(by, submission.respondent):
        raise PermissionDenied
    SubmissionState.everyones.select_for_update().get(pk=submission.pk)
    if remark.sent_at is None or not _is_open(submission):
        raise NotAllowed("this question is not open")
    if not text.strip():
        raise ValidationError({"text": _("Enter the reply.")})
    current = Reply.everyones.filter(remark=remark).order_by("number").last()
    if current and current.text == text:
        return None
    if (base, withdrawn) != ((current.number, current.withdrawal_id) if current else (0, None)):
        raise NotAllowed("somebody else has answered, or words were withdrawn, meanwhile")
    reply = next_reply(remark, base, text, by=by, at=timezone.now())
    reply.save(force_insert=True)
    record_submission_event("question answered", submission, by, after=reference(reply))
    return reply


def fill_remark(remark: Remark, kind: str, question: str, *, by: User, at: datetime) -> None:
    remark.kind, remark.question, remark.author, remark.saved_at = kind, question, by, at
    remark.set_digest()


def next_reply(remark: Remark, base: int, text: str, *, by: User, at: datetime) -> Reply:
    """Return the reply that follows number `base`. Saves nothing."""
    reply = Reply(remark=remark, number=base + 1, text=text, author=by, saved_at=at)
    reply.set_digest()
    return reply


def reference(reply: Reply) -> str:
    return f"reply {reply.number} {reply.digest}"


def _clarifications(submission: Submission) -> QuerySet[Remark]:
    return Remark.everyones.filter(item__submission=submission, kind=RemarkKind.CLARIFICATION)


def _submissions_after(submission: Submission) -> QuerySet[Submission]:
    of_the_round = Submission.everyones.filter(respondent=submission.respondent, round=submission.round)
    return of_the_round.filter(number__gt=submission.number)


def _has_submission_after(submission: Submission) -> bool:
    return _submissions_after(submission).exclude(standing__state=State.WITHDRAWN).exists()


def _is_open(submission: Submission) -> bool:
    current = current_submission(submission.respondent, submission.round)
    if next_submission(submission.round, current) != NextSubmission.ANSWERS_ALONE:
        return False
    return clarification_submission(current) == submission


def _lock(submission: Submission, by: User) -> SubmissionState:
    if not can_read_for(by, submission.respondent):
        raise PermissionDenied
    return SubmissionState.everyones.select_for_update().get(pk=submission.pk)


def _lock_as_reader(submission: Submission, by: User) -> SubmissionState:
    standing = _lock(submission, by)
    _check_reader(standing, submission, by)
    return standing


def _check_reader(standing: SubmissionState, submission: Submission, by: User) -> None:
    if not can_read_for(by, submission.respondent):
        raise PermissionDenied
    if standing.taken_by_id is None:
        raise NotAllowed("nobody has taken it")
    if standing.taken_by_id != by.pk:
        raise PermissionDenied


def _needs_reader(standing: SubmissionState, respondent: Respondent) -> bool:
    holder = standing.taken_by if standing.state in TAKEN_OVER_IN else None
    return holder is not None and not can_read_for(holder, respondent)


def _take_over(standing: SubmissionState, submission: Submission, by: User) -> None:
    if _has_submission_after(submission):
        raise NotAllowed("the reading goes on in a later submission")
    former, standing.taken_by, standing.taken_at = standing.taken_by_id, by, timezone.now()
    standing.save(update_fields=["taken_by", "taken_at"])
    _record_move("submission taken over", standing, submission, by, before=f"person {former}", after=f"person {by.pk} ")


def _return(standing: SubmissionState) -> None:
    _move(standing, "release")
    standing.taken_by = standing.taken_at = None
    standing.save(update_fields=["state", "taken_by", "taken_at"])


def _move(standing: SubmissionState, transition: str) -> None:
    standing.state = next_state(SUBMISSION, transition, standing.state)


def _record_reading(action: str, submission: Submission, by: User, after: str) -> None:
    """Record the event in the site's chain: a State reads its own chain, but not a reading in progress."""
    record_event(action=action, target=f"submission {submission.reference}", by=by, after=after)


def _record_move(
    action: str, standing: SubmissionState, submission: Submission, by: User, before: str = "", after: str = ""
) -> None:
    """Record the event with the digest of the submission's state, which reveals a change that bypassed the actions."""
    record_submission_event(action, submission, by, before=before, after=f"{after}{state_digest(standing)}")


def _notify_people(submission: Submission, kind: NotificationKind, path: str, **context: object) -> None:
    notify(
        focal_points_of(submission.respondent),
        kind=kind,
        thing=submission.reference,
        path=path,
        submission=submission,
        context=context,
    )

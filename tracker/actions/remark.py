"""Reading what was handed in: taking it, noting and asking item by item, sending all questions at once, closing.

Once a later submission, not withdrawn, supersedes one, the reading goes on in the later one; closing that also closes
those whose questions it answers.
"""

from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tracker.actions.event import record_event
from tracker.actions.notification import notify
from tracker.disclosure import can_read_for
from tracker.models import Remark, Reply, Respondent, Submission, SubmissionItem, SubmissionState, User
from tracker.models.digest import salted
from tracker.models.notification import NotificationKind
from tracker.models.remark import RemarkKind, standing_digest
from tracker.models.submission import NextSubmission, SubmissionStage
from tracker.models.validators import TEXT_LIMIT, problems_of
from tracker.permissions import can_submit, focal_points_of
from tracker.queries.submissions.check import asking_submission, current_submission
from tracker.queries.submissions.questions import unanswered_questions
from tracker.workflow import SUBMISSION, TAKEN_OVER_IN, NotAllowed, next_state, next_submission

State = SubmissionStage


@transaction.atomic
def start_reading(*, submission: Submission, by: User) -> None:
    """Begin to read: one reviewer holds a submission, and only the newest of its round can be taken. From a reviewer
    who may no longer read for this State another takes the reading over, as it stands.
    """
    standing = _lock(submission, by)
    if _has_no_reader(standing, submission.respondent):
        _take_over(standing, submission, by)
        return
    if _later_submissions(submission).exists():
        raise NotAllowed("a later submission supersedes this one")
    _move(standing, "take")
    standing.taken_by, standing.taken_at = by, timezone.now()
    standing.save(update_fields=["state", "taken_by", "taken_at"])
    _record_move("submission taken", standing, submission, by)


@transaction.atomic
def release_submission(*, submission: Submission, by: User) -> None:
    """Give a submission back to the queue; not once something has been asked."""
    standing = _lock_as_holder(submission, by)
    if _questions(submission).exists():
        raise NotAllowed("something has been asked")
    _release(standing)
    _record_move("submission released", standing, submission, by)


@transaction.atomic
def release_submissions(*, user: User, by: User) -> None:
    """Give back to the queue what a reviewer holds of States for which he may no longer read. Where something has
    been asked it stays in its state until another takes it over.
    """
    holder = User.objects.get(pk=user.pk)
    held = SubmissionState.everyones.filter(taken_by=holder, state=State.UNDER_REVIEW).order_by("pk")
    ended = [
        standing
        for standing in held.select_for_update(of=("self",)).select_related(
            "submission__respondent", "submission__round"
        )
        if not can_read_for(holder, standing.submission.respondent) and not _questions(standing.submission).exists()
    ]
    for standing in ended:
        _release(standing)
    for standing in ended:
        _record_move("submission released", standing, standing.submission, by)


@transaction.atomic
def save_remark(*, item: SubmissionItem, kind: str, question: str = "", by: User) -> Remark:
    """Note an item, or write a question about it; replaces the remark that it has until questions are sent."""
    standing = _lock_as_holder(item.submission, by)
    if standing.state != State.UNDER_REVIEW:
        raise NotAllowed("remarks are made while a submission is under review")
    if kind not in RemarkKind.values:
        raise ValidationError({"kind": _("Choose a remark.")})
    question = question.strip() if kind == RemarkKind.QUESTION else ""
    if kind == RemarkKind.QUESTION and not question:
        raise ValidationError({"question": _("Write the question.")})
    if problems := problems_of(question, TEXT_LIMIT):
        raise ValidationError({"question": problems})
    remark = Remark.everyones.filter(item=item).first() or Remark(item=item)
    fill_remark(remark, kind, question, by=by, at=timezone.now())
    remark.save()
    _record_reading("item remarked", item.submission, by, after=item.unit.full_label)
    return remark


@transaction.atomic
def note_rest(*, submission: Submission, items: list[SubmissionItem], by: User) -> int:
    """Note those of the items that have no remark yet; return how many."""
    standing = _lock_as_holder(submission, by)
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
def send_questions(*, submission: Submission, by: User) -> int:
    """Deliver all questions at once to the State; return how many."""
    standing = _lock_as_holder(submission, by)
    questions = _questions(submission)
    asked = questions.count()
    if not asked:
        raise ValidationError(_("There is no question to send."))
    _move(standing, "ask")
    standing.asked_at = timezone.now()
    standing.save(update_fields=["state", "asked_at"])
    questions.update(sent_at=standing.asked_at)
    _record_move("questions sent", standing, submission, by, after=f"{asked} questions ")
    _notify_focal_points(submission, NotificationKind.QUESTIONS, submission.get_questions_url(), questions=asked)
    return asked


@transaction.atomic
def close_reading(*, submission: Submission, by: User) -> None:
    """End the reading, and with it that of the submissions whose questions this one answers. Questions may stay
    unanswered: each reading closes with their count. Refused where a later submission, not withdrawn, supersedes it.
    """
    chain = submission.chain
    standings = SubmissionState.everyones.filter(pk__in=[one.pk for one in chain]).order_by("pk")
    by_pk = {standing.pk: standing for standing in standings.select_for_update()}
    _refuse_unless_holder(by_pk[submission.pk], submission, by)
    if _has_later_submission(submission):
        raise NotAllowed("the reading goes on in a later submission")
    waiting = [one for one in chain[1:] if by_pk[one.pk].state == State.CLARIFICATION_REQUESTED]
    closed = [*reversed(waiting), submission]
    for one in closed:
        standing = by_pk[one.pk]
        _move(standing, "close")
        standing.closed_at, standing.unanswered = timezone.now(), unanswered_questions(one)
        standing.save(update_fields=["state", "closed_at", "unanswered"])
    for one in closed:
        _record_move("review closed", by_pk[one.pk], one, by, after=f"{by_pk[one.pk].unanswered} unanswered ")
    unanswered = by_pk[submission.pk].unanswered
    _notify_focal_points(
        submission, NotificationKind.REVIEW_CLOSED, submission.get_absolute_url(), unanswered=unanswered
    )


@transaction.atomic
def save_reply(*, remark: Remark, text: str, base: int, withdrawn: int | None = None, by: User) -> Reply | None:
    """Answer a question in words, as the next reply; None when it says nothing new. It is handed in with the next
    submission. `base` is the number of the reply that this was begun from, 0 where there was none; `withdrawn` the
    withdrawal from it.
    """
    submission = remark.item.submission
    if not can_submit(by, submission.respondent):
        raise PermissionDenied
    SubmissionState.everyones.select_for_update().get(pk=submission.pk)
    if remark.sent_at is None or not _is_open(submission):
        raise NotAllowed("this question is not open")
    if not text.strip():
        raise ValidationError({"text": _("Write the answer.")})
    current = Reply.everyones.filter(remark=remark).order_by("number").last()
    if current and current.text == text:
        return None
    if (base, withdrawn) != ((current.number, current.withdrawal_id) if current else (0, None)):
        raise NotAllowed("somebody else has answered, or words were withdrawn, meanwhile")
    reply = next_reply(remark, base, text, by=by, at=timezone.now())
    reply.save(force_insert=True)
    _record("question answered", submission, by, after=reference(reply))
    return reply


def fill_remark(remark: Remark, kind: str, question: str, *, by: User, at: datetime) -> None:
    """Say it in a remark. Saves nothing."""
    remark.kind, remark.question, remark.author, remark.saved_at = kind, question, by, at
    remark.salts, remark.field_digests = salted(remark.digested_fields())
    remark.digest = remark.compute_digest()


def next_reply(remark: Remark, base: int, text: str, *, by: User, at: datetime) -> Reply:
    """The reply that follows number `base`. Saves nothing."""
    reply = Reply(remark=remark, number=base + 1, text=text, author=by, saved_at=at)
    reply.salts, reply.field_digests = salted(reply.digested_fields())
    reply.digest = reply.compute_digest()
    return reply


def reference(reply: Reply) -> str:
    """As an event names it."""
    return f"reply {reply.number} {reply.digest}"


def _questions(submission: Submission) -> QuerySet[Remark]:
    return Remark.everyones.filter(item__submission=submission, kind=RemarkKind.QUESTION)


def _later_submissions(submission: Submission) -> QuerySet[Submission]:
    of_the_round = Submission.everyones.filter(respondent=submission.respondent, round=submission.round)
    return of_the_round.filter(number__gt=submission.number)


def _has_later_submission(submission: Submission) -> bool:
    return _later_submissions(submission).exclude(standing__state=State.WITHDRAWN).exists()


def _is_open(submission: Submission) -> bool:
    """Whether the State may answer questions about this submission now."""
    current = current_submission(submission.respondent, submission.round)
    if next_submission(submission.round, current) != NextSubmission.ANSWERS_ALONE:
        return False
    return asking_submission(current) == submission


def _lock(submission: Submission, by: User) -> SubmissionState:
    if not can_read_for(by, submission.respondent):
        raise PermissionDenied
    return SubmissionState.everyones.select_for_update().get(pk=submission.pk)


def _lock_as_holder(submission: Submission, by: User) -> SubmissionState:
    standing = _lock(submission, by)
    _refuse_unless_holder(standing, submission, by)
    return standing


def _refuse_unless_holder(standing: SubmissionState, submission: Submission, by: User) -> None:
    if not can_read_for(by, submission.respondent):
        raise PermissionDenied
    if standing.taken_by_id is None:
        raise NotAllowed("nobody has taken it")
    if standing.taken_by_id != by.pk:
        raise PermissionDenied


def _has_no_reader(standing: SubmissionState, respondent: Respondent) -> bool:
    holder = standing.taken_by if standing.state in TAKEN_OVER_IN else None
    return holder is not None and not can_read_for(holder, respondent)


def _take_over(standing: SubmissionState, submission: Submission, by: User) -> None:
    if _has_later_submission(submission):
        raise NotAllowed("the reading goes on in a later submission")
    former, standing.taken_by, standing.taken_at = standing.taken_by_id, by, timezone.now()
    standing.save(update_fields=["taken_by", "taken_at"])
    _record_move("submission taken over", standing, submission, by, before=f"person {former}", after=f"person {by.pk} ")


def _release(standing: SubmissionState) -> None:
    _move(standing, "release")
    standing.taken_by = standing.taken_at = None
    standing.save(update_fields=["state", "taken_by", "taken_at"])


def _move(standing: SubmissionState, transition: str) -> None:
    standing.state = next_state(SUBMISSION, transition, standing.state)


def _record_reading(action: str, submission: Submission, by: User, after: str) -> None:
    """In the site's chain: the State reads its own, and a reading under way is not for it."""
    record_event(action=action, target=f"submission {submission.reference}", by=by, after=after)


def _record_move(
    action: str, standing: SubmissionState, submission: Submission, by: User, before: str = "", after: str = ""
) -> None:
    """With the digest of where the submission stands now, by which a change past the actions is found."""
    _record(action, submission, by, before=before, after=f"{after}{standing_digest(standing)}")


def _record(action: str, submission: Submission, by: User, before: str = "", after: str = "") -> None:
    record_event(
        action=action,
        target=f"submission {submission.reference}",
        by=by,
        respondent=submission.respondent,
        before=before,
        after=after,
    )


def _notify_focal_points(submission: Submission, kind: NotificationKind, path: str, **context: object) -> None:
    notify(
        focal_points_of(submission.respondent),
        kind=kind,
        thing=submission.reference,
        path=path,
        submission=submission,
        context=context,
    )

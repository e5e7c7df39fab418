"""Reading what was handed in: taking it, noting and asking item by item, sending all questions at once, closing."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tracker.actions.event import record_event
from tracker.actions.notification import notify
from tracker.models import Remark, Reply, Submission, SubmissionItem, SubmissionReply, SubmissionState, User
from tracker.models.digest import salted, sha256
from tracker.models.notification import Kind
from tracker.models.submission import NextHandIn
from tracker.permissions import can_hand_in, can_read_for, focal_points_of
from tracker.reports.check import current_submission
from tracker.workflow import SUBMISSION, NotAllowed, next_hand_in, next_state

State = SubmissionState.State


@transaction.atomic
def take_submission(*, submission: Submission, by: User) -> None:
    """Begin to read: one reviewer holds a submission, and only the newest of its round can be taken."""
    standing = _locked(submission, by)
    if Submission.everyones.filter(
        respondent=submission.respondent, round=submission.round, number__gt=submission.number
    ).exists():
        raise NotAllowed("a later submission supersedes this one")
    _move(standing, "take")
    standing.taken_by, standing.taken_at = by, timezone.now()
    standing.save(update_fields=["state", "taken_by", "taken_at"])
    _record("submission taken", submission, by)


@transaction.atomic
def release_submission(*, submission: Submission, by: User) -> None:
    """Give a submission back to the queue; not once something has been asked."""
    standing = _held(submission, by)
    if Remark.everyones.filter(item__submission=submission, kind=Remark.Kind.QUESTION).exists():
        raise NotAllowed("something has been asked")
    _move(standing, "release")
    standing.taken_by = standing.taken_at = None
    standing.save(update_fields=["state", "taken_by", "taken_at"])
    _record("submission released", submission, by)


@transaction.atomic
def remark_on(*, item: SubmissionItem, kind: str, question: str = "", by: User) -> Remark:
    """Note an item, or write a question about it; replaces the remark that it has until questions are sent."""
    standing = _held(item.submission, by)
    if standing.state != State.UNDER_REVIEW:
        raise NotAllowed("remarks are made while a submission is under review")
    if kind not in Remark.Kind.values:
        raise ValidationError({"kind": _("Choose a remark.")})
    question = question.strip() if kind == Remark.Kind.QUESTION else ""
    if kind == Remark.Kind.QUESTION and not question:
        raise ValidationError({"question": _("Write the question.")})
    remark = _write(Remark.everyones.filter(item=item).first() or Remark(item=item), kind, question, by)
    remark.save()
    _record_reading("item remarked", item.submission, by, after=item.unit.label)
    return remark


@transaction.atomic
def note_rest(*, submission: Submission, items: list[SubmissionItem], by: User) -> int:
    """Note those of the items that have no remark yet; return how many."""
    standing = _held(submission, by)
    if standing.state != State.UNDER_REVIEW:
        raise NotAllowed("remarks are made while a submission is under review")
    remarked = set(Remark.everyones.filter(item__submission=submission).values_list("item_id", flat=True))
    rest = [item for item in items if item.pk not in remarked and item.submission_id == submission.pk]
    Remark.everyones.bulk_create(_write(Remark(item=item), Remark.Kind.NOTED, "", by) for item in rest)
    _record_reading("items noted", submission, by, after=f"{len(rest)} items")
    return len(rest)


@transaction.atomic
def send_questions(*, submission: Submission, by: User) -> int:
    """Deliver all questions at once to the State; return how many."""
    standing = _held(submission, by)
    questions = Remark.everyones.filter(item__submission=submission, kind=Remark.Kind.QUESTION)
    digests = list(questions.order_by("item__position").values_list("digest", flat=True))
    if not digests:
        raise ValidationError(_("There is no question to send."))
    _move(standing, "ask")
    standing.asked_at = timezone.now()
    standing.save(update_fields=["state", "asked_at"])
    questions.update(sent_at=standing.asked_at)
    _record("questions sent", submission, by, after=f"{len(digests)} questions {sha256(digests)}")
    _tell_the_state(submission, Kind.QUESTIONS, questions=len(digests))
    return len(digests)


@transaction.atomic
def close_review(*, submission: Submission, by: User) -> None:
    """End the reading. Questions may stay unanswered: the reading closes with their count."""
    standing = _held(submission, by)
    _move(standing, "close")
    standing.closed_at = timezone.now()
    standing.unanswered = unanswered_questions(submission)
    standing.save(update_fields=["state", "closed_at", "unanswered"])
    _record("review closed", submission, by, after=f"{standing.unanswered} unanswered")
    _tell_the_state(submission, Kind.REVIEW_CLOSED, unanswered=standing.unanswered)


@transaction.atomic
def reply_to(*, remark: Remark, text: str, base: int, by: User) -> Reply | None:
    """Answer a question in words, as the next reply; None when it says nothing new. It is handed in with the next
    submission. `base` is the number of the reply that this was begun from, 0 where there was none.
    """
    submission = remark.item.submission
    if not can_hand_in(by, submission.respondent):
        raise PermissionDenied
    SubmissionState.everyones.select_for_update().get(pk=submission.pk)
    if remark.sent_at is None or not _is_open(submission):
        raise NotAllowed("this question is not open")
    if not text.strip():
        raise ValidationError({"text": _("Write the answer.")})
    current = Reply.everyones.filter(remark=remark).order_by("number").last()
    if current and current.text == text:
        return None
    if base != (current.number if current else 0):
        raise NotAllowed("somebody else has answered meanwhile")
    reply = Reply(remark=remark, number=base + 1, text=text, author=by)
    reply.salts, reply.field_digests = salted(reply.digested_fields())
    reply.digest = reply.compute_digest()
    reply.save(force_insert=True)
    _record("question answered", submission, by, after=f"reply {reply.number} {reply.digest}")
    return reply


def unanswered_questions(submission: Submission) -> int:
    """Questions asked up to a submission that neither words nor a new revision, handed in later, have answered."""
    of_the_round = Submission.everyones.filter(respondent=submission.respondent, round=submission.round)
    questions = Remark.everyones.filter(item__submission__in=of_the_round, sent_at__isnull=False)
    in_words = set(
        SubmissionReply.everyones.filter(submission__in=of_the_round).values_list("reply__remark_id", flat=True)
    )
    newest = of_the_round.order_by("number").last()
    anew = dict(SubmissionItem.everyones.filter(submission=newest).values_list("unit_id", "revision_id"))
    return sum(
        question.pk not in in_words and anew.get(question.item.unit_id) == question.item.revision_id
        for question in questions.filter(item__submission__number__lte=submission.number).select_related("item")
    )


def _is_open(submission: Submission) -> bool:
    """Whether the State may answer questions about this submission now."""
    current = current_submission(submission.respondent, submission.round)
    if next_hand_in(submission.round, current) != NextHandIn.ANSWERS_ALONE:
        return False
    return submission.pk in {current.pk, current.answers_to_id}


def _locked(submission: Submission, by: User) -> SubmissionState:
    if not can_read_for(by, submission.respondent):
        raise PermissionDenied
    return SubmissionState.everyones.select_for_update().get(pk=submission.pk)


def _held(submission: Submission, by: User) -> SubmissionState:
    standing = _locked(submission, by)
    if standing.taken_by_id != by.pk:
        raise PermissionDenied
    return standing


def _move(standing: SubmissionState, transition: str) -> None:
    standing.state = next_state(SUBMISSION, transition, standing.state)


def _write(remark: Remark, kind: str, question: str, by: User) -> Remark:
    remark.kind, remark.question, remark.author, remark.saved_at = kind, question, by, timezone.now()
    remark.salts, remark.field_digests = salted(remark.digested_fields())
    remark.digest = remark.compute_digest()
    return remark


def _record_reading(action: str, submission: Submission, by: User, after: str) -> None:
    """In the site's chain: the State reads its own, and a reading under way is not for it."""
    record_event(action=action, target=f"submission {submission.reference}", by=by, after=after)


def _record(action: str, submission: Submission, by: User, after: str = "") -> None:
    record_event(
        action=action,
        target=f"submission {submission.reference}",
        by=by,
        respondent=submission.respondent,
        after=after,
    )


def _tell_the_state(submission: Submission, kind: Kind, **context) -> None:
    notify(
        focal_points_of(submission.respondent),
        kind=kind,
        thing=submission.reference,
        path=submission.get_absolute_url(),
        context={"submission": submission.reference, **context},
    )

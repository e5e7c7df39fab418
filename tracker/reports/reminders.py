"""What stands to be reminded of today, and whether what a notification tells still holds when it is sent."""

from collections.abc import Iterator
from typing import NamedTuple

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils import timezone

from tracker.models import Notification, Respondent, Round, Submission, SubmissionState
from tracker.models.notification import Kind
from tracker.models.submission import NextHandIn
from tracker.reports.asked import respondents_asked
from tracker.reports.check import current_submission
from tracker.reports.questions import unanswered_questions
from tracker.workflow import next_hand_in

DUE_DAYS = (30, 7, 1)
WEEK = 7
State = SubmissionState.State


class Reminder(NamedTuple):
    """Of one respondent, for its focal points. A later `thing` replaces an earlier one that nobody has sent."""

    kind: Kind
    thing: str
    path: str
    respondent: Respondent
    round: Round
    submission: Submission | None = None


def reminders() -> Iterator[Reminder]:
    """All that stand today; those of yesterday among them, since they are told once."""
    for round_ in Round.objects.filter(state=Round.State.OPEN):
        if _days_before(round_):
            yield from _due(round_, respondents_asked(round_))
    yield from _unanswered(SubmissionState.everyones.all())


def still_holds(told: Notification) -> bool:
    """News of what is over, and a reminder that came too late or is done, are not sent any more."""
    standings = SubmissionState.everyones.filter(submission=told.submission_id)
    if told.kind == Kind.ROUND_OPENED:
        return told.round.state == Round.State.OPEN
    if told.kind == Kind.QUESTIONS:
        return standings.filter(state=State.CLARIFICATION_REQUESTED).exists()
    if told.kind == Kind.DUE and told.respondent:
        return told.thing in {reminder.thing for reminder in _due(told.round, [told.respondent])}
    if told.kind == Kind.UNANSWERED:
        return told.thing in {reminder.thing for reminder in _unanswered(standings)}
    return True


def _due(round_: Round, respondents: list[Respondent]) -> Iterator[Reminder]:
    """Of those that have handed in nothing that stands."""
    if round_.state != Round.State.OPEN or not (days := _days_before(round_)):
        return
    done = _respondents_done(round_)
    for respondent in respondents:
        if respondent.pk not in done:
            yield Reminder(
                kind=Kind.DUE,
                thing=f"{respondent.code}/{round_.code} {round_.due_on.isoformat()} {days} days",
                path=reverse("check", args=[respondent.code, round_.code]),
                respondent=respondent,
                round=round_,
            )


def _unanswered(standings: QuerySet[SubmissionState]) -> Iterator[Reminder]:
    """Of the newest of a round about which questions are open, while its State can answer and has not answered all."""
    later = SubmissionState.everyones.filter(
        state=State.CLARIFICATION_REQUESTED,
        submission__respondent=OuterRef("submission__respondent"),
        submission__round=OuterRef("submission__round"),
        submission__number__gt=OuterRef("submission__number"),
    )
    asking = standings.filter(~Exists(later), state=State.CLARIFICATION_REQUESTED)
    for standing in asking.select_related("submission__respondent", "submission__round"):
        submission, weeks = standing.submission, _weeks(standing)
        if weeks and _can_be_answered(submission) and unanswered_questions(submission):
            yield Reminder(
                kind=Kind.UNANSWERED,
                thing=f"{submission.reference} week {weeks}",
                path=submission.get_questions_url(),
                respondent=submission.respondent,
                round=submission.round,
                submission=submission,
            )


def _can_be_answered(submission: Submission) -> bool:
    current = current_submission(submission.respondent, submission.round)
    return next_hand_in(submission.round, current) == NextHandIn.ANSWERS_ALONE


def _days_before(round_: Round) -> int | None:
    """Which of the reminders stands: the last whose day has come since the round opened, until the due date is over.

    A job that missed the day itself makes up for it.
    """
    days_when_opened = (round_.due_on - timezone.localdate(round_.opened_at)).days
    come = [days for days in DUE_DAYS if 0 <= round_.days_left <= days <= days_when_opened]
    return min(come, default=None)


def _weeks(standing: SubmissionState) -> int:
    """Whole weeks since the questions were sent."""
    return (timezone.localdate() - timezone.localdate(standing.asked_at)).days // WEEK


def _respondents_done(round_: Round) -> set[int]:
    """Those whose newest submission of the round stands, that is, has not been withdrawn."""
    handed_in = Submission.everyones.filter(round=round_).order_by("number")
    newest = dict(handed_in.values_list("respondent_id", "standing__state"))
    return {respondent for respondent, state in newest.items() if state != State.WITHDRAWN}

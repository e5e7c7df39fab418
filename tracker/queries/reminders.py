"""Find what to remind users of today, and whether a notification still holds when it is sent."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from recommendations.groups import group_pairs
from recommendations.models import PaperImport
from tracker.models import (
    Assignment,
    Comment,
    Membership,
    Notification,
    Participation,
    Remark,
    Respondent,
    Round,
    StatusReport,
    Submission,
    User,
    Withdrawal,
)
from tracker.models.assignment import AssignmentStage
from tracker.models.notification import NotificationKind
from tracker.models.round import CLOSING_DAYS
from tracker.models.submission import SubmissionStage
from tracker.models.user import INVITED_AS, Role
from tracker.models.withdrawal import WithdrawalStage
from tracker.permissions import focal_points_of, people_with_role
from tracker.queries.addressees import respondents_of_round
from tracker.queries.desk.team import days_to_remind, roles_to_end
from tracker.workflow import may_submit

DUE_DAYS = (30, 7, 1)
ITEM_DAYS = (7, 1)
OVERDUE = 0
WEEK = 7
State = SubmissionStage


class DueNotification(NamedTuple):
    """Address the focal points of `respondent`, the assignees in `assignments`, or `people`.

    A later reminder about the same `thing` replaces an earlier one that was not sent.
    """

    kind: NotificationKind
    thing: str
    path: str
    respondent: Respondent | None
    round: Round | None = None
    submission: Submission | None = None
    assignments: tuple[Assignment, ...] = ()
    people: tuple[User, ...] | None = None
    context: dict | None = None


def due_notifications() -> Iterator[DueNotification]:
    """Yield all reminders due today. Those of earlier days are among them; each is notified once."""
    for round_ in Round.objects.open():
        is_closing = _is_closing(round_)
        respondents = respondents_of_round(round_) if is_closing or _days_before(round_) else []
        yield from _due(round_, respondents)
        if is_closing:
            yield DueNotification(
                kind=NotificationKind.ROUND_CLOSES,
                thing=closing_thing(round_),
                path=reverse("desks"),
                respondent=None,
                round=round_,
                people=tuple(focal_points_of(*respondents)),
            )
    # No reader: the site looks at every submission, and notifies the respondent alone.
    yield from _unanswered(Participation.everyones.all())
    # No reader either: of the assignments of every respondent, its own people are notified.
    yield from _items_due(Assignment.everyones.all())
    yield from _membership_end(Membership.objects.all())


def still_holds(notification: Notification) -> bool:
    """Return whether to send a notification: not if the matter is over, the reminder late, or the work done."""
    submissions = [notification.submission] if notification.submission else []
    participations = Participation.objects.of_submissions(submissions)
    if notification.kind == NotificationKind.ROUND_OPENED and notification.round:
        return may_submit(notification.round)
    if notification.kind == NotificationKind.ROUND_CLOSES and notification.round:
        return may_submit(notification.round) and notification.thing.startswith(_closing_date(notification.round))
    if notification.kind == NotificationKind.CLARIFICATIONS:
        return participations.filter(state=State.CLARIFICATION_REQUESTED).exists()
    if notification.kind == NotificationKind.DUE and notification.respondent and notification.round:
        return notification.thing in {
            reminder.thing for reminder in _due(notification.round, [notification.respondent])
        }
    if notification.kind == NotificationKind.UNANSWERED:
        return notification.thing in {reminder.thing for reminder in _unanswered(participations)}
    if notification.kind == NotificationKind.PAPER_OFFERED:
        return any(PaperImport.objects.filter(pk=notification.context["paper_import"]).offered())
    if notification.kind == NotificationKind.MEMBERSHIP_ENDING:
        ending = _membership_end(Membership.objects.filter(pk=notification.context["membership"]))
        return notification.thing in {reminder.thing for reminder in ending}
    return not notification.respondent or _still_holds_on_desk(notification, notification.respondent)


def _still_holds_on_desk(notification: Notification, respondent: Respondent) -> bool:
    if notification.kind == NotificationKind.REMOVAL_REQUESTED:
        own = Withdrawal.objects.visible_to(notification.user), Withdrawal.objects.headers_for(notification.user)
        pending = {"pk": notification.context["withdrawal"], "state": WithdrawalStage.REQUESTED}
        return any(withdrawals.filter(**pending).exists() for withdrawals in own)
    if notification.kind == NotificationKind.MENTIONED:
        return Comment.objects.visible_to(notification.user).filter(pk=notification.context["comment"]).exists()
    if notification.kind == NotificationKind.STATUS_REPORTED:
        return (
            StatusReport.objects.visible_to(notification.user)
            .waiting()
            .filter(pk=notification.context["report"])
            .exists()
        )
    assignments = Assignment.objects.for_whole_desk(respondent)
    if notification.kind == NotificationKind.RETURNED:
        return assignments.filter(pk=notification.context["assignment"], state=AssignmentStage.RETURNED).exists()
    if notification.kind == NotificationKind.ITEMS_READY:
        return assignments.filter(state=AssignmentStage.READY).exists()
    assigned = notification.user.units_assigned(respondent.pk, is_written=True)
    if notification.kind == NotificationKind.ASSIGNED:
        return assigned.exists()
    if notification.kind == NotificationKind.ITEMS_DUE:
        return notification.thing in {reminder.thing for reminder in _items_due(assignments.filter(unit__in=assigned))}
    return True


def _membership_end(memberships: QuerySet[Membership]) -> Iterator[DueNotification]:
    """Remind the user, the focal points of the State, and administrators for roles that only they can renew."""
    for membership, until, days in roles_to_end(memberships):
        reminder = DueNotification(
            kind=NotificationKind.MEMBERSHIP_ENDING,
            thing=f"membership {membership.pk} until {until} {days} days",
            path=reverse("account"),
            respondent=membership.respondent,
            people=(membership.user,),
            context={"membership": membership.pk},
        )
        yield reminder
        if membership.respondent:
            path = reverse("people", args=[membership.respondent.code])
            yield reminder._replace(people=tuple(focal_points_of(membership.respondent)), path=path)
        if membership.role not in INVITED_AS:
            path = reverse("admin:tracker_membership_change", args=[membership.pk])
            yield reminder._replace(people=tuple(people_with_role(Role.ADMINISTRATOR)), path=path)


def _items_due(assignments: QuerySet[Assignment]) -> Iterator[DueNotification]:
    soon = timezone.localdate() + timedelta(days=max(ITEM_DAYS))
    found = assignments.filter(state__in=Assignment.TO_BE_WRITTEN, due_on__lte=soon).select_related("respondent")
    groups = group_pairs(
        ((row.respondent, row.due_on, stage), row)
        for row in found.order_by("respondent", "due_on", "pk")
        if row.due_on and (stage := _stage(row, row.due_on)) is not None
    )
    for (respondent, due_on, days), rows in groups.items():
        yield DueNotification(
            kind=NotificationKind.ITEMS_DUE,
            thing=f"{respondent.code} items due {due_on.isoformat()} {f'{days} days' if days else 'overdue'}",
            path=reverse("respondent_desk", args=[respondent.code]),
            respondent=respondent,
            assignments=tuple(rows),
            context={"due": due_on.isoformat(), "days": days},
        )


def _stage(row: Assignment, due_on: date) -> int | None:
    """Return which reminder is due: the last whose day has come since the assignment, or that the due date passed."""
    if due_on < timezone.localdate():
        return OVERDUE
    return days_to_remind(ITEM_DAYS, timezone.localdate(row.assigned_at), due_on)


def _due(round_: Round, respondents: list[Respondent]) -> Iterator[DueNotification]:
    if not may_submit(round_) or not (days := _days_before(round_)):
        return
    done = set(Submission.objects.counted_in(round_).not_withdrawn().values_list("respondent_id", flat=True))
    for respondent in respondents:
        if respondent.pk not in done:
            yield DueNotification(
                kind=NotificationKind.DUE,
                thing=f"{respondent.code}/{round_.code} {round_.due_on.isoformat()} {days} days",
                path=reverse("check", args=[respondent.code, round_.code]),
                respondent=respondent,
                round=round_,
            )


def _unanswered(participations: QuerySet[Participation]) -> Iterator[DueNotification]:
    waiting = participations.filter(state=State.CLARIFICATION_REQUESTED, current__isnull=False)
    for participation in waiting.select_related("current__respondent", "current__round", "respondent", "round"):
        submission = participation.current
        asked_on = timezone.localdate(participation.asked_at)
        weeks = (timezone.localdate() - asked_on).days // WEEK
        if weeks and submission:
            yield DueNotification(
                kind=NotificationKind.UNANSWERED,
                thing=f"{participation.reference} {asked_on.isoformat()} week {weeks}",
                path=submission.get_clarifications_url(),
                respondent=participation.respondent,
                round=participation.round,
                submission=submission,
                context={"recommendations": _labels_of_open(participation)},
            )


def _labels_of_open(participation: Participation) -> list[str]:
    open_ = Remark.objects.for_readers_of(participation.respondent).open()
    open_ = open_.filter(item__submission__participation=participation).select_related("item__unit")
    return [remark.item.unit.full_label for remark in open_.order_by("item__position")]


def _days_before(round_: Round) -> int | None:
    """Return which reminder is due: the last whose day has come since the round opened, missed days included."""
    if round_.days_left < 0:
        return None
    return days_to_remind(DUE_DAYS, timezone.localdate(round_.opened_at), round_.due_on)


def closing_thing(round_: Round) -> str:
    """Name the notice that is due now. If the date is at most 30 days ahead, notice and reminder have the same name."""
    notice = f"{CLOSING_DAYS} days" if _is_closing(round_) else f"set {timezone.now().isoformat()}"
    return f"{_closing_date(round_)} {notice}"


def _closing_date(round_: Round) -> str:
    return f"{round_.code} closes {round_.closes_on}"


def _is_closing(round_: Round) -> bool:
    return round_.closes_on is not None and round_.closes_on <= timezone.localdate() + timedelta(days=CLOSING_DAYS)

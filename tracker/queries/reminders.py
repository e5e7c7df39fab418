"""Find what to remind users of today, and whether a notification still holds when it is sent."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from typing import Any, NamedTuple

from django.db.models import F, Max, QuerySet
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
    Revision,
    Round,
    StatusReport,
    Submission,
    User,
    Withdrawal,
)
from tracker.models.answer_fields import UNFINISHED
from tracker.models.assignment import AssignmentStage
from tracker.models.notification import NotificationKind
from tracker.models.round import CLOSING_DAYS
from tracker.models.state_owned import StateOwned
from tracker.models.submission import SubmissionStage
from tracker.models.user import INVITED_AS, Role
from tracker.models.withdrawal import WithdrawalStage
from tracker.permissions import contributors_of, focal_points_of, people_with_role
from tracker.queries.addressees import respondents_of_round
from tracker.queries.desk.team import days_to_remind, roles_to_end
from tracker.queries.desk.units import SITUATION, TWELVE_MONTHS
from tracker.workflow import may_submit

DUE_DAYS = (30, 7, 1)
ITEM_DAYS = (7, 1)
OVERDUE = -1
WEEK = timedelta(days=7)
State = SubmissionStage


class Reminder(NamedTuple):
    """Remind `people` of a date that passed or comes soon. `about`: its part of the mail; `day`: the day since which
    there is a reason, by which a reminder is new; `path`: the list that shows the date.

    `people` is None for the focal points of `respondent`. Without a respondent it is about the whole site.
    """

    about: str
    day: date
    path: str
    respondent: Respondent | None
    people: tuple[User, ...] | None = None
    context: dict[str, Any] = {}


def find_reminders(respondent: Respondent | None = None) -> Iterator[Reminder]:
    """Yield the reminders of one respondent or of all: also those of earlier days that still hold."""
    for round_ in Round.objects.open():
        yield from _rounds_end(round_, respondent)
    yield from _unanswered(_rows_of(Participation, respondent))
    yield from _items_due(_rows_of(Assignment, respondent))
    yield from _answers_passed(_rows_of(Revision, respondent))
    memberships = Membership.objects.all()
    yield from _membership_end(memberships.filter(respondent=respondent) if respondent else memberships)


def _rows_of(model: type[StateOwned], respondent: Respondent | None) -> QuerySet:
    # No reader: the site looks at the dates of every respondent, and notifies its own people.
    rows = model.everyones.all()
    return rows.filter(**{model.respondent_path: respondent}) if respondent else rows


def reminders_by_person(respondent: Respondent | None = None) -> dict[tuple[User, Respondent | None], list[Reminder]]:
    """Return the reminders of each person and respondent; None for what is about the whole site."""
    focal_points = cache(focal_points_of)
    return dict(
        group_pairs(
            ((person, reminder.respondent), reminder)
            for reminder in find_reminders(respondent)
            for person in (focal_points(reminder.respondent) if reminder.people is None else reminder.people)
        )
    )


def reminders_of(notification: Notification) -> list[Reminder]:
    """Return what a notification of today reminds its user of; nothing for one that was not sent on its day."""
    if not notification.thing.endswith(timezone.localdate().isoformat()):
        return []
    key = notification.user, notification.respondent
    return reminders_by_person(notification.respondent).get(key, [])


def still_holds(notification: Notification) -> bool:
    """Return whether to send a notification: not if the matter is over, the reminder late, or the work done."""
    submissions = [notification.submission] if notification.submission else []
    participations = Participation.objects.of_submissions(submissions)
    if notification.kind == NotificationKind.REMINDERS:
        return reminders_of(notification) != []
    if notification.kind == NotificationKind.ROUND_OPENED and notification.round:
        return may_submit(notification.round)
    if notification.kind == NotificationKind.ROUND_CLOSES and notification.round:
        names = name_due_date(notification.round), name_closing_date(notification.round)
        return may_submit(notification.round) and notification.thing.startswith(names)
    if notification.kind == NotificationKind.ROUND_REMINDER and notification.round:
        done = set(Submission.objects.counted_in(notification.round).values_list("respondent", flat=True))
        missing = [state for state in notification.user.focal_point_of if state.pk not in done]
        return may_submit(notification.round) and missing != []
    if notification.kind == NotificationKind.CLARIFICATIONS:
        return participations.filter(state=State.CLARIFICATION_REQUESTED).exists()
    if notification.kind == NotificationKind.PAPER_OFFERED:
        return any(PaperImport.objects.filter(pk=notification.context["paper_import"]).offered())
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
    if notification.kind == NotificationKind.ASSIGNED:
        return notification.user.units_assigned(respondent.pk, is_written=True).exists()
    return True


def _rounds_end(round_: Round, respondent: Respondent | None) -> Iterator[Reminder]:
    days, is_closing = _days_before(round_), _is_closing(round_)
    if not may_submit(round_) or not (days or is_closing):
        return
    done = set(Submission.objects.counted_in(round_).not_withdrawn().values_list("respondent_id", flat=True))
    for state in respondents_of_round(round_):
        if respondent not in (None, state):
            continue
        if days and state.pk not in done:
            path = reverse("check", args=[state.code, round_.code])
            yield Reminder("due", _before(round_.due_on, days), path, state, context={"round": round_})
        if is_closing and round_.closes_on:
            path = reverse("respondent_desk", args=[state.code])
            yield Reminder("closes", _before(round_.closes_on, CLOSING_DAYS), path, state, context={"round": round_})


def _unanswered(participations: QuerySet[Participation]) -> Iterator[Reminder]:
    """Remind every week after the requests, and when the day has passed by which a reply was requested."""
    waiting = participations.filter(state=State.CLARIFICATION_REQUESTED, current__isnull=False)
    for participation in waiting.select_related("current__respondent", "current__round", "respondent", "round"):
        submission, today = participation.current, timezone.localdate()
        open_ = Remark.objects.for_readers_of(participation.respondent).open()
        open_ = open_.filter(item__submission__participation=participation).order_by("item__position")
        remarks = list(open_.select_related("item__unit"))
        asked_on = timezone.localdate(participation.asked_at)
        weeks = (today - asked_on) // WEEK
        days = [asked_on + weeks * WEEK] if weeks else []
        days += [_before(remark.reply_by, OVERDUE) for remark in remarks if remark.reply_by and remark.is_overdue]
        if days and submission:
            path = submission.get_clarifications_url()
            labels = [remark.item.unit.label_with_title for remark in remarks]
            context = {"submission": submission, "asked": asked_on, "labels": labels}
            yield Reminder("unanswered", max(days), path, participation.respondent, context=context)


def _items_due(assignments: QuerySet[Assignment]) -> Iterator[Reminder]:
    """Remind the assignees before and after the due date, and the focal points after it."""
    soon = timezone.localdate() + timedelta(days=max(ITEM_DAYS))
    found = assignments.filter(state__in=Assignment.TO_BE_WRITTEN, due_on__lte=soon).select_related("respondent")
    groups = group_pairs(
        ((row.respondent, row.due_on, days), row)
        for row in found.order_by("respondent", "due_on", "pk")
        if row.due_on and (days := _stage(row, row.due_on))
    )
    overdue: dict[Respondent, date] = {}
    for (respondent, due_on, days), rows in groups.items():
        path, context = reverse("respondent_desk", args=[respondent.code]), {"due": due_on, "is_over": days == OVERDUE}
        people = tuple(contributors_of(rows))
        yield Reminder("items_due", _before(due_on, days), path, respondent, people, context)
        if days == OVERDUE:
            overdue[respondent] = _before(due_on, OVERDUE)
    for respondent, day in overdue.items():
        yield Reminder("items_over", day, reverse("assignment_list", args=[respondent.code]), respondent)


def _stage(row: Assignment, due_on: date) -> int | None:
    """Return which reminder is due: the last whose day has come since the assignment, or that the due date passed."""
    if due_on < timezone.localdate():
        return OVERDUE
    return days_to_remind(ITEM_DAYS, timezone.localdate(row.assigned_at), due_on)


def _answers_passed(revisions: QuerySet[Revision]) -> Iterator[Reminder]:
    """Lead to the list, without a word or a number of the answers."""
    today = timezone.localdate()
    by_respondent = revisions.filter(record__current=F("pk")).order_by().values_list("record__respondent")
    targets = by_respondent.filter(status__in=UNFINISHED, target_date__lt=today).annotate(Max("target_date"))
    old = by_respondent.alias(situation=SITUATION).filter(situation__lt=today - TWELVE_MONTHS)
    situations = old.annotate(Max("situation"))
    respondents = Respondent.objects.in_bulk()
    for about, query, rows, lasts in (
        ("target", "target=passed", targets, timedelta(0)),
        ("situation", "situation=old", situations, TWELVE_MONTHS),
    ):
        for key, newest in rows:
            path = f"{reverse('record_list', args=[respondents[key].code])}?{query}"
            yield Reminder(about, _before(newest + lasts, OVERDUE), path, respondents[key])


def _membership_end(memberships: QuerySet[Membership]) -> Iterator[Reminder]:
    """Remind the user, the focal points of the State, and administrators for roles that only they can renew."""
    for membership, until, days in roles_to_end(memberships):
        own = Reminder(
            "membership",
            _before(until, days),
            reverse("account"),
            membership.respondent,
            (membership.user,),
            {"membership": membership},
        )
        yield own
        if membership.respondent:
            others = [person for person in focal_points_of(membership.respondent) if person != membership.user]
            path = reverse("people", args=[membership.respondent.code])
            yield own._replace(people=tuple(others), path=path)
        if membership.role not in INVITED_AS:
            path = reverse("admin:tracker_membership_change", args=[membership.pk])
            administrators = [person for person in people_with_role(Role.ADMINISTRATOR) if person != membership.user]
            yield own._replace(people=tuple(administrators), path=path, respondent=None)


def _before(day: date, days: int) -> date:
    return day - timedelta(days=days)


def _days_before(round_: Round) -> int | None:
    """Return which reminder is due: the last whose day has come since the round opened, missed days included."""
    if round_.days_left < 0:
        return None
    return days_to_remind(DUE_DAYS, timezone.localdate(round_.opened_at), round_.due_on)


def name_due_date(round_: Round) -> str:
    return f"{round_.code} due {round_.due_on}"


def name_closing_date(round_: Round) -> str:
    return f"{round_.code} closes {round_.closes_on}"


def _is_closing(round_: Round) -> bool:
    return round_.closes_on is not None and round_.closes_on <= timezone.localdate() + timedelta(days=CLOSING_DAYS)

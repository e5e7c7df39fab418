"""Notify people: a row for each person, kind and thing in the action's transaction, mail after the commit."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from tracker.actions.event import record_event
from tracker.actions.tasks import send_notifications
from tracker.audit.rows import name_of
from tracker.models import Notification, Respondent, Round, Submission, UnwantedNotification, User
from tracker.models.notification import NotificationKind
from tracker.permissions import check_permission, contributors_of, focal_points_of, optional_kinds_of
from tracker.queries.reminders import DueNotification, due_notifications


def notify(
    people: Iterable[User],
    *,
    kind: NotificationKind,
    thing: str,
    path: str,
    respondent: Respondent | None = None,
    round: Round | None = None,
    submission: Submission | None = None,
    context: dict | None = None,
) -> None:
    """Notify each person of a thing once, by mail if they want this kind, in this order.

    Call it inside the action's transaction.
    """
    _write_rows(
        people,
        kind,
        thing=thing,
        path=path,
        respondent=submission.respondent if submission else respondent,
        round=submission.round if submission else round,
        submission=submission,
        context=context or {},
    )
    transaction.on_commit(lambda: send_notifications.enqueue(kind, thing), robust=True)


@transaction.atomic
def write_notifications() -> None:
    for reminder in due_notifications():
        _write_rows(
            _find_people(reminder),
            reminder.kind,
            thing=reminder.thing,
            path=reminder.path,
            respondent=reminder.respondent,
            round=reminder.round,
            submission=reminder.submission,
            context=reminder.context or {},
        )


def _find_people(reminder: DueNotification) -> list[User]:
    if reminder.people is not None:
        return list(reminder.people)
    if reminder.assignments:
        return contributors_of(reminder.assignments)
    return focal_points_of(reminder.respondent) if reminder.respondent else []


@transaction.atomic
def choose_notifications(*, wanted: set[NotificationKind], by: User) -> None:
    """Save which kinds of mail a person wants, of those that can concern them today; other choices stay."""
    possible = set(optional_kinds_of(by))
    check_permission(bool(possible) and wanted <= possible)
    User.objects.select_for_update().get(pk=by.pk)
    before = UnwantedNotification.objects.filter(user=by, kind__in=possible)
    if set(before.values_list("kind", flat=True)) == possible - wanted:
        return
    deleted = [name_of(row) for row in before]
    before.delete()
    unwanted = [kind for kind in NotificationKind if kind in possible - wanted]
    rows = UnwantedNotification.objects.bulk_create(UnwantedNotification(user=by, kind=kind) for kind in unwanted)
    record_event(
        action="notifications chosen",
        target=f"person {by.pk}",
        by=by,
        after=f"all but {', '.join(unwanted)}" if unwanted else "all",
        rows=rows,
        deleted=deleted,
    )


def _write_rows(people: Iterable[User], kind: NotificationKind, **fields: Any) -> None:
    unwanted = set(UnwantedNotification.objects.filter(kind=kind).values_list("user_id", flat=True))
    keys = dict.fromkeys(person.pk for person in people if person.pk not in unwanted)
    rows = (Notification(user_id=pk, kind=kind, **fields) for pk in keys)
    Notification.objects.bulk_create(rows, ignore_conflicts=True)

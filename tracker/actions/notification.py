"""Notify people: a row for each person, kind and thing in the action's transaction, mail after the commit."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from tracker.actions.event import save_fields
from tracker.actions.tasks import send_notifications
from tracker.models import Notification, Respondent, Round, Submission, User
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
    user = User.objects.select_for_update().get(pk=by.pk)
    before = set(user.unwanted_notifications)
    if before & possible == possible - wanted:
        return
    user.unwanted_notifications = [kind for kind in NotificationKind if kind in before - wanted | possible - wanted]
    unwanted = [kind for kind in user.unwanted_notifications if kind in possible]
    after = f"all but {', '.join(unwanted)}" if unwanted else "all"
    save_fields(user, ["unwanted_notifications"], "notifications chosen", by, after=after)


def _write_rows(people: Iterable[User], kind: NotificationKind, **fields: Any) -> None:
    keys = dict.fromkeys(person.pk for person in people if kind not in person.unwanted_notifications)
    rows = (Notification(user_id=pk, kind=kind, **fields) for pk in keys)
    Notification.objects.bulk_create(rows, ignore_conflicts=True)

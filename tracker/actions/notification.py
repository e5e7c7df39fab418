"""Notify people: a row for each person, kind and thing in the action's transaction, mail after the commit."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from tracker.actions.event import save_fields
from tracker.actions.tasks import send_notifications
from tracker.models import Notification, Respondent, Round, Submission, User
from tracker.models.notification import NotificationKind
from tracker.permissions import check_permission, optional_kinds_of
from tracker.queries.reminders import WEEK, reminders_by_person


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
def write_reminders() -> None:
    """Write a mail for each person and respondent with something new, at most one in seven days."""
    today = timezone.localdate()
    sent = Notification.objects.filter(kind=NotificationKind.REMINDERS, sent_at__isnull=False).order_by()
    last_sent = {(user, of): at for user, of, at in sent.values_list("user", "respondent").annotate(Max("sent_at"))}
    for (person, respondent), reminders in reminders_by_person().items():
        at = last_sent.get((person.pk, respondent.pk if respondent else None))
        last = timezone.localdate(at) if at else date.min
        if last + WEEK <= today and max(reminder.day for reminder in reminders) > last:
            _write_rows(
                [person],
                NotificationKind.REMINDERS,
                thing=f"{respondent.code if respondent else 'site'} {today.isoformat()}",
                path=reminders[0].path,
                respondent=respondent,
            )


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

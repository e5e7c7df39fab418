"""Telling people: a row for each person, kind and thing in the action's transaction, mail after the commit."""

from collections.abc import Iterable

from django.core.exceptions import PermissionDenied
from django.db import transaction

from tracker.models import Notification, UnwantedNotification, User
from tracker.models.notification import Kind
from tracker.tasks import send_notifications


def notify(people: Iterable[User], *, kind: Kind, thing: str, path: str = "", context: dict | None = None) -> None:
    """Tell each person of a thing once, by mail if she wants this kind. Call it inside the action's transaction."""
    wanting = {person.pk for person in people} - set(
        UnwantedNotification.objects.filter(kind=kind).values_list("user_id", flat=True)
    )
    Notification.objects.bulk_create(
        (Notification(user_id=pk, kind=kind, thing=thing, path=path, context=context or {}) for pk in sorted(wanting)),
        ignore_conflicts=True,
    )
    transaction.on_commit(lambda: send_notifications.enqueue(kind, thing), robust=True)


@transaction.atomic
def choose_notifications(*, unwanted: set[str], by: User) -> None:
    """Keep which kinds a person does not want by mail."""
    if not by.is_active or unwanted - set(Kind.values):
        raise PermissionDenied
    UnwantedNotification.objects.filter(user=by).delete()
    UnwantedNotification.objects.bulk_create(UnwantedNotification(user=by, kind=kind) for kind in sorted(unwanted))

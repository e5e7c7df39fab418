"""Later work: between the reports that it reads and the actions that enqueue it on commit."""

from django.db import transaction
from django.tasks import task
from django.utils import timezone

from tracker import mail
from tracker.models import Notification


@task
def send_notifications(kind: str, thing: str) -> None:
    """Mail what is unsent of one thing."""
    send_unsent(Notification.objects.filter(kind=kind, thing=thing))


def send_unsent(notifications) -> int:
    """Mail those that are unsent, each once however many send at the same time; return how many were sent."""
    return sum(_send(pk) for pk in notifications.filter(sent_at__isnull=True).values_list("pk", flat=True))


@transaction.atomic
def _send(pk: int) -> bool:
    unsent = Notification.objects.select_for_update().select_related("user").filter(pk=pk, sent_at__isnull=True)
    notification = unsent.first()
    if notification is None or not notification.user.is_active:
        return False
    context = {"person": notification.user, "path": notification.path, **notification.context}
    if not mail.send(f"notification_{notification.kind}", notification.user.email, **context):
        return False
    notification.sent_at = timezone.now()
    notification.save(update_fields=["sent_at"])
    return True

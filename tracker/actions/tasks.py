"""Send mail and write exports after the commit, in a worker where there is one."""

import contextlib
import hashlib
import logging
import os
import smtplib
import tempfile
import time
from datetime import date, timedelta
from typing import IO

from django.core.files import File
from django.core.files.storage import default_storage
from django.core.mail import EmailMultiAlternatives, mailers
from django.core.mail.backends.base import BaseEmailBackend
from django.tasks import task
from django.utils import timezone
from django.utils.translation import override

from recommendations.languages import language_of_site
from recommendations.models import Paper, PaperImport, Recommendation
from tracker.actions import mail
from tracker.documents.answers import can_use_export, write_workbook
from tracker.models import AccessChange, DailyLine, Export, Notification
from tracker.models.export import ExportStage, generated_name
from tracker.models.notification import NotificationKind, NotificationQuerySet
from tracker.permissions import can_notify, check_permission
from tracker.queries.reminders import reminders_of, still_holds

logger = logging.getLogger(__name__)

MAILS_WHILE_SOMEBODY_WAITS = 20
CLAIM = timedelta(minutes=10)  # far longer than one mail takes: the process that claimed it has died


@task
def send_notifications(kind: str, thing: str) -> None:
    """Mail the unsent notifications of one thing.

    Without a worker the user waits: `send_reminders` sends what exceeds the limit for that, or what the server does not
    take at once.
    """
    user_waits = not send_notifications.get_backend().supports_defer
    notifications = Notification.objects.filter(kind=kind, thing=thing)
    send_waiting(notifications, at_most=MAILS_WHILE_SOMEBODY_WAITS if user_waits else None)


def send_waiting(notifications: NotificationQuerySet, at_most: int | None = None) -> int:
    """Mail each unsent notification once, even in several processes; return how many were sent.

    What cannot be sent stays unsent and does not delay the rest. With `at_most`, no more than that many are tried, and
    none after the server has failed to answer.
    """
    sent = 0
    connection = mailers.default
    for pk in notifications.to_send(timezone.now() - CLAIM).values_list("pk", flat=True)[:at_most]:
        try:
            connection.open()
        except OSError:
            logger.exception("the mail server cannot be reached")
            break
        try:
            sent += _send(pk, connection)
        except Exception as error:
            logger.exception("notification %s was not sent", pk)
            _close(connection)
            if at_most and _is_unanswered(error):
                break
    _close(connection)
    return sent


def _send(pk: int, connection: BaseEmailBackend) -> bool:
    """Claim a notification and send it without a lock; delete it if it does not concern the person any more."""
    claimed_at = timezone.now()
    claimed = Notification.objects.filter(pk=pk).to_send(claimed_at - CLAIM).update(begun_at=claimed_at)
    if not claimed:
        return False
    related = ("user", "respondent", "round", "submission__participation")
    notification = Notification.objects.select_related(*related).get(pk=pk)
    if not _can_be_sent(notification):
        notification.delete()
        return False
    try:
        connection.send_messages([_make_mail(notification)])
    except Exception:
        Notification.objects.filter(pk=pk).update(begun_at=None)
        raise
    Notification.objects.filter(pk=pk).update(sent_at=timezone.now())
    return True


def _can_be_sent(notification: Notification) -> bool:
    if notification.kind in notification.user.unwanted_notifications:
        return False
    return can_notify(notification.user, NotificationKind(notification.kind), notification.respondent) and still_holds(
        notification
    )


def _make_mail(notification: Notification) -> EmailMultiAlternatives:
    return mail.make_mail(
        f"notifications#{notification.kind}",
        notification.user.email,
        notification.user.language,
        person=mail.isolated(notification.user.name),
        state=mail.isolated(notification.respondent.name) if notification.respondent else "",
        round=notification.round,
        submission=notification.submission,
        line=_newest_line(notification),
        reminders=reminders_of(notification) if notification.kind == NotificationKind.REMINDERS else [],
        path=notification.path,
        **notification.context | _read_codes(notification.context),
    )


def _newest_line(notification: Notification) -> DailyLine | None:
    """Return the State's newest line in a daily list, with the receipt that its focal points get."""
    if notification.kind != NotificationKind.SUBMITTED:
        return None
    return DailyLine.objects.visible_to(notification.user).filter(respondent=notification.respondent).newest()


def _read_codes(context: dict) -> dict[str, object]:
    """Return the rows and the days that the stored codes name; the mail writes them in its own language."""
    named: dict[str, object] = {"due": None}
    if change := context.get("access_change"):
        named["change"] = AccessChange.objects.with_people().get(pk=change)
    if label := context.get("label"):
        unit = Recommendation.objects.labelled([label]).first()
        named |= {"label": unit.label_with_title} if unit else {}
    if labels := context.get("recommendations"):
        named["recommendations"] = [unit.label_with_title for unit in Recommendation.objects.labelled(labels)]
    if paper := context.get("paper"):
        named["paper"] = Paper.objects.get(pk=paper)
    if paper := context.get("paper_import"):
        named["paper"] = PaperImport.objects.filter(pk=paper).first()
    if due := context.get("due"):
        named["due"] = date.fromisoformat(due)
    return named


def _is_unanswered(error: Exception) -> bool:
    if isinstance(error, smtplib.SMTPException):
        return isinstance(error, smtplib.SMTPServerDisconnected)
    return isinstance(error, OSError)


def _close(connection: BaseEmailBackend) -> None:
    with contextlib.suppress(OSError):
        connection.close()


class StaleExport(Exception):
    """The export was discarded, or given up and requested again."""


@task
def write_export(pk: int) -> None:
    export = Export.objects.select_related("owner").filter(pk=pk).first()
    if export is None or not _set_state(pk, ExportStage.QUEUED, state=ExportStage.RUNNING, alive_at=timezone.now()):
        return
    try:
        with tempfile.TemporaryFile() as file:
            _write_export(export, file)
    except StaleExport:
        return
    except Exception:
        logger.exception("export %s was not made", pk)
        _set_state(pk, ExportStage.RUNNING, state=ExportStage.FAILED, finished_at=timezone.now())


def _write_export(export: Export, file: IO[bytes]) -> None:
    """Write outside any transaction: nobody waits for a lock, and the progress can be read."""
    check_permission(can_use_export(export))
    with override(language_of_site(export.owner.language)):
        sources = write_workbook(export, file, _Progress(export.pk).save)
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    sha256 = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
    name = default_storage.save(generated_name(export, ""), File(file))
    done = {
        "state": ExportStage.DONE,
        "file": name,
        "size": size,
        "sha256": sha256,
        "sources": sources,
        "finished_at": timezone.now(),
    }
    is_saved = False
    try:
        is_saved = _set_state(export.pk, ExportStage.RUNNING, **done)
    finally:
        if not is_saved:
            default_storage.delete(name)


def _set_state(pk: int, state: ExportStage, /, **to: object) -> bool:
    return bool(Export.objects.filter(pk=pk, state=state).update(**to))


class _Progress:
    """Save the progress of an export, at most once in a second. Raises StaleExport when nobody waits for it."""

    def __init__(self, pk: int):
        self.pk = pk
        self.written_at = 0.0

    def save(self, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self.written_at < 1:
            return
        self.written_at = now
        if not _set_state(self.pk, ExportStage.RUNNING, done=done, total=total, alive_at=timezone.now()):
            raise StaleExport

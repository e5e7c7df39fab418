from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from tracker.actions.access_change import apply_due_changes
from tracker.actions.notification import write_reminders
from tracker.actions.tasks import CLAIM, send_waiting
from tracker.models import Notification


class Command(BaseCommand):
    help = (
        "Puts new e-mail addresses into effect whose time has come, writes reminders of due dates and of requests "
        "without a reply, and sends all unsent mail. A daily job that may run twice, also at the same time. Exits 1 if "
        "an e-mail could not be sent."
    )

    def handle(self, *args, verbosity, **options):
        apply_due_changes()
        write_reminders()
        sent = send_waiting(Notification.objects.all())
        unsent = Notification.objects.to_send(timezone.now() - CLAIM).count()
        if unsent:
            raise CommandError(f"{sent} mails sent, {unsent} not sent.")
        if verbosity:
            self.stdout.write(f"{sent} mails sent.")

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from tracker.actions.notification import write_notifications
from tracker.actions.tasks import CLAIM, send_waiting
from tracker.models import Notification


class Command(BaseCommand):
    help = (
        "Reminds people of due dates and of questions without an answer, and mails all that is unsent. A daily "
        "job, safe to run twice, also at the same time. Exits 1 when something could not be sent."
    )

    def handle(self, *args, verbosity, **options):
        write_notifications()
        sent = send_waiting(Notification.objects.all())
        unsent = Notification.objects.to_send(timezone.now() - CLAIM).count()
        if unsent:
            raise CommandError(f"{sent} mails sent, {unsent} not sent.")
        if verbosity:
            self.stdout.write(f"{sent} mails sent.")

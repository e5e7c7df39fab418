from django.core.management.base import BaseCommand

from tracker.actions.event import tidy_addresses


class Command(BaseCommand):
    help = "Deletes the network addresses in the audit trail that are older than EVENT_ADDRESS_DAYS. A daily job."

    def handle(self, *args, verbosity, **options):
        forgotten = tidy_addresses()
        if verbosity:
            self.stdout.write(f"Network addresses deleted: {forgotten}.")

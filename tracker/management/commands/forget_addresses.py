from django.core.management.base import BaseCommand

from tracker.actions.event import tidy_addresses
from tracker.models import RequestCount
from tracker.web.limits import current_period


class Command(BaseCommand):
    help = (
        "Deletes the network addresses in the audit trail that are older than EVENT_ADDRESS_DAYS, and the counts of "
        "requests of periods that are over. A daily job."
    )

    def handle(self, *args, verbosity, **options):
        RequestCount.objects.filter(period__lt=current_period()).delete()
        forgotten = tidy_addresses()
        if verbosity:
            self.stdout.write(f"Network addresses deleted: {forgotten}.")

from django.core.management.base import BaseCommand

from tracker.actions.search import rebuild_index


class Command(BaseCommand):
    help = "Makes the index of the search again. Needed after an upgrade for which /readyz says that it is behind."

    def handle(self, *args, **options):
        self.stdout.write(f"{rebuild_index()} texts indexed.")

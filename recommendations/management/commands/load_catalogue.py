from django.core.management.base import BaseCommand

from recommendations.fixtures import load_catalogue


class Command(BaseCommand):
    help = (
        "Adds the texts that are missing in the catalogue. Changes no existing text and nothing that curators edited."
    )

    def handle(self, *args, verbosity, **options):
        added = load_catalogue()
        if verbosity:
            self.stdout.write(f"{added} nodes added.")

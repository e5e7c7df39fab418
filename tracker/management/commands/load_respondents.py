from django.core.management.base import BaseCommand

from tracker.actions.respondent import load_respondents


class Command(BaseCommand):
    help = "Adds the States, the European Union and the Secretariat if they are missing. Changes no existing row."

    def handle(self, *args, verbosity, **options):
        added = load_respondents()
        if verbosity:
            self.stdout.write(f"{added} respondents added.")

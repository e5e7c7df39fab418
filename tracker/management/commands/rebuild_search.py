from django.core.management.base import BaseCommand, CommandError

from tracker.actions.search import rebuild_index


class Command(BaseCommand):
    help = (
        "Makes the index of the search again. Needed after an upgrade for which /readyz says that it is behind. "
        "Exits 1 if the texts of a State could not be indexed."
    )

    def handle(self, *args, **options):
        rows, left = rebuild_index()
        self.stdout.write(f"{rows} texts indexed.")
        if left:
            raise CommandError(f"Not indexed, run again: {', '.join(respondent.name for respondent in left)}.")

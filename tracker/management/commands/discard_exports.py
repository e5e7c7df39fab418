from django.core.management.base import BaseCommand, CommandError

from tracker.actions.export import tidy_export_files
from tracker.actions.workbook import tidy_workbook_rows
from tracker.models import Export


class Command(BaseCommand):
    help = (
        "Deletes the files that were made for people and kept for seven days, and what came in workbooks and was not "
        "decided on for a day. A daily job. Exits 1 when a file is left."
    )

    def handle(self, *args, verbosity, **options):
        discarded = tidy_export_files()
        tidy_workbook_rows()
        left = Export.objects.to_delete().count()
        if left:
            raise CommandError(f"{discarded} files deleted, {left} not deleted.")
        if verbosity:
            self.stdout.write(f"{discarded} files deleted.")

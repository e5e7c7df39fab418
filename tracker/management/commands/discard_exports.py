from django.core.management.base import BaseCommand, CommandError

from tracker.actions.export import tidy_export_files
from tracker.actions.held_upload import tidy_held_uploads
from tracker.actions.workbook import tidy_workbook_rows
from tracker.models import Export


class Command(BaseCommand):
    help = (
        "Deletes files that were made for users more than seven days ago, and rows of workbooks and uploaded files "
        "that nobody confirmed or saved within a day. A daily job. Exits 1 if a file could not be deleted."
    )

    def handle(self, *args, verbosity, **options):
        discarded = tidy_export_files()
        tidy_workbook_rows()
        left = tidy_held_uploads() + Export.objects.to_delete().count()
        if left:
            raise CommandError(f"{discarded} files deleted, {left} not deleted.")
        if verbosity:
            self.stdout.write(f"{discarded} files deleted.")

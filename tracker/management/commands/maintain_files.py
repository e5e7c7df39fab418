from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from tracker.actions.draft import tidy_drafts
from tracker.actions.evidence_text import keep_waiting_texts
from tracker.actions.export import tidy_export_files
from tracker.actions.held_upload import tidy_held_uploads
from tracker.actions.kept_file import tidy_kept_files
from tracker.actions.search import index_what_is_behind
from tracker.actions.stored_file import check_files, delete_unknown_files
from tracker.models import Export


class Command(BaseCommand):
    help = (
        "Deletes files that were made for users more than seven days ago, rows of workbooks and uploaded files that "
        "nobody confirmed or saved within a day, files that no row has named for a day, and kept files that were made "
        "30 days ago or before the last change of the code or the texts. Deletes the empty rows of drafts that were "
        "saved or discarded more than a day ago, and unsaved forms that nobody opened again within 30 days. Reads the "
        "text of evidence that search does not have yet, and indexes what search is behind with. Then compares a "
        "thirtieth of all files with what was saved. A daily job. Exits 1 if a file could not be deleted or differs."
    )

    def handle(self, *args, verbosity, **options):
        discarded = tidy_export_files()
        tidy_drafts()
        keep_waiting_texts()
        index_what_is_behind()
        left = tidy_held_uploads() + Export.objects.to_delete().count() + delete_unknown_files() + tidy_kept_files()
        differing = check_files(timezone.localdate())
        if left or differing:
            raise CommandError(f"{discarded} files deleted, {left} not deleted, {differing} missing or altered.")
        if verbosity:
            self.stdout.write(f"{discarded} files deleted.")

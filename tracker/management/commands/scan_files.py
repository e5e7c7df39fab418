from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from tracker.actions.evidence_text import keep_waiting_texts
from tracker.actions.file_scan import scan_stored_files


class Command(BaseCommand):
    help = (
        "Scans with ClamAV the stored files that were not scanned yet, then reads the text of evidence for search. "
        "A job of every ten minutes. Exits 1 if malware is found or a file cannot be scanned."
    )

    def add_arguments(self, parser):
        parser.add_argument("--again", action="store_true", help="Scan all files, with the signatures of today.")

    def handle(self, *args, again, verbosity, **options):
        if not settings.CLAMAV_SOCKET:
            raise CommandError("CLAMAV_SOCKET is empty.")
        counts = scan_stored_files(again=again)
        keep_waiting_texts()
        infected, waiting = counts["infected"], counts["waiting"]
        result = f"{counts['scanned']} files scanned, {infected} with malware, {waiting} not scanned."
        if infected or waiting:
            raise CommandError(result)
        if verbosity:
            self.stdout.write(result)

from django.core.management.base import BaseCommand, CommandError

from tracker.audit.integrity import find_errors, list_files
from tracker.management.terminal import printable


class Command(BaseCommand):
    help = (
        "Lists everything that differs from what was saved: events, answers, evidence, submissions, and stored files "
        "byte by byte. Lists files that no row names, too. For use after a restore; verify_audit is quicker and does "
        "not read the files."
    )

    def handle(self, *args, **options):
        for name in sorted(list_files().unknown):
            self.stdout.write(printable(f"{name}: no row names this file"))
        broken = 0
        for fault in find_errors():
            self.stderr.write(printable(fault))
            broken += 1
        if broken:
            raise CommandError(f"Different from what was saved: {broken}")
        self.stdout.write("Everything matches.")

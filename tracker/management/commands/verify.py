from django.core.management.base import BaseCommand, CommandError

from tracker.audit.integrity import find_errors


class Command(BaseCommand):
    help = (
        "Says everything that is not what was saved: events, answers, evidence, submissions, and kept files, byte by "
        "byte. For after a restore; verify_audit is quicker and leaves the files out."
    )

    def handle(self, *args, **options):
        broken = 0
        for fault in find_errors():
            self.stderr.write(fault)
            broken += 1
        if broken:
            raise CommandError(f"{broken} not what was saved")
        self.stdout.write("All holds.")

from collections import Counter

from django.core.management.base import BaseCommand, CommandError

from tracker.reports.integrity import check_everything


class Command(BaseCommand):
    help = "Says whether every saved answer, piece of evidence, event and file is what was saved, by their digests."

    def handle(self, *args, **options):
        counts: Counter[tuple[str, bool]] = Counter()
        for checked in check_everything():
            counts[checked.kind, checked.holds] += 1
            if not checked.holds:
                self.stderr.write(f"not what was saved: {checked.kind}, {checked.reference}")
        for (kind, holds), count in counts.items():
            if holds:
                self.stdout.write(f"{kind}: {count} as saved")
        if broken := sum(count for (_kind, holds), count in counts.items() if not holds):
            raise CommandError(f"{broken} not what was saved")

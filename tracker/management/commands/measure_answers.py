import resource
import tempfile
import time
from collections.abc import Iterable
from itertools import cycle
from typing import IO

from django.core.management.base import BaseCommand, CommandError

from tracker.documents.answers import csv_parts, standing, workbook
from tracker.models import Membership, Submission
from tracker.models.user import Role

MEGABYTE = 1024 * 1024


def write_csv(submissions: list[Submission], file: IO[bytes]) -> None:
    for chunk in csv_parts(submissions):
        file.write(chunk.encode())


def write_xlsx(submissions: list[Submission], file: IO[bytes]) -> None:
    workbook(submissions, "Measured", file)


FORMATS = {"csv": write_csv, "xlsx": write_xlsx}


class Command(BaseCommand):
    help = (
        "Writes the answers of this database as a Secretariat officer downloads them, repeated up to the number of "
        "rows, into a temporary file, and prints the time and the growth of memory. Changes nothing."
    )

    def add_arguments(self, parser):
        parser.add_argument("format", choices=FORMATS)
        parser.add_argument("--rows", type=int, default=500_000, metavar="N")

    def handle(self, *args, format, rows, **options):
        reviewer = Membership.objects.current().filter(role=Role.REVIEWER).select_related("user").first()
        before, start = _process_size(), time.perf_counter()
        found = standing(reviewer.user) if reviewer else []
        if not found:
            raise CommandError("Nothing to measure: no State has submitted. Run make_world.")
        submissions, written = _list_submissions(found, rows)
        with tempfile.TemporaryFile() as file:
            FORMATS[format](submissions, file)
            size = file.seek(0, 2)
        duration, growth = time.perf_counter() - start, _process_size() - before
        self.stdout.write(
            f"{written:,} rows, {size / MEGABYTE:.0f} MB, {duration:.0f} s, memory grew by {growth / MEGABYTE:.0f} MB"
        )


def _list_submissions(found: Iterable[Submission], rows: int) -> tuple[list[Submission], int]:
    submissions, row_count = [], 0
    for submission in cycle(found):
        if row_count >= rows:
            break
        submissions.append(submission)
        row_count += submission.counts["asked"]
    return submissions, row_count


def _process_size() -> int:
    """Return the most memory that this process has had, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

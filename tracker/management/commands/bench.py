import os
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone

from recommendations.days import day_in_words
from tools.bench import costs
from tools.bench.answers import FORMATS, measure_answers
from tools.bench.rows import MissingRows
from tools.bench.server import PEOPLE, save_at_once, served
from tools.bench.times import measure_times
from tracker.models import Revision, User

ROW = "| {:<48} | {:>7} | {:>9} | {:>12} | {:>9} | {:>7} |"
HEAD = ("page or file", "queries", "bytes", "processor ms", "median ms", "p95 ms")


class Command(BaseCommand):
    help = (
        "Measures queries, bytes and time of the pages and files, on this database and as their users. Changes "
        "nothing. Run make_world first on an empty database."
    )

    def add_arguments(self, parser):
        parser.add_argument("part", nargs="*", help="Only addresses with one of these words in their name.")
        parser.add_argument("--times", type=int, default=20, metavar="N", help="How often each page is requested.")
        parser.add_argument(
            "--table", type=Path, metavar="FILE", help="Replace the table of this database in the file."
        )
        parser.add_argument(
            "--check",
            action="store_true",
            help="Make a small and a large world in a database of its own, and fail if an address, file or form costs "
            f"more than {costs.FILE.name} allows.",
        )
        parser.add_argument(
            "--answers", choices=FORMATS, help="Write the answers of this database into a temporary file of this kind."
        )
        parser.add_argument(
            "--server",
            action="store_true",
            help="Start gunicorn as shipped, and let eight people save at once. The answers stay: only in the database "
            "of make_world.",
        )
        parser.add_argument("--write", action="store_true", help=f"As --check, but write {costs.FILE.name} again.")

    def handle(self, *, part, times, table, check, write, answers, server, **options):
        if not settings.SECOND_FACTOR_KEYS:
            raise CommandError("Set SECOND_FACTOR_KEYS: users of the Secretariat sign in with a second factor.")
        if times < 1:
            raise CommandError("--times must be at least 1.")
        try:
            if check or write:
                self._compare_costs(write)
            elif answers:
                self.stdout.write(measure_answers(answers))
            elif server:
                self._save_at_once()
            else:
                self._show_times(_table_lines(times, part), table)
        except MissingRows as error:
            raise CommandError(str(error) or "Nothing to measure: no State has submitted. Run make_world.") from error

    def _compare_costs(self, write: bool) -> None:
        if connection.vendor != "sqlite":
            raise CommandError("The costs are those of SQLite: leave out DATABASE_URL.")
        if write:
            costs.write()
            return
        above, stale = costs.check()
        if stale:
            self.stdout.write("\n".join([f"Far below {costs.FILE.name}: write it again with --write.", *stale]))
        if above:
            raise CommandError("\n".join(["Above the limits:", *above]))
        self.stdout.write("All figures are within their limits.")

    def _save_at_once(self) -> None:
        if User.objects.exclude(email__endswith=".example").exists():
            raise CommandError("This database has people whom make_world did not invent.")
        with served() as server:
            saves = save_at_once(server)
        self.stdout.write(
            f"{PEOPLE} people who save at once: {saves.a_second} answers a second, median {saves.median_ms} ms, "
            f"95th percentile {saves.p95_ms} ms; {saves.lost} lost."
        )

    def _show_times(self, lines: Iterator[str], file: Path | None) -> None:
        """Print the lines, or put them into the file in place of those of an earlier measurement."""
        if file is None:
            for line in lines:
                self.stdout.write(line)
            return
        begin, end = f"<!-- pages {connection.vendor} -->\n", f"<!-- end of pages {connection.vendor} -->\n"
        former = file.read_text()
        if begin not in former or end not in former:
            raise CommandError(f"{file} lacks a line {begin}")
        measured = f"{day_in_words(timezone.localdate())}, {os.cpu_count()} cores, {Revision.everyones.count():,}"
        new = "\n".join([f"{connection.display_name}, {measured} revisions:", "", *lines, ""])
        before, _mark, rest = former.partition(begin)
        file.write_text(f"{before}{begin}{new}{end}{rest.partition(end)[2]}")


def _table_lines(times: int, parts: list[str]) -> Iterator[str]:
    yield ROW.format(*HEAD)
    yield "|---" + "|---:" * (len(HEAD) - 1) + "|"
    excesses = []
    for page in measure_times(times, parts):
        yield ROW.format(page.name, page.queries, f"{page.bytes:,}", page.processor_ms, page.median_ms, page.p95_ms)
        excesses += page.excesses
    yield ""
    yield "\n".join(
        ["Above the limits:", "", *(f"- {line}" for line in excesses)] if excesses else ["All within their limits."]
    )

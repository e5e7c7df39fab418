import json
from collections.abc import Iterator

from django.core.management.base import BaseCommand, CommandError

from tracker.demo.bench import Measured, NothingToMeasure, measure

ROW = "{:32}{:>9}{:>11}{:>9}{:>11}"


class Command(BaseCommand):
    help = (
        "Measures pages and files on this database, as the people who ask for them: queries, time in this process, "
        "bytes. Changes nothing. On an empty database, make_world first."
    )

    def add_arguments(self, parser):
        parser.add_argument("part", nargs="*", help="Only what has one of these in its name.")
        parser.add_argument("--json", action="store_true", help="A list of objects.")
        parser.add_argument("--times", type=int, default=20, metavar="N", help="How often each is asked for.")

    def handle(self, *args, part, times, **options):
        if times < 1:
            raise CommandError("--times is 1 at least.")
        try:
            write = self._write_json if options["json"] else self._write_table
            write(measure(times, part))
        except NothingToMeasure as error:
            raise CommandError(str(error) or "Nothing to measure: no State has handed in. See make_world.") from error

    def _write_json(self, measured: Iterator[Measured]) -> None:
        self.stdout.write(json.dumps([page._asdict() for page in measured], indent=1))

    def _write_table(self, measured: Iterator[Measured]) -> None:
        self.stdout.write(ROW.format("", "queries", "median ms", "p95 ms", "bytes"))
        for page in measured:
            self.stdout.write(ROW.format(*page))

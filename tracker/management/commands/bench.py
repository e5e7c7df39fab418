import json
from collections.abc import Iterator

from django.core.management.base import BaseCommand, CommandError

from tracker.demo.bench.check import check, write_costs
from tracker.demo.bench.measure import PageFigures, list_page_figures
from tracker.demo.bench.pages import MissingRows

ROW = "{:32}{:>9}{:>11}{:>9}{:>11}"


class Command(BaseCommand):
    help = (
        "Measures queries, time in this process and bytes of the pages and files, on this database and as their users. "
        "Changes nothing. Run make_world first on an empty database."
    )

    def add_arguments(self, parser):
        parser.add_argument("part", nargs="*", help="Only pages with one of these words in their name.")
        parser.add_argument("--json", action="store_true", help="Print a JSON list of objects.")
        parser.add_argument(
            "--check",
            action="store_true",
            help="Make a world of 20 States and 2 rounds in a database of its own, and fail if a page, file or form "
            "costs over 20 per cent more than the file in the repository says.",
        )
        parser.add_argument("--update", action="store_true", help="With --check: write this file again.")
        parser.add_argument("--times", type=int, default=20, metavar="N", help="How often each page is requested.")

    def handle(self, *args, part, times, **options):
        if times < 1:
            raise CommandError("--times must be at least 1.")
        if options["check"]:
            self._check(options["update"])
            return
        try:
            write = self._write_json if options["json"] else self._write_table
            write(list_page_figures(times, part))
        except MissingRows as error:
            raise CommandError(str(error) or "Nothing to measure: no State has submitted. Run make_world.") from error

    def _check(self, update: bool) -> None:
        if update:
            write_costs()
            return
        if found := check():
            raise CommandError("\n".join(["Above the limits:", *found]))
        self.stdout.write("All figures are within their limits.")

    def _write_json(self, measured: Iterator[PageFigures]) -> None:
        self.stdout.write(json.dumps([page._asdict() for page in measured], indent=1))

    def _write_table(self, measured: Iterator[PageFigures]) -> None:
        self.stdout.write(ROW.format("", "queries", "median ms", "p95 ms", "bytes"))
        for page in measured:
            self.stdout.write(ROW.format(*page))

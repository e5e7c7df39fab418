import json

from django.core.management.base import BaseCommand, CommandError

from tracker.management.bench import NothingToMeasure, measure

ROW = "{:28}{:>9}{:>11}{:>9}{:>11}"


class Command(BaseCommand):
    help = (
        "Measures pages and files on this database, as the people who ask for them: queries, time in this process, "
        "bytes. Changes nothing. On an empty database, make_world first."
    )

    def add_arguments(self, parser):
        parser.add_argument("--json", action="store_true", help="A list of objects.")
        parser.add_argument("--times", type=int, default=20, metavar="N", help="How often each is asked for.")

    def handle(self, *args, times, **options):
        if times < 2:
            raise CommandError("--times is 2 at least.")
        try:
            write = self._write_json if options["json"] else self._write_table
            write(times)
        except NothingToMeasure as error:
            raise CommandError(str(error) or "Nothing to measure: no State has handed in. See make_world.") from error

    def _write_json(self, times: int) -> None:
        self.stdout.write(json.dumps([one._asdict() for one in measure(times)], indent=1))

    def _write_table(self, times: int) -> None:
        self.stdout.write(ROW.format("", "queries", "median ms", "p95 ms", "bytes"))
        for one in measure(times):
            self.stdout.write(ROW.format(*one))

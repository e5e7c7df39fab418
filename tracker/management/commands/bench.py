import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone

from recommendations.days import day_in_words
from tracker.demo.bench.check import check, write_costs
from tracker.demo.bench.measure import PageFigures, list_page_figures
from tracker.demo.bench.pages import MissingRows
from tracker.demo.bench.server import PDFS, PEOPLE, measure_works, memory_after_pdfs, save_at_once, served
from tracker.models import Revision, User
from tracker.web.process import call_with_room

PAGE = "| {:<48} | {:>7} | {:>9} | {:>12} | {:>9} | {:>7} |"
PAGE_HEAD = ("page or file", "queries", "bytes", "processor ms", "median ms", "p95 ms")
WORK = "| {:<28} | {:>7} | {:>12} | {:>5} |"
WORK_HEAD = ("work", "ms", "the other ms", "ratio")


class Command(BaseCommand):
    help = (
        "Measures queries, processor time, time in this process and bytes of the pages and files, on this database and "
        "as their users. Changes nothing. Run make_world first on an empty database."
    )

    def add_arguments(self, parser):
        parser.add_argument("part", nargs="*", help="Only pages with one of these words in their name.")
        parser.add_argument("--json", action="store_true", help="Print a JSON list of objects.")
        parser.add_argument(
            "--server",
            action="store_true",
            help="Start gunicorn as shipped and measure over HTTP. Saves answers: only in the database of make_world.",
        )
        parser.add_argument(
            "--write", type=Path, metavar="FILE", help="Replace the table of this database in the file."
        )
        parser.add_argument(
            "--check",
            action="store_true",
            help="Make a world of 20 States and 2 rounds in a database of its own, and fail if a page, file or form "
            "costs more than the file in the repository allows.",
        )
        parser.add_argument("--update", action="store_true", help="With --check: write this file again.")
        parser.add_argument("--times", type=int, default=20, metavar="N", help="How often each page is requested.")

    def handle(self, *args, **options):
        call_with_room(self._measure, **options)  # as a worker of gunicorn

    def _measure(self, part, times, **options):
        if times < 1:
            raise CommandError("--times must be at least 1.")
        if options["check"]:
            self._check(options["update"])
            return
        try:
            if options["json"]:
                pages = [page._asdict() for page in list_page_figures(times, part)]
                self.stdout.write(json.dumps(pages, indent=1))
            elif options["server"]:
                self._write("works", _list_server_lines(times), options["write"])
            else:
                self._write("pages", _list_page_lines(list_page_figures(times, part)), options["write"])
        except MissingRows as error:
            raise CommandError(str(error) or "Nothing to measure: no State has submitted. Run make_world.") from error

    def _check(self, update: bool) -> None:
        if update:
            write_costs()
            return
        if found := check():
            raise CommandError("\n".join(["Above the limits:", *found]))
        self.stdout.write("All figures are within their limits.")

    def _write(self, table: str, lines: Iterator[str], file: Path | None) -> None:
        """Print the lines, or put them into the file in place of those of an earlier measurement."""
        if file is None:
            for line in lines:
                self.stdout.write(line)
            return
        marks = f"<!-- {table} {connection.vendor} -->\n", f"<!-- end of {table} {connection.vendor} -->\n"
        measured = (
            f"{day_in_words(timezone.localdate())}, {os.cpu_count()} cores, {Revision.everyones.count():,} revisions"
        )
        new = "\n".join([f"{connection.display_name}, {measured}:", "", *lines, ""])
        former = file.read_text()
        if not all(mark in former for mark in marks):
            raise CommandError(f"{file} lacks a line {marks[0]}")
        before, _mark, rest = former.partition(marks[0])
        file.write_text(f"{before}{marks[0]}{new}{marks[1]}{rest.partition(marks[1])[2]}")


def _list_page_lines(measured: Iterable[PageFigures]) -> Iterator[str]:
    yield from _head(PAGE, PAGE_HEAD)
    excesses = []
    for page in measured:
        yield PAGE.format(page.name, page.queries, f"{page.bytes:,}", page.processor_ms, page.median_ms, page.p95_ms)
        excesses += page.excesses
    yield ""
    yield "\n".join(
        ["Above the limits:", "", *(f"- {line}" for line in excesses)] if excesses else ["All within their limits."]
    )


def _list_server_lines(times: int) -> Iterator[str]:
    if User.objects.exclude(email__endswith=".example").exists():
        raise CommandError("This database has people whom make_world did not invent.")
    yield from _head(WORK, WORK_HEAD)
    for work in measure_works(times):
        yield WORK.format(work.name, work.ms, work.peer_ms or "", work.ratio or "")
    yield ""
    with served("site") as server:
        saves = save_at_once(server)
    yield (
        f"{PEOPLE} people who save at once: {saves.a_second} answers a second, median {saves.median_ms} ms, "
        f"95th percentile {saves.p95_ms} ms, {saves.processor_ms} ms of processor for each; {saves.lost} lost. "
        f"A worker after {PDFS} PDFs: {memory_after_pdfs()} MB."
    )


def _head(row: str, names: tuple[str, ...]) -> Iterator[str]:
    yield row.format(*names)
    yield "|---" + "|---:" * (len(names) - 1) + "|"

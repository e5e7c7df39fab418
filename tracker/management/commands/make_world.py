import time
from contextlib import nullcontext
from datetime import date

from django.core.management.base import BaseCommand, CommandError

from tools.world import make_world
from tools.world.rows import update_row_counts
from tracker.actions.search import catch_up
from tracker.demo.clock import on_day
from tracker.models import Record, Respondent, Revision, Submission, User

MOST_RESPONDENTS = 26 * 26
MOST_ROUNDS = 20


class Command(BaseCommand):
    help = (
        "Fills an empty, migrated database with invented States, their people, answers, evidence and submissions, for "
        "measurements and trials. Refuses a database with people or records."
    )

    def add_arguments(self, parser):
        parser.add_argument("--respondents", type=int, default=200, metavar="N", help="Invented States: XAA, XAB, …")
        parser.add_argument("--rounds", type=int, default=3, metavar="N", help="One a year; the last round is open.")
        parser.add_argument("--seed", type=int, default=1, metavar="N", help="The same seed makes the same world.")
        parser.add_argument("--today", type=date.fromisoformat, metavar="YYYY-MM-DD", help="The last day of the world.")

    def handle(self, *args, respondents, rounds, seed, today, verbosity, **options):
        if not 1 <= respondents <= MOST_RESPONDENTS:
            raise CommandError(f"--respondents must be from 1 to {MOST_RESPONDENTS} (XAA to XZZ).")
        if not 1 <= rounds <= MOST_ROUNDS:
            raise CommandError(f"--rounds must be from 1 to {MOST_ROUNDS}.")
        if User.objects.exists() or Record.everyones.exists() or Respondent.objects.filter(code__startswith="X"):
            raise CommandError("This database already has people, records or invented States. Nothing was changed.")
        start = time.monotonic()
        with on_day(today) if today else nullcontext():
            make_world(respondents=respondents, rounds=rounds, seed=seed)
        for respondent in Respondent.objects.all():
            catch_up(respondent)
        update_row_counts()
        if verbosity:
            models = {model: model._base_manager.count() for model in (Respondent, User, Revision, Submission)}
            counts = ", ".join(f"{model._meta.verbose_name_plural}: {count}" for model, count in models.items())
            self.stdout.write(f"{counts}. Made in {time.monotonic() - start:.0f} seconds.")

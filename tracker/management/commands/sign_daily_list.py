from django.core.management.base import BaseCommand, CommandError

from tracker.actions.daily_list import sign_daily_list
from tracker.audit.daily_list import NotSigned


class Command(BaseCommand):
    help = (
        "Signs the daily list with SIGNING_KEY: one line for each chain of the audit trail, published at /verify/log/. "
        "A daily job: on the same day a second run changes nothing."
    )

    def add_arguments(self, parser):
        parser.add_argument("--new-log", action="store_true", help="SIGNING_KEY is new, and the key before it is lost.")

    def handle(self, *args, new_log, verbosity, **options):
        try:
            signed, is_new = sign_daily_list(begins_log=new_log)
        except NotSigned as error:
            raise CommandError(str(error)) from None
        if verbosity:
            done = "signed with" if is_new else "was signed before with"
            self.stdout.write(f"Daily list {signed.number} of {signed.day} {done} key {signed.key_number}.")

from django.core.management.base import BaseCommand, CommandError

from tracker.actions.daily_list import NotSigned, sign_daily_list


class Command(BaseCommand):
    help = (
        "Signs the daily list with SIGNING_KEY: one line for each chain of the audit trail, published at /verify/log/. "
        "A daily job: on the same day a second run changes nothing."
    )

    def handle(self, *args, verbosity, **options):
        try:
            signed, is_new = sign_daily_list()
        except NotSigned as error:
            raise CommandError(str(error)) from None
        if verbosity:
            done = "signed with" if is_new else "was signed before with"
            self.stdout.write(f"Daily list {signed.number} of {signed.day} {done} key {signed.key_number}.")

import re

from django.core.management.base import BaseCommand, CommandError

from tracker.audit.verification import find_errors, is_in_chain

HEAD = re.compile(r"(\d{1,18}):([0-9a-f]{64})")


class Command(BaseCommand):
    help = (
        "Verifies every chain of the audit trail and all rows that it names. Exits 0 if everything matches; otherwise "
        "names the first altered, missing or reordered event or row and exits 1."
    )

    def add_arguments(self, parser):
        parser.add_argument("--chain", metavar="CODE", help="The chain of --head: the code of a respondent, or site.")
        parser.add_argument(
            "--head",
            metavar="NUMBER:DIGEST",
            help="The head of a chain as on a receipt. Finds also events that were cut off or rewritten with the head.",
        )

    def handle(self, *args, chain, head, **options):
        if bool(chain) != bool(head):
            raise CommandError("Give --head and --chain together.", returncode=2)
        given = HEAD.fullmatch(head or "")
        if head and not given:
            raise CommandError("--head must be NUMBER:DIGEST, with a digest of 64 hexadecimal digits.", returncode=2)
        if fault := next(find_errors(), None):
            raise CommandError(fault)
        if given:
            number, digest = given.groups()
            if not is_in_chain(chain, int(number), digest):
                raise CommandError(f"{chain}, event {number}: missing or rewritten: its digest is not {digest}")
        self.stdout.write("Everything matches.")

import re

from django.core.management.base import BaseCommand, CommandError

from tracker.audit.daily_list import LineFinding, check_line
from tracker.audit.verification import find_errors, is_in_chain
from tracker.management.terminal import printable

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

        parser.add_argument(
            "--line",
            metavar="LINE",
            help="A line of a daily list that a State kept, whole. Finds also a chain that was rewritten or cut off "
            "together with its lines in the database.",
        )

    def handle(self, *args, chain, head, line, **options):
        if bool(chain) != bool(head):
            raise CommandError("Give --head and --chain together.", returncode=2)
        given = HEAD.fullmatch(head or "")
        if head and not given:
            raise CommandError("--head must be NUMBER:DIGEST, with a digest of 64 hexadecimal digits.", returncode=2)
        if fault := next(find_errors(), None):
            raise CommandError(printable(fault))
        if given:
            number, digest = given.groups()
            if not is_in_chain(chain, int(number), digest):
                raise CommandError(f"{chain}, event {number}: missing or rewritten: its digest is not {digest}")
        if line is not None:
            _check(line)
        self.stdout.write("Everything matches.")


def _check(line: str) -> None:
    finding, day = check_line(line)
    if finding == LineFinding.NO_LINE:
        raise CommandError("--line must be DAY/CHAIN/NUMBER/DIGEST/RANDOM.", returncode=2)
    errors = {
        LineFinding.NO_LIST: f"There is no daily list of {day}.",
        LineFinding.NOT_IN_LIST: f"The daily list of {day} does not have this line.",
        LineFinding.REWRITTEN: f"The chain was rewritten or cut off since the daily list of {day}.",
    }
    if finding in errors:
        raise CommandError(errors[finding])

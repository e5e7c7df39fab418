import re

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from recommendations.words import build_words
from tracker.demo.sample import PASSWORD, has_sample, is_of_others, load_sample, people

HERE = "127.0.0.1"
OF_THIS_MACHINE = re.compile(r"localhost|127(\.\d{1,3}){3}|\[::1\]|")
FIRST_STEPS = """Begin with alice@arandia.example: continue an answer, assign recommendations to a ministry, and submit.
Then sign in as bob@secretariat.example: read what Arandia submitted, and ask for clarification. Alice replies.
Without signing in: read the adopted texts, published answers and figures."""
ANYWHERE = "Anyone who can reach the address can sign in as every user, and reads errors with the code around them."


class Command(BaseCommand):
    help = (
        "Prepares a demonstration (database, catalogue, States, invented States with people and answers) and serves "
        "it on this machine only. A second start changes nothing. Refuses a database that has anything else than the "
        "catalogue, unless a demonstration made it."
    )

    requires_system_checks: list[str] = []  # it builds the words first, and `migrate` checks

    def add_arguments(self, parser):
        parser.add_argument("addrport", nargs="?", default="8000", metavar="[addr:]port")
        parser.add_argument("--anywhere", action="store_true", help=f"Serve at any address. {ANYWHERE}")
        parser.add_argument("--no-serve", action="store_true", help="Only prepare.")

    def handle(self, *args, addrport, anywhere, no_serve, **options):
        host, _colon, port = addrport.rpartition(":")
        if not anywhere and not OF_THIS_MACHINE.fullmatch(host):
            raise CommandError(f"{host} is not an address of this machine alone, such as {HERE}. See --anywhere.")
        address = f"{host or HERE}:{port}"
        settings.SITE_URL = f"http://{address}"
        self._prepare()
        self._list_people(address)
        settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "*" if anywhere else host or HERE]
        if anywhere:
            self.stdout.write(ANYWHERE)
        if not no_serve:
            call_command("runserver", address, use_reloader=False, skip_checks=True)

    def _prepare(self) -> None:
        if not settings.DEBUG:
            raise CommandError("The demonstration runs only with DEBUG=1.")
        if is_of_others():
            raise CommandError("This database has data that the demonstration did not make. Nothing was changed.")
        build_words()
        call_command("migrate", verbosity=0)
        if has_sample():
            return
        self.stdout.write("Preparing the demonstration…")
        call_command("load_catalogue", verbosity=0)
        load_sample()

    def _list_people(self, address: str) -> None:
        self.stdout.write(f"\nhttp://{address}/   password of all users: {PASSWORD}\n\n")
        for membership in people():
            of = membership.respondent or "Secretariat"
            self.stdout.write(f"  {membership.user.email:26} {membership.get_role_display():14} {of}")
        self.stdout.write(f"\n{FIRST_STEPS}\n")
        self.stdout.flush()

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from tracker.actions.access_change import add_administrator
from tracker.actions.user import password_link


class Command(BaseCommand):
    help = (
        "Makes a person an administrator, adds the person if necessary, and prints a link to set a password. Refused "
        "where two other administrators can do it. Notifies all administrators."
    )

    def add_arguments(self, parser):
        parser.add_argument("email")
        parser.add_argument("name")

    def handle(self, *args, email, name, **options):
        try:
            user = add_administrator(email=email, name=name)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(f"{user} is an administrator. The link to set a password works once:\n{password_link(user)}")

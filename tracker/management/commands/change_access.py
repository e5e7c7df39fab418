from io import BytesIO
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from recommendations.days import read_day
from tracker.actions import access_change
from tracker.actions.file_scan import scan_upload
from tracker.documents.exchange.uploads import Upload, check_upload
from tracker.models import Respondent, User
from tracker.models.user import Role


class Command(BaseCommand):
    help = (
        "Gives a role, changes an e-mail address, links an identity for single sign-on, resets two-step sign-in or "
        "reactivates an account where fewer than two other administrators could do it. Writes an event and notifies "
        "all administrators, the person, and the focal points of the State."
    )

    def add_arguments(self, parser):
        parser.add_argument("email", help="The present address of the person.")
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--role", choices=Role.values)
        what.add_argument("--address", help="The new address.")
        what.add_argument("--identity", nargs=2, metavar=("PROVIDER", "IDENTITY"))
        what.add_argument("--reset-two-step", action="store_true")
        what.add_argument("--reactivate", action="store_true")
        parser.add_argument("--respondent", metavar="CODE", help="With --role: the State.")
        parser.add_argument("--until", metavar="DAY", help="With --role: the last day.")
        parser.add_argument("--document", default="", help="Reference of the note verbale.")
        parser.add_argument("--document-date", metavar="DAY")
        parser.add_argument("--document-file", metavar="PATH", type=Path)

    def handle(self, *args, email, **options):
        try:
            self._do(User.objects.get(email=email.lower()), **options)
        except (User.DoesNotExist, Respondent.DoesNotExist, OSError, ValueError) as error:
            raise CommandError(str(error)) from error
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error

    def _do(self, user: User, **options) -> None:
        document = {
            "appointing_document": options["document"],
            "appointed_on": read_day(options["document_date"]) if options["document_date"] else None,
            "file": _upload(options["document_file"]),
        }
        if options["role"]:
            code = options["respondent"]
            change = access_change.request_role(
                user=user,
                role=options["role"],
                respondent=Respondent.objects.get(code=code) if code else None,
                since=timezone.localdate(),
                until=read_day(options["until"]) if options["until"] else None,
                **document,
                by=None,
            )
        elif options["address"]:
            change = access_change.request_address(user=user, email=options["address"], by=None)
        elif options["identity"]:
            provider, subject = options["identity"]
            change = access_change.request_identity(user=user, provider=provider, subject=subject, by=None)
        elif options["reset_two_step"]:
            change = access_change.request_second_factor_reset(user=user, by=None)
        else:
            change = access_change.request_reactivation(user=user, by=None)
        for label, value in change.facts():
            self.stdout.write(f"{label}: {value}")


def _upload(path: Path | None) -> Upload | None:
    if path is None:
        return None
    return scan_upload(check_upload(File(BytesIO(path.read_bytes()), name=path.name)))

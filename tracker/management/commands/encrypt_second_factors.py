from django.core.management.base import BaseCommand, CommandError

from tracker.actions.second_factor import encrypt_second_factors
from tracker.models.second_factor import UnreadableSecret


class Command(BaseCommand):
    help = "Encrypts the secrets of second factors with the first key of SECOND_FACTOR_KEYS, after a key was added."

    def handle(self, *args, **options):
        try:
            count = encrypt_second_factors()
        except UnreadableSecret as error:
            raise CommandError(
                "SECOND_FACTOR_KEYS lacks a key with which secrets were encrypted. Nothing was changed."
            ) from error
        self.stdout.write(f"Encrypted with the first key: {count} secrets. Former keys can be removed.")

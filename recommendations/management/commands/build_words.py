from django.core.management.base import BaseCommand

from recommendations.words import build_words


class Command(BaseCommand):
    help = "Makes what gettext reads of the messages in locale/. Processes that run keep the words of before."
    requires_system_checks: list[str] = []

    def handle(self, *args, **options):
        for path in build_words():
            self.stdout.write(f"{path.parts[-3]}: built")

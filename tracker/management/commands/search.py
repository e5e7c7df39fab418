import json

from django.contrib.auth.models import AnonymousUser
from django.core.management.base import BaseCommand

from recommendations.models import TextKind
from tracker.queries.search import search


class Command(BaseCommand):
    help = "Searches as a reader who is not signed in, and prints the labels of the recommendations found, best first."

    def add_arguments(self, parser):
        parser.add_argument("words", nargs="+", metavar="WORDS")
        parser.add_argument("--json", action="store_true", help="Print a list in JSON.")

    def handle(self, *args, words, **options):
        found = search(AnonymousUser(), " ".join(words), kinds=[TextKind.TEXT])
        labels = [node.full_label for node in found.nodes]
        self.stdout.write(json.dumps(labels) if options["json"] else "\n".join(labels))

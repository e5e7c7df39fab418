import json

from django.core.management.base import BaseCommand

from recommendations.catalogue import export_catalogue


class Command(BaseCommand):
    help = (
        "Writes the published catalogue to standard output: a JSON array, body by body in the order of the paper, one "
        "object a node with label (unique in its body), body (its slug), parent, kind, unit, topic, meeting, text (own "
        "text, without number, chapeau or footnote mark), footnotes (numbers), addressees, basis, strength, "
        "asks_to_consider, themes, withdrawn_on (of a unit that is asked no longer), merged_into (the slug of the one "
        "that is asked in its place), facts (what was done by who has no desk: by, what, symbol, date, link)."
    )

    def handle(self, *args, **options):
        self.stdout.write(json.dumps(export_catalogue(), ensure_ascii=False, indent=1))

import json

from django.core.management.base import BaseCommand

from recommendations.catalogue import export_catalogue


class Command(BaseCommand):
    help = (
        "Writes the published catalogue to standard output: a JSON array with one object for each node, by body and in "
        "the order of the paper. The parts: label (unique in its body), body (its slug), parent, kind, unit, topic, "
        "meeting, text (without number, chapeau or footnote mark), footnotes (numbers), addressees, basis, strength, "
        "asks_to_consider, themes, withdrawn_on (of a withdrawn unit), merged_into (slug of the unit in its place), "
        "facts (recorded actions: by, what, symbol, date, link)."
    )

    def handle(self, *args, **options):
        self.stdout.write(json.dumps(export_catalogue(), ensure_ascii=False, indent=1))

import json

from django.core.management.base import BaseCommand

from recommendations.catalogue_file import export_catalogue


class Command(BaseCommand):
    help = (
        "Writes the published catalogue to standard output: a JSON array with one object for each text, by body and in "
        "the order of the paper. Its fields are those of the files on the page /data/, which describes them."
    )

    def handle(self, *args, **options):
        self.stdout.write(json.dumps(export_catalogue(), ensure_ascii=False, indent=1))

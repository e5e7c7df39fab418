"""Keep the text of evidence files for search."""

from collections.abc import Iterable

from django.db import models

from tracker.models.evidence import EvidenceFile
from tracker.models.state_owned import StateOwned, StateOwnedQuerySet, keys_of


class EvidenceTextQuerySet(StateOwnedQuerySet):
    def of_files(self, files: Iterable[EvidenceFile]):
        """Return the texts of these files: to have a file is the licence."""
        return self.filter(file__in=keys_of(files, EvidenceFile))._open()


class EvidenceText(StateOwned):
    """The text that a file shows, made again from the file whenever the row is missing.

    `pages` has the text of each page of a PDF, or one text; it is empty where none can be read, as of a picture.
    """

    respondent_path = "file__respondent"

    file = models.OneToOneField(EvidenceFile, models.PROTECT, related_name="text")
    pages = models.JSONField(default=list)

    objects = EvidenceTextQuerySet.as_manager()

    class Meta(StateOwned.Meta):
        ordering = ["file"]

    def __str__(self):
        return str(self.file_id)

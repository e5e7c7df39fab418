"""Keep what is known of stored bytes: whether they were scanned, and what was found."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from recommendations.links import FileLink
from recommendations.models.quick_row import QuickRow


class FileScan(QuickRow):
    """One row for each content of stored files, by its SHA-256, whatever the files belong to.

    `links`: what reaches outside of the file, as values of `FileLink` with spaces between them. `found` is the name
    that ClamAV gives to malware.
    """

    sha256 = models.CharField(max_length=64, unique=True)
    links = models.CharField(max_length=150, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    scanned_at = models.DateTimeField(null=True)
    found = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(found="") | Q(scanned_at__isnull=False), name="found_when_scanned")
        ]

    def __str__(self):
        return self.sha256

    @property
    def advice(self) -> list[str]:
        """Return what each link is, and what its author can do about it."""
        return [str(FileLink(link).label) for link in self.links.split()]

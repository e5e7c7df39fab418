"""Keep what is known of stored bytes: whether they were scanned, and what was found."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from recommendations.models.quick_row import QuickRow


class FileScan(QuickRow):
    """One row for each content of stored files, by its SHA-256, whatever the files belong to.

    `has_links`: the file links to a template or has attachments. `found` is the name that ClamAV gives to malware.
    """

    sha256 = models.CharField(max_length=64, unique=True)
    has_links = models.BooleanField(default=False)
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

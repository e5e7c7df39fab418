"""Keep files that take long to make: a task makes them, for the person who requested them, and they expire."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from recommendations.models.quick_row import QuickRow

LIFETIME = timedelta(days=7)
SILENT = timedelta(minutes=10)  # far longer than any step takes: the process that made it has died


def generated_name(instance, filename) -> str:
    return f"exports/{get_random_string(32)}"


class ExportQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(owner=user, created_at__gt=timezone.now() - LIFETIME)

    def to_delete(self):
        return self.filter(created_at__lte=timezone.now() - LIFETIME)


class ExportStage(models.TextChoices):
    # Translators: State of a file: not yet being prepared.
    QUEUED = "queued", pgettext_lazy("file", "Waiting")
    # Translators: State of a file.
    RUNNING = "running", _("In preparation")
    DONE = "done", pgettext_lazy("file", "Ready")
    # Translators: The file could not be prepared.
    FAILED = "failed", pgettext_lazy("file", "Failed")


class Export(QuickRow):
    """One file that one person requested: all answers of `rounds`, by their codes, or of all rounds.

    `done` of `total` steps are made, 0 where the total is unknown; `alive_at` is the last sign of the process that
    makes it. `sources` are keys of the submissions in the file: losing access to one of them ends access to the file.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="exports")
    rounds = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=ExportStage, default=ExportStage.QUEUED)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    file = models.FileField(upload_to=generated_name, max_length=200, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    sources = models.JSONField(default=list)
    created_at = models.DateTimeField(default=timezone.now)
    alive_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    objects = ExportQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="done") & ~Q(file="") | ~Q(state="done") & Q(file=""), name="done_export_has_file"
            )
        ]

    def __str__(self):
        return f"{self.owner_id}: {self.rounds}"

    def get_absolute_url(self):
        return reverse("export", args=[self.pk])

    @property
    def is_in_progress(self) -> bool:
        unfinished = self.state in (ExportStage.QUEUED, ExportStage.RUNNING)
        return unfinished and self.alive_at > timezone.now() - SILENT

    @property
    def is_ready(self) -> bool:
        return self.state == ExportStage.DONE

    @property
    def end_time(self):
        return self.created_at + LIFETIME

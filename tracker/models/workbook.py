"""Keep an uploaded workbook between its preview and the decision on it."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tracker.models.answer_fields import INSTITUTION_LIMIT
from tracker.models.respondent import Respondent
from tracker.models.state_owned import StateOwned, StateOwnedQuerySet

LIFETIME = timedelta(days=1)


class WorkbookUploadQuerySet(StateOwnedQuerySet):
    def visible_to(self, user):
        """Keep the user's own uploads that have not expired, while the user is a member."""
        since = timezone.now() - LIFETIME
        return self.filter(owner=user, respondent__in=user.respondent_ids, created_at__gt=since)._open()


class WorkbookUpload(StateOwned):
    """The rows of one uploaded workbook that differ from the answers at the time of its download.

    Each of `rows` has `label` of its unit, `row` (its number in the sheet), `number` and `digest` of the revision from
    which it was made (0 and empty without one), `withdrawn` (its last withdrawal then), `changes` (by the names of
    columns) and `left_out` (columns from which words were removed since). It is no answer of the State: no file is
    stored, and applying it empties it.
    """

    respondent = models.ForeignKey(Respondent, models.PROTECT, related_name="+")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    downloaded_at = models.DateTimeField()
    received_from = models.CharField(max_length=INSTITUTION_LIMIT, blank=True)
    received_on = models.DateField(null=True, blank=True)
    # Translators: Rows of a spreadsheet that a user uploaded.
    rows = models.JSONField(_("Rows"), default=list)
    created_at = models.DateTimeField(default=timezone.now)
    applied_at = models.DateTimeField(null=True)

    objects = WorkbookUploadQuerySet.as_manager()

    class Meta(StateOwned.Meta):
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(applied_at__isnull=True) | models.Q(rows=[]), name="applied_workbook_is_empty"
            )
        ]

    def __str__(self):
        return f"{self.respondent_id}: {self.downloaded_at:%Y-%m-%d}"

    def get_absolute_url(self):
        return reverse("workbook_upload", args=[self.respondent.code, self.pk])

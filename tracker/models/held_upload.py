"""Hold an uploaded file until an evidence item has it, a workbook until it is applied, designations until they are
requested.
"""

import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tracker.models.answer_fields import INSTITUTION_LIMIT
from tracker.models.evidence import generated_name
from tracker.models.respondent import Respondent, RespondentKind
from tracker.models.state_owned import StateOwned, StateOwnedQuerySet

LIFETIME = timedelta(days=1)
ARCHIVE_TYPE = "application/zip"


def new_key() -> str:
    return secrets.token_urlsafe(24)


def next_expiry() -> datetime:
    return timezone.now() + LIFETIME


class HeldUploadQuerySet(StateOwnedQuerySet):
    def visible_to(self, user):
        """Keep the user's own uploads that have not expired, while the user is a member."""
        own = self.filter(owner=user, respondent__in=user.respondent_ids)
        return own.filter(is_stored=True, expires_at__gt=timezone.now())._open()

    def designations_of(self, user):
        """Keep the archives of designations that the user uploaded and that have not expired."""
        own = self.filter(owner=user, content_type=ARCHIVE_TYPE, respondent__kind=RespondentKind.SECRETARIAT)
        return own.filter(is_stored=True, expires_at__gt=timezone.now())._open()


class HeldUpload(StateOwned):
    """What its owner uploaded and has not saved yet: a file, or a workbook, of which `downloaded_at` is not empty.

    A file is for an evidence item; `key` names it in a form. Its row is saved before its bytes, and deleted after them:
    no bytes are without a row. `file` is empty where the bytes are in the library, as after the item was saved.

    Of a workbook no bytes are stored, but `rows`: what differs from the answers at the time of its download. Each has
    `label` of its unit, `row` (its number in the sheet), `number` and `digest` of the revision from which it was made
    (0 and empty without one), `withdrawn` (its last withdrawal then), `changes` (by the names of columns) and
    `left_out` (columns from which words were removed since). Applying it empties it.

    Of designations the archive is the file, and each of `rows` has what `Designation` has.
    """

    respondent = models.ForeignKey(Respondent, models.PROTECT, related_name="+")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    key = models.CharField(max_length=32, unique=True, default=new_key)
    file = models.FileField(upload_to=generated_name, max_length=200, blank=True)
    name = models.CharField(_("File name"), max_length=255, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    content_type = models.CharField(max_length=120, blank=True)
    is_stored = models.BooleanField(default=False)
    expires_at = models.DateTimeField(default=next_expiry)
    downloaded_at = models.DateTimeField(null=True)
    received_from = models.CharField(max_length=INSTITUTION_LIMIT, blank=True)
    received_on = models.DateField(null=True, blank=True)
    # Translators: Rows of a spreadsheet that a user uploaded.
    rows = models.JSONField(_("Rows"), default=list)
    applied_at = models.DateTimeField(null=True)

    objects = HeldUploadQuerySet.as_manager()

    class Meta(StateOwned.Meta):
        ordering = ["expires_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(file="") | Q(is_stored=True), name="held_file_is_named_until_stored"),
            models.CheckConstraint(condition=Q(applied_at__isnull=True) | Q(rows=[]), name="applied_workbook_is_empty"),
        ]

    def __str__(self):
        return f"{self.respondent_id}: {self.key}"

    def get_absolute_url(self):
        return reverse("workbook_upload", args=[self.respondent.code, self.pk])

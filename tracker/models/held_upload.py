"""Hold an uploaded file for its uploader until an evidence item has it."""

import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tracker.models.evidence import generated_name
from tracker.models.respondent import Respondent
from tracker.models.state_owned import StateOwned, StateOwnedQuerySet

LIFETIME = timedelta(days=1)


def new_key() -> str:
    return secrets.token_urlsafe(24)


def next_expiry() -> datetime:
    return timezone.now() + LIFETIME


class HeldUploadQuerySet(StateOwnedQuerySet):
    def visible_to(self, user):
        """Keep the user's own uploads that have not expired, while the user is a member."""
        own = self.filter(owner=user, respondent__in=user.respondent_ids)
        return own.filter(is_stored=True, expires_at__gt=timezone.now())._open()


class HeldUpload(StateOwned):
    """A file that its owner uploaded, and of which no evidence item was saved yet. `key` names it in a form.

    Its row is saved before its bytes, and deleted after them: no bytes are without a row. `file` is empty where the
    bytes are in the library, as after the item was saved.
    """

    respondent = models.ForeignKey(Respondent, models.PROTECT, related_name="+")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    key = models.CharField(max_length=32, unique=True, default=new_key)
    file = models.FileField(upload_to=generated_name, max_length=200, blank=True)
    name = models.CharField(_("File name"), max_length=255)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    content_type = models.CharField(max_length=120)
    is_stored = models.BooleanField(default=False)
    expires_at = models.DateTimeField(default=next_expiry)

    objects = HeldUploadQuerySet.as_manager()

    class Meta(StateOwned.Meta):
        ordering = ["expires_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(file="") | Q(is_stored=True), name="held_file_is_named_until_stored"),
        ]

    def __str__(self):
        return f"{self.respondent_id}: {self.key}"

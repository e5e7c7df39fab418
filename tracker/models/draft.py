"""Keep what a person is writing: only the author sees a draft, and it is no answer of the State."""

import re
import secrets

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommendations.models import Recommendation
from tracker.models.digest import digest_value
from tracker.models.respondent import Respondent
from tracker.models.state_owned import StateOwned, StateOwnedQuerySet
from tracker.models.user import Membership
from tracker.models.withdrawal import Withdrawal

TAB = re.compile("[0-9a-f]{32}")


def new_tab() -> str:
    """Return a name for one opened form, so that no other tab overwrites its draft."""
    return secrets.token_hex(16)


class DraftQuerySet(StateOwnedQuerySet):
    def visible_to(self, user):
        return super().visible_to(user).filter(author=user, closed_at__isnull=True)

    def headers_for(self, user):
        """Return what a focal point may know of drafts; reading any other field raises FieldFetchBlocked."""
        here = Membership.objects.current().filter(user=OuterRef("author"), respondent=OuterRef("respondent"))
        rows = self.filter(respondent__in=user.focal_point_of, closed_at__isnull=True).exclude(fields={})
        return (
            rows.annotate(has_left=~Exists(here))
            .select_related("unit", "author")
            ._open_only("unit__label", "unit__slug", "unit__title", "author__name", "author__email", "saved_at")
        )


class Draft(StateOwned):
    """The form of an answer in one tab of one author: `fields` are its names with their values, as posted.

    `base` is the number of the revision from which it began, `continues` the stamp of the draft with which the tab was
    opened, `withdrawal` the removal that emptied some of it. A closed draft is empty, and refuses what its tab still
    sends.
    """

    respondent = models.ForeignKey(Respondent, models.PROTECT, related_name="drafts")
    unit = models.ForeignKey(Recommendation, models.PROTECT, related_name="+")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    tab = models.CharField(max_length=32)
    continues = models.CharField(max_length=64, blank=True)
    base = models.PositiveIntegerField(default=0)
    fields = models.JSONField(_("Draft text"), default=dict)
    saved_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True)
    withdrawal = models.ForeignKey(Withdrawal, models.PROTECT, related_name="+", null=True)

    unit_path = "unit"
    objects = DraftQuerySet.as_manager()

    class Meta(StateOwned.Meta):
        ordering = ["-saved_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["respondent", "unit", "author", "tab"], name="draft_once_in_tab"),
            models.CheckConstraint(
                condition=models.Q(closed_at__isnull=True) | models.Q(fields={}), name="closed_draft_is_empty"
            ),
        ]

    def __str__(self):
        return f"{self.respondent_id}: {self.unit_id}"

    @property
    def stamp(self) -> str:
        return digest_value([self.tab, self.fields])

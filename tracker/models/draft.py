"""What somebody is typing: saved while she types, hers alone, and nothing that the State has said yet."""

import re
import secrets

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommendations.models import Recommendation
from tracker.models.digest import sha256
from tracker.models.respondent import Respondent
from tracker.models.state_owned import StateOwned, StateOwnedQuerySet
from tracker.models.user import Membership, Role
from tracker.models.withdrawal import Withdrawal

TAB = re.compile("[0-9a-f]{32}")


def new_tab() -> str:
    """Names one opened form, so that another tab never writes over its draft."""
    return secrets.token_hex(16)


class DraftQuerySet(StateOwnedQuerySet):
    def visible_to(self, user):
        """The author's own, while she is a member; not those that are closed."""
        return super().visible_to(user).filter(author=user, closed_at__isnull=True)

    def headers_for(self, user):
        """What a focal point may know of the drafts of her State: whose, on which unit and when; and whether the author
        `has_left`. Asking one of these rows for anything else raises FieldFetchBlocked.
        """
        own = [m.respondent_id for m in user.memberships_today if m.role == Role.FOCAL_POINT]
        here = Membership.objects.active().filter(user=OuterRef("author"), respondent=OuterRef("respondent"))
        return (
            self.filter(respondent__in=own, closed_at__isnull=True)
            .exclude(fields={})
            .annotate(has_left=~Exists(here))
            .select_related("unit", "author")
            .only("unit__label", "unit__slug", "author__name", "author__email", "saved_at")
            .fetch_mode(models.FETCH_RAISE)
            ._open()
        )


class Draft(StateOwned):
    """The answer form as it stood in one tab of one author: `fields` are its names with their values, as posted.

    `base` is the number of the revision begun from; `continues` the stamp of the draft that the tab was opened with;
    `withdrawal` what emptied some of it. A closed one is empty: it refuses what still comes from its tab.
    """

    respondent = models.ForeignKey(Respondent, models.PROTECT, related_name="drafts", verbose_name=_("respondent"))
    unit = models.ForeignKey(Recommendation, models.PROTECT, related_name="+", verbose_name=_("unit"))
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("author"))
    tab = models.CharField(max_length=32)
    continues = models.CharField(max_length=64, blank=True)
    base = models.PositiveIntegerField(default=0)
    fields = models.JSONField(_("what was typed"), default=dict)
    saved_at = models.DateTimeField(_("saved"), default=timezone.now)
    closed_at = models.DateTimeField(null=True)
    withdrawal = models.ForeignKey(Withdrawal, models.PROTECT, related_name="+", null=True)

    unit_path = "unit"
    objects = DraftQuerySet.as_manager()
    everyones = models.Manager()

    class Meta(StateOwned.Meta):
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")
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
        """Names the draft as it stands now: saved again with other words, it has another."""
        return sha256([self.tab, self.fields])

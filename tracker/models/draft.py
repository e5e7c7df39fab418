"""What somebody is typing: saved while she types, hers alone, and nothing that the State has said yet."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommendations.models import Recommendation
from tracker.models.respondent import Respondent
from tracker.models.state_owned import StateOwned, StateOwnedQuerySet


class DraftQuerySet(StateOwnedQuerySet):
    def visible_to(self, user):
        """The author's own, while she is a member."""
        return super().visible_to(user).filter(author=user)


class Draft(StateOwned):
    """The answer form as it stood, by field name, in one tab of one author; `base` is the revision begun from."""

    respondent = models.ForeignKey(Respondent, models.PROTECT, related_name="drafts", verbose_name=_("respondent"))
    unit = models.ForeignKey(Recommendation, models.PROTECT, related_name="+", verbose_name=_("unit"))
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("author"))
    tab = models.CharField(max_length=32)
    base = models.PositiveIntegerField(default=0)
    fields = models.JSONField(default=dict)
    saved_at = models.DateTimeField(_("saved"), default=timezone.now)

    objects = DraftQuerySet.as_manager()
    everyones = models.Manager()

    class Meta(StateOwned.Meta):
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")
        ordering = ["-saved_at"]
        constraints = [
            models.UniqueConstraint(fields=["respondent", "unit", "author", "tab"], name="draft_once_in_tab")
        ]

    def __str__(self):
        return f"{self.respondent_id}: {self.unit_id}"

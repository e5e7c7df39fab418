"""Keep what a State's brief puts to its minister for decision; it is never submitted."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tracker.models.respondent import Respondent
from tracker.models.withdrawal import Digested


class DecisionList(Digested):
    """A version, numbered from 1, of the points for decision: one a line. The newest is current, and may be empty."""

    withdrawable = digested = ("text",)
    sealed = "respondent.code number author_id saved_at"

    respondent = models.ForeignKey(Respondent, models.PROTECT, related_name="decision_lists")
    number = models.PositiveIntegerField()
    text = models.TextField(_("For decision"), blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    saved_at = models.DateTimeField(default=timezone.now)

    class Meta(Digested.Meta):
        ordering = ["respondent", "number"]
        constraints = [
            models.UniqueConstraint(fields=["respondent", "number"], name="decision_list_number_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="decision_list_numbered_from_1"),
        ]

    def __str__(self):
        return f"{self.respondent_id}: {self.number}"

    @property
    def points(self) -> list[str]:
        return points_of(self.text)


def points_of(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]

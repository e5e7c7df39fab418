"""Keep what the people of a State write to each other about an answer; it is never submitted."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommendations.models import Recommendation
from tracker.models.respondent import Respondent
from tracker.models.withdrawal import Digested


class Comment(Digested):
    """A comment on a unit, numbered from 1. `mentioned` has keys of the people to notify."""

    unit_path = "unit"
    withdrawable = digested = ("text",)
    sealed = "respondent.code unit.full_label number mentioned author_id written_at"

    respondent = models.ForeignKey(Respondent, models.PROTECT, related_name="comments")
    unit = models.ForeignKey(Recommendation, models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    text = models.TextField(_("Comment"), blank=True)
    mentioned = models.JSONField(default=list)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    written_at = models.DateTimeField(default=timezone.now)

    class Meta(Digested.Meta):
        ordering = ["respondent", "unit", "number"]
        constraints = [
            models.UniqueConstraint(fields=["respondent", "unit", "number"], name="comment_number_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="comment_numbered_from_1"),
            models.CheckConstraint(condition=~Q(text="") | Q(withdrawal__isnull=False), name="comment_has_words"),
        ]

    def __str__(self):
        return f"{self.respondent_id}: {self.unit_id}/{self.number}"

    @property
    def words(self) -> str:
        return self.shown_value("text")

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommendations.models.quick_row import QuickRow
from tracker.models.treaty_act import SOURCE_LIMIT


class CompleteActs(QuickRow):
    """Keep a curator's confirmation that the confirmed acts of all States are those of a source on a day.

    States are listed by treaty status only after the first one; the newest counts.
    """

    append_only = True

    as_at = models.DateField(_("As at"))
    source = models.CharField(_("Source"), max_length=SOURCE_LIMIT)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]
        constraints = [models.CheckConstraint(condition=~models.Q(source=""), name="complete_acts_have_source")]

    def __str__(self):
        return f"{self.as_at} {self.source}"

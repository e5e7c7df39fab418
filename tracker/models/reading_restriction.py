from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommendations.models.quick_row import QuickRow
from tracker.models.respondent import Respondent


class ReadingRestriction(QuickRow):
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="bars", verbose_name=_("Secretariat officer")
    )
    respondent = models.ForeignKey(Respondent, models.PROTECT, related_name="+", verbose_name=_("Respondent"))
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        editable=False,
        # Translators: Name of a field or of a kind of data, in the administration.
        verbose_name=_("Set by"),
    )
    set_at = models.DateTimeField(_("Set on"), default=timezone.now, editable=False)
    # Translators: Name of a field or of a kind of data, in the administration.
    lifted_at = models.DateTimeField("Lifted on", null=True, editable=False)

    class Meta:
        # Translators: Name of a field or of a kind of data, in the administration.
        verbose_name = _("Reading restriction")
        verbose_name_plural = "Reading restrictions"
        ordering = ["-set_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "respondent"],
                condition=Q(lifted_at__isnull=True),
                name="barred_once",
                violation_error_message="This restriction is already set. Choose another person or State.",
            )
        ]

    def __str__(self):
        return f"{self.user}: {self.respondent}"

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tracker.models.respondent import Respondent


class ReadingRestriction(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="bars", verbose_name=_("reviewer"))
    respondent = models.ForeignKey(Respondent, models.PROTECT, related_name="+", verbose_name=_("respondent"))
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False, verbose_name=_("set by")
    )
    set_at = models.DateTimeField(_("set"), default=timezone.now, editable=False)
    lifted_at = models.DateTimeField(_("lifted"), null=True, editable=False)

    class Meta:
        verbose_name = _("bar")
        verbose_name_plural = _("bars")
        ordering = ["-set_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "respondent"],
                condition=Q(lifted_at__isnull=True),
                name="barred_once",
                violation_error_message=_("This person is barred from reading for this State already."),
            )
        ]

    def __str__(self):
        return f"{self.user}: {self.respondent}"

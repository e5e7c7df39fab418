"""The one exception to "nothing is ever lost": what identifies a victim is taken out, by two people."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tracker.models.respondent import Respondent
from tracker.models.state_owned import StateOwned


class Withdrawal(StateOwned):
    """A request to destroy words, or files, that identify a victim. The words are forgotten once it is decided."""

    class State(models.TextChoices):
        REQUESTED = "requested", _("requested")
        CONFIRMED = "confirmed", _("confirmed")
        REFUSED = "refused", _("refused")

    class Reason(models.TextChoices):
        NAME = "name", _("names a victim")
        IDENTIFIABLE = "identifiable", _("lets a victim be recognised")
        IMAGE = "image", _("shows a victim")
        COURT_ORDER = "court_order", _("an authority ordered it")

    respondent = models.ForeignKey(Respondent, models.PROTECT, related_name="withdrawals", verbose_name=_("respondent"))
    words = models.CharField(
        _("words"),
        max_length=300,
        blank=True,
        help_text=_("As they stand in the answers. Every field of your State that holds them is emptied."),
    )
    files = models.ManyToManyField("EvidenceFile", related_name="+", blank=True, verbose_name=_("files to destroy"))
    reason = models.CharField(_("reason"), max_length=20, choices=Reason)
    state = models.CharField(_("state"), max_length=20, choices=State, default=State.REQUESTED, editable=False)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("requested by")
    )
    requested_at = models.DateTimeField(_("requested"), default=timezone.now)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided"), null=True)

    class Meta(StateOwned.Meta):
        verbose_name = _("withdrawal")
        verbose_name_plural = _("withdrawals")
        ordering = ["-requested_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="requested", decided_by__isnull=True, decided_at__isnull=True)
                | Q(
                    state__in=["confirmed", "refused"],
                    decided_by__isnull=False,
                    decided_at__isnull=False,
                    words="",
                ),
                name="decided_withdrawal_forgets",
            ),
            models.CheckConstraint(
                condition=~Q(state="confirmed", decided_by=F("requested_by")), name="withdrawal_takes_two"
            ),
        ]

    def __str__(self):
        return f"{self.respondent_id}/{self.pk}"

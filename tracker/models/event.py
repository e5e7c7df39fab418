"""The audit trail: one line for each action, chained by digests, never changed."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tracker.models.digest import sha256
from tracker.models.respondent import Respondent
from tracker.models.state_owned import StateOwned


class ChainHead(models.Model):
    """Where a chain of events stands: the row that is locked last in every writing transaction."""

    chain = models.CharField(max_length=12, unique=True)
    number = models.PositiveBigIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)

    def __str__(self):
        return f"{self.chain} {self.number}"


class Event(StateOwned):
    """One chain for each respondent, under its code, and one for the site. `before` and `after` name what was and what
    is by reference and digest: never by its words.
    """

    append_only = True

    respondent = models.ForeignKey(
        Respondent, models.PROTECT, related_name="events", null=True, verbose_name=_("respondent")
    )
    chain = models.CharField(_("chain"), max_length=12)
    number = models.PositiveBigIntegerField(_("number"))
    at = models.DateTimeField(_("when"), default=timezone.now)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, verbose_name=_("who")
    )
    action = models.CharField(_("what"), max_length=60)
    target = models.CharField(_("on what"), max_length=200)
    before = models.CharField(_("before"), max_length=200, blank=True)
    after = models.CharField(_("after"), max_length=200, blank=True)
    previous_digest = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64)

    class Meta(StateOwned.Meta):
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["chain", "number"]
        constraints = [
            models.UniqueConstraint(fields=["chain", "number"], name="event_number_once_in_chain"),
            models.CheckConstraint(condition=Q(number__gte=1), name="event_numbered_from_1"),
        ]

    def __str__(self):
        return f"{self.number} {self.action} {self.target}"

    def compute_digest(self) -> str:
        return sha256(
            {
                "form": 1,
                "chain": self.chain,
                "number": self.number,
                "at": self.at,
                "actor": self.actor_id,
                "action": self.action,
                "target": self.target,
                "before": self.before,
                "after": self.after,
                "previous": self.previous_digest,
            }
        )

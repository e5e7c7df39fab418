"""Keep the written requests of States that send their answers on paper, for the Secretariat to enter them."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tracker.models.digest import digest_parts, digest_value
from tracker.models.respondent import Respondent
from tracker.models.state_owned import StateOwnedQuerySet
from tracker.models.user import Role
from tracker.models.withdrawal import Digested

REFERENCE_LIMIT = 200


class TranscriptionRequestQuerySet(StateOwnedQuerySet):
    def _own(self, user) -> Q:
        return Q(respondent__in=user.focal_point_of) | self._open_to(user)

    def to_transcribe(self, user, *, with_ended: bool = False):
        """Keep the user's open requests, while the user is a reviewer who may read for the State.

        `with_ended`: the ended ones too, for input that was sent after the end.
        """
        return self.filter(self._entered_by(user) if with_ended else self._open_to(user))._open()

    def _open_to(self, user) -> Q:
        return self._entered_by(user) & Q(closed_at__isnull=True, ends_on__gte=timezone.localdate())

    def _entered_by(self, user) -> Q:
        if not user.has_role(Role.REVIEWER):
            return Q(pk__in=[])
        barred = user.bars.filter(lifted_at__isnull=True).values("respondent")
        return Q(entered_by=user) & ~Q(respondent__in=barred) & ~Q(respondent__in=user.respondent_ids)


class TranscriptionRequest(Digested):
    """A request that allows one reviewer to suggest answers for a State, until it ends or is ended.

    `reference` and `requested_on` are those of the State's written request.
    """

    append_only = False
    withdrawable = digested = ("reference",)
    sealed = "respondent.code requested_on ends_on entered_by_id entered_at"  # not its end

    respondent = models.ForeignKey(Respondent, models.PROTECT, related_name="transcription_requests")
    reference = models.CharField(_("Written request of the State"), max_length=REFERENCE_LIMIT)
    requested_on = models.DateField()
    ends_on = models.DateField()
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    entered_at = models.DateTimeField(default=timezone.now)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    closed_at = models.DateTimeField(null=True)

    objects = TranscriptionRequestQuerySet.as_manager()

    class Meta(Digested.Meta):
        ordering = ["-entered_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(reference="") | Q(withdrawal__isnull=False), name="request_to_transcribe_has_reference"
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("requested_on")), name="request_to_transcribe_ends_after_it_was_made"
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, closed_by__isnull=True)
                | Q(closed_at__isnull=False, closed_by__isnull=False),
                name="ended_request_to_transcribe_says_by_whom",
            ),
        ]

    def __str__(self):
        return self.shown_value("reference")

    @property
    def is_open(self) -> bool:
        return self.closed_at is None and self.ends_on >= timezone.localdate()

    def state_digest(self) -> str:
        end = digest_parts(self, "closed_by_id closed_at")
        return digest_value({"form": self.canonical_form, "request": self.digest, **end})

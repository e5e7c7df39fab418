"""Keep what became of a need for technical assistance that a respondent submitted."""

from django.conf import settings
from django.db import models
from django.db.models import Case, DateTimeField, OuterRef, Q, QuerySet, Subquery, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from recommendations.models import Recommendation
from tracker.models.digest import FORM, digest_parts, digest_value
from tracker.models.respondent import Respondent
from tracker.models.submission import SubmissionItem, SubmittedModel, is_withdrawn


class NeedStage(models.TextChoices):
    # Translators: State of a need for assistance or of a round: not closed.
    OPEN = "open", pgettext_lazy("need for assistance", "Open")
    # Translators: State of a need for assistance: the Secretariat has seen it.
    SEEN = "seen", _("Seen")
    # Translators: State of a need for assistance: the Secretariat is in contact with the State.
    IN_CONTACT = "in_contact", _("In contact")
    # Translators: State of a need for assistance or of a round.
    CLOSED = "closed", pgettext_lazy("need for assistance", "Closed")


class AssistanceNeed(SubmittedModel):
    """One need across all submissions; without a row it is open."""

    unit_path = "unit"

    respondent = models.ForeignKey(Respondent, models.PROTECT, related_name="+")
    unit = models.ForeignKey(Recommendation, models.PROTECT, related_name="+")
    state = models.CharField(max_length=20, choices=NeedStage)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta(SubmittedModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["respondent", "unit"], name="need_once"),
            models.CheckConstraint(
                condition=Q(state__in=["seen", "in_contact", "closed"]), name="open_need_has_no_row"
            ),
        ]

    def __str__(self):
        return f"{self.respondent_id}: {self.unit_id} {self.state}"

    @property
    def current_state(self) -> str:
        """Return OPEN where the respondent asked again after it was closed. Needs `with_newest_need`."""
        newest = self.newest_need_at  # type: ignore[attr-defined]
        if newest and newest > self.at:
            return NeedStage.OPEN
        return self.state

    def make_digest(self) -> str:
        return digest_value({"form": FORM, **digest_parts(self, "respondent.code unit.full_label state by_id at")})


def with_newest_need(needs: QuerySet[AssistanceNeed]) -> QuerySet[AssistanceNeed]:
    """Annotate closed needs with `newest_need_at`: when the respondent last submitted an answer that asks."""
    asking = SubmissionItem.everyones.filter(
        asks_for_assistance=True, unit=OuterRef("unit"), submission__respondent=OuterRef("respondent")
    ).exclude(is_withdrawn("submission__"))
    last = asking.order_by("-submission_id").values("submission__sealed_at")[:1]
    is_closed = When(state=NeedStage.CLOSED, then=Subquery(last))
    return needs.annotate(newest_need_at=Case(is_closed, output_field=DateTimeField()))

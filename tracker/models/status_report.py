"""Keep what a State's focal point reports of its treaty status: that it is wrong, and what is right."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tracker.models.digest import digest_parts, digest_value
from tracker.models.respondent import Respondent
from tracker.models.state_owned import StateOwnedQuerySet
from tracker.models.user import Role
from tracker.models.withdrawal import Digested

REPORT_LIMIT = 2000  # characters, of what is wrong, of what is right, and of the answer
REFERENCE_LIMIT = 300


class StatusReportQuerySet(StateOwnedQuerySet):
    def _own(self, user) -> Q:
        return Q() if user.has_role(Role.CURATOR) else super()._own(user)

    def waiting(self):
        return self.filter(state=StatusReportStage.WAITING)


class StatusReportStage(models.TextChoices):
    # Translators: A decision has not been made yet.
    WAITING = "waiting", _("Pending")
    ACCEPTED = "accepted", pgettext_lazy("status report", "Accepted")
    DECLINED = "declined", pgettext_lazy("status report", "Declined")


class StatusReport(Digested):
    append_only = False
    digested = ("wrong", "right", "reference")
    withdrawable = (*digested, "answer")
    sealed = "respondent.code reported_by_id reported_at"
    decision = "answer"

    respondent = models.ForeignKey(Respondent, models.PROTECT, related_name="status_reports")
    wrong = models.TextField(_("Problem"))
    right = models.TextField(_("Correct information"))
    reference = models.CharField(_("Source"), max_length=REFERENCE_LIMIT, blank=True)
    reported_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reported_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=10, choices=StatusReportStage, default=StatusReportStage.WAITING)
    answer = models.TextField(_("Response from the Secretariat"), blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    answered_at = models.DateTimeField(null=True)

    objects = StatusReportQuerySet.as_manager()

    class Meta(Digested.Meta):
        ordering = ["-reported_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="waiting", answered_by__isnull=True, answered_at__isnull=True, answer="")
                | Q(state__in=["accepted", "declined"], answered_by__isnull=False, answered_at__isnull=False),
                name="answered_status_report_says_by_whom",
            ),
            models.CheckConstraint(
                condition=~Q(state="declined") | ~Q(answer="") | Q(withdrawal__isnull=False),
                name="declined_status_report_says_why",
            ),
            models.CheckConstraint(
                condition=~Q(wrong="") & ~Q(right="") | Q(withdrawal__isnull=False), name="status_report_has_words"
            ),
        ]

    def __str__(self):
        return f"{self.respondent_id}/{self.pk}"

    def digested_fields(self) -> dict:
        is_answered = self.state != StatusReportStage.WAITING or self.answer
        return super().digested_fields() | ({"answer": self.answer} if is_answered else {})

    def state_digest(self) -> str:
        return digest_value(
            {
                "form": self.canonical_form,
                "report": self.digest,
                **digest_parts(self, "state answered_by_id answered_at"),
                "answer": self.field_digests.get("answer", ""),
            }
        )

"""Keep the reading of a submission, item by item, and the replies to requests for clarification."""

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tracker.models.digest import FORM, digest_parts, digest_value
from tracker.models.state_owned import DeskQuerySet
from tracker.models.submission import (
    Participation,
    Submission,
    SubmissionItem,
    SubmissionStage,
    SubmittedQuerySet,
    is_withdrawn,
)
from tracker.models.withdrawal import Digested


class RemarkQuerySet(SubmittedQuerySet):
    def _own(self, user) -> Q:
        return super()._own(user) & self._shared_rows()

    def _shared_rows(self) -> Q:
        return Q(sent_at__isnull=False)

    def open(self):
        """Keep the unanswered requests of readings that wait for the State."""
        return self.filter(is_open_request())

    def unanswered(self):
        return self.filter(_is_unanswered())

    def in_force(self):
        """Leave out what was written on submissions that are withdrawn."""
        return self.exclude(is_withdrawn("item__submission__"))


def is_open_request() -> Q:
    return _is_unanswered() & Q(item__submission__participation__state=SubmissionStage.CLARIFICATION_REQUESTED)


def _is_unanswered() -> Q:
    """Match the requests without a reply whose answer is submitted in the same version as when asked."""
    current = OuterRef("item__submission__participation__current")
    items = SubmissionItem.everyones.filter(submission=current, unit=OuterRef("item__unit"))
    is_same = Q(Exists(items.filter(revision=OuterRef("item__revision"))))
    is_same |= Q(Exists(items.filter(revision__isnull=True)), item__revision__isnull=True)
    return Q(sent_at__isnull=False, reply__isnull=True) & ~is_withdrawn("item__submission__") & is_same


class RemarkKind(models.TextChoices):
    NOTED = "noted", _("Noted")
    CLARIFICATION = "clarification_requested", _("Clarification requested")


class Remark(Digested):
    """The Secretariat's reading of one item. It verifies nothing and never replaces the State's status.

    All requests for clarification of a submission are sent at once; then they do not change. `reply_by` is the day by
    which a reply is requested, if the officer named one.
    """

    append_only = False
    withdrawable = digested = ("question",)
    sealed = "item.digest kind author_id saved_at"

    respondent_path = "item__submission__respondent"
    submission_path = "item__submission"

    item = models.OneToOneField(SubmissionItem, models.PROTECT, related_name="remark")
    kind = models.CharField(max_length=30, choices=RemarkKind)
    question = models.TextField(_("Request for clarification"), blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    saved_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)
    reply_by = models.DateField(null=True)

    objects = RemarkQuerySet.as_manager()

    class Meta(Digested.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="noted", question="", sent_at__isnull=True)
                | Q(kind="clarification_requested", withdrawal__isnull=False)
                | Q(kind="clarification_requested") & ~Q(question=""),
                name="question_has_words",
            )
        ]

    def __str__(self):
        return f"{self.item_id} {self.kind}"

    @property
    def stamp(self) -> str:
        """Return what changes whenever an officer changes the remark."""
        return self.saved_at.isoformat()

    @property
    def digest_base(self) -> dict:
        base = {**super().digest_base, "label": self.item.unit.full_label}
        return base | ({"reply_by": self.reply_by} if self.reply_by else {})

    @property
    def is_overdue(self) -> bool:
        return self.reply_by is not None and self.reply_by < timezone.localdate()


class ReplyQuerySet(DeskQuerySet, SubmittedQuerySet):  # type: ignore[override]  # managers made of both
    pass


class Reply(Digested):
    """The State's reply to a request, in words or that there is no further information: made by its `submission`.

    Every later submission carries it too, until its request is withdrawn: `Submission.replies` says so.
    """

    respondent_path = "remark__item__submission__respondent"
    submission_path = "remark__item__submission"
    withdrawable = digested = ("text",)
    sealed = "has_nothing_further author_id saved_at"

    submission = models.ForeignKey(Submission, models.PROTECT, related_name="+")
    remark = models.OneToOneField(Remark, models.PROTECT, related_name="reply")
    text = models.TextField(_("Answer"), blank=True)
    has_nothing_further = models.BooleanField(_("No further information"), default=False)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    saved_at = models.DateTimeField(default=timezone.now)

    objects = ReplyQuerySet.as_manager()

    class Meta(Digested.Meta):
        ordering = ["remark"]
        constraints = [
            models.CheckConstraint(
                condition=Q(withdrawal__isnull=False)
                | Q(has_nothing_further=True, text="")
                | Q(has_nothing_further=False) & ~Q(text=""),
                name="reply_has_words",
            )
        ]

    def __str__(self):
        return f"{self.remark_id}"

    @property
    def words(self) -> str:
        return str(_("No further information")) if self.has_nothing_further else self.shown_value("text")

    def make_digest(self) -> str:
        return digest_value({**self.digest_base, "remark": self.remark.digest, "fields": self.field_digests})


def state_digest(participation: Participation) -> str:
    """Cover what a respondent does in a round, and the remarks once they are sent or the reading is closed."""
    remarks = Remark.everyones.filter(item__submission__participation=participation).order_by("pk")
    return digest_of_participation(participation, list(remarks.values_list("digest", "sent_at")))


def digest_of_participation(participation: Participation, remarks: list[tuple]) -> str:
    """`remarks` are (digest, sent at) pairs in the order of their keys.

    Those that are not sent count once the reading is over: a reading in progress is not in the State's own chain.
    """
    is_over = participation.state in (SubmissionStage.REVIEW_CLOSED, SubmissionStage.WITHDRAWN)
    return digest_value(
        {
            "form": FORM,
            "participation": participation.reference,
            "current": participation.current.digest if participation.current else "",
            **digest_parts(participation, "state taken_by_id taken_at asked_at closed_at unanswered read_to"),
            **digest_parts(participation, "is_complete withdrawn_at withdrawn_to withdrawal_reason"),
            "remarks": [[digest, sent_at] for digest, sent_at in remarks if sent_at or is_over],
        }
    )

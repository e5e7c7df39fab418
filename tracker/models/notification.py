"""Keep the notifications that people get by mail, and which kinds they want."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommendations.models.quick_row import QuickRow
from tracker.models.respondent import Respondent
from tracker.models.round import Round
from tracker.models.submission import Submission
from tracker.models.user import Role


class NotificationKind(models.TextChoices):
    ROUND_OPENED = "round_opened", _("A round opens")
    REQUESTS_CHANGED = (
        "requests_changed",
        _("Answers to a paper or a recommendation are requested, or no longer requested"),
    )
    ROUND_CLOSES = "round_closes", _("The due date of a round is moved, or its closing date is set")
    ROUND_REMINDER = "round_reminder", _("The Secretariat reminds your State of a round: at most once a week")
    SUBMITTED = "submitted", _("A submission is made (with its receipt)")
    CLARIFICATIONS = "questions", _("The Secretariat requests clarification")
    REVIEW_CLOSED = "review_closed", _("The Secretariat closes a reading")
    QUOTED = "quoted", _("The Secretariat intends to quote your State in a paper")
    WITHDRAWN = "withdrawn", _("A submission is withdrawn")
    ASSIGNED = "assigned", _("Recommendations are assigned to you")
    RETURNED = "returned", _("An answer is returned to you")
    ITEMS_READY = "items_ready", _("Answers are sent to the focal point: once a day")
    MENTIONED = "mentioned", _("A member of your team mentions you in a comment")
    STATUS_REPORTED = "status_reported", _("A State reports an error in its treaty status")
    STATUS_ANSWERED = "status_answered", _("The Secretariat responds to your report on treaty status")
    REMOVAL_REQUESTED = "removal_requested", _("A removal of identifying information waits for a second person")
    REMINDERS = "reminders", _("Dates that passed or come soon: at most once a week, only if a date is new")
    ACCESS_CHANGED = "access_changed", _("Account changes for a second administrator")
    PAPER_OFFERED = "paper_offered", _("A paper waits for a second person to publish it")
    PAPER_RETURNED = "paper_returned", _("A paper whose publication you requested is returned")
    NEW_LOG = "new_log", _("The daily lists begin again with a new key")


# Nobody can choose not to know who gets access, that a paper is to quote their State or to be published, or that a
# signing key is lost.
ALWAYS_SENT = {
    NotificationKind.ACCESS_CHANGED,
    NotificationKind.PAPER_OFFERED,
    NotificationKind.QUOTED,
    NotificationKind.NEW_LOG,
}
_OF_ITEMS = (NotificationKind.ASSIGNED, NotificationKind.RETURNED)
_OF_SECRETARIAT = (NotificationKind.STATUS_REPORTED, NotificationKind.PAPER_OFFERED, NotificationKind.PAPER_RETURNED)

# About their own respondent or, for the Secretariat's roles, about those that they may read.
NOTIFICATION_KINDS = {
    Role.FOCAL_POINT: tuple(kind for kind in NotificationKind if kind not in (*_OF_ITEMS, *_OF_SECRETARIAT)),
    Role.CONTRIBUTOR: (
        *_OF_ITEMS,
        NotificationKind.MENTIONED,
        NotificationKind.REMOVAL_REQUESTED,
        NotificationKind.REMINDERS,
    ),
    Role.VIEWER: (NotificationKind.MENTIONED, NotificationKind.REMINDERS),
    Role.REVIEWER: (
        NotificationKind.SUBMITTED,
        NotificationKind.WITHDRAWN,
        NotificationKind.REMINDERS,
        NotificationKind.PAPER_OFFERED,
    ),
    Role.CURATOR: (
        NotificationKind.STATUS_REPORTED,
        NotificationKind.REMINDERS,
        NotificationKind.PAPER_OFFERED,
        NotificationKind.PAPER_RETURNED,
    ),
    Role.ADMINISTRATOR: (
        NotificationKind.REMOVAL_REQUESTED,
        NotificationKind.REMINDERS,
        NotificationKind.ACCESS_CHANGED,
        NotificationKind.NEW_LOG,
    ),
}


class NotificationQuerySet(models.QuerySet):
    def waiting(self):
        return self.filter(sent_at__isnull=True)

    def to_send(self, since):
        """Keep the unsent notifications that no process began to send after `since`."""
        return self.waiting().filter(Q(begun_at__isnull=True) | Q(begun_at__lt=since))


class Notification(QuickRow):
    """A notification of one thing to one person, once; `thing` is unique within its kind, `path` leads to it.

    `respondent` is empty where it is about all of them; `context` holds counts, codes, keys and days in ISO
    8601 for the mail, and no words of a language.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="notifications")
    kind = models.CharField(max_length=30, choices=NotificationKind)
    thing = models.CharField(max_length=120)
    path = models.CharField(max_length=300)
    respondent = models.ForeignKey(Respondent, models.PROTECT, related_name="+", null=True)
    round = models.ForeignKey(Round, models.PROTECT, related_name="+", null=True)
    submission = models.ForeignKey(Submission, models.PROTECT, related_name="+", null=True)
    context = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)
    begun_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["user", "kind", "thing"], name="told_once")]
        indexes = [models.Index(fields=["id"], condition=Q(sent_at__isnull=True), name="notification_unsent")]

    def __str__(self):
        return f"{self.user_id} {self.kind} {self.thing}"

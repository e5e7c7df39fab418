"""What people are told by mail, and which kinds each of them wants."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    HANDED_IN = "handed_in", _("A State handed in")
    QUESTIONS = "questions", _("The Secretariat asks for clarification")
    REVIEW_CLOSED = "review_closed", _("The Secretariat closed the reading")
    WITHDRAWN = "withdrawn", _("A State withdrew a submission")
    ROUND_OPENED = "round_opened", _("A round opened")
    DUE = "due", _("A due date comes near")
    UNANSWERED = "unanswered", _("Questions wait for an answer")


class Notification(models.Model):
    """One thing that one person is told once; `thing` names it, `path` leads to it. Unsent until `sent_at`."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="notifications")
    kind = models.CharField(_("kind"), max_length=30, choices=Kind)
    thing = models.CharField(_("thing"), max_length=120)
    path = models.CharField(max_length=300, blank=True)
    context = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["user", "kind", "thing"], name="told_once")]

    def __str__(self):
        return f"{self.user_id} {self.kind} {self.thing}"


class UnwantedNotification(models.Model):
    """A kind that a person does not want by mail."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="unwanted_notifications")
    kind = models.CharField(_("kind"), max_length=30, choices=Kind)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "kind"], name="unwanted_once")]

    def __str__(self):
        return f"{self.user_id} {self.kind}"

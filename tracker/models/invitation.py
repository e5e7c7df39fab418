"""Keep the invitations by which people join a State."""

import datetime
import hashlib
import secrets

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tracker.models.digest import new_salt
from tracker.models.institution import Institution
from tracker.models.respondent import Respondent
from tracker.models.state_owned import StateOwned, StateOwnedQuerySet
from tracker.models.user import INVITED_AS, Role


def new_link_key() -> str:
    """Return the secret of a link. Only its digest is stored."""
    return secrets.token_urlsafe(32)


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


class InvitationStage(models.TextChoices):
    WAITING = "waiting", pgettext_lazy("invitation", "Waiting")
    # Translators: State of an invitation.
    EXPIRED = "expired", pgettext_lazy("invitation", "Expired")
    ACCEPTED = "accepted", pgettext_lazy("invitation", "Accepted")
    # Translators: State of an invitation, a suggestion, a submission or a recommendation.
    WITHDRAWN = "withdrawn", pgettext_lazy("invitation", "Withdrawn")


class InvitationQuerySet(StateOwnedQuerySet):
    def of_link(self, token: str):
        """Return the invitation that a link opens, at any stage: to have the link is the licence."""
        return self.filter(token_digest=digest_of(token))._open()


class Invitation(StateOwned):
    """A link that works once, until it expires, is renewed or withdrawn, or its sender is no focal point any more.

    The address is stored while the link can still work, and then deleted with `salt`, with which events digest it.
    """

    respondent = models.ForeignKey(Respondent, models.PROTECT, related_name="invitations")
    email = models.EmailField(max_length=254)
    salt = models.CharField(max_length=32, default=new_salt, editable=False)
    role = models.CharField(max_length=20, choices=[(role.value, role.label) for role in INVITED_AS])
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="+", null=True, blank=True)
    until = models.DateField(null=True, blank=True)
    language = models.CharField(max_length=10, default=settings.LANGUAGE_CODE)
    token_digest = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    sent_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, editable=False)
    accepted_at = models.DateTimeField(null=True, editable=False)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, editable=False
    )

    is_mailed = True  # False in the request in which the mail server did not accept the link

    objects = InvitationQuerySet.as_manager()

    class Meta(StateOwned.Meta):
        ordering = ["-sent_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                "respondent",
                Lower("email"),
                condition=Q(withdrawn_at__isnull=True, accepted_at__isnull=True),
                name="invited_once",
                violation_error_message=_("Already invited. Send a new link, or withdraw the invitation."),
            ),
            models.CheckConstraint(condition=Q(role__in=INVITED_AS), name="invited_as_contributor_or_viewer"),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True) | Q(accepted_at__isnull=True),
                name="invitation_withdrawn_or_accepted",
            ),
        ]

    def __str__(self):
        return f"{self.respondent_id}: {self.role}"

    @property
    def state(self) -> InvitationStage:
        if self.accepted_at:
            return InvitationStage.ACCEPTED
        if self.withdrawn_at:
            return InvitationStage.WITHDRAWN
        return InvitationStage.EXPIRED if self.expires_at <= timezone.now() else InvitationStage.WAITING

    @property
    def is_open(self) -> bool:
        return self.state in (InvitationStage.WAITING, InvitationStage.EXPIRED)

    def is_current(self) -> bool:
        """Return whether it gives the role now: its sender is still a focal point, and its last day has not passed."""
        over = self.until is not None and self.until < timezone.localdate()
        sent_by_focal_point = self.invited_by.has_role(Role.FOCAL_POINT, respondent=self.respondent)
        return self.state == InvitationStage.WAITING and not over and sent_by_focal_point

    def forget_address(self) -> None:
        """Saves nothing."""
        self.email = self.salt = ""

    def new_link(self, by) -> str:
        """Return the new token. Saves nothing."""
        token = new_link_key()
        now = timezone.now()
        self.token_digest, self.invited_by, self.sent_at = digest_of(token), by, now
        self.expires_at = now + datetime.timedelta(days=settings.INVITATION_DAYS)
        return token

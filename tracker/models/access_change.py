"""Keep the changes of access that take two administrators, and for a State that has a focal point 72 hours."""

import datetime

from django.core import signing
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import formats, timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from tracker.models.respondent import Respondent, RespondentKind
from tracker.models.user import Appointed, Membership, Role, User
from tracker.models.validators import validate_line

DELAY = datetime.timedelta(hours=72)
OFFICE_LIMIT = 200


class AccessChangeKind(models.TextChoices):
    # Translators: What two administrators do for a person.
    ROLE = "role", _("Give a role")
    # Translators: What two administrators do for a person.
    ADDRESS = "address", _("Change the e-mail address")
    # Translators: What two administrators do for a person.
    SECOND_FACTOR = "second_factor", _("Reset two-step sign-in")
    # Translators: What two administrators do for a person: the account is one at an identity provider.
    IDENTITY = "identity", _("Link an account for single sign-on")
    # Translators: What two administrators do for a person.
    ACCOUNT = "account", _("Reactivate the account")


class AccessChangeStage(models.TextChoices):
    REQUESTED = "requested", pgettext_lazy("account change", "Requested")
    CONFIRMED = "confirmed", pgettext_lazy("account change", "Confirmed")
    # Translators: State of a role, an address or a reset that was requested and confirmed.
    DONE = "done", _("In effect")
    REFUSED = "refused", pgettext_lazy("account change", "Declined")
    # Translators: State of a role, an address or a reset: a focal point stopped it, or a mailed link did.
    STOPPED = "stopped", pgettext_lazy("account change", "Stopped")


OPEN = (AccessChangeStage.REQUESTED, AccessChangeStage.CONFIRMED)


class AccessChangeQuerySet(models.QuerySet):
    def open(self):
        return self.filter(state__in=OPEN)

    def due(self):
        return self.filter(state=AccessChangeStage.CONFIRMED, due_at__lte=timezone.now())

    def to_confirm_together(self):
        """Keep the requests for people whom nobody knew before a designation, of States without users for 30 days."""
        team = Membership.objects.recent().filter(respondent=OuterRef("respondent"))
        new = self.filter(state=AccessChangeStage.REQUESTED, requested_at=F("user__joined_at"))
        return new.filter(~Exists(team), respondent__isnull=False, user__memberships=None)

    def of_team(self, respondent: Respondent):
        """Keep roles of the respondent, and what is done for people who have a role there, or had one in the last 30
        days.
        """
        team = Membership.objects.recent().filter(respondent=respondent).values("user")
        return self.filter(Q(respondent=respondent) | Q(user__in=team))

    def with_people(self):
        return self.select_related("user", "respondent", "requested_by", "confirmed_by", "seconded_by", "ended_by")

    def of_link(self, token: str):
        """Return the change that a mailed link stops, at any stage: to have the link is the licence."""
        try:
            return self.filter(pk=_signer().unsign(token))
        except signing.BadSignature:
            return self.none()


class AccessChange(Appointed):
    """One act that gives access to an account or to a State: `kind` says which fields it has.

    `requested_by` is empty where an operator does it by a command. `seconded_by` is a focal point who confirms too.
    `requested_at` is `joined_at` of a person whom the request added. What waits takes effect at `due_at`. `ended_by`
    declined or stopped; a stop by a mailed link has no author.
    """

    # Translators: What two administrators do for a person: give a role, change the e-mail address, reset.
    kind = models.CharField(_("Request"), max_length=20, choices=AccessChangeKind)
    user = models.ForeignKey(User, models.PROTECT, related_name="access_changes", verbose_name=_("Person"))
    role = models.CharField(_("Role"), max_length=20, choices=Role, blank=True)
    respondent = models.ForeignKey(
        Respondent, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("Respondent")
    )
    office = models.CharField(max_length=OFFICE_LIMIT, blank=True, validators=[validate_line])
    since = models.DateField(null=True, blank=True)
    until = models.DateField(null=True, blank=True)
    email = models.EmailField(max_length=254, blank=True)
    provider = models.CharField(max_length=200, blank=True)
    subject = models.CharField(max_length=191, blank=True, validators=[validate_line])
    state = models.CharField(_("Status"), max_length=20, choices=AccessChangeStage, default=AccessChangeStage.REQUESTED)
    requested_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("Requested by")
    )
    requested_at = models.DateTimeField(pgettext_lazy("account change", "Requested"), default=timezone.now)
    confirmed_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    seconded_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    membership = models.OneToOneField(Membership, models.PROTECT, related_name="access_change", null=True, blank=True)

    objects = AccessChangeQuerySet.as_manager()

    class Meta:
        # Translators: A role, an address or a reset that one administrator requests and another confirms.
        verbose_name = _("Account change for a second administrator")
        # Translators: Roles, addresses and resets that one administrator requests and another confirms.
        verbose_name_plural = _("Account changes for a second administrator")
        ordering = ["-requested_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True)
                | Q(requested_by__isnull=False) & ~Q(confirmed_by=F("requested_by")) & ~Q(confirmed_by=F("user")),
                name="access_change_takes_two",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[AccessChangeStage.CONFIRMED, AccessChangeStage.DONE])
                | Q(confirmed_by__isnull=False)
                | Q(requested_by__isnull=True),
                name="access_change_confirmed",
            ),
            models.CheckConstraint(
                condition=~Q(state=AccessChangeStage.CONFIRMED) | Q(due_at__isnull=False), name="access_change_waits"
            ),
            models.CheckConstraint(
                condition=Q(seconded_by__isnull=True)
                | ~Q(seconded_by=F("user")) & ~Q(seconded_by=F("requested_by")) & ~Q(seconded_by=F("confirmed_by")),
                name="access_change_seconded",
            ),
            models.CheckConstraint(
                condition=Q(kind=AccessChangeKind.ROLE, email="", subject="", since__isnull=False) & ~Q(role="")
                | Q(kind=AccessChangeKind.ADDRESS, role="", subject="", respondent__isnull=True) & ~Q(email="")
                | Q(kind=AccessChangeKind.IDENTITY, role="", email="", respondent__isnull=True)
                & ~Q(provider="")
                & ~Q(subject="")
                | Q(
                    kind__in=[AccessChangeKind.SECOND_FACTOR, AccessChangeKind.ACCOUNT],
                    role="",
                    respondent__isnull=True,
                    email="",
                    subject="",
                ),
                name="access_change_of_kind",
            ),
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(state__in=OPEN),
                name="access_change_requested_once",
                violation_error_message=_(
                    "Another request for this person is open. Confirm or decline that request first."
                ),
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()}: {self.user}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @classmethod
    def row_rule(cls) -> str:
        """Return SQL over NEW: what takes effect for a State that has a focal point has waited, or a focal point
        confirmed it. A first focal point is the one whom the change itself appoints.
        """
        roles, respondents = Membership._meta.db_table, Respondent._meta.db_table
        own = f'SELECT "respondent_id" FROM "{roles}" WHERE "user_id" = NEW."user_id" AND "ended_at" IS NULL'  # noqa: S608
        return (
            f'NEW."state" <> \'{AccessChangeStage.DONE}\' OR NEW."seconded_by_id" IS NOT NULL '  # noqa: S608 - own names
            'OR COALESCE(NEW."due_at" <= NEW."ended_at", FALSE) OR NOT EXISTS ('
            f'SELECT 1 FROM "{roles}" guard JOIN "{respondents}" state ON state."id" = guard."respondent_id" '
            f"WHERE guard.\"role\" = '{Role.FOCAL_POINT}' AND state.\"kind\" <> '{RespondentKind.SECRETARIAT}' "
            'AND guard."ended_at" IS NULL AND (guard."until" IS NULL OR guard."until" >= NEW."ended_at") '
            'AND guard."id" <> COALESCE(NEW."membership_id", 0) AND (guard."respondent_id" = NEW."respondent_id" '
            f'OR guard."respondent_id" IN ({own})))'
        )

    @property
    def token(self) -> str:
        """Return the secret of the link by which a person without the page of a State stops the open change."""
        return _signer().sign(str(self.pk))

    def facts(self) -> list[tuple[str, object]]:
        """Return the label and the value of each thing that people should know about the change."""
        # Translators: Value after “Requested by”: an operator of the server did it, without the pages of the site.
        requested_by = self.requested_by or gettext("Operator, by a command on the server")
        facts: list[tuple[str, object]] = [
            (gettext("Request"), self.get_kind_display()),
            (gettext("Person"), f"“{self.user.name}” ({self.user.email})"),
            # Translators: Label before the office of a person, such as “Ministry of Justice, Director”.
            (gettext("Office"), self.office),
            (gettext("Role"), self.get_role_display()),
            (gettext("Respondent"), self.respondent),
            (gettext("Since"), _day(self.since)),
            (gettext("Until"), _day(self.until)),
            # Translators: Label.
            (gettext("New e-mail address"), self.email),
            # Translators: Label: the organization at which the person signs in.
            (gettext("Provider"), self.provider),
            # Translators: Label: the code by which the provider knows the person.
            (gettext("Identity"), self.subject),
            (gettext("Appointing document"), self.appointing_document),
            (gettext("Date of the appointing document"), _day(self.appointed_on)),
            (gettext("Status"), self.get_state_display()),
            (gettext("Requested by"), f"{requested_by}, {_time(self.requested_at)}"),
            (gettext("Confirmed by"), self.confirmed_by and f"{self.confirmed_by}, {_time(self.confirmed_at)}"),
            # Translators: Label before the name of a focal point who also confirmed a role, an address or a reset.
            (gettext("Confirmed by focal point"), self.seconded_by),
            # Translators: Label before the date and time from which a new role or e-mail address works.
            (gettext("Takes effect on"), self.state == AccessChangeStage.CONFIRMED and _time(self.due_at)),
            # Translators: Label before the name of a person.
            (gettext("Declined or stopped by"), self.ended_by),
        ]
        return [(label, fact) for label, fact in facts if fact]


def _day(day: datetime.date | None) -> str:
    return formats.date_format(day, "DATE_FORMAT") if day else ""


def _time(at: datetime.datetime | None) -> str:
    return formats.date_format(timezone.localtime(at), "DATETIME_FORMAT") if at else ""


def _signer() -> signing.Signer:
    return signing.Signer(salt="tracker.access_change.stop")

"""Keep people and their roles: one person, one address, any number of memberships."""

import datetime
import re
import unicodedata
from collections.abc import Iterator
from operator import attrgetter

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_backends, hashers
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone, translation
from django.utils.crypto import get_random_string
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from recommendations.models.quick_row import QuickRow
from tracker.models.respondent import Respondent, RespondentKind
from tracker.models.second_factor import second_factors_of
from tracker.models.validators import has_none, validate_name

NAME_LIMIT = 120
RECENT = datetime.timedelta(days=30)


class Role(models.TextChoices):
    # Translators: Name of a role.
    FOCAL_POINT = "focal_point", _("Focal point")
    # Translators: Name of a role.
    CONTRIBUTOR = "contributor", _("Contributor")
    # Translators: Name of a role.
    VIEWER = "viewer", _("Viewer")
    REVIEWER = "reviewer", _("Secretariat officer")
    # Translators: Name of a role.
    CURATOR = "curator", _("Curator")
    # Translators: Name of a role.
    ADMINISTRATOR = "administrator", _("Administrator")


RESPONDENT_ROLES = (Role.FOCAL_POINT, Role.CONTRIBUTOR, Role.VIEWER)
SECRETARIAT_ROLES = (Role.REVIEWER, Role.CURATOR, Role.ADMINISTRATOR)
INVITED_AS = (Role.CONTRIBUTOR, Role.VIEWER)

# A name is quoted, with a role in brackets after it: it has neither marks of its own nor a role.
SIGNS = " .,-\u2010'’·・\u05f3\u0f0b\u200c\u200d"  # also geresh, tsheg and the joiners of validate_line
QUOTE_LIKE = re.compile("[\u02ba\u02ee]|['’\u02b9-\u02bd]{2}")
NEVER_IN_NAMES = '\n\r()[]{}<>"“”„«»'
FURTHER_ROLES = ("Secretariat", "Admin", "Reviewer", "Operator", "UNODC")


def validate_person_name(name: str) -> None:
    """Refuse a name with other signs than those of names, or with a role in a language of the site."""
    validate_name(name)
    name = unicodedata.normalize("NFKC", name)
    signs = {sign for sign in name if unicodedata.category(sign)[0] not in "LM" and not sign.isdecimal()}
    if not signs <= set(SIGNS) or QUOTE_LIKE.search(name):
        raise ValidationError(
            _("Remove brackets, quotation marks and other signs. Hyphens and apostrophes can stay."),
            code="signs",
        )
    for gap in (" ", ""):  # focal-point, Secre.tariat
        if any(f" {role} " in f" {_plain_words(name, gap)} " for role in _role_names()):
            raise ValidationError(_("Remove the role: the site shows it beside the name."), code="role")


def _plain_words(text: str, gap: str) -> str:
    """Return the letters without accents, with `gap` in place of signs."""
    letters = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    return " ".join(re.sub(r"[^\w\s]", gap, letters).casefold().split())


def _role_names() -> Iterator[str]:
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            yield from (_plain_words(str(role), " ") for role in (*Role.labels, *FURTHER_ROLES))


class NameField(models.CharField):
    """A text that is normalized (NFKC): wide brackets are brackets."""

    def to_python(self, value):
        return unicodedata.normalize("NFKC", super().to_python(value) or "")


class User(AbstractBaseUser, QuickRow):
    email = models.EmailField(_("E-mail address"), max_length=254, unique=True)
    name = NameField(_("Name"), max_length=NAME_LIMIT, validators=[validate_person_name])
    language = models.CharField(_("Language"), max_length=10, default=settings.LANGUAGE_CODE, editable=False)
    is_active = models.BooleanField("Active", default=True)
    joined_at = models.DateTimeField("Added on", default=timezone.now, editable=False)
    in_directory = models.BooleanField(_("Listed in the directory of contact points"), default=False, editable=False)
    address_in_directory = models.BooleanField(default=False, editable=False)
    welcomed_at = models.DateTimeField(null=True, editable=False)
    second_factor_postponed_at = models.DateTimeField(null=True, editable=False)
    device_generation = models.PositiveIntegerField(default=0, editable=False)  # of the cookies of known browsers
    unwanted_notifications = models.JSONField(default=list, editable=False)  # kinds, in their order

    USERNAME_FIELD = "email"

    class Meta:
        verbose_name = _("Person")
        # Translators: Tab and page title: the users of a State.
        verbose_name_plural = _("People")
        ordering = ["name", "email"]
        constraints = [
            models.UniqueConstraint(Lower("email"), name="email_once"),
            models.CheckConstraint(
                condition=Q(in_directory=True) | Q(address_in_directory=False), name="address_listed_with_name"
            ),
            models.CheckConstraint(condition=has_none("name", NEVER_IN_NAMES), name="person_name_is_plain"),
        ]

    def __str__(self):
        return self.name or self.email

    def clean(self):
        super().clean()
        self.email = self.email.lower()

    def check_password(self, raw_password: str | None) -> bool:
        """Change nothing: a password is hashed again by an action, with an event."""
        return hashers.check_password(raw_password, self.password)

    @cached_property
    def current_memberships(self) -> list["Membership"]:
        found = self.memberships.current().select_related("respondent").order_by()
        return sorted(found, key=attrgetter("since"))  # which costs less than to ask for an order

    @cached_property
    def restricted_ids(self) -> set[int]:
        """Return the keys of the respondents for which the user has a reading restriction."""
        return set(self.bars.filter(lifted_at__isnull=True).values_list("respondent", flat=True))

    def read_memberships_again(self) -> None:
        self.__dict__.pop("current_memberships", None)
        self.__dict__.pop("restricted_ids", None)

    @property
    def respondent_ids(self) -> set[int]:
        return {membership.respondent_id for membership in self.current_memberships if membership.respondent_id}

    @property
    def whole_desks(self) -> set[int]:
        """Return the keys of the respondents of which the user reads everything."""
        whole = (m for m in self.current_memberships if m.is_of_whole_desk)
        return {m.respondent_id for m in whole if m.respondent_id}

    @property
    def desks_in_part(self) -> set[int]:
        return self.respondent_ids - self.whole_desks

    def institution_ids(self, respondent_id: int) -> set[int]:
        memberships = (m for m in self.current_memberships if m.respondent_id == respondent_id)
        return {m.institution_id for m in memberships if m.institution_id}

    def units_assigned(self, respondent_id: int, is_written: bool = False) -> models.QuerySet:
        """Return keys as a subquery; `is_written` keeps those that are not sent to the focal point."""
        assignment = apps.get_model("tracker", "Assignment")
        states = assignment.TO_BE_WRITTEN if is_written else assignment.CURRENT
        own = Q(person=self.pk) | Q(institution__in=self.institution_ids(respondent_id))
        found = assignment.everyones.filter(own, respondent=respondent_id, state__in=states)
        return found.order_by().values("unit")

    @property
    def respondents(self) -> list[Respondent]:
        return list({m.respondent.pk: m.respondent for m in self.current_memberships if m.respondent}.values())

    @property
    def focal_point_of(self) -> list[Respondent]:
        return [m.respondent for m in self.current_memberships if m.role == Role.FOCAL_POINT and m.respondent]

    @property
    def new_desks(self) -> list[Respondent]:
        """Return those of which the user became a focal point after the day of the last introduction."""
        last = timezone.localdate(self.welcomed_at) if self.welcomed_at else datetime.date.min
        appointed = (m for m in self.current_memberships if m.role == Role.FOCAL_POINT and m.since > last)
        return [m.respondent for m in appointed if m.respondent]

    def has_role(self, *roles: Role, respondent: Respondent | None = None) -> bool:
        """Without a respondent: in the Secretariat."""
        respondent_id = respondent.pk if respondent else None
        return any(m.role in roles and m.respondent_id == respondent_id for m in self.current_memberships)

    @property
    def needs_second_factor(self) -> bool:
        """Return whether a role of today requires a second factor; the State decides for contributors and viewers."""
        return settings.SECOND_FACTOR_REQUIRED and any(m.needs_second_factor for m in self.current_memberships)

    @cached_property
    def has_second_factor(self) -> bool:
        return second_factors_of(self).exists()

    @property
    def is_secretariat(self) -> bool:
        return self.has_role(*SECRETARIAT_ROLES)

    @property
    def is_staff(self) -> bool:
        """Return whether the user may enter the admin."""
        return self.has_role(Role.CURATOR, Role.ADMINISTRATOR)

    def has_perm(self, perm, obj=None) -> bool:
        return self.is_active and any(backend.has_perm(self, perm, obj) for backend in get_backends())

    def has_module_perms(self, app_label) -> bool:
        return self.is_staff


class MembershipQuerySet(models.QuerySet):
    def not_ended(self, on: datetime.date | None = None):
        return self.filter(Q(until__isnull=True) | Q(until__gte=on or timezone.localdate()), ended_at__isnull=True)

    def current(self, on: datetime.date | None = None):
        today = on or timezone.localdate()
        return self.not_ended(today).filter(since__lte=today, user__is_active=True)

    def recent(self):
        """Keep roles that have not ended, also of closed accounts, and roles that ended in the last 30 days."""
        since = timezone.now() - RECENT
        return self.filter(
            Q(until__isnull=True) | Q(until__gte=timezone.localdate(since)),
            Q(ended_at__isnull=True) | Q(ended_at__gte=since),
        )

    def first_end(self, user: "User | str") -> list[datetime.datetime]:
        """Return when the first of a person's memberships ends by itself, in a list that may be empty."""
        last_day = self.current().filter(user=user).aggregate(models.Min("until"))["until__min"]
        if last_day is None or last_day == datetime.date.max:
            return []
        midnight = datetime.datetime.combine(last_day + datetime.timedelta(days=1), datetime.time.min)
        return [timezone.make_aware(midnight)]


def generated_document_name(instance, filename) -> str:
    return f"appointments/{get_random_string(32)}"


class Appointed(QuickRow):
    """What rests on a document: its reference and date, and its file."""

    appointing_document = models.CharField(
        # Translators: Column head: reference of the document by which the person was appointed.
        _("Appointing document"),
        max_length=300,
        blank=True,
        validators=[validate_name],
        help_text="For example: note verbale No. 12/2026 of 3 March 2026.",
    )
    appointed_on = models.DateField(_("Date of the appointing document"), null=True, blank=True)
    document = models.FileField(
        _("File of the appointing document"),
        upload_to=generated_document_name,
        max_length=200,
        blank=True,
        editable=False,
    )
    document_name = models.CharField(_("File name"), max_length=255, blank=True, editable=False)
    document_type = models.CharField(max_length=120, blank=True, editable=False)
    document_sha256 = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        abstract = True


class Membership(Appointed):
    """A role from one day to another: given by two administrators, by invitation, or by an operator's command."""

    user = models.ForeignKey(User, models.PROTECT, related_name="memberships", verbose_name=_("Person"))
    role = models.CharField(_("Role"), max_length=20, choices=Role)
    respondent = models.ForeignKey(
        "Respondent",
        models.PROTECT,
        related_name="memberships",
        null=True,
        blank=True,
        verbose_name=_("Respondent"),
        help_text="For a focal point, contributor or viewer. Leave empty for a role in the Secretariat.",
    )
    institution = models.ForeignKey(
        "Institution",
        models.PROTECT,
        related_name="memberships",
        null=True,
        editable=False,
        verbose_name=_("Institution"),
    )
    # Translators: Column head: first day of a role.
    since = models.DateField(_("Since"), default=timezone.localdate)
    until = models.DateField(_("Until"), null=True, blank=True, help_text="Last day of the role.")
    granted_by = models.ForeignKey(
        User,
        models.PROTECT,
        related_name="+",
        null=True,
        editable=False,
        # Translators: A person follows.
        verbose_name=_("Requested by"),
    )
    confirmed_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", null=True, editable=False, verbose_name=_("Confirmed by")
    )
    invitation = models.OneToOneField("Invitation", models.PROTECT, related_name="+", null=True, editable=False)
    ended_at = models.DateTimeField("Ended on", null=True, editable=False)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        # Translators: What a person may do on the site, as contributor.
        verbose_name = _("Role")
        # Translators: Link to the list of the roles of all users.
        verbose_name_plural = _("Roles")
        ordering = ["user", "since"]
        constraints = [
            models.CheckConstraint(
                condition=Q(role__in=RESPONDENT_ROLES, respondent__isnull=False)
                | Q(role__in=SECRETARIAT_ROLES, respondent__isnull=True),
                name="role_fits_respondent",
                violation_error_message=(
                    "Choose a respondent for a focal point, contributor or viewer. Choose none for a role in the "
                    "Secretariat."
                ),
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")),
                name="membership_ends_after_start",
                violation_error_message=_("The last day must not be before the first day."),
            ),
            # By an operator's command, by invitation, or by two administrators.
            models.CheckConstraint(
                condition=Q(granted_by__isnull=True, confirmed_by__isnull=True, invitation__isnull=True)
                | Q(granted_by__isnull=False, confirmed_by__isnull=True, invitation__isnull=False, role__in=INVITED_AS)
                | Q(granted_by__isnull=False, confirmed_by__isnull=False, invitation__isnull=True)
                & ~Q(confirmed_by=F("granted_by"))
                & ~Q(confirmed_by=F("user")),
                name="membership_takes_two",
            ),
        ]

    def __str__(self):
        return f"{self.user}: {self.title}"

    def clean(self):
        """Refuse what the person may not have beside another role on one of the same days: the same role for the same
        respondent, and as `row_rule` says roles in the Secretariat and of a State. The Secretariat's own answers are
        its people's.
        """
        others = Membership.objects.not_ended(self.since).filter(user_id=self.user_id).exclude(pk=self.pk)
        if self.until:
            others = others.filter(since__lte=self.until)
        if others.filter(role=self.role, respondent=self.respondent).exists():
            raise ValidationError("This person already has this role on some of these days. End that role first.")
        if self.respondent is None:
            others = others.filter(respondent__isnull=False).exclude(respondent__kind=RespondentKind.SECRETARIAT)
        elif self.respondent.kind == RespondentKind.SECRETARIAT:
            return
        else:
            others = others.filter(respondent__isnull=True)
        if others.exists():
            raise ValidationError(
                _("A person has roles in the Secretariat or of a State, not both. End the other roles first.")
            )

    def describe(self) -> str:
        """Return the role as events name it, which verification compares with the row."""
        terms = f"{self.role} of person {self.user_id}, {self.since} to {self.until or 'further notice'}"
        return f"{terms}, document {self.document_sha256}" if self.document_sha256 else terms

    @classmethod
    def row_rule(cls) -> str:
        """Return SQL over NEW: no one has a role in the Secretariat and a role of a State on one day."""
        memberships, respondents = cls._meta.db_table, Respondent._meta.db_table
        of_state = (
            f'(SELECT "kind" FROM "{respondents}" WHERE "id" = %s) '  # noqa: S608 - names of our own
            f"<> '{RespondentKind.SECRETARIAT}'"
        )
        return (
            f'NEW."ended_at" IS NOT NULL OR NOT EXISTS (SELECT 1 FROM "{memberships}" other '  # noqa: S608 - own names
            'WHERE other."user_id" = NEW."user_id" AND other."ended_at" IS NULL '
            'AND (other."until" IS NULL OR other."until" >= NEW."since") '
            'AND (NEW."until" IS NULL OR NEW."until" >= other."since") '
            f'AND ((NEW."respondent_id" IS NULL AND {of_state % 'other."respondent_id"'}) '
            f'OR (other."respondent_id" IS NULL AND {of_state % 'NEW."respondent_id"'})))'
        )

    @property
    def is_of_whole_desk(self) -> bool:
        if self.respondent is None:
            return False
        return self.role != Role.CONTRIBUTOR or self.respondent.opens_all_to_contributors

    @property
    def needs_second_factor(self) -> bool:
        if self.respondent is None or self.role == Role.FOCAL_POINT:
            return True
        return self.respondent.asks_second_factor

    @property
    def title(self) -> str:
        return f"{self.get_role_display()} · {self.respondent}" if self.respondent else self.get_role_display()

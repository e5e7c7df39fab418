"""Keep the reporting rounds of the Secretariat: what is asked, and until when."""

from datetime import date, datetime, time, timedelta

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from recommendations.currency import is_in_scope
from recommendations.models import Body, Family, Meeting, Recommendation, Theme
from recommendations.models.quick_row import QuickRow
from tracker.models.digest import digest_value
from tracker.models.validators import validate_name

CLOSING_DAYS = 30  # between the notice of the closing date and that date


class RoundStage(models.TextChoices):
    # Translators: State of a round.
    PLANNED = "planned", _("Planned")
    OPEN = "open", pgettext_lazy("round", "Open")
    CLOSED = "closed", pgettext_lazy("round", "Closed")


class RoundQuerySet(models.QuerySet):
    def opened(self):
        """Keep the rounds that are open or closed."""
        return self.filter(opened_at__isnull=False)

    def open(self):
        return self.opened().exclude(closes_on__lt=timezone.localdate())

    def closed(self):
        return self.filter(closes_on__lt=timezone.localdate())


class Round(QuickRow):
    """A round; `code` cites it: `2026` in the reference XAA/2026/2. An empty scope is the whole catalogue of its body;
    `currency` narrows the scope to what decisions and dates say.

    `closes_on` is the last day on which States can submit; until it is set, the round stays open. `theme_order` has the
    slugs of all themes in their order when the round opened. `release_note` corrects the public figures in words.
    """

    body = models.ForeignKey(Body, models.PROTECT, related_name="rounds", verbose_name=_("Body"))
    code = models.SlugField(_("Code"), max_length=12, unique=True, help_text=_("A short code, for example: 2026."))
    title = models.CharField(_("Title"), max_length=200, blank=True, validators=[validate_name])
    # Translators: Name of a field or of a kind of data, in the administration.
    opens_on = models.DateField(_("Opening date"))
    due_on = models.DateField(_("Due date"))
    meetings = models.ManyToManyField(Meeting, related_name="+", blank=True, verbose_name=_("Meetings"))
    themes = models.ManyToManyField(Theme, related_name="+", blank=True, verbose_name=_("Themes"))
    families = models.ManyToManyField(
        Family, related_name="+", blank=True, verbose_name=_("Groups of similar recommendations")
    )
    # Codes of `CURRENCY_FILTERS`, by the name of the filter.
    currency = models.JSONField(_("Decisions and dates"), default=dict, blank=True, editable=False)
    closes_on = models.DateField(_("Closing date"), null=True, editable=False)
    opened_at = models.DateTimeField(null=True, editable=False)
    theme_order = models.JSONField(default=list, editable=False)
    release_note = models.TextField(blank=True, editable=False)

    objects = RoundQuerySet.as_manager()

    class Meta:
        verbose_name = _("Round")
        verbose_name_plural = _("Rounds")
        ordering = ["-opens_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(due_on__gte=F("opens_on")),
                name="round_due_after_opening",
                violation_error_message=_("The due date must be the opening date or later."),
            ),
            models.CheckConstraint(
                condition=Q(closes_on__isnull=True) | Q(closes_on__gt=F("due_on"), opened_at__isnull=False),
                name="round_closes_after_due_date",
            ),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("round", args=[self.code])

    @property
    def name(self) -> str:
        """Return the title, or where none was typed a name in the reader's language."""
        # Translators: Name of a reporting round. year: such as 2026.
        return self.title or gettext("Round of %(year)s") % {"year": self.opens_on.year}

    @property
    def full_name(self) -> str:
        return self.name if self.body.is_first else f"{self.name} ({self.body})"

    @property
    def plan_stamp(self) -> str:
        """Return the digest of the plan, to find out whether the plan has changed."""
        scopes = (self.meetings, self.themes, self.families)
        keys = [sorted(scope.values_list("pk", flat=True)) for scope in scopes]
        return digest_value([self.code, self.title, self.opens_on, self.due_on, self.currency, keys])

    @property
    def stage(self) -> RoundStage:
        if self.opened_at is None:
            return RoundStage.PLANNED
        return RoundStage.CLOSED if self.closed_at else RoundStage.OPEN

    @property
    def closed_at(self) -> datetime | None:
        """Return the midnight that ended the closing date, None until then."""
        if self.closes_on is None or self.closes_on >= timezone.localdate():
            return None
        return timezone.make_aware(datetime.combine(self.closes_on + timedelta(days=1), time.min))

    @property
    def first_closing_date(self) -> date:
        """Return the first day on which the round may close: after the due date, 30 days after a notice of today."""
        return max(self.due_on + timedelta(days=1), timezone.localdate() + timedelta(days=CLOSING_DAYS))

    @property
    def days_left(self) -> int:
        return (self.due_on - timezone.localdate()).days

    def units_in_scope(self):
        """Return the published units that the scope names today; `units` has what was fixed when the round opened."""
        units = Recommendation.objects.published().units().filter(body=self.body)
        meetings, themes, families = (list(scope.all()) for scope in (self.meetings, self.themes, self.families))
        if self.currency:
            units = units.filter(pk__in=[n.pk for n in units.with_currencies() if is_in_scope(n, self.currency)])
        if not (meetings or themes or families):
            return units
        items_of = Recommendation.objects.filter(memberships__family__in=families).exclude(memberships__kind="related")
        return units.filter(
            Q(meeting__in=meetings) | Q(primary_theme__in=themes) | Q(pk__in=items_of.with_those_above().values("pk"))
        )


class RoundUnit(QuickRow):
    """A unit in the fixed scope of a round, with the themes and families that it had when the round opened.

    `themes` are [slug, name] pairs, the primary one first; `families` likewise.
    """

    append_only = True

    round = models.ForeignKey(Round, models.PROTECT, related_name="units")
    unit = models.ForeignKey(Recommendation, models.PROTECT, related_name="+")
    position = models.PositiveIntegerField()
    themes = models.JSONField(default=list)
    families = models.JSONField(default=list)

    class Meta:
        ordering = ["round", "position"]
        constraints = [
            models.UniqueConstraint(fields=["round", "unit"], name="unit_once_in_round"),
            models.UniqueConstraint(fields=["round", "position"], name="position_once_in_round"),
        ]

    def __str__(self):
        return f"{self.round_id}: {self.unit_id}"

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from recommendations.models.body import Body
from recommendations.models.label import roman, validate_body_slug
from recommendations.models.recommendation import NodeKind, Recommendation, Theme


class PaperImport(models.Model):
    """Hold a paper and its texts. Nothing is public before all of it is published at once."""

    body = models.ForeignKey(
        Body,
        models.PROTECT,
        related_name="paper_imports",
        null=True,
        blank=True,
        verbose_name=_("body"),
        help_text=_("Empty: a body that does not stand in the catalogue yet, which the publication adds."),
    )
    body_slug = models.SlugField(
        _("slug of the new body"),
        max_length=15,
        blank=True,
        validators=[validate_body_slug],
        help_text=_("Part of the addresses of its texts, such as smuggling: it never changes."),
    )
    body_name = models.CharField(_("name of the new body"), max_length=200, blank=True)
    body_parent = models.CharField(_("subsidiary of"), max_length=300, blank=True)
    paper_title = models.CharField(_("title of the paper"), max_length=300)
    paper_date = models.DateField(_("date of the paper"))
    paper = models.TextField(_("the paper, line by line"), editable=False)
    file_name = models.CharField(_("name of the file"), max_length=255, blank=True, editable=False)
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False, verbose_name=_("added by")
    )
    added_at = models.DateTimeField(_("added"), auto_now_add=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, editable=False, verbose_name=_("by")
    )
    published_at = models.DateTimeField(_("published"), null=True, editable=False)
    nodes_added = models.PositiveIntegerField(_("texts that were added"), default=0, editable=False)
    units_added = models.PositiveIntegerField(_("units that were added"), default=0, editable=False)

    class Meta:
        verbose_name = _("intake")
        verbose_name_plural = _("intakes")
        ordering = ["-added_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(body__isnull=False) | ~Q(body_slug="") & ~Q(body_name=""), name="paper_import_has_body"
            ),
            models.CheckConstraint(
                condition=Q(published_at__isnull=True, published_by__isnull=True)
                | Q(published_at__isnull=False, published_by__isnull=False, body__isnull=False),
                name="paper_import_published_by_somebody",
            ),
        ]

    def __str__(self):
        return self.paper_title

    @property
    def is_published(self) -> bool:
        return self.published_at is not None

    @property
    def name_of_body(self) -> str:
        return self.body.name if self.body else self.body_name


class ImportedMeeting(models.Model):
    """Hold a meeting with texts in the paper. A meeting that the catalogue has stays as it is there."""

    paper_import = models.ForeignKey(PaperImport, models.CASCADE, related_name="meetings", verbose_name=_("intake"))
    number = models.PositiveSmallIntegerField(_("number"))
    heading = models.CharField(_("heading, as printed after the numeral"), max_length=200)
    place = models.CharField(_("place"), max_length=100)
    starts = models.DateField(_("first day"))
    ends = models.DateField(_("last day"))

    class Meta:
        verbose_name = _("meeting of an intake")
        verbose_name_plural = _("meetings of intakes")
        ordering = ["paper_import", "number"]
        constraints = [
            models.UniqueConstraint(fields=["paper_import", "number"], name="meeting_once_in_paper_import"),
            models.CheckConstraint(condition=Q(ends__gte=F("starts")), name="paper_import_meeting_ends_after_start"),
        ]

    def __str__(self):
        return self.heading

    @property
    def roman(self) -> str:
        return roman(self.number)


class ImportedNode(models.Model):
    """A text as it was read and corrected, with its annotations.

    Its chapeau, meeting and printed number follow from its label, so that only the label is corrected.
    """

    paper_import = models.ForeignKey(PaperImport, models.CASCADE, related_name="nodes", verbose_name=_("intake"))
    line = models.PositiveIntegerField(_("line of the paper where it starts"), editable=False)
    label = models.CharField(_("label"), max_length=40)
    kind = models.CharField(_("kind"), max_length=20, choices=NodeKind)
    text = models.TextField(
        _("text"), max_length=20_000, help_text=_("With the marks of its footnotes, such as ¹, where they stand.")
    )
    footnotes = models.TextField(
        _("footnotes"), max_length=10_000, blank=True, help_text=_("One a line, each with its number, such as ¹.")
    )
    is_unit = models.BooleanField(_("unit"), default=False)
    is_topic = models.BooleanField(_("topic"), default=False)
    addressees = models.JSONField(_("addressees"), default=list, blank=True)  # their codes
    basis = models.CharField(_("basis of the addressee"), max_length=20, choices=Recommendation.Basis, blank=True)
    strength = models.CharField(_("strength"), max_length=20, choices=Recommendation.Strength, blank=True)
    asks_to_consider = models.BooleanField(_("asks to consider"), default=False)
    primary_theme = models.ForeignKey(
        Theme, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("primary theme")
    )
    secondary_theme = models.ForeignKey(
        Theme, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("secondary theme")
    )
    guidance = models.TextField(_("guidance"), blank=True)
    doubts = models.JSONField(_("doubts"), default=list, editable=False)  # {"question", "line", "words"}
    is_left_out = models.BooleanField(_("left out"), default=False, help_text=_("It will not be published."))
    is_settled = models.BooleanField(_("looked at"), default=False, help_text=_("Its doubts are settled."))
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False, verbose_name=_("changed by")
    )
    changed_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("text of an intake")
        verbose_name_plural = _("texts of intakes")
        ordering = ["paper_import", "line", "pk"]

    def __str__(self):
        return self.label

import re

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.urls import resolve, reverse
from django.utils.translation import gettext_lazy as _

from recommendations import addresses
from recommendations.models.label import roman, slug_of, validate_body_slug
from recommendations.models.quick_row import QuickRow


class Body(QuickRow):
    """Give texts of the first body addresses such as `IV-46-i`, and those of another body addresses below its slug."""

    slug = models.SlugField(
        "Short name in web addresses",
        max_length=15,  # a tag of a questionnaire's box has room for no more
        unique=True,
        validators=[validate_body_slug],
        help_text=_("Part of the web addresses of its texts, for example smuggling; it cannot be changed later."),
        error_messages={
            "blank": _("Enter the short name."),
            "unique": _("Another body has this short name. Enter another short name."),
        },
    )
    is_first = models.BooleanField("First body", default=False, editable=False)
    # Translators: Name of a field.
    name = models.CharField(_("Name"), max_length=200, error_messages={"blank": _("Enter the name.")})
    parent_name = models.CharField("Subsidiary of", max_length=300, blank=True)

    class Meta:
        # Translators: Label: the body that adopted the texts, such as a working group.
        verbose_name = _("Body")
        # Translators: Accessible name of a list of working groups (bodies of the Conference).
        verbose_name_plural = _("Bodies")
        ordering = ["-is_first", "name"]
        constraints = [models.UniqueConstraint(fields=["is_first"], condition=Q(is_first=True), name="one_first_body")]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("recommendations:list") if self.is_first else reverse("recommendations:body", args=[self.slug])

    def clean(self):
        if re.fullmatch(addresses.BODY, self.slug) and not self.is_first and not _has_own_address(self):
            raise ValidationError(
                {"slug": _("Another page already uses this web address. Enter a different short name.")}
            )

    def slug_of(self, label: str) -> str:
        return slug_of(label if self.is_first else f"{self.slug}/{label}")


def _has_own_address(body: Body) -> bool:
    texts = reverse("recommendations:detail", args=[body.slug_of("I.1")])
    names = [resolve(path).view_name for path in (body.get_absolute_url(), texts)]
    return names == ["recommendations:body", "recommendations:detail"]


class Meeting(QuickRow):
    body = models.ForeignKey(Body, models.PROTECT, related_name="meetings", verbose_name=_("Body"))
    # Translators: Heading of a column, or a field: a number.
    number = models.PositiveSmallIntegerField(_("Number"))
    part = models.PositiveSmallIntegerField(
        # Translators: Field: number of a part of a meeting that was held in parts.
        _("Part"),
        default=0,
        help_text="1 for the first part of a meeting that was held in parts; otherwise 0.",
    )
    heading = models.CharField("Heading, as printed after the roman numeral", max_length=200)
    # Translators: Field: place of a meeting.
    place = models.CharField(_("Place"), max_length=100)
    starts = models.DateField("First day")
    # Translators: Name of a field: last day of a meeting, or of a role.
    ends = models.DateField(_("Last day"))

    class Meta:
        verbose_name = _("Meeting")
        # Translators: Label: meetings of the Working Group.
        verbose_name_plural = _("Meetings")
        ordering = ["body", "number", "part"]
        constraints = [
            models.UniqueConstraint(fields=["body", "number", "part"], name="meeting_once_in_body"),
            models.CheckConstraint(condition=Q(ends__gte=F("starts")), name="meeting_ends_after_start"),
        ]

    def __str__(self):
        return self.heading

    def get_absolute_url(self):
        return f"{self.body.get_absolute_url()}?meeting={self.code}"

    @property
    def code(self) -> str:
        """Return what names the meeting within its body: `16`, or `16-2` for its second part."""
        return f"{self.number}-{self.part}" if self.part else str(self.number)

    @property
    def roman(self) -> str:
        return roman(self.number)

    @property
    def name(self) -> str:
        return self.heading.partition(", ")[0]

    @property
    def place_and_days(self) -> str:
        """`Vienna, 10 to 12 October 2011`."""
        return self.heading.partition(", ")[2]

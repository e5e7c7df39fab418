from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from recommendations.models.label import slug_of
from recommendations.models.quick_row import QuickRow
from recommendations.models.recommendation import Recommendation, Theme
from recommendations.models.text_rows import TextRows


class ProvisionTreaty(models.TextChoices):
    # Translators: The Trafficking in Persons Protocol.
    PROTOCOL = "protocol", _("Protocol")
    # Translators: The Organized Crime Convention.
    CONVENTION = "convention", _("Convention")


ARTICLES = {
    # Translators: article: as 6 or 6(3)(d).
    ProvisionTreaty.PROTOCOL: _("Protocol, article %(article)s"),
    # Translators: article: as 6 or 6(3)(d).
    ProvisionTreaty.CONVENTION: _("Convention, article %(article)s"),
}


class Provision(QuickRow):
    # Translators: Name of a field or of a kind of data, in the administration.
    instrument = models.CharField(_("Instrument"), max_length=20, choices=ProvisionTreaty)
    article = models.CharField(
        _("Article"),
        max_length=20,
        validators=[
            RegexValidator(
                r"^[1-9]\d?(\([1-9]\d?\))?(\([a-z]\))?\Z", "Enter the article in the form 6, 6(6) or 6(3)(d)."
            )
        ],
        help_text="For example: 6, or 6(6) for article 6, paragraph 6.",
    )
    title = models.CharField(_("Title"), max_length=200, help_text="Subject of the article or paragraph.")
    # Translators: Name of a field or of a kind of data, in the administration.
    position = models.PositiveSmallIntegerField("Position")

    class Meta:
        # Translators: Name of a field or of a kind of data, in the administration.
        verbose_name = _("Provision")
        verbose_name_plural = "Provisions"
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["instrument", "article"], name="provision_once")]

    def __str__(self):
        return ARTICLES[ProvisionTreaty(self.instrument)] % {"article": self.article}

    @property
    def slug(self) -> str:
        return f"{self.instrument}-{slug_of(self.article)}"


class ServedProvision(QuickRow):
    """A provision that a theme or a text serves, with the reason.

    A text with provisions of its own serves only these; every other text serves those of its primary theme.
    """

    provision = models.ForeignKey(Provision, models.PROTECT, related_name="served_by", verbose_name=_("Provision"))
    theme = models.ForeignKey(
        Theme, models.PROTECT, related_name="serves", null=True, blank=True, verbose_name=_("Theme")
    )
    recommendation = models.ForeignKey(
        Recommendation, models.PROTECT, related_name="serves", null=True, blank=True, verbose_name=_("Recommendation")
    )
    reason = models.CharField(_("Reason"), max_length=300, help_text="Shown publicly.")

    objects = TextRows()

    class Meta:
        # Translators: Name of a field or of a kind of data, in the administration.
        verbose_name = _("Related provision")
        # Translators: Name of a field or of a kind of data, in the administration.
        verbose_name_plural = _("Related treaty provisions")
        ordering = ["provision__position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(theme__isnull=True, recommendation__isnull=False)
                | Q(theme__isnull=False, recommendation__isnull=True),
                name="provision_served_by_theme_or_text",
                violation_error_message="Choose either a theme or a text, not both.",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="provision_served_for_a_reason"),
            models.UniqueConstraint(fields=["provision", "theme"], name="provision_served_once_by_theme"),
            models.UniqueConstraint(fields=["provision", "recommendation"], name="provision_served_once_by_text"),
        ]

    def __str__(self):
        return f"{self.theme or self.recommendation}: {self.provision}"

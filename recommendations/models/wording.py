from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from recommendations.models.paper import OFFICIAL_LANGUAGES
from recommendations.models.quick_row import QuickRow
from recommendations.models.recommendation import Recommendation
from recommendations.models.text_rows import TextRows


class WordingKind(models.TextChoices):
    ADOPTED = "adopted", _("As adopted")
    CORRECTION = "correction", _("Correction of an error on this site")
    NEW_WORDING = "new_wording", _("New wording adopted")


class Wording(QuickRow):
    """The text of a node: append-only, numbered from 1.

    `since`: when its substance was adopted as a new wording. A correction keeps that of the wording it corrects; the
    wording adopted first has none.
    """

    append_only = True

    LATER_KINDS = (WordingKind.CORRECTION, WordingKind.NEW_WORDING)

    recommendation = models.ForeignKey(
        Recommendation, models.PROTECT, related_name="wordings", verbose_name=_("Recommendation")
    )
    number = models.PositiveSmallIntegerField(_("Number"))
    text = models.TextField(_("Text"))
    kind = models.CharField(_("Kind"), max_length=20, choices=WordingKind)
    reason = models.TextField(_("Reason"), blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        # Translators: Name of a field: the person who wrote something.
        verbose_name=_("Author"),
    )
    created_at = models.DateTimeField("Written on", auto_now_add=True)
    since = models.DateTimeField("New wording since", null=True, blank=True)

    objects = TextRows()

    class Meta:
        # Translators: A version of an adopted text.
        verbose_name = _("Wording")
        verbose_name_plural = "Wordings"
        ordering = ["recommendation", "number"]
        constraints = [
            models.UniqueConstraint(fields=["recommendation", "number"], name="wording_number_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="wording_numbered_from_1"),
            models.CheckConstraint(condition=~Q(text=""), name="wording_has_text"),
            models.CheckConstraint(
                condition=Q(number=1, kind="adopted")
                | Q(number__gt=1, kind__in=["correction", "new_wording"]) & ~Q(reason=""),
                name="later_wording_has_reason",
            ),
        ]

    def __str__(self):
        return f"{self.recommendation} ({self.number})"


class TranslationRows(TextRows["Translation"]):
    text_paths = ("wording__recommendation",)


class TranslationLanguage(models.TextChoices):
    ARABIC = "ar", OFFICIAL_LANGUAGES["ar"]
    CHINESE = "zh", OFFICIAL_LANGUAGES["zh"]
    FRENCH = "fr", OFFICIAL_LANGUAGES["fr"]
    RUSSIAN = "ru", OFFICIAL_LANGUAGES["ru"]
    SPANISH = "es", OFFICIAL_LANGUAGES["es"]


class Translation(QuickRow):
    """Hold the official text of a wording in another language. The wording is still the text to cite."""

    wording = models.ForeignKey(Wording, models.PROTECT, related_name="translations", verbose_name=_("Wording"))
    # Translators: Name of a field: the language of a text or of a person.
    language = models.CharField(_("Language"), max_length=3, choices=TranslationLanguage)
    text = models.TextField(_("Text"), max_length=20_000)
    source = models.CharField(
        # Translators: Name of a field or of a kind of data, in the administration.
        _("Official source"),
        max_length=300,
        help_text="Symbol or title of the official document.",
    )

    objects = TranslationRows()

    class Meta:
        verbose_name = _("Official text in another language")
        verbose_name_plural = "Official texts in other languages"
        ordering = ["wording__recommendation__body", "wording__recommendation__position", "language", "wording__number"]
        constraints = [
            models.UniqueConstraint(fields=["wording", "language"], name="translated_once"),
            models.CheckConstraint(
                condition=Q(language__in=["ar", "zh", "fr", "ru", "es"]), name="translation_language"
            ),
            models.CheckConstraint(condition=~Q(text="") & ~Q(source=""), name="translation_has_text_and_source"),
        ]

    def __str__(self):
        return f"{self.wording.recommendation} ({self.get_language_display()})"

from django.db import models
from django.utils.translation import gettext_lazy as _

from recommendations.models.quick_row import QuickRow
from recommendations.models.text_rows import TextRows


class Footnote(QuickRow):
    recommendation = models.ForeignKey(
        "Recommendation", models.PROTECT, related_name="footnotes", verbose_name=_("Recommendation")
    )
    number = models.PositiveSmallIntegerField(_("Number"))
    text = models.TextField(_("Text"))
    offset = models.PositiveIntegerField(
        "Offset",
        help_text="Number of characters before the mark in the adopted text.",
    )

    objects = TextRows()

    class Meta:
        # Translators: Name of a field or of a kind of data, in the administration.
        verbose_name = _("Footnote")
        # Translators: Name of a field or of a kind of data, in the administration.
        verbose_name_plural = _("Footnotes")
        ordering = ["recommendation", "number"]
        constraints = [models.UniqueConstraint(fields=["recommendation", "number"], name="footnote_number_once")]

    def __str__(self):
        return str(self.number)

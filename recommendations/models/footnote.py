from django.db import models
from django.utils.translation import gettext_lazy as _


class Footnote(models.Model):
    recommendation = models.ForeignKey(
        "Recommendation", models.PROTECT, related_name="footnotes", verbose_name=_("Recommendation")
    )
    number = models.PositiveSmallIntegerField(_("Number"))
    text = models.TextField(_("Text"))
    offset = models.PositiveIntegerField(
        _("Offset"), help_text=_("Number of characters before the mark in the adopted text.")
    )

    class Meta:
        verbose_name = _("Footnote")
        verbose_name_plural = _("Footnotes")
        ordering = ["recommendation", "number"]
        constraints = [models.UniqueConstraint(fields=["recommendation", "number"], name="footnote_number_once")]

    def __str__(self):
        return str(self.number)

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from recommendations.models.quick_row import QuickRow
from recommendations.models.recommendation import NodeKind, Recommendation
from recommendations.models.text_rows import TextRows


class TextChange(QuickRow):
    """Hold what a published text was before a curator changed its label or its kind. The old address leads on."""

    append_only = True

    recommendation = models.ForeignKey(
        Recommendation, models.PROTECT, related_name="text_changes", verbose_name=_("Recommendation")
    )
    # Translators: Name of a field: label of a text, as I.7(a).
    label = models.CharField(_("Label"), max_length=40)
    slug = models.CharField("Short name in web addresses", max_length=61, db_index=True)
    kind = models.CharField(_("Kind"), max_length=20, choices=NodeKind)
    is_unit = models.BooleanField(_("Recommendation"))
    # Translators: Name of a field or of a kind of data, in the administration.
    is_topic = models.BooleanField(_("Topic"))
    parent = models.ForeignKey(Recommendation, models.PROTECT, related_name="+", null=True, verbose_name=_("Chapeau"))
    reason = models.TextField(_("Reason"))
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        # Translators: Name of a field: the person who wrote something.
        verbose_name=_("Author"),
    )
    created_at = models.DateTimeField(pgettext_lazy("of a text", "Changed on"), auto_now_add=True)

    objects = TextRows()

    class Meta:
        # Translators: Name of a kind of data: a change of the label or the kind of a text.
        verbose_name = _("Change of label or kind")
        # Translators: Name of a kind of data: changes of the labels or the kinds of texts.
        verbose_name_plural = _("Changes of label or kind")
        ordering = ["recommendation", "pk"]
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="text_change_has_reason")]

    def __str__(self):
        return f"{self.label}: {self.reason}"

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from recommendations.models.quick_row import QuickRow
from recommendations.models.recommendation import Recommendation, RecommendationQuerySet, at_or_above, is_any
from recommendations.models.text_rows import TextRows


class Family(QuickRow):
    class Confidence(models.TextChoices):
        # Translators: Confidence that texts are similar: high.
        HIGH = "high", pgettext_lazy("confidence", "High")
        # Translators: Confidence that texts are similar: medium.
        MEDIUM = "medium", pgettext_lazy("confidence", "Medium")
        # Translators: Confidence that texts are similar: low.
        LOW = "low", pgettext_lazy("confidence", "Low")

    slug = models.SlugField("Short name in web addresses", unique=True, max_length=80)
    name = models.CharField(_("Name"), max_length=300)
    # Translators: Name of a field: how the texts of a group are related.
    relation = models.CharField(_("Relation"), max_length=100)
    # Translators: Name of a field: how sure curators are.
    confidence = models.CharField(_("Confidence"), max_length=10, choices=Confidence)
    # Translators: Name of a field: a short text typed by a person.
    note = models.TextField(_("Note"), blank=True)
    recommendations = models.ManyToManyField(
        Recommendation, through="FamilyMember", related_name="families", verbose_name=_("Recommendations")
    )

    class Meta:
        verbose_name = _("Group of similar recommendations")
        verbose_name_plural = _("Groups of similar recommendations")
        ordering = ["name"]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("recommendations:family", args=[self.slug])


class MemberKind(models.TextChoices):
    # Translators: The whole text is similar to the group.
    FULL = "full", _("Full match")
    # Translators: A part of the text is similar to the group.
    PARTIAL = "partial", _("Partial match")
    RELATED = "related", _("Related, not in the group")


class FamilyMember(QuickRow):
    OF_THE_FAMILY = (MemberKind.FULL, MemberKind.PARTIAL)

    family = models.ForeignKey(
        Family, models.PROTECT, related_name="members", verbose_name=_("Group of similar recommendations")
    )
    recommendation = models.ForeignKey(
        Recommendation,
        models.PROTECT,
        related_name="memberships",
        # Translators: One recommendation.
        verbose_name=_("Recommendation"),
    )
    kind = models.CharField(_("Kind"), max_length=10, choices=MemberKind)
    note = models.TextField(
        _("Note"), blank=True, help_text="The part of the text that matches, or why the text is not in the group."
    )

    objects = TextRows()

    class Meta:
        verbose_name = _("Recommendation")
        verbose_name_plural = "Recommendations in the group"
        ordering = ["family", "recommendation__position"]
        constraints = [models.UniqueConstraint(fields=["family", "recommendation"], name="member_once_in_family")]

    def __str__(self):
        return str(self.recommendation)

    def clean(self):
        if self.kind == MemberKind.PARTIAL and not self.note.strip():
            raise ValidationError({"note": "Enter the part of the text that matches."})


def units_in_families_of(unit: Recommendation) -> RecommendationQuerySet:
    members = FamilyMember.objects.filter(kind__in=FamilyMember.OF_THE_FAMILY)
    memberships = members.filter(is_any(at_or_above("recommendation"), unit))
    texts = Recommendation.objects.filter(memberships__in=members.filter(family__in=memberships.values("family")))
    return texts.with_those_above().published().units().exclude(pk=unit.pk)


class LineageKind(models.TextChoices):
    # Translators: Relation of one text to another: it reaffirms that text.
    REAFFIRMS = "reaffirms", _("Reaffirms")
    # Translators: Relation of one text to another: it reiterates that text.
    REITERATES = "reiterates", _("Reiterates")
    # Translators: Relation of one text to another: it follows up that text.
    FOLLOWS_UP = "follows_up", _("Follows up")
    # Translators: Relation of one text to another: it refines that text.
    REFINES = "refines", _("Refines")


class LineageRows(TextRows["Lineage"]):
    text_paths = ("source", "target")


class Lineage(QuickRow):
    """Link two texts: `source` reaffirms, reiterates, follows up or refines `target`."""

    # Translators: Name of a field: the text or document from which something comes, or where it can be checked.
    source = models.ForeignKey(Recommendation, models.PROTECT, related_name="references", verbose_name=_("Source"))
    target = models.ForeignKey(
        Recommendation, models.PROTECT, related_name="referred_from", verbose_name="Text referred to"
    )
    kind = models.CharField(_("Kind"), max_length=20, choices=LineageKind)
    quote = models.TextField("Words that make the reference", blank=True)
    confidence = models.CharField(_("Confidence"), max_length=10, choices=Family.Confidence)

    objects = LineageRows()

    class Meta:
        # Translators: Name of a field or of a kind of data, in the administration.
        verbose_name = _("Cross-reference")
        verbose_name_plural = "Cross-references"
        ordering = ["source__position", "target__position"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "target", "kind"],
                name="lineage_once",
                violation_error_message="This is already recorded. Change the recorded one.",
            ),
            models.CheckConstraint(condition=~Q(source=F("target")), name="lineage_to_another"),
        ]

    def __str__(self):
        return f"{self.source} · {self.get_kind_display()}: {self.target}"

    def clean(self):
        source, target = getattr(self, "source", None), getattr(self, "target", None)
        if source and source == target:
            raise ValidationError({"target": "Choose a different text: a text cannot refer to itself."})
        if source and not any(self.quote in node.text for node in (source, *source.chapeaux)):
            raise ValidationError(
                {"quote": "These words are not in the text that refers, or in its chapeau. Copy them exactly."}
            )

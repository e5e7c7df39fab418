from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommendations.models.body import Meeting
from recommendations.models.recommendation import Addressee, Recommendation


class RecordedAction(models.Model):
    """Hold what an addressee without a desk did about a recommendation, with its source."""

    BY = [(code.value, code.label) for code in Addressee.WITHOUT_DESK]

    recommendation = models.ForeignKey(
        Recommendation, models.PROTECT, related_name="recorded_actions", verbose_name=_("Recommendation")
    )
    # Translators: Name of a field or of a kind of data, in the administration.
    by = models.CharField(_("Action by"), max_length=30, choices=BY)
    what = models.TextField(
        _("Description of the action"),
        max_length=2000,
        help_text=_("Describe the decision or step, in its own words where it has any."),
    )
    symbol = models.CharField(
        # Translators: Name of a field or of a kind of data, in the administration.
        _("Document symbol"),
        max_length=100,
        blank=True,
        help_text=_("As printed on the document, for example CTOC/COP/2008/19."),
    )
    # Translators: Name of a field or of a kind of data, in the administration.
    date = models.DateField(_("Date"))
    # Translators: Name of a field: a web address.
    link = models.URLField(_("Link"), max_length=500, blank=True)

    class Meta:
        # Translators: Name of a field or of a kind of data, in the administration.
        verbose_name = _("Recorded action")
        # Translators: Name of a field or of a kind of data, in the administration.
        verbose_name_plural = _("Recorded actions")
        ordering = ["recommendation__position", "by", "date", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(by__in=Addressee.WITHOUT_DESK), name="recorded_action_by_addressee_without_desk"
            ),
            models.CheckConstraint(
                condition=~Q(symbol="") | ~Q(link=""),
                name="recorded_action_has_source",
                violation_error_message=_("Enter a document symbol or a link."),
            ),
        ]

    def __str__(self):
        return f"{self.recommendation}: {self.get_by_display()}, {self.date}"

    def clean(self):
        errors = {}
        if self.date and self.date > timezone.localdate():
            errors["date"] = _("The date must be today or earlier.")
        if (
            self.recommendation_id
            and not Recommendation.objects.open_to_recorded_actions().filter(pk=self.recommendation_id).exists()
        ):
            errors["recommendation"] = _(
                "Choose another recommendation: this one is answered only by States or the Secretariat."
            )
        if errors:
            raise ValidationError(errors)


class TakenUp(models.Model):
    """Hold where a meeting took up a topic for future meetings: the workplan of the Working Group (V.44)."""

    topic = models.ForeignKey(Recommendation, models.PROTECT, related_name="taken_up", verbose_name=_("Topic"))
    at = models.CharField(
        _("Meeting"),
        max_length=200,
        help_text=_("As printed, for example: Ninth meeting, Vienna, 9 to 11 September."),
    )
    what = models.CharField(
        # Translators: Name of a field: the item under which a meeting discussed a topic.
        _("Agenda item"),
        max_length=300,
        blank=True,
        help_text=_("As worded in the agenda of the meeting."),
    )
    date = models.DateField(_("First day"))
    symbol = models.CharField(
        _("Document symbol"),
        max_length=100,
        blank=True,
        help_text=_("As printed on the document, for example CTOC/COP/2008/19."),
    )
    link = models.URLField(_("Link"), max_length=500, blank=True)

    class Meta:
        # Translators: Name of a field or of a kind of data, in the administration.
        verbose_name = _("Topic discussed")
        # Translators: Name of a field or of a kind of data, in the administration.
        verbose_name_plural = _("Topics discussed")
        ordering = ["topic__body", "topic__position", "date", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(symbol="") | ~Q(link=""),
                name="taking_up_can_be_looked_up",
                violation_error_message=_("Enter a document symbol or a link."),
            )
        ]

    def __str__(self):
        return f"{self.topic}: {self.at}"

    def clean(self):
        if self.topic_id and not Recommendation.objects.topic_texts().filter(pk=self.topic_id).exists():
            raise ValidationError({"topic": _("Choose a text that proposes a topic for a future meeting.")})


class Provenance(models.Model):
    """Where a text comes from and whether it was adopted, with the source.

    That of a chapeau counts for its items too, unless an item has its own.
    """

    class Adoption(models.TextChoices):
        # Translators: The value is not known.
        UNKNOWN = "unknown", _("Not known")
        # Translators: Name of a field or of a kind of data, in the administration.
        ADOPTED = "adopted", _("Adopted")
        # Translators: Name of a field or of a kind of data, in the administration.
        NOT_ADOPTED = "not_adopted", _("Other decision")

    recommendation = models.OneToOneField(
        Recommendation, models.PROTECT, related_name="provenance", verbose_name=_("Recommendation")
    )
    proposed_at = models.ForeignKey(
        Meeting,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        # Translators: Name of a field or of a kind of data, in the administration.
        verbose_name=_("Proposed at"),
        help_text=_("The earlier meeting that proposed this text, if a later meeting endorsed it."),
    )
    document_symbol = models.CharField(
        _("Document containing the text"),
        max_length=100,
        blank=True,
        help_text=_("As printed on the document, for example CTOC/COP/2008/19."),
    )
    document_place = models.CharField(
        _("Place in that document"),
        max_length=100,
        blank=True,
        help_text=_("In English, if the number in that document differs, for example: paragraph 12."),
    )
    source = models.CharField(_("Source"), max_length=300, blank=True, help_text=_("For example: II.43 of this paper."))
    adoption = models.CharField(
        _("Adoption by the Conference"), max_length=20, choices=Adoption, default=Adoption.UNKNOWN
    )
    adoption_symbol = models.CharField(_("Symbol of the decision"), max_length=100, blank=True)
    adopted_on = models.DateField(_("Date of the decision"), null=True, blank=True)

    class Meta:
        # Translators: Heading: where the text comes from.
        verbose_name = _("Origin")
        # Translators: Name of a field or of a kind of data, in the administration.
        verbose_name_plural = _("Origins")
        ordering = ["recommendation__body", "recommendation__position"]
        constraints = [
            models.CheckConstraint(
                condition=Q(proposed_at__isnull=True, document_symbol="", document_place="") | ~Q(source=""),
                name="provenance_has_source",
                violation_error_message=_("Enter the source."),
            ),
            models.CheckConstraint(
                condition=Q(adoption="unknown", adoption_symbol="", adopted_on__isnull=True)
                | ~Q(adoption="unknown") & ~Q(adoption_symbol=""),
                name="known_adoption_has_symbol",
                violation_error_message=_(
                    "Enter the symbol of the decision, or choose “not known” and clear the symbol and the date."
                ),
            ),
        ]

    def __str__(self):
        return str(self.recommendation)

    def clean(self):
        if self.proposed_at and self.recommendation_id and self.proposed_at.body_id != self.recommendation.body_id:
            raise ValidationError({"proposed_at": _("Choose a meeting of the same body.")})

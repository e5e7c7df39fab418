from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from recommendations.models.body import Meeting
from recommendations.models.recommendation import Addressee, Recommendation


class RecordedAction(models.Model):
    """Hold what an addressee without a desk did about a recommendation, with its source."""

    BY = [(code.value, code.label) for code in Addressee.WITHOUT_DESK]

    recommendation = models.ForeignKey(
        Recommendation, models.PROTECT, related_name="recorded_actions", verbose_name=_("recommendation")
    )
    by = models.CharField(_("done by"), max_length=30, choices=BY)
    what = models.TextField(
        _("what was done"),
        max_length=2000,
        help_text=_("The decision or the step, in its own words where it has some."),
    )
    symbol = models.CharField(
        _("symbol"),
        max_length=100,
        blank=True,
        help_text=_("Of the document, as printed on it, such as CTOC/COP/2008/19."),
    )
    date = models.DateField(_("date"))
    link = models.URLField(_("link"), max_length=500, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("fact")
        verbose_name_plural = _("facts")
        ordering = ["recommendation__position", "by", "date", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(by__in=Addressee.WITHOUT_DESK), name="recorded_action_by_addressee_without_desk"
            ),
            models.CheckConstraint(
                condition=~Q(symbol="") | ~Q(link=""),
                name="recorded_action_has_source",
                violation_error_message=_("Give a symbol or a link, so that it can be looked up."),
            ),
        ]

    def __str__(self):
        return f"{self.recommendation}: {self.get_by_display()}, {self.date}"

    def clean(self):
        errors = {}
        if self.date and self.date > timezone.localdate():
            errors["date"] = _("A fact is of the past.")
        if (
            self.recommendation_id
            and not Recommendation.objects.open_to_recorded_actions().filter(pk=self.recommendation_id).exists()
        ):
            errors["recommendation"] = _("Respondents alone answer this: what they did stands in their answers.")
        if errors:
            raise ValidationError(errors)


class TakenUp(models.Model):
    """Hold where a meeting took up a topic for future meetings: the workplan of the Working Group (V.44)."""

    topic = models.ForeignKey(Recommendation, models.PROTECT, related_name="taken_up", verbose_name=_("topic"))
    at = models.CharField(
        _("meeting"),
        max_length=200,
        help_text=_("As it is printed, such as: Ninth meeting, Vienna, 9 to 11 September."),
    )
    what = models.CharField(
        _("as what"), max_length=300, blank=True, help_text=_("The item of its agenda, in its own words.")
    )
    date = models.DateField(_("first day of the meeting"))
    symbol = models.CharField(
        _("symbol"), max_length=100, blank=True, help_text=_("Of the document that says so, as printed on it.")
    )
    link = models.URLField(_("link"), max_length=500, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("topic taken up")
        verbose_name_plural = _("topics taken up")
        ordering = ["topic__body", "topic__position", "date", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(symbol="") | ~Q(link=""),
                name="taking_up_can_be_looked_up",
                violation_error_message=_("Give a symbol or a link, so that it can be looked up."),
            )
        ]

    def __str__(self):
        return f"{self.topic}: {self.at}"

    def clean(self):
        if self.topic_id and not Recommendation.objects.topic_texts().filter(pk=self.topic_id).exists():
            raise ValidationError({"topic": _("This proposes no topic for a future meeting.")})


class Provenance(models.Model):
    """Where a text comes from and whether it was adopted, with the source.

    That of a chapeau counts for its items too, unless an item has its own.
    """

    class Adoption(models.TextChoices):
        UNKNOWN = "unknown", _("not known")
        ADOPTED = "adopted", _("adopted")
        NOT_ADOPTED = "not_adopted", _("not adopted")

    recommendation = models.OneToOneField(
        Recommendation, models.PROTECT, related_name="provenance", verbose_name=_("recommendation")
    )
    proposed_at = models.ForeignKey(
        Meeting,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("proposed at"),
        help_text=_("Where an earlier meeting proposed what its meeting endorsed."),
    )
    document_symbol = models.CharField(
        _("document in which it stands"),
        max_length=100,
        blank=True,
        help_text=_("Symbol, as printed, such as that of the report of its meeting."),
    )
    document_place = models.CharField(
        _("where in that document"),
        max_length=100,
        blank=True,
        help_text=_("In English, such as: paragraph 12, where its number there is another than here."),
    )
    source = models.CharField(
        _("where this is read"), max_length=300, blank=True, help_text=_("Such as: II.43 of this paper.")
    )
    adoption = models.CharField(
        _("adoption by the Conference"), max_length=20, choices=Adoption, default=Adoption.UNKNOWN
    )
    adoption_symbol = models.CharField(_("symbol of the decision"), max_length=100, blank=True)
    adopted_on = models.DateField(_("date of the decision"), null=True, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("provenance")
        verbose_name_plural = _("provenances")
        ordering = ["recommendation__body", "recommendation__position"]
        constraints = [
            models.CheckConstraint(
                condition=Q(proposed_at__isnull=True, document_symbol="", document_place="") | ~Q(source=""),
                name="provenance_has_source",
                violation_error_message=_("Say where this is read."),
            ),
            models.CheckConstraint(
                condition=Q(adoption="unknown", adoption_symbol="", adopted_on__isnull=True)
                | ~Q(adoption="unknown") & ~Q(adoption_symbol=""),
                name="known_adoption_has_symbol",
                violation_error_message=_("What the Conference decided has the symbol of its decision."),
            ),
        ]

    def __str__(self):
        return str(self.recommendation)

    def clean(self):
        if self.proposed_at and self.recommendation_id and self.proposed_at.body_id != self.recommendation.body_id:
            raise ValidationError({"proposed_at": _("This is a meeting of another body.")})

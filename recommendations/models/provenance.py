from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from recommendations.models.body import Meeting
from recommendations.models.quick_row import QuickRow
from recommendations.models.recommendation import Addressee, Recommendation
from recommendations.models.text_rows import TextRows


class RecordedAction(QuickRow):
    """Hold what an addressee without a desk did about a recommendation, with its source."""

    BY = [(code.value, code.label) for code in Addressee.WITHOUT_DESK]

    recommendation = models.ForeignKey(
        Recommendation, models.PROTECT, related_name="recorded_actions", verbose_name=_("Recommendation")
    )
    by = models.CharField("Action by", max_length=30, choices=BY)
    what = models.TextField(
        "Description of the action",
        max_length=2000,
        help_text="Describe the decision or step, in its own words where it has any.",
    )
    symbol = models.CharField(
        # Translators: Name of a field or of a kind of data, in the administration.
        _("Document symbol"),
        max_length=100,
        blank=True,
        help_text=_("As printed on the document, for example CTOC/COP/2008/19."),
    )
    # Translators: A day.
    date = models.DateField(_("Date"))
    # Translators: Name of a field: a web address.
    link = models.URLField(_("Link"), max_length=500, blank=True)

    objects = TextRows()

    class Meta:
        # Translators: Name of a field or of a kind of data, in the administration.
        verbose_name = _("Recorded action")
        verbose_name_plural = "Recorded actions"
        ordering = ["recommendation__position", "by", "date", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(by__in=Addressee.WITHOUT_DESK), name="recorded_action_by_addressee_without_desk"
            ),
            models.CheckConstraint(
                condition=~Q(symbol="") | ~Q(link=""),
                name="recorded_action_has_source",
                violation_error_message="Enter a document symbol or a link.",
            ),
        ]

    def __str__(self):
        return f"{self.recommendation}: {self.get_by_display()}, {self.date}"

    def clean(self):
        errors: dict[str, str | Promise] = {}
        if self.date and self.date > timezone.localdate():
            errors["date"] = _("The date must be today or earlier.")
        if (
            self.recommendation_id
            and not Recommendation.objects.open_to_recorded_actions().filter(pk=self.recommendation_id).exists()
        ):
            errors["recommendation"] = (
                "Choose another recommendation: this one is answered only by States or the Secretariat."
            )
        if errors:
            raise ValidationError(errors)


class TakenUpRows(TextRows["TakenUp"]):
    text_paths = ("topic",)


class TakenUp(QuickRow):
    """Hold where a meeting took up a topic for future meetings: the workplan of the Working Group (V.44)."""

    topic = models.ForeignKey(Recommendation, models.PROTECT, related_name="taken_up", verbose_name=_("Topic"))
    at = models.CharField(
        _("Meeting"),
        max_length=200,
        help_text="As printed, for example: Ninth meeting, Vienna, 9 to 11 September.",
    )
    what = models.CharField(
        # Translators: Name of a field: the item under which a meeting discussed a topic.
        _("Agenda item"),
        max_length=300,
        blank=True,
        help_text="As worded in the agenda of the meeting.",
    )
    date = models.DateField("First day")
    symbol = models.CharField(
        _("Document symbol"),
        max_length=100,
        blank=True,
        help_text=_("As printed on the document, for example CTOC/COP/2008/19."),
    )
    link = models.URLField(_("Link"), max_length=500, blank=True)

    objects = TakenUpRows()

    class Meta:
        # Translators: Name of a field or of a kind of data, in the administration.
        verbose_name = _("Topic discussed")
        verbose_name_plural = "Topics discussed"
        ordering = ["topic__body", "topic__position", "date", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(symbol="") | ~Q(link=""),
                name="taking_up_can_be_looked_up",
                violation_error_message="Enter a document symbol or a link.",
            )
        ]

    def __str__(self):
        return f"{self.topic}: {self.at}"

    def clean(self):
        if self.topic_id and not Recommendation.objects.topic_texts().filter(pk=self.topic_id).exists():
            raise ValidationError({"topic": "Choose a text that proposes a topic for a future meeting."})


class Provenance(QuickRow):
    """Where a text comes from, with the source.

    That of a chapeau counts for its items too, unless an item has its own.
    """

    recommendation = models.OneToOneField(
        Recommendation, models.PROTECT, related_name="provenance", verbose_name=_("Recommendation")
    )
    proposed_at = models.ForeignKey(
        Meeting,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name="Proposed at",
        help_text="The earlier meeting that proposed this text, if a later meeting endorsed it.",
    )
    document_symbol = models.CharField(
        "Document containing the text",
        max_length=100,
        blank=True,
        help_text=_("As printed on the document, for example CTOC/COP/2008/19."),
    )
    document_place = models.CharField(
        "Place in that document",
        max_length=100,
        blank=True,
        help_text="In English, if the number in that document differs, for example: paragraph 12.",
    )
    source = models.CharField(_("Source"), max_length=300, blank=True, help_text="For example: II.43 of this paper.")

    objects = TextRows()

    class Meta:
        # Translators: Heading: where the text comes from.
        verbose_name = _("Origin")
        verbose_name_plural = "Origins"
        ordering = ["recommendation__body", "recommendation__position"]
        constraints = [
            models.CheckConstraint(
                condition=Q(proposed_at__isnull=True, document_symbol="", document_place="") | ~Q(source=""),
                name="provenance_has_source",
                violation_error_message=_("Enter the source."),
            ),
        ]

    def __str__(self):
        return str(self.recommendation)

    def clean(self):
        if self.proposed_at and self.recommendation_id and self.proposed_at.body_id != self.recommendation.body_id:
            raise ValidationError({"proposed_at": "Choose a meeting of the same body."})


class Currency(QuickRow):
    """Hold what a decision or a date says about whether a text is current, in words that are quoted.

    A decision on a chapeau, or a date by which it asks something, counts for its items too. Adopted texts are never
    said to be replaced, except by quoting the decision that says so.
    """

    class Kind(models.TextChoices):
        # Translators: Kind of entry about a text: the verb of the decision of the Conference on the text.
        ADOPTION = "adoption", _("Adoption by the Conference")
        # Translators: Kind of entry about a text: a decision says that another text takes its place.
        REPLACEMENT = "replacement", _("Decision that replaces the text")
        # Translators: Kind of entry about a text: the text asks something for this date or event.
        DATE = "date", _("Date for which the text asks")
        # Translators: Kind of entry about a text: the text names a document or an event of this date.
        CITED_DATE = "cited_date", _("Date of a document or an event that the text names")

    DECISIONS = (Kind.ADOPTION, Kind.REPLACEMENT)
    DATES = (Kind.DATE, Kind.CITED_DATE)
    OF_ITEMS_TOO = (*DECISIONS, Kind.DATE)

    recommendation = models.ForeignKey(
        Recommendation, models.PROTECT, related_name="currencies", verbose_name=_("Recommendation")
    )
    kind = models.CharField(_("Kind"), max_length=20, choices=Kind)
    words = models.TextField(
        # Translators: Name of a field: the words that are quoted from a decision or a text.
        _("Words"),
        max_length=2000,
        help_text=(
            "For an adoption, the verb of the decision, for example: endorsed. For a replacement, the words that say "
            "so. For a date, the words of the text."
        ),
    )
    symbol = models.CharField(
        "Symbol of the decision",
        max_length=100,
        blank=True,
        help_text="Leave it empty for a date: the words are those of the text itself.",
    )
    date = models.DateField(_("Date"), help_text="Of the decision. For a date in the text, its last day.")

    objects = TextRows()

    class Meta:
        # Translators: What decisions and dates say about a text: adoption, replacement, dates in the text.
        verbose_name = _("Decision or date")
        # Translators: What decisions and dates say about texts: adoption, replacement, dates in the text.
        verbose_name_plural = _("Decisions and dates")
        ordering = ["recommendation__body", "recommendation__position", "date", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["recommendation", "kind", "words", "symbol"],
                name="currency_once",
                violation_error_message="This is already recorded. Change the recorded one.",
            ),
            models.CheckConstraint(condition=~Q(words=""), name="currency_has_words"),
            models.CheckConstraint(
                condition=Q(kind__in=["adoption", "replacement"]) & ~Q(symbol="")
                | Q(kind__in=["date", "cited_date"], symbol=""),
                name="decision_has_symbol",
                violation_error_message="Enter the symbol of a decision. Clear it for a date in the text.",
            ),
        ]

    def __str__(self):
        return f"{self.recommendation}: {self.get_kind_display()}, {self.date}"

    def clean(self):
        errors: dict[str, str | Promise] = {}
        if self.kind in self.DECISIONS and self.date and self.date > timezone.localdate():
            errors["date"] = _("The date must be today or earlier.")
        if self.kind in self.DATES and self.recommendation_id and self.words not in self.recommendation.text:
            errors["words"] = "These words are not in the text. Copy them exactly."
        if errors:
            raise ValidationError(errors)

"""The catalogue: what was adopted, word for word, and what curators know about it."""

import re
from collections import defaultdict
from collections.abc import Collection

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.urls import resolve, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from recommendations import addresses

ROMAN = ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))


def roman(number: int) -> str:
    """`4` -> `IV`."""
    numeral = ""
    for value, letters in ROMAN:
        count, number = divmod(number, value)
        numeral += letters * count
    return numeral


def slug_of(label: str) -> str:
    """`IV.46(i)(ii)` -> `IV-46-i-ii`; a full label's body stays before it: `smuggling/I.1` -> `smuggling/I-1`."""
    return label.replace(".", "-").replace("(", "-").replace(")", "")


validate_body_slug = RegexValidator(
    rf"^{addresses.BODY}\Z", _("Small letters, figures and hyphens, a letter first."), code="invalid"
)
validate_node_slug = RegexValidator(rf"^{addresses.NODE}\Z", _("This is no address of a text."), code="invalid")


class Body(models.Model):
    """The texts of the first body have addresses of their own, `IV-46-i`; those of another stand under its slug."""

    slug = models.SlugField(
        _("slug"),
        max_length=15,  # a tag of a questionnaire's box has room for no more
        unique=True,
        validators=[validate_body_slug],
        help_text=_("Part of the addresses of its texts: it never changes."),
    )
    is_first = models.BooleanField(_("first body"), default=False, editable=False)
    name = models.CharField(_("name"), max_length=200)
    parent_name = models.CharField(_("subsidiary of"), max_length=300, blank=True)
    paper_title = models.CharField(_("title of the paper"), max_length=300)
    paper_date = models.DateField(_("date of the paper"))

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("body")
        verbose_name_plural = _("bodies")
        ordering = ["-is_first", "name"]
        constraints = [
            models.UniqueConstraint(fields=["is_first"], condition=Q(is_first=True), name="one_first_body"),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("recommendations:list") if self.is_first else reverse("recommendations:body", args=[self.slug])

    def clean(self):
        if re.fullmatch(addresses.BODY, self.slug) and not self.is_first and not _are_its_own(self):
            raise ValidationError({"slug": _("Choose another: this one is the address of another page.")})

    def slug_of(self, label: str) -> str:
        """Of its text with this label; no two texts have one slug, of whatever body they are."""
        return slug_of(label if self.is_first else f"{self.slug}/{label}")


def _are_its_own(body: Body) -> bool:
    """Whether nothing else answers at the addresses of a body and of its texts."""
    texts = reverse("recommendations:detail", args=[body.slug_of("I.1")])
    found = [resolve(path).view_name for path in (body.get_absolute_url(), texts)]
    return found == ["recommendations:body", "recommendations:detail"]


class Meeting(models.Model):
    body = models.ForeignKey(Body, models.PROTECT, related_name="meetings", verbose_name=_("body"))
    number = models.PositiveSmallIntegerField(_("number"))
    heading = models.CharField(_("heading, as printed after the numeral"), max_length=200)
    place = models.CharField(_("place"), max_length=100)
    starts = models.DateField(_("first day"))
    ends = models.DateField(_("last day"))

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")
        ordering = ["body", "number"]
        constraints = [
            models.UniqueConstraint(fields=["body", "number"], name="meeting_once_in_body"),
            models.CheckConstraint(condition=Q(ends__gte=F("starts")), name="meeting_ends_after_start"),
        ]

    def __str__(self):
        return self.heading

    def get_absolute_url(self):
        return f"{self.body.get_absolute_url()}?meeting={self.number}"

    @property
    def roman(self) -> str:
        return roman(self.number)

    @property
    def name(self) -> str:
        """`Fourth meeting`."""
        return self.heading.partition(", ")[0]

    @property
    def place_and_days(self) -> str:
        """`Vienna, 10 to 12 October 2011`."""
        return self.heading.partition(", ")[2]


class Addressee(models.Model):
    class Code(models.TextChoices):
        STATES_PARTIES = "states_parties", _("States parties")
        STATES = "states", _("States")
        MEMBER_STATES = "member_states", _("Member States")
        STATES_NOT_YET_PARTIES = "states_not_yet_parties", _("States not yet parties")
        SECRETARIAT = "secretariat", _("Secretariat")
        UNODC = "unodc", _("UNODC")
        CONFERENCE = "conference", _("Conference of the Parties")
        WORKING_GROUP = "working_group", _("Working Group")
        UN_ENTITIES = "un_entities", _("United Nations entities")

    # They have no desk: curators record what became of it, as facts and never as a status.
    WITHOUT_DESK = (Code.CONFERENCE, Code.WORKING_GROUP, Code.UN_ENTITIES)

    code = models.CharField(_("code"), max_length=30, choices=Code, unique=True)

    class Meta:
        verbose_name = _("addressee")
        verbose_name_plural = _("addressees")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    code__in=[
                        "states_parties",
                        "states",
                        "member_states",
                        "states_not_yet_parties",
                        "secretariat",
                        "unodc",
                        "conference",
                        "working_group",
                        "un_entities",
                    ]
                ),
                name="addressee_code_known",
            )
        ]

    def __str__(self):
        return str(self.get_code_display())


class Theme(models.Model):
    slug = models.SlugField(_("slug"), unique=True, max_length=60)
    name = models.CharField(_("name"), max_length=200)
    basis = models.CharField(_("basis"), max_length=200, blank=True)
    position = models.PositiveSmallIntegerField(_("position"))

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("theme")
        verbose_name_plural = _("themes")
        ordering = ["position"]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("recommendations:theme", args=[self.slug])


class RecommendationQuerySet(models.QuerySet["Recommendation"]):
    def published(self):
        return self.filter(published_at__isnull=False)

    def units(self):
        """Those that are asked today: what was withdrawn or merged is not."""
        return self.filter(is_unit=True, withdrawn_on__isnull=True)

    def ever_units(self):
        """Also those withdrawn since: frozen scopes keep them, and so do answers."""
        return self.filter(is_unit=True)

    def topics(self):
        """Those that propose, whole or in a clause, an item for a future meeting."""
        return self.filter(Q(is_topic=True) | ~Q(topic_clause=""))

    def of(self, body: Body | None):
        """Those of one body, the first where none is named."""
        return self.filter(body=body) if body else self.filter(body__is_first=True)

    def addressed_to(self, *codes):
        return self.filter(
            pk__in=self.model.addressees.through.objects.filter(addressee__code__in=codes).values("recommendation_id")
        )

    def open_to_facts(self):
        """Those of which curators may record what was done: all but what respondents alone answer."""
        facts_alone = self.model.objects.addressed_to(*Addressee.WITHOUT_DESK).order_by().values("pk")
        answered_above = Q(parent__is_unit=True) | Q(parent__parent__is_unit=True)
        return self.filter(Q(pk__in=facts_alone) | Q(is_unit=False) & ~answered_above)

    def with_text(self):
        """Everything that citing a node needs, in one query: its wording, meeting, themes, and its chapeaux."""
        return self.select_related(
            "current_wording",
            "meeting",
            "primary_theme",
            "secondary_theme",
            "parent__current_wording",
            "parent__parent__current_wording",
        )

    def with_annotations(self):
        """Also what curators say about it."""
        return self.with_text().select_related("body").prefetch_related("addressees")


class Recommendation(models.Model):
    """A node of the adopted text. Its words stand in its wordings and change only by adding one."""

    class Kind(models.TextChoices):
        CHAPEAU = "chapeau", _("chapeau")
        RECOMMENDATION = "recommendation", _("recommendation")
        NOTE = "note", _("note")

    class Basis(models.TextChoices):
        STATED = "stated", _("stated in the text")
        INHERITED = "inherited", _("inherited from the chapeau")
        IMPLIED = "implied", _("implied")

    class Strength(models.TextChoices):
        """The wording's force; it describes wording, not legal obligation."""

        SHALL = "shall", _("shall")
        SHOULD = "should", _("should")
        SHOULD_CONSIDER = "should_consider", _("should consider")
        ENCOURAGED = "encouraged", _("encouraged")
        MAY = "may", _("may")
        OTHER = "other", _("other")

    body = models.ForeignKey(Body, models.PROTECT, related_name="recommendations", verbose_name=_("body"))
    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="recommendations", verbose_name=_("meeting"))
    parent = models.ForeignKey(
        "self", models.PROTECT, related_name="items", null=True, blank=True, verbose_name=_("chapeau")
    )
    position = models.PositiveIntegerField(_("position in the paper"))
    label = models.CharField(_("label"), max_length=40)
    slug = models.CharField(
        _("slug"), max_length=61, unique=True, validators=[validate_node_slug], help_text=_("Its address.")
    )
    marker = models.CharField(_("number, as printed"), max_length=10, blank=True)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    is_unit = models.BooleanField(_("unit"), default=False, help_text=_("An answer is recorded on it."))
    is_topic = models.BooleanField(_("topic"), default=False, help_text=_("Proposes an item for a future meeting."))
    addressees = models.ManyToManyField(
        Addressee, related_name="recommendations", blank=True, verbose_name=_("addressees")
    )
    basis = models.CharField(_("basis of the addressee"), max_length=20, choices=Basis, blank=True)
    strength = models.CharField(_("strength"), max_length=20, choices=Strength, blank=True)
    asks_to_consider = models.BooleanField(
        _("asks to consider"), default=False, help_text=_("Considering is itself what the text asks.")
    )
    primary_theme = models.ForeignKey(
        Theme,
        models.PROTECT,
        related_name="primary_recommendations",
        null=True,
        blank=True,
        verbose_name=_("primary theme"),
    )
    secondary_theme = models.ForeignKey(
        Theme,
        models.PROTECT,
        related_name="secondary_recommendations",
        null=True,
        blank=True,
        verbose_name=_("secondary theme"),
    )
    topic_clause = models.TextField(
        _("clause that proposes a topic"),
        blank=True,
        help_text=_("Where a part of a text alone proposes an item for a future meeting: its words."),
    )
    guidance = models.TextField(
        _("guidance"), blank=True, help_text=_("What an answer could say. Not part of the adopted text.")
    )
    current_wording = models.OneToOneField(
        "Wording",
        models.PROTECT,
        related_name="+",
        null=True,
        editable=False,
        verbose_name=_("current wording"),
    )
    published_at = models.DateTimeField(_("published"), null=True, editable=False)
    withdrawn_on = models.DateField(_("withdrawn on"), null=True, editable=False)
    withdrawal_reason = models.TextField(_("reason of the withdrawal"), blank=True, editable=False)
    merged_into = models.ForeignKey(
        "self",
        models.PROTECT,
        related_name="merged",
        null=True,
        editable=False,
        verbose_name=_("merged into"),
    )

    objects = RecommendationQuerySet.as_manager()
    history = HistoricalRecords(m2m_fields=[addressees], history_change_reason_field=models.TextField(null=True))

    class Meta:
        verbose_name = _("recommendation")
        verbose_name_plural = _("recommendations")
        ordering = ["body", "position"]
        constraints = [
            models.UniqueConstraint(fields=["body", "label"], name="label_once_in_body"),
            models.UniqueConstraint(fields=["body", "position"], name="position_once_in_body"),
            models.CheckConstraint(condition=~Q(is_unit=True, is_topic=True), name="topic_is_no_unit"),
            models.CheckConstraint(condition=~Q(is_unit=True, kind="note"), name="note_is_no_unit"),
            models.CheckConstraint(
                condition=Q(secondary_theme__isnull=True)
                | Q(primary_theme__isnull=False) & ~Q(secondary_theme=F("primary_theme")),
                name="second_theme_differs",
            ),
            models.CheckConstraint(
                condition=Q(published_at__isnull=True) | Q(current_wording__isnull=False),
                name="published_has_wording",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_on__isnull=True, withdrawal_reason="", merged_into__isnull=True)
                | Q(withdrawn_on__isnull=False, is_unit=True) & ~Q(withdrawal_reason=""),
                name="withdrawn_unit_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("pk")), name="merged_into_another"
            ),
        ]

    def __str__(self):
        return self.label

    def get_absolute_url(self):
        return reverse("recommendations:detail", args=[self.slug])

    def clean(self):
        if self.secondary_theme and self.secondary_theme == self.primary_theme:
            raise ValidationError({"secondary_theme": _("The second theme is another than the first.")})
        if self.secondary_theme and not self.primary_theme:
            raise ValidationError({"primary_theme": _("Where there is a second theme there is a first.")})
        if self.topic_clause and (self.is_topic or self.topic_clause not in self.text):
            raise ValidationError({"topic_clause": _("Words of a text that is not a topic as a whole.")})

    @property
    def full_label(self) -> str:
        """Its label where texts of several bodies stand together: `I.1`, of another body than the first
        `smuggling/I.1`. Needs no query.
        """
        return f"{self.body_slug}/{self.label}" if self.body_slug else self.label

    @property
    def body_slug(self) -> str:
        """Of its body; empty for the first, which is named nowhere. Needs no query."""
        return self.slug.rpartition("/")[0]

    @property
    def text(self) -> str:
        """The node's own words in their current wording, without number, chapeau or footnote mark."""
        return self.current_wording.text  # type: ignore[union-attr]  # published_has_wording

    @cached_property
    def notes(self) -> list["Footnote"]:
        """Its footnotes, by number."""
        return list(self.footnotes.all())

    @property
    def chapeaux(self) -> list["Recommendation"]:
        """The texts that introduce this one, outermost first."""
        chain: list[Recommendation] = []
        node = self.parent
        while node is not None:
            chain.insert(0, node)
            node = node.parent
        return chain

    @property
    def themes(self) -> list[Theme]:
        """The primary theme first."""
        return [theme for theme in (self.primary_theme, self.secondary_theme) if theme]

    @property
    def is_put_to_conference(self) -> bool:
        """Whether the Working Group proposed it to the Conference, for adoption, as all of meeting VII's items."""
        chapeaux = [addressee.code for chapeau in self.chapeaux for addressee in chapeau.addressees.all()]
        return self.basis == self.Basis.IMPLIED and Addressee.Code.CONFERENCE in chapeaux

    @property
    def is_answered_by_facts(self) -> bool:
        """Whether all its addressees are without a desk."""
        return all(addressee.code in Addressee.WITHOUT_DESK for addressee in self.addressees.all())

    def kin(self) -> models.QuerySet["Recommendation"]:
        """The other units of which the text, or an item of it, is a full or partial member of a family of this one or
        of one of its items.
        """
        of_mine = Q(recommendation=self.pk) | Q(recommendation__parent=self.pk)
        members = FamilyMember.objects.filter(kind__in=FamilyMember.OF_THE_FAMILY)
        texts = members.filter(family__in=members.filter(of_mine).values("family")).values("recommendation")
        units = Recommendation.objects.published().units().filter(Q(pk__in=texts) | Q(items__in=texts))
        return units.exclude(pk=self.pk).distinct()

    @property
    def answered_at(self) -> "Recommendation | None":
        """The unit on which this text is answered: itself, or the chapeau that is answered as one with its items."""
        return next((node for node in (self, *reversed(self.chapeaux)) if node.is_unit), None)


class Wording(models.Model):
    """The text of a node: append-only, numbered from 1.

    `since`: when its substance came to stand here by a new wording; a correction keeps that of what it corrects, and
    what stands as it was first adopted has none.
    """

    append_only = True

    class Kind(models.TextChoices):
        ADOPTED = "adopted", _("as adopted")
        CORRECTION = "correction", _("correction of our own slip")
        NEW_WORDING = "new_wording", _("new wording adopted")

    LATER_KINDS = (Kind.CORRECTION, Kind.NEW_WORDING)

    recommendation = models.ForeignKey(
        Recommendation, models.PROTECT, related_name="wordings", verbose_name=_("recommendation")
    )
    number = models.PositiveSmallIntegerField(_("number"))
    text = models.TextField(_("text"))
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    reason = models.TextField(_("reason"), blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("author"),
    )
    created_at = models.DateTimeField(_("written"), auto_now_add=True)
    since = models.DateTimeField(_("new wording since"), null=True, blank=True)

    class Meta:
        verbose_name = _("wording")
        verbose_name_plural = _("wordings")
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


class Translation(models.Model):
    """The official text of a wording in another language, with where it is printed. The wording stays the text that is
    cited.
    """

    class Language(models.TextChoices):
        """Each by its own name."""

        ARABIC = "ar", "العربية"
        CHINESE = "zh", "中文"
        FRENCH = "fr", "Français"
        RUSSIAN = "ru", "Русский"
        SPANISH = "es", "Español"

    wording = models.ForeignKey(Wording, models.PROTECT, related_name="translations", verbose_name=_("wording"))
    language = models.CharField(_("language"), max_length=3, choices=Language)
    text = models.TextField(_("text"), max_length=20_000)
    source = models.CharField(
        _("where it is printed"), max_length=300, help_text=_("Symbol or title of the official document.")
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("official text in another language")
        verbose_name_plural = _("official texts in other languages")
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

    @property
    def direction(self) -> str:
        return "rtl" if self.language == self.Language.ARABIC else "ltr"


class Footnote(models.Model):
    recommendation = models.ForeignKey(
        Recommendation, models.PROTECT, related_name="footnotes", verbose_name=_("recommendation")
    )
    number = models.PositiveSmallIntegerField(_("number"))
    text = models.TextField(_("text"))
    offset = models.PositiveIntegerField(_("offset"), help_text=_("Characters of the adopted text before the mark."))

    class Meta:
        verbose_name = _("footnote")
        verbose_name_plural = _("footnotes")
        ordering = ["recommendation", "number"]
        constraints = [models.UniqueConstraint(fields=["recommendation", "number"], name="footnote_number_once")]

    def __str__(self):
        return str(self.number)


def read_notes(nodes: Collection[Recommendation]) -> None:
    """The `notes` of all these nodes, in one query."""
    notes = defaultdict(list)
    for note in Footnote.objects.filter(recommendation__in={node.pk for node in nodes}):
        notes[note.recommendation_id].append(note)
    for node in nodes:
        node.notes = notes[node.pk]


class Family(models.Model):
    """A set of recommendations, usually of different meetings, with the same substance."""

    class Confidence(models.TextChoices):
        HIGH = "high", _("high")
        MEDIUM = "medium", _("medium")
        LOW = "low", _("low")

    slug = models.SlugField(_("slug"), unique=True, max_length=80)
    name = models.CharField(_("name"), max_length=300)
    relation = models.CharField(_("relation"), max_length=100)
    confidence = models.CharField(_("confidence"), max_length=10, choices=Confidence)
    note = models.TextField(_("note"), blank=True)
    recommendations = models.ManyToManyField(
        Recommendation, through="FamilyMember", related_name="families", verbose_name=_("recommendations")
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("family")
        verbose_name_plural = _("families")
        ordering = ["name"]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("recommendations:family", args=[self.slug])


class FamilyMember(models.Model):
    class Kind(models.TextChoices):
        FULL = "full", _("full member")
        PARTIAL = "partial", _("partial member")
        RELATED = "related", _("related, not a member")

    OF_THE_FAMILY = (Kind.FULL, Kind.PARTIAL)

    family = models.ForeignKey(Family, models.PROTECT, related_name="members", verbose_name=_("family"))
    recommendation = models.ForeignKey(
        Recommendation, models.PROTECT, related_name="memberships", verbose_name=_("recommendation")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    note = models.TextField(_("note"), blank=True, help_text=_("The part that belongs, or why it does not belong."))

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("family member")
        verbose_name_plural = _("family members")
        ordering = ["family", "recommendation__position"]
        constraints = [models.UniqueConstraint(fields=["family", "recommendation"], name="member_once_in_family")]

    def __str__(self):
        return str(self.recommendation)

    def clean(self):
        if self.kind == self.Kind.PARTIAL and not self.note.strip():
            raise ValidationError({"note": _("Say which part of the text belongs.")})


class Provision(models.Model):
    """An article, or a paragraph of one, of the Protocol or the Convention that the catalogue serves."""

    class Instrument(models.TextChoices):
        PROTOCOL = "protocol", _("Protocol")
        CONVENTION = "convention", _("Convention")

    instrument = models.CharField(_("instrument"), max_length=20, choices=Instrument)
    article = models.CharField(
        _("article"),
        max_length=20,
        validators=[RegexValidator(r"^[1-9]\d?(\([1-9]\d?\))?(\([a-z]\))?\Z", _("Write it as 6, 6(6) or 6(3)(d)."))],
        help_text=_("Such as 6, or 6(6) for its paragraph 6."),
    )
    title = models.CharField(_("title"), max_length=200, help_text=_("What it is about."))
    position = models.PositiveSmallIntegerField(_("position"))

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("provision")
        verbose_name_plural = _("provisions")
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["instrument", "article"], name="provision_once")]

    def __str__(self):
        said = {"instrument": self.get_instrument_display(), "article": self.article}
        return str(_("%(instrument)s, article %(article)s") % said)

    @property
    def slug(self) -> str:
        """`protocol-6-6`."""
        return f"{self.instrument}-{slug_of(self.article)}"


class ServedProvision(models.Model):
    """That a theme, or one text, serves a provision, and why. A text with provisions of its own serves these alone;
    all others serve those of their primary theme.
    """

    provision = models.ForeignKey(Provision, models.PROTECT, related_name="served_by", verbose_name=_("provision"))
    theme = models.ForeignKey(
        Theme, models.PROTECT, related_name="serves", null=True, blank=True, verbose_name=_("theme")
    )
    recommendation = models.ForeignKey(
        Recommendation, models.PROTECT, related_name="serves", null=True, blank=True, verbose_name=_("recommendation")
    )
    reason = models.CharField(_("reason"), max_length=300, help_text=_("Public, beside the provision."))

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("provision served")
        verbose_name_plural = _("provisions served")
        ordering = ["provision__position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(theme__isnull=True, recommendation__isnull=False)
                | Q(theme__isnull=False, recommendation__isnull=True),
                name="provision_served_by_theme_or_text",
                violation_error_message=_("Choose a theme or a text, and not both."),
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="provision_served_for_a_reason"),
            models.UniqueConstraint(fields=["provision", "theme"], name="provision_served_once_by_theme"),
            models.UniqueConstraint(fields=["provision", "recommendation"], name="provision_served_once_by_text"),
        ]

    def __str__(self):
        return f"{self.theme or self.recommendation}: {self.provision}"


class Lineage(models.Model):
    """A typed link: `source` reaffirms, reiterates, follows up or refines `target`."""

    class Kind(models.TextChoices):
        REAFFIRMS = "reaffirms", _("reaffirms")
        REITERATES = "reiterates", _("reiterates")
        FOLLOWS_UP = "follows_up", _("follows up")
        REFINES = "refines", _("refines")

    source = models.ForeignKey(Recommendation, models.PROTECT, related_name="references", verbose_name=_("source"))
    target = models.ForeignKey(Recommendation, models.PROTECT, related_name="referred_from", verbose_name=_("target"))
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    quote = models.TextField(_("words of the source that say so"), blank=True)
    confidence = models.CharField(_("confidence"), max_length=10, choices=Family.Confidence)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("lineage")
        verbose_name_plural = _("lineages")
        ordering = ["source__position", "target__position"]
        constraints = [
            models.UniqueConstraint(fields=["source", "target", "kind"], name="lineage_once"),
            models.CheckConstraint(condition=~Q(source=F("target")), name="lineage_to_another"),
        ]

    def __str__(self):
        return f"{self.source} {self.get_kind_display()} {self.target}"

    def clean(self):
        """The quote stands word for word in the text of its source, or in what introduces that."""
        source, target = getattr(self, "source", None), getattr(self, "target", None)
        if source and source == target:
            raise ValidationError({"target": _("A text refers to another than itself.")})
        if source and not any(self.quote in node.text for node in (source, *source.chapeaux)):
            raise ValidationError({"quote": _("These words do not stand in the text of the source.")})


class Fact(models.Model):
    """What somebody without a desk did about a recommendation: told with where to read it, and never as a status."""

    BY = [(code.value, code.label) for code in Addressee.WITHOUT_DESK]

    recommendation = models.ForeignKey(
        Recommendation, models.PROTECT, related_name="facts", verbose_name=_("recommendation")
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
            models.CheckConstraint(condition=Q(by__in=Addressee.WITHOUT_DESK), name="fact_by_who_has_no_desk"),
            models.CheckConstraint(
                condition=~Q(symbol="") | ~Q(link=""),
                name="fact_can_be_looked_up",
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
            and not Recommendation.objects.open_to_facts().filter(pk=self.recommendation_id).exists()
        ):
            errors["recommendation"] = _("Respondents alone answer this: what they did stands in their answers.")
        if errors:
            raise ValidationError(errors)


class Intake(models.Model):
    """A paper on its way into the catalogue: nothing of it is public before it is published, in one act.

    It stays afterwards, as the history of what came from where.
    """

    body = models.ForeignKey(
        Body,
        models.PROTECT,
        related_name="intakes",
        null=True,
        blank=True,
        verbose_name=_("body"),
        help_text=_("Empty: a body that does not stand in the catalogue yet, which the publication adds."),
    )
    body_slug = models.SlugField(
        _("slug of the new body"),
        max_length=15,
        blank=True,
        validators=[validate_body_slug],
        help_text=_("Part of the addresses of its texts, such as smuggling: it never changes."),
    )
    body_name = models.CharField(_("name of the new body"), max_length=200, blank=True)
    body_parent = models.CharField(_("subsidiary of"), max_length=300, blank=True)
    paper_title = models.CharField(_("title of the paper"), max_length=300)
    paper_date = models.DateField(_("date of the paper"))
    paper = models.TextField(_("the paper, line by line"), editable=False)
    file_name = models.CharField(_("name of the file"), max_length=255, blank=True, editable=False)
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False, verbose_name=_("added by")
    )
    added_at = models.DateTimeField(_("added"), auto_now_add=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, editable=False, verbose_name=_("by")
    )
    published_at = models.DateTimeField(_("published"), null=True, editable=False)
    nodes_added = models.PositiveIntegerField(_("texts that were added"), default=0, editable=False)
    units_added = models.PositiveIntegerField(_("units that were added"), default=0, editable=False)

    class Meta:
        verbose_name = _("intake")
        verbose_name_plural = _("intakes")
        ordering = ["-added_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(body__isnull=False) | ~Q(body_slug="") & ~Q(body_name=""), name="intake_has_body"
            ),
            models.CheckConstraint(
                condition=Q(published_at__isnull=True, published_by__isnull=True)
                | Q(published_at__isnull=False, published_by__isnull=False, body__isnull=False),
                name="intake_published_by_somebody",
            ),
        ]

    def __str__(self):
        return self.paper_title

    @property
    def is_published(self) -> bool:
        return self.published_at is not None

    @property
    def name_of_body(self) -> str:
        return self.body.name if self.body else self.body_name


class IntakeMeeting(models.Model):
    """A meeting of which the paper has texts. One that the catalogue knows already is left as it is."""

    intake = models.ForeignKey(Intake, models.CASCADE, related_name="meetings", verbose_name=_("intake"))
    number = models.PositiveSmallIntegerField(_("number"))
    heading = models.CharField(_("heading, as printed after the numeral"), max_length=200)
    place = models.CharField(_("place"), max_length=100)
    starts = models.DateField(_("first day"))
    ends = models.DateField(_("last day"))

    class Meta:
        verbose_name = _("meeting of an intake")
        verbose_name_plural = _("meetings of intakes")
        ordering = ["intake", "number"]
        constraints = [
            models.UniqueConstraint(fields=["intake", "number"], name="meeting_once_in_intake"),
            models.CheckConstraint(condition=Q(ends__gte=F("starts")), name="intake_meeting_ends_after_start"),
        ]

    def __str__(self):
        return self.heading

    @property
    def roman(self) -> str:
        return roman(self.number)


class IntakeNode(models.Model):
    """A text as it was understood and corrected, and what will be said of it.

    Its chapeau, its meeting and its number as printed follow from its label, so that there is one thing to correct.
    """

    intake = models.ForeignKey(Intake, models.CASCADE, related_name="nodes", verbose_name=_("intake"))
    line = models.PositiveIntegerField(_("line of the paper where it starts"), editable=False)
    label = models.CharField(_("label"), max_length=40)
    kind = models.CharField(_("kind"), max_length=20, choices=Recommendation.Kind)
    text = models.TextField(
        _("text"), max_length=20_000, help_text=_("With the marks of its footnotes, such as ¹, where they stand.")
    )
    footnotes = models.TextField(
        _("footnotes"), max_length=10_000, blank=True, help_text=_("One a line, each with its number, such as ¹.")
    )
    is_unit = models.BooleanField(_("unit"), default=False)
    is_topic = models.BooleanField(_("topic"), default=False)
    addressees = models.JSONField(_("addressees"), default=list, blank=True)  # their codes
    basis = models.CharField(_("basis of the addressee"), max_length=20, choices=Recommendation.Basis, blank=True)
    strength = models.CharField(_("strength"), max_length=20, choices=Recommendation.Strength, blank=True)
    asks_to_consider = models.BooleanField(_("asks to consider"), default=False)
    primary_theme = models.ForeignKey(
        Theme, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("primary theme")
    )
    secondary_theme = models.ForeignKey(
        Theme, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("secondary theme")
    )
    guidance = models.TextField(_("guidance"), blank=True)
    doubts = models.JSONField(_("doubts"), default=list, editable=False)  # {"question", "line", "words"}
    is_left_out = models.BooleanField(_("left out"), default=False, help_text=_("It will not be published."))
    is_settled = models.BooleanField(_("looked at"), default=False, help_text=_("Its doubts are settled."))
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False, verbose_name=_("changed by")
    )
    changed_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("text of an intake")
        verbose_name_plural = _("texts of intakes")
        ordering = ["intake", "line", "pk"]

    def __str__(self):
        return self.label


class TakenUp(models.Model):
    """Where a meeting took up a topic that was proposed for future meetings: the Group's workplan (V.44)."""

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
        if self.topic_id and not Recommendation.objects.topics().filter(pk=self.topic_id).exists():
            raise ValidationError({"topic": _("This proposes no topic for a future meeting.")})


class Provenance(models.Model):
    """Where a text comes from and what became of it, as far as it is known and with where that is read.

    It holds for the items of a chapeau too, unless they have one of their own.
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

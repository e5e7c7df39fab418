from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Concat
from django.urls import reverse
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from recommendations.append_only import are_same
from recommendations.groups import group_pairs
from recommendations.models.body import Body, Meeting
from recommendations.models.evidence_kind import EvidenceKind, validate_evidence_kinds
from recommendations.models.footnote import Footnote
from recommendations.models.label import slug_of, validate_node_slug
from recommendations.models.paper import Paper
from recommendations.models.quick_row import QuickRow
from recommendations.models.text_rows import leave_out_retracted


class Addressee(QuickRow):
    class Code(models.TextChoices):
        # Translators: Addressee of a text.
        STATES_PARTIES = "states_parties", _("States parties")
        # Translators: Head of a list or a column: States.
        STATES = "states", _("States")
        # Translators: Addressee of a text: States Members of the United Nations.
        MEMBER_STATES = "member_states", _("Member States")
        STATES_NOT_YET_PARTIES = "states_not_yet_parties", _("States not yet parties")
        # Translators: Addressee of a text: the Secretariat of the United Nations.
        SECRETARIAT = "secretariat", _("Secretariat")
        # Translators: Addressee of a text: United Nations Office on Drugs and Crime.
        UNODC = "unodc", _("UNODC")
        CONFERENCE = "conference", _("Conference of the Parties")
        # Translators: Addressee of a text: Working Group on Trafficking in Persons.
        WORKING_GROUP = "working_group", _("Working Group")
        UN_ENTITIES = "un_entities", _("United Nations entities")

    # They have no desk: curators record their actions, without a status.
    WITHOUT_DESK = (Code.CONFERENCE, Code.WORKING_GROUP, Code.UN_ENTITIES)

    # Translators: Name of a field.
    code = models.CharField(_("Code"), max_length=30, choices=Code, unique=True)

    class Meta:
        # Translators: Label: to whom a recommendation is addressed.
        verbose_name = _("Addressee")
        verbose_name_plural = _("Addressees")
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


class Theme(QuickRow):
    slug = models.SlugField("Short name in web addresses", unique=True, max_length=60)
    name = models.CharField(_("Name"), max_length=200)
    basis = models.CharField("Basis", max_length=200, blank=True)
    position = models.PositiveSmallIntegerField("Position")

    class Meta:
        verbose_name = _("Theme")
        # Translators: Themes under which recommendations are grouped.
        verbose_name_plural = _("Themes")
        ordering = ["position"]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("recommendations:theme", args=[self.slug])


# The ways from a text to those above it: as many as a label may have items in brackets.
CHAPEAUX = ["parent", "parent__parent", "parent__parent__parent"]


def is_any(paths: Iterable[str], value) -> Q:
    """Return the condition that one of the `paths` leads to a value, or to a row of a query."""
    return Q.create([(path, value) for path in paths], Q.OR)


def at_or_above(path: str) -> list[str]:
    """Return the way to a text and those to the texts above it."""
    return [path, *(f"{path}__{each}" for each in CHAPEAUX)]


class RecommendationQuerySet(models.QuerySet["Recommendation"]):
    def published(self):
        return self.filter(published_at__isnull=False)

    def units(self):
        """Exclude units that were withdrawn or merged."""
        return self.all_units().filter(withdrawn_on__isnull=True)

    def all_units(self):
        """Include withdrawn units, which frozen scopes and answers keep. None is of a paper that is not open to
        answers.
        """
        return self.filter(is_unit=True, paper__opened_at__isnull=False)

    def labelled(self, labels: Iterable[str]):
        """Filter texts by their full labels at publication."""
        of_body = Concat("body__slug", Value("/"), "label", output_field=models.CharField())
        full = Case(When(body__is_first=True, then="label"), default=of_body, output_field=models.CharField())
        return self.alias(full=full).filter(full__in=labels)

    def topic_texts(self):
        return self.filter(Q(is_topic=True) | ~Q(topic_clause=""))

    def of(self, body: Body | None):
        """Filter the texts of a body, or of the first body."""
        return self.filter(body=body) if body else self.filter(body__is_first=True)

    def for_addressees(self, *codes):
        return self.filter(
            pk__in=self.model.addressees.through.objects.filter(addressee__code__in=codes).values("recommendation_id")
        )

    def open_to_recorded_actions(self):
        """Exclude texts that only respondents answer: curators record actions on all others."""
        addressed_without_desk = self.model.objects.for_addressees(*Addressee.WITHOUT_DESK).order_by().values("pk")
        answered_above = is_any((f"{path}__is_unit" for path in CHAPEAUX), True)
        return self.filter(Q(pk__in=addressed_without_desk) | Q(is_unit=False) & ~answered_above)

    def with_text(self):
        """Join what citing a node needs: its wording, meeting, paper, themes and chapeaux."""
        return self.select_related(
            "current_wording",
            "meeting",
            "paper",
            "primary_theme",
            "secondary_theme",
            *(f"{path}__current_wording" for path in CHAPEAUX),
        )

    def with_currencies(self):
        """Read what decisions and dates say about the texts and their chapeaux."""
        currencies = ("currencies", *(f"{path}__currencies" for path in CHAPEAUX))
        return self.select_related(CHAPEAUX[-1]).prefetch_related(*currencies)

    def below(self, *texts):
        """Filter the items of texts, and those below them."""
        return self.filter(is_any((f"{path}__in" for path in CHAPEAUX), texts))

    def with_those_above(self):
        """Return the texts and all texts above them, as a query of its own."""
        return self.model.objects.filter(Q.create([("pk__in", self.values(path)) for path in ("pk", *CHAPEAUX)], Q.OR))

    def with_annotations(self):
        return self.with_text().select_related("body").prefetch_related("addressees")


class RecommendationManager(models.Manager.from_queryset(RecommendationQuerySet)):  # type: ignore[misc]
    """Leave out retracted texts: the site shows, counts and finds none of them."""

    def including_retracted(self) -> RecommendationQuerySet:
        """Return all texts, for the retraction itself."""
        return super().get_queryset()

    def get_queryset(self) -> RecommendationQuerySet:
        return leave_out_retracted(super().get_queryset(), "retracted_at")


class NodeKind(models.TextChoices):
    # Translators: Name of a field or of a kind of data, in the administration.
    CHAPEAU = "chapeau", _("Chapeau")
    RECOMMENDATION = "recommendation", _("Recommendation")
    # Translators: Kind of text in a paper: a note, which is no recommendation.
    NOTE = "note", pgettext_lazy("kind of text", "Note")


class AnnotatedText(QuickRow):
    """Base of published texts and of those in drafts: what curators say about a text, and its place in its paper."""

    class Basis(models.TextChoices):
        STATED = "stated", _("Stated in the text")
        INHERITED = "inherited", _("Named in the introductory sentence")
        # Translators: How the addressee of a text is known: the text names none.
        IMPLIED = "implied", _("Implied")

    class Strength(models.TextChoices):
        """Describe the wording, not legal obligation."""

        # Translators: Word of the adopted texts: translate as in the official texts.
        SHALL = "shall", pgettext_lazy("strength of wording", "shall")
        # Translators: Word of the adopted texts: translate as in the official texts.
        SHOULD = "should", pgettext_lazy("strength of wording", "should")
        # Translators: Word of the adopted texts: translate as in the official texts.
        SHOULD_CONSIDER = "should_consider", pgettext_lazy("strength of wording", "should consider")
        # Translators: States are encouraged to do something. Word of the adopted texts: translate as in the official
        # texts.
        ENCOURAGED = "encouraged", pgettext_lazy("strength of wording", "encouraged")
        # Translators: Word of the adopted texts: translate as in the official texts.
        MAY = "may", pgettext_lazy("strength of wording", "may")
        # Translators: Another wording than shall, should, encouraged or may.
        OTHER = "other", pgettext_lazy("strength of wording", "other")

    paragraph = models.CharField(
        _("Paragraph of the paper"), max_length=40, blank=True, help_text=_("As printed, for example: 12 (b).")
    )
    page = models.PositiveSmallIntegerField(_("Page of the paper"), null=True, blank=True)
    kind = models.CharField(_("Kind"), max_length=20, choices=NodeKind)
    is_unit = models.BooleanField(
        _("Recommendation"), default=False, help_text=_("Answers are requested for this text")
    )
    is_topic = models.BooleanField(
        _("Topic"), default=False, help_text="The text proposes an item for a future meeting."
    )
    title = models.CharField(
        _("Short title"),
        max_length=100,
        blank=True,
        help_text=_("What the text is about, in a few words."),
    )
    basis = models.CharField(_("Basis for the addressee"), max_length=20, choices=Basis, blank=True)
    strength = models.CharField(_("Strength of wording"), max_length=20, choices=Strength, blank=True)
    asks_to_consider = models.BooleanField(
        _("Asks to consider"), default=False, help_text="The text asks only that a measure be considered."
    )
    primary_theme = models.ForeignKey(
        Theme,
        models.PROTECT,
        related_name="primary_%(class)ss",
        null=True,
        blank=True,
        verbose_name=_("Theme"),
    )
    secondary_theme = models.ForeignKey(
        Theme,
        models.PROTECT,
        related_name="secondary_%(class)ss",
        null=True,
        blank=True,
        verbose_name=_("Second theme"),
    )
    topic_heading = models.CharField(
        "Topic heading",
        max_length=300,
        blank=True,
        editable=False,
    )
    guidance = models.TextField(_("Guidance"), blank=True, help_text=_("Not part of the adopted text"))
    evidence_kinds = models.JSONField(
        _("Kinds of evidence"),
        default=list,
        blank=True,
        validators=[validate_evidence_kinds],
        help_text=_("Not part of the adopted text"),
    )  # codes of EvidenceKind
    evidence_hint = models.CharField(
        _("Examples of evidence"),
        max_length=300,
        blank=True,
        help_text=_("Not part of the adopted text"),
    )

    class Meta:
        abstract = True


def theme_errors(primary: Theme | None, secondary: Theme | None) -> dict[str, str | Promise]:
    if secondary and secondary == primary:
        return {"secondary_theme": "Choose a second theme that differs from the first."}
    if secondary and not primary:
        return {"primary_theme": "Choose a first theme, or clear the second theme."}
    return {}


# What a text is for ever once its paper is open to answers.
OF_PUBLICATION = ("paper", "paper_import", "meeting", "parent", "label", "kind", "is_unit", "is_topic", "retracted_at")


class Recommendation(AnnotatedText):
    """Hold a node of the adopted text. Its words are in its wordings, and change only by another wording."""

    body = models.ForeignKey(Body, models.PROTECT, related_name="recommendations", verbose_name=_("Body"))
    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="recommendations", verbose_name=_("Meeting"))
    paper = models.ForeignKey(Paper, models.PROTECT, related_name="texts", verbose_name=_("Paper"))
    parent = models.ForeignKey(
        "self", models.PROTECT, related_name="items", null=True, blank=True, verbose_name=_("Chapeau")
    )
    position = models.PositiveIntegerField("Position")
    label = models.CharField(_("Label"), max_length=40)
    # Shown in place of the label at publication, which names the text in files and digests for ever.
    # Translators: Name of a field: label of a text, as I.7(a), that was corrected.
    corrected_label = models.CharField(_("Corrected label"), max_length=40, blank=True, editable=False)
    slug = models.CharField(
        "Short name in web addresses",
        max_length=61,
        validators=[validate_node_slug],
        help_text="Web address of the text.",
    )
    marker = models.CharField(_("Number, as printed"), max_length=40, blank=True)
    addressees = models.ManyToManyField(
        Addressee, related_name="recommendations", blank=True, verbose_name=_("Addressees")
    )
    topic_clause = models.TextField(
        "Clause that proposes a topic",
        blank=True,
        help_text="If only part of the text proposes an item for a future meeting: the words of that part.",
    )
    current_wording = models.OneToOneField(
        # Translators: Name of a field or of a kind of data, in the administration.
        "Wording",
        models.PROTECT,
        related_name="+",
        null=True,
        editable=False,
        # Translators: Name of a field or of a kind of data, in the administration.
        verbose_name=_("Current wording"),
    )
    published_at = models.DateTimeField(_("Published on"), null=True, editable=False)
    paper_import = models.ForeignKey(
        "PaperImport", models.PROTECT, related_name="texts", null=True, editable=False, verbose_name=_("Imported paper")
    )
    # With its import. The label is then free for another text.
    retracted_at = models.DateTimeField(_("Retracted on"), null=True, editable=False)
    # Translators: Name of a field or of a kind of data, in the administration.
    withdrawn_on = models.DateField(_("Answers no longer requested since"), null=True, editable=False)
    # Of the last time when the site stopped, or began again, to request answers.
    withdrawal_reason = models.TextField(_("Reason"), blank=True, editable=False)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, related_name="merged", null=True, editable=False, verbose_name=_("Requested instead")
    )

    objects = RecommendationManager()

    class Meta:
        verbose_name = _("Recommendation")
        verbose_name_plural = _("Recommendations")
        ordering = ["body", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["body", "label"], condition=Q(retracted_at__isnull=True), name="label_once_in_body"
            ),
            models.UniqueConstraint(
                fields=["body", "position"], condition=Q(retracted_at__isnull=True), name="position_once_in_body"
            ),
            models.UniqueConstraint(fields=["slug"], condition=Q(retracted_at__isnull=True), name="text_address_once"),
            models.CheckConstraint(
                condition=Q(retracted_at__isnull=True) | Q(paper_import__isnull=False), name="retracted_with_import"
            ),
            models.CheckConstraint(condition=~Q(corrected_label=F("label")), name="corrected_label_differs"),
            models.CheckConstraint(condition=~Q(is_unit=True, is_topic=True), name="topic_is_no_unit"),
            models.CheckConstraint(condition=~Q(is_unit=True, kind="note"), name="note_is_no_unit"),
            models.CheckConstraint(
                condition=Q(secondary_theme__isnull=True)
                | Q(primary_theme__isnull=False) & ~Q(secondary_theme=F("primary_theme")),
                name="second_theme_differs",
            ),
            models.CheckConstraint(
                condition=Q(published_at__isnull=True) | Q(current_wording__isnull=False), name="published_has_wording"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_on__isnull=True, merged_into__isnull=True)
                | Q(withdrawn_on__isnull=False) & ~Q(withdrawal_reason=""),
                name="withdrawn_text_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("pk")), name="merged_into_another"
            ),
        ]

    def __str__(self):
        return self.label_with_title

    @classmethod
    def update_rule(cls, vendor: str) -> str:
        """Return SQL over OLD and NEW: in a paper that is open to answers, and only there, a text stays what it is."""
        papers = f'SELECT 1 FROM "{Paper._meta.db_table}" WHERE id IN (OLD.paper_id, NEW.paper_id)'  # noqa: S608
        return f"({are_same(cls, OF_PUBLICATION, vendor)}) OR NOT EXISTS ({papers} AND opened_at IS NOT NULL)"

    @classmethod
    def row_rule(cls) -> str:
        """Return SQL over NEW: no other text of the body has, or had at publication, one of the labels of the text."""
        table = cls._meta.db_table
        others = "t.id IS DISTINCT FROM NEW.id AND t.body_id = NEW.body_id AND t.retracted_at IS NULL"
        own = "NEW.label, NULLIF(NEW.corrected_label, '')"
        taken = f'SELECT 1 FROM "{table}" t WHERE {others} AND (t.label IN ({own}) OR t.corrected_label IN ({own}))'  # noqa: S608
        return f"NEW.retracted_at IS NOT NULL OR NOT EXISTS ({taken})"

    @classmethod
    def reference_rule(cls, key: str) -> str:
        """Return SQL: there is no key, or the paper of its text is open to answers."""
        texts = f'"{cls._meta.db_table}" t JOIN "{Paper._meta.db_table}" p ON p.id = t.paper_id'
        open_texts = f"SELECT 1 FROM {texts} WHERE t.id = {key} AND p.opened_at IS NOT NULL"  # noqa: S608
        return f"{key} IS NULL OR EXISTS ({open_texts})"

    def get_absolute_url(self):
        return reverse("recommendations:detail", args=[self.slug])

    def clean(self):
        errors = theme_errors(self.primary_theme, self.secondary_theme)
        if self.topic_clause and (self.is_topic or self.topic_clause not in self.text):
            errors["topic_clause"] = "Copy the words exactly from a text that is not a topic as a whole."
        if errors:
            raise ValidationError(errors)

    @property
    def full_label(self) -> str:
        """Write the label at publication, by which files, digests and events name the text: `I.1`, or `smuggling/I.1`
        for a body other than the first. Needs no query.
        """
        return f"{self.body_slug}/{self.label}" if self.body_slug else self.label

    @property
    def shown_label(self) -> str:
        """Return the label that pages show: the one at publication, or the corrected one."""
        return self.corrected_label or self.label

    @property
    def full_shown_label(self) -> str:
        return f"{self.body_slug}/{self.shown_label}" if self.body_slug else self.shown_label

    @property
    def label_with_title(self) -> str:
        """Write `I.7(a) Trafficking in school curricula` as pages do, the label alone where there is no title. Needs no
        query.
        """
        return f"{self.full_shown_label} {self.title}".rstrip()

    @property
    def published_label_with_title(self) -> str:
        """Write it as files do, by the label at publication."""
        return f"{self.full_label} {self.title}".rstrip()

    @property
    def key(self) -> str:
        """Return what the slug was at publication: the name of the text in files and releases."""
        return slug_of(self.full_label)

    @property
    def evidence_kind_names(self) -> list[str]:
        return [str(EvidenceKind(code).label) for code in self.evidence_kinds]

    @property
    def body_slug(self) -> str:
        """Return an empty text for the first body. Needs no query."""
        return self.slug.rpartition("/")[0]

    @property
    def text(self) -> str:
        """Return the current wording of the node itself, without number, chapeau or footnote mark."""
        return self.current_wording.text  # type: ignore[union-attr]  # published_has_wording

    @cached_property
    def notes(self) -> list[Footnote]:
        return list(self.footnotes.all())

    @cached_property
    def currency_list(self) -> list:  # of Currency
        """Return what decisions and dates say about the text itself, without its chapeaux."""
        return list(self.currencies.all())

    @property
    def standing_currencies(self) -> list:  # of Currency
        """Return `currency_list` without dates whose words a newer wording does not have."""
        return [each for each in self.currency_list if each.kind not in each.DATES or each.words in self.text]

    @cached_property
    def all_currencies(self) -> list:  # of Currency
        """Return `standing_currencies` with what its chapeaux have for their items too."""
        found, chapeau = self.standing_currencies, self.parent
        while chapeau is not None:
            found += [each for each in chapeau.standing_currencies if each.kind in each.OF_ITEMS_TOO]
            chapeau = chapeau.parent
        return found

    @cached_property
    def former_labels(self) -> list[str]:
        """Return them from the column `former` where the query has it: a label in each line."""
        if "former" in vars(self):
            return (self.former or "").splitlines()  # type: ignore[attr-defined]
        return [change.label for change in self.text_changes.all()]

    @property
    def earlier_labels(self) -> list[str]:
        """Return other labels that the text had, each once."""
        return [label for label in dict.fromkeys(self.former_labels) if label != self.shown_label]

    @cached_property
    def addressed_to(self) -> frozenset[str]:
        """Return the codes of its own addressees, without those of its chapeaux."""
        return frozenset(self.addressees.values_list("code", flat=True))

    @cached_property
    def unit_items(self) -> list["Recommendation"]:
        """Return all texts below a chapeau that is a unit. `read_items` reads those of many units."""
        if self.kind != NodeKind.CHAPEAU:
            return []
        read_items([self])
        return self.unit_items

    @property
    def chapeaux(self) -> list["Recommendation"]:
        """Return the texts that introduce this text, outermost first."""
        chain: list[Recommendation] = []
        node: Recommendation | None = self
        while node and node.parent_id and (node := node.parent):
            chain.insert(0, node)
        return chain

    @property
    def themes(self) -> list[Theme]:
        return [theme for theme in (self.primary_theme, self.secondary_theme) if theme]

    @property
    def is_for_adoption(self) -> bool:
        """Return whether the Working Group proposed it to the Conference, as with all items of meeting VII, and no
        decision of the Conference is recorded.
        """
        chapeaux = [addressee.code for chapeau in self.chapeaux for addressee in chapeau.addressees.all()]
        is_proposed = self.basis == self.Basis.IMPLIED and Addressee.Code.CONFERENCE in chapeaux
        return is_proposed and not any(each.kind == each.Kind.ADOPTION for each in self.all_currencies)

    @property
    def is_answered_by_recorded_actions(self) -> bool:
        return all(addressee.code in Addressee.WITHOUT_DESK for addressee in self.addressees.all())

    @property
    def is_open_unit(self) -> bool:
        """Return whether answers to the text can be requested: its paper is open to answers."""
        return self.is_unit and self.paper.opened_at is not None

    @property
    def answered_at(self) -> "Recommendation | None":
        """Return the unit on which this text is answered: itself, or a chapeau that is answered for its items."""
        return next((node for node in (self, *reversed(self.chapeaux)) if node.is_open_unit), None)


def read_items(units: Iterable[Recommendation]) -> None:
    """Set `unit_items` of the units: all texts below those that are chapeaux, in one query."""
    if chapeaux := [unit for unit in units if unit.kind == NodeKind.CHAPEAU]:
        items = Recommendation.objects.below(*chapeaux).select_related("current_wording", CHAPEAUX[-1])
        below = group_pairs((above.pk, item) for item in items.order_by("position") for above in item.chapeaux)
        for chapeau in chapeaux:
            chapeau.unit_items = below[chapeau.pk]


def read_notes(nodes: Iterable[Recommendation]) -> None:
    """Set `notes` of the nodes that lack them, in one query; those of the text cache have them."""
    if lacking := [node for node in nodes if "notes" not in vars(node)]:
        rows = Footnote.objects.filter(recommendation__in={node.pk for node in lacking})
        notes = group_pairs((note.recommendation_id, note) for note in rows)
        for node in lacking:
            node.notes = notes[node.pk]

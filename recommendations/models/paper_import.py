import datetime
import hashlib
from collections.abc import Iterable

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommendations.groups import group_pairs
from recommendations.models.body import Body
from recommendations.models.label import roman, validate_body_slug
from recommendations.models.paper import OFFICIAL_LANGUAGES, Paper, PaperKind
from recommendations.models.quick_row import QuickRow
from recommendations.models.recommendation import AnnotatedText

WAIT = datetime.timedelta(hours=72)  # of a curator whose offer nobody else can publish


def draft_stamp(version: int, paragraphs: Iterable[tuple[int, int]]) -> str:
    """Return a digest that any change of a draft changes; `paragraphs`: (key, version) in order."""
    return hashlib.sha256(repr((version, list(paragraphs))).encode()).hexdigest()


def _person(**options) -> models.ForeignKey:
    return models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False, **options)


class PaperImportQuerySet(models.QuerySet["PaperImport"]):
    def offered(self) -> list["PaperImport"]:
        """Return the drafts that are offered for publication and were not changed since."""
        drafts = list(self.filter(offered_at__isnull=False, published_at__isnull=True))
        rows = ImportedParagraph.objects.filter(paper_import__in=drafts).values_list("paper_import", "pk", "version")
        versions = group_pairs((draft, (pk, version)) for draft, pk, version in rows)
        return [draft for draft in drafts if draft.offered_stamp == draft_stamp(draft.version, versions[draft.pk])]


class PaperImport(QuickRow):
    """Hold a document as issued and its paragraphs. Nothing is public before all of it is published at once.

    `confirmed` has the details that a person confirmed singly, `editors` everyone who ever changed the draft. Of the
    two people who publish it, the first sees the draft as `offered_stamp` says, and waits where there is no second.
    """

    body = models.ForeignKey(
        Body,
        models.PROTECT,
        related_name="paper_imports",
        null=True,
        blank=True,
        verbose_name=_("Body"),
        help_text=_("Leave blank for a new body, which publication adds."),
    )
    body_slug = models.SlugField(
        _("Short name of the body in web addresses"),
        max_length=15,
        blank=True,
        validators=[validate_body_slug],
        help_text=_("Part of the web addresses of its texts, for example smuggling; it cannot be changed later."),
    )
    body_name = models.CharField(_("Name of the new body"), max_length=200, blank=True)
    # Translators: Label: name of the body that established this body, such as the Conference of the Parties.
    body_parent = models.CharField(_("Parent body"), max_length=300, blank=True)
    paper_symbol = models.CharField(_("Document symbol"), max_length=100, blank=True)
    paper_title = models.CharField(_("Title of the paper"), max_length=300, blank=True)
    paper_date = models.DateField(_("Date of the paper"), null=True, blank=True)
    paper_kind = models.CharField(_("Kind of paper"), max_length=20, choices=PaperKind, blank=True)
    language = models.CharField(_("Language"), max_length=3, choices=OFFICIAL_LANGUAGES, default="en")
    confirmed = models.JSONField(default=dict, editable=False)  # {key of a doubt about a detail: the detail's value}
    digest = models.CharField(max_length=64, blank=True, editable=False)  # SHA-256 of the words of the document
    document = models.BinaryField(null=True, editable=False)  # a PDF, whose pages are shown
    # Translators: Name of a field or of a kind of data, in the administration.
    file_name = models.CharField(_("File name"), max_length=255, blank=True, editable=False)
    # Translators: Name of a field: number of the version.
    version = models.PositiveIntegerField(_("Version"), default=1, editable=False)
    added_by = _person()
    added_at = models.DateTimeField(auto_now_add=True)
    offered_by = _person(null=True)
    offered_at = models.DateTimeField(null=True, editable=False)
    offered_stamp = models.CharField(max_length=64, blank=True, editable=False)
    waits_until = models.DateTimeField(null=True, editable=False)
    returned_by = _person(null=True)
    return_reason = models.TextField(blank=True, editable=False)
    editors = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+", editable=False)
    published_by = _person(null=True)
    published_at = models.DateTimeField(null=True, editable=False)
    retracted_by = _person(null=True)
    retracted_at = models.DateTimeField(null=True, editable=False)
    retraction_reason = models.TextField(blank=True, editable=False)
    nodes_added = models.PositiveIntegerField(default=0, editable=False)
    units_added = models.PositiveIntegerField(default=0, editable=False)

    objects = PaperImportQuerySet.as_manager()

    class Meta:
        # Translators: Name of a field or of a kind of data, in the administration.
        verbose_name = _("Imported paper")
        # Translators: Papers are the documents of a meeting with its recommendations.
        verbose_name_plural = _("Imported papers")
        ordering = ["-added_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    offered_at__isnull=True, offered_by__isnull=True, waits_until__isnull=True, offered_stamp=""
                )
                | Q(offered_at__isnull=False, offered_by__isnull=False, waits_until__isnull=False)
                & ~Q(offered_stamp=""),
                name="paper_import_offered_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(published_at__isnull=True, published_by__isnull=True)
                | Q(published_at__isnull=False, published_by__isnull=False, body__isnull=False),
                name="paper_import_published_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(published_at__isnull=True)
                | Q(offered_by__isnull=False)
                & (~Q(published_by=F("offered_by")) | Q(published_at__gte=F("waits_until"))),
                name="paper_import_takes_two",
            ),
            models.CheckConstraint(
                condition=Q(retracted_at__isnull=True, retracted_by__isnull=True, retraction_reason="")
                | Q(published_at__isnull=False, retracted_at__isnull=False, retracted_by__isnull=False)
                & ~Q(retraction_reason=""),
                name="paper_import_retracted_for_a_reason",
            ),
        ]

    def __str__(self):
        return self.paper_title or self.file_name or gettext("Document without a title")

    @property
    def is_published(self) -> bool:
        return self.published_at is not None

    @property
    def is_retracted(self) -> bool:
        return self.retracted_at is not None

    @property
    def has_waited(self) -> bool:
        return self.waits_until is not None and self.waits_until <= timezone.now()

    @property
    def people(self) -> set[int | None]:
        """Return the keys of everyone who changed or offered the draft, who cannot be the second to publish it."""
        return {self.added_by_id, self.offered_by_id, *(person.pk for person in self.editors.all())}

    @property
    def paper(self) -> Paper | None:
        """Return the paper of the published texts; None before the publication and after a retraction."""
        return Paper.objects.filter(texts__in=self.texts.all()).first()

    @property
    def name_of_body(self) -> str:
        return self.body.name if self.body else self.body_name


class ImportedMeeting(QuickRow):
    """Hold a meeting with texts in the paper. A meeting that the catalogue has stays as it is there."""

    paper_import = models.ForeignKey(PaperImport, models.CASCADE, related_name="meetings")
    number = models.PositiveSmallIntegerField()
    part = models.PositiveSmallIntegerField(default=0)
    heading = models.CharField(max_length=200)
    place = models.CharField(max_length=100)
    starts = models.DateField()
    ends = models.DateField()

    class Meta:
        ordering = ["paper_import", "number"]
        constraints = [
            models.UniqueConstraint(fields=["paper_import", "number"], name="meeting_once_in_paper_import"),
            models.CheckConstraint(condition=Q(ends__gte=F("starts")), name="paper_import_meeting_ends_after_start"),
        ]

    def __str__(self):
        return self.heading

    @property
    def roman(self) -> str:
        return roman(self.number)


class ImportedParagraph(AnnotatedText):
    """A paragraph of the document: what was read, what it becomes, and who decided that.

    Its chapeau, meeting and printed number follow from its label, so that only the label is corrected.
    """

    paper_import = models.ForeignKey(
        PaperImport, models.CASCADE, related_name="paragraphs", verbose_name=_("Imported paper")
    )
    number = models.PositiveIntegerField(editable=False)  # in the document, from 1
    piece = models.PositiveSmallIntegerField(default=0, editable=False)  # 1, 2, … where a paragraph was split
    part = models.PositiveIntegerField(editable=False)  # number of the paragraph that heads its part
    part_above = models.PositiveIntegerField(null=True, editable=False)  # of a head: the part around its own
    # Translators: Name of a field: the number of a paragraph as the document has it.
    printed = models.CharField(_("Number, as printed"), max_length=60, blank=True, editable=False)
    issued = models.TextField(editable=False)  # words as read, with marks; footnotes on further lines
    # Translators: Name of a field: label of a text, as I.7(a).
    label = models.CharField(_("Label"), max_length=40, blank=True)
    text = models.TextField(
        _("Text"), max_length=20_000, help_text=_("Include the footnote marks, such as ¹, where they appear.")
    )
    footnotes = models.TextField(
        _("Footnotes"),
        max_length=10_000,
        blank=True,
        help_text=_("One footnote on each line, with its number, such as ¹."),
    )
    addressees = models.JSONField(_("Addressees"), default=list, blank=True)  # their codes
    depth = models.PositiveSmallIntegerField(default=0, editable=False)
    is_heading = models.BooleanField(default=False, editable=False)
    # Translators: Yes-or-no field: the text will not be published.
    is_left_out = models.BooleanField(_("Left out"), default=False, help_text=_("This text will not be published."))
    reason = models.CharField(max_length=20, blank=True, editable=False)  # why it is left out: a code
    doubts = models.JSONField(default=list, editable=False)  # {"question", "words"}
    settled = models.JSONField(default=list, editable=False)  # the questions that a curator settled
    decided_by = _person(
        null=True,
        # Translators: Name of a field: the person follows.
        verbose_name=_("Decided by"),
    )
    decided_with = models.PositiveIntegerField(null=True, editable=False)  # the part that was decided; None: singly
    version = models.PositiveIntegerField(_("Version"), default=1, editable=False)
    changed_by = _person(
        # Translators: Name of a field: the person follows.
        verbose_name=_("Changed by"),
    )
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["paper_import", "number", "piece"]
        constraints = [
            models.UniqueConstraint(fields=["paper_import", "number", "piece"], name="paragraph_once_in_paper_import"),
            models.CheckConstraint(
                condition=Q(is_left_out=True) & ~Q(reason="") | Q(is_left_out=False, reason=""),
                name="paragraph_left_out_for_a_reason",
            ),
            models.CheckConstraint(condition=Q(is_heading=False) | Q(is_left_out=True), name="heading_is_no_text"),
            models.CheckConstraint(
                condition=Q(decided_with__isnull=True) | Q(decided_by__isnull=False), name="part_decided_by_somebody"
            ),
        ]

    def __str__(self):
        return self.label

    @property
    def label_with_title(self) -> str:
        return f"{self.label} {self.title}".rstrip()

    @property
    def heads_part(self) -> bool:
        return self.number == self.part and self.piece == 0

    @property
    def issued_text(self) -> str:
        return self.issued.partition("\n")[0]

    @property
    def issued_footnotes(self) -> str:
        return self.issued.partition("\n")[2]

    @property
    def words(self) -> int:
        """Count the words of the document, with the printed number and the footnotes."""
        return len(f"{self.printed} {self.issued}".split())

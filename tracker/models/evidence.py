"""Keep evidence: owned by a respondent, versioned, and cited by revisions with a pinpoint."""

from pathlib import PurePath

from django.conf import settings
from django.core.validators import URLValidator
from django.db import models
from django.db.models import Q
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from recommendations.append_only import OnInsert, move_current
from recommendations.models import EvidenceKind
from tracker.models.language import Language
from tracker.models.respondent import Respondent
from tracker.models.state_owned import StateOwned, StateOwnedQuerySet
from tracker.models.validators import validate_plain_text
from tracker.models.withdrawal import Digested, Withdrawable, base_of

KINDS = dict(EvidenceKind.choices)


def generated_name(instance, filename) -> str:
    """Return a name in storage that discloses nothing of the file and cannot be guessed."""
    return f"evidence/{instance.respondent.code}/{get_random_string(32)}"


class EvidenceQuerySet(StateOwnedQuerySet):
    def _of_units(self, units, user):
        """Match the items that answers to these units cite or have cited, and those the user wrote a version of."""
        cited = EvidenceVersion.everyones.filter(citations__revision__record__recommendation__in=units)
        own = EvidenceVersion.everyones.filter(author=user)
        path: str = self.model.evidence_path  # type: ignore[attr-defined]
        return Q(**{f"{path}__in": cited.values("evidence")}) | Q(**{f"{path}__in": own.values("evidence")})


class EvidenceFile(Withdrawable):
    """Bytes of a respondent, stored once however often they are uploaded; after their removal never stored again."""

    withdrawable = ("file",)

    respondent = models.ForeignKey(Respondent, models.PROTECT, related_name="files")
    file = models.FileField(_("File"), upload_to=generated_name, max_length=200, blank=True)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    content_type = models.CharField(max_length=120)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(Withdrawable.Meta):
        constraints = [
            models.UniqueConstraint(fields=["respondent", "sha256"], name="file_once_in_respondent"),
            models.CheckConstraint(
                condition=~Q(file="") | Q(withdrawal__isnull=False), name="file_is_there_or_withdrawn"
            ),
        ]

    def __str__(self):
        return self.sha256


class Evidence(StateOwned):
    evidence_path = "pk"

    respondent = models.ForeignKey(Respondent, models.PROTECT, related_name="evidence")
    number = models.PositiveIntegerField()
    current = models.OneToOneField("EvidenceVersion", models.PROTECT, related_name="+", null=True)

    objects = EvidenceQuerySet.as_manager()

    class Meta(StateOwned.Meta):
        ordering = ["respondent", "number"]
        constraints = [models.UniqueConstraint(fields=["respondent", "number"], name="evidence_number_once")]

    def __str__(self):
        return f"E{self.number}"

    def get_absolute_url(self):
        return reverse("evidence", args=[self.respondent.code, self.number])


class EvidenceReader(models.TextChoices):
    """Who may see an item once it is submitted. Before, every item is the State's alone."""

    STATE = "state", _("Visible to your team only")
    SECRETARIAT = "secretariat", _("Visible to the Secretariat after submission")
    PUBLIC = "public", _("Public after publication")


class EvidenceVersion(Digested):
    """An item has a file, a link, a citation, or several of them; `form` is the first of them."""

    respondent_path = "evidence__respondent"
    evidence_path = "evidence"
    withdrawable = ("title", "citation", "url", "file_name")
    digested = ("title", "kind", "document_date", "language", "disclosure", "form", "citation", "url", "file_name")

    class Form(models.TextChoices):
        FILE = "file", _("File")
        LINK = "link", _("Link")
        CITATION = "citation", _("Citation")

    evidence = models.ForeignKey(Evidence, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    title = models.CharField(_("Title"), max_length=300, blank=True, validators=[validate_plain_text])
    kind = models.CharField(max_length=20, choices=EvidenceKind)
    document_date = models.DateField(null=True, blank=True)
    language = models.CharField(max_length=3, choices=Language)
    disclosure = models.CharField(max_length=20, choices=EvidenceReader, default=EvidenceReader.STATE)
    form = models.CharField(max_length=10, choices=Form)
    file = models.ForeignKey(EvidenceFile, models.PROTECT, related_name="versions", null=True, blank=True)
    file_name = models.CharField(_("File name"), max_length=255, blank=True)
    url = models.CharField(_("Link"), max_length=2000, blank=True, validators=[URLValidator(schemes=["http", "https"])])
    citation = models.TextField(_("Citation"), blank=True, validators=[validate_plain_text])
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    previous_digest = models.CharField(max_length=64, blank=True)

    objects = EvidenceQuerySet.as_manager()

    class Meta(Digested.Meta):
        ordering = ["evidence", "number"]
        constraints = [
            models.UniqueConstraint(fields=["evidence", "number"], name="evidence_version_number_once"),
            models.CheckConstraint(condition=Q(withdrawal__isnull=False) | ~Q(title=""), name="evidence_has_title"),
            models.CheckConstraint(
                condition=Q(withdrawal__isnull=False)
                | Q(form="file", file__isnull=False)
                | Q(form="link", file__isnull=True) & ~Q(url="")
                | Q(form="citation", file__isnull=True, url="") & ~Q(citation=""),
                name="evidence_has_file_link_or_citation",
            ),
            models.CheckConstraint(
                condition=Q(withdrawal__isnull=False) | ~Q(kind="reported") | ~Q(citation=""),
                name="reported_has_reference",
            ),
            models.CheckConstraint(
                condition=Q(url="") | Q(url__startswith="http://") | Q(url__startswith="https://"),
                name="link_is_of_the_web",
            ),
        ]

    def __str__(self):
        return self.shown_value("title")

    @classmethod
    def on_insert(cls) -> OnInsert:
        return move_current(cls, "evidence")

    def get_kind_display(self) -> str:  # type: ignore[no-redef]
        """Return the label without Django's hashing of all choices: a page shows the kinds of hundreds of items."""
        return str(KINDS.get(self.kind, self.kind))

    @property
    def base(self) -> str:
        return base_of(self.number, self.withdrawal_id)

    @property
    def form_and_size(self) -> str:
        """Return a text such as "PDF, 412 KB" or "Link"."""
        if not self.file:
            return self.get_form_display()
        suffix = PurePath(self.file_name).suffix[1:].upper() or self.get_form_display()
        return f"{suffix}, {filesizeformat(self.file.size)}"

    @property
    def content(self) -> tuple:
        return self.title, self.file_id, self.file_name, self.url, self.citation

    @property
    def digest_base(self) -> dict:
        return {
            "form": self.canonical_form,
            "evidence": [self.evidence.respondent.code, self.evidence.number],
            "number": self.number,
            "file": self.file.sha256 if self.file else "",
            "author": self.author_id,
            "created_at": self.created_at,
            "previous": self.previous_digest,
        }

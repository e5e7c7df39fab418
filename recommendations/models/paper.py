from urllib.parse import quote

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from recommendations.append_only import are_same
from recommendations.models.body import Body
from recommendations.models.quick_row import QuickRow

# The official languages of the United Nations, in which it issues documents.
OFFICIAL_LANGUAGES = {
    "ar": "العربية",
    "zh": "中文",
    "en": "English",
    "fr": "Français",
    "ru": "Русский",
    "es": "Español",
}


class PaperKind(models.TextChoices):
    # Translators: Kind of document: the texts of several meetings in one paper.
    CONSOLIDATED_RECORD = "consolidated_record", _("Consolidated record")
    REPORT = "report", _("Report of a meeting")
    # Translators: A decision: of the Conference, on a request, or of a minister.
    DECISION = "decision", _("Decision")
    # Translators: Kind of document: a resolution of the Conference.
    RESOLUTION = "resolution", _("Resolution")


def list_official_languages() -> list[str]:
    return list(OFFICIAL_LANGUAGES)


def validate_languages(codes: list[str]) -> None:
    if set(codes) - OFFICIAL_LANGUAGES.keys():
        raise ValidationError(_("Choose from the official languages of the United Nations."))


def document_links(symbol: str, languages=tuple(OFFICIAL_LANGUAGES)) -> list[tuple[str, str, str]]:
    """Return (code, name of the language, address) of the document with this symbol; nothing without a symbol."""
    codes = [code for code in OFFICIAL_LANGUAGES if code in languages] if symbol else []
    return [(code, OFFICIAL_LANGUAGES[code], f"https://docs.un.org/{code}/{quote(symbol)}") for code in codes]


class PaperQuerySet(models.QuerySet["Paper"]):
    def with_texts(self):
        """Keep those with a published text that is not retracted."""
        return self.filter(texts__published_at__isnull=False, texts__retracted_at=None).distinct()


OF_OPENING = ("mandate", "opening_proposed_by", "opening_proposed_at", "opened_by", "opened_at")


class Paper(QuickRow):
    """Hold an issued document that contains texts. Its address in each language follows from its symbol.

    Answers to its texts are requested once it is opened to answers, for good: one person proposes it with the mandate,
    and another confirms it. Nobody did for the paper that is loaded with the site.
    """

    body = models.ForeignKey(Body, models.PROTECT, related_name="papers", verbose_name=_("Body"))
    symbol = models.CharField(
        _("Document symbol"),
        max_length=100,
        blank=True,
        help_text="As printed on the document, for example CTOC/COP/2008/19. Leave it empty only if it is not known.",
    )
    title = models.CharField(_("Title of the paper"), max_length=300)
    date = models.DateField(_("Date of the paper"))
    kind = models.CharField(_("Kind"), max_length=20, choices=PaperKind)
    languages = models.JSONField(
        "Official languages",
        default=list_official_languages,
        blank=True,
        validators=[validate_languages],
        help_text="The languages in which the document was issued. Its page in each of them is linked.",
    )
    # Translators: The decision by which a paper or the answers of States are requested.
    mandate = models.CharField(_("Mandate"), max_length=300, blank=True, editable=False)
    opening_proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, editable=False
    )
    opening_proposed_at = models.DateTimeField(null=True, editable=False)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, editable=False)
    # Translators: Name of a field, before a date: from then on answers to the texts of a paper are requested.
    opened_at = models.DateTimeField(_("Open to answers since"), null=True, editable=False)

    objects = PaperQuerySet.as_manager()

    class Meta:
        # Translators: A document of the United Nations.
        verbose_name = _("Paper")
        # Translators: Documents with adopted texts.
        verbose_name_plural = _("Papers")
        ordering = ["body", "date", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="paper_has_title"),
            models.UniqueConstraint(
                fields=["body", "symbol"],
                condition=~Q(symbol=""),
                name="paper_symbol_once_in_body",
                violation_error_message=_("A paper with this symbol is already recorded."),
            ),
            models.CheckConstraint(
                condition=Q(mandate="", opening_proposed_by=None, opening_proposed_at=None)
                | ~Q(mandate="") & Q(opening_proposed_by__isnull=False, opening_proposed_at__isnull=False),
                name="opening_proposed_with_mandate",
            ),
            models.CheckConstraint(
                condition=Q(opened_by=None, opened_at=None)
                | Q(opened_by=None, opening_proposed_by=None, opened_at__isnull=False)
                | Q(opened_at__isnull=False, opening_proposed_by__isnull=False, opened_by__isnull=False)
                & ~Q(opened_by=F("opening_proposed_by")),
                name="paper_opened_by_another",
            ),
        ]

    def __str__(self):
        return f"{self.symbol} {self.title}".strip()

    @classmethod
    def update_rule(cls, vendor: str) -> str:
        """Return SQL over OLD and NEW: somebody opens a paper, and what is open stays as it is."""
        is_opened = "NEW.opened_at IS NULL OR NEW.opened_by_id IS NOT NULL"
        return f"(OLD.opened_at IS NULL AND ({is_opened})) OR ({are_same(cls, OF_OPENING, vendor)})"

    @property
    def opening_stamp(self) -> str:
        """Name the proposal to open it; empty where there is none."""
        return self.opening_proposed_at.isoformat() if self.opening_proposed_at else ""

    @property
    def links(self) -> list[tuple[str, str, str]]:
        return document_links(self.symbol, self.languages)

from urllib.parse import quote

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

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
    # Translators: Kind of document: a decision of the Conference.
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


class Paper(QuickRow):
    """Hold an issued document that contains texts. Its address in each language follows from its symbol."""

    body = models.ForeignKey(Body, models.PROTECT, related_name="papers", verbose_name=_("Body"))
    symbol = models.CharField(
        _("Document symbol"),
        max_length=100,
        blank=True,
        help_text=_(
            "As printed on the document, for example CTOC/COP/2008/19. Leave it empty only if it is not known."
        ),
    )
    title = models.CharField(_("Title of the paper"), max_length=300)
    date = models.DateField(_("Date of the paper"))
    kind = models.CharField(_("Kind"), max_length=20, choices=PaperKind)
    languages = models.JSONField(
        _("Official languages"),
        default=list_official_languages,
        blank=True,
        validators=[validate_languages],
        help_text=_("The languages in which the document was issued. Its page in each of them is linked."),
    )

    class Meta:
        # Translators: A document with adopted texts.
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
        ]

    def __str__(self):
        return f"{self.symbol} {self.title}".strip()

    @property
    def links(self) -> list[tuple[str, str, str]]:
        return document_links(self.symbol, self.languages)

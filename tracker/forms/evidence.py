from collections import Counter

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _

from recommendations.forms import DayField
from recommendations.models import EvidenceKind
from tracker.actions.evidence import NOTHING_GIVEN, REFERENCE_NEEDED, EvidenceDetails
from tracker.forms.fields import EvidenceFileField, PlainTextField
from tracker.forms.shared import UploadForm
from tracker.models import Evidence, EvidenceVersion, Respondent
from tracker.models.evidence import EvidenceReader
from tracker.models.language import Language
from tracker.models.matching import plain_words

Form = EvidenceVersion.Form


class LinkField(forms.URLField):
    default_validators = [URLValidator(schemes=["http", "https"])]


class EvidenceForm(UploadForm):
    """Describe a new evidence item, or the next version of `evidence`.

    Once valid, `details` are what the actions need. Where a page fails for another reason, its view calls
    `add_file_error()`: a browser never sends a file again.
    """

    conditional = ("upload", "url", "citation")

    title = PlainTextField(
        label=_("Title"),
        max_length=300,
        help_text=_("Title as it appears on the document."),
        error_messages={"required": _("Enter the title.")},
    )
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=[("", _("Choose a kind")), *EvidenceKind.choices],
        error_messages=dict.fromkeys(("required", "invalid_choice"), _("Choose a kind of evidence.")),
    )
    document_date = DayField(label=_("Date of the document"), required=False)
    language = forms.ChoiceField(label=_("Language of the document"), choices=Language, initial=Language.ENGLISH)
    disclosure = forms.ChoiceField(
        # Translators: Label and heading of a column: who may see an evidence item.
        label=_("Visibility"),
        choices=EvidenceReader,
        initial=EvidenceReader.STATE,
        widget=forms.RadioSelect,
        help_text=_("Until you submit, evidence is visible to your team only."),
    )
    upload = EvidenceFileField(
        label=_("File"),
        help_text=_("PDF, Word, Excel, PowerPoint, OpenDocument, text, CSV, PNG, JPEG or TIFF; at most 25 MB."),
    )
    url = LinkField(label=_("Link"), required=False, max_length=2000, assume_scheme="https")
    citation = PlainTextField(
        # Translators: Noun: reference to a document by its title, number or page.
        label=_("Citation"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_(
            "Where the document can be found, for example: Official Gazette No. 12 of 3 March 2016, pages 4–9."
        ),
    )
    # Translators: Label of a box: the evidence item is to have no file any more.
    removes_file = forms.BooleanField(label=_("Remove the file"), required=False)

    def __init__(self, *args, respondent: Respondent, evidence: Evidence | None = None, **kwargs):
        self.respondent = respondent
        self.current = evidence.current if evidence else None
        if self.current:
            kwargs["initial"] = {
                name: getattr(self.current, name) for name in self.base_fields if hasattr(self.current, name)
            }
        super().__init__(*args, **kwargs)
        if self.current:
            self.fields["base"] = forms.CharField(widget=forms.HiddenInput, initial=self.current.base)
        if not self.has_file:
            del self.fields["removes_file"]

    @property
    def base(self) -> str:
        return self.cleaned_data["base"]

    @property
    def has_file(self) -> bool:
        """Return whether the current version has a file, which stays unless the user removes or replaces it."""
        return self.current is not None and self.current.form == Form.FILE

    @property
    def details(self) -> EvidenceDetails:
        return EvidenceDetails(**{name: value for name, value in self.cleaned_data.items() if name != "base"})

    def clean(self):
        values = self.cleaned_data
        keeps_file = self.has_file and not values.get("removes_file")
        if not keeps_file and not any(values.get(name) or name in self.errors for name in self.conditional):
            self.add_error("upload", NOTHING_GIVEN)
        if values.get("kind") == EvidenceKind.REPORTED and not values.get("citation") and "citation" not in self.errors:
            self.add_error("citation", REFERENCE_NEEDED)
        if self.errors:
            self.add_file_error()

    def refuse(self, error: ValidationError) -> None:
        self.add_error(None, error)
        self.add_file_error()

    def as_change_of(self, newer: EvidenceVersion) -> "EvidenceForm":
        """Return the same input as a change of a newer version, for a user who has seen the newer version."""
        data = self.data.copy()  # type: ignore[attr-defined]
        data[self.add_prefix("base")] = newer.base
        form = EvidenceForm(data, self.files, prefix=self.prefix, respondent=self.respondent, evidence=newer.evidence)
        form.add_file_error()
        return form


class EvidenceFilterForm(forms.Form):
    """Filter `pieces`, the newest versions of a library, by words and kind."""

    q = forms.CharField(
        label=_("Search"), required=False, max_length=200, widget=forms.TextInput(attrs={"type": "search"})
    )
    kind = forms.ChoiceField(label=_("Kind"), required=False)

    def __init__(self, *args, pieces: list[EvidenceVersion], **kwargs):
        super().__init__(*args, **kwargs)
        self.pieces = pieces
        counts = Counter(piece.kind for piece in pieces)
        kinds = [(code, f"{label} ({counts[code]})") for code, label in EvidenceKind.choices if counts[code]]
        # Translators: A choice in a filter: all kinds of evidence.
        self.fields["kind"].choices = [("", _("All kinds")), *kinds]  # type: ignore[attr-defined]

    @property
    def shown(self) -> list[EvidenceVersion]:
        chosen = self.cleaned_data if self.is_valid() else {}
        words = plain_words(chosen.get("q", "")).split()
        kind = chosen.get("kind")
        return [piece for piece in self.pieces if kind in ("", None, piece.kind) and _has_all(piece, words)]


def _has_all(piece: EvidenceVersion, words: list[str]) -> bool:
    text = plain_words(" ".join([str(piece.evidence), piece.title, piece.citation, piece.url, piece.file_name]))
    return all(word in text for word in words)

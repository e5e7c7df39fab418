from collections import Counter

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.forms.utils import ErrorDict
from django.utils.translation import gettext_lazy as _

from recommendations.forms import DayField
from recommendations.models import EvidenceKind
from tracker.actions.evidence import NOT_HELD, NOTHING_GIVEN, REFERENCE_NEEDED, EvidenceDetails
from tracker.actions.held_upload import discard_held_upload, hold_upload
from tracker.forms.fields import EvidenceFileField, PlainTextField
from tracker.models import Evidence, EvidenceVersion, HeldUpload, Respondent, User
from tracker.models.evidence import EvidenceReader
from tracker.models.language import Language
from tracker.queries.desk.library import SEARCHED, has_words

Form = EvidenceVersion.Form


class LinkField(forms.URLField):
    default_validators = [URLValidator(schemes=["http", "https"])]

    def run_validators(self, value):
        """Show the last error alone: URLValidator, the first, also refuses what is too long or invisible."""
        try:
            super().run_validators(value)
        except ValidationError as error:
            raise error.error_list[-1] from None


# Buttons of a page with evidence forms that save nothing: the page is shown again with what was typed.
HOLD, DISCARD = "hold", "discard"


class EvidenceForm(forms.Form):
    """Describe a new evidence item, or the next version of `evidence`.

    Once valid, `details` are what the actions need. A file is held as soon as it arrives, since a browser never sends
    a file again: `held` is what the form has, and its key comes back in a hidden field. The button `discard` with the
    prefix of the form as its value discards it.
    """

    conditional = ("upload", "url", "citation")
    takes_several = False  # files at once, each for an item

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

    def __init__(self, *args, respondent: Respondent, by: User, evidence: Evidence | None = None, **kwargs):
        self.respondent = respondent
        self.by = by
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
        self.held_name = self.add_prefix("held")
        self.held = self._find_held()
        self._discards = self.data.get(DISCARD) == self.slot
        if self.held and self._discards:
            discard_held_upload(held=self.held, by=self.by)
            self.held = None

    def _find_held(self) -> HeldUpload | None:
        if not (key := self.data.get(self.held_name)):
            return None
        held = HeldUpload.objects.visible_to(self.by).filter(respondent=self.respondent, downloaded_at__isnull=True)
        return held.filter(key=key).first()

    @property
    def slot(self) -> str:
        """Name the place of the file on the page."""
        return self.prefix or "evidence"

    @property
    def has_file(self) -> bool:
        """Return whether the current version has a file, which stays unless the user removes or replaces it."""
        return self.current is not None and self.current.form == Form.FILE

    @property
    def details(self) -> EvidenceDetails:
        return EvidenceDetails(**{name: value for name, value in self.cleaned_data.items() if name != "base"})

    def clean_upload(self) -> HeldUpload | None:
        upload = self.cleaned_data["upload"]
        if upload:
            try:
                self.held = hold_upload(respondent=self.respondent, upload=upload, by=self.by)
            except ValidationError as error:
                raise ValidationError(error.error_dict["upload"]) from error
        elif self._lacks_held:
            raise ValidationError(NOT_HELD)
        return self.held

    def clean(self):
        values = self.cleaned_data
        keeps_file = self.has_file and not values.get("removes_file")
        if not keeps_file and not any(values.get(name) or name in self.errors for name in self.conditional):
            self.add_error("upload", NOTHING_GIVEN)
        if values.get("kind") == EvidenceKind.REPORTED and not values.get("citation") and "citation" not in self.errors:
            self.add_error("citation", REFERENCE_NEEDED)

    def hold(self) -> None:
        """Hold the file, and show no error but those of the file."""
        errors = {name: problems for name, problems in self.errors.items() if name == "upload"}
        shown = errors if self.files.get(self.add_prefix("upload")) or self._lacks_held else {}
        self._errors = ErrorDict(shown, renderer=self.renderer)  # type: ignore[attr-defined]

    @property
    def _lacks_held(self) -> bool:
        return bool(self.data.get(self.held_name)) and not self.held and not self._discards

    def as_change_of(self, newer: EvidenceVersion) -> "EvidenceForm":
        """Return the same input as a change of a newer version, for a user who has seen the newer version."""
        data = self.data.copy()  # type: ignore[attr-defined]
        data[self.add_prefix("base")] = newer.base
        if self.held:
            data[self.held_name] = self.held.key
        return EvidenceForm(data, prefix=self.prefix, respondent=self.respondent, by=self.by, evidence=newer.evidence)


class EvidenceFilterForm(forms.Form):
    """Filter `pieces`, the newest versions of a library, by words and kind. With an unknown value none is shown."""

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
        if not self.is_valid():
            return []
        words, kind = self.cleaned_data["q"], self.cleaned_data["kind"]
        return [piece for piece in self.pieces if kind in ("", piece.kind) and _has_all(piece, words)]


def _has_all(piece: EvidenceVersion, words: str) -> bool:
    return has_words(words, [str(piece.evidence), *(getattr(piece, name) for name in SEARCHED)])

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from recommendations.models import Paper, Recommendation, TranslationLanguage
from recommendations.official_texts import DocumentParagraph, OfficialTexts, list_lines, pair_by_hand, read_lines
from recommendations.outline.document import check_text, read_document, read_pasted
from recommendations.places import place_for_file
from recommendations.queries import find_labels
from tracker.forms.fields import PlainTextField
from tracker.forms.paper_details import DocumentForm
from tracker.forms.record import read_number

LABELS_LIMIT = 300  # fields for labels on one page


class OfficialTextsForm(DocumentForm):
    """Read a document, or the lines of one that was read. Once valid, `found` has what is paired."""

    # Translators: Label: an issued document with adopted texts.
    paper = forms.ModelChoiceField(
        Paper.objects.filter(pk__in=Recommendation.objects.published().values("paper")),
        label=_("Paper"),
        empty_label=_("Choose a paper"),
        error_messages={"required": _("Choose a paper."), "invalid_choice": _("Choose a paper.")},
    )
    language = forms.ChoiceField(
        # Translators: Name of a field: the language of a text or of a person.
        label=_("Language"),
        choices=[("", _("Choose a language")), *TranslationLanguage.choices],
        error_messages={"required": _("Choose a language."), "invalid_choice": _("Choose a language.")},
    )
    source = PlainTextField(
        label=_("Official source"),
        required=False,
        max_length=300,
        help_text=_("Symbol or title of the document in this language. Leave it empty only if the paper has a symbol."),
    )
    document = forms.CharField(
        label=_("Text of the document"),
        required=False,
        strip=False,
        help_text=_(
            "One paragraph on each line, with its number or letter. To pair a paragraph yourself, write the label of "
            "the text before it: [IV.46(a)]. To leave a paragraph out, write [-] before it."
        ),
        widget=forms.HiddenInput,
    )
    conditional = ("upload", "pasted", "document")
    field_order = ("paper", "language", "source", *conditional)

    found: OfficialTexts
    lines = ""  # of the document, as read and corrected

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["pasted"].help_text = _("Begin each numbered text on a new line.")
        self.label_errors: dict[int, str] = {}
        if self.initial.get("document"):
            self._show_document()
        papers = list(self.fields["paper"].queryset[:2])  # type: ignore[attr-defined]
        if len(papers) == 1:
            self.initial["paper"] = papers[0].pk

    def clean(self):
        super().clean()
        data = self.cleaned_data
        paper, language = data.get("paper"), data.get("language")
        if paper and not data.get("source"):
            data["source"] = paper.symbol
            if not paper.symbol and "source" not in self.errors:
                self.add_error("source", _("Enter the symbol or title of the document: this paper has no symbol."))
        if self.errors.keys() & set(self.conditional):
            return data
        with place_for_file():
            try:
                document = self._read(data)
            except ValidationError as error:
                self.add_error(next((name for name in self.conditional if data.get(name)), "upload"), error)
                return data
            if self.errors and data["pasted"].strip():
                return data  # the page shows what was pasted where it was pasted
            self._keep(document)
            if paper and language:
                self._pair(paper, language)
        return data

    def _keep(self, document: str) -> None:
        """Put what was read into the form, so that it survives any error."""
        self.lines = document
        sent: Any = self.data  # a QueryDict
        self.data = sent = sent.copy()
        sent["document"], sent["pasted"] = document, ""
        self._show_document()

    def _show_document(self) -> None:
        self.fields["document"].widget = forms.Textarea(attrs={"rows": 16, "dir": "auto"})

    def _read(self, data: Mapping[str, Any]) -> str:
        """Return the lines of the document, whichever way it came."""
        file, pasted = data.get("upload"), data.get("pasted", "")
        if file and pasted.strip():
            raise ValidationError(_("Choose a file or paste the text, not both."))
        if file:
            return "\n".join(list_lines(read_document(file)))
        if pasted.strip():
            return "\n".join(list_lines(read_pasted(pasted)))
        if not data.get("document", "").strip():
            raise ValidationError(_("Choose a file, or paste the text."))
        return check_text(data["document"])

    def _pair(self, paper: Paper, language: str) -> None:
        found = OfficialTexts(paper, language, read_lines(self.lines))
        labels = {number: label for number, label in self._typed_labels() if 0 < number <= len(found.paragraphs)}
        for number, label in labels.items():
            if len(find_labels(found.nodes, label)) != 1:
                self.label_errors[number] = str(_("No text of this paper has this label."))
        known = {number: label for number, label in labels.items() if number not in self.label_errors}
        if known:
            self._keep(pair_by_hand(self.lines, known))
            found = OfficialTexts(paper, language, read_lines(self.lines))
        self.found = found
        if self.label_errors:
            self.add_error(None, _("Correct the labels that no text of this paper has."))

    def _typed_labels(self) -> Iterator[tuple[int, str]]:
        for name, value in self.data.items():
            if name.startswith("label-") and value.strip():
                yield read_number(name.removeprefix("label-")), value.strip()[:60]

    @cached_property
    def replaced(self) -> set[int]:
        """Return the keys of the wordings whose official text the curator replaces."""
        sent = self.data.getlist("replace")  # type: ignore[attr-defined]
        return {pair.node.current_wording_id for pair in self.found.other_pairs if str(pair.node.pk) in sent}

    @property
    def texts(self) -> dict[int, str]:
        pairs = [*self.found.new_pairs, *self.found.other_pairs]
        chosen = (pair for pair in pairs if pair.is_new or pair.node.current_wording_id in self.replaced)
        return {pair.node.current_wording_id or 0: pair.text for pair in chosen}

    @property
    def paragraphs_to_pair(self) -> list[tuple[DocumentParagraph, str, str]]:
        """Return paragraphs that are not paired, each with the label that was typed and its error."""
        typed = {number: label for number, label in self._typed_labels() if number in self.label_errors}
        return [
            (each, typed.get(each.number, ""), self.label_errors.get(each.number, ""))
            for each in self.found.paragraphs_without_node[:LABELS_LIMIT]
        ]

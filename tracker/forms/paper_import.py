import re
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from recommendations.forms import EvidenceKindsField
from recommendations.lists import format_list
from recommendations.models import Addressee, ImportedParagraph, NodeKind, Theme
from recommendations.paper_import import notation
from recommendations.paper_import.decisions import GIVEN_REASONS, KINDS, Decision, decision_of
from recommendations.paper_import.doubts import QUESTIONS, YES
from recommendations.paper_import.plan import ParagraphDoubt, node_errors, node_values
from recommendations.paper_import.rows import REASONS
from tracker.forms.fields import PlainTextField

EMPTY_LINE = re.compile(r"\n\s*\n")
# Translators: The first choice of a list of reasons: none is chosen.
REASON_CHOICES = [("", _("Choose a reason")), *((reason.value, REASONS[reason]) for reason in GIVEN_REASONS)]


class ImportedTextForm(forms.ModelForm):
    """Say what a paragraph of a draft is, and correct it. `themes` are the choices, `doubts` those of the paragraph.

    `proposal` has what the words of a paragraph suggest that is left out.
    """

    decision = forms.ChoiceField(
        # Translators: Label of a choice: recommendation, introductory text, note, topic, or left out.
        label=_("What is this paragraph?"),
        choices=Decision,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what this paragraph is.")},
    )
    reason = forms.ChoiceField(label=_("Reason for leaving out"), required=False, choices=REASON_CHOICES)
    addressees = forms.MultipleChoiceField(
        label=_("Addressees"), required=False, choices=Addressee.Code, widget=forms.CheckboxSelectMultiple
    )
    primary_theme = forms.ChoiceField(label=_("Theme"), required=False)
    # Translators: Label of a list: the second of the two themes of a text.
    secondary_theme = forms.ChoiceField(label=_("Second theme"), required=False)
    evidence_kinds = EvidenceKindsField()
    settled = forms.MultipleChoiceField(
        label=_("Doubts that you have settled"), required=False, widget=forms.CheckboxSelectMultiple
    )
    base = forms.IntegerField(widget=forms.HiddenInput)
    conditional = (
        *("decision", "reason", "label", "text", "footnotes", "addressees", "basis", "strength", "settled"),
        *("primary_theme", "secondary_theme", "title", "guidance", "evidence_kinds", "evidence_hint"),
    )

    class Meta:
        model = ImportedParagraph
        fields = (
            *("label", "paragraph", "page", "text", "footnotes", "is_unit", "basis", "strength", "asks_to_consider"),
            *("title", "guidance", "evidence_kinds", "evidence_hint"),
        )
        labels = {
            "is_unit": _("Answers are requested for this text"),
            "basis": _("Basis for the addressee"),
            "asks_to_consider": _("The text asks addressees to consider a measure"),
        }
        help_texts = dict.fromkeys(("is_unit", "asks_to_consider", "guidance", "evidence_hint"), "") | {
            "text": _("Include the footnote marks, such as ¹. An empty line splits the paragraph in two."),
        }
        field_classes = dict.fromkeys(
            ("label", "paragraph", "text", "footnotes", "title", "guidance", "evidence_hint"), PlainTextField
        )
        widgets = {
            "label": forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off"}),
            "text": forms.Textarea(attrs={"rows": 4, "lang": "en", "dir": "ltr"}),
            "footnotes": forms.Textarea(attrs={"rows": 2, "lang": "en", "dir": "ltr"}),
            "guidance": forms.Textarea(attrs={"rows": 2}),
        }

    def __init__(
        self,
        data=None,
        *,
        instance: ImportedParagraph,
        themes: Iterable[Theme],
        doubts: Iterable[ParagraphDoubt] = (),
        proposal: ImportedParagraph | None = None,
    ):
        super().__init__(data, instance=instance, prefix=f"t{instance.pk}")
        self.shown = node_values(instance)
        self.themes = {str(theme.pk): theme for theme in themes}
        theme_choices = [("", _("None")), *((key, theme.name) for key, theme in self.themes.items())]
        for name in ("primary_theme", "secondary_theme"):
            self.fields[name].choices = theme_choices  # type: ignore[attr-defined]
        if instance.reason not in dict(REASON_CHOICES):
            own = [(instance.reason, REASONS[instance.reason])] if instance.reason else []
            self.fields["reason"].choices = [*REASON_CHOICES, *own]  # type: ignore[attr-defined]
        self.fields["settled"].choices = [  # type: ignore[attr-defined]
            (doubt.question, f"{QUESTIONS[doubt.question]} {YES[doubt.question]}")
            for doubt in doubts
            if doubt.question in YES
        ]
        self.fields["text"].required = False  # `node_errors` checks it
        self.initial.update(form_values(instance, proposal))
        self.conflict: ImportedParagraph | None = None

    def clean(self):
        super().clean()
        self.values = self._row_values(self.cleaned_data)
        if not self.values["is_left_out"]:
            for name, problem in node_errors(self.values).items():
                field = "decision" if name == "kind" else name
                if field not in self.errors:
                    self.add_error(field, str(problem))
        return self.cleaned_data

    def _row_values(self, data: Mapping[str, Any]) -> dict[str, Any]:
        decision = data.get("decision") or decision_of(self.instance)
        first, *others = [" ".join(text.split()) for text in EMPTY_LINE.split(data.get("text", "").strip())]
        parts = notation.parse_label(self.instance.label)
        as_typed = ("paragraph", "basis", "strength", "title", "evidence_hint")
        asked = {question for question, _words in self.fields["settled"].choices}  # type: ignore[attr-defined]
        return {
            **{name: data.get(name, "") for name in as_typed},
            "label": notation.write_label(data.get("label", ""), parts.prefix if parts else ""),
            "kind": KINDS.get(Decision(decision), NodeKind.RECOMMENDATION).value,
            "is_left_out": decision == Decision.LEAVE_OUT,
            "is_topic": decision == Decision.TOPIC,
            "is_unit": data.get("is_unit", False),
            "reason": data.get("reason", ""),
            "page": data.get("page"),
            "text": first,
            "split": others,
            "footnotes": clean_lines(data.get("footnotes", "")),
            "addressees": data.get("addressees", []),
            "asks_to_consider": data.get("asks_to_consider", False),
            "primary_theme": self.themes.get(data.get("primary_theme", "")),
            "secondary_theme": self.themes.get(data.get("secondary_theme", "")),
            "guidance": clean_lines(data.get("guidance", "")),
            "evidence_kinds": data.get("evidence_kinds", []),
            "settled": sorted({*self.instance.settled} - asked | {*data.get("settled", [])}),
        }

    @property
    def is_changed(self) -> bool:
        return bool(self.values["split"]) or any(self.values[name] != value for name, value in self.shown.items())

    def show_conflict(self, current: ImportedParagraph) -> None:
        """Show the text that somebody else saved, and let the next save replace it."""
        self.conflict = current
        show_base(self, current.version)

    @property
    def changed_values(self) -> list[tuple[str, str]]:
        """Return (label, saved value) of each field that another user saved with another value."""
        current = form_values(self.conflict) if self.conflict else {}
        return [
            (str(self.fields[name].label), self._display(name, value))
            for name, value in current.items()
            if name in self.fields and name != "base" and str(value or "") != str(self.cleaned_data.get(name) or "")
        ]

    def _display(self, name: str, value: Any) -> str:
        if isinstance(value, bool):
            # Translators: The opposite of “No”.
            return str(_("Yes") if value else _("No"))
        choices = {str(key): str(words) for key, words in getattr(self.fields[name], "choices", ())}
        values = value if isinstance(value, list) else [value]
        # Translators: Shown where a field has no value.
        return format_list(choices.get(str(each), str(each)) for each in values if each) or str(_("nothing"))


def show_base(form: forms.Form | forms.ModelForm, base: str | int) -> None:
    data: Any = form.data  # a QueryDict
    form.data = data = data.copy()
    data[form.add_prefix("base")] = str(base)


def form_values(row: ImportedParagraph, proposal: ImportedParagraph | None = None) -> dict[str, Any]:
    """Return what the form shows of a paragraph, with the values of `proposal` in their place."""
    shown = proposal or row
    themes = {name: str(getattr(shown, f"{name}_id") or "") for name in ("primary_theme", "secondary_theme")}
    values = {name: getattr(shown, name) for name in (*ImportedTextForm.Meta.fields, "addressees")}
    of_row = {"decision": decision_of(row).value, "reason": row.reason, "settled": row.settled, "base": row.version}
    return values | themes | of_row


def clean_lines(text: str) -> str:
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())

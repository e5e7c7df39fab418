import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from recommendations.forms import EvidenceKindsField
from recommendations.lists import format_list
from recommendations.models import Addressee, EvidenceKind, ImportedParagraph, Theme
from recommendations.paper_import.doubts import DOUBTS
from recommendations.paper_import.plan import node_errors, node_values
from tracker.forms.fields import PlainTextField
from tracker.forms.record import read_number

UNIT, TOPIC = "unit", "topic"
COUNTS_AS = [
    # Translators: Option of the field “Counts as”: neither a recommendation nor a topic.
    ("", _("Neither")),
    (UNIT, _("A recommendation to be answered")),
    (TOPIC, _("A topic for a future meeting")),
]
# Translators: Choice in a list: the text has no addressee.
NOBODY = [("", _("No addressee"))]
FIELD_OF = {"is_unit": "counts_as", "addressees": "addressee"}  # that shows the error of a value


class ImportedTextForm(forms.ModelForm):
    """Correct a text of a draft. `themes` are the choices, read once for all forms of a page."""

    # Translators: Label: whether a text counts as a recommendation to be answered, a topic or neither.
    counts_as = forms.ChoiceField(label=_("Counts as"), required=False, choices=COUNTS_AS)
    addressee = forms.ChoiceField(label=_("Addressee"), required=False, choices=[*NOBODY, *Addressee.Code.choices])
    second_addressee = forms.ChoiceField(
        # Translators: Label.
        label=_("Second addressee"),
        required=False,
        choices=[*NOBODY, *Addressee.Code.choices],
    )
    primary_theme = forms.ChoiceField(label=_("Theme"), required=False)
    # Translators: Label of a list: the second of the two themes of a text.
    secondary_theme = forms.ChoiceField(label=_("Second theme"), required=False)
    evidence_kinds = EvidenceKindsField()
    is_settled = forms.BooleanField(label=_("I have checked this text and settled its doubts"), required=False)
    base = forms.CharField(widget=forms.HiddenInput)
    conditional = (
        *("label", "counts_as", "text", "footnotes", "addressee", "second_addressee", "basis", "strength"),
        *("primary_theme", "secondary_theme", "title", "guidance", "evidence_kinds", "evidence_hint"),
    )

    class Meta:
        model = ImportedParagraph
        fields = (
            *("label", "paragraph", "page", "kind", "text", "footnotes", "basis", "strength", "asks_to_consider"),
            *("title", "guidance", "evidence_kinds", "evidence_hint", "is_left_out"),
        )
        labels = {
            "basis": _("Basis for the addressee"),
            "asks_to_consider": _("The text asks addressees to consider a measure"),
            "is_left_out": _("Leave out: do not publish this text"),
        }
        help_texts = dict.fromkeys(("asks_to_consider", "guidance", "evidence_hint", "is_left_out"), "")
        field_classes = dict.fromkeys(
            ("label", "paragraph", "text", "footnotes", "title", "guidance", "evidence_hint"), PlainTextField
        )
        widgets = {
            "label": forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off"}),
            "text": forms.Textarea(attrs={"rows": 4, "lang": "en", "dir": "ltr"}),
            "footnotes": forms.Textarea(attrs={"rows": 2, "lang": "en", "dir": "ltr"}),
            "guidance": forms.Textarea(attrs={"rows": 2}),
        }

    def __init__(self, data=None, *, instance: ImportedParagraph, themes: Iterable[Theme]):
        super().__init__(data, instance=instance, prefix=f"t{instance.pk or 0}")
        self.shown = node_values(instance)
        self.themes = {str(theme.pk): theme for theme in themes}
        choices = [("", _("None")), *((key, theme.name) for key, theme in self.themes.items())]
        for name in ("primary_theme", "secondary_theme"):
            self.fields[name].choices = choices  # type: ignore[attr-defined]
        self.fields["text"].required = False  # `node_errors` checks it
        self.initial.update(field_values(self.shown), base=base_of(instance))
        self.conflict: ImportedParagraph | None = None

    def clean(self):
        super().clean()
        data = self.cleaned_data
        self.values = self._node_values(data)
        if not self.values["is_left_out"]:
            for name, problem in node_errors(self.values).items():
                field = FIELD_OF.get(name, name)
                if field not in self.errors:
                    self.add_error(field, str(problem))
        return data

    def _node_values(self, data: Mapping[str, Any]) -> dict[str, Any]:
        addressees = [data.get(name) for name in ("addressee", "second_addressee")]
        as_typed = ("label", "paragraph", "kind", "basis", "strength", "title", "evidence_hint")
        return {
            **{name: data.get(name, "") for name in as_typed},
            "page": data.get("page"),
            "text": " ".join(data.get("text", "").split()),
            "footnotes": clean_lines(data.get("footnotes", "")),
            "is_unit": data.get("counts_as") == UNIT,
            "is_topic": data.get("counts_as") == TOPIC,
            "addressees": list(dict.fromkeys(code for code in addressees if code)),
            "asks_to_consider": data.get("asks_to_consider", False),
            "primary_theme": self.themes.get(data.get("primary_theme", "")),
            "secondary_theme": self.themes.get(data.get("secondary_theme", "")),
            "guidance": clean_lines(data.get("guidance", "")),
            "evidence_kinds": data.get("evidence_kinds", []),
            "is_left_out": data.get("is_left_out", False),
            "settled": self._settled(data.get("is_settled", False)),
        }

    def _settled(self, is_settled: bool) -> list[str]:
        if is_settled == is_all_settled(self.shown):
            return self.shown["settled"]
        return sorted(DOUBTS) if is_settled else []

    @property
    def is_changed(self) -> bool:
        """Return whether the user changed what the page showed; changes by others do not count."""
        return values_digest(self.values) != self.cleaned_data["base"].partition("-")[2]

    @property
    def version_shown(self) -> int:
        return read_number(self.cleaned_data["base"].partition("-")[0])

    def show_conflict(self, current: ImportedParagraph) -> None:
        """Show the text that somebody else saved, and let the next save replace it."""
        self.conflict = current
        show_base(self, base_of(current))

    @property
    def changed_values(self) -> list[tuple[str, str]]:
        """Return (label, saved value) of each field that another user saved with another value."""
        current = field_values(node_values(self.conflict)) if self.conflict else {}
        return [
            (str(self.fields[name].label), self._display(name, value))
            for name, value in current.items()
            if str(value or "") != str(self.cleaned_data.get(name) or "")
        ]

    def _display(self, name: str, value: Any) -> str:
        if isinstance(value, bool):
            # Translators: The opposite of “No”.
            return str(_("Yes") if value else _("No"))
        if isinstance(value, list):
            # Translators: Shown where a field has no value.
            return format_list(EvidenceKind(code).label for code in value) or str(_("nothing"))
        return str(dict(getattr(self.fields[name], "choices", ())).get(value, value)) or str(_("nothing"))


def show_base(form: forms.Form | forms.ModelForm, base: str | int) -> None:
    data: Any = form.data  # a QueryDict
    form.data = data = data.copy()
    data[form.add_prefix("base")] = str(base)


def field_values(values: Mapping[str, Any]) -> dict[str, Any]:
    first, second = [*values["addressees"], "", ""][:2]
    themes = {name: str(values[name].pk) if values[name] else "" for name in ("primary_theme", "secondary_theme")}
    counts_as = UNIT if values["is_unit"] else TOPIC if values["is_topic"] else ""
    same = {name: values[name] for name in ImportedTextForm.Meta.fields}
    settled = is_all_settled(values)
    return (
        same | themes | {"counts_as": counts_as, "addressee": first, "second_addressee": second, "is_settled": settled}
    )


def is_all_settled(values: Mapping[str, Any]) -> bool:
    return set(DOUBTS) <= set(values["settled"])


def base_of(node: ImportedParagraph) -> str:
    return f"{node.version}-{values_digest(node_values(node))}"


def values_digest(values: Mapping[str, Any]) -> str:
    keys = sorted((name, getattr(value, "pk", value)) for name, value in values.items())
    return hashlib.sha256(repr(keys).encode()).hexdigest()[:12]


def clean_lines(text: str) -> str:
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from recommendations.error_messages import SAME_LABEL, UNKNOWN_LABEL, check_size
from recommendations.formats import FileFormatError
from recommendations.intake.cells import CheckCell, ChoiceCell
from recommendations.intake.table import list_column_problems, read_cell, read_table
from recommendations.intake.texts import RecommendationResource
from recommendations.models import ImportedParagraph, Theme
from recommendations.paper_import import notation
from recommendations.paper_import.decisions import Decision
from tracker.forms.paper_import import ImportedTextForm, form_values

ANNOTATIONS_LIMIT = 1024 * 1024  # bytes
READ = ("unit", "topic", "addressees", "basis", "strength", "asks_to_consider", "primary_theme", "secondary_theme")
IGNORED = ("body", "paper", "meeting", "parent", "kind", "text", "wording_kind", "wording_reason")
WRITTEN = ("title", "guidance", "evidence_kinds", "evidence_hint")
PLACE = ("paragraph", "page")
CORRECTED = {"new_label": "label", "new_text": "text", "new_footnotes": "footnotes"}  # fields
COLUMNS = ("label", "parent", "kind", "text", *CORRECTED, "new_kind", "leave_out", *READ, *PLACE, *WRITTEN)


class AnnotationsFileForm(forms.Form):
    """Read a CSV or JSON file in the columns of the catalogue; valid, `forms` are those of the texts it changes."""

    # Translators: Noun: a computer file.
    upload = forms.FileField(label=_("File"), help_text=_("CSV or JSON file, one row per label, at most 1 MB."))

    def __init__(self, data=None, files=None, *, nodes: Iterable[ImportedParagraph], themes: Iterable[Theme]):
        super().__init__(data, files)
        self.nodes, self.themes = {node.label: node for node in nodes}, list(themes)

    def clean_upload(self):
        file = self.cleaned_data["upload"]
        check_size(file.size, ANNOTATIONS_LIMIT)
        try:
            rows = read_table(file.read(), is_json=file.name.lower().endswith(".json"))
        except FileFormatError as error:
            raise ValidationError(str(error)) from None
        columns = [column for column in rows.headers if column not in IGNORED]
        problems = list(list_column_problems(columns, needed=["label"], known=COLUMNS))
        self.forms: list[ImportedTextForm] = []
        labels: set[str] = set()
        for number, row in enumerate([] if problems else rows.dict, start=2):
            # Translators: %(number)d is the number of a row in the file, %(problem)s a sentence saying what is wrong
            # in it.
            text = _("Row %(number)d: %(problem)s")
            found = self._read_row(row, labels)
            problems += [str(text % {"number": number, "problem": problem}) for problem in found]
        if problems:
            raise ValidationError(problems[:50])
        return file

    def _read_row(self, row: Mapping[str, Any], labels: set[str]) -> list[str]:
        """Add a form to `forms` where the row changes its text; return the problems of the row."""
        try:
            cells = {column: read_cell(cell).strip() for column, cell in row.items() if column not in IGNORED}
            label = cells.pop("label")
            if (node := self.nodes.get(label)) is None:
                return [str(UNKNOWN_LABEL % {"label": label[:100]})]
            if label in labels:
                return [str(SAME_LABEL)]
            labels.add(node.label)
            form = ImportedTextForm(self._form_data(node, cells), instance=node, themes=self.themes)
        except ValueError as error:
            return [str(error)]
        if not form.is_valid():
            return [
                f"{node.label_with_title} · {form[name].label}: {problem}"
                for name, problems in form.errors.items()
                for problem in problems
            ]
        if form.is_changed:
            self.forms.append(form)
        return []

    def _form_data(self, node: ImportedParagraph, cells: Mapping[str, str]) -> dict[str, Any]:
        themes = ChoiceCell({theme.slug: str(theme.pk) for theme in self.themes} | {"": ""})
        data = form_values(node) | {"decision": self._decision(node, cells)}
        for column, name in (("unit", "is_unit"), ("asks_to_consider", "asks_to_consider")):
            if column in cells:
                data[name] = CheckCell().clean(cells[column])
        data |= {name: cells[column] for column, name in CORRECTED.items() if cells.get(column)}
        data |= {
            name: cells[name]
            for name in (*PLACE, "basis", "strength", "title", "guidance", "evidence_hint")
            if name in cells
        }
        data |= {name: themes.clean(cells[name]) for name in ("primary_theme", "secondary_theme") if name in cells}
        data |= {name: _split_codes(cells[name]) for name in ("addressees", "evidence_kinds") if name in cells}
        return {f"t{node.pk}-{name}": value for name, value in data.items() if value is not False}

    @staticmethod
    def _decision(node: ImportedParagraph, cells: Mapping[str, str]) -> str:
        """Return what the paragraph is by the columns `leave_out`, `new_kind` and `topic`; no value changes nothing."""
        if CheckCell().clean(cells["leave_out"]) if cells.get("leave_out") else node.is_left_out:
            return Decision.LEAVE_OUT
        kind = cells.get("new_kind") or node.kind
        is_topic = CheckCell().clean(cells["topic"]) if cells.get("topic") else node.is_topic
        return Decision.TOPIC if is_topic and kind == Decision.RECOMMENDATION else kind


def _split_codes(cell: str) -> list[str]:
    return [code.strip() for code in cell.split(",") if code.strip()]


def annotations_as_rows(nodes: Iterable[ImportedParagraph]) -> list[dict[str, str]]:
    """Write the rows of a draft as the catalogue writes those of its texts."""
    fields = RecommendationResource.fields
    return [
        dict.fromkeys(COLUMNS, "")
        | {name: fields[name].export(node) for name in (*READ, *PLACE, *WRITTEN) if name != "addressees"}
        | {"label": node.label, "kind": node.kind, "text": node.text, "addressees": ", ".join(node.addressees)}
        | {"parent": (parts.parent if (parts := notation.parse_label(node.label)) else None) or ""}
        for node in nodes
    ]

"""Import and export annotations and translations, by body and label.

A row without a body is of the first body. A missing column leaves values as they are; an empty cell empties a value.
An import adds and deletes no node, and changes a text only by another wording, with the actions of the catalogue.
"""

from collections import Counter
from collections.abc import Iterator

from django.core.exceptions import ValidationError
from django.db.models import F, Model
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy
from import_export import resources
from import_export.fields import Field
from import_export.instance_loaders import BaseInstanceLoader
from import_export.results import Result, RowResult

from recommendations import catalogue, changes
from recommendations.changes import announce_change
from recommendations.error_messages import CHOOSE_FROM, SAME_LABEL, UNKNOWN_LABEL
from recommendations.intake.cells import (
    AdoptedField,
    CheckCell,
    ChoiceCell,
    LineCell,
    ListCell,
    NumberCell,
    RowsField,
    TextCell,
    choice_cell,
)
from recommendations.intake.table import CellProblem, list_cell_problems, list_column_problems, read_cell
from recommendations.lists import format_list
from recommendations.models import (
    Addressee,
    EvidenceKind,
    Recommendation,
    Theme,
    Translation,
    TranslationLanguage,
    Wording,
)

WORDING_COLUMNS = {"text": "text", "kind": "wording_kind", "reason": "wording_reason"}

# What an import can change, by column: the name of the field, and how many texts it changes.
FIELD_NAMES = {
    "text": gettext_lazy("Text"),
    "language": gettext_lazy("Language"),
    "source": gettext_lazy("Official source"),
} | {
    name: Recommendation._meta.get_field(name).verbose_name  # type: ignore[union-attr]  # none is from the other side
    for name in catalogue.ANNOTATIONS
}


class ImportResult(Result):
    @property
    def changed(self) -> int:
        return self.totals[RowResult.IMPORT_TYPE_NEW] + self.totals[RowResult.IMPORT_TYPE_UPDATE]

    @property
    def changes(self) -> list[tuple[str | Promise, int]]:
        """Return the name of each field that changes, and of how many texts."""
        counts = Counter(column for row in self.rows for column in getattr(row.instance, "changes", ()))
        return [(FIELD_NAMES[column], count) for column, count in counts.items() if column in FIELD_NAMES]

    @property
    def problems(self) -> Iterator[CellProblem]:
        for row in self.invalid_rows:
            label = row.values[self.diff_headers.index("label")]
            yield from list_cell_problems(row.number + 1, label, row.error_dict)
        for row in self.error_rows:
            for error in row.errors:
                yield CellProblem(row.number + 1, "", "", str(error))


class LabelResource(resources.Resource):
    """Rows by body and label of a text; `instance.changes` has what a row would change: column -> (before, after)."""

    class Meta:
        instance_loader_class = BaseInstanceLoader
        skip_diff = True  # `instance.changes` are the differences, without import-export's inline styles
        store_instance = True

    @classmethod
    def get_result_class(cls):
        return ImportResult

    @classmethod
    def get_display_name(cls) -> str:
        return str(cls._meta.model._meta.verbose_name_plural)

    def before_import(self, dataset, **kwargs):
        nodes = list(Recommendation.objects.with_annotations())
        self.nodes, self.keys = {(node.body.slug, node.label): node for node in nodes}, set()
        self.first_body = next((node.body.slug for node in nodes if node.body.is_first), "")
        self.changed_rows: list[Model] = []
        self.changed_fields: set[str] = set()
        for problem in list_column_problems(dataset.headers or [], needed=["label"], known=self.fields):
            raise ValueError(problem)

    def before_import_row(self, row, **kwargs):
        errors = {}
        for column, cell in row.items():
            try:
                row[column] = read_cell(cell)
            except ValueError as error:
                row[column], errors[column] = "", str(error)
        if errors:
            raise ValidationError(errors)

    def find_node(self, row: dict) -> Recommendation:
        label, body = row.get("label", "").strip(), row.get("body", "").strip()
        node = self.nodes.get((body or self.first_body, label))
        if node is None:
            raise ValidationError({"label": UNKNOWN_LABEL % {"label": label[:100]}})
        return node

    def check_key(self, key) -> None:
        if key in self.keys:
            raise ValidationError({"label": SAME_LABEL})
        self.keys.add(key)

    def import_instance(self, instance, row, **kwargs):
        instance.changes, errors = {}, {}
        for column in row:
            field = self.fields[column]
            if not field.attribute:
                continue
            if column == "body" and not row[column].strip():
                continue
            try:
                before, after = field.get_value(instance), field.clean(row)
            except ValueError as error:
                errors[column] = str(error)
                continue
            if before == after:
                continue
            instance.changes[column] = before, after
            if isinstance(field, AdoptedField):
                errors[column] = (
                    "This value is part of the adopted text. An import cannot change it: enter the original value."
                )
        if errors:
            raise ValidationError(errors)

    def skip_row(self, instance, original, row, import_validation_errors=None) -> bool:
        return not (instance.changes or import_validation_errors)

    def after_import_row(self, row, row_result, **kwargs):
        """Set `diff` to what the row changes in words: (name of the field, before, after)."""
        found = getattr(row_result.instance, "changes", {})
        row_result.diff = [
            (FIELD_NAMES[column], *(self.fields[column].widget.in_words(value) for value in values))
            for column, values in found.items()
            if column in FIELD_NAMES
        ]

    def after_import(self, dataset, result, *, user=None, dry_run=False, **kwargs):
        if self.changed_rows and not dry_run:
            rows, fields = self.changed_rows, self.changed_fields
            announce_change(changes.IMPORTED, by=user, rows=rows, after=f"{result.changed} texts", fields=fields)


class RecommendationResource(LabelResource):
    body = AdoptedField("body__slug", "body", TextCell())
    label = AdoptedField("label", "label", TextCell())
    meeting = AdoptedField("meeting__number", "meeting", TextCell())
    parent = AdoptedField("parent__label", "parent", TextCell())
    kind = AdoptedField("kind", "kind", TextCell())
    unit = AdoptedField("is_unit", "unit", CheckCell())
    topic = AdoptedField("is_topic", "topic", CheckCell())
    text = Field("text", "text", TextCell())
    wording_kind = Field(None, "wording_kind", TextCell())
    wording_reason = Field(None, "wording_reason", TextCell())
    paper = AdoptedField("paper__symbol", "paper", TextCell())
    paragraph = Field("paragraph", "paragraph", LineCell())
    page = Field("page", "page", NumberCell())
    title = Field("title", "title", LineCell())
    addressees = RowsField("addressees", "addressees", ListCell())
    basis = Field("basis", "basis", choice_cell(Recommendation.Basis))
    strength = Field("strength", "strength", choice_cell(Recommendation.Strength))
    asks_to_consider = Field("asks_to_consider", "asks_to_consider", CheckCell())
    primary_theme = Field("primary_theme", "primary_theme", ChoiceCell(key="slug"))
    secondary_theme = Field("secondary_theme", "secondary_theme", ChoiceCell(key="slug"))
    guidance = Field("guidance", "guidance", TextCell())
    evidence_kinds = Field("evidence_kinds", "evidence_kinds", choice_cell(EvidenceKind, ListCell))
    evidence_hint = Field("evidence_hint", "evidence_hint", LineCell())

    class Meta:
        model = Recommendation
        import_id_fields = ["label"]

    def get_queryset(self):
        return Recommendation.objects.with_annotations()

    def before_import(self, dataset, **kwargs):
        super().before_import(dataset, **kwargs)
        themes = {"": None} | {theme.slug: theme for theme in Theme.objects.all()}
        self.fields["primary_theme"].widget.known = self.fields["secondary_theme"].widget.known = themes
        self.fields["addressees"].widget.known = {addressee.code: addressee for addressee in Addressee.objects.all()}

    def get_or_init_instance(self, instance_loader, row) -> tuple[Recommendation, bool]:
        node = self.find_node(row)
        self.check_key(node.pk)
        return node, False

    def save_instance(self, instance, is_create, row, user=None, **kwargs):
        values = {column: after for column, (_before, after) in instance.changes.items()}
        text = values.pop("text", None)
        if values:
            self.changed_fields.update(catalogue.write_annotations(recommendation=instance, by=user, **values))
        if text is not None:
            self.changed_fields.add("current_wording")
            self.changed_rows.append(self._add_wording(instance, text, row, user))
        self.changed_rows.append(instance)

    def _add_wording(self, node, text, row, user) -> Wording:
        kind, reason = row.get("wording_kind", "").strip(), row.get("wording_reason", "").strip()
        try:
            return catalogue.write_wording(recommendation=node, text=text, kind=kind, reason=reason, by=user)
        except ValidationError as error:
            by_column = {WORDING_COLUMNS[field]: messages for field, messages in error.message_dict.items()}
            raise ValidationError(by_column) from None


class TranslationImportResult(ImportResult):
    @property
    def changes(self) -> list[tuple[str | Promise, int]]:
        """Return how many official texts are added and changed."""
        counts = [
            ("Official texts added", self.totals[RowResult.IMPORT_TYPE_NEW]),
            ("Official texts changed", self.totals[RowResult.IMPORT_TYPE_UPDATE]),
        ]
        return [(name, count) for name, count in counts if count]


class TranslationResource(LabelResource):
    """A row has the official text in one language; a row with another `original` is refused."""

    @classmethod
    def get_result_class(cls):
        return TranslationImportResult

    body = AdoptedField("wording__recommendation__body__slug", "body", TextCell())
    label = AdoptedField("wording__recommendation__label", "label", TextCell())
    original = AdoptedField("wording__text", "original", TextCell())
    language = Field("language", "language", choice_cell(TranslationLanguage))
    text = Field("text", "text", TextCell())
    source = Field("source", "source", TextCell())

    class Meta:
        model = Translation
        import_id_fields = ["label", "language"]

    def get_queryset(self):
        return Translation.objects.select_related("wording__recommendation__body")

    def before_import(self, dataset, **kwargs):
        super().before_import(dataset, **kwargs)
        current = self.get_queryset().filter(wording=F("wording__recommendation__current_wording"))
        self.known = {(each.wording_id, each.language): each for each in current}

    def get_or_init_instance(self, instance_loader, row) -> tuple[Translation, bool]:
        node = self.find_node(row)
        try:
            language = self.fields["language"].clean(row)
        except (KeyError, ValueError):
            words = format_list(TranslationLanguage.values)
            raise ValidationError({"language": CHOOSE_FROM % {"words": words}}) from None
        self.check_key((node.pk, language))
        node.current_wording.recommendation = node  # type: ignore[union-attr]  # published_has_wording
        key = (node.current_wording_id, language)
        known = self.known.get(key)  # type: ignore[arg-type]  # published_has_wording
        return known or Translation(wording=node.current_wording, language=language), known is None

    def save_instance(self, instance, is_create, row, user=None, **kwargs):
        for column, (_before, after) in instance.changes.items():
            setattr(instance, column, after)
        instance.full_clean()
        self.changed_fields.update(catalogue.write_instance(instance=instance, by=user))
        self.changed_rows.append(instance)

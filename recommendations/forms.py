from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from datetime import date
from typing import Any

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext_lazy as _
from import_export.forms import ConfirmImportForm, ImportForm
from import_export.tmp_storages import BaseStorage

from recommendations import catalogue
from recommendations.days import day_in_words, read_day
from recommendations.error_messages import PAGE_CHANGED, UNKNOWN_LABEL, check_size
from recommendations.formats import FORMATS
from recommendations.models import (
    OFFICIAL_LANGUAGES,
    EvidenceKind,
    NodeKind,
    Paper,
    Recommendation,
    Wording,
    sort_evidence_kinds,
)
from recommendations.queries import published_nodes
from recommendations.search.query import find_labelled
from recommendations.undo import OF_STRUCTURE

IMPORT_LIMIT = 1024 * 1024


@contextmanager
def form_errors(form: forms.BaseForm, field: str | None = None) -> Iterator[None]:
    """Add to the form, at the field or at its head, why the action in the block was refused."""
    try:
        yield
    except ValidationError as error:
        form.add_error(field, error.messages if field else error)


class CheckboxGroup(forms.CheckboxSelectMultiple):
    """Have an id, by which the administration links the help text of the group."""

    def id_for_label(self, id_, index=None):
        return super().id_for_label(id_, index) or id_


class EvidenceKindsField(forms.MultipleChoiceField):
    widget = forms.CheckboxSelectMultiple

    def __init__(self, **kwargs):
        super().__init__(label=_("Kinds of evidence"), required=False, choices=EvidenceKind.choices, **kwargs)

    def clean(self, value) -> list[str]:
        return sort_evidence_kinds(super().clean(value))


class IssuedPaperForm(forms.ModelForm):
    languages = forms.MultipleChoiceField(
        label=Paper._meta.get_field("languages").verbose_name,
        help_text=Paper._meta.get_field("languages").help_text,
        required=False,
        choices=list(OFFICIAL_LANGUAGES.items()),
        initial=list(OFFICIAL_LANGUAGES),
        widget=CheckboxGroup,
    )

    class Meta:
        model = Paper
        fields = ("body", "symbol", "title", "date", "kind", "languages")
        error_messages = {"title": {"required": _("Enter the title.")}}


class SeenTextForm(forms.BaseForm):
    """Refuse a change of a text that is not as the page showed it. What was typed stays; saving again replaces it."""

    def see(self, *values: object) -> None:
        """Keep in the form what the page shows of the text."""
        self.now = salted_hmac("recommendations.seen", repr(values), algorithm="sha256").hexdigest()
        self.fields["seen"] = forms.CharField(required=False, widget=forms.HiddenInput, initial=self.now)

    def clean(self):
        values = super().clean() or self.cleaned_data
        if not constant_time_compare(values.pop("seen", ""), self.now):
            data: Any = copy(self.data)
            data[self.add_prefix("seen")] = self.now
            self.data = data
            raise forms.ValidationError(PAGE_CHANGED)
        return values


class SeenRowForm(SeenTextForm):
    """Refuse a change of a row of the administration, or of the rows below it, that is not as the page showed it."""

    rows_below: object

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.see(self.initial, self.rows_below)


class RecommendationForm(forms.ModelForm):
    evidence_kinds = EvidenceKindsField(
        help_text=Recommendation._meta.get_field("evidence_kinds").help_text, widget=CheckboxGroup
    )

    class Meta:
        model = Recommendation
        fields = catalogue.ANNOTATIONS
        widgets = {"addressees": forms.CheckboxSelectMultiple}

    def clean(self):
        super().clean()
        self.cleaned_data["guidance"] = self.cleaned_data.get("guidance", "").replace("\r\n", "\n")
        addressees, basis = self.cleaned_data.get("addressees"), self.cleaned_data.get("basis", "")
        for field, error in catalogue.addressee_errors(self.instance.is_unit, addressees, basis).items():
            self.add_error(field, error)


class DayInput(forms.DateInput):
    def format_value(self, value):
        return day_in_words(value) if isinstance(value, date) else value


class DayField(forms.DateField):
    """Accept a day as 30 June 2027 or 2027-06-30, in any of the six languages."""

    widget = DayInput

    def widget_attrs(self, widget):
        return super().widget_attrs(widget) | {"dir": "auto", "placeholder": " ", "autocomplete": "off"}

    def to_python(self, value):
        if not isinstance(value, str) or value.strip() in self.empty_values:
            return super().to_python(value.strip() if isinstance(value, str) else value)
        try:
            return read_day(value)
        except ValueError:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from None


class LabelField(forms.ModelChoiceField):
    """Find a text by its label in any spelling, or by label and title, as the datalist `texts` has them."""

    widget = forms.TextInput
    default_error_messages = {
        "required": "Enter the label.",
        "invalid_choice": "This text cannot be entered here. Enter the label of another text.",
    }

    def __init__(self, queryset, *, help_text="", **kwargs):
        help_text = help_text or "Enter the label, for example I.7(a)."
        super().__init__(queryset, help_text=help_text, **kwargs)

    def widget_attrs(self, widget):
        return {"list": "texts", "class": "vTextField", "autocomplete": "off", "lang": "en", "dir": "ltr"}

    def prepare_value(self, value):
        if isinstance(value, int):
            return next((str(node) for node in published_nodes() if node.pk == value), value)
        return value

    def to_python(self, value):
        typed = str(value or "").strip()
        if not typed:
            return None
        nodes = published_nodes()
        node = next((node for node in nodes if str(node) == typed), None) or find_labelled(nodes, typed)
        if node is None:
            raise ValidationError(UNKNOWN_LABEL, params={"label": typed})
        return super().to_python(node.pk)


class CurrentWordingField(LabelField):
    def to_python(self, value):
        node = super().to_python(value)
        return node and node.current_wording


class ReasonField(forms.CharField):
    def __init__(self, **kwargs):
        widget = forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"})
        # Translators: Label of a field.
        super().__init__(label=_("Reason"), max_length=2000, widget=widget, **kwargs)
        self.error_messages["required"] = _("Enter the reason.")


class WordingForm(forms.Form):
    text = forms.CharField(
        label=_("Text"),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 10, "class": "vLargeTextField"}),
        error_messages={"required": _("Enter the text.")},
    )
    kind = forms.ChoiceField(
        # Translators: Label: kind of change, of evidence or of assistance.
        label=_("Kind"),
        choices=[(kind.value, kind.label) for kind in Wording.LATER_KINDS],
        widget=forms.RadioSelect,
        help_text="A correction fixes an error made on this site; a new wording is a newly adopted text.",
    )
    reason = ReasonField(help_text="Shown publicly.")

    shown = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)

    def __init__(self, data=None, *, node: Recommendation):
        super().__init__(data, initial={"text": node.text})
        self.node = node

    def clean_text(self) -> str:
        return self.cleaned_data["text"].replace("\r\n", "\n")

    def clean(self):
        if not self.errors:
            for field, error in catalogue.wording_errors(self.node, **self.values).items():
                self.add_error(field, error)

    @property
    def values(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in ("text", "kind", "reason")}

    @property
    def digest(self) -> str:
        change = [self.node.current_wording_id, self.cleaned_data["text"], self.cleaned_data["kind"]]
        return salted_hmac("recommendations.wording", repr(change), algorithm="sha256").hexdigest()

    @property
    def is_shown(self) -> bool:
        return constant_time_compare(self.cleaned_data["shown"], self.digest)

    def to_confirm(self) -> "WordingForm":
        return WordingForm({**self.data, "shown": self.digest}, node=self.node)


class UnitWithdrawalForm(SeenTextForm, forms.Form):
    into = LabelField(
        Recommendation.objects.none(),
        label="Request answers to this text instead",
        required=False,
        help_text=(
            "Leave it blank if there is none. The old address leads to this text if a decision that replaces the old "
            "text is recorded under “Decisions and dates”."
        ),
    )
    # Translators: Label of a date field: the first day.
    on = DayField(label=_("From"), initial=timezone.localdate)
    reason = ReasonField(help_text="Shown publicly on its page, for example: answers are requested under IV.46(i).")

    def __init__(self, data=None, *, node: Recommendation):
        super().__init__(data)
        self.fields["into"].queryset = catalogue.texts_in_place_of(node)  # type: ignore[attr-defined]
        self.see(node.withdrawn_on)


class UnitReinstateForm(SeenTextForm, forms.Form):
    reason = ReasonField()

    def __init__(self, data=None, *, node: Recommendation):
        super().__init__(data)
        self.see(node.withdrawn_on)


class StructureForm(SeenTextForm, forms.ModelForm):
    kind = forms.ChoiceField(label=Recommendation._meta.get_field("kind").verbose_name, choices=NodeKind)
    reason = ReasonField()

    class Meta:
        model = Recommendation
        fields = OF_STRUCTURE
        help_texts = {
            "label": (
                "Its meeting and the text above it follow from the label. Its items move with it, and the old address "
                "leads to the new one."
            ),
        }
        error_messages = {"label": {"required": "Enter the label."}}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.see(*(getattr(self.instance, name) for name in OF_STRUCTURE))

    def validate_constraints(self) -> None:
        """Leave it to the action, which has messages for curators."""


class CorrectedLabelForm(SeenTextForm, forms.Form):
    label = forms.CharField(
        label=_("Label"),
        max_length=40,
        help_text=(
            "Pages show it, and the old address leads to the new one. Files, submissions and the audit trail keep the "
            "label at publication."
        ),
        error_messages={"required": "Enter the label."},
    )
    reason = ReasonField()

    def __init__(self, *args, instance: Recommendation, **kwargs):
        super().__init__(*args, initial={"label": instance.shown_label}, **kwargs)
        self.see(instance.shown_label)


class SignedFile(BaseStorage):
    """Keep an uploaded file, signed, in the confirming form: any process can apply what was shown."""

    SALT = "recommendations.import"
    MAX_AGE = 24 * 3600

    def save(self, data: bytes) -> None:
        self.name = signing.dumps(data.decode("latin-1"), salt=self.SALT, compress=True)

    def read(self) -> bytes:
        return signing.loads(self.name, salt=self.SALT, max_age=self.MAX_AGE).encode("latin-1")

    def remove(self) -> None:
        pass


class ImportFileForm(ImportForm):
    def clean_import_file(self):
        file = self.cleaned_data["import_file"]
        check_size(file.size, IMPORT_LIMIT)
        return file


class ImportConfirmForm(ConfirmImportForm):
    format = forms.ChoiceField(choices=[(str(n), n) for n in range(len(FORMATS))], widget=forms.HiddenInput)
    resource = forms.ChoiceField(choices=[("0", 0)], required=False, widget=forms.HiddenInput)

    def clean_import_file_name(self) -> str:
        name = self.cleaned_data["import_file_name"]
        try:
            SignedFile(name=name).read()
        except signing.BadSignature:
            raise forms.ValidationError(_("This upload is no longer available. Choose the file again.")) from None
        return name

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from recommendations.forms import DayField, EvidenceKindsField
from recommendations.lists import format_list
from recommendations.models import Addressee, Body, EvidenceKind, ImportedParagraph, PaperImport, Theme
from recommendations.outline.document import paste_paragraphs, read_paragraphs
from recommendations.outline.source import SourceParagraph
from recommendations.paper_import import notation
from recommendations.paper_import.cover import DETAILS
from recommendations.paper_import.doubts import DOUBTS
from recommendations.paper_import.plan import node_errors, node_values
from recommendations.places import place_for_file
from tracker.forms.fields import PlainTextField
from tracker.forms.record import read_number

WRITE_HEADING = _("Enter the heading like this: IX. Ninth meeting, Vienna, 9 to 11 September 2019.")
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


class PaperDetailsForm(forms.ModelForm):
    paper_date = DayField(label=_("Date of the paper"), help_text=_("For example: 30 June 2027."))

    class Meta:
        model = PaperImport
        fields = (
            *("body", "body_name", "body_slug", "body_parent"),
            *DETAILS,
        )
        field_classes = dict.fromkeys(("body_name", "body_parent", "paper_symbol", "paper_title"), PlainTextField)
        labels = {
            "body": _("Body"),
            "body_name": _("Name of the new body"),
            "body_slug": _("Short name of the body in web addresses"),
            # Translators: Label: name of the body that established this body, such as the Conference of the Parties.
            "body_parent": _("Parent body"),
            "paper_title": _("Title of the paper"),
        }
        error_messages = {
            "paper_symbol": {"required": _("Enter the symbol.")},
            "paper_title": {"required": _("Enter the title.")},
            "paper_kind": {"required": _("Choose the kind of paper.")},
        }
        help_texts = {
            "paper_symbol": _("As printed on the document, for example CTOC/COP/2008/19."),
            "body": _("For a new body, leave this field empty and enter its name below."),
            "body_slug": _("Small letters and hyphens, for example: smuggling. It cannot be changed later."),
        }

    field_order: Sequence[str] | None = (*Meta.fields[:4], "heading", *Meta.fields[4:])
    conditional: tuple[str, ...] = ("body", "body_name", "body_slug", "body_parent")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in DETAILS:
            self.fields[name].required = True

    def clean(self):
        super().clean()
        data = self.cleaned_data
        if data.get("body"):
            data["body_slug"] = data["body_name"] = data["body_parent"] = ""
        else:
            self._check_new_body(data)
        return data

    def _check_new_body(self, data: Mapping[str, Any]) -> None:
        for name in ("body_name", "body_slug"):
            if not data.get(name) and name not in self.errors:
                self.add_error(name, _("Choose a body above, or enter the name and short name of the new body."))
        if self.errors.keys() & {"body_name", "body_slug"}:
            return
        body = Body(slug=data["body_slug"], name=data["body_name"], parent_name=data.get("body_parent", ""))
        try:
            body.full_clean(validate_unique=False)
            if Body.objects.filter(slug=body.slug).exists():
                self.add_error("body_slug", _("Another body has this short name. Enter another short name."))
        except ValidationError as error:
            for field, messages in error.message_dict.items():
                self.add_error({"slug": "body_slug", "name": "body_name"}.get(field), messages)


class HeadingField(PlainTextField):
    """Read the heading of a meeting; None without one."""

    def __init__(self, **kwargs):
        super().__init__(max_length=200, **kwargs)

    def clean(self, value) -> notation.ParsedMeeting | None:
        heading = super().clean(value)
        meeting = notation.parse_heading(heading)
        if heading and meeting is None:
            raise ValidationError(WRITE_HEADING)
        return meeting


class PaperUploadForm(PaperDetailsForm):
    """Read a document; its paragraphs are `source` where it could be read, also where other fields have errors."""

    upload = forms.FileField(
        # Translators: Noun: a computer file.
        label=_("File"),
        required=False,
        help_text=_("PDF, Word document (.docx) or text file (.txt), as issued, at most 10 MB."),
    )
    pasted = forms.CharField(
        label=_("Or paste the text of the document"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8, "lang": "en", "dir": "ltr"}),
    )
    heading = HeadingField(
        label=_("Meeting"),
        required=False,
        help_text=_(
            "Only if the document has no headings of meetings. For example: IX. Ninth meeting, Vienna, 9 to 11 "
            "September 2019."
        ),
    )
    field_order = ("upload", "pasted", *PaperDetailsForm.field_order)
    conditional = (*PaperDetailsForm.conditional, "upload", "pasted", "heading")

    source: list[SourceParagraph] | None = None

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        bodies = list(Body.objects.all()[:2])
        if len(bodies) == 1:
            self.initial["body"] = bodies[0].pk

    @property
    def has_details(self) -> bool:
        """Return whether the user entered a detail that the document can have on its front page."""
        return any(self.data.get(name) for name in (*DETAILS, "heading"))

    def clean(self):
        data = super().clean()
        if "upload" in self.errors:
            return data
        try:
            self.source = self._read_source(data)
        except ValidationError as error:
            is_pasted = data.get("pasted", "").strip() and not data.get("upload")
            self.add_error("pasted" if is_pasted else "upload", error)
        return data

    def _read_source(self, data: Mapping[str, Any]) -> list[SourceParagraph]:
        """Read the file, if there is one; the pasted text only without."""
        file, pasted = data.get("upload"), data.get("pasted", "")
        if not file and not pasted.strip():
            raise ValidationError(_("Choose a file, or paste the text."))
        with place_for_file():
            if not file:
                return paste_paragraphs(pasted)
            self.instance.file_name = file.name
            return read_paragraphs(file)


class ImportDetailsForm(PaperDetailsForm):
    """Change the details of a draft and its meetings. `base`: the version that was shown."""

    base = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial["base"] = self.instance.version
        known = list(self.instance.meetings.all())
        self.numbers = [meeting.number for meeting in known] if len(known) > 1 else []
        for meeting in known if self.numbers else []:
            self.fields[f"meeting_{meeting.number}"] = HeadingField(
                # Translators: Label. %(number)s is the Roman numeral of a meeting.
                label=_("Heading of meeting %(number)s") % {"number": meeting.roman},
                initial=f"{meeting.roman}. {meeting.heading}",
                help_text=_("Name, place and dates of the meeting, as printed."),
            )
        if not self.numbers:
            self.fields["heading"] = HeadingField(
                label=_("Meeting"),
                initial=f"{known[0].roman}. {known[0].heading}" if known else "",
                help_text=_("For example: IX. Ninth meeting, Vienna, 9 to 11 September 2019."),
                error_messages={"required": WRITE_HEADING},
            )
        headings = [name for name in self.fields if name.startswith("meeting_")]
        self.order_fields([*self.Meta.fields[:4], "heading", *headings])

    @property
    def read_fields(self) -> list[str]:
        """Return the fields that the document filled in, and the version."""
        return ["base", *DETAILS, *(name for name in self.fields if name == "heading" or name.startswith("meeting_"))]

    def clean(self):
        data = super().clean()
        self.meetings = {}
        for number in self.numbers:
            meeting = data.get(f"meeting_{number}")
            if meeting and meeting.number == number:
                self.meetings[number] = meeting
            elif f"meeting_{number}" not in self.errors:
                self.add_error(f"meeting_{number}", WRITE_HEADING)
        if meeting := data.get("heading"):
            self.meetings = {meeting.number: meeting}
        return data


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

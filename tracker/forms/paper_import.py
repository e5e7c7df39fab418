"""A paper that is taken in: the file, what it is, and its texts as a curator corrects them."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from recommendations.formats import CSV, JSON, UnreadableFile
from recommendations.models import Addressee, Body, ImportedNode, NodeKind, PaperImport, Theme
from recommendations.paper_import import notation, upload
from recommendations.paper_import.plan import node_errors, node_values
from recommendations.paper_import.upload import WRITE_HEADING, read_paper
from recommendations.resources import FLAGS, NO, YES, as_text
from tracker.forms.record import SpelledDateField
from tracker.models.validators import validate_plain_text

ANNOTATIONS_LIMIT = 1024 * 1024  # bytes

UNIT, TOPIC = "unit", "topic"
COUNTS_AS = [
    ("", _("neither")),
    (UNIT, _("a unit")),
    (TOPIC, _("a topic")),
]
NOBODY = [("", _("nobody"))]
FIELD_OF = {"is_unit": "counts_as", "addressees": "addressee"}  # where what is wrong with a value is told


class PaperDetailsForm(forms.ModelForm):
    """What the paper is, and of which body: one that the catalogue knows, or a new one."""

    paper_date = SpelledDateField(label=_("Date of the paper"), help_text=_("Such as 7 August 2019."))

    class Meta:
        model = PaperImport
        fields = ("body", "body_name", "body_slug", "body_parent", "paper_title", "paper_date")
        labels = {
            "body": _("Body"),
            "body_name": _("Name of the new body"),
            "body_slug": _("Its short name in addresses"),
            "body_parent": _("Subsidiary of"),
            "paper_title": _("Title of the paper"),
        }
        help_texts = {
            "body": _("Leave it empty for a body that is new here, and name that below."),
            "body_slug": _("Small letters and hyphens, such as smuggling. It never changes."),
        }

    conditional: tuple[str, ...] = ("body", "body_name", "body_slug", "body_parent")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("body_name", "body_parent", "paper_title"):
            self.fields[name].validators.append(validate_plain_text)

    def clean(self):
        super().clean()
        said = self.cleaned_data
        if said.get("body"):
            said["body_slug"] = said["body_name"] = said["body_parent"] = ""
        else:
            self._check_new_body(said)
        return said

    def _check_new_body(self, said: Mapping[str, Any]) -> None:
        for name in ("body_name", "body_slug"):
            if not said.get(name) and name not in self.errors:
                self.add_error(name, _("Choose a body above, or name the new one."))
        if self.errors:
            return
        body = Body(slug=said["body_slug"], name=said["body_name"], parent_name=said["body_parent"])
        try:
            body.full_clean(exclude=["paper_title", "paper_date"])
        except ValidationError as error:
            for field, messages in error.message_dict.items():
                self.add_error({"slug": "body_slug", "name": "body_name"}.get(field), messages)


class PaperUploadForm(PaperDetailsForm):
    """The paper itself; valid, `found` is what was read in it."""

    upload = forms.FileField(
        label=_("File"), required=False, help_text=_("Text (.txt) or a document for Word (.docx), at most 5 MB.")
    )
    pasted = forms.CharField(
        label=_("Or the text of the paper"),
        required=False,
        strip=False,
        help_text=_("Each numbered text begins on a line of its own."),
        widget=forms.Textarea(attrs={"rows": 8, "lang": "en", "dir": "ltr"}),
    )
    heading = forms.CharField(
        label=_("Meeting"),
        required=False,
        max_length=200,
        validators=[validate_plain_text],
        help_text=_(
            "Only where the paper has no headings of meetings: IX. Ninth meeting, Vienna, 9 to 11 September 2019."
        ),
    )
    field_order = ("upload", "pasted", "heading", *PaperDetailsForm.Meta.fields)
    conditional = (*PaperDetailsForm.conditional, "upload", "pasted", "heading")

    def clean(self):
        said = super().clean()
        try:
            self.instance.paper = self._text(said)
            self.found = read_paper(self.instance.paper, said.get("heading", ""))
        except ValidationError as error:
            self._tell(error, "upload" if said.get("upload") else "pasted")
        return said

    def _text(self, said: Mapping[str, Any]) -> str:
        file, pasted = said.get("upload"), said.get("pasted", "")
        if file and pasted.strip():
            raise ValidationError(_("Choose a file or paste the text, not both."))
        if file:
            self.instance.file_name = file.name
            return upload.read_file(file)
        if not pasted.strip():
            raise ValidationError(_("Choose the file of the paper, or paste its text."))
        return upload.check_text(pasted)

    def _tell(self, error: ValidationError, of_paper: str) -> None:
        if not hasattr(error, "error_dict"):
            self.add_error(of_paper, error)
            return
        for field, messages in error.message_dict.items():
            self.add_error("heading" if field == "heading" else of_paper, messages)


class ImportDetailsForm(PaperDetailsForm):
    """What the paper is, with its meetings, if nobody changed it since it was shown."""

    base = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial["base"] = self.instance.version
        self.numbers = [meeting.number for meeting in self.instance.meetings.all()]
        for meeting in self.instance.meetings.all():
            self.fields[f"meeting_{meeting.number}"] = forms.CharField(
                label=_("Heading of meeting %(number)s") % {"number": meeting.roman},
                max_length=200,
                validators=[validate_plain_text],
                initial=f"{meeting.roman}. {meeting.heading}",
                help_text=_("As printed: its name, the place and the days."),
            )

    def clean(self):
        said = super().clean()
        self.meetings = {}
        for number in self.numbers:
            try:
                meeting = notation.parse_heading(said.get(f"meeting_{number}", ""))
            except notation.PaperError:
                meeting = None
            if meeting and meeting.number == number:
                self.meetings[number] = meeting
            elif f"meeting_{number}" not in self.errors:
                self.add_error(f"meeting_{number}", WRITE_HEADING)
        return said


class ImportedNodeForm(forms.ModelForm):
    """One text of a draft. `themes` are those to choose from, read once for all forms of a page."""

    counts_as = forms.ChoiceField(label=_("Counts as"), required=False, choices=COUNTS_AS)
    addressee = forms.ChoiceField(label=_("Who is asked"), required=False, choices=[*NOBODY, *Addressee.Code.choices])
    second_addressee = forms.ChoiceField(
        label=_("Also asked"), required=False, choices=[*NOBODY, *Addressee.Code.choices]
    )
    primary_theme = forms.ChoiceField(label=_("Theme"), required=False)
    secondary_theme = forms.ChoiceField(label=_("Second theme"), required=False)
    base = forms.CharField(widget=forms.HiddenInput)
    conditional = (
        *("counts_as", "text", "footnotes", "addressee", "second_addressee", "basis", "strength"),
        *("primary_theme", "secondary_theme", "guidance"),
    )

    class Meta:
        model = ImportedNode
        fields = (
            *("label", "kind", "text", "footnotes", "basis", "strength", "asks_to_consider"),
            *("guidance", "is_left_out", "is_settled"),
        )
        labels = {
            "basis": _("How that is known"),
            "asks_to_consider": _("Considering is itself what it asks"),
            "is_left_out": _("Leave it out: it will not be published"),
            "is_settled": _("I have looked at it, and its doubts are settled"),
        }
        help_texts = {"asks_to_consider": "", "is_left_out": "", "is_settled": ""}
        widgets = {
            "label": forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off"}),
            "text": forms.Textarea(attrs={"rows": 4, "lang": "en", "dir": "ltr"}),
            "footnotes": forms.Textarea(attrs={"rows": 2, "lang": "en", "dir": "ltr"}),
            "guidance": forms.Textarea(attrs={"rows": 2}),
        }

    def __init__(self, data=None, *, instance: ImportedNode, themes: Iterable[Theme]):
        super().__init__(data, instance=instance, prefix=f"t{instance.pk or 0}")
        self.shown = node_values(instance)
        self.themes = {str(theme.pk): theme for theme in themes}
        choices = [("", _("none")), *((key, theme.name) for key, theme in self.themes.items())]
        for name in ("primary_theme", "secondary_theme"):
            self.fields[name].choices = choices  # type: ignore[attr-defined]
        self.fields["text"].required = False  # what is wrong with it is told with all else
        for name in ("label", "text", "footnotes", "guidance"):
            self.fields[name].validators.append(validate_plain_text)
        self.initial.update(said_in(self.shown), base=base_of(instance))
        self.conflict: ImportedNode | None = None

    def clean(self):
        super().clean()
        said = self.cleaned_data
        self.values = self._values(said)
        if not self.values["is_left_out"]:
            for name, problem in node_errors(self.values).items():
                field = FIELD_OF.get(name, name)
                if field not in self.errors:
                    self.add_error(field, str(problem))
        return said

    def _values(self, said: Mapping[str, Any]) -> dict[str, Any]:
        asked = [said.get(name) for name in ("addressee", "second_addressee")]
        return {
            "label": said.get("label", ""),
            "kind": said.get("kind", ""),
            "text": " ".join(said.get("text", "").split()),
            "footnotes": as_lines(said.get("footnotes", "")),
            "is_unit": said.get("counts_as") == UNIT,
            "is_topic": said.get("counts_as") == TOPIC,
            "addressees": list(dict.fromkeys(code for code in asked if code)),
            "basis": said.get("basis", ""),
            "strength": said.get("strength", ""),
            "asks_to_consider": said.get("asks_to_consider", False),
            "primary_theme": self.themes.get(said.get("primary_theme", "")),
            "secondary_theme": self.themes.get(said.get("secondary_theme", "")),
            "guidance": as_lines(said.get("guidance", "")),
            "is_left_out": said.get("is_left_out", False),
            "is_settled": said.get("is_settled", False),
        }

    @property
    def was_typed_in(self) -> bool:
        """Whether anything is otherwise than the page showed it, whatever others did meanwhile."""
        return digest_of(self.values) != self.cleaned_data["base"].partition("-")[2]

    @property
    def version_shown(self) -> int:
        """Of the text, when the page was made."""
        number = self.cleaned_data["base"].partition("-")[0]
        return int(number) if number.isascii() and number.isdigit() and len(number) < 9 else 0

    def meet(self, standing: ImportedNode) -> None:
        """Somebody changed it meanwhile: show how it stands, and let a further save replace that."""
        self.conflict = standing
        show_base(self, base_of(standing))

    @property
    def differences(self) -> list[tuple[str, str]]:
        """(field, what stands there now) of what is otherwise than typed, after somebody changed it meanwhile."""
        standing = said_in(node_values(self.conflict)) if self.conflict else {}
        return [
            (str(self.fields[name].label), self._shown(name, value))
            for name, value in standing.items()
            if str(value or "") != str(self.cleaned_data.get(name) or "")
        ]

    def _shown(self, name: str, value: Any) -> str:
        if isinstance(value, bool):
            return str(_("yes") if value else _("no"))
        return str(dict(getattr(self.fields[name], "choices", ())).get(value, value)) or str(_("nothing"))


def show_base(form: forms.Form | forms.ModelForm, base: str | int) -> None:
    """Let what was typed stand upon what stands now, once that was shown."""
    data: Any = form.data  # a QueryDict
    form.data = data = data.copy()
    data[form.add_prefix("base")] = str(base)


def said_in(values: Mapping[str, Any]) -> dict[str, Any]:
    """What the fields of a form say, of the values of a text."""
    first, second = [*values["addressees"], "", ""][:2]
    themes = {name: str(values[name].pk) if values[name] else "" for name in ("primary_theme", "secondary_theme")}
    counts_as = UNIT if values["is_unit"] else TOPIC if values["is_topic"] else ""
    same = {name: values[name] for name in ImportedNodeForm.Meta.fields}
    return same | themes | {"counts_as": counts_as, "addressee": first, "second_addressee": second}


def base_of(node: ImportedNode) -> str:
    """What a form shows of a text: its version, and a digest of what it says."""
    return f"{node.version}-{digest_of(node_values(node))}"


def digest_of(values: Mapping[str, Any]) -> str:
    said = sorted((name, getattr(value, "pk", value)) for name, value in values.items())
    return hashlib.sha256(repr(said).encode()).hexdigest()[:12]


def as_lines(text: str) -> str:
    """Without the space at the ends of lines that nobody sees, and without blank lines."""
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


# What is said of many texts, from a file


READ = ("unit", "topic", "addressees", "basis", "strength", "asks_to_consider", "primary_theme", "secondary_theme")
IGNORED = ("body", "meeting", "parent", "kind", "text", "wording_kind", "wording_reason")
COLUMNS = ("label", "parent", "kind", "text", *READ, "guidance")


class AnnotationFileForm(forms.Form):
    """A CSV or JSON file in the columns of the catalogue; valid, `forms` are those of the texts that it changes.

    What a file says of texts is checked as what is typed on a page is.
    """

    upload = forms.FileField(label=_("File"), help_text=_("CSV or JSON, one row for each label, at most 1 MB."))

    def __init__(self, data=None, files=None, *, nodes: Iterable[ImportedNode], themes: Iterable[Theme]):
        super().__init__(data, files)
        self.nodes, self.themes = {node.label: node for node in nodes}, list(themes)

    def clean_upload(self):
        file = self.cleaned_data["upload"]
        if file.size > ANNOTATIONS_LIMIT:
            raise ValidationError(_("The file has more than 1 MB."))
        kind = JSON if file.name.lower().endswith(".json") else CSV
        try:
            rows = kind().create_dataset(file.read())
        except UnreadableFile as error:
            raise ValidationError(str(error)) from None
        problems = self._problems_of_columns(rows.headers)
        self.forms: list[ImportedNodeForm] = []
        said: set[str] = set()
        for number, row in enumerate([] if problems else rows.dict, start=2):
            problems += [_said_of_row(number, problem) for problem in self._read(row, said)]
        if problems:
            raise ValidationError(problems[:50])
        return file

    def _problems_of_columns(self, columns: list[str]) -> list[str]:
        known = {*COLUMNS, *IGNORED}
        problems = [
            str(_("There is no column %(column)s.") % {"column": ascii(column)[:60]})
            for column in columns
            if column not in known
        ]
        if "label" not in columns:
            problems.append(str(_("There is no column “label”: rows are known by it.")))
        return problems

    def _read(self, row: Mapping[str, Any], said: set[str]) -> list[str]:
        """Add the form of a row to `forms` where it changes its text; return what is wrong with it."""
        try:
            cells = {column: as_text(cell).strip() for column, cell in row.items() if column not in IGNORED}
            node = self.nodes.get(cells.pop("label"))
            if node is None or node.label in said:
                return [str(_("There is no such label, or it stands twice."))]
            said.add(node.label)
            form = ImportedNodeForm(self._data(node, cells), instance=node, themes=self.themes)
        except ValueError as error:
            return [str(error)]
        if not form.is_valid():
            return [f"{node.label}: {problem}" for problems in form.errors.values() for problem in problems]
        if form.was_typed_in:
            self.forms.append(form)
        return []

    def _data(self, node: ImportedNode, cells: Mapping[str, str]) -> dict[str, Any]:
        """What a form would post that said this."""
        slugs = {theme.slug: str(theme.pk) for theme in self.themes} | {"": ""}
        data = said_in(node_values(node)) | {"base": base_of(node)}
        flags = {"unit": node.is_unit, "topic": node.is_topic, "asks_to_consider": node.asks_to_consider}
        flags |= {name: _one_of(cells[name].lower(), FLAGS) for name in flags if name in cells}
        data |= {"counts_as": UNIT if flags["unit"] else TOPIC if flags["topic"] else ""}
        data |= {"asks_to_consider": flags["asks_to_consider"]}
        data |= {name: cells[name] for name in ("basis", "strength", "guidance") if name in cells}
        data |= {name: _one_of(cells[name], slugs) for name in ("primary_theme", "secondary_theme") if name in cells}
        if "addressees" in cells:
            codes = [code.strip() for code in cells["addressees"].split(",") if code.strip()]
            if len(codes) > 2:
                raise ValueError(_("A text has two addressees at most."))
            data["addressee"], data["second_addressee"] = [*codes, "", ""][:2]
        return {f"t{node.pk}-{name}": value for name, value in data.items() if value is not False}


def _one_of(said: str, known: Mapping[str, Any]) -> Any:
    if said not in known:
        raise ValueError(_("“%(said)s” is not known here.") % {"said": said[:100]})
    return known[said]


def _said_of_row(number: int, problem: str) -> str:
    return str(_("Row %(number)d: %(problem)s") % {"number": number, "problem": problem})


def annotation_rows(nodes: Iterable[ImportedNode]) -> list[dict[str, str]]:
    """What a draft says of its texts, in the columns that `AnnotationFileForm` reads."""
    return [
        {
            "label": node.label,
            "parent": (place.parent if (place := notation.parse_label(node.label)) else None) or "",
            "kind": node.kind,
            "text": node.text,
            "unit": YES if node.is_unit else NO,
            "topic": YES if node.is_topic else NO,
            "addressees": ", ".join(node.addressees),
            "basis": node.basis,
            "strength": node.strength,
            "asks_to_consider": YES if node.asks_to_consider else NO,
            "primary_theme": node.primary_theme.slug if node.primary_theme else "",
            "secondary_theme": node.secondary_theme.slug if node.secondary_theme else "",
            "guidance": node.guidance,
        }
        for node in nodes
    ]


def blank_after(node: ImportedNode) -> ImportedNode:
    """A text to be added after another, as a form begins it."""
    return ImportedNode(paper_import=node.paper_import, kind=NodeKind.RECOMMENDATION)

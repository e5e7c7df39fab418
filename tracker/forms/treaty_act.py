"""Treaty acts that curators type or upload: one form for an act, by hand or as a row of a file."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django import forms
from django.core import signing
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recommendations.error_messages import FILE_TYPES, OTHER_VALUE, check_size
from recommendations.formats import FileFormatError, decode_text
from recommendations.forms import IMPORT_LIMIT, DayField, SignedFile
from recommendations.intake.table import CellProblem, list_cell_problems, list_column_problems, read_table
from recommendations.lists import format_html_list, format_list
from tracker.actions.respondent import names_in_treaty_source
from tracker.documents.exchange.treaty_list import ListedProblem, plain_name, read_dated_act, read_treaty_list
from tracker.forms.fields import PlainTextField
from tracker.models import Respondent, TreatyAct
from tracker.models.respondent import RespondentKind
from tracker.models.treaty_act import SOURCE_LIMIT, Act, Treaty, TreatyActStage, acts_on_file
from tracker.models.validators import LengthValidator

COLUMNS = ("code", "instrument", "act", "date", "source", "as_at")
OF_ALL = {  # of every act of a list
    "instrument": gettext_lazy("Choose the treaty of the list."),
    "source": gettext_lazy("Enter the source of the list."),
    "as_at": gettext_lazy("Enter the date of the information in the list."),
}
ROWS = 5000
TYPES = (".csv", ".json", ".tsv", ".txt")


class ActForm(forms.Form):
    # Translators: Label of a field: the Convention or the Protocol.
    instrument = forms.ChoiceField(label=gettext_lazy("Treaty"), choices=Treaty, widget=forms.RadioSelect)
    # Translators: Head of a column and label of a field: a treaty act, as ratification.
    act = forms.ChoiceField(label=gettext_lazy("Act"), choices=[("", ""), *Act.choices])
    date = DayField(
        label=gettext_lazy("Date of the act"),
        required=False,
        help_text=gettext_lazy("For example 3 March 2016; leave blank if there is no act."),
    )
    source = PlainTextField(
        label=gettext_lazy("Source"),
        help_text=gettext_lazy(
            "Where the act can be checked, for example: United Nations Treaty Collection, chapter XVIII.12.a."
        ),
        validators=[LengthValidator(SOURCE_LIMIT)],
        error_messages={"required": gettext_lazy("Enter the source.")},
        widget=forms.TextInput(attrs={"dir": "auto"}),
    )
    as_at = DayField(label=gettext_lazy("As at"), help_text=gettext_lazy("Date of the information in the source"))

    def clean_as_at(self):
        as_at = self.cleaned_data["as_at"]
        if as_at > timezone.localdate():
            raise forms.ValidationError(_("The date must be today or earlier."))
        return as_at

    def clean(self):
        values = self.cleaned_data
        if self.errors:
            return
        if (values["act"] == Act.NONE) == bool(values["date"]):
            self.add_error("date", _("Enter the date of the act, or leave it blank if there is no act."))
        elif values["date"] and values["date"] > values["as_at"]:
            self.add_error("date", _("The date of the act must not be later than the “as at” date."))

    def of(self, respondent: Respondent) -> TreatyAct:
        values = {name: self.cleaned_data[name] for name in COLUMNS if name != "code"}
        return TreatyAct(respondent=respondent, **values)


class CompleteForm(forms.Form):
    source = ActForm.base_fields["source"]
    as_at = ActForm.base_fields["as_at"]


class RowForm(ActForm):
    code = forms.CharField(error_messages={"required": gettext_lazy("Enter the code.")})

    def __init__(self, data, *, respondents: dict[str, Respondent]):
        act, day = read_dated_act(data["act"], data["date"])
        super().__init__(data | {"instrument": data["instrument"].strip().lower(), "act": act, "date": day})
        self.respondents = respondents
        for name, choices in (("instrument", Treaty), ("act", Act)):
            said = {"said": data[name][:60].replace("%", "%%"), "codes": format_list(choices.values)}
            self.fields[name].error_messages["invalid_choice"] = OTHER_VALUE % said

    def clean_code(self) -> Respondent:
        code = self.cleaned_data["code"]
        if (respondent := self.respondents.get(plain_name(code))) is None:
            # Translators: name: a name or a code, as the list contains it.
            text = _("No State has the name or code “%(name)s”. Enter the code of the State in its place.")
            raise forms.ValidationError(text % {"name": code[:60]})
        return respondent


@dataclass(frozen=True)
class ActRow:
    number: int
    act: TreatyAct
    before: TreatyAct | None

    @property
    def changes(self) -> list[tuple[str, object, object]]:
        if self.before is None:
            return []
        return [
            (str(TreatyAct._meta.get_field(name).verbose_name), getattr(self.before, name), values)  # type: ignore[union-attr]
            for name, values in self.act.as_fields.items()
            if getattr(self.before, name) != values
        ]

    @property
    def is_unchanged(self) -> bool:
        return self.before is not None and not self.changes


class ActUploadForm(forms.Form):
    """Read a file or a pasted list of acts, or the sealed copy of what was shown, into `rows` and `problems`."""

    file = forms.FileField(
        label=gettext_lazy("File"), widget=forms.FileInput(attrs={"accept": ",".join(TYPES)}), required=False
    )
    text = PlainTextField(
        label=gettext_lazy("List, pasted"),
        required=False,
        help_text=gettext_lazy(
            "Copy the lines from the page of the United Nations Treaty Collection, with or without the heading."
        ),
        widget=forms.Textarea(attrs={"rows": 10, "dir": "auto"}),
        validators=[LengthValidator(IMPORT_LIMIT)],
        strip=False,
    )
    instrument = forms.ChoiceField(
        label=gettext_lazy("Treaty of the list"),
        choices=Treaty,
        widget=forms.RadioSelect,
        required=False,
        help_text=gettext_lazy("A list needs its treaty, source and date. The rows of a table have their own."),
    )
    source = PlainTextField(
        label=gettext_lazy("Source of the list"),
        required=False,
        help_text=ActForm.base_fields["source"].help_text,
        validators=[LengthValidator(SOURCE_LIMIT)],
        widget=forms.TextInput(attrs={"dir": "auto"}),
    )
    as_at = DayField(
        label=gettext_lazy("As at"), help_text=gettext_lazy("Date of the information in the source"), required=False
    )
    sealed = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["file"].help_text = format_html(
            # Translators: columns: list of column names.
            _("A list of the United Nations Treaty Collection, or CSV or JSON with these columns: {columns}."),
            columns=format_html_list(COLUMNS),
        )

    def clean(self):
        self.rows: list[ActRow] = []
        self.problems: list[CellProblem] = []
        content = self._content()
        if content is None:
            return
        try:
            self._read(content)
        except FileFormatError as error:
            self.add_error("file", str(error))

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file:
            check_size(file.size, IMPORT_LIMIT)
            if not file.name.lower().endswith(TYPES):
                raise forms.ValidationError(FILE_TYPES, params={"types": format_list(TYPES)})
        return file

    def _content(self) -> bytes | None:
        if self.errors:
            return None
        upload, text, sealed = (self.cleaned_data[name] for name in ("file", "text", "sealed"))
        if upload or text.strip():
            return upload.read() if upload else text.encode()
        try:
            return SignedFile(name=sealed).read()
        except signing.BadSignature:
            self.add_error("file", _("Choose a file, or paste a list."))
            return None

    def seal(self) -> str:
        storage = SignedFile()
        storage.save(self.content)
        return storage.name

    def _read(self, content: bytes) -> None:
        self.content = content
        cells = list(self._read_table(content) or self._read_list(decode_text(content)))
        if len(cells) > ROWS:
            # Translators: rows: a number.
            raise FileFormatError(_("The file has too many rows: at most %(rows)d.") % {"rows": ROWS})
        respondents = respondents_by_name()
        stands = _standing_acts(set(respondents.values()))
        met: dict[tuple, int] = {}
        for number, typed in cells:
            form = RowForm(typed, respondents=respondents)
            if not form.is_valid():
                self.problems += list_cell_problems(number, typed["code"][:60], form.errors)
                continue
            act = form.of(form.cleaned_data["code"])
            if (earlier := met.setdefault(act.key, number)) != number:
                # Translators: number: row number.
                message = _("Row %(number)d contains the same act. Remove one of the rows.") % {"number": earlier}
                self.problems.append(CellProblem(number, typed["code"], "act", message))
            self.rows.append(ActRow(number, act, stands.get(act.key)))

    def _read_table(self, content: bytes) -> list[tuple[int, dict[str, str]]] | None:
        """Return the rows of a table by column; None if the content is no table with a column of codes."""
        text = decode_text(content).lstrip()
        is_json, heading = text.startswith("["), text.partition("\n")[0].lower()
        file = self.cleaned_data["file"]
        is_csv = file and file.name.lower().endswith(".csv")
        if text and not is_json and not is_csv and "code" not in re.findall(r"\w+", heading):
            return None
        dataset = read_table(content, is_json=is_json)
        headers = [str(header).strip() for header in dataset.headers]
        for problem in list_column_problems(headers, needed=COLUMNS, known=COLUMNS):
            raise FileFormatError(problem)
        rows = (["" if cell is None else str(cell) for cell in cells] for cells in dataset)
        return [(number, dict(zip(headers, cells, strict=True))) for number, cells in enumerate(rows, start=2)]

    def _read_list(self, text: str) -> Iterator[tuple[int, dict[str, str]]]:
        """Yield the acts of a list by column. Lines that cannot be read are problems; the list stays in its field."""
        self.data = dict(self.data.items()) | {"text": text}
        for name, message in OF_ALL.items():
            if not self.cleaned_data[name]:
                self.add_error(name, message)
        if self.errors:
            return
        of_all = {name: str(self.cleaned_data[name]) for name in OF_ALL}
        for listed in read_treaty_list(text):
            if isinstance(listed, ListedProblem):
                self.problems.append(CellProblem(listed.number, listed.line[:100], "", str(listed.problem)))
            else:
                yield listed.number, {"code": listed.name, "act": listed.act, "date": listed.day} | of_all

    @property
    def new(self) -> list[ActRow]:
        return [row for row in self.rows if row.before is None]

    @property
    def changed(self) -> list[ActRow]:
        return [row for row in self.rows if row.changes]

    @property
    def unchanged(self) -> int:
        return sum(row.is_unchanged for row in self.rows)

    def acts(self) -> list[TreatyAct]:
        return [row.act for row in self.rows if not row.is_unchanged]


def respondents_by_name() -> dict[str, Respondent]:
    """Return the respondents by `plain_name` of code, of name and of their name in the Treaty Collection."""
    by_code = {each.code: each for each in Respondent.objects.exclude(kind=RespondentKind.SECRETARIAT)}
    names = {name: by_code[code] for name, code in names_in_treaty_source().items() if code in by_code}
    names |= {each.name: each for each in by_code.values()} | by_code
    return {plain_name(name): respondent for name, respondent in names.items()}


def _standing_acts(respondents: Iterable[Respondent]) -> dict[tuple, TreatyAct]:
    """Return by key the newest act that waits or is confirmed; where a State has none, the acts on file."""
    found: dict[tuple, TreatyAct] = {}
    acts = TreatyAct.objects.exclude(state=TreatyActStage.DECLINED).order_by("pk")
    decided = {act.respondent_id for act in acts if act.state == TreatyActStage.CONFIRMED}
    for respondent in respondents:
        if respondent.pk not in decided:
            found |= {act.key: act for act in acts_on_file(respondent)}
    return found | {act.key: act for act in sorted(acts, key=lambda act: act.date_key)}

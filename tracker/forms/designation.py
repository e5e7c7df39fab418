"""Read the archive of designations: its table, and the file of a note verbale for each row."""

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime
from pathlib import PurePath

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files import File
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recommendations.archives import open_archive
from recommendations.error_messages import ENTER_EMAIL, FILE_TYPES, OTHER_VALUE, check_size
from recommendations.formats import FileFormatError
from recommendations.forms import DayField
from recommendations.intake.table import CellProblem, list_cell_problems, list_column_problems, read_table
from recommendations.lists import format_list
from recommendations.places import place_for_file
from tracker.actions.designation import Designation, check_note
from tracker.actions.file_scan import scan_upload
from tracker.documents.exchange.spreadsheet_reader import open_workbook
from tracker.documents.exchange.treaty_list import plain_name
from tracker.documents.exchange.uploads import Upload, check_upload, digest_of_file
from tracker.forms.fields import PlainTextField
from tracker.forms.treaty_act import respondents_by_name
from tracker.models import Respondent
from tracker.models.access_change import OFFICE_LIMIT
from tracker.models.held_upload import ARCHIVE_TYPE
from tracker.models.user import NAME_LIMIT, RESPONDENT_ROLES

COLUMNS = ("state", "name", "office", "email", "language", "role", "note_verbale", "date", "last_day")
EXAMPLE = (
    *("XAA", "Ada Noor", "Ministry of Justice, Director", "ada@justice.example", "en", "Focal point"),
    *("12/2026", "2026-03-03", "2028-12-31"),
)
TABLES = (".csv", ".xlsx")
ROWS = 100

type Files = dict[str, Callable[[], File]]


def key_of(name: str) -> str:
    """Return the letters and digits of a number or of the name of a file: `12/2026` and `12-2026` have one key."""
    return "-".join(re.findall(r"[^\W_]+", name.casefold()))


class DesignationForm(forms.Form):
    state = forms.CharField(error_messages={"required": gettext_lazy("Enter the State.")})
    name = PlainTextField(max_length=NAME_LIMIT, error_messages={"required": gettext_lazy("Enter the name.")})
    office = PlainTextField(max_length=OFFICE_LIMIT, required=False)
    email = forms.EmailField(max_length=254, error_messages={"invalid": ENTER_EMAIL})
    language = forms.CharField(error_messages={"required": gettext_lazy("Enter the language.")})
    role = forms.CharField(error_messages={"required": gettext_lazy("Enter the role.")})
    note_verbale = PlainTextField(
        max_length=300, error_messages={"required": gettext_lazy("Enter the number of the note verbale.")}
    )
    date = DayField()
    last_day = DayField(required=False)

    def __init__(self, data, *, respondents: dict[str, Respondent]):
        super().__init__(data)
        self.respondents = respondents

    def clean_state(self) -> str:
        typed = self.cleaned_data["state"]
        if (respondent := self.respondents.get(plain_name(typed))) is None:
            # Translators: name: a name or a code, as the list contains it.
            text = _("No State has the name or code “%(name)s”. Enter the code of the State in its place.")
            raise ValidationError(text % {"name": typed[:60]})
        return respondent.code

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()

    def clean_language(self) -> str:
        return _read_choice(self.cleaned_data["language"], settings.LANGUAGES)

    def clean_role(self) -> str:
        return _read_choice(self.cleaned_data["role"], [(role.value, role.label) for role in RESPONDENT_ROLES])

    def designation(self, number: int, note: str, sha256: str) -> Designation:
        values = self.cleaned_data
        return Designation(
            number=number,
            code=values["state"],
            name=values["name"],
            office=values["office"],
            email=values["email"],
            language=values["language"],
            role=values["role"],
            appointing_document=values["note_verbale"],
            appointed_on=values["date"].isoformat(),
            until=values["last_day"].isoformat() if values["last_day"] else "",
            note=note,
            sha256=sha256,
        )


def _read_choice(typed: str, choices: Iterable[tuple[str, object]]) -> str:
    """Return the code of a choice that is named by its code or its name."""
    codes = {str(name).casefold(): code for code, label in choices for name in (code, label)}
    if (code := codes.get(typed.strip().casefold())) is None:
        raise ValidationError(OTHER_VALUE, params={"said": typed[:60], "codes": format_list(dict(choices))})
    return code


class DesignationsForm(forms.Form):
    """Valid, `rows` are designations, or `problems` are what is wrong with them."""

    file = forms.FileField(label=gettext_lazy("ZIP file"), widget=forms.FileInput(attrs={"accept": ".zip"}))

    def clean_file(self) -> Upload:
        file = self.cleaned_data["file"]
        self.rows: list[Designation] = []
        self.problems: list[CellProblem] = []
        check_size(file.size, settings.EVIDENCE_FILE_LIMIT)
        if not file.name.lower().endswith(".zip"):
            raise ValidationError(FILE_TYPES, params={"types": ".zip"})
        with place_for_file(), open_archive(file) as files:
            self._read(files)
        return scan_upload(Upload(file, PurePath(file.name).name, file.size, digest_of_file(file), ARCHIVE_TYPE))

    def _read(self, files: Files) -> None:
        tables = [name for name in files if name.lower().endswith(TABLES)]
        if len(tables) != 1:
            # Translators: names: names of files, or “None”.
            text = _("The ZIP must have one table: a file of the type .csv or .xlsx. It has: %(names)s.")
            raise ValidationError(text % {"names": format_list(tables) or _("None")})
        rows = _read_cells(files.pop(tables[0])())
        if not rows:
            raise ValidationError(_("The table has no rows. Enter one row for each person."))
        if len(rows) > ROWS:
            # Translators: rows: a number.
            raise ValidationError(_("The file has too many rows: at most %(rows)d.") % {"rows": ROWS})
        notes: dict[str, list[str]] = {}
        for name in files:
            notes.setdefault(key_of(PurePath(name).stem), []).append(name)
        checked, sizes = _check_notes(files)
        respondents = respondents_by_name()
        for number, cells in rows:
            form = DesignationForm(cells, respondents=respondents)
            found = notes.get(key_of(cells["note_verbale"]), [])
            if form.is_valid():
                self._check_row(form, number, found, checked)
            self.problems += list_cell_problems(number, _label(cells), form.errors)
        self._check_copies(sizes)
        named = {key_of(cells["note_verbale"]) for _number, cells in rows}
        for name in (name for key, names in notes.items() if key not in named for name in names):
            problem = _("No row names this file. Add a row with its number, or remove the file.")
            self.problems.append(CellProblem(0, name, "", problem))

    def _check_copies(self, sizes: dict[str, int]) -> None:
        """Bound what is stored: each request has its own copy of its note."""
        limit = settings.EVIDENCE_FILE_LIMIT
        if sum(sizes[row.note] for row in self.rows) > limit:
            text = _(
                # Translators: limit: a size, such as “25 MB”.
                "The notes verbales are too large: at most %(limit)s, where a note counts for each row that names it. "
                "Split the table."
            )
            raise ValidationError(text % {"limit": filesizeformat(limit)})

    def _check_row(
        self, form: DesignationForm, number: int, found: list[str], checked: dict[str, str | ValidationError]
    ) -> None:
        email = form.cleaned_data["email"]
        if earlier := next((row.number for row in self.rows if row.email == email), 0):
            # Translators: number: row number.
            text = _("Row %(number)d has the same address. Remove one of the rows.")
            form.add_error("email", text % {"number": earlier})
        if len(found) != 1:
            # Translators: names: names of files, or “None”.
            text = _("The ZIP must have one file with the name of this number. It has: %(names)s.")
            form.add_error("note_verbale", text % {"names": format_list(found) or _("None")})
            return
        sha256 = checked[found[0]]
        if isinstance(sha256, ValidationError):
            form.add_error("note_verbale", sha256)
        elif form.is_valid():
            self.rows.append(form.designation(number, found[0], sha256))


def _check_notes(files: Files) -> tuple[dict[str, str | ValidationError], dict[str, int]]:
    """Return the digest of each file, or why it is refused; and the bytes of each that is not."""
    found: dict[str, str | ValidationError] = {}
    sizes = {}
    for name, read in files.items():
        try:
            note = check_note(read)
            found[name], sizes[name] = note.sha256, note.size
        except ValidationError as error:
            found[name] = error
    return found, sizes


def _label(cells: dict[str, str]) -> str:
    return f"{cells['state'][:60]} · {cells['name'][:60]}"


def _read_cells(file: File) -> list[tuple[int, dict[str, str]]]:
    """Return the rows of the table by column, with their numbers. Rows without a cell are left out."""
    if (file.name or "").lower().endswith(".xlsx"):
        book = open_workbook(file)
        heading, *rows = [[_as_text(cell) for cell in row] for row in book.cells(book.sheets[0])] or [[]]
    else:
        check_upload(file)
        file.seek(0)
        try:
            dataset = read_table(file.read(), is_json=False)
        except FileFormatError as error:
            raise ValidationError(str(error)) from None
        heading, rows = dataset.headers, [list(row) for row in dataset]
    columns = [str(column).strip().lower() for column in heading]
    for problem in list_column_problems(columns, needed=COLUMNS, known=COLUMNS):
        raise ValidationError(problem)
    numbered = [(number, [str(cell).strip() for cell in cells]) for number, cells in enumerate(rows, start=2)]
    return [(number, dict(zip(columns, cells, strict=True))) for number, cells in numbered if any(cells)]


def _as_text(cell: object) -> str:
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)

"""Write the offline workbook: a row for each unit that a user may answer, to fill without a connection and upload.

One list of columns (docs/reference/workbook.md) serves to write it here and to read it in tracker/forms/workbook.py. A
signed stamp in a hidden sheet says what was written.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from enum import Enum
from io import BytesIO
from itertools import batched
from typing import NamedTuple

from django.core import signing
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from xlsxwriter import Workbook
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from recommendations.days import EXAMPLE, day_in_words
from recommendations.models import Body, NodeKind, Recommendation
from tracker.documents.exchange.uploads import clean_lines
from tracker.documents.sheets import set_direction, set_table, write_statements
from tracker.documents.statements import all_statements, statements_for
from tracker.models import Citation, Respondent, Revision, User
from tracker.models.answer_fields import FIELDS, AnswerField, FieldKind
from tracker.models.combination import READY
from tracker.models.digest import digest_value
from tracker.models.validators import TEXT_LIMIT
from tracker.permissions import can_answer_all, can_mark_ready
from tracker.queries.desk.history import last_language
from tracker.queries.desk.units import UnitRow, UnitRows, unit_rows

FORMAT = 1
SALT = "workbook"
STAMP = "stamp"  # name of the hidden sheet
PIECE = 30_000  # characters of the stamp in one cell
CELL_LIMIT = 32_767  # UTF-16 units
GUIDE_WIDTH = 100  # characters
LABEL, TITLE, TEXT, FIRST = 0, 1, 2, 3  # columns: the label, its title, the adopted text, and from here the answer
EARLIEST, LATEST = date(1945, 1, 1), date(2100, 12, 31)

type Value = str | bool | list[str]
type Flat = dict[str, Value]


# Of a row: number and digest of its revision, the last removal from it, and the digest of the row as written.
type Stamped = tuple[int, str, int | None, str]


class ColumnKind(Enum):
    TEXT, CHOICE, YES, DATE, ITEMS = range(5)


class WorkbookColumn(NamedTuple):
    """`key` is a field of the answer, or one of the kinds of assistance, as `assistance_kinds.training`."""

    key: str
    header: str | Promise
    kind: ColumnKind
    width: int
    choices: Mapping[str, str | Promise] = {}
    limit: int = TEXT_LIMIT


YES_OR_NO = {"yes": _("Yes"), "no": _("No")}
COLUMN_KINDS = {
    FieldKind.STATUS: ColumnKind.CHOICE,
    FieldKind.REASON: ColumnKind.CHOICE,
    FieldKind.TEXT: ColumnKind.TEXT,
    FieldKind.LINE: ColumnKind.TEXT,
    FieldKind.ITEMS: ColumnKind.ITEMS,
    FieldKind.DATE: ColumnKind.DATE,
    FieldKind.LANGUAGE: ColumnKind.CHOICE,
    FieldKind.CODES: ColumnKind.YES,
    FieldKind.YES: ColumnKind.YES,
}


def _columns_of(field: AnswerField) -> Iterator[WorkbookColumn]:
    kind, choices = COLUMN_KINDS[field.kind], field.choices.choices if field.choices else ()
    if field.kind == FieldKind.CODES:
        for code, name in choices:
            yield WorkbookColumn(f"{field.name}.{code}", name, kind, field.workbook_width, YES_OR_NO)
        return
    words = YES_OR_NO if kind == ColumnKind.YES else dict(choices)
    header = field.workbook_label or field.label
    yield WorkbookColumn(field.name, header, kind, field.workbook_width, words, field.limit)


COLUMNS = tuple(
    column for field in sorted(FIELDS, key=lambda field: field.workbook_place) for column in _columns_of(field)
)
COLUMN_BY_KEY = {column.key: column for column in COLUMNS}
NOTICE = FIRST + len(COLUMNS)
# Translators: kind: kind of assistance.
ASSISTANCE = _("Assistance needed: %(kind)s")
TOO_LONG = _("This answer is too long for a cell. Change it on the site. Its row is not read.")
GUIDE = (
    # Translators: sheet: name of the sheet; address: of a page of the site.
    _("Complete the white cells of the sheet “%(sheet)s”. Save the workbook and upload it at %(address)s."),
    _("The site first shows what would change, row by row. Nothing changes until you confirm."),
    _("A cell that you leave as it is changes nothing, even if the answer was changed on the site."),
    _("If you clear a cell, that part of the answer becomes empty."),
    _("If the same part of an answer was also changed on the site, the site shows both changes and you choose."),
    _("Do not add columns, rename sheets or write formulas. Sheets that you add are not read."),
    # Translators: example: a date in the language's own form, such as 30 June 2027.
    _("Enter dates as %(example)s. Enter the items met by their labels, with a semicolon between them."),
    _("Evidence is not in the workbook. Cite it on the site. Evidence already cited stays cited."),
    _("Do not enter information that could identify a victim."),
)


@dataclass(frozen=True)
class Stamp:
    """Record what was written: for whom, when, and in which words.

    `begins`: the language of a new answer; `headers`: all, in their order; `words`: by column the code of each word to
    choose from; `rows`: by full label, None for a row that is not read.
    """

    state: str
    at: datetime
    sheet: str
    begins: str
    headers: list[str]
    words: dict[str, dict[str, str]]
    rows: dict[str, Stamped | None]

    def signed(self) -> str:
        return signing.dumps({**asdict(self), "at": self.at.isoformat(), "format": FORMAT}, salt=SALT, compress=True)

    @property
    def columns(self) -> list[WorkbookColumn]:
        """Return the columns that were written, in their order: columns added since are not in the workbook."""
        return [COLUMN_BY_KEY[key] for key in self.words]

    @property
    def first(self) -> int:
        """Return the place of the first column of the answer: a workbook from before short titles has one less."""
        return len(self.headers) - len(self.columns) - 1

    @classmethod
    def of(cls, signed: str) -> "Stamp | None":
        """Return None where it was not signed here, or has another format."""
        try:
            values = signing.loads(signed, salt=SALT)
        except signing.BadSignature:
            return None
        if values.pop("format") != FORMAT or not values["words"].keys() <= COLUMN_BY_KEY.keys():
            return None
        return cls(**{**values, "at": datetime.fromisoformat(values["at"])})


def body_of(labels: Iterable[str]) -> Body | None:
    """Return the body of the units by their full labels; None for the first body."""
    slug = next(iter(labels), "").rpartition("/")[0]
    return Body.objects.filter(slug=slug).first() if slug else None


def rows_to_fill(
    respondent: Respondent,
    reader: User,
    to_clarify: Iterable[int] = (),
    body: Body | None = None,
    *,
    with_answers: bool = True,
) -> UnitRows:
    """Return the units of a body (the first if None) on which the user may save an answer now."""
    may_be_saved = respondent.units_open()
    if not can_answer_all(reader, respondent):
        may_be_saved = may_be_saved.filter(pk__in=reader.units_assigned(respondent.pk, is_written=True))
    keys = set(may_be_saved.values_list("pk", flat=True))
    to_answer, others = unit_rows(respondent, reader, set(to_clarify), body, with_answers=with_answers)
    return UnitRows([row for row in to_answer if row.unit.pk in keys], [row for row in others if row.unit.pk in keys])


def adopted(unit: Recommendation) -> str:
    items = [f"{item.marker} {item.text}" for item in unit.unit_items]
    return "\n".join([*(chapeau.text for chapeau in unit.chapeaux), unit.text, *items])


def _value(column: WorkbookColumn, values: Mapping) -> Value:
    name, _dot, kind = column.key.partition(".")
    value = values[name]
    match column.kind:
        case ColumnKind.YES:
            return kind in value if kind else value
        case ColumnKind.ITEMS:
            return sorted(value)
        case ColumnKind.DATE:
            return value.isoformat() if value else ""
    return clean_lines(value)


def column_name(column: WorkbookColumn) -> str:
    is_assistance = column.key.startswith("assistance_kinds.")
    return ASSISTANCE % {"kind": column.header} if is_assistance else str(column.header)


def headers() -> list[str]:
    return [
        gettext("Label"),
        gettext("Short title"),
        # Translators: Heading of a column: text of the recommendation as adopted by the Conference or the Working
        # Group.
        gettext("Adopted text"),
        *map(column_name, COLUMNS),
        # Translators: Head of a column of the workbook.
        gettext("Notice"),
    ]


def workbook(respondent: Respondent, reader: User, rows: list[UnitRow], address: str) -> bytes:
    """Write a row for each of `rows`, at least one. The guide names `address`, where it is uploaded."""
    file = BytesIO()
    begins = last_language(respondent, reader)
    written = {row.unit.full_label: as_written(row.revision, begins) for row in rows}
    stamp = _stamp(respondent, reader, rows, begins, written)
    with Workbook(file, {"in_memory": True}) as book:
        book.set_properties({"title": f"{respondent.name}: {stamp.sheet}"})
        sheet = book.add_worksheet(stamp.sheet)
        # Translators: Name of a sheet of the workbook: at most 31 characters, without [ ] : * ? / \.
        guide = book.add_worksheet(gettext("Instructions"))
        sentences = _guide(stamp, respondent, rows, address)
        write_statements(guide, sentences, book.add_format({"text_wrap": True}), GUIDE_WIDTH)
        guide.protect()
        hidden = book.add_worksheet(STAMP)
        _write_answers(book, sheet, stamp, rows, written, marks_ready=can_mark_ready(reader, respondent))
        _write_stamp(hidden, stamp)
        set_direction(book)
        hidden.very_hidden()
    return file.getvalue()


def _stamp(
    respondent: Respondent, reader: User, rows: list[UnitRow], begins: str, written: Mapping[str, Flat]
) -> Stamp:
    withdrawn = _withdrawn(reader, rows)
    return Stamp(
        state=respondent.code,
        at=timezone.now(),
        # Translators: Heading, column head or name of a sheet: the answers of a State.
        sheet=gettext("Answers"),
        begins=begins,
        headers=headers(),
        words={column.key: {str(word): code for code, word in column.choices.items()} for column in COLUMNS},
        rows={row.unit.full_label: _stamp_of_row(row, written[row.unit.full_label], withdrawn) for row in rows},
    )


def _stamp_of_row(row: UnitRow, written: Flat, withdrawn: Mapping[int, int]) -> Stamped | None:
    if _is_too_long(row.unit, written):
        return None
    if row.revision is None:
        return 0, "", None, digest_value(written)
    return row.revision.number, row.revision.digest, withdrawn.get(row.revision.pk), digest_value(written)


def as_written(revision: Revision | None, language: str) -> Flat:
    """Return the values of an answer, or of a new one in this language."""
    values = (revision or Revision(status="", language=language)).answer_values
    return {column.key: _value(column, values) for column in COLUMNS}


def _withdrawn(reader: User, rows: list[UnitRow]) -> dict[int, int]:
    current = {row.revision.pk: row.revision for row in rows if row.revision}
    cited = Citation.objects.visible_to(reader).filter(revision__in=current, withdrawal__isnull=False)
    pairs = [(pk, revision.withdrawal_id) for pk, revision in current.items() if revision.withdrawal_id]
    last: dict[int, int] = {}
    for pk, withdrawal in [*pairs, *cited.order_by().values_list("revision", "withdrawal")]:
        last[pk] = max(withdrawal, last.get(pk, 0))
    return last


def _is_too_long(unit: Recommendation, written: Flat) -> bool:
    texts = [adopted(unit), *(value for value in written.values() if isinstance(value, str))]
    return any(len(text.encode("utf-16-le")) // 2 > CELL_LIMIT for text in texts)


def _guide(stamp: Stamp, respondent: Respondent, rows: list[UnitRow], address: str) -> list[str]:
    values = {"sheet": stamp.sheet, "address": address, "example": day_in_words(EXAMPLE)}
    at = date_format(stamp.at, "DATETIME_FORMAT")
    return [
        f"{respondent.name} ({respondent.code})",
        # Translators: at: date and time.
        gettext("Downloaded on %(at)s UTC, with the answers at that time.") % {"at": at},
        *(sentence % values for sentence in GUIDE),
        *all_statements([row.unit for row in rows], statements_for(respondent)),
    ]


def _write_answers(
    book: Workbook,
    sheet: Worksheet,
    stamp: Stamp,
    rows: list[UnitRow],
    written: Mapping[str, Flat],
    *,
    marks_ready: bool,
) -> None:
    look = {"text_wrap": True, "valign": "top", "border": 1, "border_color": "#b8c4ce"}
    heads = book.add_format(look | {"bold": True, "bg_color": "#dce6ef"})
    locked = book.add_format(look | {"bg_color": "#eef1f4"})
    law = book.add_format(look | {"bg_color": "#eef1f4", "font_name": "Georgia", "reading_order": 1})
    text = book.add_format(look | {"locked": False, "num_format": "@"})
    day = book.add_format(look | {"locked": False, "num_format": "d mmmm yyyy", "align": "left"})
    for place, header in enumerate(stamp.headers):
        sheet.write_string(0, place, header, heads)
    for number, row in enumerate(rows, start=1):
        is_read = stamp.rows[row.unit.full_label] is not None
        sheet.write_string(number, LABEL, row.unit.full_label, locked)
        sheet.write_string(number, TITLE, row.unit.title, locked)
        sheet.write_string(number, TEXT, adopted(row.unit)[: CELL_LIMIT // 2], law)
        for place, column in enumerate(COLUMNS, start=FIRST):
            open_ = day if column.kind == ColumnKind.DATE else text
            is_open = is_read and (column.kind != ColumnKind.ITEMS or row.unit.kind == NodeKind.CHAPEAU)
            is_open = is_open and (column.key != READY or marks_ready)
            value = written[row.unit.full_label][column.key] if is_read else ""
            _write_value(sheet, number, place, column, value, open_ if is_open else locked)
        sheet.write_string(number, NOTICE, "" if is_read else str(TOO_LONG), locked)
    for place, (column, words) in enumerate(zip(COLUMNS, stamp.words.values(), strict=True), start=FIRST):
        sheet.set_column(place, place, column.width)
        sheet.data_validation(1, place, len(rows), place, _cell_check(column, place, len(words)))
    sheet.set_column(LABEL, LABEL, 12)
    sheet.set_column(TITLE, TITLE, 24)
    sheet.set_column(TEXT, TEXT, 60)
    sheet.set_column(NOTICE, NOTICE, 30)
    set_table(sheet, len(rows), len(stamp.headers), names=TEXT)
    sheet.protect("", {"format_columns": True, "format_rows": True, "autofilter": True})


def _write_value(sheet: Worksheet, row: int, place: int, column: WorkbookColumn, value: Value, cell_format) -> None:
    if not value:
        sheet.write_blank(row, place, None, cell_format)
    elif column.kind == ColumnKind.DATE:
        sheet.write_datetime(row, place, date.fromisoformat(str(value)), cell_format)
    else:
        sheet.write_string(row, place, _in_words(column, value), cell_format)


def _in_words(column: WorkbookColumn, value: Value) -> str:
    if isinstance(value, list):
        return "; ".join(value)
    if isinstance(value, bool):
        return str(column.choices["yes"])
    return str(column.choices.get(value, value))


def _cell_check(column: WorkbookColumn, place: int, words: int) -> dict:
    match column.kind:
        case ColumnKind.CHOICE | ColumnKind.YES:
            first, last = (xl_rowcol_to_cell(row, place, row_abs=True, col_abs=True) for row in (0, words - 1))
            return {
                "validate": "list",
                "source": f"={STAMP}!{first}:{last}",
                "error_title": gettext("Not in the list"),
                "error_message": gettext("Choose from the list."),
            }
        case ColumnKind.DATE:
            return {
                "validate": "date",
                "criteria": "between",
                "minimum": EARLIEST,
                "maximum": LATEST,
                "error_title": gettext("Not a date"),
                "error_message": gettext("Enter a date between 1945 and 2100."),
            }
    return {
        "validate": "length",
        "criteria": "<=",
        "value": column.limit,
        # Translators: Title of an error in the spreadsheet: at most 32 characters.
        "error_title": gettext("Too long"),
        # Translators: Error in the spreadsheet. limit: a number, at least 100.
        "error_message": gettext("Enter at most %(limit)d characters.") % {"limit": column.limit},
    }


def _write_stamp(sheet: Worksheet, stamp: Stamp) -> None:
    for number, piece in enumerate(batched(stamp.signed(), PIECE, strict=False)):
        sheet.write_string(number, 0, "".join(piece))
    for place, words in enumerate(stamp.words.values(), start=FIRST):
        for number, word in enumerate(words):
            sheet.write_string(number, place, word)
    sheet.protect()

"""Read an offline workbook: check that it is ours and whose, and find the cells that were changed."""

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from xlsxwriter.utility import xl_col_to_name

from recommendations.error_messages import CHOOSE_FROM, SAME_LABEL
from recommendations.forms import DayField
from recommendations.lists import format_phrases
from recommendations.models import Recommendation
from tracker.actions.workbook import ELSEWHERE, Revisions, is_text_changed, revisions_of, with_changes
from tracker.documents.exchange.spreadsheet_reader import Cell, WorkbookFile, open_workbook
from tracker.documents.exchange.uploads import clean_lines
from tracker.documents.exchange.workbook import (
    LABEL,
    STAMP,
    ColumnKind,
    Flat,
    Stamp,
    Stamped,
    Value,
    WorkbookColumn,
    adopted,
    as_written,
    body_of,
    rows_to_fill,
)
from tracker.forms.shared import ReturnedFileForm
from tracker.models import Revision
from tracker.models.answer_rules import answer_errors
from tracker.models.combination import NO_ANSWER, READY
from tracker.models.digest import digest_value
from tracker.models.record import NOT_RECEIVED, ReceivedDetails, answer_of
from tracker.permissions import can_mark_ready

FIRST_DAY = date(1899, 12, 30)  # from which spreadsheets count days
DAYS = range(1, 2_958_466)
BETWEEN_ITEMS = re.compile("[;,\n]")
# Without these fields an error of a field is not certain.
NEEDED_TO_CHECK = {
    "reason_code": {"status"},
    "reasons": {"status", "reason_code"},
    "good_practice_shared": {"good_practice"},
}

NOT_OURS = _(
    "This workbook was not downloaded from this site, or its hidden sheet was removed or changed. Download it again."
)
OTHER_TEXT = _(
    "The adopted text does not match its label: rows were mixed up, or the text was changed. "
    "Download the workbook again."
)
ROW_NOT_OPEN = _(
    "You cannot edit this answer: it is not requested, not assigned to you, or already sent to the focal point. "
    "Restore the cells of the row, or unprotect the sheet and delete the row."
)
OF_ANOTHER_DESK = _(
    "This workbook was downloaded for another State. Nothing was read. Choose a workbook that your team downloaded."
)
NOT_MARKED = _(
    "Only a focal point can mark an answer ready. Restore the cell as it was when you downloaded the workbook."
)


class CellError(NamedTuple):
    """Name a cell and why it cannot be used. `row`: as a spreadsheet counts; `column`: its letters and its header."""

    sheet: str
    row: int
    column: str
    message: str


class WorkbookLine(NamedTuple):
    """Hold a row of the sheet. `number`: as a spreadsheet counts; `stamped`: what the stamp has on it."""

    number: int
    label: str
    cells: list[Cell]
    stamped: Stamped


class WorkbookForm(ReturnedFileForm):
    """Read the `stamp` of a workbook and the `rows` that differ from the download; `problems` are its errors."""

    stamp: Stamp

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.rows: list[dict] = []
        self.problems: list[CellError] = []

    def clean_upload(self):
        spreadsheet = open_workbook(self.cleaned_data["upload"])
        self.stamp = stamp = stamp_in(spreadsheet)
        if stamp.state != self.desk.code:
            raise ValidationError(OF_ANOTHER_DESK)
        if stamp.sheet not in spreadsheet.sheets:
            raise ValidationError(
                _(
                    # Translators: sheet: name of a sheet.
                    "There is no sheet “%(sheet)s” in this workbook. Restore the name of the sheet and upload the "
                    "workbook again."
                ),
                params={"sheet": stamp.sheet},
            )
        lines = spreadsheet.cells(stamp.sheet)
        self.problems = [*column_errors(stamp, lines), *_cell_errors(stamp, spreadsheet)]
        if headers_of(lines)[: len(stamp.headers)] == stamp.headers:
            self._read(lines, set(spreadsheet.formulas[stamp.sheet]))
        self.problems.sort(key=lambda problem: problem.row)
        if self.problems:
            raise ValidationError(
                _(
                    "Some cells cannot be used and nothing was changed. Correct the cells listed below and upload "
                    "the workbook again."
                )
            )

    def received(self) -> ReceivedDetails:
        """Return nothing where no institution is named: the team itself completed the workbook."""
        received = super().received()
        return received if received.institution else NOT_RECEIVED

    def _read(self, lines: list[list[Cell]], formulas: Collection[tuple[int, int]]) -> None:
        """Collect the rows that differ, and every error. `formulas`: the cells, from 0, that were named already."""
        asked, others = rows_to_fill(self.desk, self.user, body=body_of(self.stamp.rows))
        units = {row.unit.full_label: row.unit for row in (*asked, *others)}
        changed = list(self._changed_lines(lines, units, formulas))
        if not changed:
            return
        digests = [line.stamped[1] for line, _row in changed]
        found = revisions_of(self.desk, self.user, [line.label for line, _row in changed], digests)
        for line, row in changed:
            self._compare(line, units[line.label], row, found)

    def _changed_lines(
        self, lines: list[list[Cell]], units: dict[str, Recommendation], formulas: Collection[tuple[int, int]]
    ) -> Iterator[tuple[WorkbookLine, Flat]]:
        """Yield the rows that differ from the download, without the cells that cannot be read; collect the errors."""
        labels = set()
        for number, cells in enumerate(lines[1:], start=2):
            if all(cell == "" for cell in cells):
                continue
            label = clean_lines(as_text(cells[LABEL]))
            if label not in self.stamp.rows:
                self._add_problem(
                    number,
                    LABEL,
                    _("This row was not in the workbook when it was downloaded. Correct the label or delete the row."),
                )
            elif label in labels:
                self._add_problem(number, LABEL, SAME_LABEL)
            elif stamped := self.stamp.rows[label]:
                line = WorkbookLine(number, label, cells, stamped)
                if (row := self._changed(line, units.get(label), formulas)) is not None:
                    yield line, row
            labels.add(label)

    def _changed(
        self, line: WorkbookLine, unit: Recommendation | None, formulas: Collection[tuple[int, int]]
    ) -> Flat | None:
        """Return the values of a row that can be read; None where none is changed, or the row is not of its text."""
        stamp = self.stamp
        row: Flat = {}
        problems: list[tuple[int, str | Promise]] = []
        for place, column in enumerate(stamp.columns, start=stamp.first):
            if (line.number - 1, place) in formulas:
                continue
            try:
                row[column.key] = value_of(column, line.cells[place], stamp.words[column.key])
            except ValidationError as error:
                problems.append((place, error.messages[0]))
        if len(row) == len(stamp.columns) and digest_value(row) == line.stamped[3]:
            return None
        is_of_its_text = False
        if unit is None:
            problems = [(LABEL, ROW_NOT_OPEN)]
        elif not self._has_text_of(unit, line):
            problems = [(stamp.first - 1, OTHER_TEXT)]
        else:
            is_of_its_text = True
        for place, message in problems:
            self._add_problem(line.number, place, message)
        return row if is_of_its_text else None

    def _has_text_of(self, unit: Recommendation, line: WorkbookLine) -> bool:
        """Return whether the row has the adopted text of the unit. After a change of this text any text is accepted."""
        typed = clean_lines(as_text(line.cells[self.stamp.first - 1]))
        return typed == clean_lines(adopted(unit)) or is_text_changed(unit, self.stamp.at)

    def _compare(self, line: WorkbookLine, unit: Recommendation, row: Flat, found: Revisions) -> None:
        stamp = self.stamp
        number, digest, withdrawn, _digest = line.stamped
        before = found.by_digest.get(digest)
        if digest and before is None:
            self._add_problem(line.number, LABEL, ELSEWHERE)
            return
        left_out = _withdrawn_since(before, withdrawn)
        written = as_written(before, stamp.begins)
        changes = {key: value for key, value in row.items() if value != written[key] and key not in left_out}
        if not changes:
            return
        if before is None and "language" in row:
            changes["language"] = row["language"]
        answer = with_changes(answer_of(before) if before else NO_ANSWER, changes)
        columns = reversed(list(enumerate(stamp.columns, stamp.first)))
        places = {column.key.partition(".")[0]: place for place, column in columns}
        unread = {column.key.partition(".")[0] for column in stamp.columns if column.key not in row}
        if READY in changes and not can_mark_ready(self.user, self.desk):
            self._add_problem(line.number, places[READY], NOT_MARKED)
        for name, problems in answer_errors(unit, answer).items():
            if unread & {name, *NEEDED_TO_CHECK.get(name, ())}:
                continue
            for message in ValidationError(problems).messages:
                self._add_problem(line.number, places.get(name, LABEL), message)
        self.rows.append(
            {
                "label": line.label,
                "row": line.number,
                "number": number,
                "digest": digest,
                "withdrawn": withdrawn,
                "changes": changes,
                "left_out": left_out,
            }
        )

    def _add_problem(self, number: int, place: int, message) -> None:
        column = f"{xl_col_to_name(place)}, {self.stamp.headers[place]}"
        self.problems.append(CellError(self.stamp.sheet, number, column, str(message)))


def headers_of(lines: list[list[Cell]]) -> list[str]:
    return [clean_lines(as_text(cell)) for cell in (lines[0] if lines else [])]


def stamp_in(spreadsheet: WorkbookFile) -> Stamp:
    if STAMP not in spreadsheet.sheets:
        raise ValidationError(NOT_OURS)
    signed = "".join(as_text(cells[0]) for cells in spreadsheet.cells(STAMP) if cells)
    stamp = Stamp.of(signed)
    if stamp is None:
        raise ValidationError(NOT_OURS)
    return stamp


def column_errors(stamp: Stamp, lines: list[list[Cell]]) -> Iterator[CellError]:
    """Find the first column that is not of the download, or else the first cell of each column outside it."""
    found = headers_of(lines)
    for place, header in enumerate(stamp.headers):
        if found[place : place + 1] != [header]:
            # Translators: header: head of a column.
            message = _("This column must be “%(header)s”. Restore the original columns: do not add or remove any.")
            yield CellError(stamp.sheet, 1, xl_col_to_name(place), message % {"header": header})
            return
    outside = set()
    for number, cells in enumerate(lines, start=1):
        for place, cell in enumerate(cells[len(stamp.headers) :], start=len(stamp.headers)):
            if cell != "" and place not in outside:
                outside.add(place)
                message = _(
                    "This cell is outside the columns of the workbook. Clear it, or move its content to a sheet of "
                    "your own."
                )
                yield CellError(stamp.sheet, number, xl_col_to_name(place), str(message))


def _cell_errors(stamp: Stamp, spreadsheet: WorkbookFile) -> Iterator[CellError]:
    for row, place in spreadsheet.formulas[stamp.sheet]:
        header = f", {stamp.headers[place]}" if place < len(stamp.headers) else ""
        message = _("This is a formula. Replace the formula with its value.")
        yield CellError(stamp.sheet, row + 1, f"{xl_col_to_name(place)}{header}", str(message))


def _withdrawn_since(before: Revision | None, withdrawn: int | None) -> list[str]:
    """Return the fields from which words were removed after the download: the workbook may still have them."""
    if before is None or before.last_withdrawal() == withdrawn:
        return []
    return [name for name in Revision.withdrawable if before.is_withdrawn(name)]


def value_of(column: WorkbookColumn, cell: Cell, words: Mapping[str, str]) -> Value:
    """Read a cell, in whichever form a program saved it. Raises ValidationError."""
    match column.kind:
        case ColumnKind.CHOICE:
            return _code(as_text(cell), words)
        case ColumnKind.YES:
            return cell if isinstance(cell, bool) else _code(as_text(cell), words) == "yes"
        case ColumnKind.DATE:
            return _day(cell)
        case ColumnKind.ITEMS:
            return sorted(label for label in map(str.strip, BETWEEN_ITEMS.split(as_text(cell))) if label)
    return as_text(cell)


def as_text(cell: Cell) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date().isoformat()
    return clean_lines(str(cell))


def _code(typed: str, words: Mapping[str, str]) -> str:
    """Return the code of a word of the list, in any case; empty for an empty cell."""
    codes = {word.casefold(): code for word, code in words.items()} | {code: code for code in words.values()}
    if typed and typed.casefold() not in codes:
        raise ValidationError(CHOOSE_FROM, params={"words": format_phrases(words)})
    return codes[typed.casefold()] if typed else ""


def _day(cell: Cell) -> str:
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, int | float) and int(cell) in DAYS:
        return (FIRST_DAY + timedelta(days=int(cell))).isoformat()
    day = DayField(required=False).clean(as_text(cell))
    return day.isoformat() if day else ""

"""Read the cells of an uploaded workbook in a child process, after checks that come before unpacking.

Reading takes a bounded time and memory, runs nothing and requests nothing from the network.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path, PurePath
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files import File
from django.utils.translation import gettext_lazy as _

from recommendations.archives import DAMAGED
from recommendations.child import read_in_child
from recommendations.error_messages import check_size
from tracker.documents.exchange.uploads import OLD_OFFICE, WITH_MACROS, check_upload

type Cell = str | int | float | bool | date | datetime | time | timedelta

SIZE_LIMIT = 10 * 1024 * 1024  # bytes
CELL_READER = Path(__file__).with_name("cell_reader.py")
SECONDS = 20
MEMORY = 512 * 1024 * 1024  # bytes

WRONG_KIND = _("Choose the workbook that you downloaded from this site: a file with a name ending in .xlsx.")
TOO_LARGE = _(
    "This workbook has more content than this site accepts. Download a new workbook, fill it in and upload it."
)
TIED = _("This workbook has links to other files. Remove the links, or copy your answers into a new workbook.")
REFUSED = {10: TOO_LARGE, 11: TIED}  # by how the reader ends
DATES: dict[str, Callable[[Any], Cell]] = {
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
    "time": time.fromisoformat,
    "timedelta": lambda seconds: timedelta(seconds=seconds),
}


@dataclass
class WorkbookFile:
    """`sheets` are names in their order; `formulas` are the (row, column) of each by sheet, counted from 0.

    `rows` are those of each sheet in the form of `cell_reader.py`.
    """

    sheets: list[str]
    formulas: dict[str, list[tuple[int, int]]]
    rows: dict[str, bytes]

    def cells(self, sheet: str) -> list[list[Cell]]:
        """Return the rows of a sheet from its first row and column, all as long as the longest."""
        rows = json.loads(self.rows[sheet])
        if rows is None:
            raise ValidationError(DAMAGED)
        return [[_cell(value) for value in row] for row in rows]


def open_workbook(file: File) -> WorkbookFile:
    """Raise ValidationError, with advice, where the file cannot be read or is refused."""
    suffix = PurePath(file.name or "").suffix.lower()
    if suffix != ".xlsx" and suffix not in WITH_MACROS and suffix not in OLD_OFFICE:
        raise ValidationError(WRONG_KIND)
    check_size(file.size or 0, SIZE_LIMIT)
    check_upload(file)
    head, *rows = _read_lines(file)
    found = json.loads(head)
    formulas = {sheet: [(row, column) for row, column in places] for sheet, places in found["formulas"].items()}
    return WorkbookFile(found["sheets"], formulas, dict(zip(found["sheets"], rows, strict=True)))


def _read_lines(file: File) -> list[bytes]:
    status, lines = read_in_child(CELL_READER, file=file, seconds=SECONDS, memory=MEMORY)  # type: ignore[arg-type]
    if status is None or status < 0:  # too much time, memory or output
        raise ValidationError(TOO_LARGE)
    if status != 0:
        raise ValidationError(REFUSED.get(status, DAMAGED))
    return lines


def _cell(value: Any) -> Cell:
    return DATES[value[0]](value[1]) if isinstance(value, list) else value

"""Read a table that comes in, as CSV or JSON: its columns, its cells, and what is wrong with them."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from tablib import Dataset

from recommendations.error_messages import INVISIBLE, NEEDED_COLUMNS, UNKNOWN_COLUMN
from recommendations.formats import CSV, JSON
from recommendations.lists import format_list

NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
YES, NO = "yes", "no"


class CellProblem(NamedTuple):
    """`number` counts rows as a spreadsheet does: the heading is row 1. `label` names the row, as the file has it."""

    number: int
    label: str
    column: str
    problem: str


def read_table(content: bytes, *, is_json: bool) -> Dataset:
    """Raise FileFormatError for a file that is not of its format."""
    return (JSON if is_json else CSV)().create_dataset(content)


def list_column_problems(columns: Sequence, *, needed: Collection[str], known: Collection[str]) -> Iterator[str]:
    """Yield what is wrong with the heading: a column that is needed and not there, that is unknown, or there twice."""
    if not set(needed) <= set(columns):
        yield NEEDED_COLUMNS % {"columns": format_list(needed)}
    for column in dict.fromkeys(columns):
        if column not in known:
            yield UNKNOWN_COLUMN % {"column": ascii(column)[:100], "known": format_list(known)}
        elif columns.count(column) > 1:
            yield NEEDED_COLUMNS % {"columns": column}


def read_cell(cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return YES if cell else NO
    if isinstance(cell, int | float):
        return str(cell)
    if not isinstance(cell, str):
        raise ValueError("This cell must contain text.")
    if NOT_TEXT.search(cell):
        raise ValueError(str(INVISIBLE))
    return cell


def list_cell_problems(number: int, label: str, errors: Mapping[str, Iterable]) -> list[CellProblem]:
    """Return the problems of a row from its errors by column."""
    return [CellProblem(number, label, column, str(each)) for column, found in errors.items() for each in found]

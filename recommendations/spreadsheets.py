"""Mark text so that no spreadsheet takes it for a formula, with an apostrophe as spreadsheets do.

Not only the start of a cell is marked: a spreadsheet that splits by semicolons, as in many languages, does not know a
cell quoted between commas, and begins a new cell after a semicolon, a tab or a line break in it.
"""

import re
from collections.abc import Sequence

SIGNS = r"=+\-@\uff1d\uff0b\uff0d\uff20"  # and their full-width forms
BEGINS = re.compile(rf"'*[{SIGNS}\t\r\n]")
BEGINS_AGAIN = re.compile(rf"[\n\r\t;](?='*[{SIGNS}])")
MAY_BEGIN = re.compile(rf"[\n\r\t;](?='*[{SIGNS}\t\r\n])")
IS_MARKED = re.compile(rf"(?:\A(?='+[{SIGNS}\t\r\n])|(?<=[\n\r\t;])(?='+[{SIGNS}]))'")


def mark_cells(cells: Sequence[str | int]) -> Sequence[str | int]:
    """Mark the texts of a row or column, which are first checked together: most have none to mark."""
    texts = "\n".join(["", *[cell for cell in cells if cell and cell.__class__ is str]])
    if not MAY_BEGIN.search(texts):
        return cells
    return [mark_as_text(cell) if isinstance(cell, str) else cell for cell in cells]


def mark_as_text(cell: str) -> str:
    marked = f"'{cell}" if BEGINS.match(cell) else cell
    return BEGINS_AGAIN.sub(lambda separator: f"{separator[0]}'", marked)


def remove_mark(cell: str) -> str:
    return IS_MARKED.sub("", cell)

"""Text that no spreadsheet takes for a formula: an apostrophe stands before what would be one, as spreadsheets do it.

Not the beginning of a cell alone: a spreadsheet that splits by semicolons, as in many languages, does not know a quoted
cell by its comma, and begins a cell of its own after a semicolon, a tab or a line break within it.
"""

import re

SIGNS = r"=+\-@\uff1d\uff0b\uff0d\uff20"  # and their full-width forms
FORMULA = rf"(?:\A(?={{before}}'*[{SIGNS}\t\r\n])|(?<=[\n\r\t;])(?={{before}}'*[{SIGNS}]))"
BEGINS = re.compile(FORMULA.format(before=""))
IS_MARKED = re.compile(FORMULA.format(before="'") + "'")


def mark_as_text(cell: str) -> str:
    return BEGINS.sub("'", cell)


def remove_marks(cell: str) -> str:
    """The cell before it was marked."""
    return IS_MARKED.sub("", cell)

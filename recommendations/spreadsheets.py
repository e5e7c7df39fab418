"""Mark text so that no spreadsheet takes it for a formula, with an apostrophe as spreadsheets do.

Not only the start of a cell is marked: a spreadsheet that splits by semicolons, as in many languages, does not know a
cell quoted between commas, and begins a new cell after a semicolon, a tab or a line break in it.
"""

import re

SIGNS = r"=+\-@\uff1d\uff0b\uff0d\uff20"  # and their full-width forms
FORMULA = rf"(?:\A(?={{before}}'*[{SIGNS}\t\r\n])|(?<=[\n\r\t;])(?={{before}}'*[{SIGNS}]))"
BEGINS = re.compile(FORMULA.format(before=""))
IS_MARKED = re.compile(FORMULA.format(before="'") + "'")


def mark_as_text(cell: str) -> str:
    return BEGINS.sub("'", cell)


def remove_mark(cell: str) -> str:
    return IS_MARKED.sub("", cell)

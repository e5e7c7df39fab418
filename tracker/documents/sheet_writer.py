"""Write rows into the sheets of a workbook: also the program of a child process, without Django (`answers.py`).

XlsxWriter makes the workbook with the heads of its tables. It takes ten times as long for a cell, and reads a text
between <r> and </r> as XML.
"""

import html
import json
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import count, islice
from zipfile import ZIP_DEFLATED, ZipFile

from xlsxwriter.utility import xl_col_to_name

STRINGS = "xl/sharedStrings.xml"
DIMENSION = re.compile("<dimension [^>]*/>")  # not needed, and wrong after rows were added
COUNTS = re.compile(r' count="\d+" uniqueCount="\d+"')  # the same
COLUMN_FORMAT = re.compile(r'<col [^>]*style="(\d+)"')
CODED = re.compile(r"_(?=x[0-9a-fA-F]{4}_)")  # as a spreadsheet would read a character
PLAIN = re.compile(r"(?:[^\W_]|[ ,.;:()/+’“”–\n-]){0,9999}")  # most texts: short, and the same in XML

type Cells = Sequence[str | int]


def main() -> None:
    """Read a line with the parts of the workbook and the number of rows of each sheet, then the rows."""
    parts, sizes = json.loads(sys.stdin.buffer.readline())
    rows = read_rows(sys.stdin.buffer)
    tables = {number: islice(rows, size) for number, size in enumerate(sizes, start=1)}
    with ZipFile(sys.stdout.buffer, "w", ZIP_DEFLATED) as packed:
        for name, pieces in fill_sheets(parts, tables, html.escape):
            with packed.open(name, "w") as part:
                for piece in pieces:
                    part.write(piece.encode())


def read_rows(lines: Iterable[bytes]) -> Iterator[Cells]:
    """Read lines, each with a part of rows, as JSON, or with the numbers of the parts of one row."""
    parts: list[Cells] = []
    for line in lines:
        if line.startswith(b"["):
            parts.append(json.loads(line))
        else:
            yield [cell for number in line.split(b",") for cell in parts[int(number)]]


def fill_sheets(
    parts: dict[str, str], tables: Mapping[int, Iterable[Cells]], as_xml: Callable[[str], str]
) -> Iterator[tuple[str, Iterable[str]]]:
    """Write rows into sheets, by number from 1, below their heads and in the format of the columns.

    Yield the name and the pieces of each part; take all pieces of a part before the next.
    """
    strings = COUNTS.sub("", parts.pop(STRINGS)).removesuffix("</sst>")
    places = defaultdict[str, int](count(strings.count("<si>")).__next__)
    by_part = {f"xl/worksheets/sheet{number}.xml": rows for number, rows in tables.items()}
    for name, content in parts.items():
        yield name, _fill(content, by_part[name], places) if name in by_part else [content]
    xml = (text if PLAIN.fullmatch(text) else CODED.sub("_x005F_", as_xml(text)) for text in places)
    texts = (f'<si><t xml:space="preserve">{text}</t></si>' for text in xml)
    yield STRINGS, [strings, *texts, "</sst>"]


def _fill(content: str, rows: Iterable[Cells], places: Mapping[str, int]) -> Iterator[str]:
    start, mark, end = DIMENSION.sub("", content).partition("</sheetData>")
    found = COLUMN_FORMAT.search(start)
    attribute = f' s="{found[1]}"' if found else ""
    yield start
    columns: list[str] = []
    for number, cells in enumerate(rows, start=2):
        columns = columns or [f'<c r="{xl_col_to_name(place)}' for place in range(len(cells))]
        number_start, text_start = f'{number}"{attribute}><v>', f'{number}"{attribute} t="s"><v>'
        texts = [
            f"{column}{number_start}{cell}</v></c>"
            if cell.__class__ is int
            else f"{column}{text_start}{places[cell]}</v></c>"  # type: ignore[index]
            for column, cell in zip(columns, cells, strict=True)
            if cell != ""
        ]
        yield f'<row r="{number}">{"".join(texts)}</row>'
    yield mark + end


if __name__ == "__main__":
    main()

"""Write the cells of a workbook as JSON to standard output: the program of a child process, without Django.

A hostile workbook can take time and memory, or break the process, and nothing else. `spreadsheet_reader.py` starts it.
It ends with TOO_LARGE or TIED, or with READ after it wrote a line with the names and formulas of the sheets, and a line
with the rows of each: `null` where they cannot be read. A date or time is [its type, as text].
"""

import json
import re
import sys
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from io import BytesIO
from typing import Any
from xml.parsers import expat

from python_calamine import CalamineWorkbook, load_workbook

READ, TOO_LARGE, TIED = 0, 10, 11

UNPACKED_LIMIT = 32 * 1024 * 1024
ROWS, COLUMNS = 2_000, 100
PIECE = 64 * 1024

REFERENCE = re.compile("([A-Z]{1,3})([0-9]{1,7})")
FROM_ELSEWHERE = re.compile(r"(^|/)(externalLinks|queryTables|embeddings)/|(^|/)connections\.xml$", re.IGNORECASE)


class Refused(Exception):
    """The workbook is refused; the first argument is the exit status."""


@dataclass
class _Part:
    root: str = ""
    formulas: list[tuple[int, int]] = field(default_factory=list)
    listed: list[dict[str, str]] = field(default_factory=list)


def main() -> int:
    file = BytesIO(sys.stdin.buffer.read())
    try:
        parts = dict(_parts(file))
        names = _name_by_part(parts)
        formulas = {name: parts[path].formulas for path, name in names.items() if path in parts}
        _write({"sheets": list(names.values()), "formulas": formulas})
        file.seek(0)
        book = load_workbook(file)
        for name in names.values():
            _write(_read_rows(book, name))
    except Refused as refusal:
        return refusal.args[0]
    except MemoryError:
        return TOO_LARGE
    return READ


def _write(value: object) -> None:
    sys.stdout.write(json.dumps(value, default=_as_text) + "\n")


def _as_text(value: Any) -> list:
    return [type(value).__name__, value.total_seconds() if isinstance(value, timedelta) else value.isoformat()]


def _read_rows(book: CalamineWorkbook, sheet: str) -> list[list] | None:
    try:
        return book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException:  # a panic of calamine is no Exception
        return None


def _parts(file: BytesIO) -> Iterator[tuple[str, _Part]]:
    """Read every part to its end once, so that the declared size and checksum are right; yield what matters of XML."""
    with zipfile.ZipFile(file) as archive:
        members = archive.infolist()
        if sum(member.file_size for member in members) > UNPACKED_LIMIT:
            raise Refused(TOO_LARGE)
        if any(FROM_ELSEWHERE.search(member.filename) for member in members):
            raise Refused(TIED)
        for member in members:
            with archive.open(member) as stream:
                pieces = iter(lambda stream=stream: stream.read(PIECE), b"")
                if member.filename.lower().endswith((".xml", ".rels")):
                    yield member.filename, _check_part(pieces)
                else:
                    for _piece in pieces:
                        pass


def _check_part(pieces: Iterator[bytes]) -> _Part:
    part, parser = _Part(), expat.ParserCreate(namespace_separator=" ")
    followers: dict[str, Callable[[Any, _Part], None]] = {
        "worksheet": _find_formulas,
        "workbook": partial(_list, element="sheet"),
        "Relationships": partial(_list, element="Relationship"),
    }

    def start(name: str, attributes: dict[str, str]) -> None:
        part.root = _plain_name(name)
        parser.StartElementHandler = None
        if part.root in followers:
            followers[part.root](parser, part)

    parser.StartDoctypeDeclHandler = _refuse_document
    parser.StartElementHandler = start
    for piece in pieces:
        parser.Parse(piece, False)
    parser.Parse(b"", True)
    return part


def _refuse_document(*_declared) -> None:
    raise ValueError("a document type")


def _find_formulas(parser, part: _Part) -> None:
    """Note where formulas are, no further than a workbook of this site reaches."""
    row, column, count = -1, -1, 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal row, column, count
        match _plain_name(name):
            case "row":
                row, column = int(attributes.get("r", row + 2)) - 1, -1
            case "c":
                row, column = _place(attributes["r"]) if "r" in attributes else (row, column + 1)
                count += 1
                if row >= ROWS or column >= COLUMNS or count > ROWS * COLUMNS:
                    raise Refused(TOO_LARGE)
            case "f":
                part.formulas.append((row, column))

    parser.StartElementHandler = start


def _list(parser, part: _Part, element: str) -> None:
    def start(name: str, attributes: dict[str, str]) -> None:
        if _plain_name(name) == element:
            part.listed.append({_plain_name(key): value for key, value in attributes.items()})

    parser.StartElementHandler = start


def _plain_name(name: str) -> str:
    return name.rpartition(" ")[2]


def _place(reference: str) -> tuple[int, int]:
    """Return (row, column) of `C7`, counted from 0."""
    found = REFERENCE.fullmatch(reference)
    if not found:
        raise ValueError(reference)
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(found[2]) - 1, column - 1


def _name_by_part(parts: dict[str, _Part]) -> dict[str, str]:
    related = parts.get("xl/_rels/workbook.xml.rels", _Part()).listed
    paths = defaultdict(str, {each.get("Id", ""): _part_name(each.get("Target", "")) for each in related})
    listed = parts.get("xl/workbook.xml", _Part()).listed
    return {paths[each.get("id", "")]: each.get("name", "") for each in listed}


def _part_name(target: str) -> str:
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


if __name__ == "__main__":
    sys.exit(main())

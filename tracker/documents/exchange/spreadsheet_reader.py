"""Read the cells of an uploaded workbook, after checks that come before unpacking.

Reading takes a bounded time and memory, runs nothing and requests nothing from the network.
"""

import re
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import partial
from pathlib import PurePath
from typing import Any
from xml.parsers import expat

from django.core.exceptions import ValidationError
from django.core.files import File
from django.utils.translation import gettext_lazy as _
from python_calamine import load_workbook

from recommendations.archives import DAMAGED, UNREADABLE
from tracker.documents.exchange.uploads import OLD_OFFICE, WITH_MACROS, check_upload

type Cell = str | int | float | bool | date | datetime | time | timedelta

SIZE_LIMIT = 10 * 1024 * 1024  # bytes
UNPACKED_LIMIT = 32 * 1024 * 1024
ROWS, COLUMNS = 2_000, 100
PIECE = 64 * 1024

REFERENCE = re.compile("([A-Z]{1,3})([0-9]{1,7})")
FROM_ELSEWHERE = re.compile(r"(^|/)(externalLinks|queryTables|embeddings)/|(^|/)connections\.xml$", re.IGNORECASE)

WRONG_KIND = _("Choose the workbook that you downloaded from this site: a file with a name ending in .xlsx.")
TOO_LARGE = _(
    "This workbook has more content than this site accepts. Download a new workbook, fill it in and upload it."
)
TIED = _("This workbook has links to other files. Remove the links, or copy your answers into a new workbook.")


@dataclass
class WorkbookFile:
    """`sheets` are names in their order; `formulas` are the (row, column) of each by sheet, counted from 0."""

    file: File
    sheets: list[str]
    formulas: dict[str, list[tuple[int, int]]]

    def cells(self, sheet: str) -> list[list[Cell]]:
        """Return the rows of a sheet from its first row and column, all as long as the longest."""
        return _read_cells(self.file, sheet)


@dataclass
class _Part:
    root: str = ""
    formulas: list[tuple[int, int]] = field(default_factory=list)
    listed: list[dict[str, str]] = field(default_factory=list)


def open_workbook(file: File) -> WorkbookFile:
    """Raise ValidationError, with advice, where the file cannot be read or is refused."""
    suffix = PurePath(file.name or "").suffix.lower()
    if suffix != ".xlsx" and suffix not in WITH_MACROS and suffix not in OLD_OFFICE:
        raise ValidationError(WRONG_KIND)
    if (file.size or 0) > SIZE_LIMIT:
        raise ValidationError(TOO_LARGE)
    check_upload(file)
    try:
        parts = dict(_parts(file))
    except (*UNREADABLE, expat.ExpatError) as error:
        raise ValidationError(DAMAGED) from error
    names = _name_by_part(parts)
    formulas = {name: parts[path].formulas for path, name in names.items() if path in parts}
    return WorkbookFile(file, list(names.values()), formulas)


def _read_cells(file: File, sheet: str) -> list[list[Cell]]:
    file.seek(0)
    try:
        return load_workbook(file).get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a panic of calamine is no Exception
        raise ValidationError(DAMAGED) from error


def _parts(file: File) -> Iterator[tuple[str, _Part]]:
    """Read every part to its end once, so that the declared size and checksum are right; yield what matters of XML."""
    file.seek(0)
    with zipfile.ZipFile(file) as archive:
        members = archive.infolist()
        if sum(member.file_size for member in members) > UNPACKED_LIMIT:
            raise ValidationError(TOO_LARGE)
        if any(FROM_ELSEWHERE.search(member.filename) for member in members):
            raise ValidationError(TIED)
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
    raise ValidationError(DAMAGED)


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
                    raise ValidationError(TOO_LARGE)
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

"""A hundred workbooks that nobody should have sent, made from one that is good."""

import io
import json
import os
import re
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

from django.core.exceptions import ValidationError

from tests.documents import DOCUMENTS, OLE, packed, parts_of
from tests.workbooks import ANSWERS, as_upload
from tracker.documents.exchange.spreadsheet_reader import open_workbook
from tracker.forms.workbook import column_errors, stamp_in

DTD = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
LAUGHS = f"<!DOCTYPE x [<!ENTITY a0 'ha'>{''.join(f"<!ENTITY a{n + 1} '{f'&a{n};' * 10}'>" for n in range(9))}]>"
SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%s</sheetData></worksheet>'
)
XML_PARTS = (
    "xl/workbook.xml",
    "xl/sharedStrings.xml",
    "xl/styles.xml",
    ANSWERS,
    "[Content_Types].xml",
    "xl/_rels/workbook.xml.rels",
)

type Broken = tuple[str, str, bytes]  # what is wrong, the name of the file, its bytes


def broken(good: bytes) -> Iterator[Broken]:
    for wrong, content in (
        *_truncated(good),
        *_flipped(good),
        *_bombs(good),
        *_too_large(good),
        *_declaring(good),
        *_damaged_parts(good),
        *_tied(good),
    ):
        yield wrong, "XAA-workbook.xlsx", content
    yield from _something_else(good)


def _truncated(good: bytes) -> Iterator[tuple[str, bytes]]:
    for tenth in range(25):
        yield f"truncated at {tenth}/25", good[: len(good) * tenth // 25]
    yield "without its last byte of the directory", good[:-23]
    yield "without its beginning", good[100:]


def _flipped(good: bytes) -> Iterator[tuple[str, bytes]]:
    """A byte changed in what is packed: sums do not hold any more."""
    with zipfile.ZipFile(io.BytesIO(good)) as archive:
        members = [member for member in archive.infolist() if member.compress_size > 60]
    for member in members[:8]:
        at = member.header_offset + 30 + len(member.filename) + member.compress_size // 2
        yield f"a byte changed in {member.filename}", good[:at] + bytes([good[at] ^ 0xFF]) + good[at + 1 :]


def _bombs(good: bytes) -> Iterator[tuple[str, bytes]]:
    yield "a bomb", packed(parts_of(good) | {"xl/media/bomb.bin": bytes(300_000_000)})
    yield "a bomb in a sheet", packed(parts_of(good) | {ANSWERS: SHEET % (" " * 100_000_000)})
    yield "a bomb that lies", _lying(packed(parts_of(good) | {ANSWERS: SHEET % (" " * 100_000_000)}))
    yield "many parts", packed(parts_of(good) | {f"xl/media/{n}.xml": "<a/>" for n in range(3000)})
    yield (
        "a bomb of shared strings",
        packed(parts_of(good) | {"xl/sharedStrings.xml": f"<sst>{'<si><t>a</t></si>' * 2_500_000}</sst>"}),
    )


def most(good: bytes) -> bytes:
    """As much as may be unpacked, in texts, of a file that is not too large itself."""
    texts = "".join(f"<si><t>{os.urandom(10).hex() * 2}</t></si>" for _ in range(500_000))
    return packed(
        parts_of(good) | {"xl/sharedStrings.xml": f"<sst>{texts[:31_000_000].rpartition('<si>')[0]}</sst>"}, level=6
    )


def _lying(content: bytes) -> bytes:
    """Every part says that it has 1,000 bytes, in the directory and before the part."""
    content = bytearray(content)
    with zipfile.ZipFile(io.BytesIO(bytes(content))) as archive:
        for member in archive.infolist():
            at = member.header_offset
            content[at + 22 : at + 26] = (1000).to_bytes(4, "little")
    at = content.find(b"PK\x01\x02")
    while at >= 0:
        content[at + 24 : at + 28] = (1000).to_bytes(4, "little")
        at = content.find(b"PK\x01\x02", at + 4)
    return bytes(content)


def _too_large(good: bytes) -> Iterator[tuple[str, bytes]]:
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>1</v></c></row>' for n in range(1, 1_000_001))
    places = {
        "a far cell": '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        "a far column": '<row r="2"><c r="XFD2"><v>1</v></c></row>',
        "a far row": '<row r="1048576"><c r="A1048576"><v>1</v></c></row>',
        "1,000,000 rows": rows,
        "100,000 rows": rows[:4_000_000].rpartition("<row")[0],
        "100,000 rows that are not numbered": "<row><c><v>1</v></c></row>" * 100_000,
        "10,000 columns that are not numbered": f"<row>{'<c><v>1</v></c>' * 10_000}</row>",
        "a cell again and again": f'<row r="1">{'<c r="A1"><v>1</v></c>' * 300_000}</row>',
        "no place at all": '<row r="1"><c r="??"><v>1</v></c></row>',
        "a row without a number": '<row r="one"><c r="A1"><v>1</v></c></row>',
        "a row of a number beyond all": '<row r="99999999999999999999999"><c><v>1</v></c></row>',
        "a column of many letters": '<row r="1"><c r="AAAAAAAAAA1"><v>1</v></c></row>',
    }
    for wrong, data in places.items():
        yield wrong, packed(parts_of(good) | {ANSWERS: SHEET % data})
    yield "1,000,000 rows in a sheet that is added", packed(parts_of(good) | {"xl/worksheets/sheet9.xml": SHEET % rows})
    yield "too many bytes", packed(parts_of(good) | {"xl/media/a.bin": os.urandom(10_500_000)})


def _declaring(good: bytes) -> Iterator[tuple[str, bytes]]:
    for name in XML_PARTS:
        for kind, declared in (("an external entity", DTD), ("a million laughs", LAUGHS)):
            body = parts_of(good)[name].decode().partition("?>")[2]
            yield f"{kind} in {name}", packed(parts_of(good) | {name: f'<?xml version="1.0"?>{declared}{body}'})
    body = parts_of(good)[ANSWERS].decode().partition("?>")[2]
    hidden = f'<?xml version="1.0" encoding="UTF-16"?>{DTD}{body}'.encode("utf-16")
    yield "an external entity in UTF-16", packed(parts_of(good) | {ANSWERS: hidden})
    yield "an external DTD", packed(parts_of(good) | {ANSWERS: f'<!DOCTYPE x SYSTEM "http://127.0.0.1/x.dtd">{body}'})


def _damaged_parts(good: bytes) -> Iterator[tuple[str, bytes]]:
    parts = parts_of(good)
    for name in XML_PARTS:
        yield f"{name} cut", packed(parts | {name: parts[name][: len(parts[name]) // 2]})
        yield f"{name} that is no XML", packed(parts | {name: b"\x00\x01 not xml"})
    for name in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels", "[Content_Types].xml"):
        yield f"without {name}", packed({other: part for other, part in parts.items() if other != name})
    yield "without the sheet", packed({name: part for name, part in parts.items() if name != ANSWERS})
    yield "an element in an element, 200,000 times", packed(parts | {ANSWERS: "<a>" * 200_000})
    yield (
        "a text that is not there",
        packed(parts | {ANSWERS: SHEET % '<row r="1"><c r="A1" t="s"><v>99999999</v></c></row>'}),
    )
    yield "a text of no number", packed(parts | {ANSWERS: SHEET % '<row r="1"><c r="A1" t="s"><v>x</v></c></row>'})
    yield "a number that is none", packed(parts | {ANSWERS: SHEET % '<row r="1"><c r="A1"><v>one</v></c></row>'})


def _tied(good: bytes) -> Iterator[tuple[str, bytes]]:
    parts = parts_of(good)
    for name in ("xl/externalLinks/externalLink1.xml", "xl/connections.xml", "xl/queryTables/queryTable1.xml"):
        yield f"with {name}", packed(parts | {name: "<a/>"})
    for name in ("xl/vbaProject.bin", "xl/macrosheets/sheet1.xml", "xl/activeX/activeX1.bin", "xl/embeddings/a.bin"):
        yield f"with {name}", packed(parts | {name: OLE})
    types = parts["[Content_Types].xml"].decode().replace("spreadsheetml.sheet.main", "sheet.macroEnabled.main")
    yield "of the kind with macros", packed(parts | {"[Content_Types].xml": types})


def _something_else(good: bytes) -> Iterator[Broken]:
    for suffix, content in DOCUMENTS.items():
        data = content.encode() if isinstance(content, str) else content
        if suffix != ".xlsx":
            yield f"a {suffix} by its own name", f"a{suffix}", data
        yield f"a {suffix} renamed", "XAA-workbook.xlsx", data
    for name in ("a.xlsm", "a.xls", "a.xlsb", "a", "a.csv", ".xlsx.exe"):
        yield f"named {name}", name, good
    yield "an older format", "XAA-workbook.xlsx", OLE
    yield "nothing", "XAA-workbook.xlsx", b""


def read(name: str, content: bytes) -> str:
    """Why it is refused; nothing where its rows can be read."""
    try:
        spreadsheet = open_workbook(as_upload(content, name))
        stamp = stamp_in(spreadsheet)
        lines = spreadsheet.cells(stamp.sheet)
    except ValidationError as error:
        return " ".join(error.messages)
    return " ".join(fault.message for fault in column_errors(stamp, lines))


def read_all() -> None:
    """Read the files whose paths and names come in line by line; write what each took: seconds, bytes, the answer."""
    for line in sys.stdin:
        path, name = json.loads(line)
        content = Path(path).read_bytes()
        Path("/proc/self/clear_refs").write_text("5")  # from here on the most memory is counted anew
        before, began = _most_memory(), time.perf_counter()
        answer = read(name, content)
        sys.stdout.write(json.dumps([time.perf_counter() - began, _most_memory() - before, answer]) + "\n")


def _most_memory() -> int:
    """Bytes."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) * 1024

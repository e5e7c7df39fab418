"""Check an archive from outside, such as a document of an office program, without unpacking it to a disk."""

import posixpath
import re
import struct
import zipfile
from collections.abc import Iterator
from io import BytesIO
from typing import NamedTuple
from xml.parsers import expat
from zlib import error as ZlibError

from django.core.exceptions import ValidationError
from django.core.files import File
from django.utils.translation import gettext_lazy as _

DIRECTORY_LIMIT = 1024 * 1024
READ_PART_LIMIT = 1024 * 1024
UNPACKED_LIMIT = 1024 * 1024 * 1024
UNPACKED_TIMES = 200
PARTS_LIMIT = 500
WORKBOOK_LIMIT = 25 * 1024 * 1024
PIECE = 256 * 1024
OVERLAP = 100  # bytes of a piece that are searched again with the next
PARTS_READ = re.compile(
    r"\[Content_Types\]\.xml|docProps/app\.xml|mimetype|version\.json|install\.rdf|.*\.rels", re.IGNORECASE
)
MACRO_PART = re.compile(
    r"vbaproject|vbadata|(^|[/\\])(macrosheets|activex|basic|scripts)[/\\]|\.(docm|dotm|xlsm|xltm|xlsb|pptm|potm)$",
    re.IGNORECASE,
)
# What is searched for in text in small letters.
MACRO_TYPE = re.compile(rb"macroenabled|vbaproject|macrosheet|activex")
# Calls of a macro of LibreOffice, and links that start another program: by DDE, or from a slide.
STARTS_PROGRAM = rb"vnd\.sun\.star\.script:|macro:///|ddelink|dde-application|ddeauto|ppaction://program"
DOCUMENT_TYPES = (b"<!doctype", b"<!entity")
REFUSED_IN_PAGE = re.compile(STARTS_PROGRAM)
REFUSED_WORDS = re.compile(b"|".join((STARTS_PROGRAM, *DOCUMENT_TYPES)))
FIELD = b"instrText"  # a part of an instruction of Word
XML_NAME = re.compile(r"\.(xml|rels|vml)$", re.IGNORECASE)
PICTURE_OR_PAGE = re.compile(r"\.(svg|x?html?)$", re.IGNORECASE)
ENCODING = re.compile(rb"<\?xml[^>]*?encoding\s*=\s*[\"']([^\"']*)")
CHARACTER_NUMBER = re.compile(rb"&#(?:x0*([0-9A-Fa-f]{1,2})|0*([0-9]{1,3}));")
KNOWN_ENCODING = re.compile(rb"utf-?8|utf-?16(le|be)?|us-ascii|iso-8859-\d+|windows-125\d", re.IGNORECASE)
MARKS_AND_SPACE = b"\xef\xbb\xbf\xff\xfe \t\r\n"
CHART_REFERENCES = re.compile(r"(word|xl|ppt)/charts/_rels/[^/]+\.rels", re.IGNORECASE)
# The first bytes of programs, of objects in the format of OLE, of PDF and RTF files, and of archives.
REFUSED_BEGINNINGS = (
    *(b"MZ", b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"#!"),
    *(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"%PDF", b"{\\rt", b"L\0\0\0\x01\x14\x02\0"),
    *(b"PK\x03\x04", b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", b"MSCF", b"BZh", b"\xfd7zXZ\0"),
)
GZIP = b"\x1f\x8b"
PACKED_PICTURE = re.compile(r"\.(emz|wmz|svgz)$", re.IGNORECASE)
TAR = slice(257, 262), b"ustar"
# Kinds of references between parts, by their last words in small letters. An `afchunk` is a page or a document in
# another format, which Word converts when it opens the document.
MACRO_REFERENCES = {"vbaproject", "wordvbadata", "control", "activexcontrolbinary", "xlmacrosheet", "xlintlmacrosheet"}
OBJECT_REFERENCES = {"oleobject", "package", "afchunk"}
FETCHED_REFERENCES = {"attachedtemplate", "frame", "subdocument"}

# The errors of reading a damaged archive.
UNREADABLE = (
    *(zipfile.BadZipFile, ZlibError, OSError, ValueError, NotImplementedError, RuntimeError, EOFError),
    expat.ExpatError,
)

DAMAGED = _("This file cannot be read and may be damaged. Open it, save it again and choose the new file.")
TOO_LARGE_INSIDE = _("This file is too large when unpacked. Save it as PDF and choose the new file.")
TOO_MANY_PARTS = _("This file contains more than 500 parts. Save it as PDF and choose the new file.")
HAS_MACROS = _("This document contains macros. Save it without macros (.docx, .xlsx, .pptx or OpenDocument) or as PDF.")
HAS_OBJECT = _("This document contains an embedded object, program or archive. Remove it, or save the document as PDF.")
HAS_PASSWORD = _("This file has a password and cannot be checked. Remove the password and choose the new file.")


class Relationship(NamedTuple):
    kind: str
    target: str
    is_external: bool


def check_file_parts(file: File, *, is_inner: bool = False) -> bool:
    """Return whether Word fetches something from outside, such as a template, when it opens the document.

    Raise ValidationError for an archive that is damaged or too large, has a password, or contains macros, programs,
    objects or archives. The workbooks of charts alone are accepted: archives as well, and checked as `is_inner`.
    """
    if _directory_size(file) > DIRECTORY_LIMIT:
        raise ValidationError(TOO_LARGE_INSIDE)
    try:
        file.seek(0)
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
            _check_directory(parts, file.size)
            _check_manifest(archive)
            references = {
                part.filename: _references(archive, part) for part in parts if part.filename.lower().endswith(".rels")
            }
            workbooks = set() if is_inner else _chart_workbooks(references)
            _check_references(references, workbooks)
            for part in parts:
                if part.filename in workbooks:
                    _check_workbook(archive, part)
                else:
                    _check_part(archive, part)
    except UNREADABLE as error:
        raise ValidationError(DAMAGED) from error
    return any(each.is_external and each.kind in FETCHED_REFERENCES for found in references.values() for each in found)


def _directory_size(file: File) -> int:
    """Return the bytes of the directory, which zipfile reads whole; an archive in the 64-bit format is too large."""
    tail_size = min(file.size, 22 + 0xFFFF)
    file.seek(file.size - tail_size)
    tail = file.read(tail_size)
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or len(tail) - end < 22:
        raise ValidationError(DAMAGED)
    if b"PK\x06\x07" in tail[max(0, end - 20) : end]:
        return DIRECTORY_LIMIT + 1
    (size,) = struct.unpack_from("<L", tail, end + 12)
    return size


def _check_directory(parts: list[zipfile.ZipInfo], size: int) -> None:
    if len(parts) > PARTS_LIMIT:
        raise ValidationError(TOO_MANY_PARTS)
    if len({part.filename.lower() for part in parts}) < len(parts):
        raise ValidationError(DAMAGED)
    if any(part.flag_bits & 1 for part in parts):
        raise ValidationError(HAS_PASSWORD)
    if sum(part.file_size for part in parts) > min(UNPACKED_LIMIT, UNPACKED_TIMES * size):
        raise ValidationError(TOO_LARGE_INSIDE)
    if any(PARTS_READ.fullmatch(part.filename) and part.file_size > READ_PART_LIMIT for part in parts):
        raise ValidationError(TOO_LARGE_INSIDE)
    if any(MACRO_PART.search(part.filename) for part in parts):
        raise ValidationError(HAS_MACROS)


def _check_manifest(archive: zipfile.ZipFile) -> None:
    """Refuse an OpenDocument file with a password: its parts are encrypted, and its manifest is not."""
    manifest = next((part for part in archive.infolist() if part.filename == "META-INF/manifest.xml"), None)
    if manifest and any(b"encryption-data" in piece for piece in _pieces(archive, manifest)):
        raise ValidationError(HAS_PASSWORD)


def _references(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> list[Relationship]:
    found: list[Relationship] = []

    def start(_tag: str, attributes: dict[str, str]) -> None:
        kind = attributes.get("Type", "").rpartition("/")[2].lower()
        found.append(Relationship(kind, attributes.get("Target", ""), attributes.get("TargetMode") == "External"))

    def refuse(*_declared) -> None:
        raise ValidationError(DAMAGED)

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.StartDoctypeDeclHandler = start, refuse
    parser.Parse(archive.read(part), True)
    return found


def _chart_workbooks(references: dict[str, list[Relationship]]) -> set[str]:
    """Return the parts with the numbers of charts: workbooks, which Word and PowerPoint embed with each chart."""
    return {
        _resolve(name, each.target)
        for name, found in references.items()
        if CHART_REFERENCES.fullmatch(name)
        for each in found
        if each.kind == "package" and each.target.endswith(".xlsx") and not each.is_external
    }


def _resolve(references: str, target: str) -> str:
    folder = posixpath.dirname(posixpath.dirname(references))
    return posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")


def _check_references(references: dict[str, list[Relationship]], workbooks: set[str]) -> None:
    for name, found in references.items():
        for each in found:
            if each.kind in MACRO_REFERENCES:
                raise ValidationError(HAS_MACROS)
            if each.kind in OBJECT_REFERENCES and (each.is_external or _resolve(name, each.target) not in workbooks):
                raise ValidationError(HAS_OBJECT)


def _check_workbook(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    if part.file_size > WORKBOOK_LIMIT:
        raise ValidationError(TOO_LARGE_INSIDE)
    check_file_parts(File(BytesIO(archive.read(part)), name=part.filename), is_inner=True)


def _check_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Look at the first bytes of a part, and search it whole if it is XML."""
    pieces = _pieces(archive, part)
    beginning = next(pieces, b"")
    place, tar = TAR
    if beginning.startswith(REFUSED_BEGINNINGS) or beginning[place] == tar:
        raise ValidationError(HAS_OBJECT)
    if beginning.startswith(GZIP) and not PACKED_PICTURE.search(part.filename):
        raise ValidationError(HAS_OBJECT)
    text = _without_zeros(beginning).lstrip(MARKS_AND_SPACE)
    if not text.startswith(b"<"):
        if text and XML_NAME.search(part.filename):
            raise ValidationError(DAMAGED)
        return
    encoding = ENCODING.match(text)
    if encoding and not KNOWN_ENCODING.fullmatch(encoding[1]):
        raise ValidationError(DAMAGED)
    if _check_words(text, pieces, _refused_in(part.filename)):
        _check_fields(archive, part)


def _refused_in(name: str) -> re.Pattern[bytes]:
    """Only a picture or a page may have a document type. Any part may be the document, whatever its name is."""
    if name.lower() == "[content_types].xml":
        return MACRO_TYPE
    return REFUSED_IN_PAGE if PICTURE_OR_PAGE.search(name) else REFUSED_WORDS


def _check_words(text: bytes, pieces: Iterator[bytes], refused: re.Pattern[bytes]) -> bool:
    """Return whether the part has instructions of Word."""
    has_fields = False
    while text:
        has_fields = has_fields or FIELD in text
        if found := refused.search(CHARACTER_NUMBER.sub(_decode_character, text).lower()):
            raise ValidationError(DAMAGED if found[0] in DOCUMENT_TYPES else HAS_MACROS)
        piece = next(pieces, b"")
        text = text[-OVERLAP:] + _without_zeros(piece) if piece else b""
    return has_fields


def _check_fields(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Search the text without its marks: Word joins an instruction that is written in several pieces."""
    text = ""

    def add(more: str) -> None:
        nonlocal text
        text = text[-OVERLAP:] + more.lower()
        if "ddeauto" in text:
            raise ValidationError(HAS_MACROS)

    parser = expat.ParserCreate()
    parser.buffer_text, parser.CharacterDataHandler = True, add
    for piece in _pieces(archive, part):
        parser.Parse(piece, False)
    parser.Parse(b"", True)


def _decode_character(number: re.Match[bytes]) -> bytes:
    """Return the letter of ASCII that is written as a number, such as `&#100;`; else the number."""
    code = int(number[1], 16) if number[1] else int(number[2])
    return bytes([code]) if code < 128 else number[0]


def _pieces(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    with archive.open(part) as stream:
        while piece := stream.read(PIECE):
            yield piece


def _without_zeros(text: bytes) -> bytes:
    """Return ASCII letters as they are searched for, also those of UTF-16."""
    return text.replace(b"\0", b"")

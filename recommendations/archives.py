"""Check an archive from outside, such as a document of an office program, without unpacking it to a disk."""

import posixpath
import re
import struct
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from io import BytesIO
from pathlib import PurePath
from time import thread_time
from urllib.parse import unquote
from xml.parsers import expat
from zlib import decompressobj
from zlib import error as ZlibError

from django.core.exceptions import ValidationError
from django.core.files import File
from django.utils.translation import gettext_lazy as _

from recommendations.links import ALLOWED, FileLink
from recommendations.xml_links import HAS_MACROS, HAS_PASSWORD, TOO_LARGE_INSIDE, Relationship, read_xml

DIRECTORY_LIMIT = 1024 * 1024
READ_PART_LIMIT = 1024 * 1024
UNPACKED_LIMIT = 1024 * 1024 * 1024
UNPACKED_TIMES = 200
PARTS_LIMIT = 500
FILES_LIMIT = 100 * 1024 * 1024  # of an archive of files, unpacked
WORKBOOK_LIMIT = 25 * 1024 * 1024
READ_SECONDS = 10  # of the processor, for the XML of a file; a million cells need two
PIECE = 256 * 1024
PARTS_READ = re.compile(
    r"\[Content_Types\]\.xml|docProps/app\.xml|mimetype|version\.json|install\.rdf|.*\.rels", re.IGNORECASE
)
MACRO_PART = re.compile(
    r"vbaproject|vbadata|(^|[/\\])(macrosheets|activex|basic|scripts)[/\\]|\.(docm|dotm|xlsm|xltm|xlsb|pptm|potm)$",
    re.IGNORECASE,
)
PARTS = tuple(f".{ending}" for ending in ALLOWED["parts"].split())
IS_XML = re.compile(
    rb"(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?\0*(?:[ \t\r\n]\0*)*<\0*[?!A-Za-z_:\x80-\xff]|\x4c\x6f\xa7\x94"
)
XML_NAME = re.compile(r"\.(xml|rels|vml|svg|rdf)$", re.IGNORECASE)
REFERRING = re.compile(r"(^|/)_rels/([^/]*)\.rels$")  # the part to which a part with references belongs
CHART_REFERENCES = re.compile(r"(word|xl|ppt)/charts/_rels/[^/]+\.rels", re.IGNORECASE)
# The first bytes of programs, of objects in the format of OLE, of PDF and RTF files, and of archives.
REFUSED_BEGINNINGS = (
    *(b"MZ", b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"#!"),
    *(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"%PDF", b"{\\rt", b"L\0\0\0\x01\x14\x02\0"),
    *(b"PK\x03\x04", b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", b"MSCF", b"BZh", b"\xfd7zXZ\0"),
)
SYSTEM_FILES = {"Thumbs.db", "desktop.ini"}
GZIP = b"\x1f\x8b"
METAFILES = (b"\x01\0\0\0", b"\xd7\xcd\xc6\x9a", b"\x01\0\x09\0", b"\x02\0\x09\0")  # the pictures that are packed
TAR = slice(257, 262), b"ustar"
# Kinds of references between parts, by their last words in small letters. An `afchunk` is a page or a document in
# another format, which Word converts when it opens the document. An extension changes the ribbon or loads an add-in.
MACRO_REFERENCES = {
    *("vbaproject", "wordvbadata", "control", "activexcontrolbinary", "xlmacrosheet", "xlintlmacrosheet"),
    *("extensibility", "customization", "attachedtoolbars", "webextension", "webextensiontaskpanes"),
}
OBJECT_REFERENCES = {"oleobject", "package", "afchunk"}

# The errors of reading a damaged archive.
UNREADABLE = (
    *(zipfile.BadZipFile, ZlibError, OSError, ValueError, NotImplementedError, RuntimeError, EOFError),
    *(expat.ExpatError, LookupError),
)

DAMAGED = _("This file cannot be read and may be damaged. Open it, save it again and choose the new file.")
TOO_MANY_PARTS = _("This file contains more than 500 parts. Save it as PDF and choose the new file.")
SAME_NAMES = _("Two files in the ZIP have the same name. Give each file a name of its own.")
HAS_OBJECT = _("This document contains an embedded object, program or archive. Remove it, or save the document as PDF.")


def check_file_parts(file: File, *, until: float | None = None) -> set[FileLink]:
    """Return what reaches outside of an archive.

    Raise ValidationError for an archive that is damaged or too large, has a password, or contains macros, scripts,
    programs, objects or archives. The workbooks of charts alone are accepted: archives as well, and checked until the
    time `until` of the processor that their document has.
    """
    if _directory_size(file) > DIRECTORY_LIMIT:
        raise ValidationError(TOO_LARGE_INSIDE)
    try:
        file.seek(0)
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
            _check_directory(parts, file.size)
            end = until or thread_time() + READ_SECONDS
            references = {
                part.filename: read_xml(_pieces(archive, part), end).references
                for part in parts
                if part.filename.lower().endswith((".rels", "manifest.xml"))  # which says that others are encrypted
            }
            workbooks = set() if until else _chart_workbooks(references)
            _check_references(references, workbooks)
            hyperlinks = _hyperlinks(references)
            links = {each.link for found in references.values() for each in found if each.link}
            for part in parts:
                if part.filename in workbooks:
                    links |= _check_workbook(archive, part, end)
                else:
                    links |= _check_part(archive, part, hyperlinks.get(_plain(part.filename), set()), end)
    except UNREADABLE as error:
        raise ValidationError(DAMAGED) from error
    return links


@contextmanager
def open_archive(file: File) -> Iterator[dict[str, Callable[[], File]]]:
    """Yield what reads each file of an archive, by its name without folders. Nothing is written to a disk.

    Raise ValidationError for an archive that is damaged or too large, or has a password or two files of one name.
    """
    if _directory_size(file) > DIRECTORY_LIMIT:
        raise ValidationError(TOO_LARGE_INSIDE)
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            parts = {_name_in(part): part for part in archive.infolist() if not _is_of_system(part)}
            _check_files(archive, parts)
            yield {name: partial(_read_file, archive, part, name) for name, part in parts.items()}
    except UNREADABLE as error:
        raise ValidationError(DAMAGED) from error


def _check_files(archive: zipfile.ZipFile, parts: dict[str, zipfile.ZipInfo]) -> None:
    found = [part for part in archive.infolist() if not _is_of_system(part)]
    if len(found) > PARTS_LIMIT or sum(part.file_size for part in found) > FILES_LIMIT:
        raise ValidationError(TOO_LARGE_INSIDE)
    if len({name.casefold() for name in parts}) < len(found):
        raise ValidationError(SAME_NAMES)
    if any(part.flag_bits & 1 for part in found):
        raise ValidationError(HAS_PASSWORD)


def _is_of_system(part: zipfile.ZipInfo) -> bool:
    """Return whether it is a folder, or a file that computers add by themselves."""
    name = PurePath(part.filename).name
    return part.is_dir() or part.filename.startswith("__MACOSX/") or name.startswith(".") or name in SYSTEM_FILES


def _name_in(part: zipfile.ZipInfo) -> str:
    """Return the name without folders; macOS writes UTF-8 without saying so."""
    name = part.filename
    if not part.flag_bits & 0x800:
        with suppress(UnicodeError):
            name = name.encode("cp437").decode()
    return unicodedata.normalize("NFC", PurePath(name.replace("\\", "/")).name)


def _read_file(archive: zipfile.ZipFile, part: zipfile.ZipInfo, name: str) -> File:
    return File(BytesIO(archive.read(part)), name=name)


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
    if len({_plain(part.filename) for part in parts}) < len(parts):
        raise ValidationError(DAMAGED)
    if any(part.flag_bits & 1 for part in parts):
        raise ValidationError(HAS_PASSWORD)
    if sum(part.file_size for part in parts) > min(UNPACKED_LIMIT, UNPACKED_TIMES * size):
        raise ValidationError(TOO_LARGE_INSIDE)
    if any(PARTS_READ.fullmatch(part.filename) and part.file_size > READ_PART_LIMIT for part in parts):
        raise ValidationError(TOO_LARGE_INSIDE)
    if any(MACRO_PART.search(part.filename) for part in parts):
        raise ValidationError(HAS_MACROS)
    if any("." in (name := PurePath(part.filename.lower()).name) and not name.endswith(PARTS) for part in parts):
        raise ValidationError(HAS_OBJECT)


def _chart_workbooks(references: dict[str, list[Relationship]]) -> set[str]:
    """Return the parts with the numbers of charts: workbooks, which Word and PowerPoint embed with each chart."""
    return {
        _resolve(name, each.target)
        for name, found in references.items()
        if CHART_REFERENCES.fullmatch(name)
        for each in found
        if each.kind == "package" and each.target.endswith(".xlsx") and not each.is_outside
    }


def _resolve(references: str, target: str) -> str:
    folder = posixpath.dirname(posixpath.dirname(references))
    return posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")


def _check_references(references: dict[str, list[Relationship]], workbooks: set[str]) -> None:
    for name, found in references.items():
        for each in found:
            if each.kind in MACRO_REFERENCES:
                raise ValidationError(HAS_MACROS)
            if each.kind in OBJECT_REFERENCES and (each.is_outside or _resolve(name, each.target) not in workbooks):
                raise ValidationError(HAS_OBJECT)


def _hyperlinks(references: dict[str, list[Relationship]]) -> dict[str, set[str]]:
    """Return the references that a reader may click, by the part that has them."""
    return {
        _plain(REFERRING.sub(r"\1\2", _plain(name))): {each.key for each in found if each.is_outside and not each.link}
        for name, found in references.items()
    }


def _plain(name: str) -> str:
    return posixpath.normpath(unquote(name).replace("\\", "/").lower().lstrip("/"))


def _check_workbook(archive: zipfile.ZipFile, part: zipfile.ZipInfo, until: float) -> set[FileLink]:
    if part.file_size > WORKBOOK_LIMIT:
        raise ValidationError(TOO_LARGE_INSIDE)
    return check_file_parts(File(BytesIO(archive.read(part)), name=part.filename), until=until)


def _check_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo, hyperlinks: set[str], until: float) -> set[FileLink]:
    """Look at the first bytes of a part, and read it whole if it is XML. Any part may be the document."""
    beginning = next(_pieces(archive, part), b"")
    place, tar = TAR
    if beginning.startswith(REFUSED_BEGINNINGS) or beginning[place] == tar:
        raise ValidationError(HAS_OBJECT)
    if beginning.startswith(GZIP) and not decompressobj(31).decompress(beginning, 4).startswith(METAFILES):
        raise ValidationError(HAS_OBJECT)
    is_named_xml = XML_NAME.search(part.filename)
    if not beginning or not (is_named_xml or IS_XML.match(beginning)):
        return set()
    try:
        return read_xml(_pieces(archive, part), until, hyperlinks).links
    except expat.ExpatError:
        if is_named_xml:
            raise
        return {FileLink.OTHER}


def _pieces(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    with archive.open(part) as stream:
        while piece := stream.read(PIECE):
            yield piece

"""Check which files may be uploaded, and whether a file is what its name says. Nothing is unpacked or read whole."""

import codecs
import hashlib
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePath

import puremagic
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.utils.translation import gettext_lazy as _

from recommendations.archives import HAS_MACROS, check_file_parts
from recommendations.error_messages import EMPTY_FILE, FILE_TYPES, OTHER_CONTENT, check_size
from recommendations.lists import format_list

OOXML = "application/vnd.openxmlformats-officedocument"
ODF = "application/vnd.oasis.opendocument"
TEXT_TYPES = {".txt": "text/plain", ".csv": "text/csv"}
TYPES = {
    ".pdf": "application/pdf",
    ".docx": f"{OOXML}.wordprocessingml.document",
    ".xlsx": f"{OOXML}.spreadsheetml.sheet",
    ".pptx": f"{OOXML}.presentationml.presentation",
    ".odt": f"{ODF}.text",
    ".ods": f"{ODF}.spreadsheet",
    ".odp": f"{ODF}.presentation",
    **TEXT_TYPES,
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
}
OLD_OFFICE = {".doc", ".dot", ".xls", ".xlt", ".ppt", ".pps"}
WITH_MACROS = {".docm", ".dotm", ".xlsm", ".xltm", ".xlsb", ".xlam", ".pptm", ".potm", ".ppsm", ".ppam"}

OLE_TYPE = "application/msword"
ZIP_TYPE = "application/zip"
LINE_BREAK = re.compile(r"_x000D_\n?|\r\n?|\v|\f")  # the first as Excel writes it
CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")

IS_OLD_OFFICE = _(
    "This file has an older Office format or a password. Remove any password and save the file as "
    ".docx, .xlsx, .pptx or PDF."
)


@dataclass(frozen=True)
class Upload:
    file: File
    name: str
    size: int
    sha256: str
    content_type: str


class UploadReader(TemporaryFileUploadHandler):
    """Count what exceeds the limit of a file without storing it, since anyone may send it."""

    def receive_data_chunk(self, raw_data, start):
        if start <= settings.EVIDENCE_FILE_LIMIT:
            super().receive_data_chunk(raw_data, start)


def clean_lines(text: str) -> str:
    """Write line breaks of one kind, and no white space around the text or at the end of a line."""
    return "\n".join(line.rstrip() for line in LINE_BREAK.sub("\n", text).split("\n")).strip()


def check_upload(file: File) -> Upload:
    """Check a file; raise ValidationError, with advice, where it cannot be stored."""
    name = PurePath(file.name or "").name
    suffix = PurePath(name).suffix.lower()
    _check_name(suffix)
    if not file.size:
        raise ValidationError(EMPTY_FILE)
    check_size(file.size, settings.EVIDENCE_FILE_LIMIT)
    _check_content(file, suffix)
    return Upload(file, name, file.size, _digest(file), TYPES[suffix])


def _check_name(suffix: str) -> None:
    if suffix in OLD_OFFICE:
        raise ValidationError(IS_OLD_OFFICE)
    if suffix in WITH_MACROS:
        raise ValidationError(HAS_MACROS)
    if suffix not in TYPES:
        raise ValidationError(FILE_TYPES, params={"types": format_list(TYPES)})


def _check_content(file: File, suffix: str) -> None:
    found = _find_kinds(file)
    if OLE_TYPE in found:
        raise ValidationError(IS_OLD_OFFICE)
    if ZIP_TYPE in found:
        check_file_parts(file)
        found = _find_kinds_in(file)
    others = TYPES.keys() - TEXT_TYPES.keys()
    if suffix in others:
        fits = TYPES[suffix] in found
    else:
        fits = found.isdisjoint(TYPES[other] for other in others) and _is_text(file)
    if not fits:
        raise ValidationError(OTHER_CONTENT, params={"suffix": suffix})


def _find_kinds(file: File) -> set[str]:
    file.seek(0)
    return {match.mime_type for match in puremagic.magic_stream(file)}


def _find_kinds_in(file: File) -> set[str]:
    """Return the content types by what is in an archive; it must have passed `check_file_parts`."""
    with _named_file(file) as path:
        return {match.mime_type for match in puremagic.magic_file(path)}


@contextmanager
def _named_file(file: File) -> Iterator[str]:
    """Yield a path to the file's bytes: puremagic reads archives by path only."""
    if hasattr(file, "temporary_file_path"):
        yield file.temporary_file_path()
        return
    with tempfile.NamedTemporaryFile() as copy:
        file.seek(0)
        shutil.copyfileobj(file, copy)
        copy.flush()
        yield copy.name


def _is_text(file: File) -> bool:
    """Return whether the bytes are text in any encoding that includes ASCII, or in UTF-16 with a byte order mark."""
    file.seek(0)
    marked = file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    try:
        pieces = codecs.iterdecode(file.chunks(), "utf-16" if marked else "latin-1")
        return not any(CONTROL.search(piece) for piece in pieces)
    except UnicodeDecodeError:
        return False


def _digest(file: File) -> str:
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()

"""Check an archive from outside, such as a document of an office program, without unpacking it."""

import re
import struct
import zipfile
from zlib import error as ZlibError

from django.core.exceptions import ValidationError
from django.core.files import File
from django.utils.translation import gettext_lazy as _

DIRECTORY_LIMIT = 1024 * 1024
READ_PART_LIMIT = 1024 * 1024
UNPACKED_LIMIT = 1024 * 1024 * 1024
UNPACKED_TIMES = 200
PARTS_READ = {"[Content_Types].xml", "docProps/app.xml", "mimetype", "version.json", "install.rdf"}
MACRO_PART = re.compile(
    r"vbaproject|vbadata|(^|/)(macrosheets|activex|basic|scripts)/|\.(docm|dotm|xlsm|xltm|xlsb|pptm|potm)$",
    re.IGNORECASE,
)
OLD_PART = re.compile(r"(^|/)embeddings/.*\.(bin|doc|xls|ppt)$", re.IGNORECASE)
MACRO_CONTENT = re.compile(rb"macroEnabled|vbaProject|macrosheet|activeX", re.IGNORECASE)

# The errors of reading a damaged archive.
UNREADABLE = (zipfile.BadZipFile, ZlibError, OSError, ValueError, NotImplementedError, RuntimeError, EOFError)

DAMAGED = _("This file cannot be read and may be damaged. Open it, save it again and choose the new file.")
TOO_LARGE_INSIDE = _("This file is too large when unpacked. Save it as PDF and choose the new file.")
HAS_MACROS = _("This document contains macros. Save it without macros (.docx, .xlsx, .pptx or OpenDocument) or as PDF.")
HAS_OLD_PARTS = _(
    "This document contains an embedded object from an older Office format. Remove the object, or "
    "save the document as PDF."
)


def check_file_parts(file: File) -> None:
    """Raise ValidationError for an archive that is damaged or too large, or has macros or old objects."""
    if _directory_size(file) > DIRECTORY_LIMIT:
        raise ValidationError(TOO_LARGE_INSIDE)
    try:
        file.seek(0)
        with zipfile.ZipFile(file) as archive:
            _check_parts(archive.infolist(), file.size)
            if "[Content_Types].xml" in archive.namelist() and MACRO_CONTENT.search(
                archive.read("[Content_Types].xml")
            ):
                raise ValidationError(HAS_MACROS)
    except UNREADABLE as error:
        raise ValidationError(DAMAGED) from error


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


def _check_parts(parts: list[zipfile.ZipInfo], size: int) -> None:
    if sum(part.file_size for part in parts) > min(UNPACKED_LIMIT, UNPACKED_TIMES * size):
        raise ValidationError(TOO_LARGE_INSIDE)
    if any(part.filename in PARTS_READ and part.file_size > READ_PART_LIMIT for part in parts):
        raise ValidationError(TOO_LARGE_INSIDE)
    if any(MACRO_PART.search(part.filename) for part in parts):
        raise ValidationError(HAS_MACROS)
    if any(OLD_PART.search(part.filename) for part in parts):
        raise ValidationError(HAS_OLD_PARTS)

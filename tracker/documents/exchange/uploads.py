"""Check which files may be uploaded, and whether a file is what its name says and has nothing in it that runs."""

import codecs
import hashlib
import json
import logging
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from itertools import chain, pairwise
from pathlib import Path, PurePath

import puremagic
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.utils.translation import gettext_lazy as _

from recommendations.archives import DAMAGED, HAS_PASSWORD, check_file_parts
from recommendations.child import run_child
from recommendations.error_messages import EMPTY_FILE, FILE_TYPES, OTHER_CONTENT, TRY_LATER, check_size
from recommendations.links import FileLink, is_clicked
from recommendations.lists import format_list
from recommendations.xml_links import HAS_MACROS

logger = logging.getLogger(__name__)

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
# What programs for text open as something else: a page, a drawing, a document in XML or RTF.
MARKUP = re.compile(r"(?:\ufeff|ï»¿)?\s*(?:<[?!a-z]|\{\\rt)", re.IGNORECASE)
# A cell that a spreadsheet computes: a number, a dash or a telephone number is none.
SIGN = r"(?:[=+@\uff1d\uff0b\uff0d\uff20-]|ï¼[\x8b\x8d\x9d\xa0])"  # also as wide as a character of Chinese, in UTF-8
COMPUTED_CELL = re.compile(
    rf"[,;\t\r\n](?:\ufeff|ï»¿)?[ \"]*{SIGN}(?![\d. %()/+-]*\"? *(?:[,;\t\r\n]|\Z))"
    r"|[\r\n](?:\ufeff|ï»¿)?(?:\"?sep=|ID;P[A-Z0-9]*(?:;[A-Z])*[\r\n])"  # what separates cells; another format
)
LINE_BREAK = re.compile(r"_x000D_\n?|\r\n?|\v|\f")  # the first as Excel writes it
CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")

PDF_INSPECTOR = Path(__file__).with_name("pdf_inspector.py")
PDF_SECONDS = 20  # for a file and its attachments
PDF_MEMORY = 1024 * 1024 * 1024  # bytes; of a PDF with 200,000 objects most of it
ATTACHMENTS_LIMIT = 20

IS_OLD_OFFICE = _(
    "This file has an older Office format or a password. Remove any password and save the file as "
    ".docx (Word), .xlsx (Excel) or .pptx (PowerPoint)."
)
HAS_SCRIPT = _(
    "This PDF contains a script or starts a program. Print the document to a new PDF and choose the new file."
)
HAS_ATTACHMENT = _(
    # Translators: name: name of a file that is attached to a PDF.
    "An attachment of this PDF cannot be accepted: “%(name)s”. Remove the attachment and choose the new file."
)
REFUSED_PDF = {10: HAS_SCRIPT, 11: HAS_PASSWORD}  # by how the inspector ends


@dataclass(frozen=True)
class Upload:
    """`links`: what reaches outside of the file. `scanned_at`: when ClamAV found nothing in it."""

    file: File
    name: str
    size: int
    sha256: str
    content_type: str
    links: frozenset[FileLink] = frozenset()
    scanned_at: datetime | None = None


class UnstoredFile(UploadedFile):
    """A file for which there was no room. The field that asks for its size says so, and the form is kept."""

    @property
    def size(self):
        raise ValidationError(TRY_LATER)

    @size.setter
    def size(self, size):
        """Leave it unknown."""


class UploadReader(TemporaryFileUploadHandler):
    """Count what exceeds the limit of a file without storing it, since anyone may send it. Where the directory for
    temporary files has no room, drop the file and go on with the form.
    """

    def receive_data_chunk(self, raw_data, start):
        if start <= settings.EVIDENCE_FILE_LIMIT and not self.file.closed:
            try:
                super().receive_data_chunk(raw_data, start)
            except OSError:
                self._drop_file()

    def file_complete(self, file_size):
        try:
            if not self.file.closed:
                return super().file_complete(file_size)  # which writes the rest
        except OSError:
            self._drop_file()
        return UnstoredFile(BytesIO(), self.file_name)

    def _drop_file(self):
        logger.exception("an upload found no room in the directory for temporary files")
        with suppress(OSError):
            self.file.close()


def clean_lines(text: str) -> str:
    """Write line breaks of one kind, and no white space around the text or at the end of a line."""
    return "\n".join(line.rstrip() for line in LINE_BREAK.sub("\n", text).split("\n")).strip()


def check_upload(file: File) -> Upload:
    """Check a file; raise ValidationError, with advice, where it cannot be stored."""
    suffix = _check_name_and_size(file)
    links = _check_content(file, suffix)
    if suffix == ".pdf":
        links |= _check_pdf(file)
    return Upload(
        file, PurePath(file.name or "").name, file.size, digest_of_file(file), TYPES[suffix], frozenset(links)
    )


def _check_name_and_size(file: File) -> str:
    """Return the end of the name."""
    suffix = PurePath(file.name or "").suffix.lower()
    if suffix in OLD_OFFICE:
        raise ValidationError(IS_OLD_OFFICE)
    if suffix in WITH_MACROS:
        raise ValidationError(HAS_MACROS)
    if suffix not in TYPES:
        raise ValidationError(FILE_TYPES, params={"types": format_list(TYPES)})
    if not file.size:
        raise ValidationError(EMPTY_FILE)
    check_size(file.size, settings.EVIDENCE_FILE_LIMIT)
    return suffix


def _check_content(file: File, suffix: str) -> set[FileLink]:
    """Return what reaches outside of a file that is no PDF."""
    found = _find_kinds(file)
    links: set[FileLink] = set()
    if OLE_TYPE in found:
        raise ValidationError(IS_OLD_OFFICE)
    if ZIP_TYPE in found:
        links = check_file_parts(file)
        found = _find_kinds_in(file)
    others = TYPES.keys() - TEXT_TYPES.keys()
    if suffix in others:
        fits = TYPES[suffix] in found
    else:
        fits = found.isdisjoint(TYPES[other] for other in others) and _is_text(file)
    if not fits:
        raise ValidationError(OTHER_CONTENT, params={"suffix": suffix})
    if suffix == ".csv" and _has_computed_cell(file):
        links.add(FileLink.CELL)
    return links


def _check_pdf(file: File) -> set[FileLink]:
    """Return what reaches outside of a PDF. Each attachment must be a file that may be uploaded, and have none."""
    until = time.monotonic() + PDF_SECONDS
    attachments, links = _read_pdf(file, until)
    if len(attachments) > ATTACHMENTS_LIMIT:
        raise ValidationError(HAS_ATTACHMENT, params={"name": attachments[ATTACHMENTS_LIMIT].name})
    for attached in attachments:
        try:
            suffix = _check_name_and_size(attached)
            links |= _check_content(attached, suffix)
            inner, more = _read_pdf(attached, until) if suffix == ".pdf" else ([], set())
        except ValidationError:
            inner, more = [attached], set()
        if inner:
            raise ValidationError(HAS_ATTACHMENT, params={"name": attached.name})
        links |= more | {FileLink.ATTACHMENT}
    return links


def _read_pdf(file: File, until: float) -> tuple[list[File], set[FileLink]]:
    """Return attachments and links. Raise ValidationError for a PDF with a script, or that cannot be read in time."""
    file.seek(0)
    with tempfile.TemporaryFile() as content, tempfile.TemporaryFile() as written:
        shutil.copyfileobj(file, content)
        content.seek(0)
        seconds = until - time.monotonic()
        status = run_child(PDF_INSPECTOR, content=content, output=written, seconds=seconds, memory=PDF_MEMORY)
        if status != 0:
            raise ValidationError(REFUSED_PDF.get(status or 0, DAMAGED))
        written.seek(0)
        found = json.loads(written.readline())
        links = {FileLink.ACTION} if found["acts"] else set()
        if not all(map(is_clicked, found["clicked"])):
            links.add(FileLink.HYPERLINK)
        return [File(BytesIO(written.read(size)), name=name) for name, size in found["attached"]], links


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
    """Return whether it is text, and no page or document that is written as text."""
    try:
        pieces = _decode(file)
        first = next(pieces, "")
        return not (MARKUP.match(first) or CONTROL.search(first) or any(CONTROL.search(piece) for piece in pieces))
    except UnicodeDecodeError:
        return False


def _has_computed_cell(file: File) -> bool:
    pieces = pairwise(chain(["\n"], _decode(file), [""]))  # two at a time, for a cell between them
    return any(COMPUTED_CELL.search(before + piece) for before, piece in pieces)


def _decode(file: File) -> Iterator[str]:
    """Yield the text of bytes in any encoding that includes ASCII, or in UTF-16 with a byte order mark."""
    file.seek(0)
    marked = file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    return codecs.iterdecode(file.chunks(), "utf-16" if marked else "latin-1")


def digest_of_file(file: File) -> str:
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()

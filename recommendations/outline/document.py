"""Read a document as issued, whatever its form."""

import io
from pathlib import PurePath

from django.core.exceptions import ValidationError
from django.core.files import File
from django.utils.translation import gettext_lazy as _

from recommendations.archives import HAS_MACROS
from recommendations.error_messages import EMPTY_FILE, FILE_TYPES, check_size
from recommendations.lists import format_list
from recommendations.outline.outline import Outline, read_outline
from recommendations.outline.pdf_source import read_pdf
from recommendations.outline.source import SourceParagraph
from recommendations.outline.text_source import read_text
from recommendations.outline.word_source import read_word
from recommendations.paper_import.upload import FILE_LIMIT, check_text, decode_text

TYPES = (".docx", ".pdf", ".txt")
NOTHING_READ = _("No paragraph was found in this document. Choose another file, or paste the text.")


def read_document(file: File) -> Outline:
    """Raise ValidationError, with advice, for a file that is refused or cannot be read."""
    sources = _read_sources(file)
    outline = read_outline(sources)
    if not outline.paragraphs:
        raise ValidationError(NOTHING_READ)
    return outline


def read_pasted(text: str) -> Outline:
    return read_outline(read_text(check_text(text)))


def _read_sources(file: File) -> list[SourceParagraph]:
    suffix = PurePath(file.name or "").suffix.lower()
    if suffix in (".docm", ".dotm"):
        raise ValidationError(HAS_MACROS)
    if suffix not in TYPES:
        raise ValidationError(FILE_TYPES, params={"types": format_list(TYPES)})
    if not file.size:
        raise ValidationError(EMPTY_FILE)
    check_size(file.size, FILE_LIMIT)
    match suffix:
        case ".docx":
            return read_word(file)
        case ".pdf":
            return read_pdf(file)
    return read_text(check_text(decode_text(file)))


def open_path(path: str) -> File:
    """Return a file of the disk as an upload. Raises OSError."""
    with open(path, "rb") as stream:
        return File(io.BytesIO(stream.read(FILE_LIMIT + 1)), name=PurePath(path).name)

"""Read a document as issued, whatever its form."""

import io
import re
from collections.abc import Collection
from dataclasses import replace
from pathlib import PurePath

from django.core.exceptions import ValidationError
from django.core.files import File
from django.utils.translation import gettext_lazy as _

from recommendations.archives import HAS_MACROS
from recommendations.error_messages import EMPTY_FILE, FILE_TYPES, OTHER_CONTENT, check_size
from recommendations.formats import FileFormatError, decode_text
from recommendations.lists import format_list
from recommendations.outline.outline import Outline
from recommendations.outline.pdf_source import read_pdf
from recommendations.outline.reading import read_outline
from recommendations.outline.source import PARAGRAPHS_LIMIT, SourceParagraph
from recommendations.outline.text_source import read_text
from recommendations.outline.word_paragraphs import LETTERS_LIMIT
from recommendations.outline.word_source import read_word
from recommendations.word_reader import TOO_LARGE

FILE_LIMIT = 10 * 1024 * 1024  # bytes; a report of 8 pages has 160,000 as PDF
TYPES = (".docx", ".pdf", ".txt")
SOMETHING_ELSE = (b"%PDF", b"{\\rtf", b"PK\x03\x04", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\xd0\xcf\x11\xe0", b"<")
NO_LETTER = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
UNKNOWN = "\N{REPLACEMENT CHARACTER}"
NOT_TEXT = re.compile(r"[\x00-\x08\x0e-\x1b\x7f]")

SUFFIX = {"suffix": ".txt"}
EMPTY = _("The paper contains no text. Choose another file, or paste the text.")


def read_document(file: File) -> Outline:
    """Raise ValidationError, with advice, for a file that is refused or cannot be read."""
    return read_outline(read_paragraphs(file))


def read_pasted(text: str) -> Outline:
    return read_outline(paste_paragraphs(text))


def paste_paragraphs(text: str) -> list[SourceParagraph]:
    return _check_count(read_text(check_text(text)))


def read_paragraphs(file: File) -> list[SourceParagraph]:
    """Raise ValidationError, with advice, for a file that is refused or cannot be read."""
    paragraphs = _check_count(_read_type(file, check_type(file, TYPES)))
    if not any(paragraph.text.strip() for paragraph in paragraphs):
        raise ValidationError(EMPTY)
    return [_replace_letters(paragraph) for paragraph in paragraphs]


def _check_count(paragraphs: list[SourceParagraph]) -> list[SourceParagraph]:
    if len(paragraphs) > PARAGRAPHS_LIMIT:
        raise ValidationError(TOO_LARGE)
    return paragraphs


def _replace_letters(paragraph: SourceParagraph) -> SourceParagraph:
    """Show what is no letter, such as a control character of a PDF, as U+FFFD: no database stores all of them."""
    return replace(
        paragraph,
        label=NO_LETTER.sub(UNKNOWN, paragraph.label),
        runs=[replace(run, text=NO_LETTER.sub(UNKNOWN, run.text)) for run in paragraph.runs],
        notes=[replace(note, text=NO_LETTER.sub(UNKNOWN, note.text)) for note in paragraph.notes],
        differing=[NO_LETTER.sub(UNKNOWN, word) for word in paragraph.differing],
    )


def _read_type(file: File, suffix: str) -> list[SourceParagraph]:
    match suffix:
        case ".docx":
            return read_word(file)
        case ".pdf":
            return read_pdf(file)
    return read_text(check_text(read_characters(file)))


def check_type(file: File, types: Collection[str]) -> str:
    """Return the ending of the name of a file that may be read further."""
    suffix = PurePath(file.name or "").suffix.lower()
    if suffix in (".docm", ".dotm"):
        raise ValidationError(HAS_MACROS)
    if suffix not in types:
        raise ValidationError(FILE_TYPES, params={"types": format_list(types)})
    if not file.size:
        raise ValidationError(EMPTY_FILE)
    check_size(file.size, FILE_LIMIT)
    return suffix


def check_text(text: str) -> str:
    """Return the text with line feeds only, if it can be the text of a document."""
    if NOT_TEXT.search(text):
        raise ValidationError(OTHER_CONTENT, params=SUFFIX)
    if not text.strip():
        raise ValidationError(EMPTY)
    if len(text) > LETTERS_LIMIT or text.count("\n") > 2 * PARAGRAPHS_LIMIT:
        raise ValidationError(TOO_LARGE)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_characters(file: File) -> str:
    file.seek(0)
    content = file.read()
    if content.startswith(SOMETHING_ELSE):
        raise ValidationError(OTHER_CONTENT, params=SUFFIX)
    try:
        return decode_text(content)
    except FileFormatError as error:
        raise ValidationError(str(error)) from None


def open_path(path: str) -> File:
    """Return a file of the disk as an upload. Raises OSError."""
    with open(path, "rb") as stream:
        return File(io.BytesIO(stream.read(FILE_LIMIT + 1)), name=PurePath(path).name)

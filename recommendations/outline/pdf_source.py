"""Read the paragraphs of a PDF: its letters in a child process, within limits, and here what they make."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from io import BytesIO
from itertools import starmap
from pathlib import Path
from typing import IO, NamedTuple
from unicodedata import normalize

from django.core.exceptions import ValidationError
from django.core.files import File
from django.utils.translation import gettext_lazy as _

from recommendations.archives import DAMAGED, HAS_PASSWORD
from recommendations.child import read_in_child
from recommendations.error_messages import OTHER_CONTENT
from recommendations.groups import group_pairs
from recommendations.outline.labels import parse_label
from recommendations.outline.layout import MARK, PRINT_MARK, Line, Mark, ParagraphJoiner
from recommendations.outline.source import PrintedPart, Run, SourceParagraph, usual_size
from recommendations.word_reader import TOO_LARGE

PROGRAM = Path(__file__).with_name("pdf_program.py")
SECONDS, PAGE_SECONDS = 20, 5  # for all its words, for the picture of a page
MEMORY = 512 * 1024 * 1024  # bytes
NO_TEXT = _("This PDF contains no text, only pictures of pages. Choose the Word document, or paste the text.")
NO_PAGE = _("The document has no page with this number.")
REFUSED = {10: HAS_PASSWORD, 11: NO_TEXT, 12: TOO_LARGE, 13: NO_PAGE}  # by how the program ends
WORD = re.compile(r"[^\W\d_]+|\d+")
MARGIN = 0.12  # of the height of a page, where running heads and page numbers are
RAISED_SIZE = 0.78  # of a footnote mark, beside the letters around it
LONGEST_MARK = 3  # letters
WIDE = 1  # a gap like that of a tab, in sizes of the letters
JOB_NUMBER = re.compile(r"\*[0-9]{5,9}\*")
SHARE_OF_PAGES = 0.3  # that have a running head
APART = 1.5  # sizes of the letters between a running head and the text
SAME_PLACE = 4  # points
SAME_LINE = 0.6  # points


def read_pdf(file: File) -> list[SourceParagraph]:
    """Raise ValidationError for a file that is no PDF, is hostile, or has no text."""
    file.seek(0)
    if not file.read(1024).lstrip().startswith(b"%PDF"):
        raise ValidationError(OTHER_CONTENT, params={"suffix": ".pdf"})
    pages = [json.loads(line) for line in _run_program(file, SECONDS)]  # type: ignore[arg-type]
    lines = []
    for number, page in enumerate(pages, start=1):
        lines += _find_lines(number, page["pieces"], set(_read_words(page["text"])))
    if not lines:
        raise ValidationError(NO_TEXT)
    _find_print_marks(lines, pages)
    size = usual_size((line.size, line.text) for line in lines)
    for line in lines:
        if line.size < size - 0.6 and isinstance(line.pieces[0], Mark):
            line.note = line.pieces.pop(0).text
    paragraphs = ParagraphJoiner(lines, size, pages[0]["width"] / 2).read()
    return sorted([*paragraphs, *_list_unread(pages)], key=_place)


def _list_unread(pages: list[dict]) -> Iterator[SourceParagraph]:
    for number, page in enumerate(pages, start=1):
        for words in page["unread"]:
            yield SourceParagraph([Run(words)], part=PrintedPart.UNREAD, page=number)


def _place(paragraph: SourceParagraph) -> tuple[int, int, bool]:
    """Put what is not read after the paragraphs of its page; print marks come first and footnotes last."""
    if paragraph.part in (PrintedPart.BODY, PrintedPart.UNREAD):
        return 1, paragraph.page, paragraph.part == PrintedPart.UNREAD
    return 2 * (paragraph.part == PrintedPart.FOOTNOTE), 0, False


def render_page(pdf: bytes, number: int) -> bytes:
    """Return the picture of a page, from 1, as PNG. Raise ValidationError where there is none."""
    return b"".join(_run_program(BytesIO(pdf), PAGE_SECONDS, str(number)))


def _run_program(file: IO[bytes], seconds: float, *page: str) -> list[bytes]:
    status, lines = read_in_child(PROGRAM, *page, file=file, seconds=seconds, memory=MEMORY)
    if status is None or status < 0:  # too much time, memory or output
        raise ValidationError(TOO_LARGE)
    if status != 0:
        raise ValidationError(REFUSED.get(status, DAMAGED))
    return lines


class PrintedPiece(NamedTuple):
    """Letters of one look on one line, as `pdf_program.py` writes them."""

    text: str
    left: float
    right: float
    y: float
    size: float
    is_bold: bool
    is_italic: bool


def _find_lines(page: int, pieces: list[list], words: set[str]) -> list[Line]:
    """Join the pieces on one line, in the order of the file; a raised mark belongs to the line that it follows.

    `words` are those that the file itself has on the page.
    """
    lines: list[Line] = []
    for piece in starmap(PrintedPiece, pieces):
        line = lines[-1] if lines else None
        if line and _is_raised(piece, line):
            line.pieces.append(Mark(piece.text.strip()))
            line.right = piece.right
        elif line and _is_beside(piece, line):
            _add(line, piece)
        else:
            run = Run(piece.text.lstrip(), piece.is_bold, piece.is_italic)
            lines.append(Line([run], page, piece.left, piece.right, piece.y, piece.size))
    for line in lines:
        line.differing = [word for word in line.text.split() if not words.issuperset(_read_words(word))]
    return lines


def _read_words(text: str) -> list[str]:
    return WORD.findall(normalize("NFKC", text))


def _is_raised(piece: PrintedPiece, line: Line) -> bool:
    return (
        len(piece.text.strip()) <= LONGEST_MARK
        and bool(MARK.fullmatch(piece.text.strip()))
        and piece.size < RAISED_SIZE * line.size
        and 0.1 * line.size < piece.y - line.y < 0.8 * line.size
        and -2 < piece.left - line.right < line.size
    )


def _is_mark_before(line: Line, piece: PrintedPiece) -> bool:
    """Whether a line is the mark of the footnote that begins with a piece."""
    return line.size < RAISED_SIZE * piece.size and bool(MARK.fullmatch(line.text.strip()))


def _is_beside(piece: PrintedPiece, line: Line) -> bool:
    if _is_mark_before(line, piece):
        return 0 < line.y - piece.y < 0.8 * piece.size and 0 <= piece.left - line.right < 3 * piece.size
    return abs(piece.y - line.y) < SAME_LINE and piece.left > line.right - 0.5 * piece.size


def _add(line: Line, piece: PrintedPiece) -> None:
    text, gap = piece.text, (piece.left - line.right) / piece.size
    if _is_mark_before(line, piece):
        line.pieces, line.left, line.y, line.size = [Mark(line.text.strip())], piece.left, piece.y, piece.size
        text = text.lstrip()
    elif gap > WIDE:
        text = "\t" + text.lstrip()
    line.pieces.append(Run(text, piece.is_bold, piece.is_italic))
    line.right, line.size = piece.right, max(line.size, piece.size)


def _find_print_marks(lines: list[Line], pages: list[dict]) -> None:
    """Mark what is near the edge of a page and is repeated on others, or looks like the number of a page or a job."""
    near = [line for line in lines if _is_near_edge(line, pages[line.page - 1]["height"])]
    for line in near:
        if JOB_NUMBER.fullmatch(printed := "".join(piece.text for piece in line.pieces)):
            line.pieces, line.is_mark = [Run(printed)], True
    pages_of = Counter(key for key, _page in {(_head_key(line), line.page) for line in near})
    least = max(2, SHARE_OF_PAGES * len(pages))
    heads = [line for line in near if pages_of[_head_key(line)] >= least and not parse_label(line.text)]
    is_head = {id(line) for line in heads}
    body = group_pairs((line.page, line.y) for line in lines if id(line) not in is_head)
    for line in near:
        is_apart = all(abs(line.y - y) > APART * line.size for y in body[line.page])
        line.is_mark |= bool(PRINT_MARK.fullmatch(line.text.strip()) or (id(line) in is_head and is_apart))


def _is_near_edge(line: Line, height: float) -> bool:
    return line.y > height * (1 - MARGIN) or line.y < height * MARGIN


def _head_key(line: Line) -> tuple[str, int]:
    """Return what a running head has in common with that of another page: its words and its place, but no number."""
    return " ".join(sorted(re.sub("[0-9]+", "#", line.text).split())), round(line.y / SAME_PLACE)

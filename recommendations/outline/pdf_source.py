"""Read the paragraphs of a PDF: its letters in a child process, within limits, and here what they make."""

import json
import re
from collections import Counter
from io import BytesIO
from pathlib import Path
from typing import IO

from django.core.exceptions import ValidationError
from django.core.files import File
from django.utils.translation import gettext_lazy as _

from recommendations.archives import DAMAGED, HAS_PASSWORD
from recommendations.child import read_in_child
from recommendations.error_messages import OTHER_CONTENT
from recommendations.groups import group_pairs
from recommendations.outline.labels import parse_label
from recommendations.outline.layout import LONGEST_MARK, MARGIN, MARK, PRINT_MARK, RAISED_SIZE, Line, PrintedJoiner
from recommendations.outline.source import Run, SourceParagraph, usual_size
from recommendations.word_reader import TOO_LARGE

PROGRAM = Path(__file__).with_name("pdf_program.py")
SECONDS, PAGE_SECONDS = 20, 5  # for all its words, for the picture of a page
MEMORY = 512 * 1024 * 1024  # bytes
NO_TEXT = _("This PDF contains no text, only pictures of pages. Choose the Word document, or paste the text.")
NO_PAGE = _("The document has no page with this number.")
REFUSED = {10: HAS_PASSWORD, 11: NO_TEXT, 12: TOO_LARGE, 13: NO_PAGE}  # by how the program ends
JOB_NUMBER = re.compile(r"[0-9]{5,9}\*\*")
LONGEST_HEAD = 120  # letters of a running head
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
    lines = [line for number, page in enumerate(pages, start=1) for line in _find_lines(number, page["pieces"])]
    _find_print_marks(lines, pages)
    if not lines:
        raise ValidationError(NO_TEXT)
    body = usual_size((line.size, line.text) for line in lines)
    return PrintedJoiner(lines, body, pages[0]["width"] / 2).read()


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


def _find_lines(page: int, pieces: list[list]) -> list[Line]:
    """Join the pieces on one line, in the order of the file; a raised mark belongs to the line that it follows."""
    lines: list[Line] = []
    for piece in pieces:
        line = lines[-1] if lines else None
        if line and _is_raised(piece, line):
            line.marks.append((piece[0].strip(), len(line.text.rstrip())))
            line.right = piece[2]
        elif line and _is_beside(piece, line):
            _add(line, piece)
        else:
            lines.append(_new_line(page, piece))
    return [line for line in lines if line.text.strip() or line.marks]


def _new_line(page: int, piece: list) -> Line:
    text, left, right, y, size, is_bold, is_italic = piece
    return Line([Run(text.lstrip(), is_bold, is_italic)], page=page, left=left, right=right, y=y, size=size)


def _is_raised(piece: list, line: Line) -> bool:
    text, left, _right, y, size, _bold, _italic = piece
    is_mark = len(text.strip()) <= LONGEST_MARK and bool(MARK.fullmatch(text.strip()))
    return (
        is_mark
        and size < RAISED_SIZE * line.size
        and 0.1 * line.size < y - line.y < 0.8 * line.size
        and -2 < left - line.right < line.size
    )


def _is_beside(piece: list, line: Line) -> bool:
    _text, left, _right, y, size, _bold, _italic = piece
    if line.size < RAISED_SIZE * size and MARK.fullmatch(line.text.strip()):  # the mark of a footnote
        return 0 < line.y - y < 0.8 * size and 0 <= left - line.right < 3 * size
    return abs(y - line.y) < SAME_LINE and left > line.right - 0.5 * size


def _add(line: Line, piece: list) -> None:
    text, left, right, y, size, is_bold, is_italic = piece
    if line.size < RAISED_SIZE * size and not line.marks:
        line.marks = [(line.text.strip(), 0)]
        line.runs, line.left, line.y, line.size = [], left, y, size
        text = text.lstrip()
    elif left - line.right > size:
        text = "\t" + text.lstrip()
    elif left - line.right > 0.2 * size and not text.startswith(" ") and not line.text.endswith(" "):
        text = " " + text
    line.runs.append(Run(text, is_bold, is_italic))
    line.right = right
    line.size = max(line.size, size)


def _find_print_marks(lines: list[Line], pages: list[dict]) -> None:
    """Mark what is near the edge of a page and is repeated on others, or looks like the number of a page or a job."""
    near = [line for line in lines if _is_near_edge(line, pages[line.page - 1]["height"])]
    for line in near:
        if line.marks and JOB_NUMBER.fullmatch("".join([line.text, *(mark for mark, _place in line.marks)])):
            line.runs, line.marks, line.is_mark = [Run(f"*{line.text}*")], [], True
    pages_of = Counter(key for key, _page in {(_head_key(line), line.page) for line in near})
    least = max(2, SHARE_OF_PAGES * len(pages))
    heads = [line for line in near if pages_of[_head_key(line)] >= least and _looks_like_head(line)]
    is_head = {id(line) for line in heads}
    body = group_pairs((line.page, line.y) for line in lines if id(line) not in is_head)
    for line in near:
        is_apart = all(abs(line.y - y) > APART * line.size for y in body[line.page])
        is_number = PRINT_MARK.fullmatch(line.text.strip()) and _looks_like_head(line, can_have_label=True)
        line.is_mark |= bool(is_number or (id(line) in is_head and is_apart))


def _looks_like_head(line: Line, can_have_label: bool = False) -> bool:
    """Whether a line is short, and neither a footnote nor a paragraph with a number."""
    is_note = bool(line.marks) and line.marks[0][1] == 0
    return len(line.text) < LONGEST_HEAD and not is_note and (can_have_label or not parse_label(line.text))


def _is_near_edge(line: Line, height: float) -> bool:
    return line.y > height * (1 - MARGIN) or line.y < height * MARGIN


def _head_key(line: Line) -> tuple[str, int]:
    """Return what a running head has in common with that of another page: its words and its place, but no number."""
    return " ".join(sorted(re.sub("[0-9]+", "#", line.text).split())), round(line.y / SAME_PLACE)

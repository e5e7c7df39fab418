"""Read the paragraphs of a plain text: one that `pdftotext` wrote, or that was pasted. No Django."""

import re
from collections import Counter
from itertools import pairwise

from recommendations.outline.labels import DIGITS, SUPERSCRIPTS
from recommendations.outline.layout import PRINT_MARK, SYMBOL, Line, Mark, ParagraphJoiner, is_entry
from recommendations.outline.source import Run, SourceParagraph

LINK = re.compile(r"\[([^\[\]]+)\]\((?:#|https?://)[^()\s]*\)")
ITALICS = re.compile(r"(?<!\w)\*(?![0-9]+\*)([^*\s](?:[^*]*[^*\s])?)\*(?!\w)")
BREAK = re.compile("\r\n?|[\v\x85\u2028\u2029]")
GAP = re.compile(" {2,}")
LONG_LINE = 40  # letters
MONTH = "(?:January|February|March|April|May|June|July|August|September|October|November|December)"
NOTE = re.compile(
    rf"([{SUPERSCRIPTS[1:]}][{SUPERSCRIPTS}]{{0,3}}(?=.)|(?:[1-9][0-9]?|\*{{1,4}})(?=$| ?(?!{MONTH})[A-Z“(])) ?"
)
AFTER_WORD = r"(?:(?<=[A-Za-z)”’»])|(?<=[A-Za-z)”’»][,.;:]))"
MARK = re.compile(rf"{AFTER_WORD}[1-9][0-9]?(?=[\s,.;:)]|$)|[{SUPERSCRIPTS}]+|(?<=[a-z.])\*{{1,4}}(?=\s|$)")
WRAPPED = 0.12  # share of long lines that the next line continues


def read_text(text: str) -> list[SourceParagraph]:
    lines = _find_lines(text)
    _find_print_marks(lines)
    kept = [line for line in lines if not line.is_mark]
    _find_footnotes([line for line in kept if not is_entry(line.text)])
    return ParagraphJoiner(lines, is_wrapped=_is_wrapped(kept)).read()


def _find_lines(text: str) -> list[Line]:
    """Return the lines with words; between others are steps of more than the height of a line."""
    lines, page = [], int("\f" in text)
    for number, raw in enumerate(BREAK.sub("\n", text).split("\n")):
        page += raw.count("\f")
        words = remove_marks(GAP.sub(" ", raw.strip()))
        if words:
            lines.append(Line([Run(words)], page, right=len(words), y=-number))
    return lines


def remove_marks(text: str) -> str:
    """Return the text without link syntax and the asterisks of italics."""
    return ITALICS.sub(r"\1", LINK.sub(r"\1", text))


def _is_wrapped(lines: list[Line]) -> bool:
    long = [(a, b) for a, b in pairwise(lines) if len(a.text) > LONG_LINE and a.y - b.y == 1]
    continued = sum(not a.is_ended and b.text[:1].islower() for a, b in long)
    return bool(long) and continued / len(long) > WRAPPED


def _find_footnotes(lines: list[Line]) -> None:
    """Find the marks of footnotes after words, and before the footnotes, which are numbered in their order."""
    begins = {match[1] for line in lines if (match := NOTE.match(line.text))}
    marks = {match[0].translate(DIGITS) for line in lines for match in MARK.finditer(line.text)}
    expected = ""
    for line in lines:
        text = line.text
        if match := NOTE.match(text):
            mark = match[1].translate(DIGITS)
            is_next = mark in marks and (not mark.isdigit() or mark == (expected or mark))
            if is_next or mark != match[1]:
                line.note, text = mark, text[match.end() :]
                expected = str(int(mark) + 1) if mark.isdigit() else expected
        line.pieces = _split_marks(text, begins)


def _split_marks(text: str, begins: set[str]) -> list[Run | Mark]:
    pieces: list[Run | Mark] = []
    start = 0
    for match in MARK.finditer(text):
        mark = match[0].translate(DIGITS)
        if match[0] in begins or mark in begins:
            pieces += [Run(text[start : match.start()]), Mark(mark)]
            start = match.end()
    return [*pieces, Run(text[start:])]


def _find_print_marks(lines: list[Line]) -> None:
    """Mark running heads and the numbers of pages and jobs: what is repeated and looks like a symbol or a number."""
    symbols = Counter(line.text for line in lines if re.fullmatch(SYMBOL, line.text))
    for line in lines:
        if PRINT_MARK.fullmatch(line.text) and not line.text.isdigit():
            line.is_mark = symbols[line.text] != 1  # a symbol that is not repeated is text

"""A State's report as a document: a tree of plain data that every writer of a document (PDF, DOCX) writes out.

It is chapters of blocks, in words and in order (chapters.py); `kind` tells a writer what a block is. `TextRun` is what
somebody wrote, with its language; all other words are the document's own.
"""

import unicodedata
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True)
class TextRun:
    """`language` is empty, and `direction` the document's, for its own words."""

    text: str
    language: str = ""
    direction: str = ""


@dataclass(frozen=True)
class Cell:
    """`code`: of the status whose symbol stands before the words; `to`: the anchor to which they lead."""

    run: TextRun
    code: str = ""
    to: str = ""
    bar: "StatusBar | None" = None


@dataclass(frozen=True)
class Heading:
    """`is_listed`: in the contents."""

    text: str
    is_listed: bool = True
    kind: str = field(default="heading", init=False)


@dataclass(frozen=True)
class Paragraph:
    run: TextRun
    is_note: bool = False
    kind: str = field(default="paragraph", init=False)


@dataclass(frozen=True)
class StatusBar:
    """`counts`: code, name and count of each status that occurs, no information last; `described` says them."""

    described: str
    counts: list[tuple[str, str, int]]
    is_large: bool = False
    has_legend: bool = True
    kind: str = field(default="bar", init=False)


@dataclass(frozen=True)
class Facts:
    """Names, and what is said under each."""

    rows: list[tuple[str, list[TextRun]]]
    kind: str = field(default="facts", init=False)


@dataclass(frozen=True)
class Table:
    """`widths` are parts of the whole, 0 for as much as the words need; the first cell of a row names it."""

    title: str
    heads: list[Cell]
    rows: list[list[Cell]]
    widths: list[int]
    has_total: bool = False
    kind: str = field(default="table", init=False)


@dataclass(frozen=True)
class Excerpt:
    """Some words of an answer under its label, which leads to the anchor `to`; `notes` in small letters."""

    label: str
    to: str
    code: str
    status: str
    words: TextRun
    notes: list[TextRun]
    kind: str = field(default="excerpt", init=False)


@dataclass(frozen=True)
class Halves:
    """Two columns where there is room."""

    start: "list[Block]"
    end: "list[Block]"
    kind: str = field(default="halves", init=False)


@dataclass(frozen=True)
class Adopted:
    """A text as adopted, in pieces: words, and the number of the footnote that follows them, 0 for none."""

    marker: str
    pieces: list[tuple[str, int]]
    is_chapeau: bool = False


@dataclass(frozen=True)
class CitationLine:
    """A piece of evidence by its number, which leads to the anchor `to`; its title and the place in it."""

    number: str
    to: str
    run: TextRun


@dataclass(frozen=True)
class AnswerBlock:
    """A unit with its whole text, its footnotes and the answer to it."""

    label: str
    anchor: str
    texts: list[Adopted]
    footnotes: list[tuple[int, str]]
    code: str
    status: str
    notes: list[TextRun]
    facts: Facts
    evidence: list[CitationLine]
    foot: str
    kind: str = field(default="answer", init=False)


@dataclass(frozen=True)
class Reference:
    """A piece of evidence; `digest` is the SHA-256 of its file, if it is one."""

    number: str
    anchor: str
    title: TextRun
    notes: list[TextRun]
    digest: str
    kind: str = field(default="reference", init=False)


Block = Heading | Paragraph | StatusBar | Facts | Table | Excerpt | Halves | AnswerBlock | Reference


@dataclass(frozen=True)
class Chapter:
    title: str
    blocks: list[Block]
    part: str = ""


@dataclass(frozen=True)
class Document:
    """`sealed`: on every page of what was handed in; `digest` draws its seal, both empty for the living record.

    `is_brief`: its chapters follow each other on a page.
    """

    language: str
    is_rtl: bool
    date: date
    title: str
    body: str
    state: str
    code: str
    round: str
    marking: str
    reference: str
    running: str
    foot: str
    sealed: str
    digest: str
    facts: Facts
    statements: list[str]
    chapters: list[Chapter]
    words: dict[str, str]
    is_brief: bool = False


def own(text: str) -> TextRun:
    return TextRun(text)


def state_text(text: str, language: str = "") -> TextRun:
    """What somebody wrote: the first letter that has a direction gives it, as a browser does."""
    return TextRun(text, language, direction_of(text))


def direction_of(text: str) -> str:
    for letter in text:
        found = unicodedata.bidirectional(letter)
        if found in ("L", "R", "AL"):
            return "ltr" if found == "L" else "rtl"
    return ""


def isolated(text: str) -> str:
    """A label or a name, whose marks stay with it whatever direction the words around it have."""
    return f"\N{FIRST STRONG ISOLATE}{text}\N{POP DIRECTIONAL ISOLATE}"

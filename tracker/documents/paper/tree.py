"""Describe the progress report as a paper for the Working Group: a tree of plain data for both writers (DOCX, PDF).

A writer chooses by `kind`. The content may leave the Secretariat: small counts are suppressed, quotations permitted.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import get_language_bidi

from recommendations.languages import active_language
from tracker.documents.tree import TextRun, own

WORD_LIMIT = 8_500  # of a paper by the Secretariat


@dataclass(frozen=True)
class PaperFootnote:
    text: str
    kind: str = field(default="footnote", init=False)


Piece = TextRun | PaperFootnote


@dataclass(frozen=True)
class PaperHeading:
    """`level`: 1 to 3, numbered I., A. and 1.; without a number in an annex."""

    text: str
    level: int = 1
    kind: str = field(default="heading", init=False)


@dataclass(frozen=True)
class PaperParagraph:
    """Number the paragraph through the whole paper. `is_instruction`: to the author who edits it."""

    pieces: list[Piece]
    is_instruction: bool = False
    kind: str = field(default="numbered", init=False)


@dataclass(frozen=True)
class PaperItems:
    rows: list[str]
    kind: str = field(default="items", init=False)


@dataclass(frozen=True)
class QuotedText:
    words: TextRun
    by: str = ""
    kind: str = field(default="quotation", init=False)


@dataclass(frozen=True)
class PaperTable:
    """`widths` are relative; the first cell of a row names it; figures begin at column `numbers_from`.

    A table in an annex has no title, since the annex has one.
    """

    title: str
    heads: list[str]
    rows: list[list[str]]
    widths: list[int]
    numbers_from: int = 1
    has_total: bool = False
    note: str = ""
    kind: str = field(default="table", init=False)


def own_paragraph(text: str) -> PaperParagraph:
    return PaperParagraph([own(text)])


Block = PaperHeading | PaperParagraph | PaperItems | QuotedText | PaperTable


@dataclass(frozen=True)
class Annex:
    number: str
    title: str
    blocks: list[Block]


@dataclass(frozen=True)
class ProgressPaper:
    """`symbol` is always empty: documents of the United Nations get theirs elsewhere."""

    date: date
    parent: str
    body: str
    session: str
    place_and_dates: str
    agenda_item: str
    title: str
    prepared_by: str
    dated: str
    running: str
    blocks: list[Block]
    annexes: list[Annex]
    symbol: str = field(default="", init=False)
    language: str = field(default_factory=active_language)
    is_rtl: bool = field(default_factory=get_language_bidi)

    @property
    def head(self) -> list[str]:
        return [self.parent, self.body, self.session, self.place_and_dates, self.agenda_item]

    @property
    def word_count(self) -> int:
        """Count every word from the title of the body to the last annex, with footnotes and tables."""
        return sum(len(text.split()) for text in self.texts)

    @property
    def texts(self) -> Iterator[str]:
        yield from (self.dated, *self.head, self.title, self.prepared_by)
        for block in self.blocks:
            yield from texts_of(block)
        for annex in self.annexes:
            yield from (annex.number, annex.title)
            for block in annex.blocks:
                yield from texts_of(block)


def texts_of(block: Block) -> Iterator[str]:
    match block:
        case PaperHeading():
            yield block.text
        case PaperParagraph():
            yield from (piece.text for piece in block.pieces)
        case PaperItems():
            yield from block.rows
        case QuotedText():
            yield from (block.words.text, block.by)
        case PaperTable():
            yield from (block.title, *block.heads, *(cell for row in block.rows for cell in row), block.note)

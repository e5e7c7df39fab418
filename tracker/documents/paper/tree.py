"""The progress report as a paper for the Working Group: a tree of plain data that both its writers (DOCX, PDF) write
out.

It is blocks in order; `kind` tells a writer what a block is. What stands in it (paper_chapters.py) may leave the
Secretariat: no figure of fewer than five, and the words of a State only where it lets them be quoted with its name.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from tracker.documents.tree import TextRun

WORD_LIMIT = 8_500  # of a paper by the Secretariat


@dataclass(frozen=True)
class PaperFootnote:
    text: str
    kind: str = field(default="footnote", init=False)


Piece = TextRun | PaperFootnote


@dataclass(frozen=True)
class PaperHeading:
    """`level`: 1 to 3, numbered I., A. and 1.; in an annex without a number."""

    text: str
    level: int = 1
    kind: str = field(default="heading", init=False)


@dataclass(frozen=True)
class Numbered:
    """A numbered paragraph; the numbers go through the whole paper. `is_instruction`: to whoever drafts on."""

    pieces: list[Piece]
    is_instruction: bool = False
    kind: str = field(default="numbered", init=False)


@dataclass(frozen=True)
class LetteredItems:
    """Lettered items of the paragraph before."""

    rows: list[str]
    kind: str = field(default="items", init=False)


@dataclass(frozen=True)
class Quotation:
    """Words as they were adopted or written, and whose they are."""

    words: TextRun
    by: str = ""
    kind: str = field(default="quotation", init=False)


@dataclass(frozen=True)
class PaperTable:
    """`widths` are parts of the whole; the first cell of a row names it; figures from column `numbers_from` on. In an
    annex, which has a title, there is none.
    """

    title: str
    heads: list[str]
    rows: list[list[str]]
    widths: list[int]
    numbers_from: int = 1
    has_total: bool = False
    note: str = ""
    kind: str = field(default="table", init=False)


Block = PaperHeading | Numbered | LetteredItems | Quotation | PaperTable


@dataclass(frozen=True)
class Annex:
    """`number`: Annex, and which."""

    number: str
    title: str
    blocks: list[Block]


@dataclass(frozen=True)
class Paper:
    """`symbol` is empty, always: documents of the United Nations get theirs elsewhere."""

    language: str
    is_rtl: bool
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

    @property
    def head(self) -> list[str]:
        """What stands above the text, line by line, but for its date."""
        return [self.parent, self.body, self.session, self.place_and_dates, self.agenda_item]

    @property
    def word_count(self) -> int:
        """Every word from the title of the body to the last annex, footnotes and tables with them."""
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
        case Numbered():
            yield from (piece.text for piece in block.pieces)
        case LetteredItems():
            yield from block.rows
        case Quotation():
            yield from (block.words.text, block.by)
        case PaperTable():
            yield from (block.title, *block.heads, *(cell for row in block.rows for cell in row), block.note)

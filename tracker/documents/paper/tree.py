"""Describe the progress report as a paper for the Working Group: a tree of plain data for both writers (DOCX, PDF).

A writer chooses by `kind`. The content may leave the Secretariat: small counts are suppressed, quotations permitted.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date

from django.utils.translation import get_language_bidi, gettext_lazy
from django.utils.translation import gettext as _

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
    """Number the paragraph through the whole paper. `is_lead` keeps it with what follows; `is_instruction` is for the
    author who edits it.
    """

    pieces: list[Piece]
    is_lead: bool = False
    is_instruction: bool = False
    kind: str = field(default="numbered", init=False)


@dataclass(frozen=True)
class PaperSummary:
    """A box under the title, whose paragraphs have no number."""

    title: str
    paragraphs: list[str]
    kind: str = field(default="summary", init=False)


@dataclass(frozen=True)
class PaperItems:
    rows: list[str]
    kind: str = field(default="items", init=False)


@dataclass(frozen=True)
class QuotedText:
    """`translation`: a courtesy translation, and `note` says whose it is. What `is_long` may go on over a page."""

    words: TextRun
    by: str = ""
    translation: str = ""
    note: str = ""
    is_long: bool = False
    kind: str = field(default="quotation", init=False)


@dataclass(frozen=True)
class PaperTable:
    """Number the table through the whole paper. `widths` are relative; the first cell of a row names it, and the others
    are figures; `source` says where the figures are from and what is not shown.
    """

    title: str
    heads: list[str]
    rows: list[list[str]]
    widths: list[int]
    source: str
    has_total: bool = False
    number: int = 0
    label: str = ""
    kind: str = field(default="table", init=False)


@dataclass(frozen=True)
class ChartRow:
    """`parts` are codes of answers with their counts, in the order of bars."""

    name: str
    parts: list[tuple[str, int]]


@dataclass(frozen=True)
class PaperChart:
    """Number the chart through the whole paper: a bar for each row. `legend` names the codes."""

    title: str
    rows: list[ChartRow]
    legend: list[tuple[str, str]]
    source: str
    number: int = 0
    label: str = ""
    kind: str = field(default="chart", init=False)


def own_paragraph(*sentences: str, is_lead: bool = False) -> PaperParagraph:
    return PaperParagraph([own(joined_sentences(*sentences))], is_lead)


def joined_sentences(*sentences: str) -> str:
    return " ".join(filter(None, sentences))


def punctuated_items(rows: Iterable[str]) -> PaperItems:
    """End every item with a semicolon and the last with a full stop, as the United Nations do."""
    *others, last = rows
    # Translators: item: an item of a list that is not the last.
    item = _("%(item)s;")
    # Translators: item: the last item of a list.
    end = _("%(item)s.")
    return PaperItems([*(item % {"item": row} for row in others), end % {"item": last}])


Block = PaperHeading | PaperParagraph | PaperSummary | PaperItems | QuotedText | PaperTable | PaperChart
LABELS = {
    # Translators: Above a table of a paper. number: counted through the paper.
    PaperTable: gettext_lazy("Table %(number)s"),
    # Translators: Above a chart of a paper. number: counted through the paper.
    PaperChart: gettext_lazy("Figure %(number)s"),
}


@dataclass(frozen=True)
class Annex:
    number: str
    title: str
    blocks: list[Block]


@dataclass(frozen=True)
class Masthead:
    """Hold the lines above the title that the Secretariat allocates. What is not allocated yet is empty, and its field
    can be filled in Word.
    """

    symbol: str = ""
    distribution: str = ""
    dated: str = ""
    original: str = ""
    session: str = ""
    place_and_dates: str = ""
    agenda_item: str = ""

    @property
    def fields(self) -> list[tuple[str, str, str]]:
        """Return name, label and text of the fields at the right, below the symbol."""
        return [
            # Translators: Head of a United Nations document: who gets it, such as General.
            ("distribution", _("Distr.:"), self.distribution),
            # Translators: Head of a United Nations document: its date.
            ("date", _("Date:"), self.dated),
            # Translators: Head of a United Nations document: the language in which it was written.
            ("original", _("Original:"), self.original),
        ]

    @property
    def meeting(self) -> list[str]:
        return [line for line in (self.session, self.place_and_dates, self.agenda_item) if line]


@dataclass(frozen=True)
class ProgressPaper:
    """`draft` marks every page; `release` names the figures on every page."""

    date: date
    organization: str
    parent: str
    body: str
    masthead: Masthead
    title: str
    prepared_by: str
    draft: str
    release: str
    blocks: list[Block]
    annex: Annex
    language: str = field(default_factory=active_language)
    is_rtl: bool = field(default_factory=get_language_bidi)

    @property
    def word_count(self) -> int:
        """Count every word from the title of the body to the end of the annex, with footnotes and tables."""
        return sum(len(text.split()) for text in self.texts)

    @property
    def texts(self) -> Iterator[str]:
        head = self.masthead
        yield from (self.organization, self.parent, head.symbol, self.body, *head.meeting, self.title, self.prepared_by)
        for _name, label, text in head.fields:
            yield from (label, text)
        for block in self.all_blocks:
            yield from texts_of(block)
        yield from (self.annex.number, self.annex.title)

    @property
    def all_blocks(self) -> list[Block]:
        return [*self.blocks, *self.annex.blocks]


def texts_of(block: Block) -> Iterator[str]:
    match block:
        case PaperHeading():
            yield block.text
        case PaperParagraph():
            yield from (piece.text for piece in block.pieces)
        case PaperSummary():
            yield from (block.title, *block.paragraphs)
        case PaperItems():
            yield from block.rows
        case QuotedText():
            yield from (block.translation, block.words.text, block.by, block.note)
        case PaperTable():
            cells = (cell for row in block.rows for cell in row)
            yield from (block.label, block.title, *block.heads, *cells, block.source)
        case PaperChart():
            names = (name for _code, name in block.legend)
            yield from (block.label, block.title, *(row.name for row in block.rows), *names, block.source)


def number_blocks(blocks: Iterable[Block], numbers: Counter[type]) -> Iterator[Block]:
    """Number tables and charts, each by themselves, on from `numbers`."""
    for block in blocks:
        if isinstance(block, PaperTable | PaperChart):
            numbers[type(block)] += 1
            number = numbers[type(block)]
            block = replace(block, number=number, label=str(LABELS[type(block)]) % {"number": number})
        yield block

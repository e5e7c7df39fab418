"""Describe a document as a tree of plain data that both writers (PDF, Word) write: a State's report, a paper, and more.

It has chapters of blocks in order. All words but those of users are the document's own.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _

from recommendations.languages import active_language
from recommendations.models import Recommendation
from tracker.figures.answers import CONSIDERED_ELSEWHERE, CONSIDERED_WHERE_ASKED
from tracker.models.status import CONSIDERED, LOOKS, StatusStyle

# As on the pages, with both parts of "considered, not taken up".
BAR_LOOKS: dict[str, StatusStyle] = LOOKS | {
    CONSIDERED_WHERE_ASKED: LOOKS[CONSIDERED]._replace(pattern=""),
    CONSIDERED_ELSEWHERE: LOOKS[CONSIDERED],
}


@dataclass
class TextRun:
    """For the document's own words `language` is empty, and `direction` is that of the document.

    A frozen class takes three times as long to make one, and a document has thousands.
    """

    text: str
    language: str = ""
    direction: str = ""


@dataclass(frozen=True)
class Cell:
    """`code`: of the status whose symbol comes first; `to`: the anchor of the link; `title`: beside a label."""

    run: TextRun
    code: str = ""
    to: str = ""
    bar: "StatusBar | None" = None
    title: str = ""


class Block:
    """A part of a chapter. A writer chooses by its class."""


@dataclass(frozen=True)
class Heading(Block):
    """`level`: of a paper, 1 to 3, numbered I., A. and 1.; without a number in its annex."""

    text: str
    is_listed: bool = True
    level: int = 1


@dataclass(frozen=True)
class Paragraph(Block):
    """`is_lead`: in large letters, as the summary of a brief."""

    run: TextRun
    is_note: bool = False
    is_lead: bool = False


@dataclass(frozen=True)
class NumberedParagraph(Block):
    """Number the paragraph through the whole paper. `is_lead` keeps it with what follows; `is_instruction` is for the
    author who edits it.
    """

    run: TextRun
    footnote: str = ""
    is_lead: bool = False
    is_instruction: bool = False


@dataclass(frozen=True)
class SummaryBox(Block):
    """A box under the title, whose paragraphs have no number."""

    title: str
    paragraphs: list[str]


@dataclass(frozen=True)
class Contents(Block):
    """The table of contents of a paper: level, and number with text, of each heading. `page` heads the page numbers."""

    title: str
    page: str
    headings: list[tuple[int, str]]


@dataclass(frozen=True)
class QuotedText(Block):
    """What `is_long` may go on over a page."""

    words: TextRun
    by: str = ""
    is_long: bool = False


@dataclass(frozen=True)
class StatusBar(Block):
    """`counts`: code, name and count of each status that occurs, no information last; `described`: in words."""

    described: str
    counts: list[tuple[str, str, int]]
    is_large: bool = False
    has_legend: bool = True


@dataclass(frozen=True)
class Facts(Block):
    rows: list[tuple[str, list[TextRun]]]


@dataclass(frozen=True)
class Table(Block):
    """`widths` are relative, 0 for as little as the words need; the first cell of a row names it.

    In a paper a table has a `label` with its `number`, and its `source`, which says what is not shown.
    """

    title: str
    heads: list[Cell]
    rows: list[list[Cell]]
    widths: list[int]
    has_total: bool = False
    source: str = ""
    number: int = 0
    label: str = ""


@dataclass(frozen=True)
class Chart(Block):
    """A bar for each row, under its name. `legend`: code and name of what the bars count; `label`: as of a table."""

    title: str
    rows: list[tuple[str, StatusBar]]
    legend: list[tuple[str, str]]
    source: str
    number: int = 0
    label: str = ""


@dataclass(frozen=True)
class AnswerPart(Block):
    """Hold part of an answer under its label, which links to the anchor `to`; `notes` are in small letters."""

    label: str
    title: str
    to: str
    code: str
    status: str
    words: TextRun
    notes: list[TextRun]


@dataclass(frozen=True)
class Points(Block):
    """Points of a paper, lettered from (a)."""

    items: list[TextRun]


@dataclass(frozen=True)
class Blanks(Block):
    """Names of lines to be filled in by hand."""

    names: list[str]


@dataclass(frozen=True)
class Adopted:
    marker: str
    pieces: list[tuple[str, int]]
    is_chapeau: bool = False


@dataclass(frozen=True)
class CitationLine:
    number: str
    to: str
    run: TextRun


@dataclass(frozen=True)
class ReportAnswer(Block):
    label: str
    title: str
    anchor: str
    texts: list[Adopted]
    footnotes: list[tuple[int, str]]
    code: str
    status: str
    notes: list[TextRun]
    facts: Facts
    evidence: list[CitationLine]
    foot: str


@dataclass(frozen=True)
class Reference(Block):
    number: str
    anchor: str
    title: TextRun
    notes: list[TextRun]
    digest: str


@dataclass(frozen=True)
class DocumentPart:
    title: str
    blocks: list[Block]
    part: str = ""


def _document_words() -> dict[str, str]:
    return {
        # Translators: Heading: table of contents.
        "contents": _("Contents"),
        # Translators: Tab, heading and label.
        "evidence": _("Evidence"),
        # Translators: number: number of this page; pages: number of pages.
        "page": _("Page %(number)s of %(pages)s"),
    }


@dataclass(frozen=True)
class Masthead:
    """Hold the lines above the title of a paper. What the Secretariat has not allocated yet is empty, and its field can
    be filled in Word.
    """

    symbol: str = ""
    distribution: str = ""
    dated: str = ""
    original: str = ""
    session: str = ""
    place_and_dates: str = ""
    agenda_item: str = ""
    organization: str = ""
    parent: str = ""

    @property
    def fields(self) -> list[tuple[str, str, str]]:
        """Return name, label and text of the fields at the right, below the symbol."""
        return [
            # Translators: Head of a United Nations document: who gets it, such as General.
            ("distribution", _("Distr.:"), self.distribution),
            ("date", "", self.dated),  # printed without a label
            # Translators: Head of a United Nations document: the language in which it was written.
            ("original", _("Original:"), self.original),
        ]

    @property
    def meeting(self) -> list[str]:
        return [line for line in (self.session, self.place_and_dates, self.agenda_item) if line]


@dataclass(frozen=True)
class Document:
    """`author`: the State, or who prepared a paper; `marking` and `foot` are on every page.

    `sealed`: on every page of a submission; `digest`: for drawing its seal; both are empty for current answers.

    `is_continuous`: its chapters follow each other on a page. Without a cover it has no list of contents either.

    With a `masthead` it is a paper: its first chapter has no title, and the second is its annex.
    """

    date: date
    title: str
    body: str
    author: str
    marking: str
    foot: str
    chapters: list[DocumentPart]
    reference: str = ""
    running: str = ""
    facts: Facts = field(default_factory=lambda: Facts([]))
    statements: list[str] = field(default_factory=list)
    masthead: Masthead | None = None
    sealed: str = ""
    digest: str = ""
    is_continuous: bool = False
    has_cover: bool = True
    words: dict[str, str] = field(default_factory=_document_words)
    language: str = field(default_factory=active_language)
    is_rtl: bool = field(default_factory=get_language_bidi)


type Content = str | TextRun | Cell  # of a cell; a string is the document's own words
type Rows = list[list[Content]]


def make_table(
    title: str,
    heads: Sequence[tuple[Content, int]],
    rows: Iterable[Iterable[Content]],
    has_total: bool = False,
    source: str = "",
) -> Table:
    cells = [[_cell(content) for content in row] for row in rows]
    widths = [width for _head, width in heads]
    return Table(title, [_cell(head) for head, _width in heads], cells, widths, has_total, source)


def _cell(content: Content) -> Cell:
    if isinstance(content, Cell):
        return content
    return Cell(content if isinstance(content, TextRun) else own(content))


def unit_cell(unit: Recommendation, to: str = "") -> Cell:
    return Cell(own(unit.full_label), to=to, title=unit.title)


def list_units(units: Iterable[Recommendation]) -> str:
    """Write labels with titles, one a line."""
    return "\n".join(isolated(unit.published_label_with_title) for unit in units)


def own_note(text: str) -> Paragraph:
    return Paragraph(own(text), is_note=True)


def own_facts(rows: Iterable[tuple[str, str]]) -> Facts:
    return Facts([(name, [own(words)]) for name, words in rows if words])


def own(text: str) -> TextRun:
    return TextRun(text)


def state_text(text: str, language: str = "") -> TextRun:
    """Mark a user's text; its first letter with a direction decides the direction, as in a browser."""
    return TextRun(text, language, direction_of(text))


def direction_of(text: str) -> str:
    for letter in text:
        found = unicodedata.bidirectional(letter)
        if found in ("L", "R", "AL"):
            return "ltr" if found == "L" else "rtl"
    return ""


def isolated(text: str) -> str:
    """Isolate a label or a name, so that its marks stay with it in text of any direction."""
    return f"\N{FIRST STRONG ISOLATE}{text}\N{POP DIRECTIONAL ISOLATE}"

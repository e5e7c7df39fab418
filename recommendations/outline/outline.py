"""The outline of a document as issued: what each of its paragraphs is, and the texts of the paper. No Django.

It is a proposal. No paragraph is dropped: what is no text is left out for a reason, which a person confirms or changes.
`reading.py` makes it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from recommendations.outline.asks import NOTHING, Asks
from recommendations.outline.chapters import Zone
from recommendations.outline.labels import Label, Series
from recommendations.outline.layout import ENDED
from recommendations.outline.source import Note, Run, SourceParagraph, TextOfRuns


class OutlineKind(StrEnum):
    CHAPEAU = "chapeau"
    RECOMMENDATION = "recommendation"
    TOPIC = "topic"
    LEFT_OUT = "left_out"


class Reason(StrEnum):
    """Why a paragraph is no text of the paper."""

    PRINT_MARK = "print_mark"  # a page number, a symbol or a job number
    MASTHEAD = "masthead"
    CONTENTS = "contents"
    HEADING = "heading"
    LABEL = "label"  # of the text that follows
    TABLE = "table"  # a cell that is no text
    PREAMBLE = "preamble"
    REPORT = "report"  # what a report tells
    ANNEX = "annex"
    FOOTNOTE = "footnote"
    UNREAD = "unread"  # a picture, a page without words, hidden words
    CURATOR = "curator"  # a person left it out


class DoubtCode(StrEnum):
    """What a person must settle about the words or the addressee of a text."""

    CUT = "cut"  # it does not end as a paragraph does
    WORDS_DIFFER = "words_differ"  # from the text that the file itself has, or divided by a hyphen
    NOBODY = "nobody"  # it addresses nobody
    TWO_ADDRESSEES = "two_addressees"
    IMPLIED = "implied"


@dataclass(frozen=True)
class Doubt:
    """`words` are those in question."""

    code: DoubtCode
    words: str = ""


@dataclass
class OutlineParagraph(TextOfRuns):
    """A paragraph of the document, or a print mark.

    `number` counts from 1 in the order of the document. `label` is as printed, also where a heading or a cell before
    has it; `label_of` is then the number of that. `name` is a suggested label, unique among the texts. `part`
    is the number of the paragraph that heads its part: a heading, the first cell of a table, or 1 before the first
    heading. `above` is the text above; `topics` are the numbers of the headings above. `depth` is that of a text below
    its first paragraph, or of a heading below a chapter, from 0; `rank` is that of a heading, from 1.
    """

    number: int
    source: SourceParagraph
    parsed: Label | None
    label: str
    runs: list[Run]
    notes: list[Note]
    reason: Reason | None = None
    rank: int = 0
    is_title: bool = False  # a line of the title of a resolution, decision or annex
    zone: Zone = Zone.UNKNOWN
    in_decision: bool = False  # or in a resolution
    in_column: bool = False  # of recommendations
    part: int = 1
    topics: tuple[int, ...] = ()
    above: "OutlineParagraph | None" = None
    depth: int = 0
    has_items: bool = False
    name: str = ""
    label_of: int | None = None
    named: tuple[str, ...] = ()  # addressees that stand alone after it
    is_topic: bool = False
    asks: Asks = NOTHING
    doubts: list[Doubt] = field(default_factory=list)

    @property
    def series(self) -> Series | None:
        return self.parsed.series if self.parsed else None

    @property
    def is_ended(self) -> bool:
        return bool(ENDED.fullmatch(self.text))

    @property
    def is_text(self) -> bool:
        return self.reason is None

    @property
    def kind(self) -> OutlineKind:
        if self.reason is not None:
            return OutlineKind.LEFT_OUT
        if self.has_items:
            return OutlineKind.CHAPEAU
        return OutlineKind.TOPIC if self.is_topic else OutlineKind.RECOMMENDATION

    @property
    def parent(self) -> int | None:
        return self.above.number if self.above else None

    @property
    def page(self) -> int:
        return self.source.page

    @property
    def needs_decision(self) -> bool:
        """Whether a person must decide on it before anything is published."""
        return self.reason != Reason.PRINT_MARK

    @property
    def words(self) -> int:
        """Count the words with those of the label and of the footnotes."""
        label = "" if self.label_of else self.label
        notes = (f"{note.mark} {note.text}" for note in self.notes)
        return sum(len(each.split()) for each in (label, self.text, *notes))


@dataclass
class Outline:
    """`parts_above` has the number of the part around each part, by the number of its head; None at the top."""

    paragraphs: list[OutlineParagraph]
    parts_above: Mapping[int, int | None]

    @property
    def texts(self) -> list[OutlineParagraph]:
        return [paragraph for paragraph in self.paragraphs if paragraph.is_text]

    def find(self, number: int) -> OutlineParagraph:
        return self.paragraphs[number - 1]

    def is_unit(self, paragraph: OutlineParagraph) -> bool:
        """Whether a text is answered: each that asks, but an item with items of its own once for all below it."""
        path = [paragraph]
        while path[0].above:
            path.insert(0, path[0].above)
        is_first = path[0].kind == OutlineKind.CHAPEAU
        asking = (each for each in path[is_first:] if each.is_text and not each.is_topic and each.asks.addressees)
        return next(asking, None) is paragraph

    def topic_heading(self, paragraph: OutlineParagraph) -> str:
        return " > ".join(self.words_of(number) for number in paragraph.topics)

    def words_of(self, number: int) -> str:
        """Return a paragraph with its label, as printed."""
        paragraph = self.find(number)
        return f"{paragraph.label} {paragraph.text}".strip()

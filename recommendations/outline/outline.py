"""The outline of a document as issued: what each of its paragraphs is, and the texts of the paper. No Django.

It is a proposal. No paragraph is dropped: what is no text is left out for a reason, which a person confirms or changes.
`reading.py` makes it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from recommendations.outline.asks import NOTHING, Asks
from recommendations.outline.source import Note, Run, TextOfRuns


class OutlineKind(StrEnum):
    CHAPEAU = "chapeau"
    RECOMMENDATION = "recommendation"
    TOPIC = "topic"
    LEFT_OUT = "left_out"


class Reason(StrEnum):
    """Why a paragraph is no text of the paper."""

    PRINT_MARK = "print_mark"  # one that asks nothing
    MASTHEAD = "masthead"
    CONTENTS = "contents"
    HEADING = "heading"
    LABEL = "label"  # of the text that follows
    TABLE = "table"  # a cell that is no text
    PREAMBLE = "preamble"
    REPORT = "report"  # what a report tells
    ANNEX = "annex"
    FOOTNOTE = "footnote"
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

    `number` counts from 1 in the order of the document. `label` is as printed; `label_of` is the number of the heading
    or cell that has it, where the paragraph itself has none. `name` is a suggested label, unique among the texts.
    `part` is the number of the paragraph that heads its part: a heading, the first cell of a table, or 1 before the
    first heading. `parent` is the number of the text above, `topics` are those of the headings above. `depth` is that
    of a text below its first paragraph, or of a heading below a chapter, from 0.
    """

    number: int
    label: str
    runs: list[Run]
    notes: list[Note]
    page: int
    part: int
    kind: OutlineKind = OutlineKind.LEFT_OUT
    reason: Reason | None = None
    depth: int = 0
    parent: int | None = None
    topics: tuple[int, ...] = ()
    name: str = ""
    label_of: int | None = None
    is_topic: bool = False
    asks: Asks = NOTHING
    doubts: list[Doubt] = field(default_factory=list)

    @property
    def is_text(self) -> bool:
        return self.kind != OutlineKind.LEFT_OUT

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


@dataclass(frozen=True)
class Coverage:
    words: int
    in_texts: int
    left_out: int
    in_doubt: int


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

    def part_above(self, number: int) -> int | None:
        """Return the number of the part around the part of a paragraph, such as the chapter around a table."""
        return self.parts_above[self.find(number).part]

    def is_unit(self, paragraph: OutlineParagraph) -> bool:
        """Whether a text is answered: each that asks, but an item with items of its own once for all below it."""
        path = [paragraph]
        while path[0].parent:
            path.insert(0, self.find(path[0].parent))
        is_first = path[0].kind == OutlineKind.CHAPEAU
        asking = (each for each in path[is_first:] if each.is_text and not each.is_topic and each.asks.addressees)
        return next(asking, None) is paragraph

    def topic_heading(self, paragraph: OutlineParagraph) -> str:
        return " > ".join(self.words_of(number) for number in paragraph.topics)

    def words_of(self, number: int) -> str:
        """Return a paragraph with its label, as printed."""
        paragraph = self.find(number)
        return f"{paragraph.label} {paragraph.text}".strip()

    @property
    def coverage(self) -> Coverage:
        """Count the words in texts, in print marks that ask nothing, and in what a person must decide to leave out."""
        texts = sum(text.words for text in self.texts)
        left_out = sum(paragraph.words for paragraph in self.paragraphs if not paragraph.needs_decision)
        words = sum(paragraph.words for paragraph in self.paragraphs)
        return Coverage(words, texts, left_out, words - texts - left_out)

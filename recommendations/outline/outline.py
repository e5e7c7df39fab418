"""The outline of a document as issued: what each of its paragraphs is, and the texts of the paper. No Django.

No paragraph is dropped: what is no text is left out for a reason. `reading.py` makes it.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from recommendations.outline.asks import NOTHING, Asks
from recommendations.outline.source import Note, Run, TextOfRuns


class OutlineKind(StrEnum):
    CHAPEAU = "chapeau"
    RECOMMENDATION = "recommendation"
    TOPIC = "topic"
    LEFT_OUT = "left_out"


TEXTS = (OutlineKind.CHAPEAU, OutlineKind.RECOMMENDATION, OutlineKind.TOPIC)


class Reason(StrEnum):
    """Why a paragraph is no text of the paper."""

    PRINT_MARK = "print_mark"
    MASTHEAD = "masthead"
    CONTENTS = "contents"
    HEADING = "heading"
    LABEL = "label"
    TABLE = "table"
    INTRODUCTION = "introduction"
    PREAMBLE = "preamble"
    SUMMARY = "summary"
    CONCLUSIONS = "conclusions"
    PROCEDURE = "procedure"
    ANNEX = "annex"
    FOOTNOTE = "footnote"
    CURATOR = "curator"


class DoubtCode(StrEnum):
    """What a curator must decide on. `text`: which words are one; the others are of what a text says."""

    GAP = "gap"  # numbers are missing before it
    ORDER = "order"  # the number repeats, or goes backwards
    CUT = "cut"  # it does not end as a paragraph does
    WORDS_DIFFER = "words_differ"  # from the text that the file itself has, or divided by a hyphen
    FOOTNOTE_ALONE = "footnote_alone"  # no text has the mark of this footnote
    NOBODY = "nobody"  # it is a text, and addresses nobody
    ASKS = "asks"  # it is left out, and asks somebody for something
    NOT_NUMBERED = "not_numbered"  # it has no label among texts that have one
    TWO_ADDRESSEES = "two_addressees"
    IMPLIED = "implied"


IN_DOUBT = {DoubtCode.ORDER, DoubtCode.CUT, DoubtCode.FOOTNOTE_ALONE, DoubtCode.ASKS, DoubtCode.NOT_NUMBERED}


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
    `parent` is the number of the text above, `topics` are those of the headings above. `depth` is that of a text below
    its first paragraph, or of a heading below a chapter, from 0.
    """

    number: int
    label: str
    runs: list[Run]
    notes: list[Note]
    page: int
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
        return self.kind in TEXTS

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
    paragraphs: list[OutlineParagraph]

    @property
    def texts(self) -> list[OutlineParagraph]:
        return [paragraph for paragraph in self.paragraphs if paragraph.is_text]

    def find(self, number: int) -> OutlineParagraph:
        return self.paragraphs[number - 1]

    def is_unit(self, paragraph: OutlineParagraph) -> bool:
        """Whether a text is answered: each that asks, but an item with items of its own once for all of them."""
        above = self.find(paragraph.parent) if paragraph.parent else None
        if not paragraph.is_text or paragraph.is_topic or not paragraph.asks.addressees:
            return False
        return above is not None if paragraph.kind == OutlineKind.CHAPEAU else not (above and self.is_unit(above))

    def topic_heading(self, paragraph: OutlineParagraph) -> str:
        headings = (self.find(number) for number in paragraph.topics)
        return " > ".join(f"{heading.label} {heading.text}".strip() for heading in headings)

    @property
    def coverage(self) -> Coverage:
        texts = left_out = in_doubt = 0
        for paragraph in self.paragraphs:
            if any(doubt.code in IN_DOUBT for doubt in paragraph.doubts):
                in_doubt += paragraph.words
            elif paragraph.is_text:
                texts += paragraph.words
            else:
                left_out += paragraph.words
        return Coverage(texts + left_out + in_doubt, texts, left_out, in_doubt)

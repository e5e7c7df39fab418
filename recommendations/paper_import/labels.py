"""Find the labels of the texts of a document: the numeral of the meeting, numbers in order, and the printed items."""

import re

from recommendations.outline.labels import LATER, NUMERALS, write_letter
from recommendations.outline.outline import Outline, OutlineKind, OutlineParagraph, Reason
from recommendations.paper_import import notation

LATER_NUMBER = re.compile(rf"([1-9][0-9]{{0,2}})? ?({LATER})\b", re.IGNORECASE)
NUMBER = re.compile(r"([1-9][0-9]{0,2})\.")
NAMED = re.compile(r"[A-Z][a-z]{3,}")
ITEM = re.compile(r"\(([a-z]{1,8})\)")


def find_meeting(paragraph: OutlineParagraph) -> notation.ParsedMeeting | None:
    """Read a heading that names a meeting, as in a consolidated record."""
    is_heading = paragraph.reason == Reason.HEADING
    return notation.parse_heading(f"{paragraph.label} {paragraph.text}") if is_heading else None


def find_labels(outline: Outline, numeral: str, starts_at: int) -> dict[int, str]:
    """Return the labels by number of the paragraph.

    Below a heading that names a meeting, texts have its numeral and their printed numbers. Elsewhere they are counted.
    """
    return LabelFinder(outline, numeral, starts_at).find()


class LabelFinder:
    def __init__(self, outline: Outline, numeral: str, starts_at: int):
        self.outline, self.numeral, self.last, self.is_first = outline, numeral, starts_at - 1, True
        self.has_heading = False
        self.labels: dict[int, str] = {}
        self.items: dict[int | None, int] = {}
        self.used: set[str] = set()

    def find(self) -> dict[int, str]:
        for paragraph in self.outline.paragraphs:
            if meeting := find_meeting(paragraph):
                self.numeral, self.last, self.is_first, self.has_heading = meeting.roman, 0, True, True
            if paragraph.is_text:
                label = self.labels[paragraph.number] = self.find_label(paragraph)
                self.used.add(label)
        return self.labels

    def find_label(self, paragraph: OutlineParagraph) -> str:
        if paragraph.parent:
            return self.find_item(paragraph, self.outline.find(paragraph.parent))
        later, is_first, self.is_first = LATER_NUMBER.search(paragraph.label), self.is_first, False
        if is_first and is_note(paragraph):
            return self.numeral
        if later:
            number = later[1] if self.has_heading and later[1] else self.last
            if (label := self.join(f"{number} {later[2].lower()}")) not in self.used:
                return label
        printed = NUMBER.fullmatch(paragraph.label) if self.has_heading else None
        is_free = printed is not None and self.join(printed[1]) not in self.used
        self.last = int(printed[1]) if printed and is_free else self.last + 1
        return self.join(str(self.last))

    def join(self, number: str) -> str:
        return f"{self.numeral}.{number}" if self.numeral else number

    def find_item(self, paragraph: OutlineParagraph, above: OutlineParagraph) -> str:
        """Keep a printed letter or roman numeral; count other items, such as bullets."""
        count = self.items[above.number] = self.items.get(above.number, 0) + 1
        printed = ITEM.fullmatch(paragraph.name.removeprefix(above.name))
        label = f"{self.labels[above.number]}({printed[1] if printed else count_item(count, paragraph.depth)})"
        while label in self.used:
            count = self.items[above.number] = self.items[above.number] + 1
            label = f"{self.labels[above.number]}({count_item(count, paragraph.depth)})"
        return label


def is_note(paragraph: OutlineParagraph) -> bool:
    return not paragraph.label and not paragraph.asks.addressees and paragraph.kind != OutlineKind.CHAPEAU


def count_item(count: int, depth: int) -> str:
    """Return `b` for the second item below a paragraph, `ii` for the second below a letter."""
    if depth > 1 and count in NUMERALS:
        return NUMERALS[count]
    return write_letter(count)


def printed_place(outline: Outline, paragraph: OutlineParagraph) -> str:
    """Return the number of a text as printed, with those above it: `12 (b)`.

    Empty without a number, and where the document numbers recommendations (`Recommendation 3 bis`) and no paragraphs.
    """
    path = [paragraph]
    while path[0].parent:
        path.insert(0, outline.find(path[0].parent))
    if NAMED.match(path[0].label):
        return ""
    return " ".join(filter(None, (each.label.strip(" .:–—-•*") for each in path)))

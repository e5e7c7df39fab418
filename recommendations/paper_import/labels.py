"""Propose the labels of the texts of a document: its meeting, resolution or decision, and the printed place."""

import re
from collections import defaultdict
from collections.abc import Collection, Container, Iterable, Iterator
from itertools import count
from typing import NamedTuple

from recommendations.groups import group_pairs
from recommendations.outline.labels import ITEMS, NUMERALS, ROMANS, Series, parse_label, write_letter
from recommendations.outline.outline import Outline, OutlineKind, OutlineParagraph, Reason
from recommendations.paper_import import notation

ACT = re.compile(rf"(?:Draft )?({'|'.join(notation.ACTS)}) ([0-9]{{1,3}}/[0-9]{{1,3}})?", re.IGNORECASE)
DECIMAL = re.compile(r"[0-9]+\.[0-9]")
WHOLE_PLACE = re.compile(r"[0-9]+ ?\(")  # an item that is printed with the number above it: 12 (b)


class ProposedLabel(NamedTuple):
    """`is_printed`: the document has all of it; otherwise a person must settle it."""

    label: str
    is_printed: bool


class Prefix(NamedTuple):
    """Hold what labels of a part begin with. `is_heading`: the heading of the part names it, and not only the document.

    `is_printed` is false for a draft, whose number is not decided.
    """

    words: str
    part: int = 0  # number of its heading
    is_heading: bool = False
    is_printed: bool = True


def find_meeting(paragraph: OutlineParagraph) -> notation.ParsedMeeting | None:
    """Read a heading that names a meeting, as in a consolidated record."""
    is_heading = paragraph.reason == Reason.HEADING
    return notation.parse_heading(f"{paragraph.label} {paragraph.text}") if is_heading else None


def propose_labels(outline: Outline, numeral: str) -> dict[int, ProposedLabel]:
    """Return the labels by number of the paragraph. `numeral`: that of the meeting, where no heading names another.

    A text whose label is not printed, or printed twice, gets the first number that no other text has, or the first
    letter below the text above.
    """
    finder = LabelFinder(outline, dict(_list_prefixes(outline, numeral)))
    for text in outline.texts:
        finder.add_printed(text)
    for text in outline.texts:
        if text.number not in finder.found:
            finder.add_next(text)
    return finder.found


class LabelFinder:
    """`counts` are of the texts whose label is not printed, by the label of the text above or the prefix."""

    def __init__(self, outline: Outline, prefixes: dict[int, Prefix]):
        self.outline, self.prefixes = outline, prefixes
        self.found: dict[int, ProposedLabel] = {}
        self.used: set[str] = set()
        self.repeated: set[int] = set()  # parts whose numbers begin again
        self.counts: defaultdict[str, Iterator[int]] = defaultdict(lambda: count(1))

    def add_printed(self, text: OutlineParagraph) -> None:
        prefix, place = self.prefixes[text.number], notation.read_place(printed_place(self.outline, text))
        label = notation.write_label(place, prefix.words)
        if not place and prefix.is_heading and not text.parent and not text.label:
            label = prefix.words if " " in prefix.words or is_note(text) else ""
        if label in self.used:
            self.repeated.add(prefix.part)
        is_known = text.parent in self.found if is_item(text) else prefix.part not in self.repeated
        if is_known and label not in self.used and notation.parse_label(label if prefix.words else f"I.{label}"):
            self.add(text, ProposedLabel(label, prefix.is_printed))

    def add_next(self, text: OutlineParagraph) -> None:
        """Keep the letter of an item below a text whose label is not printed."""
        above = self.found[text.parent or 0].label if is_item(text) else self.prefixes[text.number].words
        label = f"{above}{notation.read_item(write_piece(text.label)) if is_item(text) else ''}"
        if label == above or label in self.used:
            label = next_label(above, self.used, self.counts[above], is_item=is_item(text))
        self.add(text, ProposedLabel(label, is_printed=False))

    def add(self, text: OutlineParagraph, proposed: ProposedLabel) -> None:
        self.found[text.number] = proposed
        self.used.add(proposed.label)


def _list_prefixes(outline: Outline, numeral: str) -> Iterator[tuple[int, Prefix]]:
    """Yield the prefix of each text by its number: a chapter or an annex has texts of the meeting again.

    A draft is proposed as of the session whose number the meeting has.
    """
    prefix = of_meeting = Prefix(numeral)
    for paragraph in outline.paragraphs:
        if paragraph.is_text:
            yield paragraph.number, prefix
        elif meeting := find_meeting(paragraph):
            prefix = of_meeting = Prefix(meeting.roman, is_heading=True)
        elif paragraph.reason == Reason.HEADING:
            label, act = parse_label(paragraph.label), ACT.match(paragraph.label)
            if act and (act[2] or of_meeting.words):
                number = act[2] or f"{ROMANS[of_meeting.words.lower()]}/{label.value if label else 1}"
                prefix = Prefix(f"{act[1].capitalize()} {number}", is_heading=True, is_printed=bool(act[2]))
            elif label and label.series in (Series.TEXT, Series.ANNEX, Series.CHAPTER):
                prefix = of_meeting
            prefix = prefix._replace(part=paragraph.number)


def next_label(above: str, used: Container[str], numbers: Iterator[int], *, is_item: bool) -> str:
    """Return the label with the first of the numbers, or below a text the first letter, that no other text has."""
    while True:
        number = next(numbers)
        is_roman = above.count("(") == 1 and number in NUMERALS
        letter = NUMERALS[number] if is_roman else write_letter(number)
        label = notation.write_label(f"({letter})" if is_item else str(number), above)
        if label not in used:
            return label


def is_item(text: OutlineParagraph) -> bool:
    """Whether a text is below another by its label: `2.1` is not below `2`."""
    return bool(text.parent) and not is_decimal(text.label)


def is_decimal(printed: str) -> bool:
    return bool(DECIMAL.match(printed))


def is_note(text: OutlineParagraph) -> bool:
    return not text.label and not text.asks.addressees and text.kind != OutlineKind.CHAPEAU


def printed_place(outline: Outline, paragraph: OutlineParagraph) -> str:
    """Return the number of a text as printed, with those above it: `12 (b)`. Empty where the text itself has none."""
    pieces = [write_piece(paragraph.label)]
    while pieces[0] and is_item(paragraph) and not WHOLE_PLACE.match(pieces[0]):
        paragraph = outline.find(paragraph.parent or 0)
        pieces.insert(0, write_piece(paragraph.label))
    return " ".join(filter(None, pieces)) if pieces[-1] else ""


def write_piece(label: str) -> str:
    """Write a printed number without signs around it, and one of another alphabet in Latin letters."""
    printed, read = label.strip(" .:–—-•*"), parse_label(label)
    if printed.isascii() or read is None:
        return printed
    return f"({read.piece})" if read.series in ITEMS else read.piece


def differs_from_printed(label: str, printed: str) -> bool:
    """Whether a label has another place than the document prints, such as `12 (b)`: also where it prints none."""
    parts = notation.parse_label(label)
    return (parts.place if parts else label) != notation.read_place(printed)


def label_problems(labels: Iterable[str], published: Collection[str]) -> dict[str, str]:
    """Return by label of a new text the label of another text that the search and addresses cannot distinguish from it.

    They read letters and numbers alone: `IX.2.2` is `IX.2(2)`. `published`: the labels of the body.
    """
    labels, problems = list(labels), dict[str, str]()
    alike = group_pairs((tuple(notation.label_words(label)), label) for label in [*labels, *published])
    for label in labels:
        others = list(alike[tuple(notation.label_words(label))])
        others.remove(label)
        if others:
            problems[label] = others[0]
    return problems

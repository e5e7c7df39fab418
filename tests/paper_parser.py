"""Read the paper of the first eight meetings a second time, strictly, to compare it with what the catalogue has.

The notation is that of the consolidated record (V.41): a cover; for each meeting a heading (`IV. Fourth meeting,
Vienna, 10 to 12 October 2011`); numbered paragraphs (`46. …`); lettered items (`(i) …` or ` - (i) …`); roman items
below letters; and footnotes (`⁵ …`) wherever a page ended. A page break may cut a paragraph: a line without a number
continues the paragraph before it.

No word is dropped. A line that cannot be read raises `PaperError`; one that needs a check becomes a `Doubt`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from recommendations.paper_import.notation import (
    DIGITS,
    FOOTNOTE,
    HEADING,
    NOT_TEXT,
    ROMANS,
    ParsedFootnote,
    ParsedMeeting,
    parse_heading,
    remove_marks,
    split_footnotes,
)

PARAGRAPH = re.compile(r"([1-9][0-9]{0,2})\. (.+)")
ITEM = re.compile(r"(?:- )?\(([a-z]{1,8})\) (.+)")


class PaperProblem(StrEnum):
    NOT_TEXT = "not_text"
    NO_MEETING = "no_meeting"
    DATES = "dates"
    ORDER = "order"
    NOTHING_ABOVE = "nothing_above"
    EMPTY = "empty"
    FOOTNOTE_TWICE = "footnote_twice"
    FOOTNOTE_ALONE = "footnote_alone"


class PaperError(ValueError):
    """Say why (`problem`) and where (`line`, from 1) a paper cannot be read."""

    def __init__(self, problem: PaperProblem, line: int):
        super().__init__(f"line {line}: {problem}")
        self.problem = problem
        self.line = line


class ParsedKind(StrEnum):
    CHAPEAU = "chapeau"
    RECOMMENDATION = "recommendation"
    NOTE = "note"


class DoubtKind(StrEnum):
    GAP = "gap"
    JOINED = "joined"
    LETTER_OR_ROMAN = "letter_or_roman"
    MARK_ALONE = "mark_alone"


@dataclass(frozen=True)
class Doubt:
    """`label` is that of the node or the meeting; `line` counts from 1."""

    line: int
    label: str
    question: DoubtKind


@dataclass(frozen=True)
class ParsedNode:
    """`text` is the node's own, without number, chapeau or footnote mark; `marker` is `46` or `(i)`.

    A note has no marker, and the numeral of its meeting as label. `line` is its first line in the paper.
    """

    label: str
    parent: str | None
    meeting: int
    kind: ParsedKind
    marker: str
    text: str
    footnotes: tuple[ParsedFootnote, ...]
    line: int = field(default=0, compare=False)


@dataclass(frozen=True)
class ParsedPaper:
    """`cover` has the paragraphs before the first heading; `nodes` are in the order of the paper."""

    title: str
    cover: tuple[str, ...]
    meetings: tuple[ParsedMeeting, ...]
    nodes: tuple[ParsedNode, ...]
    doubts: tuple[Doubt, ...]

    @property
    def footnotes(self) -> tuple[ParsedFootnote, ...]:
        return tuple(footnote for node in self.nodes for footnote in node.footnotes)


def parse_paper(text: str) -> ParsedPaper:
    """Read a paper. Raise PaperError, and nothing else, on text that is no paper."""
    reader = PaperReader()
    for line, words, touches in list_lines(text):
        reader.read_line(line, words, touches)
    return reader.paper()


def list_lines(text: str) -> Iterable[tuple[int, str, bool]]:
    """Yield (number from 1, words, whether no blank line comes before) for each line that has words."""
    touches = False
    for line, raw in enumerate(text.splitlines(), start=1):
        if NOT_TEXT.search(raw):
            raise PaperError(PaperProblem.NOT_TEXT, line)
        words = " ".join(raw.split())
        if words:
            yield line, words, touches
        touches = bool(words)


def join_lines(lines: list[str]) -> str:
    return remove_marks(" ".join(lines))


@dataclass
class ParsedParagraph:
    line: int
    lines: list[str]
    label: str = ""
    parent: str | None = None
    meeting: int = 0
    marker: str = ""
    position: int = 0

    @property
    def text(self) -> str:
        return join_lines(self.lines)

    @property
    def last_letter(self) -> str:
        return self.lines[-1][-1]


class PaperReader:
    def __init__(self) -> None:
        self.cover: list[list[str]] = []
        self.meetings: list[ParsedMeeting] = []
        self.paragraphs: list[ParsedParagraph] = []
        self.footnotes: dict[str, ParsedParagraph] = {}  # by number; those whose mark is met are removed at the end
        self.doubts: list[Doubt] = []
        self.path: list[ParsedParagraph] = []  # numbered paragraph, letter, roman: the way down to the last one
        self.latest: list[str] = []  # lines of the last paragraph or footnote

    def read_line(self, line: int, words: str, touches: bool) -> None:
        """`touches`: no blank line comes before."""
        if match := HEADING.fullmatch(words):
            self.read_heading(line, words, match[1])
        elif not self.meetings:
            self.read_cover(words, touches)
        elif match := FOOTNOTE.fullmatch(words):
            self.read_footnote(line, *match.groups())
        elif match := PARAGRAPH.fullmatch(words):
            self.read_paragraph(line, *match.groups())
        elif (match := ITEM.fullmatch(words)) and (len(match[1]) == 1 or match[1] in ROMANS):
            self.read_item(line, *match.groups())
        else:
            self.read_text(line, words, touches)

    def read_cover(self, words: str, touches: bool) -> None:
        if touches and self.cover:
            self.cover[-1].append(words)
        else:
            self.cover.append([words])

    def read_heading(self, line: int, heading: str, roman: str) -> None:
        number = ROMANS.get(roman.lower(), 0)
        step = number - self.meetings[-1].number if self.meetings else min(number, 1)
        self.check_step(line, roman, step)
        meeting = parse_heading(heading)
        if meeting is None:
            raise PaperError(PaperProblem.DATES, line)
        self.meetings.append(meeting)
        self.path = []

    def read_footnote(self, line: int, mark: str, words: str) -> None:
        number = mark.translate(DIGITS)
        if number in self.footnotes:
            raise PaperError(PaperProblem.FOOTNOTE_TWICE, line)
        self.footnotes[number] = ParsedParagraph(line, [words])
        self.latest = self.footnotes[number].lines

    def read_paragraph(self, line: int, number: str, words: str) -> None:
        label = f"{self.meetings[-1].roman}.{number}"
        last = self.path[0].position if self.path else 0
        self.check_step(line, label, int(number) - last)
        self.add_paragraph(0, ParsedParagraph(line, [words], label, marker=number, position=int(number)))

    def read_item(self, line: int, name: str, words: str) -> None:
        step, depth, position = self.find_place(line, name)
        parent = self.path[depth - 1].label
        label = f"{parent}({name})"
        self.check_step(line, label, step)
        self.add_paragraph(depth, ParsedParagraph(line, [words], label, parent, marker=f"({name})", position=position))

    def read_text(self, line: int, words: str, touches: bool) -> None:
        """Add a line without a number: a note of the meeting, or more of the text before."""
        if not self.path:
            self.add_paragraph(0, ParsedParagraph(line, [words], self.meetings[-1].roman))
        elif touches:
            self.latest.append(words)
        else:
            cut = self.path[-1]
            if cut.last_letter in ".;:" or not words[0].islower():
                self.add_doubt(line, cut.label, DoubtKind.JOINED)
            cut.lines.append(words)
            self.latest = cut.lines

    def add_paragraph(self, depth: int, paragraph: ParsedParagraph) -> None:
        paragraph.meeting = self.meetings[-1].number
        self.paragraphs.append(paragraph)
        self.path[depth:] = [paragraph]
        self.latest = paragraph.lines

    def find_place(self, line: int, name: str) -> tuple[int, int, int]:
        """Return the step from the item before, the depth (1 letter, 2 roman) and the position of an item.

        Where both depths are possible, the smaller step decides, and then the colon: `(i)` after `(h)` is a letter
        unless `(h)` ends in a colon and so introduces it.
        """
        letter, roman = (self.path[depth].position if depth < len(self.path) else 0 for depth in (1, 2))
        places = []
        if len(name) == 1 and self.path and self.path[0].marker:
            position = ord(name) - ord("a") + 1
            places.append((position - letter, 1, position))
        if letter and name in ROMANS:
            places.append((ROMANS[name] - roman, 2, ROMANS[name]))
        if not places:
            raise PaperError(PaperProblem.NOTHING_ABOVE, line)
        ahead = sorted(place for place in places if place[0] > 0) or places
        if len(ahead) == 2 and ahead[0][0] == ahead[1][0]:
            above = self.path[1]
            if roman or above.last_letter not in ":;":
                self.add_doubt(line, above.label, DoubtKind.LETTER_OR_ROMAN)
            return ahead[above.last_letter == ":"]
        return ahead[0]

    def check_step(self, line: int, label: str, step: int) -> None:
        if step < 1:
            raise PaperError(PaperProblem.ORDER, line)
        if step > 1:
            self.add_doubt(line, label, DoubtKind.GAP)

    def add_doubt(self, line: int, label: str, question: DoubtKind) -> None:
        self.doubts.append(Doubt(line, label, question))

    def paper(self) -> ParsedPaper:
        if not self.meetings:
            raise PaperError(PaperProblem.NO_MEETING, 1)
        chapeaux = {paragraph.parent for paragraph in self.paragraphs}
        nodes = tuple(self.read_node(paragraph, chapeaux) for paragraph in self.paragraphs)
        for alone in self.footnotes.values():
            raise PaperError(PaperProblem.FOOTNOTE_ALONE, alone.line)
        cover = tuple(join_lines(lines) for lines in self.cover)
        title = next((words for words in cover if words.startswith("Recommendations")), "")
        doubts = tuple(sorted(self.doubts, key=lambda doubt: doubt.line))
        return ParsedPaper(title, cover, tuple(self.meetings), nodes, doubts)

    def read_node(self, paragraph: ParsedParagraph, chapeaux: set[str | None]) -> ParsedNode:
        text, footnotes = self.split_footnotes(paragraph)
        if not text:
            raise PaperError(PaperProblem.EMPTY, paragraph.line)
        if not paragraph.marker:
            kind = ParsedKind.NOTE
        elif paragraph.label in chapeaux:
            kind = ParsedKind.CHAPEAU
        else:
            kind = ParsedKind.RECOMMENDATION
        return ParsedNode(
            paragraph.label,
            paragraph.parent,
            paragraph.meeting,
            kind,
            paragraph.marker,
            text,
            footnotes,
            paragraph.line,
        )

    def split_footnotes(self, paragraph: ParsedParagraph) -> tuple[str, tuple[ParsedFootnote, ...]]:
        notes = {int(number): note.text for number, note in self.footnotes.items()}
        text, footnotes, alone = split_footnotes(paragraph.text, notes)
        for footnote in footnotes:
            del self.footnotes[str(footnote.number)]
        if alone:
            self.add_doubt(paragraph.line, paragraph.label, DoubtKind.MARK_ALONE)
        return text, footnotes

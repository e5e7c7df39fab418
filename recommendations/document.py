"""The official paper -> meetings and nodes. Pure functions, no Django.

The notation is that of the consolidated record (V.41), in which the next meeting's paper is expected too: a cover;
for each meeting a heading (`IV. Fourth meeting, Vienna, 10 to 12 October 2011`); numbered paragraphs (`46. …`);
lettered items (`(i) …` or ` - (i) …`); roman items beneath letters; and footnote bodies (`⁵ …`) wherever a page
ended. A page break may cut a paragraph: what carries no number goes on with the paragraph before it.

No word is dropped. What cannot be read raises `PaperError`; what was read but deserves a look is a `Doubt`.
"""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Kind(StrEnum):
    CHAPEAU = "chapeau"
    RECOMMENDATION = "recommendation"
    NOTE = "note"


class Problem(StrEnum):
    """Why a paper is refused."""

    NOT_TEXT = "a character that is not text"
    NO_MEETING = "no meeting heading"
    DATES = "the dates of the meeting cannot be read"
    ORDER = "a number that repeats or goes back"
    NOTHING_ABOVE = "an item without a paragraph above it"
    EMPTY = "a number without words"
    FOOTNOTE_TWICE = "a footnote number that repeats"
    FOOTNOTE_ALONE = "a footnote without a mark in the text"


class Question(StrEnum):
    """What deserves a look."""

    GAP = "a gap in the numbering"
    JOINED = "joined to a paragraph that seemed complete"
    LETTER_OR_ROMAN = "could be the next letter or the next roman numeral"
    MARK_ALONE = "a footnote mark without a footnote, left in the text"


class PaperError(ValueError):
    """The paper cannot be read: `problem` says why, `line` where, counted from 1."""

    def __init__(self, problem: Problem, line: int):
        super().__init__(f"line {line}: {problem}")
        self.problem = problem
        self.line = line


@dataclass(frozen=True)
class Doubt:
    """`label` is the node's, or the meeting's numeral; `line` counts from 1."""

    line: int
    label: str
    question: Question


@dataclass(frozen=True)
class Footnote:
    """`offset` counts the characters of the node's text before the mark."""

    number: int
    text: str
    offset: int


@dataclass(frozen=True)
class Meeting:
    number: int
    roman: str
    heading: str
    place: str
    starts: date
    ends: date


@dataclass(frozen=True)
class Node:
    """`text` is the node's own, without number, chapeau or footnote mark; `marker` is `46` or `(i)`.

    A note has no marker, and its meeting's numeral for a label.
    """

    label: str
    parent: str | None
    meeting: int
    kind: Kind
    marker: str
    text: str
    footnotes: tuple[Footnote, ...]


@dataclass(frozen=True)
class Document:
    """`cover` is what stands before the first heading, paragraph by paragraph; `nodes` are in paper order."""

    title: str
    cover: tuple[str, ...]
    meetings: tuple[Meeting, ...]
    nodes: tuple[Node, ...]
    doubts: tuple[Doubt, ...]

    @property
    def footnotes(self) -> tuple[Footnote, ...]:
        return tuple(footnote for node in self.nodes for footnote in node.footnotes)


def parse(text: str) -> Document:
    """Read a paper. Raises PaperError, and nothing else, on text that is not one."""
    reader = _Reader()
    touches = False
    for line, raw in enumerate(text.splitlines(), start=1):
        if _NOT_TEXT.search(raw):
            raise PaperError(Problem.NOT_TEXT, line)
        words = " ".join(raw.split())
        if words:
            reader.take(line, words, touches)
        touches = bool(words)
    return reader.document()


_ONES = ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix")
_TENS = ("", "x", "xx", "xxx", "xl", "l", "lx", "lxx", "lxxx", "xc")
_ROMANS = {_TENS[n // 10] + _ONES[n % 10]: n for n in range(1, 100)}
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_DIGITS = str.maketrans(_SUPERSCRIPTS, "0123456789")

_NOT_TEXT = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_HEADING = re.compile(r"([IVXLC]+)\. [\w -]+ meeting, (.+)")
_DATES = re.compile(
    r"(?:([0-9]{1,2})(?: ([A-Z][a-z]+))?(?: ([0-9]{4}))?(?: and | to | ?[-\N{EN DASH}] ?))?"
    r"([0-9]{1,2}) ([A-Z][a-z]+) ([0-9]{4})"
)
_PARAGRAPH = re.compile(r"([1-9][0-9]{0,2})\. (.+)")
_ITEM = re.compile(r"(?:- )?\(([a-z]{1,8})\) (.+)")
_FOOTNOTE = re.compile(rf"([{_SUPERSCRIPTS[1:]}][{_SUPERSCRIPTS}]{{0,3}}) ?(.+)")
_MARK = re.compile(rf"([{_SUPERSCRIPTS}]+)")
_LINK = re.compile(r"\[([^\[\]]+)\]\([^()]*\)")
_ITALICS = re.compile(r"(?<!\w)\*([^*\s](?:[^*]*[^*\s])?)\*(?!\w)")


@dataclass
class _Paragraph:
    """A node, or the body of a footnote, while it is read."""

    line: int
    lines: list[str]
    label: str = ""
    parent: str | None = None
    meeting: int = 0
    marker: str = ""
    position: int = 0

    @property
    def text(self) -> str:
        return _plain(self.lines)

    @property
    def last_character(self) -> str:
        return self.lines[-1][-1]


class _Reader:
    def __init__(self) -> None:
        self.cover: list[list[str]] = []
        self.meetings: list[Meeting] = []
        self.paragraphs: list[_Paragraph] = []
        self.footnotes: dict[str, _Paragraph] = {}  # by number; those whose mark is found are taken out at the end
        self.doubts: list[Doubt] = []
        self.path: list[_Paragraph] = []  # numbered paragraph, letter, roman: the way down to the last one
        self.latest: list[str] = []  # lines of what was read last, be it a paragraph or a footnote

    def take(self, line: int, words: str, touches: bool) -> None:
        """Read one line; `touches` where no blank line stands before it."""
        if found := _HEADING.fullmatch(words):
            self.take_heading(line, words, *found.groups())
        elif not self.meetings:
            self.take_cover(words, touches)
        elif found := _FOOTNOTE.fullmatch(words):
            self.take_footnote(line, *found.groups())
        elif found := _PARAGRAPH.fullmatch(words):
            self.take_paragraph(line, *found.groups())
        elif (found := _ITEM.fullmatch(words)) and (len(found[1]) == 1 or found[1] in _ROMANS):
            self.take_item(line, *found.groups())
        else:
            self.take_rest(line, words, touches)

    def take_cover(self, words: str, touches: bool) -> None:
        if touches:
            self.cover[-1].append(words)
        else:
            self.cover.append([words])

    def take_heading(self, line: int, heading: str, roman: str, rest: str) -> None:
        number = _ROMANS.get(roman.lower(), 0)
        step = number - self.meetings[-1].number if self.meetings else min(number, 1)
        self.check_step(line, roman, step)
        place, _, days = rest.rpartition(", ")
        starts, ends = _first_and_last(days, line)
        self.meetings.append(Meeting(number, roman, heading, place, starts, ends))
        self.path = []

    def take_footnote(self, line: int, mark: str, words: str) -> None:
        number = mark.translate(_DIGITS)
        if number in self.footnotes:
            raise PaperError(Problem.FOOTNOTE_TWICE, line)
        self.footnotes[number] = _Paragraph(line, [words])
        self.latest = self.footnotes[number].lines

    def take_paragraph(self, line: int, number: str, words: str) -> None:
        label = f"{self.meetings[-1].roman}.{number}"
        last = self.path[0].position if self.path else 0
        self.check_step(line, label, int(number) - last)
        self.add(0, _Paragraph(line, [words], label, marker=number, position=int(number)))

    def take_item(self, line: int, name: str, words: str) -> None:
        step, depth, position = self.place(line, name)
        parent = self.path[depth - 1].label
        label = f"{parent}({name})"
        self.check_step(line, label, step)
        self.add(depth, _Paragraph(line, [words], label, parent, marker=f"({name})", position=position))

    def take_rest(self, line: int, words: str, touches: bool) -> None:
        """What carries no number: a meeting's note, or more of what stands before it."""
        if not self.path:
            self.add(0, _Paragraph(line, [words], self.meetings[-1].roman))
        elif touches:
            self.latest.append(words)
        else:
            cut = self.path[-1]
            if cut.last_character in ".;:" or not words[0].islower():
                self.doubt(line, cut.label, Question.JOINED)
            cut.lines.append(words)
            self.latest = cut.lines

    def add(self, depth: int, paragraph: _Paragraph) -> None:
        paragraph.meeting = self.meetings[-1].number
        self.paragraphs.append(paragraph)
        self.path[depth:] = [paragraph]
        self.latest = paragraph.lines

    def place(self, line: int, name: str) -> tuple[int, int, int]:
        """Where an item belongs: the step from the item before it, its depth (1 letter, 2 roman), its position.

        Where it could be either, the smaller step decides, and then the colon: `(i)` after `(h)` is a letter
        unless `(h)` ends in a colon and so introduces it.
        """
        letter, roman = (self.path[depth].position if depth < len(self.path) else 0 for depth in (1, 2))
        places = []
        if len(name) == 1 and self.path and self.path[0].marker:
            position = ord(name) - ord("a") + 1
            places.append((position - letter, 1, position))
        if letter and name in _ROMANS:
            places.append((_ROMANS[name] - roman, 2, _ROMANS[name]))
        if not places:
            raise PaperError(Problem.NOTHING_ABOVE, line)
        ahead = sorted(place for place in places if place[0] > 0) or places
        if len(ahead) == 2 and ahead[0][0] == ahead[1][0]:
            above = self.path[1]
            if roman or above.last_character not in ":;":
                self.doubt(line, above.label, Question.LETTER_OR_ROMAN)
            return ahead[above.last_character == ":"]
        return ahead[0]

    def check_step(self, line: int, label: str, step: int) -> None:
        if step < 1:
            raise PaperError(Problem.ORDER, line)
        if step > 1:
            self.doubt(line, label, Question.GAP)

    def doubt(self, line: int, label: str, question: Question) -> None:
        self.doubts.append(Doubt(line, label, question))

    def document(self) -> Document:
        if not self.meetings:
            raise PaperError(Problem.NO_MEETING, 1)
        chapeaux = {paragraph.parent for paragraph in self.paragraphs}
        nodes = tuple(self.node(paragraph, chapeaux) for paragraph in self.paragraphs)
        if self.footnotes:
            raise PaperError(Problem.FOOTNOTE_ALONE, next(iter(self.footnotes.values())).line)
        cover = tuple(_plain(lines) for lines in self.cover)
        title = next((words for words in cover if words.startswith("Recommendations")), "")
        doubts = tuple(sorted(self.doubts, key=lambda doubt: doubt.line))
        return Document(title, cover, tuple(self.meetings), nodes, doubts)

    def node(self, paragraph: _Paragraph, chapeaux: set[str | None]) -> Node:
        text, footnotes = self.lift_footnotes(paragraph)
        if not text:
            raise PaperError(Problem.EMPTY, paragraph.line)
        if not paragraph.marker:
            kind = Kind.NOTE
        elif paragraph.label in chapeaux:
            kind = Kind.CHAPEAU
        else:
            kind = Kind.RECOMMENDATION
        return Node(paragraph.label, paragraph.parent, paragraph.meeting, kind, paragraph.marker, text, footnotes)

    def lift_footnotes(self, paragraph: _Paragraph) -> tuple[str, tuple[Footnote, ...]]:
        """The text without the marks of its footnotes, and these. Another superscript stays where it is."""
        text = ""
        footnotes: list[Footnote] = []
        for piece in _MARK.split(paragraph.text):
            number = piece.translate(_DIGITS) if _MARK.fullmatch(piece) else ""
            if body := self.footnotes.pop(number, None):
                footnotes.append(Footnote(int(number), body.text, len(text.rstrip())))
                continue
            if number:
                self.doubt(paragraph.line, paragraph.label, Question.MARK_ALONE)
            text += piece if text and not text.endswith(" ") else piece.lstrip()
        return text.rstrip(), tuple(footnotes)


def _plain(lines: list[str]) -> str:
    """The lines as one, without link syntax and the asterisks of italics."""
    text = _ITALICS.sub(r"\1", _LINK.sub(r"\1", " ".join(lines)))
    return " ".join(text.split())


def _first_and_last(days: str, line: int) -> tuple[date, date]:
    """`30 June and 1 July 2020` -> its two dates."""
    found = _DATES.fullmatch(days)
    if not found:
        raise PaperError(Problem.DATES, line)
    day, month, year, last_day, last_month, last_year = found.groups()
    try:
        ends = date(int(last_year), _MONTHS.index(last_month) + 1, int(last_day))
        starts = date(int(year or last_year), _MONTHS.index(month or last_month) + 1, int(day or last_day))
    except ValueError:
        raise PaperError(Problem.DATES, line) from None
    if starts > ends:
        raise PaperError(Problem.DATES, line)
    return starts, ends

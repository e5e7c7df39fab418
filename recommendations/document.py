"""The official paper -> meetings and nodes. Pure functions, no Django.

The notation is that of the consolidated record (V.41), in which the next meeting's paper is expected too: a cover;
for each meeting a heading (`IV. Fourth meeting, Vienna, 10 to 12 October 2011`); numbered paragraphs (`46. …`);
lettered items (`(i) …` or ` - (i) …`); roman items beneath letters; and footnote bodies (`⁵ …`) wherever a page
ended. A page break may cut a paragraph: what carries no number goes on with the paragraph before it.

No word is dropped. What cannot be read raises `PaperError`; what was read but deserves a look is a `Doubt`. A curator
who takes in a paper decides herself: for her, `read` leaves out what cannot be read, and that is a `Doubt` too.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
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
    CUT = "may be cut: it does not end as a paragraph does"
    MARKER = "begins with a number of an unknown kind, and went on with the paragraph before it"


class PaperError(ValueError):
    """The paper cannot be read: `problem` says why, `line` where, counted from 1."""

    def __init__(self, problem: Problem, line: int):
        super().__init__(f"line {line}: {problem}")
        self.problem = problem
        self.line = line


@dataclass(frozen=True)
class Doubt:
    """`label` is the node's, or the meeting's numeral; `line` counts from 1; `words` are the paper's, where it starts.

    With a Problem, the words were left out, and the label is that of the text above them, or nothing.
    """

    line: int
    label: str
    question: Question | Problem
    words: str = field(default="", compare=False)


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

    A note has no marker, and its meeting's numeral for a label. `line` is that of the paper where it starts.
    """

    label: str
    parent: str | None
    meeting: int
    kind: Kind
    marker: str
    text: str
    footnotes: tuple[Footnote, ...]
    line: int = field(default=0, compare=False)


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
    for line, words, touches in _lines(text):
        reader.take(line, words, touches)
    return reader.document()


def read(text: str, meeting: Meeting | None = None) -> Document:
    """Read what can be read, and leave out the rest with a doubt.

    `meeting` is the one of a paper that has no headings. Raises PaperError where the text is not text, where a heading
    cannot be read, and where nothing says of which meeting it is.
    """
    lines = list(_lines(text))
    has_headings = any(_HEADING.fullmatch(words) for _line, words, _touches in lines)
    reader = _Reader(is_lenient=True, meeting=None if has_headings else meeting)
    for line, words, touches in lines:
        try:
            reader.take(line, words, touches)
        except PaperError as error:
            if _HEADING.fullmatch(words):
                raise
            reader.leave_out(line, words, error.problem)
    return reader.document()


def _lines(text: str) -> Iterable[tuple[int, str, bool]]:
    """(number from 1, words, whether no blank line stands before it) of each line that has words."""
    touches = False
    for line, raw in enumerate(text.splitlines(), start=1):
        if _NOT_TEXT.search(raw):
            raise PaperError(Problem.NOT_TEXT, line)
        words = " ".join(raw.split())
        if words:
            yield line, words, touches
        touches = bool(words)


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
_OTHER_NUMBER = re.compile(
    r"(?:[•·▪◦○●■]|\N{EN DASH} |\N{EM DASH} |- |[0-9]+ (?:bis|ter|quater)\b|[0-9]+(?:\.[0-9]+)+\.? "
    r"|\(?(?:[0-9]{1,4}|[A-Za-z]|[ivxlc]{1,7}|[IVXLC]{1,7})[.)] ).+"
)
_CLOSING = "\"')]\N{RIGHT DOUBLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}"
_COMPLETE = re.compile(rf".*(?:[.:;?!][{re.escape(_CLOSING)}]*|[;,] (?:and|or))")
_LABEL = re.compile(r"([IVXLC]+)(?:\.([1-9][0-9]{0,2})((?:\([a-z]{1,8}\)){0,2}))?")


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
    def __init__(self, is_lenient: bool = False, meeting: Meeting | None = None) -> None:
        self.is_lenient = is_lenient
        self.cover: list[list[str]] = []
        self.meetings: list[Meeting] = [meeting] if meeting else []
        self.is_before_first = True  # paragraph, or heading
        self.paragraphs: list[_Paragraph] = []
        self.footnotes: dict[str, _Paragraph] = {}  # by number; those whose mark is found are taken out at the end
        self.doubts: list[Doubt] = []
        self.path: list[_Paragraph] = []  # numbered paragraph, letter, roman: the way down to the last one
        self.latest: list[str] = []  # lines of what was read last, be it a paragraph or a footnote
        self.left_out: list[_Paragraph] = []

    def take(self, line: int, words: str, touches: bool) -> None:
        """Read one line; `touches` where no blank line stands before it."""
        if found := _HEADING.fullmatch(words):
            self.take_heading(line, words, *found.groups())
        elif self.is_in_cover(words):
            self.take_cover(words, touches)
        elif found := _FOOTNOTE.fullmatch(words):
            self.take_footnote(line, *found.groups())
        elif found := _PARAGRAPH.fullmatch(words):
            self.take_paragraph(line, *found.groups())
        elif (found := _ITEM.fullmatch(words)) and (len(found[1]) == 1 or found[1] in _ROMANS):
            self.take_item(line, *found.groups())
        else:
            self.take_rest(line, words, touches)

    def is_in_cover(self, words: str) -> bool:
        """A paper of a meeting that is known without a heading begins with its first number."""
        return not self.meetings or (self.is_before_first and not _PARAGRAPH.fullmatch(words))

    def take_cover(self, words: str, touches: bool) -> None:
        if touches and self.cover:
            self.cover[-1].append(words)
        else:
            self.cover.append([words])

    def take_heading(self, line: int, heading: str, roman: str, rest: str) -> None:
        number = _ROMANS.get(roman.lower(), 0)
        step = number - self.meetings[-1].number if self.meetings else min(number, 1)
        self.check_step(line, roman, step)
        self.meetings.append(_meeting(line, heading, roman, rest))
        self.path = []
        self.is_before_first = False

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
            if self.is_lenient and _OTHER_NUMBER.fullmatch(words):
                self.doubt(line, cut.label, Question.MARKER, words)
            elif cut.last_character in ".;:" or not words[0].islower():
                self.doubt(line, cut.label, Question.JOINED, words)
            cut.lines.append(words)
            self.latest = cut.lines

    def leave_out(self, line: int, words: str, problem: Problem) -> None:
        """A line that cannot be read, with the lines that touch it."""
        self.left_out.append(_Paragraph(line, [words], self.path[-1].label if self.path else ""))
        self.doubt(line, self.left_out[-1].label, problem, words)
        self.latest = self.left_out[-1].lines

    def add(self, depth: int, paragraph: _Paragraph) -> None:
        paragraph.meeting = self.meetings[-1].number
        self.is_before_first = False
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

    def doubt(self, line: int, label: str, question: Question | Problem, words: str = "") -> None:
        self.doubts.append(Doubt(line, label, question, words))

    def document(self) -> Document:
        if not self.meetings:
            raise PaperError(Problem.NO_MEETING, 1)
        chapeaux = {paragraph.parent for paragraph in self.paragraphs}
        nodes = tuple(self.node(paragraph, chapeaux) for paragraph in self.paragraphs)
        for alone in self.footnotes.values():
            self.refuse(alone, Problem.FOOTNOTE_ALONE)
        cover = tuple(_plain(lines) for lines in self.cover)
        title = next((words for words in cover if words.startswith("Recommendations")), "")
        doubts = tuple(sorted(self.doubts, key=lambda doubt: doubt.line))
        return Document(title, cover, tuple(self.meetings), nodes, doubts)

    def node(self, paragraph: _Paragraph, chapeaux: set[str | None]) -> Node:
        text, footnotes = self.lift_footnotes(paragraph)
        if not text:
            self.refuse(paragraph, Problem.EMPTY)
        elif self.is_lenient and not _COMPLETE.fullmatch(text):
            self.doubt(paragraph.line, paragraph.label, Question.CUT, text[-80:])
        if not paragraph.marker:
            kind = Kind.NOTE
        elif paragraph.label in chapeaux:
            kind = Kind.CHAPEAU
        else:
            kind = Kind.RECOMMENDATION
        return Node(
            paragraph.label,
            paragraph.parent,
            paragraph.meeting,
            kind,
            paragraph.marker,
            text,
            footnotes,
            paragraph.line,
        )

    def refuse(self, paragraph: _Paragraph, problem: Problem) -> None:
        if not self.is_lenient:
            raise PaperError(problem, paragraph.line)
        self.doubt(paragraph.line, paragraph.label, problem, paragraph.text)

    def lift_footnotes(self, paragraph: _Paragraph) -> tuple[str, tuple[Footnote, ...]]:
        """The text without the marks of its footnotes, and these. Another superscript stays where it is."""
        bodies = {int(number): body.text for number, body in self.footnotes.items()}
        text, footnotes, alone = lifted(paragraph.text, bodies)
        for footnote in footnotes:
            del self.footnotes[str(footnote.number)]
        if alone:
            self.doubt(paragraph.line, paragraph.label, Question.MARK_ALONE)
        return text, footnotes


def lifted(printed: str, bodies: Mapping[int, str]) -> tuple[str, tuple[Footnote, ...], tuple[int, ...]]:
    """A text without the marks of its footnotes, these, and what other numbers are raised in it, which stay there."""
    left = dict(bodies)
    text, footnotes, alone = "", [], []
    for piece in _MARK.split(printed):
        number = _number_of(piece) if _MARK.fullmatch(piece) else None
        if number in left:
            footnotes.append(Footnote(number, left.pop(number), len(text.rstrip())))
            continue
        if number is not None:
            alone.append(number)
        text += piece if text and not text.endswith(" ") else piece.lstrip()
    return text.rstrip(), tuple(footnotes), tuple(alone)


def _number_of(mark: str) -> int:
    """0 where it can be no footnote's."""
    return int(mark.translate(_DIGITS)) if mark[0] != "⁰" and len(mark) <= 4 else 0


def printed(text: str, footnotes: Iterable[Footnote]) -> str:
    """The text with the marks of its footnotes where they stood: what `lifted` reads."""
    for footnote in reversed(tuple(footnotes)):
        before, after = text[: footnote.offset], text[footnote.offset :]
        apart = " " if after[:1] in tuple(_SUPERSCRIPTS) else ""
        text = f"{before}{raised(footnote.number)}{apart}{after}"
    return text


def raised(number: int) -> str:
    """`12` -> `¹²`."""
    return "".join(_SUPERSCRIPTS[int(digit)] for digit in str(number))


def footnotes_in(text: str) -> dict[int, str]:
    """The bodies of footnotes by number, one a line: `¹ United Nations…`. Raises PaperError."""
    bodies: dict[int, str] = {}
    for line, words, _touches in _lines(text):
        found = _FOOTNOTE.fullmatch(words)
        if not found:
            raise PaperError(Problem.EMPTY, line)
        number = int(found[1].translate(_DIGITS))
        if number in bodies:
            raise PaperError(Problem.FOOTNOTE_TWICE, line)
        bodies[number] = _plain([found[2]])
    return bodies


@dataclass(frozen=True)
class Place:
    """What a label says: of `IV.46(i)(ii)` meeting 4, number 46 and the items `i` and `ii`; of a note its meeting."""

    meeting: int
    number: int | None
    items: tuple[str, ...]
    parent: str | None
    marker: str


def meeting_in(heading: str) -> Meeting:
    """The meeting of a heading: `IX. Ninth meeting, Vienna, 9 to 11 September 2019`. Raises PaperError."""
    found = _HEADING.fullmatch(" ".join(heading.split()))
    if not found or found[1].lower() not in _ROMANS:
        raise PaperError(Problem.NO_MEETING, 1)
    return _meeting(1, found[0], *found.groups())


def _meeting(line: int, heading: str, roman: str, rest: str) -> Meeting:
    place, _, days = rest.rpartition(", ")
    starts, ends = _first_and_last(days, line)
    return Meeting(_ROMANS.get(roman.lower(), 0), roman, heading, place, starts, ends)


def place_of(label: str) -> Place | None:
    """What a label says, None where it is none."""
    found = _LABEL.fullmatch(label)
    if not found or found[1].lower() not in _ROMANS:
        return None
    items = tuple(re.findall(r"[a-z]+", found[3] or ""))
    parent = label.removesuffix(f"({items[-1]})") if items else None
    marker = f"({items[-1]})" if items else found[2] or ""
    return Place(_ROMANS[found[1].lower()], int(found[2]) if found[2] else None, items, parent, marker)


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

"""The official paper -> meetings and nodes. Pure functions, no Django.

The notation is that of the consolidated record (V.41), in which the next meeting's paper is expected too: a cover;
for each meeting a heading (`IV. Fourth meeting, Vienna, 10 to 12 October 2011`); numbered paragraphs (`46. …`);
lettered items (`(i) …` or ` - (i) …`); roman items beneath letters; and footnote bodies (`⁵ …`) wherever a page
ended. A page break may cut a paragraph: what carries no number goes on with the paragraph before it.

No word is dropped. What cannot be read raises `PaperError`; what was read but deserves a look is a `Doubt`. A curator
who takes in a paper decides herself: for her, `parse_draft` leaves out what cannot be read, and that is a `Doubt` too.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from recommendations.paper_import.notation import (
    COMPLETE,
    DIGITS,
    FOOTNOTE,
    HEADING,
    ITEM,
    OTHER_NUMBER,
    PARAGRAPH,
    ROMANS,
    PaperError,
    PaperProblem,
    ParsedFootnote,
    ParsedMeeting,
    numbered_lines,
    parse_meeting,
    plain_text,
    split_footnotes,
)


class ParsedKind(StrEnum):
    CHAPEAU = "chapeau"
    RECOMMENDATION = "recommendation"
    NOTE = "note"


class DoubtKind(StrEnum):
    """What deserves a look."""

    GAP = "a gap in the numbering"
    JOINED = "joined to a paragraph that seemed complete"
    LETTER_OR_ROMAN = "could be the next letter or the next roman numeral"
    MARK_ALONE = "a footnote mark without a footnote, left in the text"
    CUT = "may be cut: it does not end as a paragraph does"
    MARKER = "begins with a number of an unknown kind, and went on with the paragraph before it"


@dataclass(frozen=True)
class Doubt:
    """`label` is the node's, or the meeting's numeral; `line` counts from 1; `words` are the paper's, where it starts.

    With a Problem, the words were left out, and the label is that of the text above them, or nothing.
    """

    line: int
    label: str
    question: DoubtKind | PaperProblem
    words: str = field(default="", compare=False)


@dataclass(frozen=True)
class ParsedNode:
    """`text` is the node's own, without number, chapeau or footnote mark; `marker` is `46` or `(i)`.

    A note has no marker, and its meeting's numeral for a label. `line` is that of the paper where it starts.
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
    """`cover` is what stands before the first heading, paragraph by paragraph; `nodes` are in paper order."""

    title: str
    cover: tuple[str, ...]
    meetings: tuple[ParsedMeeting, ...]
    nodes: tuple[ParsedNode, ...]
    doubts: tuple[Doubt, ...]

    @property
    def footnotes(self) -> tuple[ParsedFootnote, ...]:
        return tuple(footnote for node in self.nodes for footnote in node.footnotes)


def parse_paper(text: str) -> ParsedPaper:
    """Read a paper. Raises PaperError, and nothing else, on text that is not one."""
    reader = PaperParser()
    for line, words, touches in numbered_lines(text):
        reader.take(line, words, touches)
    return reader.document()


def parse_draft(text: str, meeting: ParsedMeeting | None = None) -> ParsedPaper:
    """Read what can be read, and leave out the rest with a doubt.

    `meeting` is the one of a paper that has no headings. Raises PaperError where the text is not text, where a heading
    cannot be read, and where nothing says of which meeting it is.
    """
    lines = list(numbered_lines(text))
    has_headings = any(HEADING.fullmatch(words) for _line, words, _touches in lines)
    reader = PaperParser(is_lenient=True, meeting=None if has_headings else meeting)
    for line, words, touches in lines:
        try:
            reader.take(line, words, touches)
        except PaperError as error:
            if HEADING.fullmatch(words):
                raise
            reader.leave_out(line, words, error.problem)
    return reader.document()


@dataclass
class ParsedParagraph:
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
        return plain_text(self.lines)

    @property
    def last_character(self) -> str:
        return self.lines[-1][-1]


class PaperParser:
    def __init__(self, is_lenient: bool = False, meeting: ParsedMeeting | None = None) -> None:
        self.is_lenient = is_lenient
        self.cover: list[list[str]] = []
        self.meetings: list[ParsedMeeting] = [meeting] if meeting else []
        self.is_before_first = True  # paragraph, or heading
        self.paragraphs: list[ParsedParagraph] = []
        self.footnotes: dict[str, ParsedParagraph] = {}  # by number; those whose mark is found are taken out at the end
        self.doubts: list[Doubt] = []
        self.path: list[ParsedParagraph] = []  # numbered paragraph, letter, roman: the way down to the last one
        self.latest: list[str] = []  # lines of what was read last, be it a paragraph or a footnote
        self.left_out: list[ParsedParagraph] = []

    def take(self, line: int, words: str, touches: bool) -> None:
        """Read one line; `touches` where no blank line stands before it."""
        if found := HEADING.fullmatch(words):
            self.take_heading(line, words, *found.groups())
        elif self.is_in_cover(words):
            self.take_cover(words, touches)
        elif found := FOOTNOTE.fullmatch(words):
            self.take_footnote(line, *found.groups())
        elif found := PARAGRAPH.fullmatch(words):
            self.take_paragraph(line, *found.groups())
        elif (found := ITEM.fullmatch(words)) and (len(found[1]) == 1 or found[1] in ROMANS):
            self.take_item(line, *found.groups())
        else:
            self.take_rest(line, words, touches)

    def is_in_cover(self, words: str) -> bool:
        """A paper of a meeting that is known without a heading begins with its first number."""
        return not self.meetings or (self.is_before_first and not PARAGRAPH.fullmatch(words))

    def take_cover(self, words: str, touches: bool) -> None:
        if touches and self.cover:
            self.cover[-1].append(words)
        else:
            self.cover.append([words])

    def take_heading(self, line: int, heading: str, roman: str, rest: str) -> None:
        number = ROMANS.get(roman.lower(), 0)
        step = number - self.meetings[-1].number if self.meetings else min(number, 1)
        self.check_step(line, roman, step)
        self.meetings.append(parse_meeting(line, heading, roman, rest))
        self.path = []
        self.is_before_first = False

    def take_footnote(self, line: int, mark: str, words: str) -> None:
        number = mark.translate(DIGITS)
        if number in self.footnotes:
            raise PaperError(PaperProblem.FOOTNOTE_TWICE, line)
        self.footnotes[number] = ParsedParagraph(line, [words])
        self.latest = self.footnotes[number].lines

    def take_paragraph(self, line: int, number: str, words: str) -> None:
        label = f"{self.meetings[-1].roman}.{number}"
        last = self.path[0].position if self.path else 0
        self.check_step(line, label, int(number) - last)
        self.add(0, ParsedParagraph(line, [words], label, marker=number, position=int(number)))

    def take_item(self, line: int, name: str, words: str) -> None:
        step, depth, position = self.place(line, name)
        parent = self.path[depth - 1].label
        label = f"{parent}({name})"
        self.check_step(line, label, step)
        self.add(depth, ParsedParagraph(line, [words], label, parent, marker=f"({name})", position=position))

    def take_rest(self, line: int, words: str, touches: bool) -> None:
        """What carries no number: a meeting's note, or more of what stands before it."""
        if not self.path:
            self.add(0, ParsedParagraph(line, [words], self.meetings[-1].roman))
        elif touches:
            self.latest.append(words)
        else:
            cut = self.path[-1]
            if self.is_lenient and OTHER_NUMBER.fullmatch(words):
                self.doubt(line, cut.label, DoubtKind.MARKER, words)
            elif cut.last_character in ".;:" or not words[0].islower():
                self.doubt(line, cut.label, DoubtKind.JOINED, words)
            cut.lines.append(words)
            self.latest = cut.lines

    def leave_out(self, line: int, words: str, problem: PaperProblem) -> None:
        """A line that cannot be read, with the lines that touch it."""
        self.left_out.append(ParsedParagraph(line, [words], self.path[-1].label if self.path else ""))
        self.doubt(line, self.left_out[-1].label, problem, words)
        self.latest = self.left_out[-1].lines

    def add(self, depth: int, paragraph: ParsedParagraph) -> None:
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
        if letter and name in ROMANS:
            places.append((ROMANS[name] - roman, 2, ROMANS[name]))
        if not places:
            raise PaperError(PaperProblem.NOTHING_ABOVE, line)
        ahead = sorted(place for place in places if place[0] > 0) or places
        if len(ahead) == 2 and ahead[0][0] == ahead[1][0]:
            above = self.path[1]
            if roman or above.last_character not in ":;":
                self.doubt(line, above.label, DoubtKind.LETTER_OR_ROMAN)
            return ahead[above.last_character == ":"]
        return ahead[0]

    def check_step(self, line: int, label: str, step: int) -> None:
        if step < 1:
            raise PaperError(PaperProblem.ORDER, line)
        if step > 1:
            self.doubt(line, label, DoubtKind.GAP)

    def doubt(self, line: int, label: str, question: DoubtKind | PaperProblem, words: str = "") -> None:
        self.doubts.append(Doubt(line, label, question, words))

    def document(self) -> ParsedPaper:
        if not self.meetings:
            raise PaperError(PaperProblem.NO_MEETING, 1)
        chapeaux = {paragraph.parent for paragraph in self.paragraphs}
        nodes = tuple(self.node(paragraph, chapeaux) for paragraph in self.paragraphs)
        for alone in self.footnotes.values():
            self.refuse(alone, PaperProblem.FOOTNOTE_ALONE)
        cover = tuple(plain_text(lines) for lines in self.cover)
        title = next((words for words in cover if words.startswith("Recommendations")), "")
        doubts = tuple(sorted(self.doubts, key=lambda doubt: doubt.line))
        return ParsedPaper(title, cover, tuple(self.meetings), nodes, doubts)

    def node(self, paragraph: ParsedParagraph, chapeaux: set[str | None]) -> ParsedNode:
        text, footnotes = self.lift_footnotes(paragraph)
        if not text:
            self.refuse(paragraph, PaperProblem.EMPTY)
        elif self.is_lenient and not COMPLETE.fullmatch(text):
            self.doubt(paragraph.line, paragraph.label, DoubtKind.CUT, text[-80:])
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

    def refuse(self, paragraph: ParsedParagraph, problem: PaperProblem) -> None:
        if not self.is_lenient:
            raise PaperError(problem, paragraph.line)
        self.doubt(paragraph.line, paragraph.label, problem, paragraph.text)

    def lift_footnotes(self, paragraph: ParsedParagraph) -> tuple[str, tuple[ParsedFootnote, ...]]:
        """The text without the marks of its footnotes, and these. Another superscript stays where it is."""
        bodies = {int(number): body.text for number, body in self.footnotes.items()}
        text, footnotes, alone = split_footnotes(paragraph.text, bodies)
        for footnote in footnotes:
            del self.footnotes[str(footnote.number)]
        if alone:
            self.doubt(paragraph.line, paragraph.label, DoubtKind.MARK_ALONE)
        return text, footnotes

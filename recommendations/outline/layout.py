"""Join the lines of a page to paragraphs: print marks and footnotes apart, over the ends of lines and pages. No Django.

Lines of a PDF have places and sizes. Lines of plain text have their order and their length: their letters are 1 wide
and 1 high.
"""

import re
from collections import defaultdict, deque
from dataclasses import dataclass, field
from itertools import pairwise

from recommendations.outline.labels import RAISED, Label, Series, parse_label
from recommendations.outline.source import Note, PrintedPart, Run, SourceParagraph, TextBuilder, usual_size

LONGEST_WORD = 60  # letters
SHORT_LINE = 0.8  # of the longest lines
COLUMN_LINES = 0.1  # of the lines of a document in two columns, in each of them
NOTE_STEP = 1.6  # between the lines of a footnote, in sizes of the letters
INDENT = 8  # points
SYMBOL = r"(?=\S*[0-9])[A-Z][A-Za-z]{0,9}(?:\.[0-9A-Z]{1,5})?(?:/[A-Za-z0-9().\-]{1,20}){1,8}(?<!\.)"
PAGE_OF = r"[0-9]{1,4}/[0-9]{1,4}"
JOB = r"[A-Z]{1,2}\.? ?[0-9]{2}-[0-9]{4,6}"
PRINT_MARK = re.compile(
    rf"{JOB}(?: \([A-Z]\))?(?:\s+[0-9/]{{3,9}})*(?:\s+\*[0-9]+\*)?|\*[0-9]{{5,9}}\*|{PAGE_OF}(?:\s+{JOB})?"
    rf"|(?:- ?|– ?)?[0-9]{{1,4}}(?: ?-| ?–)?|Page [0-9]+(?: (?:of|/) [0-9]+)?|{SYMBOL}(?:\s+Page [0-9]+)?"
    r"|Please recycle[\W0-9]*|_{3,}"
)
MARK = re.compile(r"\*{1,4}|[0-9]{1,3}|[†‡§]|[a-z]")
ENDED = re.compile(r".*(?:[.:;!?؛؟۔。；：！？]|[;,] (?:and|or|and/or))[\"'”’»)\]]*", re.DOTALL)
CHINESE = re.compile(r"[\u3000-\u9fff\uff00-\uffef]")  # letters and signs, between which is no space
LEADERS = re.compile(r"[.…·_]{4,} ?[0-9ivx]{1,4}$")  # of an entry of the contents
ENTRY_END = 200  # letters
DIVIDED = re.compile(r"(?<![A-Za-z])([A-Za-z]+)[-\u2010]\n([a-z]+)")  # at the end of a line
FUNCTION_WORD = re.compile(r"\b(?:of|the|an?|in|on|at|to|for|by|with|and|or|that|which|from|as|its|their|under|this)$")
CONTENTS = re.compile(r"(?:table of )?contents", re.IGNORECASE)
ALWAYS_FIRST = (Series.NAMED, Series.TEXT, Series.ANNEX, Series.CHAPTER)  # labels that no line begins with by chance
# What the preamble of a resolution or decision begins with.
BODY_SPEAKS = re.compile(
    r"The (?:Conference|General Assembly|Economic and Social Council|Commission|Security Council|Assembly|Council"
    r"|Working Group)\b[^.;:]*,"
)


def is_entry(text: str) -> bool:
    """Whether a text is an entry of the contents: dots lead to the number of a page."""
    return bool(LEADERS.search(text[-ENTRY_END:]))


@dataclass(frozen=True)
class Mark:
    """A raised mark of a footnote in a line."""

    text: str


@dataclass
class Line:
    """`note` is the mark of the footnote that begins with the line, or None."""

    pieces: list[Run | Mark]
    page: int = 0
    left: float = 0
    right: float = 0
    y: float = 0
    size: float = 1
    note: str | None = None
    is_mark: bool = False
    differing: list[str] = field(default_factory=list)

    @property
    def runs(self) -> list[Run]:
        return [piece for piece in self.pieces if isinstance(piece, Run)]

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)

    @property
    def is_bold(self) -> bool:
        return all(run.is_bold for run in self.runs if run.text.strip())

    @property
    def is_ended(self) -> bool:
        return bool(ENDED.fullmatch(self.text.rstrip()))

    @property
    def has_comma(self) -> bool:
        return self.text.rstrip().endswith(",")


@dataclass
class PrintedFootnote:
    mark: str
    lines: list[Line]
    is_used: bool = False

    @property
    def page(self) -> int:
        return self.lines[0].page


class ParagraphJoiner:
    """Join lines in the order of the document to paragraphs with footnotes; print marks come first.

    `middle` is that of a page, beside which two columns may be; a plain text has none. `size` is that of its letters.
    `is_wrapped`: a paragraph has several lines.
    """

    def __init__(self, lines: list[Line], size: float = 1, middle: float = 0, is_wrapped: bool = True):
        self.lines, self.size, self.middle, self.is_wrapped = lines, size, middle, is_wrapped
        self.ends = self._find_ends()
        self.step = self._find_step()
        self.footnotes: list[PrintedFootnote] = []
        self.waiting: defaultdict[str, deque[int]] = defaultdict(deque)  # footnotes without a mark yet, by mark
        self.groups: list[list[Line]] = []

    def _find_ends(self) -> tuple[float, float]:
        """Return where the full lines end to the left and to the right of the middle."""
        body = [line for line in self.lines if line.size == self.size and not (line.is_mark or is_entry(line.text))]
        columns = (
            [line for line in body if line.right < self.middle],
            [line for line in body if line.left > self.middle],
        )
        if min(map(len, columns)) > COLUMN_LINES * len(body):
            return _usual_end(columns[0]), _usual_end(columns[1])
        return (_usual_end(body),) * 2

    def _find_step(self) -> float:
        """Return the usual step from line to line, in sizes of the letters."""
        steps = sorted(
            (a.y - b.y) / b.size
            for a, b in pairwise(self.lines)
            if a.page == b.page and a.size == b.size and 0.9 < (a.y - b.y) / b.size < 1.7
        )
        return steps[len(steps) // 5] if steps else 1.2

    def read(self) -> list[SourceParagraph]:
        for line in self.lines:
            if line.is_mark:
                continue
            if line.note is not None:
                self.footnotes.append(PrintedFootnote(line.note, [line]))
            elif self.footnotes and self.continues_note(self.footnotes[-1].lines[-1], line):
                self.footnotes[-1].lines.append(line)
            elif self.groups and self.continues(self.groups[-1], line):
                self.groups[-1].append(line)
            else:
                self.groups.append([line])
        for number, note in enumerate(self.footnotes):
            self.waiting[note.mark].append(number)
        paragraphs = [self.join(group) for group in self.groups]
        alone = [self.write_alone(note) for note in self.footnotes if not note.is_used]
        marks = [
            SourceParagraph(each.runs, part=PrintedPart.PRINT_MARK, page=each.page)
            for each in self.lines
            if each.is_mark
        ]
        return [*marks, *paragraphs, *alone]

    # Which lines are one paragraph

    def continues_note(self, last: Line, line: Line) -> bool:
        """Whether a line is more of a footnote: below its last line, or on the next page if it did not end."""
        is_small = line.size < self.size - 0.6
        if abs(last.size - line.size) > 0.3:
            return False
        if last.page != line.page:
            return is_small and line.page == last.page + 1 and not last.is_ended
        is_below = 0 < last.y - line.y < NOTE_STEP * line.size
        return is_below and (is_small or not (last.is_ended or parse_label(line.text)))

    def continues(self, group: list[Line], line: Line) -> bool:
        """Whether a line is more of the paragraph before it."""
        last, label = group[-1], parse_label(line.text)
        if abs(last.size - line.size) > 0.6 or last.is_bold != line.is_bold or is_entry(last.text):
            return False
        if (label and label.series in ALWAYS_FIRST) or CONTENTS.fullmatch(line.text.strip()):
            return False
        if BODY_SPEAKS.fullmatch(line.text.strip()) and not FUNCTION_WORD.search(last.text.rstrip()):
            return False
        if not (self.is_wrapped and self.is_below(last, line)):
            return self.continues_elsewhere(last, line, label)
        is_short = self.is_short(last)
        if label:
            return not (last.is_ended or is_short or last.has_comma or self.is_heading(group))
        if line.text[:1].islower() or FUNCTION_WORD.search(last.text.rstrip()):
            return True
        if last.is_ended:
            is_last = last.text.rstrip().endswith((";", ":")) or not (self.middle or parse_label(group[0].text))
            return not (is_short or is_last) and self.is_aligned(group, line)
        return not is_short or (self.middle > 0 and not last.has_comma)

    def continues_elsewhere(self, last: Line, line: Line, label: Label | None) -> bool:
        """Whether a line on the next page, in the next column or after a space is more of the paragraph."""
        if label or last.is_ended:
            return False
        is_cut = last.page != line.page and not (self.is_short(last) or last.has_comma or line.is_bold)
        return is_cut or line.text[:1].islower() or bool(FUNCTION_WORD.search(last.text.rstrip()))

    def is_below(self, last: Line, line: Line) -> bool:
        return last.page == line.page and -0.5 * line.size < last.y - line.y < 1.16 * self.step * line.size

    def is_short(self, line: Line) -> bool:
        end = self.ends[line.right >= self.middle]
        return line.right - line.left < SHORT_LINE * (end - line.left)

    def is_aligned(self, group: list[Line], line: Line) -> bool:
        last = group[-1]
        return abs(line.left - last.left) < INDENT or (len(group) == 1 and line.left < last.left)

    @staticmethod
    def is_heading(group: list[Line]) -> bool:
        label = parse_label(group[0].text)
        return label is not None and label.series in (Series.CHAPTER, Series.SECTION)

    # What a paragraph says

    def join(self, group: list[Line]) -> SourceParagraph:
        text, differing = self.read_lines(group)
        notes = []
        for key, offset in text.notes:
            note = self.footnotes[int(key)]
            note.is_used = True
            words, differing_too = self.read_note(note)
            notes.append(Note(note.mark, words, offset))
            differing += differing_too
        return SourceParagraph(
            text.finish(),
            notes=notes,
            page=group[0].page,
            size=usual_size((line.size, line.text) for line in group),
            indent=group[0].left,
            differing=differing,
            tab=text.tab,
        )

    def read_lines(self, lines: list[Line], is_note: bool = False) -> tuple[TextBuilder, list[str]]:
        """Return the words, and those that differ from the text of the file or that a hyphen divides."""
        text, differing = TextBuilder(), []
        for index, line in enumerate(lines):
            if index:
                differing += self.add_break(text, line)
            differing += line.differing
            for piece in line.pieces:
                if isinstance(piece, Run):
                    text.add(piece.text, piece.is_bold, piece.is_italic)
                elif is_note:
                    text.add(piece.text.translate(RAISED))
                else:
                    self.add_mark(text, piece.text, line.page)
        return text, differing

    @staticmethod
    def add_break(text: TextBuilder, line: Line) -> list[str]:
        """Put a space between two lines, or leave a hyphen as printed; return the word that it divides."""
        before = "".join(run.text[-LONGEST_WORD:] for run in text.runs[-LONGEST_WORD:]).rstrip(" ")
        after = line.text[:LONGEST_WORD]
        if match := DIVIDED.search(f"{before}\n{after}"):
            return [f"{match[1]}-{match[2]}"]
        is_divided = before.endswith(("-", "–", "/")) and after[:1].isalnum() and before[-2:-1].isalnum()
        is_chinese = CHINESE.fullmatch(before[-1:]) and CHINESE.fullmatch(after[:1])
        if not (is_divided or is_chinese or before.endswith("\N{SOFT HYPHEN}")):
            text.add(" ")
        return []

    def add_mark(self, text: TextBuilder, mark: str, page: int) -> None:
        """Add a mark with its footnote: that of its page, or the next one with it; or as a raised number."""
        waiting = self.waiting[mark]
        while waiting and self.footnotes[waiting[0]].page < page:
            waiting.popleft()
        if waiting:
            text.add_note(str(waiting.popleft()))
        else:
            text.add(mark.translate(RAISED))

    def read_note(self, note: PrintedFootnote) -> tuple[str, list[str]]:
        text, differing = self.read_lines(note.lines, is_note=True)
        return "".join(run.text for run in text.finish()), differing

    def write_alone(self, note: PrintedFootnote) -> SourceParagraph:
        words, differing = self.read_note(note)
        runs = [Run(f"{note.mark} {words}".strip())]
        return SourceParagraph(runs, part=PrintedPart.FOOTNOTE, page=note.page, differing=differing)


def _usual_end(lines: list[Line]) -> float:
    ends = sorted(line.right for line in lines)
    return ends[int(0.9 * (len(ends) - 1))] if ends else 0

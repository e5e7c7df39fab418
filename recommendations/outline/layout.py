"""Join the lines of a page to paragraphs: print marks and footnotes apart, over the ends of lines and pages. No Django.

Lines of a PDF have places and sizes; lines of plain text have only their order, and their length.
"""

import re
from abc import ABC, abstractmethod
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice, pairwise

from recommendations.outline.labels import DIGITS, RAISED, SUPERSCRIPTS, Series, parse_label
from recommendations.outline.source import Note, PrintedPart, Run, SourceParagraph, TextBuilder, TextOfRuns, usual_size

MARGIN = 0.12  # of the height of a page, where running heads and page numbers are
RAISED_SIZE = 0.78  # of a footnote mark, beside the letters around it
LONGEST_MARK = 3  # letters
LABEL_LINES = 3  # more than a label in a narrow column has
LONGEST_WORD = 60  # letters
SHORT_LINE = 0.8  # of the longest lines
SYMBOL = r"[A-Z][A-Za-z]{0,9}(?:\.[0-9A-Z]{1,5})?(?:/[A-Za-z0-9().\-]{1,20}){1,8}(?<!\.)"
PAGE_OF = r"[0-9]{1,4}/[0-9]{1,4}"
JOB = r"[A-Z]{1,2}\.? ?[0-9]{2}-[0-9]{4,6}"
PRINT_MARK = re.compile(
    rf"{JOB}.{{0,40}}|\*[0-9]{{5,9}}\*|{PAGE_OF}(?:\s+{JOB})?|(?:- ?|– ?)?[0-9]{{1,4}}(?: ?-| ?–)?"
    rf"|Page [0-9]+(?: (?:of|/) [0-9]+)?|{SYMBOL}(?:\s+Page [0-9]+)?|Please recycle.*|_{{3,}}",
    re.IGNORECASE,
)
MARK = re.compile(r"\*{1,4}|[0-9]{1,3}|[†‡§]|[a-z]")
ENDED = re.compile(r".*(?:[.:;!?؛؟۔。；：！？]|[;,] (?:and|or|and/or))[\"'”’»)\]]*", re.DOTALL)
CHINESE = re.compile(r"[\u3000-\u9fff\uff00-\uffef]")  # letters and signs, between which is no space
HYPHEN_AT_END = re.compile(r"(?<![A-Za-z])([A-Za-z]+)[-\u2010]$")
LEADERS = re.compile(r"[.…·_]{4,} ?[0-9ivx]{1,4}$")  # of an entry of the contents
FIRST_WORD = re.compile(r"[a-z]+")
# What cannot be a word by itself, and so is the end of one that a hyphen divides.
END_OF_WORD = re.compile(
    r"[a-z]?(?:ings?|[ts]ions?|[ts]ional(?:ly)?|ments?|it(?:y|ies)|ness|[ai]bl[ey]|[ae]nces?|ers?|ors?|ed|ly|als?|ally|ives?|ously?|"
    r"[a-z]{0,2}iate(?:[sd]|ly)?|ful|isms?|ists?|i[sz](?:es?|ed|ing|ation)|cations?|ary|ory|ties|ures?|ical)"
)
SHORT_WORDS = {
    "king",
    "ring",
    "wing",
    "sing",
    "led",
    "red",
    "fed",
    "able",
    "live",
    "lives",
    "ally",
    "her",
    "per",
    "for",
    "nor",
    "fly",
    "sure",
    "cure",
    "dance",
}
WORD = re.compile(r"[A-Za-z]+(?:-[A-Za-z]+)*")
# Parts of words that keep their hyphen at the end of a line, unless the document has the word without it.
PREFIXES = {
    *(
        "anti",
        "co",
        "counter",
        "cross",
        "ex",
        "extra",
        "front",
        "full",
        "half",
        "high",
        "inter",
        "intra",
        "long",
        "low",
    ),
    *("mid", "mini", "multi", "near", "non", "off", "on", "one", "open", "part", "post", "pre", "pro", "quasi", "re"),
    *("self", "semi", "short", "single", "sub", "trans", "two", "three", "four", "first", "second", "third", "ultra"),
    *("under", "well", "age", "child", "victim", "gender", "rights", "law", "fact", "decision", "policy", "capacity"),
    "awareness",
}
COLUMN_LINES = 0.1  # of the lines of a document in two columns, in each of them
MARKS_LIMIT = 2_000  # of a line; others are read as words


ENTRY_END = 200  # letters


def is_entry(text: str) -> bool:
    """Whether a text is an entry of the contents: dots lead to the number of a page."""
    return bool(LEADERS.search(text[-ENTRY_END:]))


@dataclass
class Line(TextOfRuns):
    """`marks` are the raised marks with their places in the text."""

    runs: list[Run]
    marks: list[tuple[str, int]] = field(default_factory=list)
    page: int = 0
    left: float = 0
    right: float = 0
    y: float = 0
    size: float = 0
    follows_blank: bool = False
    is_mark: bool = False

    @property
    def is_bold(self) -> bool:
        return all(run.is_bold for run in self.runs if run.text.strip())

    @property
    def is_ended(self) -> bool:
        return bool(ENDED.fullmatch(self.text.rstrip()))


@dataclass
class PrintedFootnote:
    mark: str
    page: int
    lines: list[Line] = field(default_factory=list)
    is_used: bool = False


class ParagraphJoiner(ABC):
    """Join lines in the order of the document. `read` gives paragraphs with footnotes, and print marks."""

    def __init__(self, lines: list[Line], size: float, width: float):
        self.lines = lines
        self.size, self.width = size, width
        self.words = self._count_words()
        self.pitch = self._find_pitch()
        self.footnotes: list[PrintedFootnote] = []
        self.groups: list[list[Line]] = []
        self.marks: list[Line] = []

    def _count_words(self) -> Counter[str]:
        """Count the words of the document, without the pieces that a hyphen leaves at the end of a line."""
        words, pieces = Counter[str](), Counter[str]()
        for line, after in pairwise([*self.lines, Line([])]):
            words.update(word.lower() for word in WORD.findall(line.text))
            if match := HYPHEN_AT_END.search(line.text.rstrip()):
                first = FIRST_WORD.match(after.text)
                pieces.update([match[1].lower(), *([first[0]] if first else [])])
        words.subtract(pieces)
        return words

    @cached_property
    def compounds(self) -> set[tuple[str, str]]:
        return {(parts[0], parts[1]) for word in self.words if len(parts := word.split("-")) > 1}

    @cached_property
    def divides_words(self) -> bool:
        """Whether words are divided at the ends of lines: one of them is elsewhere whole, or many lines end so."""
        divided = [
            (match[1] + first[0]).lower()
            for line, after in pairwise(self.lines)
            if (match := HYPHEN_AT_END.search(line.text.rstrip())) and (first := FIRST_WORD.match(after.text))
        ]
        return any(self.words[word] > 0 for word in divided) or len(divided) > 0.04 * len(self.lines)

    def _find_pitch(self) -> float:
        """Return the usual step from line to line, in sizes of the letters."""
        steps = sorted(
            (a.y - b.y) / b.size
            for a, b in pairwise(self.lines)
            if b.size and a.page == b.page and a.size == b.size and 0.9 < (a.y - b.y) / b.size < 1.7
        )
        return steps[len(steps) // 5] if steps else 1.2

    def read(self) -> list[SourceParagraph]:
        for line in self.lines:
            if line.is_mark:
                self.marks.append(line)
            elif not self.take_footnote(line):
                self.add_line(line)
        paragraphs = [self.join(group) for group in self.groups]
        alone = [self.write_alone(note) for note in self.footnotes if not note.is_used]
        marks = [SourceParagraph(line.runs, part=PrintedPart.PRINT_MARK, page=line.page) for line in self.marks]
        return [*marks, *paragraphs, *alone]

    # Footnotes

    @abstractmethod
    def take_footnote(self, line: Line) -> bool:
        """Take a line that is of a footnote; return whether it is."""

    # Paragraphs

    def add_line(self, line: Line) -> None:
        group = self.groups[-1] if self.groups else None
        if group and self.continues(group, line):
            group.append(line)
        else:
            self.groups.append([line])

    @abstractmethod
    def continues(self, group: list[Line], line: Line) -> bool:
        """Return whether a line is more of the paragraph before it."""

    def join(self, group: list[Line]) -> SourceParagraph:
        text, differing = TextBuilder(), []
        for index, line in enumerate(group):
            if index:
                differing += self.add_break(text, line)
            places = sorted(line.marks, key=lambda each: each[1])
            done = 0
            for run in line.runs:
                here = [(mark, place) for mark, place in places if done <= place < done + len(run.text)]
                start = 0
                for mark, place in here:
                    text.add(run.text[start : place - done], run.is_bold, run.is_italic)
                    self.add_mark(text, mark, run, line.page)
                    start = place - done
                text.add(run.text[start:], run.is_bold, run.is_italic)
                done += len(run.text)
            for mark, place in places:
                if place >= done:
                    self.add_mark(text, mark, line.runs[-1] if line.runs else Run(""), line.page)
        runs = text.finish()
        notes = [self.use_note(key, offset) for key, offset in text.notes]
        return SourceParagraph(
            runs,
            notes=notes,
            page=group[0].page,
            size=usual_size((line.size, line.text) for line in group),
            indent=group[0].left,
            differing=differing,
            tab=text.tab,
        )

    def add_break(self, text: TextBuilder, line: Line) -> list[str]:
        """Put a space between two lines, or decide on the hyphen between them."""
        words = "".join(run.text[-LONGEST_WORD:] for run in text.runs[-2:]).rstrip(" ")
        first = FIRST_WORD.match(line.text)
        if words.endswith("\N{SOFT HYPHEN}"):
            return []
        if not (match := HYPHEN_AT_END.search(words)) or not first:
            if CHINESE.fullmatch(words[-1:]) and CHINESE.fullmatch(line.text[:1]):
                return []
            if not (words.endswith(("-", "–", "/")) and line.text[:1].isalnum() and words[-2:-1].isalnum()):
                text.add(" ")
            return []
        if self.keeps_hyphen(match[1].lower(), first[0]):
            return []
        last = text.runs[-1]
        text.runs[-1] = Run(last.text.rstrip(" ")[:-1], last.is_bold, last.is_italic)
        text.length -= len(last.text) - len(text.runs[-1].text)
        text.ends_in_space = False
        return [match[1] + first[0]]

    def keeps_hyphen(self, before: str, after: str) -> bool:
        if self.words[before + after] > 0:
            return False
        if before in PREFIXES:
            return True
        if END_OF_WORD.fullmatch(after) and after not in SHORT_WORDS and not self.words[after]:
            return False
        if not self.divides_words:
            return True
        if (before, after) in self.compounds:
            return True
        return self.words[before] > 0 and self.words[after] > 0

    def add_mark(self, text: TextBuilder, mark: str, run: Run, page: int) -> None:
        note = self.find_note(mark, page)
        if note:
            text.add_note(f"{self.footnotes.index(note)}")
            note.is_used = True
        else:
            text.add(mark.translate(RAISED), run.is_bold, run.is_italic)

    def find_note(self, mark: str, page: int) -> PrintedFootnote | None:
        """Return the footnote of a mark: of its page, or the next one with it."""
        notes = (note for note in self.footnotes if note.mark == mark and not note.is_used and note.page >= page)
        return next(notes, None)

    def use_note(self, key: str, offset: int) -> Note:
        note = self.footnotes[int(key)]
        return Note(note.mark, self.write(note), offset)

    def write(self, note: PrintedFootnote) -> str:
        text = TextBuilder()
        for index, line in enumerate(note.lines):
            if index:
                self.add_break(text, line)
            for run in line.runs:
                text.add(run.text)
        return "".join(run.text for run in text.finish())

    def write_alone(self, note: PrintedFootnote) -> SourceParagraph:
        return SourceParagraph(
            [Run(f"{note.mark} {self.write(note)}".strip())], part=PrintedPart.FOOTNOTE, page=note.page
        )


class PrintedJoiner(ParagraphJoiner):
    """Join lines that have places on pages. `middle` is that of a page, beside which two columns may be."""

    def __init__(self, lines: list[Line], size: float, middle: float):
        body = [line for line in lines if line.size == size]
        first = [line.right for line in body if line.right < middle]
        second = [line.right for line in body if line.left > middle]
        has_columns = min(len(first), len(second)) > COLUMN_LINES * len(body)
        super().__init__(lines, size, _usual_right(second if has_columns else [line.right for line in body]))
        self.middle, self.first_width = middle, _usual_right(first) if has_columns else self.width

    def width_of(self, line: Line) -> float:
        """Return where the full lines end of the column of a line."""
        return self.first_width if line.right < self.middle else self.width

    def take_footnote(self, line: Line) -> bool:
        is_small = line.size < self.size - 0.6
        if is_small and line.marks and line.marks[0][1] == 0:
            self.footnotes.append(PrintedFootnote(line.marks[0][0], line.page, [line]))
            line.marks.pop(0)
            return True
        last = self.footnotes[-1] if self.footnotes else None
        if last is None or not is_small or not self.continues_note(last.lines[-1], line):
            return False
        last.lines.append(line)
        return True

    @staticmethod
    def continues_note(last: Line, line: Line) -> bool:
        """Whether a line is more of a footnote: below its last line, or on the next page if it did not end."""
        if abs(last.size - line.size) > 0.3:
            return False
        if last.page == line.page:
            return 0 < last.y - line.y < 2.2 * line.size
        return line.page == last.page + 1 and not last.is_ended

    def continues(self, group: list[Line], line: Line) -> bool:
        last = group[-1]
        if abs(last.size - line.size) > 0.6 or last.is_bold != line.is_bold:
            return self.is_label(group) and self.is_beside(group, line)
        label = parse_label(line.text)
        step = last.y - line.y
        if last.page != line.page or step < -0.5 * line.size or step > 8 * line.size:
            return self.continues_elsewhere(group, line, label is not None)
        if self.is_label(group):
            return step < line.size * self.pitch * 1.25
        if step > line.size * self.pitch * 1.16:
            return False
        if label is None and line.text[:1].islower():
            return True
        width = self.width_of(last)
        is_short = last.right < width - 0.2 * (width - last.left)
        if label and (last.is_ended or is_short or last.text.rstrip().endswith(",")):
            return False
        if last.is_ended and (is_short or abs(line.left - last.left) > 8) and not self.is_first_indent(group, line):
            return False
        return not (is_short and last.text.rstrip().endswith(",") and line.left > last.left + 8)

    @staticmethod
    def is_first_indent(group: list[Line], line: Line) -> bool:
        """Whether the second line of a paragraph begins more to the left than its first, as it may."""
        last = group[-1]
        return len(group) == 1 and line.left < last.left - 8 and not (last.right < line.right - 60)

    @staticmethod
    def is_label(group: list[Line]) -> bool:
        text = " ".join(line.text.strip() for line in group[:LABEL_LINES])
        label = parse_label(text) if len(group) < LABEL_LINES else None
        return label is not None and len(label.printed) == len(text) and label.series != Series.ANNEX

    @staticmethod
    def is_beside(group: list[Line], line: Line) -> bool:
        """Whether a line is in the column to the right of a label."""
        first = group[0]
        return first.page == line.page and abs(first.y - line.y) < 3 and line.left > first.right

    def continues_elsewhere(self, group: list[Line], line: Line, has_label: bool) -> bool:
        """Whether a line on the next page, or in the next column, is more of the paragraph."""
        last = group[-1]
        if self.is_label(group):
            return self.is_beside(group, line)
        if has_label or line.is_bold:
            return False
        if not last.is_ended:
            return not (last.text.rstrip().endswith(",") and line.text[:1].isupper() and self.is_indented(group, line))
        is_full = last.right > self.width_of(last) - 12
        return is_full and last.page != line.page and not self.is_indented(group, line) and len(group) > 1

    @staticmethod
    def is_indented(group: list[Line], line: Line) -> bool:
        return abs(line.left - group[-1].left) > 6 if len(group) > 1 else line.left > group[0].left + 6


def _usual_right(rights: list[float]) -> float:
    return sorted(rights)[int(0.9 * (len(rights) - 1))]


MONTH = "(?:January|February|March|April|May|June|July|August|September|October|November|December)"
AFTER_WORD = r"(?:(?<=[A-Za-z)”’»])|(?<=[A-Za-z)”’»][,.;:]))([1-9][0-9]?)(?=[\s,.;:)]|$)"
ANY_MARK = re.compile(rf"{AFTER_WORD}|([{SUPERSCRIPTS}]+)|(?<=[a-z.])(\*{{1,4}})(?=\s|$)")
FUNCTION_WORD = re.compile(r"\b(?:of|the|an?|in|on|at|to|for|by|with|and|or|that|which|from|as|its|their|under|this)$")
CONTENTS = re.compile(r"(?:table of )?contents", re.IGNORECASE)
ALWAYS_FIRST = (Series.NAMED, Series.TEXT, Series.ANNEX, Series.CHAPTER)  # labels that no line begins with by chance


# What the preamble of a resolution or decision begins with.
BODY_SPEAKS = re.compile(
    r"The (?:Conference|General Assembly|Economic and Social Council|Commission|Security Council|Assembly|Council"
    r"|Working Group)\b[^.;:]*,"
)


class PlainJoiner(ParagraphJoiner):
    """Join lines of which the order and the length alone are known. `is_wrapped`: a paragraph has several lines."""

    def __init__(self, lines: list[Line], width: float, is_wrapped: bool):
        super().__init__(lines, 0, width)
        self.is_wrapped = is_wrapped
        self.in_note = False
        self.stars = {star for line in lines for star in re.findall(r"(?<=\S)\*{1,4}", line.text)}
        self.after = {id(line): after for line, after in zip(lines, [*lines[1:], None], strict=True)}
        self.has_marks = {
            number for line in lines if not is_entry(line.text) for number in re.findall(AFTER_WORD, line.text)
        }

    def take_footnote(self, line: Line) -> bool:
        text = line.text.strip()
        if match := re.match(rf"([{SUPERSCRIPTS[1:]}][{SUPERSCRIPTS}]{{0,3}}) ?(?=.)", text):
            return self.begin_note(match[1].translate(DIGITS), line, text[match.end() :])
        if MARK.fullmatch(text) and self.is_next_note(text):
            return self.begin_note(text, line, "")
        if (match := re.match(rf"([1-9][0-9]?|\*{{1,4}}) ?(?!{MONTH})(?=[A-Z“(])", text)) and self.is_next_note(
            match[1]
        ):
            return self.begin_note(match[1], line, text[match.end() :])
        if self.in_note and self.continues_note(line):
            self.footnotes[-1].lines.append(line)
            return True
        self.in_note = False
        return False

    def is_next_note(self, mark: str) -> bool:
        """Whether a mark follows the last footnote and is found in the text."""
        if mark.startswith("*"):
            return mark in self.stars
        numbers = [int(note.mark) for note in self.footnotes if note.mark.isdigit()]
        is_next = mark.isdigit() and int(mark) == max(numbers, default=int(mark) - 1) + 1
        return is_next and mark in self.has_marks

    def begin_note(self, mark: str, line: Line, words: str) -> bool:
        lines = [Line([Run(words)], page=line.page)] if words else []
        self.footnotes.append(PrintedFootnote(mark, line.page, lines))
        self.in_note = True
        return True

    def continues_note(self, line: Line) -> bool:
        note = self.footnotes[-1]
        if not note.lines:
            return True
        if line.follows_blank or line.page != note.page:
            return False
        return not note.lines[-1].is_ended and not parse_label(line.text)

    def add_line(self, line: Line) -> None:
        self.find_marks(line)
        super().add_line(line)

    @cached_property
    def mark_lines(self) -> set[str]:
        """Return the marks with which a line begins, or that are a line."""
        begins = re.compile(rf"([1-9][0-9]?|\*{{1,4}})(?:$| ?(?!{MONTH})[A-Z“(])")
        return {match[1] for line in self.lines if (match := begins.match(line.text.strip()))}

    def find_marks(self, line: Line) -> None:
        """Take the numbers that follow a word without a space for marks, if a footnote has them."""
        text, shift = line.text, 0
        if is_entry(text):
            return
        for match in list(islice(ANY_MARK.finditer(text), MARKS_LIMIT)):
            mark = next(group for group in match.groups() if group)
            if not match[2] and match[0] not in self.mark_lines:
                continue
            start, end = match.start() - shift, match.end() - shift
            text = text[:start] + text[end:]
            shift += end - start
            line.marks.append((mark.translate(DIGITS), start))
        if shift:
            line.runs = [Run(text)]

    def continues(self, group: list[Line], line: Line) -> bool:
        last, text = group[-1], line.text.strip()
        label = parse_label(text)
        is_lower = text[:1].islower()
        if is_entry(last.text) or (label and label.series in ALWAYS_FIRST) or CONTENTS.fullmatch(text):
            return False
        if BODY_SPEAKS.fullmatch(text) and not FUNCTION_WORD.search(last.text):
            return False
        if not self.is_wrapped or line.follows_blank or last.page != line.page:
            return is_lower and not last.is_ended and not label
        is_short = len(last.text) < SHORT_LINE * self.width
        if label:
            return not (last.is_ended or is_short or last.text.rstrip().endswith(",")) and not self.is_heading(group)
        if FUNCTION_WORD.search(last.text):
            return True
        if last.is_ended:
            is_list = last.text.rstrip().endswith((";", ":")) or not parse_label(group[0].text)
            return not (is_short or is_list or self.looks_like_heading(line))
        return is_lower or not is_short

    def looks_like_heading(self, line: Line) -> bool:
        """Whether a short line in capitals stands between two paragraphs."""
        text, after = line.text.strip(), self.after[id(line)]
        is_open = not line.is_ended and not text.endswith(",")
        return (
            is_open and text[:1].isupper() and len(text) < 0.6 * self.width and not (after and after.text[:1].islower())
        )

    @staticmethod
    def is_heading(group: list[Line]) -> bool:
        label = parse_label(group[0].text)
        return label is not None and label.series in (Series.CHAPTER, Series.SECTION)

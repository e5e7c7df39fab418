"""What the readers of Word, PDF and text give: the paragraphs of a document as issued, in its order. No Django."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import groupby
from operator import attrgetter

PARAGRAPHS_LIMIT = 6_000  # of a document; a report of 80 pages has about 1,000
SPACES = re.compile(r"[^\S\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]+")


class PrintedPart(StrEnum):
    """Where in the document a paragraph is printed."""

    BODY = "body"
    PRINT_MARK = "print_mark"  # running head, page number, job number
    FOOTNOTE = "footnote"  # one without a mark in the text
    UNREAD = "unread"  # what is no text that a reader sees: a picture, a page without words, hidden words


@dataclass(frozen=True)
class Run:
    text: str
    is_bold: bool = False
    is_italic: bool = False


class TextOfRuns:
    runs: list[Run]

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)


@dataclass(frozen=True)
class Note:
    """A footnote. `mark` is as printed, `offset` counts the characters of the text before the mark."""

    mark: str
    text: str
    offset: int


@dataclass
class SourceParagraph(TextOfRuns):
    """`label` is a number that the program sets by itself, such as `4.` or `•`; a typed one is in the text.

    `page` counts from 1 and is 0 where the file has no pages. `size` is that of most letters, in points, `indent` that
    of the first line. `heading` is a level from 1 where a style says so. `cell` has the numbers of table, row and
    column. `differing` are words that differ from the text that a PDF itself has, or that a hyphen divided at the end
    of a line.
    """

    runs: list[Run]
    label: str = ""
    list_level: int = 0
    notes: list[Note] = field(default_factory=list)
    part: PrintedPart = PrintedPart.BODY
    page: int = 0
    size: float = 0
    indent: float = 0
    heading: int = 0
    is_contents: bool = False
    tab: int = 0  # how many characters are before the first wide gap
    cell: tuple[int, int, int] | None = None
    differing: list[str] = field(default_factory=list)

    @property
    def is_bold(self) -> bool:
        return self._share("is_bold") > 0.9

    @property
    def is_italic(self) -> bool:
        return self._share("is_italic") > 0.9

    def _share(self, name: str) -> float:
        letters = sum(len(run.text.strip()) for run in self.runs)
        return sum(len(run.text.strip()) for run in self.runs if getattr(run, name)) / letters if letters else 0.0


class TextBuilder:
    """Join runs to a text whose white space is single spaces, and keep the places of footnote marks in it.

    Spaces that do not break, soft hyphens and hyphens that do not break stay as they are.
    """

    def __init__(self) -> None:
        self.runs: list[Run] = []
        self.notes: list[tuple[str, int]] = []  # key and offset
        self.length = 0
        self.ends_in_space = True
        self.tab = 0

    def add(self, text: str, is_bold: bool = False, is_italic: bool = False) -> None:
        if not self.tab and "\t" in text:
            self.tab = self.length + len(
                SPACES.sub(" ", text.partition("\t")[0]).lstrip(" " if self.ends_in_space else "")
            )
        text = SPACES.sub(" ", text)
        if self.ends_in_space:
            text = text.removeprefix(" ")
        if not text:
            return
        self.ends_in_space = text.endswith(" ")
        self.length += len(text)
        self.runs.append(Run(text, is_bold, is_italic))

    def add_note(self, key: str) -> None:
        self.notes.append((key, self.length - (self.ends_in_space and self.length > 0)))

    def finish(self) -> list[Run]:
        groups = groupby(self.runs, key=attrgetter("is_bold", "is_italic"))
        runs = [Run("".join(run.text for run in group), *style) for style, group in groups]
        while runs and not runs[-1].text.rstrip(" "):
            runs.pop()
        if runs:
            runs[-1] = replace(runs[-1], text=runs[-1].text.rstrip(" "))
        return runs


def usual_size(texts: Iterable[tuple[float, str]]) -> float:
    """Return the size of most letters of the texts, each with its size; 0 where there are none."""
    letters = Counter[float]()
    for size, text in texts:
        letters[size] += len(text)
    return letters.most_common(1)[0][0] if letters else 0


def cut_runs(runs: list[Run], start: int) -> list[Run]:
    """Return the runs after `start` characters."""
    found = []
    for run in runs:
        if start < len(run.text):
            found.append(Run(run.text[start:], run.is_bold, run.is_italic) if start > 0 else run)
        start = max(0, start - len(run.text))
    return found

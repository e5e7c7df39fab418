"""The paragraphs of a draft as a table: in the order of the document, folded by its parts."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import count, takewhile
from operator import attrgetter
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from recommendations.groups import group_pairs
from recommendations.models import ImportedParagraph
from recommendations.outline.outline import Reason

JOINED = "joined"  # reason: the words are in the text above
# Why a paragraph is left out. Each is shown after “Left out”.
REASONS: dict[str, str | Promise] = {
    # Translators: Why words of a document are left out: page numbers, symbols, job numbers.
    Reason.PRINT_MARK: _("Left out: print marks"),
    # Translators: Why words of a document are left out: what the first page has above the title.
    Reason.MASTHEAD: _("Left out: cover"),
    Reason.CONTENTS: _("Left out: table of contents"),
    Reason.HEADING: _("Left out: heading"),
    Reason.LABEL: _("Left out: label of the next text"),
    Reason.TABLE: _("Left out: part of a table"),
    Reason.REPORT: _("Left out: report of the meeting"),
    Reason.PREAMBLE: _("Left out: preamble"),
    Reason.ANNEX: _("Left out: annex"),
    Reason.FOOTNOTE: _("Left out: footnote"),
    # Translators: Why something in a document is left out: a picture, a page without words, hidden words.
    Reason.UNREAD: _("Left out: not read"),
    Reason.CURATOR: _("Left out by a curator"),
    JOINED: _("Joined with the text above"),
}


def is_print_mark(row: ImportedParagraph) -> bool:
    """Whether it is a page number, symbol or job number, about which nobody must decide and nobody decided."""
    return row.decided_by_id is None and row.reason == Reason.PRINT_MARK


def must_be_decided(row: ImportedParagraph) -> bool:
    """Whether a person has still to decide: about all but print marks."""
    return row.decided_by_id is None and not is_print_mark(row)


class DecisionCounts(NamedTuple):
    """Paragraphs of a document but print marks, with their words; of them, those about which a person decided."""

    paragraphs: int
    decided: int
    words: int
    decided_words: int


@dataclass
class Part:
    """A chapter, an annex or a table with what is below it. `shown` are its own rows that a page shows."""

    number: int
    rows: list[ImportedParagraph]  # with those of its inner parts, without print marks
    shown: list[ImportedParagraph]
    inner: list["Part"]

    @property
    def head(self) -> ImportedParagraph:
        return self.rows[0]

    @property
    def name(self) -> str:
        return f"{self.head.printed} {self.head.text}".strip()

    @property
    def undecided(self) -> int:
        return sum(map(must_be_decided, self.rows))

    @property
    def covered(self) -> list[ImportedParagraph]:
        """Return the rows for which a decision on the part holds: those that nobody decided singly."""
        return [row for row in self.rows if not row.decided_by_id or row.decided_with]

    @property
    def texts(self) -> int:
        return sum(not row.is_left_out for row in self.rows)

    @property
    def pages(self) -> tuple[int, int] | None:
        found = [row.page for row in self.rows if row.page]
        return (min(found), max(found)) if found else None

    @property
    def is_open(self) -> bool:
        """Whether it has a text of the paper."""
        return any(not row.is_left_out for row in self.shown) or any(part.is_open for part in self.inner)

    @property
    def stamp(self) -> int:
        """Return a number that every change of one of its rows changes."""
        return sum(row.version for row in self.rows)


class ParagraphTable:
    """`rows` are all paragraphs of a draft, in order. `counts` are the numbers to try below a label, each once."""

    def __init__(self, rows: Iterable[ImportedParagraph]):
        self.rows = list(rows)
        self.counts = defaultdict[str, Iterator[int]](lambda: count(1))

    def index(self, row: ImportedParagraph) -> int:
        return bisect_left(self.rows, (row.number, row.piece), key=attrgetter("number", "piece"))

    @property
    def coverage(self) -> DecisionCounts:
        counted = [row for row in self.rows if not is_print_mark(row)]
        decided = [row for row in counted if row.decided_by_id]
        return DecisionCounts(
            len(counted), len(decided), sum(row.words for row in counted), sum(row.words for row in decided)
        )

    @cached_property
    def print_marks(self) -> list[ImportedParagraph]:
        return [row for row in self.rows if is_print_mark(row)]

    @cached_property
    def rows_of_parts(self) -> dict[int, list[ImportedParagraph]]:
        return group_pairs((row.part, row) for row in self.rows if not is_print_mark(row))

    @cached_property
    def heads(self) -> dict[int, ImportedParagraph]:
        """Return the rows that head a part, by its number."""
        return {row.part: row for row in self.rows if row.heads_part}

    @cached_property
    def inner_parts(self) -> dict[int | None, list[int]]:
        """Return the parts directly below each part; those of the document itself below None."""
        above = {part: head.part_above for part, head in self.heads.items()}
        return group_pairs((above.get(part), part) for part in sorted(self.rows_of_parts))

    def below(self, part: int) -> Iterator[ImportedParagraph]:
        """Yield the rows of a part and of the parts inside it, in the order of the document."""
        yield from self.rows_of_parts[part]
        for inner in self.inner_parts[part]:
            yield from self.below(inner)

    def part(self, number: int, shown: Container[int] = ()) -> Part:
        """Return a part; its rows with these keys are shown."""
        own = [row for row in self.rows_of_parts[number] if row.pk in shown]
        inner = [self.part(each, shown) for each in self.inner_parts[number]]
        return Part(number, list(self.below(number)), own, inner)

    def parts(self, shown: Container[int] = ()) -> list[Part]:
        return [self.part(number, shown) for number in self.inner_parts[None]]

    def above(self, row: ImportedParagraph) -> ImportedParagraph | None:
        """Return the text of which a row is an item: the nearest one above that is less deep."""
        before = self.rows[: self.index(row)]
        texts = (other for other in reversed(before) if not other.is_left_out and other.depth < row.depth)
        return next(texts, None) if row.depth else None

    def items(self, row: ImportedParagraph) -> list[ImportedParagraph]:
        """Return the texts below a text, of all depths: those after it whose labels begin with its own."""
        after = takewhile(lambda other: other.label != row.label, self.rows[self.index(row) + 1 :])
        return [other for other in after if row.label and other.label.startswith(f"{row.label}(")]

    def first_of(self, row: ImportedParagraph) -> ImportedParagraph:
        """Return the row that has the words of the document of a piece or of a paragraph that was joined."""
        for other in reversed(self.rows[: self.index(row) + 1]):
            if other.piece == 0 and other.reason != JOINED and not is_print_mark(other):
                return other
        return row

    def group(self, first: ImportedParagraph) -> list[ImportedParagraph]:
        """Return a paragraph with its pieces and the paragraphs that were joined to it, across print marks."""
        after = (other for other in self.rows[self.index(first) + 1 :] if not is_print_mark(other))
        return [first, *takewhile(lambda other: other.piece > 0 or other.reason == JOINED, after)]

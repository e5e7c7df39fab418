"""What a draft makes of every paragraph of its document: rows to show, and counts of words."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from recommendations.groups import group_pairs
from recommendations.models import ImportedNode, Theme
from recommendations.outline.outline import Reason
from recommendations.paper_import.plan import NumberedDoubt, PublicationPlan
from recommendations.paper_import.reading import Row, bounds_of

# Why a paragraph is left out. Each is shown after “Left out”.
REASONS: dict[str, str | Promise] = {
    # Translators: Why words of a document are left out: page numbers, running heads.
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
    Reason.CURATOR: _("Left out by a curator"),
}
SHOWN_WORDS = 12


@dataclass
class DocumentRow:
    """Paragraphs of the document that are shown together, with the texts that they become.

    `kind` is text, heading, left_out or group; `first` and `last` are the numbers of the paragraphs.
    """

    kind: str
    rows: list[Row]
    nodes: list[ImportedNode] = field(default_factory=list)
    doubts: list[NumberedDoubt] = field(default_factory=list)
    theme: Theme | None = None  # that a heading suggests
    begins: bool = False  # the recommendations begin before it
    ends: bool = False  # the recommendations end after it

    @property
    def row(self) -> Row:
        return self.rows[0]

    @property
    def number(self) -> int:
        return self.rows[0]["number"]

    @property
    def node(self) -> ImportedNode | None:
        return self.nodes[0] if self.nodes else None

    @property
    def numbers(self) -> list[int]:
        """Return the paragraphs that can become texts: a heading only where it is shown by itself."""
        never = (*NEVER_TEXTS, Reason.HEADING) if self.kind == GROUP else NEVER_TEXTS
        return [row["number"] for row in self.rows if row["reason"] not in never]

    @property
    def words(self) -> int:
        return sum(row["words"] for row in self.rows)

    @property
    def pages(self) -> tuple[int, int] | None:
        found = [row["page"] for row in self.rows if row["page"]]
        return (min(found), max(found)) if found else None

    @property
    def reason(self) -> str | Promise:
        counts = Counter[str]()
        for row in self.rows:
            counts[row["reason"] or Reason.CURATOR] += row["words"]
        others = {reason: words for reason, words in counts.items() if reason != Reason.HEADING} or counts
        return REASONS[max(others, key=lambda reason: others[reason])]

    @property
    def beginning(self) -> str:
        words = f"{self.row['printed']} {self.row['text']}".split()
        return " ".join(words[:SHOWN_WORDS]) + (" …" if len(words) > SHOWN_WORDS else "")


NEVER_TEXTS = (Reason.PRINT_MARK, Reason.FOOTNOTE)
TEXT, HEADING, LEFT_OUT, GROUP = "text", "heading", "left_out", "group"


@dataclass(frozen=True)
class WordCounts:
    """Words of the document by what becomes of them; each word is counted once."""

    texts: int
    headings: int
    left_out: int
    in_doubt: int

    @property
    def words(self) -> int:
        return self.texts + self.headings + self.left_out + self.in_doubt

    @property
    def accounted(self) -> int:
        return self.words - self.in_doubt


@dataclass(frozen=True)
class ImportedDocument:
    """`opened` is the number of the first paragraph of a group whose paragraphs are shown one by one, or `all`."""

    plan: PublicationPlan
    opened: str = ""

    @cached_property
    def outline(self) -> list[Row]:
        return self.plan.paper_import.outline

    @cached_property
    def nodes(self) -> dict[int, list[ImportedNode]]:
        return group_pairs((node.number, node) for node in self.plan.nodes)

    @cached_property
    def doubts(self) -> dict[int, list[NumberedDoubt]]:
        return group_pairs((doubt.node.number, doubt) for doubt in self.plan.doubts)

    @cached_property
    def bounds(self) -> tuple[int, int]:
        """Return the first and the last paragraph of the recommendations, with label and headings above the first."""
        first, last = bounds_of(self.plan.paper_import)
        while 1 < first <= len(self.outline) and self.outline[first - 2]["reason"] in (Reason.HEADING, Reason.LABEL):
            first -= 1
            if self.outline[first - 1]["reason"] == Reason.HEADING and not self.outline[first - 1]["depth"]:
                break
        return first, last

    @cached_property
    def themes(self) -> dict[int, Theme]:
        return {node.primary_theme.pk: node.primary_theme for node in self.plan.nodes if node.primary_theme}

    @cached_property
    def counts(self) -> WordCounts:
        counts = Counter[str]()
        for row in self.outline:
            is_in_doubt = any(doubt.is_blocking for doubt in self.doubts.get(row["number"], ()))
            counts["in_doubt" if is_in_doubt else self.kind_of(row)] += row["words"]
        return WordCounts(counts[TEXT], counts[HEADING], counts[LEFT_OUT], counts["in_doubt"])

    def kind_of(self, row: Row) -> str:
        if any(not node.is_left_out for node in self.nodes.get(row["number"], ())):
            return TEXT
        first, last = self.bounds
        is_heading = row["reason"] == Reason.HEADING and first <= row["number"] <= last
        return HEADING if is_heading else LEFT_OUT

    @cached_property
    def rows(self) -> list[DocumentRow]:
        first, last = self.bounds
        printed = [row for row in self.outline if row["reason"] != Reason.PRINT_MARK]
        marks = [row for row in self.outline if row["reason"] == Reason.PRINT_MARK]
        found = [row for group in self._groups(printed) for row in self._show(group)]
        inside = [row for row in found if first <= row.number <= last]
        if inside:
            inside[0].begins = inside[-1].ends = True
        return [*found, *self._show(DocumentRow(GROUP, marks))] if marks else found

    def _groups(self, rows: list[Row]) -> Iterator[DocumentRow]:
        """Yield the texts and what is between them one by one, and chapters that are left out as groups."""
        group: list[Row] = []
        for row in rows:
            shown = self._row(row)
            if shown is not None or (group and _begins_chapter(row, group)):
                if group:
                    yield DocumentRow(GROUP, group)
                group = []
            if shown is None:
                group.append(row)
            else:
                yield shown
        if group:
            yield DocumentRow(GROUP, group)

    def _row(self, row: Row) -> DocumentRow | None:
        number, kind = row["number"], self.kind_of(row)
        doubts = self.doubts.get(number, [])
        first, last = self.bounds
        if kind == LEFT_OUT and not doubts and not first <= number <= last:
            return None
        theme = self.themes.get(row.get("theme") or 0)
        return DocumentRow(kind, [row], self.nodes.get(number, []), doubts, theme)

    def _show(self, group: DocumentRow) -> list[DocumentRow]:
        is_open = self.opened == "all" or self.opened == str(group.number)
        if group.kind != GROUP or (len(group.rows) > 1 and not is_open):
            return [group]
        return [DocumentRow(LEFT_OUT, [row], self.nodes.get(row["number"], [])) for row in group.rows]

    def find(self, fits: Callable[[DocumentRow], bool]) -> int:
        """Return the place of the first row that fits, from 0; 0 where none does."""
        return next((place for place, row in enumerate(self.rows) if fits(row)), 0)


def _begins_chapter(row: Row, group: list[Row]) -> bool:
    is_chapter = row["reason"] == Reason.HEADING and row["depth"] == 0
    return is_chapter and bool(row["printed"] or group[-1]["reason"] != Reason.HEADING)

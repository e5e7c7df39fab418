"""The paragraphs of a draft as a table: in the order of the document, folded by its parts."""

from collections.abc import Iterable, Iterator
from functools import cached_property

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from recommendations.groups import group_pairs
from recommendations.models import ImportedParagraph
from recommendations.outline.outline import Reason

JOINED = "joined"  # reason: the words are in the text above
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
    JOINED: _("Joined with the text above"),
}


def is_print_mark(row: ImportedParagraph) -> bool:
    """Whether the row is a page number or running head that asks for nothing and that nobody decided."""
    return row.decided_by_id is None and row.reason == Reason.PRINT_MARK and not row.doubts


def must_be_decided(row: ImportedParagraph) -> bool:
    """Whether a person has still to decide: about all but print marks."""
    return row.decided_by_id is None and not is_print_mark(row)


class Table:
    """`rows` are all paragraphs of a draft, in order."""

    def __init__(self, rows: Iterable[ImportedParagraph]):
        self.rows = list(rows)

    @cached_property
    def heads(self) -> dict[int, ImportedParagraph]:
        """Return the rows that head a part, by its number. The first part can begin without a heading."""
        return {row.part: row for row in reversed(self.rows) if row.heads_part}

    @cached_property
    def inner_parts(self) -> dict[int | None, list[int]]:
        """Return the parts directly below each part; those of the document below None."""
        return group_pairs((row.part_above, number) for number, row in sorted(self.heads.items()))

    @cached_property
    def rows_of_parts(self) -> dict[int, list[ImportedParagraph]]:
        return group_pairs((row.part, row) for row in self.rows)

    def below(self, part: int) -> Iterator[ImportedParagraph]:
        """Yield the rows of a part and of the parts inside it."""
        yield from self.rows_of_parts[part]
        for inner in self.inner_parts[part]:
            yield from self.below(inner)

    def above(self, row: ImportedParagraph) -> ImportedParagraph | None:
        """Return the text of which a row is an item: the nearest one above that is less deep."""
        before = self.rows[: self.rows.index(row)]
        texts = (other for other in reversed(before) if not other.is_left_out and other.depth < row.depth)
        return next(texts, None) if row.depth else None

    def items(self, row: ImportedParagraph) -> Iterator[ImportedParagraph]:
        """Yield the texts below a text, of all depths: those whose labels begin with its own."""
        if row.label:
            yield from (other for other in self.rows if other.label.startswith(f"{row.label}("))

    def group(self, row: ImportedParagraph) -> list[ImportedParagraph]:
        """Return the pieces of a paragraph, with the paragraphs that were joined to it."""
        found = [other for other in self.rows if other.number == row.number]
        for other in self.rows[self.rows.index(found[-1]) + 1 :]:
            if other.reason != JOINED:
                break
            found.append(other)
        return found

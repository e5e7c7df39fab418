"""Write what States reported under each theme, by the rules of docs/reference/paper-rules.md.

A sentence is left out where its figures are not shown, or where nothing stands out.
Recommendations are compared; States and themes are not. No rule judges.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.translation import gettext_lazy, ngettext_lazy

from recommendations.groups import group_pairs
from recommendations.lists import format_list
from tracker.documents.paper.quotations import Chapter, Quotations
from tracker.documents.paper.tree import joined_sentences, own_paragraph
from tracker.documents.paper.words import name_of_unit, number_in_table, per_cent
from tracker.documents.tree import Block, Heading
from tracker.figures.answers import ANSWERS, CONSIDERED_ELSEWHERE, CONSIDERED_WHERE_ASKED
from tracker.figures.public_figures import PublicProgress, PublicRow
from tracker.figures.release import RECOMMENDATION, Group
from tracker.figures.rounding import BASE
from tracker.figures.selection import theme_of
from tracker.models.status import NO_INFORMATION, Status

FEWEST_COMPARED = 2  # recommendations: one alone does not stand out
MOST_NAMED = 3  # recommendations with the same figure: more do not stand out


class UnitCount(NamedTuple):
    """Count the States of `whole` that gave one answer to the recommendation `label`, rounded to five."""

    label: str
    count: int  # type: ignore[assignment]
    whole: int

    @property
    def rank(self) -> tuple[float, int]:
        return self.count / self.whole, self.count


@dataclass(frozen=True)
class ThemeFigures:
    """Hold the figures of a theme in this round and in the round before, with those of each recommendation."""

    slug: str
    name: str
    units: list[tuple[str, PublicRow]]
    row: PublicRow | None
    before: PublicRow | None

    def most(self, answer: str) -> list[UnitCount]:
        """Return the recommendations with the largest share of this answer, in the order of the papers.

        Only those are compared that are addressed to 20 or more of the States covered. Of equal shares those with more
        States are meant. None stands out where more than three are equal.
        """
        compared = [(label, row) for label, row in self.units if row.base >= BASE and answer in row.counts]
        found = [UnitCount(label, row.counts[answer], row.base) for label, row in compared]
        if len(found) < FEWEST_COMPARED:
            return []
        most = max(count.rank for count in found)
        first = [count for count in found if count.rank == most and count.count]
        return first if len(first) <= MOST_NAMED else []


def theme_figures(outside: PublicProgress) -> list[ThemeFigures]:
    by_theme = group_pairs(
        (theme_of(entry)[0], (name_of_unit(entry.unit), row))
        for entry in outside.found.scope
        if (row := outside.rows.get((RECOMMENDATION, entry.unit.key)))
    )
    return [
        ThemeFigures(part.slug, part.of, by_theme[part.slug], *both_rounds(outside, ("theme", part.slug)))
        for part in outside.found.by_theme
    ]


def trend_parts(themes: Iterable[ThemeFigures], quotations: Quotations) -> Iterator[Block]:
    for figures in themes:
        if stated := [*_paragraphs(figures), *quotations.of_theme(figures.slug, Chapter.REASONS, Chapter.TRENDS)]:
            yield Heading(figures.name, level=2)
            yield from stated


def both_rounds(outside: PublicProgress, group: Group) -> tuple[PublicRow | None, PublicRow | None]:
    """Return the percentages of a group in this round and in the round before, None where they are not shown."""
    rows = (outside.rows.get(group), outside.before and outside.before.rows.get(group))
    this, before = (row if row and row.counts else None for row in rows)
    return this, before


def _paragraphs(figures: ThemeFigures) -> Iterator[Block]:
    for answers in PARAGRAPHS.values():
        if words := joined_sentences(*(write(answer, figures) for answer in answers for write in (_share, _name_most))):
            yield own_paragraph(words)


# The share of a theme, and of the round before


def _share(answer: str, figures: ThemeFigures) -> str:
    """Give the share of an answer in all answers requested under the theme, where it can be given there."""
    if answer in CONSIDERED_KINDS and not any(answer in row.counts for _label, row in figures.units):
        return ""
    return compare_shares(answer, figures.row, figures.before, *map(str, SHARE))


def compare_shares(answer: str, this: PublicRow | None, before: PublicRow | None, alone: str, compared: str) -> str:
    """Write the sentence that fits the shares of an answer in both rounds, or nothing where they are not shown."""
    if this is None:
        return ""
    values = {"status": ANSWERS[answer], "after": per_cent(this.counts[answer])}
    return compared % {**values, "before": per_cent(before.counts[answer])} if before else alone % values


SHARE = (
    # Translators: status: such as No measure to date. after: such as “34 per cent”.
    gettext_lazy("“%(status)s” is %(after)s of the answers requested under this theme."),
    gettext_lazy(
        # Translators: status: such as No measure to date. before, after: such as “34 per cent”.
        "“%(status)s” is %(after)s of the answers requested under this theme; in the previous round, %(before)s."
    ),
)


# What stands out


def _name_most(answer: str, figures: ThemeFigures) -> str:
    """Name the recommendations with the largest share of an answer among the States covered."""
    most = figures.most(answer)
    if not most:
        return ""
    values = {"count": number_in_table(most[0].count), "whole": number_in_table(most[0].whole)}
    labels = format_list(count.label for count in most)
    sentence = MISSING if answer == NO_INFORMATION else REPORTED
    return sentence % {"number": len(most), "labels": labels, "status": ANSWERS[answer], **values}


REPORTED = ngettext_lazy(
    # Translators: labels: label and title of one to three recommendations. count: States that reported so, rounded to
    # five. whole: States covered to which a recommendation is addressed. status: such as No measure to date.
    "On recommendation %(labels)s, about %(count)s of %(whole)s States reported “%(status)s”, the largest share under "
    "this theme.",
    "The largest share of “%(status)s” under this theme, about %(count)s of %(whole)s States, is on each of the "
    "following recommendations: %(labels)s.",
    "number",
)
MISSING = ngettext_lazy(
    # Translators: labels: label and title of one to three recommendations. count: States without an answer, rounded
    # to five. whole: States covered to which a recommendation is addressed.
    "On recommendation %(labels)s, information is missing from about %(count)s of %(whole)s States, the largest "
    "share under this theme.",
    "Information is most often missing under this theme, from about %(count)s of %(whole)s States, on each of the "
    "following recommendations: %(labels)s.",
    "number",
)
CONSIDERED_KINDS = (CONSIDERED_ELSEWHERE, CONSIDERED_WHERE_ASKED)
# The answers of each paragraph, in the order of the paper. The reasons that States gave follow the last two.
PARAGRAPHS: dict[str, tuple[str, ...]] = {
    "reported": (Status.IMPLEMENTED.value, Status.NOT_STARTED.value),
    "missing": (NO_INFORMATION,),
    "considered": CONSIDERED_KINDS,
    "not_applicable": (Status.NOT_APPLICABLE.value,),
}

"""Write what States reported under each theme, by the rules of docs/reference/paper-rules.md, which RULES has in order.

A rule is a function: it returns its sentence, or nothing where its figures are not shown or nothing stands out.
Recommendations are compared; States and themes are not. No rule judges.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy

from recommendations.groups import group_pairs
from recommendations.lists import format_list
from tracker.documents.paper.quotations import Chapter, Quotations
from tracker.documents.paper.tree import joined_sentences, own_paragraph
from tracker.documents.paper.words import name_of_unit, number_in_table, per_cent
from tracker.documents.tree import Block, Heading
from tracker.figures.answers import CONSIDERED_ELSEWHERE, CONSIDERED_WHERE_ASKED
from tracker.figures.public_figures import PublicProgress, PublicRow
from tracker.figures.release import RECOMMENDATION, Group
from tracker.figures.rounding import BASE
from tracker.figures.selection import theme_of
from tracker.models.status import LABELS, NO_INFORMATION, Status

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
    """Hold the figures of a theme in this round and in the round before, with those of each recommendation that can be
    compared: it is addressed to 20 or more of the States covered.
    """

    units: list[tuple[str, PublicRow]]
    row: PublicRow | None
    before: PublicRow | None

    def most(self, answer: str) -> list[UnitCount]:
        """Return the recommendations with the largest share of this answer, in the order of the papers.

        Of equal shares those with more States are meant. None stands out where more than three are equal.
        """
        found = [UnitCount(label, row.counts[answer], row.base) for label, row in self.units if answer in row.counts]
        if len(found) < FEWEST_COMPARED:
            return []
        most = max(count.rank for count in found)
        first = [count for count in found if count.rank == most and count.count]
        return first if len(first) <= MOST_NAMED else []


Sentence = Callable[[ThemeFigures], str]


def trend_parts(outside: PublicProgress, quotations: Quotations) -> Iterator[Block]:
    by_theme = group_pairs(
        (theme_of(entry)[0], (name_of_unit(entry.unit), row))
        for entry in outside.found.scope
        if (row := outside.rows.get((RECOMMENDATION, entry.unit.key)))
    )
    for part in outside.found.by_theme:
        compared = [unit for unit in by_theme[part.slug] if unit[1].base >= BASE]
        figures = ThemeFigures(compared, *both_rounds(outside, ("theme", part.slug)))
        stated = [*_paragraphs(figures), *quotations.of_theme(part.slug, Chapter.TRENDS)]
        if stated:
            yield Heading(str(part.of), level=2)
            yield from stated


def both_rounds(outside: PublicProgress, group: Group) -> tuple[PublicRow | None, PublicRow | None]:
    """Return the percentages of a group in this round and in the round before, None where they are not shown."""
    rows = (outside.rows.get(group), outside.before and outside.before.rows.get(group))
    this, before = (row if row and row.counts else None for row in rows)
    return this, before


def _paragraphs(figures: ThemeFigures) -> Iterator[Block]:
    for rules in RULES.values():
        if words := joined_sentences(*(rule(figures) for rule in rules)):
            yield own_paragraph(words)


# The share of a theme, and its change since the round before


def share_implemented(figures: ThemeFigures) -> str:
    """Give the share of “Implemented” of the answers requested, and in the round before if it is shown there."""
    return compare_shares(
        figures.row,
        figures.before,
        # Translators: after: such as “34 per cent”.
        _("Under this theme, “Implemented” is %(after)s of the answers requested."),
        # Translators: after: such as “34 per cent”.
        _("Under this theme, “Implemented” is %(after)s of the answers requested, as in the previous round."),
        # Translators: before, after: such as “34 per cent”.
        _("Under this theme, “Implemented” is %(after)s of the answers requested; in the previous round, %(before)s."),
    )


def compare_shares(this: PublicRow | None, before: PublicRow | None, alone: str, same: str, other: str) -> str:
    """Write the sentence that fits the shares of “Implemented” in both rounds, or nothing where they are not shown."""
    if this is None:
        return ""
    after, earlier = this.counts[Status.IMPLEMENTED], before and before.counts[Status.IMPLEMENTED]
    sentence = alone if earlier is None else same if earlier == after else other
    return sentence % {"after": per_cent(after), "before": per_cent(earlier or 0)}


# What stands out


def _name_most(answer: str, figures: ThemeFigures) -> str:
    """Name the recommendations with the largest share of an answer among the States covered."""
    most = figures.most(answer)
    if not most:
        return ""
    values = {"count": number_in_table(most[0].count), "whole": number_in_table(most[0].whole)}
    labels = format_list(count.label for count in most)
    return MOST[answer] % {"number": len(most), "labels": labels, "status": LABELS.get(answer, ""), **values}


REPORTED = ngettext_lazy(
    # Translators: labels: label and title of one to three recommendations. count: States that reported so, rounded to
    # five. whole: States covered to which a recommendation is addressed. status: such as No measure to date.
    "On recommendation %(labels)s, about %(count)s of %(whole)s States reported “%(status)s”, the largest share under "
    "this theme.",
    "The largest share of “%(status)s” under this theme, about %(count)s of %(whole)s States, is on each of the "
    "following recommendations: %(labels)s.",
    "number",
)
MOST = {
    **dict.fromkeys((Status.IMPLEMENTED, Status.NOT_STARTED, Status.NOT_APPLICABLE), REPORTED),
    NO_INFORMATION: ngettext_lazy(
        # Translators: labels: label and title of one to three recommendations. count: States without an answer, rounded
        # to five. whole: States covered to which a recommendation is addressed.
        "On recommendation %(labels)s, information is missing from about %(count)s of %(whole)s States, the largest "
        "share under this theme.",
        "Information is most often missing under this theme, from about %(count)s of %(whole)s States, on each of the "
        "following recommendations: %(labels)s.",
        "number",
    ),
    CONSIDERED_ELSEWHERE: ngettext_lazy(
        # Translators: labels: label and title of one to three recommendations that ask States to act. count: States
        # that reported so, rounded to five. whole: States covered to which a recommendation is addressed.
        "Where recommendations ask States to act, the largest share of “Considered, not taken up” is on recommendation "
        "%(labels)s: about %(count)s of %(whole)s States.",
        "Where recommendations ask States to act, the largest share of “Considered, not taken up”, about %(count)s of "
        "%(whole)s States, is on each of the following recommendations: %(labels)s.",
        "number",
    ),
    CONSIDERED_WHERE_ASKED: ngettext_lazy(
        # Translators: labels: label and title of one to three recommendations that ask States to consider a measure.
        # count: States that reported so, rounded to five. whole: States covered to which it is addressed.
        "Where recommendations ask States to consider a measure, the largest share of “Considered, not taken up” is on "
        "recommendation %(labels)s: about %(count)s of %(whole)s States.",
        "Where recommendations ask States to consider a measure, the largest share of “Considered, not taken up”, "
        "about %(count)s of %(whole)s States, is on each of the following recommendations: %(labels)s.",
        "number",
    ),
}

# By paragraph, in the order of the paper.
RULES: dict[str, tuple[Sentence, ...]] = {
    "share": (share_implemented,),
    "stands_out": tuple(
        partial(_name_most, answer) for answer in (Status.IMPLEMENTED.value, Status.NOT_STARTED.value, NO_INFORMATION)
    ),
    "considered": tuple(
        partial(_name_most, answer)
        for answer in (CONSIDERED_ELSEWHERE, CONSIDERED_WHERE_ASKED, Status.NOT_APPLICABLE.value)
    ),
}

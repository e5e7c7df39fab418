"""Write what States reported under each theme, by the rules of docs/reference/paper-rules.md, which RULES has in order.

A rule is a function: it returns its sentence, or nothing where its figures are not shown or nothing stands out.
Recommendations are compared; States and themes are not. No rule judges.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations.groups import group_pairs
from tracker.documents.paper.quotations import Chapter, Quotations
from tracker.documents.paper.tree import Block, PaperHeading, joined_sentences, own_paragraph
from tracker.documents.paper.words import name_of_unit, number, numbers_alike, share, share_text
from tracker.figures.answers import CONSIDERED_ELSEWHERE, CONSIDERED_WHERE_ASKED
from tracker.figures.public_figures import PublicCounts, PublicProgress
from tracker.figures.release import REASONS
from tracker.figures.release_change import GroupChange, ReleaseChange
from tracker.figures.selection import theme_of
from tracker.figures.suppression import FEWEST
from tracker.models.status import NO_INFORMATION, ReasonCode, Status

FEWEST_COMPARED = 2  # recommendations: one alone does not stand out


class UnitCount(NamedTuple):
    """Count the States of `whole` that gave one answer to the recommendation `label`."""

    label: str
    count: int  # type: ignore[assignment]
    whole: int
    counts: PublicCounts


@dataclass(frozen=True)
class ThemeFigures:
    """Hold the figures of a theme, or of all recommendations, with those of each recommendation that can be compared:
    it is addressed to five or more of the States covered, and was answered by five or more.
    """

    units: list[tuple[str, PublicCounts]]
    change: GroupChange | None

    def most(self, answer: str, of_all: bool = False) -> UnitCount | None:
        """Return the recommendation with the largest share of this answer, of those that answered or of all addressed.

        Of equal shares the one with more States is first, then the first in the order of the papers.
        """
        found = [
            UnitCount(label, count, whole, counts)
            for label, counts in self.units
            if (count := counts.counts[answer]) is not None and (whole := counts.total if of_all else counts.answered)
        ]
        if len(found) < FEWEST_COMPARED:
            return None
        first = max(found, key=lambda row: (row.count / row.whole, row.count))
        return first if first.count else None


Sentence = Callable[[ThemeFigures], str]


def trend_parts(outside: PublicProgress, change: ReleaseChange | None, quotations: Quotations) -> Iterator[Block]:
    counts = outside.counts
    by_theme = group_pairs(
        (theme_of(row.entry)[0], (name_of_unit(row.unit), counts["recommendation", row.unit.slug]))
        for row in outside.found.by_unit
    )
    groups = change.groups if change else {}
    for part in outside.found.by_theme:
        compared = [unit for unit in by_theme[part.slug] if _can_be_compared(unit[1])]
        figures = ThemeFigures(compared, groups.get(("theme", part.slug)))
        stated = [*_paragraphs(figures), *quotations.of_theme(part.slug, Chapter.TRENDS)]
        if stated:
            yield PaperHeading(str(part.of), 2)
            yield from stated


def _can_be_compared(counts: PublicCounts) -> bool:
    return (counts.total or 0) >= FEWEST and (counts.answered or 0) >= FEWEST


def _paragraphs(figures: ThemeFigures) -> Iterator[Block]:
    for rules in RULES.values():
        if words := joined_sentences(*(rule(figures) for rule in rules)):
            yield own_paragraph(words)


# The change since the round before


def share_implemented(figures: ThemeFigures) -> str:
    """Give the share of answers “Implemented” in both rounds, over the same States and recommendations."""
    if figures.change is None:
        return ""
    units = figures.change.units
    same = ngettext(
        # Translators: units: number of recommendations. after: such as “34 per cent”.
        "On the %(units)s recommendation compared, the share of “Implemented” was %(after)s in both rounds.",
        "On the %(units)s recommendations compared, the share of “Implemented” was %(after)s in both rounds.",
        units,
    )
    rose = ngettext(
        # Translators: units: number of recommendations. before: a number of per cent. after: such as “34 per cent”.
        "On the %(units)s recommendation compared, the share of “Implemented” rose from %(before)s to %(after)s.",
        "On the %(units)s recommendations compared, the share of “Implemented” rose from %(before)s to %(after)s.",
        units,
    )
    fell = ngettext(
        # Translators: units: number of recommendations. before: a number of per cent. after: such as “34 per cent”.
        "On the %(units)s recommendation compared, the share of “Implemented” fell from %(before)s to %(after)s.",
        "On the %(units)s recommendations compared, the share of “Implemented” fell from %(before)s to %(after)s.",
        units,
    )
    return compare_shares(figures.change, same, rose, fell)


def compare_shares(change: GroupChange, same: str, rose: str, fell: str) -> str:
    """Write the sentence that fits the shares of “Implemented” in both rounds, or nothing where one is not shown."""
    if change.before is None or change.after is None:
        return ""
    before, after = share(change.before, change.total), share(change.after, change.total)
    sentence = same if after == before else rose if after > before else fell
    values = {"units": number(change.units), "before": before, "after": share_text(change.after, change.total)}
    return sentence % values


def moves(figures: ThemeFigures) -> str:
    """Count the answers whose status moved towards “Implemented”, and those whose status moved away from it."""
    change = figures.change
    forward, back = (change.forward, change.back) if change else (None, None)
    if forward and back:
        sentence = ngettext(
            # Translators: forward, back: numbers of answers.
            "Of the answers compared, %(forward)s moved forward and %(back)s moved back.",
            "Of the answers compared, %(forward)s moved forward and %(back)s moved back.",
            forward,
        )
    elif forward and back == 0:
        sentence = ngettext(
            # Translators: forward: a number of answers.
            "Of the answers compared, %(forward)s moved forward and none moved back.",
            "Of the answers compared, %(forward)s moved forward and none moved back.",
            forward,
        )
    elif forward:
        sentence = ngettext(
            # Translators: forward: a number of answers.
            "Of the answers compared, %(forward)s moved forward.",
            "Of the answers compared, %(forward)s moved forward.",
            forward,
        )
    elif back and forward == 0:
        sentence = ngettext(
            # Translators: back: a number of answers.
            "Of the answers compared, %(back)s moved back and none moved forward.",
            "Of the answers compared, %(back)s moved back and none moved forward.",
            back,
        )
    elif back:
        sentence = ngettext(
            # Translators: back: a number of answers.
            "Of the answers compared, %(back)s moved back.",
            "Of the answers compared, %(back)s moved back.",
            back,
        )
    else:
        return _("None of the answers compared moved forward or back.") if forward == back == 0 else ""
    return sentence % numbers_alike(forward=forward or 0, back=back or 0)


# What stands out


def _stands_out(most: UnitCount | None, named: str, same: str = "", before: UnitCount | None = None) -> str:
    """Write the sentence `named`, or `same` where the sentence before names the same recommendation."""
    if most is None:
        return ""
    sentence = same if before and before.label == most.label else named
    return sentence % {"label": most.label, **numbers_alike(count=most.count, whole=most.whole)}


def most_implemented(figures: ThemeFigures) -> str:
    """Name the recommendation with the largest share of “Implemented” among the States that answered."""
    named = _(
        # Translators: label: label and title of a recommendation. count: States that reported so. whole: States that
        # answered.
        "“Implemented” was reported by the largest share of States on recommendation %(label)s, by %(count)s of the "
        "%(whole)s States that answered."
    )
    return _stands_out(figures.most(Status.IMPLEMENTED), named)


def most_without_measure(figures: ThemeFigures) -> str:
    """Name the recommendation with the largest share of “No measure to date” among the States that answered."""
    named = _(
        # Translators: label: label and title of a recommendation. count: States that reported so. whole: States
        # that answered.
        "The largest share of “No measure to date” is on recommendation %(label)s, reported by %(count)s of "
        "%(whole)s States."
    )
    same = _(
        # Translators: count: States that reported so. whole: States that answered.
        "The same recommendation has the largest share of “No measure to date”, reported by %(count)s of "
        "%(whole)s States."
    )
    return _stands_out(figures.most(Status.NOT_STARTED), named, same, before=figures.most(Status.IMPLEMENTED))


def most_unanswered(figures: ThemeFigures) -> str:
    """Name the recommendation with the largest share of “No information” among the States addressed."""
    named = _(
        # Translators: label: label and title of a recommendation. count: States without an answer. whole: States to
        # which it is addressed.
        "Information was missing most often on recommendation %(label)s, from %(count)s of the %(whole)s States "
        "covered to which it is addressed."
    )
    same = _(
        # Translators: count: States without an answer. whole: States to which the recommendation is addressed.
        "On the same recommendation, information was missing most often, from %(count)s of the %(whole)s States "
        "covered to which it is addressed."
    )
    most = figures.most(NO_INFORMATION, of_all=True)
    return _stands_out(most, named, same, before=figures.most(Status.NOT_STARTED) or figures.most(Status.IMPLEMENTED))


# What was considered and not taken up, what does not apply, and why


def considered_elsewhere(figures: ThemeFigures) -> str:
    """Name the recommendation that asks to act with the largest share of “Considered, not taken up”."""
    named = _(
        # Translators: label: label and title of a recommendation. count, whole: numbers of States.
        "Where recommendations ask States to act, the largest share of “Considered, not taken up” is on "
        "recommendation %(label)s, reported by %(count)s of %(whole)s States."
    )
    return _stands_out(figures.most(CONSIDERED_ELSEWHERE), named)


def considered_where_asked(figures: ThemeFigures) -> str:
    """Name the recommendation that asks to consider a measure with the largest share of “Considered, not taken up”."""
    named = _(
        # Translators: label: label and title of a recommendation. count, whole: numbers of States.
        "Where recommendations ask States to consider a measure, the largest share of “Considered, not taken up” is on "
        "recommendation %(label)s, reported by %(count)s of %(whole)s States."
    )
    return _stands_out(figures.most(CONSIDERED_WHERE_ASKED), named)


def most_not_applicable(figures: ThemeFigures) -> str:
    """Name the recommendation with the largest share of “Not applicable” among the States that answered."""
    named = _(
        # Translators: label: label and title of a recommendation. count: States that reported so. whole: States that
        # answered.
        "“Not applicable” was reported most often on recommendation %(label)s, by %(count)s of the %(whole)s States "
        "that answered."
    )
    same = _(
        # Translators: count: States that reported so. whole: States that answered.
        "On the same recommendation, “Not applicable” was reported most often, by %(count)s of the %(whole)s States "
        "that answered."
    )
    before = figures.most(CONSIDERED_WHERE_ASKED) or figures.most(CONSIDERED_ELSEWHERE)
    return _stands_out(figures.most(Status.NOT_APPLICABLE), named, same, before)


def reason_most_given(figures: ThemeFigures) -> str:
    """Name the reason given most often for “Not applicable” on the recommendation named before.

    Nothing is written where two reasons have the same count, or where a reason that is not shown may have more.
    """
    most = figures.most(Status.NOT_APPLICABLE)
    if most is None:
        return ""
    shown = {reason: most.counts.others[REASONS[reason]] or 0 for reason in ReasonCode}
    reason = max(shown, key=shown.__getitem__)
    count = shown.pop(reason)
    if count <= max(*shown.values(), most.count - count - sum(shown.values())):
        return ""
    sentence = ngettext(
        # Translators: reason: a reason for “Not applicable”, as in lists. count: a number of States.
        "The reason given most often was “%(reason)s” (%(count)s State).",
        "The reason given most often was “%(reason)s” (%(count)s States).",
        count,
    )
    return sentence % {"reason": reason.label, "count": number(count)}


# By paragraph, in the order of the paper.
RULES: dict[str, tuple[Sentence, ...]] = {
    "change": (share_implemented, moves),
    "stands_out": (most_implemented, most_without_measure, most_unanswered),
    "considered": (considered_elsewhere, considered_where_asked, most_not_applicable, reason_most_given),
}

"""Say the figures of a State's report in sentences, by written rules: what is counted, and the words for the count.

A sentence has no adjective, and is left out where its count is zero.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, ngettext_lazy

from tracker.figures.answers import Figures, Progress
from tracker.figures.comparison import StatusChange
from tracker.models.status import CONSIDERED, Status


class Rule[Counted](NamedTuple):
    """`count`: what must not be zero; `of`: the total of which it is a part. Both are in the words."""

    count: Callable[[Counted], int]
    words: Promise
    of: Callable[[Counted], int] = lambda _counted: 0


def sentences[Counted](rules: Iterable[Rule[Counted]], counted: Counted) -> list[str]:
    return [
        str(rule.words % {"count": rule.count(counted), "of": rule.of(counted)})
        for rule in rules
        if rule.count(counted)
    ]


def _statuses(*statuses: Status) -> Callable[[Progress], int]:
    return lambda progress: sum(progress.counts[status.value] for status in statuses)


def _change(change: StatusChange) -> Callable[[Mapping[StatusChange, int]], int]:
    return lambda changes: changes.get(change, 0)


NOTHING_ANSWERED = gettext_lazy("No recommendation has an answer.")

NO_MEASURE: Rule[Progress] = Rule(
    _statuses(Status.NOT_STARTED),
    ngettext_lazy(
        # Translators: count: number of recommendations without a measure; of: number of all, or of all of a theme.
        "On %(count)s of %(of)s recommendation, no measure has been taken to date.",
        "On %(count)s of %(of)s recommendations, no measure has been taken to date.",
        "of",
    ),
    lambda progress: progress.total,
)
WITHOUT_INFORMATION: Rule[Progress] = Rule(
    lambda progress: progress.no_information.numerator,
    ngettext_lazy(
        # Translators: count: number of recommendations without information; of: number of all, or of all of a theme.
        "On %(count)s of %(of)s recommendation, there is no information.",
        "On %(count)s of %(of)s recommendations, there is no information.",
        "of",
    ),
    lambda progress: progress.total,
)
GAP_RULES = [WITHOUT_INFORMATION, NO_MEASURE]

STATUS_RULES: list[Rule[Progress]] = [
    Rule(
        lambda progress: progress.answered,
        ngettext_lazy(
            # Translators: count: number of recommendations with an answer; of: number of all recommendations.
            "%(count)s of %(of)s recommendation has an answer.",
            "%(count)s of %(of)s recommendations have an answer.",
            "of",
        ),
        lambda progress: progress.total,
    ),
    Rule(
        _statuses(Status.IMPLEMENTED),
        ngettext_lazy(
            # Translators: count: number of recommendations.
            "%(count)s recommendation is implemented.",
            "%(count)s recommendations are implemented.",
            "count",
        ),
    ),
    Rule(
        _statuses(Status.PARTIALLY_IMPLEMENTED, Status.IN_PROGRESS),
        ngettext_lazy(
            # Translators: count: number of recommendations.
            "%(count)s recommendation is partially implemented or in progress.",
            "%(count)s recommendations are partially implemented or in progress.",
            "count",
        ),
    ),
    NO_MEASURE,
    Rule(
        _statuses(CONSIDERED),
        ngettext_lazy(
            # Translators: count: number of recommendations.
            "%(count)s recommendation was considered and not taken up.",
            "%(count)s recommendations were considered and not taken up.",
            "count",
        ),
    ),
    Rule(
        _statuses(Status.NOT_APPLICABLE),
        ngettext_lazy(
            # Translators: count: number of recommendations.
            "%(count)s recommendation is not applicable.",
            "%(count)s recommendations are not applicable.",
            "count",
        ),
    ),
    WITHOUT_INFORMATION,
]

TARGET_RULES: list[Rule[Figures]] = [
    Rule(
        lambda figures: figures.target_dated.numerator,
        ngettext_lazy(
            # Translators: count and of: numbers of recommendations.
            "%(count)s of the %(of)s recommendation that is not fully implemented has a target date.",
            "%(count)s of the %(of)s recommendations that are not fully implemented have a target date.",
            "of",
        ),
        lambda figures: figures.target_dated.denominator,
    ),
    Rule(
        lambda figures: figures.overdue.numerator,
        ngettext_lazy(
            # Translators: count: number of recommendations.
            "The target date of %(count)s recommendation has passed.",
            "The target dates of %(count)s recommendations have passed.",
            "count",
        ),
    ),
]

ASSISTANCE_RULES: list[Rule[Figures]] = [
    Rule(
        lambda figures: figures.assistance_needed.numerator,
        ngettext_lazy(
            # Translators: count and of: numbers of answers.
            "%(count)s of the %(of)s answer asks for technical assistance.",
            "%(count)s of the %(of)s answers ask for technical assistance.",
            "of",
        ),
        lambda figures: figures.assistance_needed.denominator,
    ),
]

DECISION_RULES: list[Rule[int]] = [
    Rule(
        lambda points: points,
        # Translators: count: number of points on which the minister decides.
        ngettext_lazy("%(count)s point is for decision.", "%(count)s points are for decision.", "count"),
    ),
]

MOVE_RULES: list[Rule[Mapping[StatusChange, int]]] = [
    Rule(
        _change(StatusChange.FURTHER),
        ngettext_lazy(
            # Translators: count: number of answers whose status changed towards “Implemented”.
            "Since the last submission, %(count)s answer moved forward.",
            "Since the last submission, %(count)s answers moved forward.",
            "count",
        ),
    ),
    Rule(
        _change(StatusChange.LESS_FAR),
        ngettext_lazy(
            # Translators: count: number of answers whose status changed away from “Implemented”.
            "Since the last submission, %(count)s answer moved back.",
            "Since the last submission, %(count)s answers moved back.",
            "count",
        ),
    ),
]

CHANGE_RULES: list[Rule[Mapping[StatusChange, int]]] = [
    *MOVE_RULES,
    Rule(
        _change(StatusChange.OTHERWISE),
        ngettext_lazy(
            # Translators: count: number of answers with another change of status.
            "%(count)s answer has another status, neither forward nor back.",
            "%(count)s answers have another status, neither forward nor back.",
            "count",
        ),
    ),
    Rule(
        _change(StatusChange.NEWLY_ANSWERED),
        ngettext_lazy(
            # Translators: count: number of answers, of which some may have been saved before that submission.
            "%(count)s answer was not in the last submission.",
            "%(count)s answers were not in the last submission.",
            "count",
        ),
    ),
    Rule(
        _change(StatusChange.NO_LONGER_ANSWERED),
        ngettext_lazy(
            # Translators: count: number of recommendations.
            "%(count)s recommendation is no longer answered.",
            "%(count)s recommendations are no longer answered.",
            "count",
        ),
    ),
    Rule(
        _change(StatusChange.SAME),
        # Translators: count: number of answers.
        ngettext_lazy("%(count)s answer has the same status.", "%(count)s answers have the same status.", "count"),
    ),
]


def summary_sentences(progress: Progress) -> list[str]:
    return sentences(STATUS_RULES, progress) if progress.answered else [str(NOTHING_ANSWERED)]

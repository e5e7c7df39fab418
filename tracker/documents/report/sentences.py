"""Say the figures of a State's report in sentences, by written rules: what is counted, and the words for the count.

A sentence has no adjective, and is left out where its count is zero.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, ngettext_lazy

from tracker.figures.answers import Progress
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


NOTHING_ANSWERED = gettext_lazy("No recommendation has an answer.")

NO_MEASURE: Rule[Progress] = Rule(
    _statuses(Status.NOT_STARTED),
    ngettext_lazy(
        # Translators: count: number of recommendations without a measure; of: number of all.
        "On %(count)s of %(of)s recommendation, no measure has been taken to date.",
        "On %(count)s of %(of)s recommendations, no measure has been taken to date.",
        "of",
    ),
    lambda progress: progress.total,
)
WITHOUT_INFORMATION: Rule[Progress] = Rule(
    lambda progress: progress.no_information.numerator,
    # Translators: count: number of recommendations.
    ngettext_lazy("%(count)s has no information.", "%(count)s have no information.", "count"),
)
ANSWERED: Rule[Progress] = Rule(
    lambda progress: progress.answered,
    ngettext_lazy(
        # Translators: count: number of recommendations with an answer; of: number of all recommendations.
        "%(count)s of %(of)s recommendation has an answer.",
        "%(count)s of %(of)s recommendations have an answer.",
        "of",
    ),
    lambda progress: progress.total,
)
IMPLEMENTED: Rule[Progress] = Rule(
    _statuses(Status.IMPLEMENTED),
    ngettext_lazy(
        # Translators: count: number of recommendations.
        "%(count)s recommendation is implemented.",
        "%(count)s recommendations are implemented.",
        "count",
    ),
)
UNDER_WAY: Rule[Progress] = Rule(
    _statuses(Status.PARTIALLY_IMPLEMENTED, Status.IN_PROGRESS),
    ngettext_lazy(
        # Translators: count: number of recommendations.
        "%(count)s recommendation is partially implemented or in progress.",
        "%(count)s recommendations are partially implemented or in progress.",
        "count",
    ),
)

STATUS_RULES: list[Rule[Progress]] = [
    ANSWERED,
    IMPLEMENTED,
    UNDER_WAY,
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

# The sentences of a brief: those of its figures alone, and those that compare them with an earlier round.
BRIEF_RULES = [ANSWERED, IMPLEMENTED, UNDER_WAY, NO_MEASURE]
COMPARED_RULES: list[Rule[Progress]] = [
    IMPLEMENTED._replace(
        words=ngettext_lazy(
            # Translators: count: number of recommendations; of: number of all; round: code of an earlier round, such as
            # 2024; before: the number in that round.
            "%(count)s of %(of)s recommendation is implemented (%(round)s: %(before)s).",
            "%(count)s of %(of)s recommendations are implemented (%(round)s: %(before)s).",
            "of",
        ),
        of=lambda progress: progress.total,
    ),
    UNDER_WAY._replace(
        words=ngettext_lazy(
            # Translators: count: number of recommendations; round: code of an earlier round, such as 2024; before: the
            # number in that round.
            "%(count)s is partially implemented or in progress (%(round)s: %(before)s).",
            "%(count)s are partially implemented or in progress (%(round)s: %(before)s).",
            "count",
        )
    ),
    NO_MEASURE._replace(
        # Translators: count: number of recommendations; round: code of an earlier round, such as 2024; before: the
        # number in that round.
        words=gettext_lazy("On %(count)s, no measure has been taken to date (%(round)s: %(before)s).")
    ),
    WITHOUT_INFORMATION._replace(
        words=ngettext_lazy(
            # Translators: count: number of recommendations; round: code of an earlier round, such as 2024; before: the
            # number in that round.
            "%(count)s has no information (%(round)s: %(before)s).",
            "%(count)s have no information (%(round)s: %(before)s).",
            "count",
        )
    ),
]


def summary_sentences(progress: Progress) -> list[str]:
    return sentences(STATUS_RULES, progress) if progress.answered else [str(NOTHING_ANSWERED)]


def brief_sentences(progress: Progress, before: Progress | None, round_code: str) -> list[str]:
    """Return at most four sentences. `before`: the figures of the earlier round, over the same recommendations."""
    if before is None:
        return sentences(BRIEF_RULES, progress) if progress.answered else [str(NOTHING_ANSWERED)]
    return [
        str(rule.words % {"count": now, "of": rule.of(progress), "before": then, "round": round_code})
        for rule in COMPARED_RULES
        if (now := rule.count(progress)) + (then := rule.count(before))
    ]

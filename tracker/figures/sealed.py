"""Keep in the memory of a process what is counted in sealed submissions.

A sealed row never changes, so each submission is read once. Only codes, keys and numbers are kept: no words of a State,
no names. Which submissions count, and what of them is shown, is decided for each page.
"""

from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Mapping
from itertools import groupby
from operator import itemgetter
from sys import intern
from typing import NamedTuple

from recommendations.groups import group_pairs
from tracker.models import Submission, SubmissionItem
from tracker.models.status import NO_INFORMATION, Status
from tracker.queries.desk.assistance import in_order

MOST_SUBMISSIONS = 4_000  # some 2 KB each


class SealedValues[Value]:
    """Read the same of each submission, once. `read` returns it by key of the submission, also where there is none.

    A submission is known by its code, which is random, and never used again.
    """

    def __init__(self, read: Callable[[list[Submission]], Mapping[int, Value]], most: int = MOST_SUBMISSIONS) -> None:
        self._read, self._most = read, most
        self._values = OrderedDict[str, Value]()

    def of(self, submissions: Iterable[Submission]) -> dict[int, Value]:
        by_pk = {submission.pk: submission for submission in submissions}
        kept = {pk: self._values.get(each.code) for pk, each in by_pk.items()}
        found = {pk: value for pk, value in kept.items() if value is not None}
        if unread := [each for pk, each in by_pk.items() if pk not in found]:
            values = self._read(unread)
            found |= {each.pk: values[each.pk] for each in unread}
            self._values |= {each.code: found[each.pk] for each in unread}
            while len(self._values) > self._most:  # what was read longest ago goes first
                self._values.popitem(last=False)
        return found


class SealedStatuses(NamedTuple):
    """Hold the units of a submission with their status codes, `no_information` without an answer."""

    units: tuple[int, ...] = ()
    statuses: tuple[str, ...] = ()


class SealedNeed(NamedTuple):
    """`item` is a key, `kinds` are in their order."""

    unit: int
    item: int
    kinds: tuple[str, ...]


class SealedPractice(NamedTuple):
    unit: int
    is_shared: bool


class SealedReason(NamedTuple):
    unit: int
    code: str


def _read_statuses(submissions: list[Submission]) -> Mapping[int, SealedStatuses]:
    rows = SubmissionItem.objects.of_submissions(submissions).order_by("submission", "unit")
    found: defaultdict[int, SealedStatuses] = defaultdict(SealedStatuses)
    alike: dict[tuple, tuple] = {}  # most submissions of a round have the same units
    for submission, items in groupby(rows.values_list("submission", "unit", "status"), key=itemgetter(0)):
        _submission, units, statuses = zip(*items, strict=True)
        codes = tuple(intern(status or NO_INFORMATION) for status in statuses)
        found[submission] = SealedStatuses(alike.setdefault(units, units), codes)
    return found


def _sealed_rows[Row](make: Callable[..., Row], *fields: str, **where: object) -> SealedValues[tuple[Row, ...]]:
    """Make rows from these fields of the items that are as `where` says."""

    def read(submissions: list[Submission]) -> Mapping[int, tuple[Row, ...]]:
        items = SubmissionItem.objects.of_submissions(submissions).filter(**where).order_by()
        values = items.values_list("submission", *fields)
        found = group_pairs((submission, make(*of_item)) for submission, *of_item in values)
        return defaultdict(tuple, {submission: tuple(rows) for submission, rows in found.items()})

    return SealedValues(read)


STATUSES = SealedValues(_read_statuses)
NEEDS = _sealed_rows(
    lambda unit, item, kinds: SealedNeed(unit, item, in_order(kinds)),
    *("unit", "pk", "revision__assistance_kinds"),
    asks_for_assistance=True,
)
PRACTICES = _sealed_rows(SealedPractice, "unit", "revision__good_practice_shared", good_practice=True)
REASONS = _sealed_rows(
    lambda unit, reason: SealedReason(unit, intern(reason)),
    *("unit", "revision__reason_code"),
    status=Status.NOT_APPLICABLE,
)

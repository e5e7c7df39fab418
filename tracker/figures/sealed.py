"""Keep in the memory of a process what is counted in sealed submissions.

A sealed row never changes, so each submission is read once. Only codes, keys and numbers are kept: no words of a State,
no names. Which submissions count, and what of them is shown, is decided for each page.
"""

from collections import OrderedDict, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from itertools import groupby
from operator import itemgetter
from sys import intern
from typing import Any, NamedTuple

from recommendations.groups import group_pairs
from tracker.models import Submission, SubmissionItem
from tracker.models.status import NO_INFORMATION, Status
from tracker.queries.desk.assistance import in_order

MOST_SUBMISSIONS = 4_000  # some 2 KB each


class BoundedStore[Key: Hashable, Value]:
    """Hold `most` values, none of which is None. The value used longest ago goes first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: OrderedDict[Key, Value] = OrderedDict()

    def get(self, key: Key) -> Value | None:
        value = self._values.pop(key, None)
        return None if value is None else self.keep(key, value)

    def keep(self, key: Key, value: Value) -> Value:
        self._values[key] = value
        while len(self._values) > self._most:
            self._values.popitem(last=False)
        return value

    def get_or_make(self, key: Key, make: Callable[[], Value]) -> Value:
        value = self.get(key)
        return self.keep(key, make()) if value is None else value

    def get_or_read[Item: Hashable](
        self,
        keys: Mapping[Item, Key],
        read: Callable[[list[Item]], Mapping[Item, Value]],
        read_keys: Callable[[], Mapping[Item, Key]] | None = None,
    ) -> dict[Item, Value]:
        """Return the value of each item. `read` finds those that are not held, all at once. Where a key can change,
        `read_keys` gives the keys after that: a value whose key changed before its end is not kept.
        """
        found = {item: self.get(key) for item, key in keys.items()}
        if unread := [item for item in keys if found[item] is None]:
            values = read(unread)
            after = read_keys() if read_keys else keys
            for item in unread:
                found[item] = values[item]
                if after.get(item) == keys[item]:
                    self.keep(keys[item], values[item])
        return found  # type: ignore[return-value]  # what was missing has been read


class KeptCounts[Rows]:
    """Keep by name what is counted from the same sealed rows. Only numbers by codes and keys, never names or words.

    `rows` count the sealed rows themselves.
    """

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self._counted: dict[str, Any] = {}

    def once[Found](self, name: str, count: Callable[[], Found]) -> Found:
        """`count` depends on nothing but the sealed rows, their rounds and the catalogue."""
        if name not in self._counted:
            self._counted[name] = count()
        return self._counted[name]


class SealedValues[Value]:
    """Read the same of each submission, once. `read` returns it by key of the submission, also where there is none.

    A submission is known by its code, which is random, and never used again.
    """

    def __init__(self, read: Callable[[list[Submission]], Mapping[int, Value]]) -> None:
        self._read = read
        self._store: BoundedStore[str, Value] = BoundedStore(MOST_SUBMISSIONS)

    def of(self, submissions: Iterable[Submission]) -> dict[int, Value]:
        by_pk = {submission.pk: submission for submission in submissions}
        codes = {pk: submission.code for pk, submission in by_pk.items()}
        return self._store.get_or_read(codes, lambda unread: self._read([by_pk[pk] for pk in unread]))


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

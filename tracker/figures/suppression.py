"""Decide which figures are not shown, because the answers of fewer than five States could be worked out from them.

A figure is a sum over States. It is looked at in several views: over all States, over those of which a reader does not
know the answers anyway, and as the change since an earlier release. In each view there must be five States behind it,
or none: a figure to which no State contributes is about nobody.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from typing import NamedTuple

from django.db import models
from django.utils.translation import gettext_lazy as _

FEWEST = 5


class NotShown(models.TextChoices):
    """Why a figure is not shown."""

    FEW = "fewer_than_five", _("Fewer than five States")
    EARLIER = "earlier_release", _("Difference from an earlier release")
    OTHER = "protects_another", _("Protection of another figure that is not shown")


class View[Key: Hashable](NamedTuple):
    """`shares` are what each State contributes to a figure, by figure and key of the State.

    In a view of changes `hidden_before` are the figures that the earlier release does not show; None in other views.
    """

    reason: NotShown
    shares: Mapping[Key, Mapping[int, int]]
    hidden_before: Collection[Key] | None = None

    def is_of_few(self, keys: Iterable[Key]) -> bool:
        return _is_of_few(self.sum_of(keys))

    def sum_of(self, keys: Iterable[Key]) -> Counter[int]:
        total: Counter[int] = Counter()
        for key in keys:
            for state, share in self.shares.get(key, {}).items():
                total[state] += share
        return total


class CountLine[Key: Hashable](NamedTuple):
    """List figures that make up a total. `total` is the key of a figure, or None where everybody knows it."""

    parts: list[Key]
    total: Key | None = None


def is_small_count(count: int) -> bool:
    return 0 < count < FEWEST


def suppress[Key: Hashable](
    views: Collection[View[Key]], lines: Iterable[CountLine[Key]], also: Iterable[Key] = ()
) -> dict[Key, NotShown]:
    """Return the figures not to show, with the reason: those of few States in a view, those in `also`, and what in each
    line would disclose them. The first view is over all States.

    What is not shown in a line with a known total is at least two figures, and their sum is safe in every view. What
    everybody knows protects no other figure: all of a known total, and a total of zeros that a line shows.
    """
    hidden = dict.fromkeys(also, NotShown.FEW)
    for view in views:
        for key in view.shares:
            if key not in hidden and view.is_of_few([key]):
                hidden[key] = view.reason
    counts = {key: sum(shares.values()) for key, shares in next(iter(views)).shares.items()}
    lines = list(lines)
    known = {part for line in lines if line.total is None for part in _find_whole(line, counts)}
    found = [_Line(line, views, counts, hidden, known) for line in lines]
    lines_of = defaultdict(list)
    for line in found:
        for key in line.keys:
            lines_of[key].append(line)
    to_check = dict.fromkeys(found)
    while to_check:
        line = next(iter(to_check))
        more = line.next_to_hide()
        if more is None or any(other.shows_zeros_of(more) for other in lines_of[more]):
            del to_check[line]
            continue
        hidden[more] = NotShown.OTHER
        for other in lines_of[more]:
            other.hide(more)
            to_check[other] = None
    return hidden


def _find_whole[Key: Hashable](line: CountLine[Key], counts: Mapping[Key, int]) -> list[Key]:
    """Return the part that is the whole total of a line, if there is one."""
    parts = [part for part in line.parts if counts.get(part)]
    return parts if len(parts) == 1 else []


class _Line[Key: Hashable]:
    def __init__(
        self,
        line: CountLine[Key],
        views: Collection[View[Key]],
        counts: Mapping[Key, int],
        hidden: Collection[Key],
        known: Collection[Key],
    ) -> None:
        self.line, self.counts, self.known = line, counts, known
        self.hidden = {part for part in line.parts if part in hidden}
        self.is_total_hidden = line.total in hidden
        self.rests = [
            _Rest(line, view, self.hidden)
            for view in views
            if line.total is None or line.total not in (view.hidden_before or ())
        ]

    @property
    def keys(self) -> Iterator[Key]:
        yield from self.line.parts
        if self.line.total is not None:
            yield self.line.total

    def shows_zeros_of(self, key: Key) -> bool:
        """Return whether the figure is the total of this line, whose parts are all shown and zeros."""
        return key == self.line.total and not self.hidden and not any(map(self._has_states, self.line.parts))

    def hide(self, key: Key) -> None:
        if key == self.line.total:
            self.is_total_hidden = True
            return
        self.hidden.add(key)
        for rest in self.rests:
            rest.hide(key)

    def next_to_hide(self) -> Key | None:
        """Return what else to hide: a part to which States contribute and that not everybody knows, the smallest that
        is enough; only then the total.
        """
        if self._is_safe():
            return None
        shown = [part for part in self.line.parts if part not in self.hidden and self._has_states(part)]
        unknown = [part for part in shown if part not in self.known]
        total = None if self.is_total_hidden else self.line.total
        if not shown or (not unknown and total is not None and total not in self.known):
            return total
        return min(unknown or shown, key=lambda part: (not self._is_safe(part), self.counts.get(part, 0)))

    def _is_safe(self, *more: Key) -> bool:
        hidden = [*self.hidden, *more]
        if self.is_total_hidden:
            return bool(hidden)
        if hidden and (len(hidden) < 2 or sum(self.counts.get(key, 0) for key in hidden) <= len(hidden)):
            return False
        return not any(rest.is_of_few(*more) for rest in self.rests)

    def _has_states(self, part: Key) -> bool:
        return any(rest.view.shares.get(part) for rest in self.rests)


class _Rest[Key: Hashable]:
    """What a reader works out from a line in a view: its total less the figures that are shown.

    Where everybody knows the total, also how it changed, the change of what is shown is worked out instead.
    """

    def __init__(self, line: CountLine[Key], view: View[Key], hidden: Collection[Key]) -> None:
        self.view = view
        self.hidden = {part for part in line.parts if part in hidden or part in (view.hidden_before or ())}
        self.is_of_shown = line.total is None and view.hidden_before is not None
        self.total = view.sum_of([part for part in line.parts if (part in self.hidden) != self.is_of_shown])

    def hide(self, key: Key) -> None:
        self.total = self._total_with([key])
        self.hidden.add(key)

    def is_of_few(self, *more: Key) -> bool:
        return bool(self.hidden or more) and _is_of_few(self._total_with(more) if more else self.total)

    def _total_with(self, more: Iterable[Key]) -> Counter[int]:
        total = Counter(self.total)
        change = self.view.sum_of(key for key in more if key not in self.hidden)
        if self.is_of_shown:
            total.subtract(change)
        else:
            total.update(change)
        return total


def _is_of_few(total: Mapping[int, int]) -> bool:
    return is_small_count(sum(share != 0 for share in total.values()))

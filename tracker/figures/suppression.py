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
    line, and in all lines together, would disclose them. The first view is over all States.

    What is not shown in a line with a known total is at least two figures, and their sum is safe in every view. What
    everybody knows protects no other figure: all of a known total, and a total of zeros that a line shows.
    """
    table = _Table(views, list(lines), also)
    table.hide_in(table.lines)
    while (more := table.next_to_hide()) is not None:
        table.hide(more)
        table.hide_in(table.lines_of[more])
    return table.hidden


class _Table[Key: Hashable]:
    """All lines. `hidden` are the figures that are not shown, `also` those of which not even a zero is shown."""

    def __init__(self, views: Collection[View[Key]], lines: list[CountLine[Key]], also: Iterable[Key]) -> None:
        self.views, self.also = views, set(also)
        self.hidden = dict.fromkeys(also, NotShown.FEW)
        for view in views:
            for key in view.shares:
                if key not in self.hidden and view.is_of_few([key]):
                    self.hidden[key] = view.reason
        self.counts = _count(next(iter(views)))
        self.known = {part for line in lines if line.total is None for part in _find_whole(line, self.counts)}
        self.lines = [_Line(line, views, self.counts, self.hidden, self.known) for line in lines]
        self.lines_of: defaultdict[Key, list[_Line[Key]]] = defaultdict(list)
        for line in self.lines:
            for key in line.keys:
                self.lines_of[key].append(line)

    def hide(self, key: Key) -> None:
        self.hidden[key] = NotShown.OTHER
        for line in self.lines_of[key]:
            line.hide(key)

    def hide_in(self, lines: Iterable["_Line[Key]"]) -> None:
        """Hide what in these lines, and in the lines of what is hidden then, would disclose a figure."""
        to_check = dict.fromkeys(lines)
        while to_check:
            line = next(iter(to_check))
            more = line.next_to_hide()
            if more is None or any(other.shows_zeros_of(more) for other in self.lines_of[more]):
                del to_check[line]
                continue
            self.hide(more)
            to_check |= dict.fromkeys(self.lines_of[more])

    def next_to_hide(self) -> Key | None:
        """Return what else to hide because all lines together disclose a figure of few States."""
        near = (self._find_near(key) for key in self._find_disclosed())
        return next((key for key in near if key is not None), None)

    def _find_disclosed(self) -> Iterator[Key]:
        for view in self.views:
            if view.hidden_before is None:
                bounds = _Bounds(self, view)
                for key in self.hidden:
                    if key not in self.also and bounds.disclose(key) and view.is_of_few([key]):
                        yield key

    def _find_near(self, key: Key) -> Key | None:
        """Return the smallest figure that is shown in the lines of a key, or else in those of what they do not show."""
        reached, last = {key: None}, [key]
        while last:
            near = dict.fromkeys(other for each in last for line in self.lines_of[each] for other in line.keys)
            shown = [other for other in near if other not in self.hidden and other not in self.known]
            if some := list(filter(self.counts.get, shown)):
                return min(some, key=self.counts.__getitem__)
            last = [other for other in near if other not in reached and other not in self.also]
            reached |= dict.fromkeys(last)
        return None


class _Bounds[Key: Hashable]:
    """The least and the most that each figure can be, for a reader who adds up all lines in a view and knows that a
    figure that is not shown is at least one over all States.
    """

    def __init__(self, table: _Table[Key], view: View[Key]) -> None:
        self.counts = _count(view)
        most = sum(self.counts.values())
        self.least, self.most = {}, {}
        for key in table.lines_of:
            count = self.counts.get(key, 0)
            is_hidden = key in table.hidden
            is_positive = count > 0 and count == table.counts[key] and key not in table.also
            self.least[key] = is_positive if is_hidden else count
            self.most[key] = most if is_hidden else count
        to_check = dict.fromkeys(table.lines)
        while to_check:
            line = next(iter(to_check))
            del to_check[line]
            for key in list(self._narrow(line.line)):
                to_check |= dict.fromkeys(table.lines_of[key])

    def disclose(self, key: Key) -> bool:
        return key in self.least and self.least[key] == self.most[key]

    def _narrow(self, line: CountLine[Key]) -> Iterator[Key]:
        """Narrow the bounds of the figures of a line, and yield those that became narrower."""
        least, most = (sum(bounds[part] for part in line.parts) for bounds in (self.least, self.most))
        if line.total is None:
            total_least = total_most = sum(self.counts.get(part, 0) for part in line.parts)
        else:
            if self._set(line.total, least, most):
                yield line.total
            total_least, total_most = self.least[line.total], self.most[line.total]
        for part in line.parts:
            others_least, others_most = least - self.least[part], most - self.most[part]
            if self._set(part, total_least - others_most, total_most - others_least):
                yield part
            least, most = others_least + self.least[part], others_most + self.most[part]

    def _set(self, key: Key, least: int, most: int) -> bool:
        before = self.least[key], self.most[key]
        narrowed = max(before[0], least), min(before[1], most)
        if narrowed == before or narrowed[0] > narrowed[1]:  # or lines that do not add up, which say nothing
            return False
        self.least[key], self.most[key] = narrowed
        return True


def _count[Key: Hashable](view: View[Key]) -> dict[Key, int]:
    return {key: sum(shares.values()) for key, shares in view.shares.items()}


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

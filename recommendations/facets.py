"""Filters over one list: declared and validated by django-filter, applied in Python, and counted from the same list."""

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import filterfalse
from typing import NamedTuple
from urllib.parse import urlencode

from django.http import QueryDict
from django_filters import FilterSet, MultipleChoiceFilter


def plain_text(text: str) -> str:
    """As it is compared: without regard to case, to accents and to the kind of apostrophe."""
    letters = unicodedata.normalize("NFKD", text.casefold()).replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    return "".join(filterfalse(unicodedata.combining, letters))


class Facet(MultipleChoiceFilter):
    """Check boxes: what is ticked within one widens, what is ticked in two narrows.

    `codes(row)` are the values under which a row is found; `choices_in(rows)` are the boxes, where the list says them.
    A long one may stay `closed` while nothing of it is ticked; `symbols`: its values are statuses.
    """

    def __init__(self, codes: Callable, choices_in: Callable | None = None, closed=False, symbols=False, **kwargs):
        super().__init__(**kwargs)
        self.codes = codes
        self.choices_in = choices_in
        self.closed = closed
        self.symbols = symbols

    def keeps(self, row, chosen: list[str]) -> bool:
        return any(code in chosen for code in self.codes(row))

    def name_of(self, code: str) -> str:
        return dict(self.field.choices)[code]


@dataclass(frozen=True, slots=True)
class FacetChoice:
    """A box to tick. `count`: how many rows ticking it shows, all other filters as they are."""

    value: str
    label: str
    count: int
    checked: bool


class ShownFacet(NamedTuple):
    name: str
    title: str
    options: list[FacetChoice]
    closed: bool
    symbols: bool


class UsedFilter(NamedTuple):
    """A filter in use, and the query string without it."""

    words: str
    url: str


class ListFilter(FilterSet):
    """`shown`: the rows that the filters leave. A filter that narrows has `keeps(row, value)` and `name_of(value)`.

    A value that cannot be used is an error of `form`, and its filter is as if it were not there.
    """

    def __init__(self, data: QueryDict, rows: list, among: list | None = None):
        """`among`: the rows that the boxes come from, where they are more than the list."""
        super().__init__(data)
        self.facets_by_name = {name: facet for name, facet in self.filters.items() if isinstance(facet, Facet)}
        for facet in self.facets_by_name.values():
            if facet.choices_in:
                facet.extra["choices"] = facet.choices_in(among or rows)
        self.form.full_clean()
        self.chosen = {
            name: value
            for name, filter_ in self.filters.items()
            if hasattr(filter_, "keeps") and (value := self.cleaned(name))
        }
        self.shown, self._counts = self.apply(rows)

    @property
    def facets(self) -> list[ShownFacet]:
        return [
            ShownFacet(
                name=name,
                title=facet.label,
                options=[self._option(name, *choice) for choice in facet.field.choices],
                closed=facet.closed and name not in self.form.data,
                symbols=facet.symbols,
            )
            for name, facet in self.facets_by_name.items()
        ]

    @property
    def chips(self) -> list[UsedFilter]:
        return [
            UsedFilter(
                f"{self.filters[name].label}: {self.filters[name].name_of(value)}", self.address(without=(name, value))
            )
            for name, value in self._pairs()
            if name in self.chosen
        ]

    def address(self, without: tuple | None = None, **instead) -> str:
        """The query string of what is chosen, without one (name, value), or with other values instead."""
        kept = [pair for pair in self._pairs() if pair != without and pair[0] not in instead]
        return "?" + urlencode(kept + [(name, value) for name, value in instead.items() if value])

    def cleaned(self, name: str):
        return self.form.cleaned_data.get(name)

    def _pairs(self) -> list[tuple[str, object]]:
        """(name, value) of everything chosen, grouping included."""
        pairs = []
        for name in self.filters:
            value = self.cleaned(name)
            pairs += [(name, each) for each in (value if isinstance(value, list) else [value]) if each]
        return pairs

    def apply(self, rows: Iterable) -> tuple[list, dict[str, Counter[str]]]:
        """The rows that all filters keep; and for each facet, over the rows that all others keep, its codes counted."""
        shown = []
        counts: dict[str, Counter[str]] = {name: Counter() for name in self.facets_by_name}
        for row in rows:
            against = {name for name, value in self.chosen.items() if not self.filters[name].keeps(row, value)}
            if not against:
                shown.append(row)
            for name, facet in self.facets_by_name.items():
                if against <= {name}:
                    counts[name].update(facet.codes(row))
        return shown, counts

    def _option(self, name: str, value: str, label: str) -> FacetChoice:
        return FacetChoice(value, label, self._counts[name][value], value in self.chosen.get(name, []))

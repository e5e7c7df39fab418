"""Filter one list: filters are declared and validated by django-filter, applied and counted in Python."""

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from itertools import filterfalse
from typing import NamedTuple
from urllib.parse import urlencode

from django import forms
from django.forms.utils import ErrorList
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django_filters import CharFilter, FilterSet, MultipleChoiceFilter

from recommendations.models import Recommendation


def plain_text(text: str) -> str:
    """Drop case, accents and the kind of apostrophe, to compare texts."""
    letters = unicodedata.normalize("NFKD", text.casefold()).replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    return "".join(filterfalse(unicodedata.combining, letters))


class SearchFilter(CharFilter):
    def __init__(self, placeholder: Promise):
        attributes = {"type": "search", "form": "filters", "placeholder": placeholder}
        # Translators: Button and label of a search field. Verb.
        super().__init__(label=_("Search"), max_length=200, widget=forms.TextInput(attrs=attributes))

    def name_of(self, typed: str) -> str:
        return f"“{typed}”"


class Facet(MultipleChoiceFilter):
    """Check boxes: two selected in one facet widen the list, one selected in each of two facets narrows it.

    `codes(row)` are the values of a row. The boxes are `choices`, or `choices_in(rows)` where they depend on the list.
    A long facet can be `closed` while no box is selected; `symbols`: its values are statuses.
    """

    def __init__(
        self,
        codes: Callable,
        choices: Iterable = (),
        choices_in: Callable | None = None,
        closed=False,
        symbols=False,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.codes = codes
        self.choices_in = choices_in or (lambda rows: choices)
        self.closed = closed
        self.symbols = symbols

    def __deepcopy__(self, memo: dict) -> "Facet":
        """Copy for one list, as FilterSet does, what a list changes: the choices in `extra`."""
        copied = copy(self)
        copied.extra = {**self.extra}
        return copied

    def keeps(self, row, chosen: list[str]) -> bool:
        return any(code in chosen for code in self.codes(row))

    def name_of(self, code: str) -> str:
        return dict(self.field.choices)[code]


@dataclass(frozen=True, slots=True)
class FacetChoice:
    value: str
    label: str
    count: int
    checked: bool


class ShownFacet(NamedTuple):
    name: str
    title: str
    options: list[FacetChoice]
    errors: ErrorList | str
    closed: bool
    symbols: bool


class ChosenFilter(NamedTuple):
    words: str
    url: str


class ListFilter(FilterSet):
    """`shown`: the rows that the filters keep. A filter that narrows has `keeps(row, value)` and `name_of(value)`.

    A value that cannot be used is an error of `form`, and no row is shown, or it is ignored.
    """

    ignores_errors = False

    class Meta:
        model = Recommendation  # of which no field is filtered
        fields = ()

    def __init__(self, data: QueryDict, rows: list, among: list | None = None):
        """`among`: the rows that the boxes come from, where these are more than the list."""
        super().__init__(data)
        self.rows = rows
        self.facets_by_name = {name: facet for name, facet in self.filters.items() if isinstance(facet, Facet)}
        for name, filter_ in self.filters.items():
            is_asked = name in data or name in self.facets_by_name
            if is_asked and (choices_in := getattr(filter_, "choices_in", None)):
                filter_.extra["choices"] = choices_in(among or rows)
        self.form.full_clean()
        self.chosen = {
            name: value
            for name, filter_ in self.filters.items()
            if hasattr(filter_, "keeps") and (value := self.clean_value(name))
        }
        shown, self._counts = self._filter_rows(rows)
        self.shown = [] if self.form.errors and not self.ignores_errors else shown

    @cached_property
    def facet_list(self) -> list[ShownFacet]:
        """Leave out facets without two values that have results in the whole list, unless they are in use."""
        return [
            self.show_facet(name)
            for name, facet in self.facets_by_name.items()
            if name in self.form.data or self._has_choice(name, facet)
        ]

    def show_facet(self, name: str) -> ShownFacet:
        facet = self.facets_by_name[name]
        return ShownFacet(
            name=name,
            title=facet.label,
            options=[self._facet_choice(name, *choice) for choice in facet.extra["choices"]],
            errors=self.form.errors.get(name, ""),
            closed=facet.closed and name not in self.form.data,
            symbols=facet.symbols,
        )

    def _has_choice(self, name: str, facet: Facet) -> bool:
        """Return whether two values have results: of a single box, it and the rest of the list."""
        counts = Counter(code for row in self.rows for code in facet.codes(row)) if self.chosen else self._counts[name]
        choices = facet.extra["choices"]
        found = [value for value, _label in choices if value in counts]
        return len(found) > 1 or (len(choices) == len(found) == 1 and counts[found[0]] < len(self.rows))

    @property
    def chosen_filter_list(self) -> list[ChosenFilter]:
        return [
            ChosenFilter(
                f"{self.filters[name].label}: {self.filters[name].name_of(value)}", self.address(without=(name, value))
            )
            for name, value in self._chosen_values()
            if name in self.chosen
        ]

    def address(self, without: tuple | None = None, **instead) -> str:
        """Return the query string of what is chosen, without a (name, value), or with other values instead."""
        pairs = [pair for pair in self._chosen_values() if pair != without and pair[0] not in instead]
        return "?" + urlencode(pairs + [(name, value) for name, value in instead.items() if value])

    def clean_value(self, name: str):
        return self.form.cleaned_data.get(name)

    def _chosen_values(self) -> list[tuple[str, object]]:
        pairs = []
        for name in self.filters:
            value = self.clean_value(name)
            pairs += [(name, each) for each in (value if isinstance(value, list) else [value]) if each]
        return pairs

    def keeps(self, row) -> bool:
        return not self._against(row)

    def _against(self, row) -> set[str]:
        """Return the names of the filters that do not keep a row."""
        return {name for name, value in self.chosen.items() if not self.filters[name].keeps(row, value)}

    def _filter_rows(self, rows: list) -> tuple[list, dict[str, Counter[str]]]:
        """Return the rows that all filters keep, and for each facet its codes in the rows that the others keep."""
        counts: dict[str, Counter[str]] = {name: Counter() for name in self.facets_by_name}
        counted = [(name, facet.codes, counts[name]) for name, facet in self.facets_by_name.items()]
        shown = []
        for row in rows:
            against = self._against(row) if self.chosen else ()
            if not against:
                shown.append(row)
            for name, codes, found in counted:
                if not against or against == {name}:
                    for code in codes(row):
                        found[code] += 1
        return shown, counts

    def _facet_choice(self, name: str, value: str, label: str) -> FacetChoice:
        return FacetChoice(value, label, self._counts[name][value], value in self.chosen.get(name, []))

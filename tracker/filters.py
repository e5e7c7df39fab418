"""The filters of the task list: declared and validated by django-filter, applied in Python to the one list of rows,
from which the counts beside them come too.
"""

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import NamedTuple
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django_filters import CharFilter, ChoiceFilter, DateFilter, FilterSet, MultipleChoiceFilter

from recommendations.models import Recommendation
from tracker.models.record import NO_INFORMATION, NO_INFORMATION_LABEL, Status
from tracker.reports.units import UnitRow

YES, NO = "yes", "no"
WRITTEN = ("reasons", "measures", "difficulties", "assistance", "lead_institution")


class Facet(MultipleChoiceFilter):
    """Check boxes: what is ticked within one widens, what is ticked in two narrows.

    `codes(row)` are the values under which a row is found; `folded`: shown closed while nothing of it is ticked.
    """

    def __init__(self, codes: Callable[[UnitRow], Iterable[str]], folded: bool = False, **kwargs):
        super().__init__(**kwargs)
        self.codes = codes
        self.folded = folded

    def keeps(self, row: UnitRow, chosen: list[str]) -> bool:
        return any(code in chosen for code in self.codes(row))

    def name_of(self, code: str) -> str:
        return dict(self.field.choices)[code]


class TextSearch(CharFilter):
    """Every word typed begins the label or stands in the adopted text, chapeaux and items included, or the answer."""

    def keeps(self, row: UnitRow, typed: str) -> bool:
        label, words = folded(row.unit.label), folded(words_of(row))
        return all(label.startswith(word) or word in words for word in folded(typed).split())

    def name_of(self, typed: str) -> str:
        return f"“{typed}”"


class ChangedSince(DateFilter):
    def keeps(self, row: UnitRow, day) -> bool:
        return row.changed_at is not None and timezone.localdate(row.changed_at) >= day

    def name_of(self, day) -> str:
        return date_format(day)


class Option(NamedTuple):
    """A box to tick. `count`: how many rows ticking it shows, all other filters as they are."""

    value: str
    label: str
    count: int
    checked: bool
    symbol: str


class ShownFacet(NamedTuple):
    name: str
    title: str
    options: list[Option]
    closed: bool


class Chip(NamedTuple):
    """A filter in use, and the query string without it."""

    words: str
    url: str


class TaskFilter(FilterSet):
    """The rows of one respondent that its filters leave: `shown` of `listed`, the units asked or the others, and
    `shown_apart` of the other list.

    A value that cannot be used is an error of `form`, and its filter is as if it were not there.
    """

    q = TextSearch(
        label=_("Search"),
        max_length=200,
        widget=forms.TextInput(
            attrs={
                "type": "search",
                "form": "filters",
                "placeholder": _("Label, words of the text, words of your answer"),
            }
        ),
    )
    ready = Facet(
        label=_("Ready"),
        choices=[(YES, _("Ready")), (NO, _("Not ready"))],
        codes=lambda row: [YES if row.is_ready else NO] if row.is_answered else [],
    )
    status = Facet(
        label=_("Status"),
        choices=[*Status.choices, (NO_INFORMATION, NO_INFORMATION_LABEL)],
        codes=lambda row: [row.status],
    )
    meeting = Facet(label=_("Meeting"), codes=lambda row: [str(row.meeting.number)])
    evidence = Facet(
        label=_("Evidence"),
        choices=[(YES, _("With evidence")), (NO, _("Without evidence"))],
        codes=lambda row: [YES if row.evidence_count else NO],
    )
    since = ChangedSince(label=_("Changed since"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    theme = Facet(label=_("Theme"), codes=lambda row: [theme.slug for theme in row.themes], folded=True)
    strength = Facet(
        label=_("Wording"), choices=Recommendation.Strength.choices, codes=lambda row: [row.unit.strength], folded=True
    )
    family = Facet(label=_("Family"), codes=lambda row: [family.slug for family in row.families], folded=True)
    group = ChoiceFilter(
        choices=[("theme", _("theme")), ("meeting", _("meeting"))], empty_label=None, widget=forms.HiddenInput
    )
    units = ChoiceFilter(choices=[("others", _("not asked"))], empty_label=None, widget=forms.HiddenInput)

    class Meta:
        model = Recommendation
        fields = []

    def __init__(self, data: QueryDict, asked: list[UnitRow], others: list[UnitRow]):
        super().__init__(data)
        everything = [*asked, *others]
        meetings = {row.meeting for row in everything}
        themes = {theme for row in everything for theme in row.themes}
        families = {family for row in everything for family in row.families}
        self._choose("meeting", meetings, by="number", choice=lambda m: (str(m.number), f"{m.roman} {m.starts.year}"))
        self._choose("theme", themes, by="position", choice=lambda theme: (theme.slug, theme.name))
        self._choose("family", families, by="name", choice=lambda family: (family.slug, family.name))
        self.form.full_clean()
        self.by_meeting = self._cleaned("group") == "meeting"
        self.of_others = self._cleaned("units") == "others"
        self.chosen = {
            name: value
            for name, filter_ in self.filters.items()
            if hasattr(filter_, "keeps") and (value := self._cleaned(name))
        }
        self._facets = {name: facet for name, facet in self.filters.items() if isinstance(facet, Facet)}
        self.listed, apart = (others, asked) if self.of_others else (asked, others)
        self.shown, self._counts = self._apply(self.listed)
        self.shown_apart, _counts = self._apply(apart)

    @property
    def facets(self) -> list[ShownFacet]:
        return [
            ShownFacet(
                name=name,
                title=facet.label,
                options=[self._option(name, *choice) for choice in facet.field.choices],
                closed=facet.folded and name not in self.form.data,
            )
            for name, facet in self._facets.items()
        ]

    @property
    def chips(self) -> list[Chip]:
        return [
            Chip(
                f"{self.filters[name].label}: {self.filters[name].name_of(value)}", self.address(without=(name, value))
            )
            for name, value in self._pairs()
            if name in self.chosen
        ]

    @property
    def links(self) -> dict[str, str]:
        """Query strings: the same filters over another grouping or list, and none of them over this one."""
        return {
            "theme": self.address(group=None),
            "meeting": self.address(group="meeting"),
            "asked": self.address(units=None),
            "others": self.address(units="others"),
            "cleared": self.address(**dict.fromkeys(self.chosen)),
        }

    def address(self, without: tuple | None = None, **instead) -> str:
        """The query string of what is chosen, without one (name, value), or with other values instead."""
        kept = [pair for pair in self._pairs() if pair != without and pair[0] not in instead]
        return "?" + urlencode(kept + [(name, value) for name, value in instead.items() if value])

    def _choose(self, name: str, among: Iterable, by: str, choice: Callable) -> None:
        self.filters[name].extra["choices"] = [choice(each) for each in sorted(among, key=attrgetter(by))]

    def _cleaned(self, name: str):
        return self.form.cleaned_data.get(name)

    def _pairs(self) -> list[tuple[str, object]]:
        """(name, value) of everything chosen, grouping and list included."""
        pairs = []
        for name in self.filters:
            value = self._cleaned(name)
            pairs += [(name, each) for each in (value if isinstance(value, list) else [value]) if each]
        return pairs

    def _apply(self, rows: list[UnitRow]) -> tuple[list[UnitRow], dict[str, Counter[str]]]:
        """The rows that all filters keep; and for each facet, over the rows that all others keep, its codes counted."""
        shown, counts = [], {name: Counter() for name in self._facets}
        for row in rows:
            against = {name for name, value in self.chosen.items() if not self.filters[name].keeps(row, value)}
            if not against:
                shown.append(row)
            for name, facet in self._facets.items():
                if against <= {name}:
                    counts[name].update(facet.codes(row))
        return shown, counts

    def _option(self, name: str, value: str, label: str) -> Option:
        return Option(
            value=value,
            label=label,
            count=self._counts[name][value],
            checked=value in self.chosen.get(name, []),
            symbol=value if name == "status" else "",
        )


def folded(text: str) -> str:
    """As it is compared: without regard to case, to the kind of apostrophe, and to how a letter is composed."""
    return unicodedata.normalize("NFKC", text).casefold().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")


def words_of(row: UnitRow) -> str:
    """The text that the unit asks, whole, and what was answered."""
    nodes = [*row.unit.chapeaux, row.unit, *row.unit.items.all()]
    answer = [getattr(row.revision, name) for name in WRITTEN] if row.revision else []
    return "\n".join([*(node.text for node in nodes), *answer])

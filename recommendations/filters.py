from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django_filters import CharFilter, ChoiceFilter

from recommendations.currency import CURRENCY_FILTERS
from recommendations.facets import Facet, ListFilter, SearchFilter
from recommendations.models import Addressee, Recommendation
from recommendations.search.query import Query
from recommendations.search.texts import FoundTexts, search_texts


class RecommendationSearch(SearchFilter):
    """Keep the texts that the search finds. `found` is what was typed last, and what it found."""

    found: FoundTexts | None = None

    def keeps(self, node: Recommendation, typed: str) -> bool:
        if self.found is None or self.found.query.typed != typed:
            self.found = search_texts(typed)
        return node.pk in self.found.keys


def meeting_facet(node_of: Callable[[Any], Recommendation | None] = lambda row: row, closed: bool = False) -> Facet:
    """Make a facet of the meetings of the texts of rows, of which some may have no text."""

    def choices_in(rows: Iterable) -> list[tuple[str, str]]:
        node_of_meeting = {node.meeting_id: node for node in filter(None, map(node_of, rows))}
        meetings = (node.meeting for node in node_of_meeting.values())
        return [(meeting.code, f"{meeting.roman} {meeting.starts.year}") for meeting in meetings]

    return Facet(
        # Translators: Label: a meeting of the Working Group.
        label=_("Meeting"),
        codes=lambda row: [node.meeting.code] if (node := node_of(row)) else [],
        choices_in=choices_in,
        closed=closed,
    )


def theme_facet(node_of: Callable[[Any], Recommendation | None] = lambda row: row, closed: bool = False) -> Facet:
    """Make a facet of the themes of the texts of rows, of which some may have no text."""

    def choices_in(rows: Iterable) -> list[tuple[str, str]]:
        themes = {theme.id: theme for node in filter(None, map(node_of, rows)) for theme in node.themes}
        return [(theme.slug, theme.name) for theme in sorted(themes.values(), key=attrgetter("position"))]

    return Facet(
        # Translators: Label: a theme of recommendations.
        label=_("Theme"),
        codes=lambda row: [theme.slug for theme in node.themes] if (node := node_of(row)) else [],
        choices_in=choices_in,
        closed=closed,
    )


def currency_facet(name: str, node_of: Callable[[Any], Recommendation] = lambda row: row) -> Facet:
    """Make a closed facet of what decisions and dates say about the text of a row."""
    label, codes, choices_in = CURRENCY_FILTERS[name]
    return Facet(
        label=label,
        codes=lambda row: codes(node_of(row)),
        choices_in=lambda rows: choices_in(map(node_of, rows)),
        closed=True,
    )


class RecommendationFilter(ListFilter):
    q = RecommendationSearch(_("Words from the text, or a label such as IV.46(i)"))
    meeting = meeting_facet()
    theme = theme_facet()
    addressee = Facet(
        # Translators: Label: the addressees follow.
        label=_("Addressed to"),
        choices=Addressee.Code.choices,
        codes=lambda node: [addressee.code for addressee in node.addressees.all()],
    )
    strength = Facet(
        label=_("Strength of wording"), choices=Recommendation.Strength.choices, codes=lambda node: [node.strength]
    )
    adoption = currency_facet("adoption")
    replacement = currency_facet("replacement")
    dates = currency_facet("dates")
    group = ChoiceFilter(
        choices=[("meeting", _("Meeting")), ("theme", _("Theme"))], empty_label=None, widget=forms.HiddenInput
    )
    open = CharFilter(widget=forms.HiddenInput)

    @property
    def links(self) -> dict[str, str]:
        return {
            "meeting": self.address(group=None),
            "theme": self.address(group="theme"),
            "cleared": self.address(**dict.fromkeys(self.chosen)),
        }

    @property
    def query(self) -> Query | None:
        """Return what was understood of the words typed, to mark what they found."""
        found: FoundTexts | None = self.filters["q"].found
        return found.query if found else None

    @property
    def by_theme(self) -> bool:
        return self.clean_value("group") == "theme"

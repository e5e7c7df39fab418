from collections.abc import Mapping
from operator import attrgetter
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.utils.translation import gettext_lazy as _

from recommendations.facets import Facet, ListFilter
from recommendations.filters import meeting_facet, theme_facet
from recommendations.models import OFFICIAL_LANGUAGES, EvidenceKind, TextKind
from tracker.forms.fields import PlainTextField
from tracker.forms.filters import HiddenFilter
from tracker.models.status import LABELS
from tracker.queries.search_page import KIND_TITLES, FoundRow

EVIDENCE_KINDS: dict[str, Any] = dict(EvidenceKind.choices)
ANSWERS = (TextKind.ANSWER, TextKind.SUBMITTED, TextKind.PRACTICE)
LONGEST = 200  # characters
ONLY = "only"  # value of `words`: without synonyms and corrections


class SearchForm(forms.Form):
    q = PlainTextField(
        label=_("Search"),
        required=False,
        max_length=LONGEST,
        widget=forms.TextInput(attrs={"type": "search", "dir": "auto"}),
    )


def _found_in(rows: list[FoundRow], name: str, choices: Mapping[str, Any]) -> list[tuple[str, Any]]:
    values = {getattr(row, name) for row in rows}
    return [(value, label) for value, label in choices.items() if value in values]


class ResultFilter(ListFilter):
    """Narrow what was found. Each box is a link, and so is each kind: only one kind is chosen at a time.

    A link can be of another reader: a value that this list does not have is ignored.
    """

    ignores_errors = True

    q = HiddenFilter(LONGEST)
    words = HiddenFilter()
    kind = Facet(
        label=_("Kind"),
        codes=lambda row: [row.kind],
        choices_in=lambda _rows: list(KIND_TITLES.items()),
    )
    theme = theme_facet(attrgetter("unit"))
    status = Facet(
        label=_("Status"),
        codes=lambda row: [row.status] if row.status else [],
        choices_in=lambda rows: _found_in(rows, "status", LABELS),
        symbols=True,
    )
    meeting = meeting_facet(attrgetter("unit"), closed=True)
    language = Facet(
        label=_("Language of the answer"),
        codes=lambda row: [row.language] if row.kind in ANSWERS else [],
        choices_in=lambda rows: _found_in(rows, "language", OFFICIAL_LANGUAGES),
        closed=True,
    )
    evidence = Facet(
        label=_("Kind of evidence"),
        codes=lambda row: [row.evidence_kind] if row.evidence_kind else [],
        choices_in=lambda rows: _found_in(rows, "evidence_kind", EVIDENCE_KINDS),
        closed=True,
    )

    def toggle(self, name: str, value: str) -> str:
        """Return the address with one value of a facet more, or without it."""
        pairs = self._chosen_values()
        if (name, value) in pairs:
            return self.address(without=(name, value))
        return self.address() + "&" + urlencode({name: value})

"""Say by codes, for filters and for the scope of a round, what decisions and dates say about a text."""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import NamedTuple

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from recommendations.models import Currency, PaperKind, Recommendation

NONE, REPLACED, CURRENT, PAST, COMING, CITED = "none", "replaced", "current", "past", "coming", "cited"
OF_CONFERENCE = "of_conference"
KINDS_OF_CONFERENCE = (PaperKind.DECISION, PaperKind.RESOLUTION)
type Choices = list[tuple[str, str | Promise]]


def list_currencies(node: Recommendation, *kinds: str) -> list[Currency]:
    return [each for each in node.all_currencies if each.kind in kinds]


def adoption_codes(node: Recommendation) -> list[str]:
    """Return the verbs of the decisions of the Conference. A text of such a decision needs no other one."""
    verbs = {each.words: None for each in node.all_currencies if each.kind == Currency.Kind.ADOPTION}
    return list(verbs) or [OF_CONFERENCE if node.paper.kind in KINDS_OF_CONFERENCE else NONE]


def adoption_choices(nodes: Iterable[Recommendation]) -> Choices:
    found = {code for node in nodes for code in adoption_codes(node)}
    choices: Choices = [(verb, f"“{verb}”") for verb in sorted(found - {NONE, OF_CONFERENCE})]
    if OF_CONFERENCE in found:
        # Translators: Option of a filter: the text itself is part of a decision of the Conference.
        choices.append((OF_CONFERENCE, pgettext_lazy("adoption", "Decided by the Conference itself")))
    # Translators: Option of a filter: no decision of the Conference on the text is recorded.
    return [*choices, (NONE, pgettext_lazy("adoption", "Not recorded"))]


def replacement_codes(node: Recommendation) -> list[str]:
    return [REPLACED if list_currencies(node, Currency.Kind.REPLACEMENT) else CURRENT]


def replacement_choices(nodes: Iterable[Recommendation]) -> Choices:
    return [
        # Translators: Option of a filter: a decision is recorded that says what takes the place of the text.
        (REPLACED, pgettext_lazy("replacement", "Recorded")),
        # Translators: Option of a filter: no decision is recorded that says what takes the place of the text.
        (CURRENT, pgettext_lazy("replacement", "Not recorded")),
    ]


def date_codes(node: Recommendation) -> list[str]:
    dates = list_currencies(node, *Currency.DATES)
    if not dates:
        return [NONE]
    today = timezone.localdate()
    return [CITED if each.kind == Currency.Kind.CITED_DATE else PAST if each.date < today else COMING for each in dates]


def date_choices(nodes: Iterable[Recommendation]) -> Choices:
    return [
        # Translators: Option of a filter: the text asks something for a date or an event that has passed.
        (PAST, _("For a date that has passed")),
        # Translators: Option of a filter: the text asks something for a date or an event to come.
        (COMING, _("For a date to come")),
        # Translators: Option of a filter: the text names a document or an event with its date.
        (CITED, _("Names a dated document or event")),
        # Translators: Option of a filter: the text has no date.
        (NONE, pgettext_lazy("dates in a text", "None")),
    ]


class CurrencyFilter(NamedTuple):
    label: Promise
    codes: Callable[[Recommendation], list[str]]
    choices_in: Callable[[Iterable[Recommendation]], Choices]


CURRENCY_FILTERS = {
    "adoption": CurrencyFilter(_("Adoption by the Conference"), adoption_codes, adoption_choices),
    "replacement": CurrencyFilter(_("Decision that replaces the text"), replacement_codes, replacement_choices),
    # Translators: Label of a filter: dates that the words of a text have.
    "dates": CurrencyFilter(_("Dates in the text"), date_codes, date_choices),
}


def is_in_scope(node: Recommendation, scope: Mapping[str, Collection[str]]) -> bool:
    """Return whether a text has one of the codes in `scope` of each filter that is named there."""
    return all(not set(CURRENCY_FILTERS[name].codes(node)).isdisjoint(codes) for name, codes in scope.items())

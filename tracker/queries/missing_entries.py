"""Count what curators have not entered in the catalogue, for curators alone: public pages do not mention it."""

import datetime
from collections.abc import Iterator
from typing import NamedTuple

from django.db.models import Count, F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from recommendations.currency import NONE, adoption_codes
from recommendations.models import Currency, Paper, Recommendation, Translation, TranslationLanguage
from recommendations.queries import list_workplan, published_nodes, texts_by_addressee
from tracker.models import Respondent
from tracker.models.respondent import RespondentKind

A_YEAR = datetime.timedelta(days=365)


class MissingEntries(NamedTuple):
    """`url`: of the page on which a curator enters what is missing."""

    name: str | Promise
    number: int
    url: str


def find_missing_entries() -> list[MissingEntries]:
    """Return what is missing, in eight queries at most."""
    nodes = published_nodes()
    found = [*_official_texts(len(nodes)), *_facts_about(nodes), *_recorded_actions(), _treaty_acts()]
    return [entry for entry in found if entry.number]


def _official_texts(total: int) -> Iterator[MissingEntries]:
    current = Translation.objects.filter(wording=F("wording__recommendation__current_wording"))
    entered = dict(current.order_by().values_list("language").annotate(Count("pk")))
    for code, language in TranslationLanguage.choices:
        # Translators: language: name of a language. The number of texts follows.
        name = _("Official texts: %(language)s") % {"language": language}
        yield MissingEntries(
            name, total - entered.get(code, 0), reverse("official_texts_add", query={"language": code})
        )


def _facts_about(nodes: list[Recommendation]) -> Iterator[MissingEntries]:
    units = [node for node in nodes if node.is_unit]
    without_adoption = sum(adoption_codes(unit) == [NONE] for unit in units)
    yield MissingEntries(
        _("Adoption by the Conference"), without_adoption, _address("currency_add", kind=Currency.Kind.ADOPTION)
    )
    texts = _address("recommendation_changelist")
    yield MissingEntries(_("Short title"), sum(not node.title for node in nodes), texts)
    yield MissingEntries(_("Theme"), sum(unit.primary_theme_id is None for unit in units), texts)
    # Translators: Name of an entry that is missing. The number of papers follows.
    yield MissingEntries(_("Symbol of a paper"), Paper.objects.filter(symbol="").count(), _address("paper_changelist"))


def _recorded_actions() -> Iterator[MissingEntries]:
    for addressee in texts_by_addressee():
        count = len(addressee.texts) - addressee.with_actions
        yield MissingEntries(addressee.title, count, _address("recordedaction_add", by=addressee.by))
    topics = list_workplan().filter(taken_up__isnull=True).count()
    # Translators: Name of an entry that is missing. The number of topics follows.
    yield MissingEntries(_("Discussion of a topic at a meeting"), topics, _address("takenup_add"))


def _treaty_acts() -> MissingEntries:
    with_status = Respondent.objects.exclude(kind=RespondentKind.SECRETARIAT)
    is_old = Q(status_as_at__isnull=True) | Q(status_as_at__lt=timezone.localdate() - A_YEAR)
    # Translators: Name of an entry that is missing. The number of States follows.
    name = _("Treaty acts: information of the last 12 months")
    return MissingEntries(name, with_status.filter(is_old).count(), reverse("treaty_act_list"))


def _address(page: str, **query: str) -> str:
    return reverse(f"admin:recommendations_{page}", query=query)

"""Search the texts of the catalogue, which everyone may read."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from django.db.models import Q, QuerySet

from recommendations.models import (
    OF_CATALOGUE,
    Family,
    IndexedText,
    Recommendation,
    ServedProvision,
    TextKind,
    TextReader,
    Theme,
    Translation,
    read_stamp,
)
from recommendations.search.analyser import fold_words
from recommendations.search.query import Query, understand
from recommendations.search.ranking import RankedRow, rank
from recommendations.search.tables import FIELDS, Matches
from recommendations.search.vocabulary import Vocabulary, vocabulary_at
from recommendations.text_cache import list_items, published_at

READ = ("kind", "key", "language", "part", "owner", "unit", "readers", *FIELDS)
PUBLIC = (f"z{TextReader.PUBLIC}",)


class Catalogue(NamedTuple):
    """What a search needs of the catalogue, read with one query while it does not change. `names`: folded words that
    are not corrected.
    """

    stamp: int | None
    nodes: list[Recommendation]
    names: frozenset[str] = frozenset()

    @classmethod
    def read(cls) -> "Catalogue":
        return cls.at(read_stamp())

    @classmethod
    def at(cls, stamp: int | None, names: Iterable[str] = ()) -> "Catalogue":
        """Return that of a stamp which was just read. `names`: whose words are not corrected."""
        return cls(stamp, published_at(stamp), frozenset(chain.from_iterable(map(fold_words, names))))

    @property
    def vocabulary(self) -> Vocabulary:
        return vocabulary_at(self.stamp)

    def understand(self, typed: str) -> Query:
        return understand(typed, self.nodes, self.vocabulary, self.names)

    def understand_words(self, typed: str) -> Query:
        """Understand what was typed for a search of other texts, which no label names."""
        return understand(typed, (), self.vocabulary, self.names)


class Things(NamedTuple):
    """What rows of the catalogue are of, by key, in memory until it changes: do not change them. `translations`: texts
    by wording and language.
    """

    families: dict[int, Family]
    themes: dict[int, Theme]
    served: dict[int, ServedProvision]
    translations: dict[tuple[int, str], str]


@lru_cache(maxsize=1)
def things_at(stamp: int | None) -> Things:
    served = ServedProvision.objects.select_related("provision", "theme", "recommendation").order_by("-pk")
    translations = Translation.objects.values_list("wording", "language", "text")
    return Things(
        Family.objects.in_bulk(),
        Theme.objects.in_bulk(),
        {each.provision_id: each for each in served},
        {(wording, language): text for wording, language, text in translations},
    )


class FoundTexts(NamedTuple):
    """`nodes`: published texts, the best first."""

    query: Query
    nodes: list[Recommendation]

    @property
    def keys(self) -> set[int]:
        return {node.pk for node in self.nodes}


def search_texts(typed: str) -> FoundTexts:
    catalogue = Catalogue.read()
    query = catalogue.understand(typed)
    return FoundTexts(query, list(order_texts(query, catalogue, search_catalogue(query))))


def order_texts(query: Query, catalogue: Catalogue, ranked: Iterable[RankedRow]) -> Iterator[Recommendation]:
    """Yield the texts of rows once each, in their order; before them the texts of labels and their items."""
    by_key = {node.pk: node for node in catalogue.nodes}
    for text in [text for node in query.labelled_texts for text in (node, *list_items(node))]:
        if by_key.pop(text.pk, None):
            yield text
    if query.meeting and not query.groups:
        yield from (node for node in catalogue.nodes if node.meeting.number == query.meeting)
    for each in ranked:
        node = by_key.pop(each.row.key, None) if each.row.kind == TextKind.TEXT else None
        if node and query.meeting in (None, node.meeting.number):
            yield node


def search_catalogue(query: Query) -> list[RankedRow]:
    return search_with_others(query, ())[0]


def search_with_others(
    query: Query, others: Iterable[QuerySet[IndexedText]]
) -> tuple[list[RankedRow], list[IndexedText]]:
    """Return what answers enough of the known words of the query and, where no text does, what answers some of them.
    Return also the rows of `others`, which are read in the same query.
    """
    query = query.known
    easier = query.ask_for_some()
    phrases = _phrases_of(query) | (_phrases_of(easier) if easier else set())
    parts = [_read_catalogue(phrases)] if phrases else []
    parts += [IndexedText.objects.filter(pk__in=rows.values("pk")) for rows in others]
    parts = [part.values_list("pk", *READ, named=True) for part in parts]
    found = sorted(parts[0].union(*parts[1:], all=True), key=_order) if parts else []
    rows = [row for row in found if row.kind in OF_CATALOGUE]
    ranked = rank(rows, query)
    if easier and not any(each.row.kind == TextKind.TEXT for each in ranked):
        ranked += rank(rows, easier)
    return ranked, [row for row in found if row.kind not in OF_CATALOGUE]


def _order(row: IndexedText) -> tuple:
    """Put texts in the order of their papers, and what States wrote from the newest on, files last."""
    if row.kind in OF_CATALOGUE:
        return row.kind, 0, row.unit or 0, row.key, row.language
    return "", row.part, -row.pk


def _read_catalogue(phrases: Iterable[tuple[str, ...]]) -> QuerySet[IndexedText]:
    return IndexedText.objects.filter(Matches(phrases, PUBLIC), kind__in=OF_CATALOGUE).only(*READ)


def find_rows(rows: QuerySet[IndexedText], query: Query, licences: Iterable[str], are_all: bool = False) -> QuerySet:
    """Return the rows that can answer enough of the query; with `are_all` those that answer all of it."""
    if not query.groups:
        return rows.none()
    licences = list(licences)
    condition = answers_all(query, licences) if are_all else Q(Matches(_phrases_of(query), licences))
    return rows.filter(condition).values_list("pk", *READ, named=True)


def answers_all(query: Query, licences: Iterable[str]) -> Q:
    licences = list(licences)
    return Q(*(Matches(group.phrases, licences) for group in query.groups))


def _phrases_of(query: Query) -> set[tuple[str, ...]]:
    """Return phrases of which every row has one that can answer enough of the query."""
    required = [group for group in query.groups if group.is_required][:1]
    return {phrase for group in required or _telling(query) for phrase in group.phrases}


def _telling(query: Query):
    """Return the rarest groups: whatever answers enough of the query has one of these."""
    groups = sorted(query.groups, key=lambda group: -group.rarity)
    left = query.rarity
    for place, group in enumerate(groups):
        if left < query.least:
            return groups[:place]
        left -= group.rarity
    return groups

"""Put what was found in order: the best first, the same on every database.

The order is that of BM25 over fields. It is computed here, from the terms that the index has of each row.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from recommendations.models import IndexedText
from recommendations.search.analyser import terms_of
from recommendations.search.query import Group, Query
from recommendations.search.tables import FIELDS

WEIGHTS = {"title": 3.0, "heading": 1.2, "words": 1.0, "context": 0.25}
OWN = ("title", "heading", "words")
SATURATION, BY_LENGTH, USUAL_LENGTH = 1.2, 0.4, 60


class RankedRow(NamedTuple):
    """`covered`: the rarity of the words of the query that the row has."""

    row: IndexedText
    score: float
    covered: float


def rank(rows: Iterable[IndexedText], query: Query) -> list[RankedRow]:
    """Return the rows that answer enough of the query, the best first; equals stay in their order."""
    least, ranked = query.least, []
    for row in rows:
        texts = {name: f" {terms} " for name in FIELDS if (terms := getattr(row, name)) or name == "words"}
        score, covered = score_texts(texts, row.language, query.groups)
        if score and covered >= least:
            ranked.append(RankedRow(row, score, covered))
    return sorted(ranked, key=lambda each: -each.score)


def terms_by_field(language: str, **texts: str) -> dict[str, str]:
    """Make the terms of texts by field, each between spaces, as `score_texts` compares them."""
    return {name: f" {' '.join(terms_of(texts.get(name, ''), language))} " for name in FIELDS}


def score_texts(texts: Mapping[str, str], language: str, groups: Iterable[Group]) -> tuple[float, float]:
    """Return the score of a text and how much of the query it answers; 0 where a phrase is missing, or all of its own
    words. Each of `texts` has its terms between spaces; fields without terms can be left out, but for the words.
    """
    length = texts["words"].count(" ")
    norm = SATURATION * (1 - BY_LENGTH + BY_LENGTH * min(length / USUAL_LENGTH, 4))
    score, covered, is_own = 0.0, 0.0, False
    for group in groups:
        best = 0.0
        for terms, weight in group.alternatives.get(language, ()):
            phrase = f" {' '.join(terms)} "
            counts = {name: text.count(phrase) for name, text in texts.items()}
            if any(counts.values()):
                frequency = sum(WEIGHTS[name] * count for name, count in counts.items())
                best = max(best, weight * frequency / (frequency + norm))
                is_own = is_own or any(map(counts.get, OWN))
        if group.is_required and not best:
            return 0.0, 0.0
        if best:
            score += group.rarity * best
            covered += group.rarity
    return (score * covered, covered) if is_own else (0.0, 0.0)

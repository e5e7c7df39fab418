"""Mark in a text what a search found, and cut an excerpt around it."""

from typing import NamedTuple

from recommendations.search.analyser import Term, find_terms
from recommendations.search.query import Query

EXCERPT = 260  # characters
BEFORE = 80  # characters of an excerpt before the first word that is found


class Piece(NamedTuple):
    text: str
    is_found: bool


def mark(text: str, query: Query, language: str) -> list[Piece]:
    """Split a text into pieces that the query found and pieces between them."""
    pieces, place = [], 0
    for start, end in _found_places(text, query, language):
        if start > place:
            pieces.append(Piece(text[place:start], False))
        pieces.append(Piece(text[start:end], True))
        place = end
    return [*pieces, Piece(text[place:], False)] if place < len(text) else pieces


def mark_excerpt(text: str, query: Query, language: str, length: int = EXCERPT) -> list[Piece]:
    """Mark a part of the text that begins shortly before the first place that the query found."""
    first = next((start for start, _end in _found_places(text, query, language)), 0)
    start = text.rfind(" ", 0, max(0, first - BEFORE)) + 1 if first > BEFORE else 0
    end = len(text) if len(text) - start <= length else max(text.rfind(" ", 0, start + length), start + length // 2)
    return mark(f"{'…' if start else ''}{text[start:end]}{'…' if end < len(text) else ''}", query, language)


def _found_places(text: str, query: Query, language: str) -> list[tuple[int, int]]:
    """Return places that do not overlap, in their order."""
    terms = list(find_terms(text, language))
    by_first: dict[str, list[tuple[str, ...]]] = {}
    for phrase in query.phrases_of(language):
        by_first.setdefault(phrase[0], []).append(phrase)
    places: list[tuple[int, int]] = []
    for number, term in enumerate(terms):
        for phrase in by_first.get(term.text, ()):
            found = terms[number : number + len(phrase)]
            if tuple(each.text for each in found) == phrase:
                _add_place(places, found)
    return places


def _add_place(places: list[tuple[int, int]], found: list[Term]) -> None:
    start, end = found[0].start, found[-1].end
    if places and start < places[-1][1]:
        places[-1] = (places[-1][0], max(end, places[-1][1]))
    else:
        places.append((start, end))

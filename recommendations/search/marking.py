"""Mark in a text what a search found, and cut an excerpt around it."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from recommendations.groups import group_pairs
from recommendations.search.analyser import CYRILLIC, LATIN, WORD, Term, find_terms
from recommendations.search.query import Query

EXCERPT = 260  # characters
BEFORE = 80  # characters of an excerpt before the first word that is found
MOST_READ = 200_000  # characters of a text: the index has few words after these
MOST_ANALYSED = 2_000  # characters of a text, to make terms of which takes five milliseconds
MOST_TRIED = 10  # places
NOT_IN_WORD = rf"(?<![{LATIN}{CYRILLIC}])"  # in Chinese and in Arabic, a term can be inside a word
SPACES = re.compile(r"\s+")


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
    first = _find_first(text, query, language, length)
    start = max(0, first - BEFORE)
    if start and (gap := SPACES.search(text, start, first)):
        start = gap.end()
    end = start + 4 * length  # with all spaces
    shown = " ".join(text[start:end].split())
    is_cut = len(shown) > length or bool(text[end:].strip())
    if len(shown) > length:
        shown = shown[: max(shown.rfind(" ", 0, length), length // 2)]
    return mark(f"{'…' if start else ''}{shown}{'…' if is_cut else ''}", query, language)


def _find_first(text: str, query: Query, language: str, length: int) -> int:
    """Return the first place that the query found, without making terms of all of a long text."""
    for place in islice(_likely_places(text[:MOST_READ], query, language), MOST_TRIED):
        for start, _end in _found_places(text[place : place + length], query, language):
            return place + start
    return next((start for start, _end in _found_places(text[:MOST_ANALYSED], query, language)), 0)


def _likely_places(text: str, query: Query, language: str) -> Iterator[int]:
    """Yield where a word begins as one that was typed, or as a term, in the order of the text."""
    terms = {term for phrase in query.phrases_of(language) for term in phrase[:1]}
    words = {word.lower() for group in query.groups for word in WORD.findall(group.typed)[:1]}
    if beginnings := "|".join(map(re.escape, sorted(terms | words))):
        lowered = text.replace("İ", "i").lower()  # as long as the text
        for found in re.finditer(f"{NOT_IN_WORD}(?:{beginnings})", lowered):
            yield found.start()


def _found_places(text: str, query: Query, language: str) -> list[tuple[int, int]]:
    """Return places that do not overlap, in their order."""
    phrases = query.phrases_of(language)
    if not phrases:
        return []
    terms = list(find_terms(text, language, {term for phrase in phrases for term in phrase}))
    by_first = group_pairs((phrase[0], phrase) for phrase in phrases)
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

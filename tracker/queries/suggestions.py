"""Suggest recommendations, themes and help while a user types. All of it is public, and comes from memory."""

from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from recommendations.facets import plain_text
from recommendations.models import Recommendation, Theme, read_stamp
from recommendations.queries import published_nodes
from recommendations.search.query import find_labelled
from recommendations.text_cache import list_items, published_at
from tracker.models.matching import plain_words
from tracker.queries.help import GUIDES, GuideSection, guide_address, read_guide

SHORTEST = 2  # letters or digits
OF_LABEL = (0, 1)  # ranks
MOST = {"text": 6, "theme": 2, "help": 2}


class Suggestion(NamedTuple):
    """`kind` is a key of MOST. `title` is in English where `label` is not empty."""

    kind: str
    title: str
    url: str
    label: str = ""


class Candidate(NamedTuple):
    """`label` and `words` are folded; `words` begins with a space."""

    suggestion: Suggestion
    label: str
    words: str

    def rank(self, typed: str) -> int | None:
        """Return how well it fits, 0 is best; None where not every word that was typed begins a word of it."""
        if self.label and f"{self.label} ".startswith(f"{typed} "):
            return 0 if self.label == typed else 1
        if self.words.startswith(f" {typed}"):
            return 2
        return 3 if all(f" {word}" in self.words for word in typed.split()) else None


def find_suggestions(typed: str) -> list[Suggestion]:
    """Return the recommendations that fit best, then themes, then sections of help."""
    words = _fold(typed)
    if len(words.replace(" ", "")) < SHORTEST:
        return []
    stamp = read_stamp()
    ranked = [(rank, each) for each in _candidates_at(stamp) if (rank := each.rank(words)) is not None]
    if any(rank in OF_LABEL for rank, _each in ranked):
        ranked = [pair for pair in ranked if pair[0] in OF_LABEL]
    elif node := find_labelled(published_at(stamp), typed):
        return [_of_text(text).suggestion for text in [node, *list_items(node)]][: MOST["text"]]
    best = [each.suggestion for _rank, each in sorted(ranked, key=lambda pair: pair[0])]
    return [found for kind, most in MOST.items() for found in islice((s for s in best if s.kind == kind), most)]


@lru_cache(maxsize=1)
def _candidates_at(stamp: int | None) -> list[Candidate]:
    nodes = published_nodes()
    themes = sorted({theme for node in nodes for theme in node.themes}, key=lambda theme: theme.position)
    sections = ((slug, section) for slug in GUIDES for section in read_guide(slug).sections if section.id)
    return [*map(_of_text, nodes), *map(_of_theme, themes), *_of_sections(sections)]


def _of_text(node: Recommendation) -> Candidate:
    suggestion = Suggestion("text", node.title, node.get_absolute_url(), node.full_shown_label)
    return Candidate(suggestion, _fold(node.shown_label), f" {_fold(f'{node.full_label} {node.label_with_title}')}")


def _of_theme(theme: Theme) -> Candidate:
    return Candidate(Suggestion("theme", theme.name, theme.get_absolute_url()), "", f" {_fold(theme.name)}")


def _of_sections(sections: Iterator[tuple[str, GuideSection]]) -> Iterator[Candidate]:
    for slug, section in sections:
        title = f"{section.title} ({read_guide(slug).title})"
        yield Candidate(Suggestion("help", title, guide_address(slug, section.id)), "", f" {_fold(section.title)}")


def _fold(text: str) -> str:
    return plain_words(plain_text(text)).strip()

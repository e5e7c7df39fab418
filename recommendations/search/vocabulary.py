"""The words of the catalogue and the synonyms, in the memory of a process until the catalogue changes.

How rare a word is, and which word is near, is known from the catalogue alone, which everyone may read: no order, count
or suggestion discloses a word of a State.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from functools import lru_cache
from math import log

from recommendations.models import Family, Provision, Synonym, Theme, Translation, read_stamp
from recommendations.queries import ORIGINAL
from recommendations.search.analyser import CHINESE, LANGUAGES, find_terms, fold, remember_terms, terms_of
from recommendations.text_cache import published_at

NOTHING = r"(?!)"  # a pattern that is nowhere
type Synonyms = dict[tuple[str, ...], tuple[tuple[str, ...], ...]]


class Vocabulary:
    """`words`: the terms of a folded word, by language. `counts`: the number of texts with a term of the original.

    `known`: the terms of each language. `typed`: the words that have synonyms. `chinese` splits at those in Chinese.
    `translations`: phrases of other languages that mean a term of the original, each with its language.
    """

    def __init__(self, stamp: int | None):
        self.words: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        self.counts: Counter[str] = Counter()
        self.known: dict[str, set[str]] = {language: set() for language in LANGUAGES}
        nodes = published_at(stamp)
        self.total = len(nodes)
        for node in nodes:
            own = {*self._add(node.title), *self._add(node.text)}
            self.counts.update(own)
            for note in node.notes:
                self._add(note.text)
        for name in (
            *Family.objects.values_list("name", flat=True),
            *Theme.objects.values_list("name", flat=True),
            *Provision.objects.values_list("title", flat=True),
        ):
            self._add(name)
        for language, text in Translation.objects.values_list("language", "text"):
            self._add(text, language)
        synonyms = list(Synonym.objects.all())
        self.typed = [synonym.words for synonym in synonyms]
        self.synonyms = _read_synonyms(synonyms)
        self.chinese = _read_chinese(synonyms)
        self.translations = _read_translations(self.synonyms)

    def rarity(self, term: str) -> float:
        """Return the weight of a term in a query, as BM25 has it: high for a term of few texts, or of none."""
        return self.rarity_of(self.counts[term])

    def rarity_of(self, count: int) -> float:
        return log(1 + (self.total - count + 0.5) / (count + 0.5))

    def _add(self, text: str, language: str = ORIGINAL) -> set[str]:
        found = set()
        remember_terms(text, language)
        for term in find_terms(text, language):
            found.add(term.text)
            self.words[fold(text[term.start : term.end])][language].add(term.text)
        self.known[language] |= found
        return found


@lru_cache(maxsize=1)
def vocabulary_at(stamp: int | None) -> Vocabulary:
    return Vocabulary(stamp)


def fill_vocabulary() -> None:
    """Read it before the first search needs it."""
    vocabulary_at(read_stamp())


def _read_chinese(synonyms: Iterable[Synonym]) -> re.Pattern[str]:
    typed = sorted((each.words for each in synonyms if each.language == CHINESE), key=len, reverse=True)
    return re.compile(f"({'|'.join(map(re.escape, typed)) or NOTHING})")


def _read_synonyms(synonyms: Iterable[Synonym]) -> dict[str, Synonyms]:
    """Return phrases of the texts by the terms of what is typed, by language."""
    found: dict[str, Synonyms] = defaultdict(dict)
    for synonym in synonyms:
        if typed := tuple(terms_of(synonym.words, synonym.language)):
            meanings = tuple(filter(None, (tuple(terms_of(text, ORIGINAL)) for text in synonym.meaning_list)))
            found[synonym.language][typed] = (*found[synonym.language].get(typed, ()), *meanings)
    return found


def _read_translations(synonyms: dict[str, Synonyms]) -> dict[str, list[tuple[str, tuple[str, ...]]]]:
    """Read the synonyms of other languages from their end: what States write is found by words of the texts."""
    found = defaultdict(list)
    for language, typed_in in synonyms.items():
        for typed, meanings in typed_in.items():
            for meaning in meanings:
                if language != ORIGINAL and len(meaning) == 1:
                    found[meaning[0]].append((language, typed))
    return found

"""The words of the catalogue and the synonyms, in the memory of a process until the catalogue changes.

How rare a word is, and which word is near, is known from the catalogue alone, which everyone may read: no order, count
or suggestion discloses a word of a State.
"""

import csv
import gzip
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from importlib.resources import files
from math import log
from pathlib import Path

from spellchecker import SpellChecker

from recommendations.models import OFFICIAL_LANGUAGES, Family, Provision, Synonym, Theme, Translation, read_stamp
from recommendations.queries import ORIGINAL
from recommendations.search.analyser import CHINESE, find_terms, fold, remember_terms, terms_of
from recommendations.text_cache import published_at

NOTHING = r"(?!)"  # a pattern that is nowhere
TERMS = Path(__file__).with_name("terms.csv")
CORRECTED = ("en", "fr")  # the lists of other languages lack words that people type every day
LISTS = (*CORRECTED, "es")  # of languages whose words look alike
SHORTEST = 5  # letters of a word that is corrected
type Synonyms = dict[tuple[str, ...], list[str]]


class Vocabulary:
    """`words`: the terms of a folded word, by language. `counts`: the number of texts with a term of the original.

    `texts`: the terms of all texts in each language, between spaces. `chinese` splits at words that have synonyms.
    `translations`: phrases of other languages that mean a term of the original, each with its language.
    """

    def __init__(self, stamp: int | None):
        self.words: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        self.counts: Counter[str] = Counter()
        self.texts: dict[str, str] = defaultdict(lambda: " | ")
        self.spelled: Counter[str] = Counter()
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
        self.speller = SpellChecker(language=None, distance=1)
        self.speller.word_frequency.load_json(self.spelled)
        synonyms = [*Synonym.objects.all(), *read_terms()]
        self.synonyms = _read_synonyms(synonyms)
        self.chinese = _read_chinese(synonyms)
        self.translations = _read_translations(self.synonyms)

    def rarity(self, term: str) -> float:
        """Return the weight of a term in a query, as BM25 has it: high for a term of few texts, or of none."""
        return self.rarity_of(self.counts[term])

    def rarity_of(self, count: int) -> float:
        return log(1 + (self.total - count + 0.5) / (count + 0.5))

    def has(self, language: str, terms: tuple[str, ...]) -> bool:
        """Return whether a text has these terms, one after the other."""
        return f" {' '.join(terms)} " in self.texts[language]

    def correct(self, word: str) -> str:
        """Return the most frequent word of the texts that differs from a folded word in one letter, or in the order of
        two. An empty text for a word of a language, and where there is none.
        """
        if len(word) < SHORTEST or f'"{word}"'.encode() in list_words():
            return ""
        near = self.speller.candidates(word) or ()
        return min(near, key=lambda each: (-self.speller[each], each), default="")

    def _add(self, text: str, language: str = ORIGINAL) -> set[str]:
        remember_terms(text, language)
        terms = list(find_terms(text, language))
        for term in terms:
            folded = fold(text[term.start : term.end])
            self.words[folded][language].add(term.text)
            self.spelled[folded] += 1
        self.texts[language] += f"{' '.join(term.text for term in terms)} | "
        return {term.text for term in terms}


@lru_cache(maxsize=1)
def vocabulary_at(stamp: int | None) -> Vocabulary:
    return Vocabulary(stamp)


def fill_vocabulary() -> None:
    """Read it before the first search needs it."""
    list_words()
    vocabulary_at(read_stamp())


@lru_cache(maxsize=1)
def list_words() -> bytearray:
    """Return the folded words of languages, each in quotation marks: as JSON they leave 30 MB in use."""
    words = bytearray()
    for language in LISTS:
        with gzip.open(str(files("spellchecker") / f"resources/{language}.json.gz"), "rt", encoding="utf-8") as lines:
            for line in lines:
                words += fold(line.partition(":")[0]).encode()
    return words


def read_terms() -> Iterator[Synonym]:
    """Yield the public terms that come with the site, as curators would keep them."""
    with TERMS.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            for language in OFFICIAL_LANGUAGES:
                for words in filter(None, row[language].split("; ")):
                    yield Synonym(words=words, meanings=row["texts"].replace("; ", "\n"), language=language)


def _read_chinese(synonyms: Iterable[Synonym]) -> re.Pattern[str]:
    typed = sorted((each.words for each in synonyms if each.language == CHINESE), key=len, reverse=True)
    return re.compile(f"({'|'.join(map(re.escape, typed)) or NOTHING})")


def _read_synonyms(synonyms: Iterable[Synonym]) -> dict[str, Synonyms]:
    """Return phrases of the texts by the terms of what is typed, by language."""
    found: dict[str, Synonyms] = defaultdict(lambda: defaultdict(list))
    for synonym in synonyms:
        if typed := tuple(terms_of(synonym.words, synonym.language)):
            meanings = found[synonym.language][typed]
            meanings += [meaning for meaning in synonym.meaning_list if meaning not in meanings]
    return found


def _read_translations(synonyms: dict[str, Synonyms]) -> dict[str, list[tuple[str, tuple[str, ...]]]]:
    """Read the synonyms of other languages from their end: what States write is found by words of the texts."""
    found = defaultdict(list)
    for language, typed_in in synonyms.items():
        for typed, meanings in typed_in.items():
            for terms in (terms_of(meaning, ORIGINAL) for meaning in meanings if language != ORIGINAL):
                if len(terms) == 1:
                    found[terms[0]].append((language, typed))
    return found

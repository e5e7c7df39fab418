"""Make the words of a text into terms: those that the index holds and those that a query asks for.

One analyser serves both databases, so that both find the same. A term is a folded stem without accents; two Han
characters that stand together are a term. `VERSION` changes with every change here: an index of another version has to
be rebuilt.
"""

import re
import threading
import unicodedata
from collections.abc import Collection, Iterator
from functools import lru_cache
from typing import NamedTuple

from Stemmer import Stemmer

from recommendations.search.words import AMERICAN, DOUBLED, FAMILIES, STOP_WORDS

VERSION = 2
STEMMERS = {"en": "english", "ar": "arabic", "es": "spanish", "fr": "french", "ru": "russian"}
SUFFIXED = ("en", "es", "fr", "ru")  # a stem begins with the first letter of its word
CHINESE, OTHER = "zh", "und"  # of another language the words themselves are terms
LANGUAGES = (*STEMMERS, CHINESE, OTHER)
LONGEST = 60  # characters of a term; longer ones are codes and not words
HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
WORD = re.compile(rf"[{HAN}]+|(?:(?![{HAN}])[^\W_]|[\u0300-\u036f\u0640\u064b-\u065f\u0670])+")
CYRILLIC, ARABIC, LATIN = "\u0400-\u04ff", "\u0600-\u06ff", "a-z\u00df-\u024f"
SCRIPTS = (
    (CYRILLIC, ("ru", OTHER)),
    (ARABIC, ("ar", OTHER)),
    (HAN, (CHINESE, OTHER)),
    (LATIN, ("en", "es", "fr", OTHER)),
)

_stemmers = threading.local()
_public_terms: dict[tuple[str, str], str] = {}


class Term(NamedTuple):
    """A term, and where its word stands in the text."""

    text: str
    start: int
    end: int


def fold(word: str) -> str:
    """Return the word in small letters, without accents and other marks."""
    if word.isascii():
        return word.lower()
    letters = unicodedata.normalize("NFKD", word.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter) and letter != "\u0640")


@lru_cache(maxsize=1_000)
def fold_words(name: str) -> tuple[str, ...]:
    """Return the folded words of a public name, which is in memory then."""
    return tuple(map(fold, WORD.findall(name)))


def find_terms(text: str, language: str, wanted: Collection[str] = ()) -> Iterator[Term]:
    """Yield the terms of a text in their order, without stop words and single letters. If only some are wanted, words
    that cannot be these are their own terms, which takes a tenth of the time.
    """
    letters = {term[0] for term in wanted} if language in SUFFIXED else set()
    for found in WORD.finditer(text):
        word = found.group()
        if "\u3400" <= word[0] <= "\ufaff" and re.match(f"[{HAN}]", word):
            yield from _pairs(word, found.start())
        elif term := find_term(word, language, letters):
            yield Term(term, found.start(), found.end())


def terms_of(text: str, language: str) -> list[str]:
    return [term.text for term in find_terms(text, language)]


STOPPED = {language: frozenset(map(fold, words)) for language, words in STOP_WORDS.items()}


def find_term(word: str, language: str, letters: Collection[str] = ()) -> str:
    """Return the term of a word that is not Chinese; an empty text for a stop word. If there are `letters`, only terms
    that begin with one of them are needed.
    """
    known = _public_terms.get((word, language))
    return _make_term(word, language, letters) if known is None else known


def remember_terms(text: str, language: str) -> None:
    """Keep the terms of a public text in memory: to make one takes some microseconds. What a State wrote is never
    kept, since a removal could not reach the memory of other processes.
    """
    for word in WORD.findall(text):
        if (word, language) not in _public_terms:
            _public_terms[word, language] = _make_term(word, language)


def _make_term(word: str, language: str, letters: Collection[str] = ()) -> str:
    folded = fold(word)
    if len(folded) > LONGEST or (len(folded) == 1 and not folded.isdecimal()):
        return ""
    if not word.isascii() and language not in (languages := languages_of(word)):
        language = languages[0]  # of a quotation, or of a text that says another language than it has
    if folded in STOPPED.get(language, ()):
        return ""
    if letters and language in SUFFIXED and folded[:1] not in letters:
        return folded
    if language == "en":
        return _english_term(folded)
    if language in STEMMERS and not folded.isdecimal():
        return fold(_stem(unicodedata.normalize("NFC", word.lower().replace("\u0640", "")), language)) or folded
    return folded


def languages_of(word: str) -> tuple[str, ...]:
    """Return the languages in which a word can be, by its script."""
    return next((languages for letters, languages in SCRIPTS if re.match(f"[{letters}]", word.lower())), LANGUAGES)


def guess_language(text: str) -> str:
    """Return the language of a text, by its script and its stop words; English where there are none."""
    words = WORD.findall(text)
    languages = languages_of(words[0]) if words else LANGUAGES
    return max(languages, key=lambda language: sum(fold(word) in STOPPED.get(language, ()) for word in words))


def _english_term(word: str) -> str:
    word = AMERICAN.get(word) or _american(word)
    stem = _stem(FAMILIES.get(word, word), "en")
    return stem[:-1] if stem.endswith("ifi") else stem  # ratify, as ratification


def _american(word: str) -> str:
    word = re.sub(r"(?<=\w{3})is(e|es|ed|er|ers|ing|ation|ations)\Z", r"iz\1", word)
    word = re.sub(rf"\A({DOUBLED})l(ed|ing|or|ors|er|ers|able)\Z", r"\1\2", word)
    return re.sub(r"\A(lab|behavi|col|fav|harb|hon|neighb|endeav|vig|rig|hum|rum)our", r"\1or", word)


def _stem(word: str, language: str) -> str:
    """Use a stemmer of this thread, since it is not safe for several; without its cache, which would keep words."""
    stemmers = vars(_stemmers).setdefault("by_language", {})
    if language not in stemmers:
        stemmers[language] = Stemmer(STEMMERS[language], 0)
    return stemmers[language].stemWord(word)


def _pairs(run: str, start: int) -> Iterator[Term]:
    if len(run) == 1:
        yield Term(run, start, start + 1)
    for place in range(len(run) - 1):
        yield Term(run[place : place + 2], start + place, start + place + 2)

"""Understand what was typed: labels, a meeting, phrases, words, synonyms and typing errors."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from recommendations.models import Recommendation, roman
from recommendations.outline.labels import LATER, ROMANS
from recommendations.paper_import.notation import ACT_WORDS, label_words
from recommendations.queries import ORIGINAL, find_labels
from recommendations.search.analyser import (
    LANGUAGES,
    STOPPED,
    WORD,
    find_term,
    fold,
    languages_of,
    terms_of,
)
from recommendations.search.vocabulary import CORRECTED, Vocabulary

MOST_WORDS = 20
LONGEST_SYNONYM = 5  # terms
QUOTES = re.compile(r"[\"“”„«»]")
QUOTED = re.compile(rf"{QUOTES.pattern}([^\"“”„«»]*){QUOTES.pattern}")
LABEL_PREFIX = re.compile(r"\A\s*(rec\w*|p[aá]r[ar]\w*|texte?s?|nos?|n[uú]m\w*)\b\.?\s*", re.IGNORECASE)
ITEM = rf"\s?\((?:[a-z]{{1,8}}|\d{{1,2}})(?: (?:{LATER}))?\)"
PLACE = rf"\d+(?:\.\d+){{0,3}}(?:\s?(?:{LATER})\b)?"
LABEL = re.compile(  # among other words, as pages print it; *Law No. 4.2* has none
    rf"(?<![\w./])(?:(?:(?:[a-z][a-z0-9-]*/)?[IVX]+[./]|(?:\A|rec\w*\s)\d{{1,2}}\.){PLACE}"
    rf"|(?:[a-z][a-z0-9-]*/)?(?:{'|'.join(ACT_WORDS)}) \d+/\d+(?:\.{PLACE})?)"
    rf"(?:{ITEM})*(?![\w.]|{ITEM})",
    re.IGNORECASE,
)
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
NUMBER = rf"(?:{'|'.join(ORDINALS)}|\d{{1,2}}(?:st|nd|rd|th)?|[ivx]+)"
NUMERAL = re.compile(r"\d+|[ivxlc]+")
MEETING = re.compile(rf"\b(?:({NUMBER})\s+(?:meeting|session)|(?:meeting|session)\s+({NUMBER}))\b", re.IGNORECASE)
OF_SYNONYM, OF_CORRECTION, OF_TRANSLATION = 0.8, 0.7, 0.5
ENOUGH, SOME = 0.55, 0.4  # of a query, by the rarity of its words
FREQUENT = 3  # texts


class Alternative(NamedTuple):
    """Terms, one after the other, that answer a part of a query; `weight` is 1 for what was typed."""

    terms: tuple[str, ...]
    weight: float = 1.0


@dataclass
class Group:
    """A part of a query: a word, a phrase, or words with a synonym, as the texts of each language may have it.

    `is_frequent`: so many texts have it that it says what texts are about. `is_known`: an adopted text has it.
    `meanings`: synonyms, as the texts have them.
    """

    typed: str
    is_required: bool = False
    is_frequent: bool = False
    is_known: bool = False
    rarity: float = 0.0
    alternatives: dict[str, list[Alternative]] = field(default_factory=dict)
    meanings: list[str] = field(default_factory=list)

    def weigh(self, vocabulary: Vocabulary) -> None:
        """Weigh the most frequent alternative: a phrase is as rare as the rarest of its terms."""
        self.is_known = any(
            vocabulary.has(language, row.terms) for language, rows in self.alternatives.items() for row in rows
        )
        rarities = [max(map(vocabulary.rarity, each.terms)) for each in self.alternatives.get(ORIGINAL, ())]
        self.rarity = min(rarities, default=vocabulary.rarity(""))
        self.is_frequent = self.rarity <= vocabulary.rarity_of(FREQUENT)

    def add(self, language: str, terms: tuple[str, ...], weight: float = 1.0) -> None:
        rows = self.alternatives.setdefault(language, [])
        if terms and all(row.terms != terms for row in rows):
            rows.append(Alternative(terms, weight))

    def add_meanings(self, meanings: list[str]) -> None:
        """Add the synonyms that are not what was typed: a word can be the same in two languages."""
        typed = [row.terms for row in self.alternatives.get(ORIGINAL, ())]
        terms = {meaning: tuple(terms_of(meaning, ORIGINAL)) for meaning in meanings}
        self.meanings = [meaning for meaning in meanings if terms[meaning] not in typed]
        for meaning in self.meanings:
            self.add(ORIGINAL, terms[meaning], OF_SYNONYM)

    @property
    def phrases(self) -> set[tuple[str, ...]]:
        return {each.terms for rows in self.alternatives.values() for each in rows}


@dataclass
class Query:
    """`labelled_texts`: the texts whose labels were typed, which come before what other words find. `corrections`: what
    was typed, and the word that is searched for instead. `share`: what a result has of the words at least.
    """

    typed: str
    labelled_texts: list[Recommendation] = field(default_factory=list)
    meeting: int | None = None
    groups: list[Group] = field(default_factory=list)
    corrections: dict[str, str] = field(default_factory=dict)
    share: float = ENOUGH

    def leave_typed_words(self, vocabulary: Vocabulary) -> None:
        """Leave out synonyms, corrections and words of other languages."""
        self.corrections = {}
        for group in self.groups:
            group.meanings = []
            for language, rows in group.alternatives.items():
                group.alternatives[language] = [row for row in rows if row.weight == 1.0]
            group.weigh(vocabulary)

    @property
    def known(self) -> "Query":
        """Return the query without words that no adopted text has."""
        return replace(self, groups=[group for group in self.groups if group.is_known or group.is_required])

    def name_words(self, *, known: bool) -> list[str]:
        """Return the words that adopted texts have, as they are searched, or the others."""
        return [self.corrections.get(group.typed, group.typed) for group in self.groups if group.is_known == known]

    @property
    def rarity(self) -> float:
        return sum(group.rarity for group in self.groups)

    @property
    def least(self) -> float:
        return self.share * self.rarity

    def ask_for_some(self) -> "Query | None":
        """Return a query for some of the words, if most of them are frequent: *climate change* is of no text."""
        groups = [group for group in self.groups if group.is_frequent or group.is_required]
        is_easier = len(self.groups) > 1 and 2 * len(groups) > len(self.groups)
        return replace(self, groups=groups, share=SOME) if is_easier else None

    def phrases_of(self, language: str) -> set[tuple[str, ...]]:
        return {each.terms for group in self.groups for each in group.alternatives.get(language, ())}


def understand(
    typed: str, nodes: Iterable[Recommendation], vocabulary: Vocabulary, names: Collection[str] = ()
) -> Query:
    """Understand what was typed; `nodes` are the texts that a label can name. `names`: folded words that are not
    corrected.
    """
    nodes = list(nodes)
    query = Query(typed, list_labelled(nodes, typed))
    if query.labelled_texts or LABEL.fullmatch(_plain(typed).strip()):  # or a label that no text has
        return query
    query.labelled_texts, rest = _take_labels(nodes, _plain(typed))
    if found := MEETING.search(rest):
        query.meeting = _number(found.group(1) or found.group(2))
        rest = f"{rest[: found.start()]} {rest[found.end() :]}"
    for quoted in QUOTED.findall(rest):
        if group := _phrase(quoted, vocabulary):
            query.groups.append(group)
    query.groups += _words(QUOTED.sub(" ", rest), vocabulary, query, names)
    return query


def _take_labels(nodes: list[Recommendation], typed: str) -> tuple[list[Recommendation], str]:
    """Return the texts of the labels among the words, and the other words: pages have labels with their titles."""
    labelled: list[Recommendation] = []

    def take(label: re.Match[str]) -> str:
        found = list_labelled(nodes, label.group())
        labelled.extend(found)
        return " " if found else label.group()

    rest = LABEL.sub(take, typed)
    return labelled, rest


def find_labelled(nodes: Iterable[Recommendation], typed: str) -> Recommendation | None:
    """Find the text whose label was typed, if there is one alone."""
    found = list_labelled(nodes, typed)
    return found[0] if len(found) == 1 else None


def list_labelled(nodes: Iterable[Recommendation], typed: str) -> list[Recommendation]:
    """Find the texts whose label was typed, now or before it was changed: `iv 46 i`, `recommendation 4.46 (i)`."""
    words, nodes = _words_of_label(typed), list(nodes)
    if not any(map(NUMERAL.fullmatch, words)):
        return []
    found = find_labels(nodes, " ".join(words))
    if found or len(words) < 2 or not words[0].isdecimal() or len(words[0]) > 2:
        return found
    return find_labels(nodes, " ".join([roman(int(words[0])), *words[1:]]))


def is_like_label(typed: str) -> bool:
    words = [word for word in _words_of_label(typed) if word not in ACT_WORDS]
    return len(words) > 1 and bool(NUMERAL.fullmatch(words[0])) and words[1].isdecimal()


def find_above(nodes: Iterable[Recommendation], typed: str) -> Recommendation | None:
    """Return the text to which a text with the label that was typed would belong: IV.46 for IV.46(z)."""
    words, nodes = _words_of_label(typed), list(nodes)
    shorter = (" ".join(words[:length]) for length in range(len(words) - 1, 1, -1))
    return next(filter(None, (find_labelled(nodes, label) for label in shorter)), None)


def _words_of_label(typed: str) -> list[str]:
    return label_words(LABEL_PREFIX.sub("", _plain(typed)))


def _plain(typed: str) -> str:
    """Return the digits and Roman numerals of other keyboards as those of the texts."""
    return "".join(str(unicodedata.decimal(letter, letter)) for letter in unicodedata.normalize("NFKC", typed))


def _number(word: str) -> int | None:
    word = word.lower()
    if word in ORDINALS:
        return ORDINALS.index(word) + 1
    if digits := re.match(r"\d+", word):
        return int(digits.group())
    return ROMANS.get(word)


def _phrase(quoted: str, vocabulary: Vocabulary) -> Group | None:
    group = Group(quoted, is_required=True)
    for language in LANGUAGES:
        if terms := tuple(terms_of(quoted, language)):
            group.add(language, terms)
    if not group.alternatives:
        return None
    group.weigh(vocabulary)
    return group


def _words(typed: str, vocabulary: Vocabulary, query: Query, names: Collection[str]) -> Iterator[Group]:
    words = list({fold(word): word for word in _split(typed, vocabulary)}.values())[:MOST_WORDS]
    language = _language_of(words, vocabulary)
    stopped = STOPPED.get(language, frozenset())
    words = [
        word
        for word in words
        if fold(word) not in stopped and any(find_term(word, each) for each in languages_of(word))
    ]
    place = 0
    while place < len(words):
        length, meanings = _find_synonym(words[place:], vocabulary)
        part = words[place : place + length]
        pair = words[place : place + 2]
        if not meanings and (joined := _join(pair, vocabulary)):
            length = len(pair)
            yield _compound(pair, joined, vocabulary)
        elif length == 1:
            yield _word(part[0], meanings, vocabulary, query, names, language)
        else:
            yield _known_phrase(part, meanings, vocabulary)
        place += length


def _split(typed: str, vocabulary: Vocabulary) -> Iterator[str]:
    """Yield words. In Chinese nothing is between them: those that have a synonym are words."""
    for word in WORD.findall(typed):
        yield from filter(None, vocabulary.chinese.split(word))


def _language_of(words: list[str], vocabulary: Vocabulary) -> str:
    """Return the language of the words, by its stop words and by the words that its texts have."""

    def count(language: str) -> int:
        stop_words = sum(fold(word) in STOPPED.get(language, ()) for word in words)
        return 2 * stop_words + sum(language in vocabulary.words.get(fold(word), ()) for word in words)

    return max((ORIGINAL, *LANGUAGES), key=count)


def _find_synonym(words: list[str], vocabulary: Vocabulary) -> tuple[int, list[str]]:
    """Return how many of the first words have a synonym, and what it means; 1 and nothing where there is none."""
    for length in range(min(LONGEST_SYNONYM, len(words)), 0, -1):
        for language, synonyms in vocabulary.synonyms.items():
            terms = tuple(term for word in words[:length] for term in terms_of(word, language))
            if meanings := synonyms.get(terms):
                return length, meanings
    return 1, []


def _word(
    word: str, meanings: list[str], vocabulary: Vocabulary, query: Query, names: Collection[str], language: str
) -> Group:
    """`language`: of all words that were typed."""
    group, folded = Group(word), fold(word)
    is_corrected = language in CORRECTED and language in languages_of(word) and folded not in names
    for language in LANGUAGES:
        group.add(language, tuple(terms_of(word, language)))
        for known in vocabulary.words.get(folded, {}).get(language, ()):
            group.add(language, (known,))
    for language, translation in vocabulary.translations.get(find_term(word, ORIGINAL), ()):
        group.add(language, translation, OF_TRANSLATION)
    group.add_meanings(meanings)
    group.weigh(vocabulary)
    if is_corrected and not group.is_known and word.isalpha() and (near := vocabulary.correct(folded)):
        for language, terms in vocabulary.words[near].items():
            for term in terms:
                group.add(language, (term,), OF_CORRECTION)
        query.corrections[word] = near
        group.weigh(vocabulary)
    return group


def _join(pair: list[str], vocabulary: Vocabulary) -> dict[str, str]:
    """Return the term of two words together, by language, where texts have it: *re-victimization*, *peace keepers*."""
    joined = "".join(pair)
    if len(pair) == 1 or not joined.isalpha():
        return {}
    terms = {language: find_term(joined, language) for language in languages_of(joined)}
    return {language: term for language, term in terms.items() if vocabulary.has(language, (term,))}


def _compound(words: list[str], joined: dict[str, str], vocabulary: Vocabulary) -> Group:
    group = _known_phrase(words, [], vocabulary)
    for language, term in joined.items():
        group.add(language, (term,))
    group.weigh(vocabulary)
    return group


def _known_phrase(words: list[str], meanings: list[str], vocabulary: Vocabulary) -> Group:
    group = Group(" ".join(words))
    for language in LANGUAGES:
        group.add(language, tuple(term for word in words for term in terms_of(word, language)))
    group.add_meanings(meanings)
    group.weigh(vocabulary)
    return group

"""Sentences in six languages, put together by chance. Nothing in them says anything about a State that exists."""

import json
from random import Random
from typing import NamedTuple

from django.conf import settings


class LanguageTexts(NamedTuple):
    """The sentences of one language, in which {ministry}, {law}, {year}, {number} and {percent} are filled in."""

    ministries: list[str]
    laws: list[str]
    measures: list[str]
    difficulties: list[str]
    assistance: list[str]
    reasons: list[str]
    practices: list[str]
    stop: str


FILE = settings.BASE_DIR / "fixtures" / "sample" / "sentences.json"
SENTENCES = {language: LanguageTexts(**texts) for language, texts in json.loads(FILE.read_text("utf-8")).items()}


class Writer:
    """Writes in one language, by chance; years are before `until`."""

    def __init__(self, random: Random, language: str, until: int):
        self.random, self.language, self.until = random, language, until
        self.bank = SENTENCES[language]

    def institution(self) -> str:
        return self.random.choice(self.bank.ministries)

    def act_name(self) -> str:
        return self.random.choice(self.bank.laws)

    def text(self, sentences: list[str], least: int = 1, most: int = 1) -> str:
        chosen = self.random.sample(sentences, min(self.random.randint(least, most), len(sentences)))
        return self.bank.stop.join(map(self.fill, chosen))

    def fill(self, sentence: str) -> str:
        return sentence.format(
            ministry=self.institution(),
            law=self.act_name(),
            year=self.random.randint(self.until - 14, self.until - 1),
            number=self.random.randint(3, 480),
            percent=self.random.randint(5, 95),
        )

"""Official texts of papers in other languages: invented sentences, below the numbers that such documents print.

No sentence says what a text of the United Nations says.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby

from recommendations.models import Recommendation
from recommendations.outline.labels import ARABIC_LETTERS, CYRILLIC_LETTERS, ROMANS

ORDINALS = ["أولا", "ثانيا", "ثالثا", "رابعا", "خامسا", "سادسا", "سابعا", "ثامنا"]
CHINESE = "一二三四五六七八九十"
SENTENCES = {
    "ar": "نص مخترع للاختبار رقم %s، ولا يقول ما يقوله النص الحقيقي",
    "zh": "第%s项测试用虚构案文，不是正式案文的内容",
    "fr": "Texte %s inventé pour l’essai, qui ne dit pas ce que dit le vrai texte",
    "ru": "Вымышленный текст %s для проверки, в котором нет слов настоящего текста",
    "es": "Texto %s inventado para la prueba, que no dice lo que dice el texto verdadero",
}
ENDS = {"ar": "؛", "zh": "；"}
STOPS = {"zh": "。"}
TITLES = {
    "ar": "توصيات مخترعة",
    "zh": "虚构建议",
    "fr": "Recommandations inventées",
    "ru": "Вымышленные рекомендации",
    "es": "Recomendaciones inventadas",
}


def chinese(number: int) -> str:
    return f"{'十' if number > 9 else ''}{CHINESE[(number - 1) % 10] if number != 10 else ''}"


def _letters(alphabet: str) -> Callable[[str], str]:
    return lambda piece: alphabet[ord(piece) - 97]


NUMBERS: dict[str, Callable[[str], str]] = {"ar": lambda number: f"{number}-", "zh": lambda number: f"{number}．"}
LETTERS: dict[str, Callable[[str], str]] = {
    "ar": lambda piece: f"({_letters(ARABIC_LETTERS)(piece)})".replace("ه)", "هـ)"),
    "zh": lambda piece: f"({piece})",
    "ru": lambda piece: f"{_letters(CYRILLIC_LETTERS)(piece)})",
}
NUMERALS: dict[str, Callable[[str], str]] = {
    "ar": lambda piece: f"‘{ROMANS[piece]}’",
    "zh": lambda piece: f"({chinese(ROMANS[piece])})",
}
HEADINGS: dict[str, Callable[[str], str]] = {
    "ar": lambda roman: f"{ORDINALS[ROMANS[roman.lower()] - 1]}- الاجتماع",
    "zh": lambda roman: f"{chinese(ROMANS[roman.lower()])}、会议",
}


def printed(language: str, node: Recommendation) -> str:
    """The number of a text as documents in this language print it."""
    piece = node.marker.strip("()")
    match node.label.count("("):
        case 0:
            return NUMBERS.get(language, lambda number: f"{number}.")(piece) if piece else ""
        case 1:
            return LETTERS.get(language, lambda letter: f"{letter})")(piece)
    return NUMERALS.get(language, lambda numeral: f"{numeral})")(piece)


def sentence(language: str, node: Recommendation) -> str:
    end = ENDS.get(language, ";") if "(" in node.label else STOPS.get(language, ".")
    return f"{SENTENCES[language] % node.label}{':' if node.kind == 'chapeau' else end}"


def issued_lines(language: str, nodes: Iterable[Recommendation]) -> Iterator[str]:
    yield TITLES[language]
    for meeting, texts in groupby(nodes, key=lambda node: node.meeting):
        yield HEADINGS.get(language, lambda roman: f"{roman}. {TITLES[language]}")(meeting.roman)
        for node in texts:
            yield f"{printed(language, node)} {sentence(language, node)}".strip()


def issued_text(language: str, nodes: Iterable[Recommendation]) -> str:
    return "\n\n".join(issued_lines(language, nodes))

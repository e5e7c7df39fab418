"""The numbers and marks that documents of the United Nations print before paragraphs. Pure functions, no Django.

They are read in the six official languages: letters of other alphabets by their order.
"""

import re
import unicodedata
from dataclasses import dataclass, replace
from enum import StrEnum

ONES = ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix")
TENS = ("", "x", "xx", "xxx", "xl", "l", "lx", "lxx", "lxxx", "xc")
ROMANS = {TENS[n // 10] + ONES[n % 10]: n for n in range(1, 100)}
NUMERALS = {number: numeral for numeral, number in ROMANS.items()}
LATER = r"bis|ter|quater|quinquies"  # between a number and the next: 3 bis
ARABIC_LETTERS = "أبجدهوزحطيكلمنسعفصقرشتثخذضظغ"  # in the order in which items are lettered
CYRILLIC_LETTERS = "абвгдежзиклмнопрстуфхцчшщэюя"
CHINESE_NUMBERS = "一二三四五六七八九十"
LATER_OF = {
    "مكرر": "bis",
    "مكررا": "bis",
    "مكرراً": "bis",
    "مكررا ثانيا": "ter",
    "之二": "bis",
    "之三": "ter",
    "之四": "quater",
}
LATER_WORDS = "|".join(sorted((*LATER.split("|"), *LATER_OF), key=len, reverse=True))
ARABIC, CHINESE = r"[\u0600-\u06ff]", r"[\u3400-\u9fff“《]"
DIGIT = r"[0-9٠-٩０-９]"
NUMBER = rf"(?P<n>[1-9١-٩１-９]{DIGIT}{{0,2}})"
SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
DIGITS, RAISED = str.maketrans(SUPERSCRIPTS, "0123456789"), str.maketrans("0123456789", SUPERSCRIPTS)
BULLETS = "•·▪◦○●■□‣\u2043∙►▶➢✓§\uf0b7\uf0a7"
DASHES = "–—\u2212-"


class Series(StrEnum):
    """Kinds of numbers, of which a document uses one for each level."""

    NAMED = "named"  # Recommendation 3 bis
    TEXT = "text"  # Resolution 15/1
    ANNEX = "annex"
    CHAPTER = "chapter"  # II.
    SECTION = "section"  # A.
    NUMBER = "number"  # 4.
    DECIMAL = "decimal"  # 1.1.
    BRACKETED = "bracketed"  # (1)
    LETTER = "letter"  # (a), a., a)
    ROMAN = "roman"  # (i), i.
    BULLET = "bullet"
    DASH = "dash"


ITEMS = {Series.LETTER, Series.ROMAN, Series.BULLET, Series.DASH, Series.BRACKETED}  # of a list below a paragraph


@dataclass(frozen=True)
class Label:
    """`printed` is as in the document, `value` its place in the order, `piece` what a label of the catalogue has of it.

    `series` of a label such as `(i)` is decided by what comes before; `other` is then its second value, as a roman.
    """

    printed: str
    series: Series
    value: int
    piece: str
    other: int = 0


BEFORE_WORDS = r"(?=\s+[A-Z“\u2018\"«]|\s*$)"
# What a paragraph begins with; the first that fits counts. A space, or the end of the text, must follow.
FORMS: tuple[tuple[Series, re.Pattern[str]], ...] = (
    (
        Series.NAMED,
        re.compile(
            r"(?:Draft )?(?:Recommendation|RECOMMENDATION)(?: No\.)? (?P<n>[0-9]{1,3}|[IVXL]{1,7}|[A-Z])"
            rf"(?:[ .]?(?P<later>{LATER}))?(?:[.:]|(?= ?[–—-] )|{BEFORE_WORDS})"
        ),
    ),
    (Series.NAMED, re.compile(rf"(?:Rec\. ?|R\.?)(?P<n>[0-9]{{1,3}})(?: (?P<later>{LATER}))?(?:[.:]|{BEFORE_WORDS})")),
    (
        Series.TEXT,
        re.compile(
            r"(?:Draft )?(?:Resolution|Decision|RESOLUTION|DECISION|resolution|decision)"
            rf" (?P<n>[A-Z]{{1,3}}|[IVXL]{{1,7}}|[0-9]{{1,3}})(?:/(?P<m>[0-9]{{1,3}}))?(?:[.:]|{BEFORE_WORDS})"
        ),
    ),
    (Series.TEXT, re.compile(r"(?P<n>[0-9]{1,3})/(?P<m>[0-9]{1,3})\.(?= [A-Z])")),
    (
        Series.ANNEX,
        re.compile(
            rf"(?:Annex|ANNEX|Appendix|Enclosure)(?: (?P<n>[IVXL]{{1,6}}|[0-9]{{1,2}}|[A-Z]))?(?:[.:]|{BEFORE_WORDS})"
        ),
    ),
    (Series.DECIMAL, re.compile(rf"(?P<n>[0-9]{{1,3}}(?:\.[0-9]{{1,3}}){{1,3}})(?:[ .](?P<later>{LATER}))?\.?(?= |$)")),
    (Series.NUMBER, re.compile(rf"(?P<n>[1-9][0-9]{{0,2}})(?:[ .](?P<later>{LATER}))?[.)](?= |$)", re.IGNORECASE)),
    (Series.NUMBER, re.compile(rf"(?P<n>[1-9][0-9]{{0,2}})[ .](?P<later>{LATER})(?= |$)", re.IGNORECASE)),
    (
        Series.BRACKETED,
        re.compile(rf"[(\[](?P<n>[1-9][0-9]{{0,2}})(?: (?P<later>{LATER}))?[)\]](?= |$)", re.IGNORECASE),
    ),
    (Series.LETTER, re.compile(rf"(?:[1-9][0-9]{{0,2}} ?)?\((?P<n>[a-z]{{1,5}})(?: (?P<later>{LATER}))?\)(?= |$)")),
    (Series.LETTER, re.compile(r"(?P<n>[a-z]|[ivx]{1,5})[.)](?= |$)")),
    (Series.CHAPTER, re.compile(r"(?P<n>[IVXL]{1,7})(?:\.|(?= [–—-] ))(?= |$)")),
    (Series.SECTION, re.compile(r"\(?(?P<n>[A-Z])[.)](?= |$)")),
    (Series.BULLET, re.compile(rf"[{BULLETS}](?= |$)|[{BULLETS}](?=[A-Za-z])")),
    (Series.BULLET, re.compile("o(?= [A-Z])")),
    (Series.DASH, re.compile(rf"[{DASHES}](?= |$)")),
)
# The same in other languages than English. The first words of a paragraph follow, in Chinese without a space.
FORMS_OF_OTHERS: tuple[tuple[Series, re.Pattern[str]], ...] = (
    (
        Series.NAMED,
        re.compile(
            r"(?:Recommandation|Recomendación|Рекомендация|التوصية|建议)(?: [nN][o.º°]*)? ?"
            rf"{NUMBER}(?: ?(?P<later>{LATER_WORDS}))?(?:[.:．：]|(?= ?[–—-] )|(?=\s+(?![a-zа-я])\S)|(?=\s*$))"
        ),
    ),
    (Series.NUMBER, re.compile(rf"{NUMBER}(?: ?(?P<later>{LATER_WORDS}))? ?[-–ـ.](?= ?{ARABIC})")),
    (Series.NUMBER, re.compile(rf"[-–] ?{NUMBER}(?: ?(?P<later>{LATER_WORDS}))?(?= ?{ARABIC})")),  # as a PDF has it
    (Series.NUMBER, re.compile(rf"{NUMBER}(?: ?(?P<later>{LATER_WORDS}))? ?[.．、](?= ?{CHINESE}|$)")),
    (Series.NUMBER, re.compile(rf"{NUMBER} ?(?P<later>{LATER_WORDS})[.．]?(?= |$)")),
    (Series.ROMAN, re.compile(rf"[‘’'`](?P<n>{DIGIT}{{1,2}})[‘’'´](?= ?{ARABIC}|$)")),
    (Series.ROMAN, re.compile(rf"[(（](?P<n>[{CHINESE_NUMBERS}]{{1,3}})[)）](?= ?{CHINESE}|$)")),
    (Series.ROMAN, re.compile(rf"(?P<n>[㈠-㈩])(?= ?{CHINESE}|$)")),
    (Series.LETTER, re.compile(rf"[(（](?P<n>[a-z]{{1,5}})(?: ?(?P<later>{LATER_WORDS}))?[)）](?= ?{CHINESE}|$)")),
    (
        Series.LETTER,
        re.compile(
            rf"[(]?(?P<n>[{ARABIC_LETTERS}اإ])[ـ\u200d]?(?: ?(?P<later>{LATER_WORDS}))?(?:[)]| ?[-–])(?= ?{ARABIC}|$)"
        ),
    ),
    (Series.LETTER, re.compile(rf"[(]?(?P<n>[{CYRILLIC_LETTERS}])(?: (?P<later>{LATER}))?[)](?= |$)")),
    (Series.LETTER, re.compile(rf"(?P<n>[a-z]|[ivx]{{2,5}}) (?P<later>{LATER})[)](?= |$)")),
)
ALL_FORMS = (*FORMS, *FORMS_OF_OTHERS)
DASHED = re.compile(rf"[{BULLETS}{DASHES}] ?(?=\([a-z]{{1,5}}\) )")
SEPARATOR = re.compile(r"[\s]*(?:[–—:-]\s+)?")


def parse_label(text: str) -> Label | None:
    """Read the label with which a text begins, or which it is."""
    text = text.replace("\t", " ").replace("\N{NO-BREAK SPACE}", " ")
    if match := DASHED.match(text):  # "- (a)", as pages copied from a browser have it
        inner = parse_label(text[match.end() :])
        return inner and replace(inner, printed=match[0] + inner.printed)
    for series, form in ALL_FORMS:
        if match := form.match(text):
            return _read(series, match)
    return None


def label_length(text: str, label: Label) -> int:
    """Return how many characters at the beginning of `text` are the label and what separates it from the words."""
    end = len(label.printed)
    if label.series == Series.NAMED and (separator := SEPARATOR.match(text, end)):
        return separator.end()
    if label.series == Series.TEXT:
        end += len(text[end:]) - len(text[end:].lstrip(".:"))
    while end < len(text) and text[end].isspace():
        end += 1
    return end


def _read(series: Series, match: re.Match[str]) -> Label | None:
    groups = match.groupdict()
    number, later = unicodedata.normalize("NFKC", groups.get("n") or ""), (groups.get("later") or "").lower()
    later = LATER_OF.get(later, later)
    printed = match[0]
    if series in (Series.BULLET, Series.DASH):
        return Label(printed, series, 0, "")
    if series == Series.TEXT:
        other = groups.get("m")
        piece = f"{number}/{other}" if other else number
        return Label(printed.rstrip(".:"), series, _value(other or number), piece)
    if series == Series.DECIMAL:
        return Label(printed, series, int(number.rpartition(".")[2]), f"{number}{later}")
    if series == Series.LETTER:
        return _read_letter(printed, number, later)
    if series == Series.ROMAN:
        value = int(number) if number.isdecimal() else _chinese_value(number.strip("()"))
        if value not in NUMERALS:
            return None
        return Label(printed, series, value, f"{NUMERALS[value]}{later}")
    if number.isdecimal():
        number = str(int(number))
    return Label(printed, series, _value(number), f"{number}{later}")


def _read_letter(printed: str, number: str, later: str) -> Label | None:
    """`(i)` is a letter or a roman number, `(ii)` a roman number, `(aa)` the letter after `(z)`."""
    for letters in (ARABIC_LETTERS, CYRILLIC_LETTERS):
        if (place := letters.find(number.replace("ا", "أ").replace("إ", "أ"))) >= 0:
            return Label(printed, Series.LETTER, place + 1, f"{write_letter(place + 1)}{later}")
    roman = ROMANS.get(number, 0)
    if len(number) == 1:
        return Label(printed, Series.LETTER, ord(number) - 96, f"{number}{later}", roman)
    if roman:
        return Label(printed, Series.ROMAN, roman, f"{number}{later}")
    if len(number) == 2 and number[0] == number[1]:
        return Label(printed, Series.LETTER, 26 + ord(number[0]) - 96, f"{number}{later}")
    return None


def write_letter(number: int) -> str:
    """Write 2 as `b`, and 28 as `bb`."""
    return chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)


def _chinese_value(number: str) -> int:
    """Read `二` and `十二`; 0 where the number is written otherwise."""
    tens, ten, ones = number.rpartition("十")
    if not ten:
        return CHINESE_NUMBERS.find(number) + 1
    return 10 * (CHINESE_NUMBERS.find(tens) + 1 if tens else 1) + (CHINESE_NUMBERS.find(ones) + 1 if ones else 0)


def write_chinese(number: int) -> str:
    """Write 12 as `十二`; a number that is not from 1 to 99 in digits."""
    if not 0 < number < 100:
        return str(number)
    tens, ones = divmod(number, 10)
    before = CHINESE_NUMBERS[tens - 1] if tens > 1 else ""
    return f"{before}{'十' if tens else ''}{CHINESE_NUMBERS[ones - 1] if ones else ''}"


def _value(number: str) -> int:
    if number.isdigit():
        return int(number)
    if number.lower() in ROMANS and (len(number) > 1 or number in "IVX"):
        return ROMANS[number.lower()]
    return ord(number.upper()) - 64 if len(number) == 1 else 0


def as_roman(label: Label) -> Label:
    return Label(label.printed, Series.ROMAN, label.other, label.piece)

"""The numbers and marks that documents of the United Nations print before paragraphs. Pure functions, no Django."""

import re
from dataclasses import dataclass, replace
from enum import StrEnum

ONES = ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix")
TENS = ("", "x", "xx", "xxx", "xl", "l", "lx", "lxx", "lxxx", "xc")
ROMANS = {TENS[n // 10] + ONES[n % 10]: n for n in range(1, 100)}
LATER = r"bis|ter|quater|quinquies"  # between a number and the next: 3 bis
BULLETS = "•·▪◦○●■□‣\u2043∙►▶➢✓§\uf0b7\uf0a7"
DASHES = "–—\u2212-"


class Family(StrEnum):
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


ITEMS = {Family.LETTER, Family.ROMAN, Family.BULLET, Family.DASH, Family.BRACKETED}  # of a list below a paragraph


@dataclass(frozen=True)
class Label:
    """`printed` is as in the document, `value` its place in the order, `piece` what a label of the catalogue has of it.

    `family` of a label such as `(i)` is decided by what comes before; `other` is then its second value, as a roman.
    """

    printed: str
    family: Family
    value: int
    piece: str
    other: int = 0


BEFORE_WORDS = r"(?=\s+[A-Z“\u2018\"«]|\s*$)"
# What a paragraph begins with; the first that fits counts. A space, or the end of the text, must follow.
FORMS: tuple[tuple[Family, re.Pattern[str]], ...] = (
    (
        Family.NAMED,
        re.compile(
            r"(?:Draft )?(?:Recommendation|RECOMMENDATION)(?: No\.)? (?P<n>[0-9]{1,3}|[IVXL]{1,7}|[A-Z])"
            rf"(?:[ .]?(?P<later>{LATER}))?(?:[.:]|(?= ?[–—-] )|{BEFORE_WORDS})"
        ),
    ),
    (Family.NAMED, re.compile(rf"(?:Rec\. ?|R\.?)(?P<n>[0-9]{{1,3}})(?: (?P<later>{LATER}))?(?:[.:]|{BEFORE_WORDS})")),
    (
        Family.TEXT,
        re.compile(
            r"(?:Draft )?(?:Resolution|Decision|RESOLUTION|DECISION|resolution|decision)"
            rf" (?P<n>[A-Z]{{1,3}}|[IVXL]{{1,7}}|[0-9]{{1,3}})(?:/(?P<m>[0-9]{{1,3}}))?(?:[.:]|{BEFORE_WORDS})"
        ),
    ),
    (Family.TEXT, re.compile(r"(?P<n>[0-9]{1,3})/(?P<m>[0-9]{1,3})\.(?= [A-Z])")),
    (
        Family.ANNEX,
        re.compile(
            rf"(?:Annex|ANNEX|Appendix|Enclosure)(?: (?P<n>[IVXL]{{1,6}}|[0-9]{{1,2}}|[A-Z]))?(?:[.:]|{BEFORE_WORDS})"
        ),
    ),
    (Family.DECIMAL, re.compile(r"(?P<n>[0-9]{1,3}(?:\.[0-9]{1,3}){1,3})\.?(?= |$)")),
    (Family.NUMBER, re.compile(rf"(?P<n>[1-9][0-9]{{0,2}})(?:[ .](?P<later>{LATER}))?[.)](?= |$)", re.IGNORECASE)),
    (Family.NUMBER, re.compile(rf"(?P<n>[1-9][0-9]{{0,2}})[ .](?P<later>{LATER})(?= |$)", re.IGNORECASE)),
    (
        Family.BRACKETED,
        re.compile(rf"[(\[](?P<n>[1-9][0-9]{{0,2}})(?: (?P<later>{LATER}))?[)\]](?= |$)", re.IGNORECASE),
    ),
    (Family.LETTER, re.compile(rf"\((?P<n>[a-z]{{1,5}})(?: (?P<later>{LATER}))?\)(?= |$)")),
    (Family.LETTER, re.compile(r"(?P<n>[a-z]|[ivx]{1,5})[.)](?= |$)")),
    (Family.CHAPTER, re.compile(r"(?P<n>[IVXL]{1,7})(?:\.|(?= [–—-] ))(?= |$)")),
    (Family.SECTION, re.compile(r"\(?(?P<n>[A-Z])[.)](?= |$)")),
    (Family.BULLET, re.compile(rf"[{BULLETS}](?= |$)|[{BULLETS}](?=[A-Za-z])")),
    (Family.BULLET, re.compile("o(?= [A-Z])")),
    (Family.DASH, re.compile(rf"[{DASHES}](?= |$)")),
)
DASHED = re.compile(rf"[{BULLETS}{DASHES}] ?(?=\([a-z]{{1,5}}\) )")
SEPARATOR = re.compile(r"[\s]*(?:[–—:-]\s+)?")


def parse_label(text: str) -> Label | None:
    """Read the label with which a text begins, or which it is."""
    text = text.replace("\t", " ").replace("\N{NO-BREAK SPACE}", " ")
    if match := DASHED.match(text):  # "- (a)", as pages copied from a browser have it
        inner = parse_label(text[match.end() :])
        return inner and replace(inner, printed=match[0] + inner.printed)
    for family, form in FORMS:
        if match := form.match(text):
            return _read(family, match)
    return None


def bare_label(number: str) -> Label:
    """Return the label of a number that is in a column of its own: `3`, `3 bis`."""
    first, _space, later = number.partition(" ")
    return Label(number, Family.NUMBER, int(first), f"{first}{later}")


def label_length(text: str, label: Label) -> int:
    """Return how many characters at the beginning of `text` are the label and what separates it from the words."""
    end = len(label.printed)
    if label.family == Family.NAMED and (separator := SEPARATOR.match(text, end)):
        return separator.end()
    if label.family == Family.TEXT:
        end += len(text[end:]) - len(text[end:].lstrip(".:"))
    while end < len(text) and text[end].isspace():
        end += 1
    return end


def _read(family: Family, match: re.Match[str]) -> Label | None:
    groups = match.groupdict()
    number, later = groups.get("n") or "", (groups.get("later") or "").lower()
    printed = match[0]
    if family in (Family.BULLET, Family.DASH):
        return Label(printed, family, 0, "")
    if family == Family.TEXT:
        other = groups.get("m")
        piece = f"{number}/{other}" if other else number
        return Label(printed.rstrip(".:"), family, _value(other or number), piece)
    if family == Family.DECIMAL:
        return Label(printed, family, int(number.rpartition(".")[2]), number)
    if family == Family.LETTER:
        return _read_letter(printed, number, later)
    return Label(printed, family, _value(number), f"{number}{later}")


def _read_letter(printed: str, number: str, later: str) -> Label | None:
    """`(i)` is a letter or a roman number, `(ii)` a roman number, `(aa)` the letter after `(z)`."""
    roman = ROMANS.get(number, 0)
    if len(number) == 1:
        return Label(printed, Family.LETTER, ord(number) - 96, f"{number}{later}", roman)
    if roman:
        return Label(printed, Family.ROMAN, roman, f"{number}{later}")
    if len(number) == 2 and number[0] == number[1]:
        return Label(printed, Family.LETTER, 26 + ord(number[0]) - 96, f"{number}{later}")
    return None


def _value(number: str) -> int:
    if number.isdigit():
        return int(number)
    if number.lower() in ROMANS and (len(number) > 1 or number in "IVX"):
        return ROMANS[number.lower()]
    return ord(number.upper()) - 64 if len(number) == 1 else 0


def as_roman(label: Label) -> Label:
    return Label(label.printed, Family.ROMAN, label.other, label.piece)

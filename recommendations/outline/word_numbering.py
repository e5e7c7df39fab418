"""Count the numbers of lists as Word counts them: by list, level and style, with what a list overrides."""

from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from lxml.etree import _Element

from recommendations.models import roman
from recommendations.outline.labels import ARABIC_LETTERS, CYRILLIC_LETTERS, DASHES, write_chinese
from recommendations.outline.word_styles import read_indent, read_value
from recommendations.word_reader import TOO_LARGE, WORD

LISTS_LIMIT = 20_000
LABEL_LIMIT = 100  # letters of what is printed around a number
CHINESE_KINDS = ("chineseCounting", "chineseCountingThousand", "taiwaneseCounting", "japaneseCounting")
LEVELS = frozenset("012345678")  # of a list


@dataclass
class ListLevel:
    start: int = 1
    kind: str = "decimal"
    text: str = ""
    style: str = ""
    indent: float | None = None


@dataclass
class ListFormat:
    """Hold how lists are numbered.

    `levels` by abstract list; `abstract` list by list; `overrides` by list, as levels and as first numbers; `links`:
    the style by abstract list that only refers to it, and the abstract list by style.
    """

    levels: dict[str, dict[str, ListLevel]] = field(default_factory=dict)
    abstract: dict[str, str] = field(default_factory=dict)
    override_levels: dict[str, dict[str, ListLevel]] = field(default_factory=dict)
    override_starts: dict[str, dict[str, int]] = field(default_factory=dict)
    style_of: dict[str, str] = field(default_factory=dict)
    by_style: dict[str, str] = field(default_factory=dict)

    def find(self, number: str) -> tuple[str, dict[str, ListLevel]]:
        """Return the abstract list and the levels of a list."""
        abstract = self.abstract.get(number, "")
        abstract = self.by_style.get(self.style_of.get(abstract, ""), abstract)
        return abstract, self.levels.get(abstract, {}) | self.override_levels.get(number, {})

    def level_of_style(self, number: str, style: str) -> str:
        levels = self.find(number)[1]
        return next((place for place, level in levels.items() if style and level.style == style), "0")


def read_lists(part: _Element) -> ListFormat:
    lists = ListFormat()
    elements = [*part.iter(f"{WORD}abstractNum", f"{WORD}num")]
    if len(elements) > LISTS_LIMIT:
        raise ValidationError(TOO_LARGE)
    for element in elements:
        levels = {each.get(f"{WORD}ilvl", "0"): _read_level(each) for each in element.iter(f"{WORD}lvl")}
        levels = {place: level for place, level in levels.items() if place in LEVELS}
        if element.tag == f"{WORD}num":
            number = element.get(f"{WORD}numId", "")
            lists.abstract[number] = _find_value(element, "abstractNumId")
            lists.override_levels[number] = levels
            lists.override_starts[number] = {
                each.get(f"{WORD}ilvl", "0"): int(start)
                for each in element.iter(f"{WORD}lvlOverride")
                if (start := _find_value(each, "startOverride"))
            }
        else:
            key = element.get(f"{WORD}abstractNumId", "")
            lists.levels[key] = levels
            lists.style_of[key] = _find_value(element, "numStyleLink")
            if style := _find_value(element, "styleLink"):
                lists.by_style[style] = key
    return lists


def _read_level(element: _Element) -> ListLevel:
    indent = element.find(f"{WORD}pPr/{WORD}ind")
    return ListLevel(
        start=int(_find_value(element, "start", "1")),
        kind=_find_value(element, "numFmt", "decimal"),
        text=_find_value(element, "lvlText")[:LABEL_LIMIT],
        style=_find_value(element, "pStyle"),
        indent=None if indent is None else read_indent(indent.attrib),
    )


def _find_value(element: _Element, name: str, default: str = "") -> str:
    found = element.find(f"{WORD}{name}")
    return default if found is None else read_value(found.attrib)


class ListNumberCount:
    """Count the numbers that Word sets as Word does: an item starts the levels below it again."""

    def __init__(self, numbering: ListFormat):
        self.numbering = numbering
        self.counts: dict[str, dict[str, int]] = {}
        self.begun: set[tuple[str, str]] = set()

    def next(self, number: str, level: str) -> str:
        """Return `46.` or `(b)`, or nothing where the paragraph has no number."""
        abstract, levels = self.numbering.find(number)
        if level not in levels:
            return ""
        counts = self.counts.setdefault(abstract, {})
        for place, start in self.numbering.override_starts.get(number, {}).items():
            if place <= level and (number, place) not in self.begun:
                self.begun.add((number, place))
                counts[place] = start - 1 if place == level else start
        counts[level] = counts.get(level, levels[level].start - 1) + 1
        for deeper in [other for other in counts if other > level]:
            del counts[deeper]
        return self.write(levels, counts, level)

    def write(self, levels: dict[str, ListLevel], counts: dict[str, int], level: str) -> str:
        if levels[level].kind == "none" and "%" not in levels[level].text:
            return levels[level].text.strip()
        if levels[level].kind == "bullet":
            sign = levels[level].text.strip()
            return sign if sign and sign in DASHES else "•"
        text = levels[level].text
        for place in sorted(levels):
            count = counts.get(place, levels[place].start)
            text = text.replace(f"%{int(place) + 1}", write_number(count, levels[place].kind))
        return text.strip()


def write_number(number: int, kind: str) -> str:
    letter = chr(ord("a") + (number - 1) % 26) * min((number - 1) // 26 + 1, 9) if number > 0 else ""
    numeral = roman(max(1, min(number, 999)))
    forms = {
        "lowerLetter": letter,
        "upperLetter": letter.upper(),
        "lowerRoman": numeral.lower(),
        "upperRoman": numeral,
        "decimalZero": f"{number:02}",
        "none": "",
        "arabicAbjad": _count_in(ARABIC_LETTERS, number),
        "arabicAlpha": _count_in(ARABIC_LETTERS, number),
        "russianLower": _count_in(CYRILLIC_LETTERS, number),
        **dict.fromkeys(CHINESE_KINDS, write_chinese(number)),
    }
    return forms.get(kind, str(number))


def _count_in(letters: str, number: int) -> str:
    return letters[(number - 1) % len(letters)] if number > 0 else ""

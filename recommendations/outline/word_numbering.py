"""Count the numbers of lists as Word counts them: by list, level and style, with what a list overrides."""

from dataclasses import dataclass, field

from django.core.exceptions import ValidationError

from recommendations.models import roman
from recommendations.outline.labels import ARABIC_LETTERS, CYRILLIC_LETTERS, DASHES, write_chinese
from recommendations.outline.word_styles import read_indent, read_value
from recommendations.word_reader import TOO_LARGE, WORD, PartReader

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


class ListReader(PartReader):
    def __init__(self):
        self.numbering = ListFormat()
        self.current = self.number = self.place = ""
        self.lists = 0
        self.level = ListLevel()

    def start(self, tag, attributes):
        match tag.removeprefix(WORD):
            case "abstractNum":
                self.count_list()
                self.current, self.number = attributes.get(f"{WORD}abstractNumId", ""), ""
            case "num":
                self.count_list()
                self.number = attributes.get(f"{WORD}numId", "")
            case "abstractNumId":
                self.numbering.abstract[self.number] = read_value(attributes)
            case "lvlOverride":
                self.place = attributes.get(f"{WORD}ilvl", "0")
            case "startOverride":
                self.numbering.override_starts.setdefault(self.number, {})[self.place] = int(read_value(attributes))
            case "lvl":
                self.level = ListLevel()
                levels = self.numbering.override_levels if self.number else self.numbering.levels
                if (place := attributes.get(f"{WORD}ilvl", "0")) in LEVELS:
                    levels.setdefault(self.number or self.current, {})[place] = self.level
            case "numStyleLink":
                self.numbering.style_of[self.current] = read_value(attributes)
            case "styleLink":
                self.numbering.by_style[read_value(attributes)] = self.current
            case name:
                self.read_level(name, attributes)

    def count_list(self) -> None:
        self.lists += 1
        if self.lists > LISTS_LIMIT:
            raise ValidationError(TOO_LARGE)

    def read_level(self, name: str, attributes) -> None:
        match name:
            case "start":
                self.level.start = int(read_value(attributes))
            case "numFmt":
                self.level.kind = read_value(attributes)
            case "lvlText":
                self.level.text = read_value(attributes)[:LABEL_LIMIT]
            case "pStyle":
                self.level.style = read_value(attributes)
            case "ind":
                self.level.indent = read_indent(attributes)

    def close(self):
        return self.numbering


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

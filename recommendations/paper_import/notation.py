"""The notation of papers: headings, labels, footnote marks. Pure functions, no Django."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from recommendations.outline.labels import DIGITS, LATER, NUMERALS, RAISED, ROMANS, SUPERSCRIPTS

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)

NOT_TEXT = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
HEADING = re.compile(r"([IVXLC]+)\. [\w -]+ (?:meeting|session)(?: \([\w -]+\))?, (.+)")
UNITS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
ORDINALS = (
    *UNITS,
    *("tenth", "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth"),
    *("eighteenth", "nineteenth", "twentieth", *(f"twenty-{unit}" for unit in UNITS)),
    *("thirtieth", *(f"thirty-{unit}" for unit in UNITS), "fortieth", *(f"forty-{unit}" for unit in UNITS)),
)
MEETING_NAME = re.compile(
    rf"(?:resumed )?({'|'.join(reversed(ORDINALS))}) (?:resumed )?(?:meeting|session)\b", re.IGNORECASE
)
PART = re.compile(rf"\((?:({'|'.join(ORDINALS[:9])}) part|part ([1-9]))\)|\b(resumed)\b", re.IGNORECASE)
DATES = re.compile(
    r"(?:([0-9]{1,2})(?: ([A-Z][a-z]+))?(?: ([0-9]{4}))?(?: and | to | ?[-\N{EN DASH}] ?))?"
    r"([0-9]{1,2}) ([A-Z][a-z]+) ([0-9]{4})"
)
FOOTNOTE = re.compile(rf"([{SUPERSCRIPTS[1:]}][{SUPERSCRIPTS}]{{0,3}}) ?(.+)")
MARK = re.compile(rf"([{SUPERSCRIPTS}]+)")
LINK = re.compile(r"\[([^\[\]]+)\]\([^()]*\)")
ITALICS = re.compile(r"(?<!\w)\*([^*\s](?:[^*]*[^*\s])?)\*(?!\w)")
ITEM_NAME = rf"\((?:[a-z]|[a-z]{{2}}|[ivxlc]{{2,8}})(?: (?:{LATER}))?\)"
LABEL = re.compile(
    rf"(?:(?P<numeral>[IVXLC]+)(?![IVXLC(])|Decision (?P<decision>[1-9][0-9]{{0,2}}/[1-9][0-9]{{0,2}}))"
    rf"(?:\.(?P<number>[1-9][0-9]{{0,2}}(?: (?:{LATER}))?))?(?P<items>(?:{ITEM_NAME}){{0,2}})"
)


LABEL_LENGTH, MARKER_LENGTH, HEADING_LENGTH, PLACE_LENGTH = 40, 10, 200, 100  # at most, in the catalogue


class PaperError(ValueError):
    """Refuse footnotes that cannot be read."""


@dataclass(frozen=True)
class ParsedFootnote:
    """`offset` counts the characters of the node's text before the mark."""

    number: int
    text: str
    offset: int


@dataclass(frozen=True)
class ParsedMeeting:
    """`part` is 1 for a heading such as `Sixteenth meeting (first part)`, and 0 for a meeting that was not divided."""

    number: int
    roman: str
    heading: str
    place: str
    starts: date
    ends: date
    part: int = 0

    @property
    def values(self) -> dict[str, Any]:
        """Return the fields of a meeting of the catalogue, whose heading has no numeral."""
        values = asdict(self) | {"heading": self.heading.removeprefix(f"{self.roman}. ")}
        del values["roman"]
        return values


@dataclass(frozen=True)
class LabelParts:
    """Hold the parts of `IV.46(i)(ii)`: meeting 4, number 46, items `i` and `ii`. A note has its meeting only.

    The number of `X.3 bis` is `3 bis`, and that of `Decision 3/1` as a whole `3/1`. A decision belongs to the meeting
    that took it, which is the number before the stroke. It can have items without a paragraph: `Decision 3/1(a)`.
    """

    meeting: int
    number: str | None
    items: tuple[str, ...]
    parent: str | None
    marker: str


def remove_marks(text: str) -> str:
    """Return the text without link syntax and the asterisks of italics."""
    return " ".join(ITALICS.sub(r"\1", LINK.sub(r"\1", text)).split())


def split_footnotes(text: str, notes: Mapping[int, str]) -> tuple[str, tuple[ParsedFootnote, ...], tuple[int, ...]]:
    """Return a text without the marks of its footnotes, the footnotes, and other raised numbers, which stay in it."""
    left = dict(notes)
    plain, footnotes, alone = "", [], []
    for piece in MARK.split(text):
        number = _read_mark(piece) if MARK.fullmatch(piece) else None
        if number in left:
            footnotes.append(ParsedFootnote(number, left.pop(number), len(plain.rstrip())))
            continue
        if number is not None:
            alone.append(number)
        plain += piece if plain and not plain.endswith(" ") else piece.lstrip()
    return plain.rstrip(), tuple(footnotes), tuple(alone)


def _read_mark(mark: str) -> int:
    """Return 0 where the mark cannot be that of a footnote."""
    return int(mark.translate(DIGITS)) if mark[0] != "⁰" and len(mark) <= 4 else 0


def add_footnotes(text: str, footnotes: Iterable[ParsedFootnote]) -> str:
    """Return the text with the marks of its footnotes, which are in the order of their offsets."""
    pieces: list[str] = []
    end = len(text)
    for footnote in reversed(tuple(footnotes)):
        if after := text[footnote.offset : end]:
            pieces.append(after)
        space = " " if pieces and pieces[-1][0] in SUPERSCRIPTS else ""
        pieces.append(f"{footnote_mark(footnote.number)}{space}")
        end = footnote.offset
    return "".join([text[:end], *reversed(pieces)])


def footnote_mark(number: int) -> str:
    """`12` -> `¹²`."""
    return str(number).translate(RAISED)


def parse_footnotes(text: str) -> dict[int, str]:
    """Read footnotes by number, one a line: `¹ United Nations…`. Raises PaperError."""
    if NOT_TEXT.search(text):
        raise PaperError(text)
    notes: dict[int, str] = {}
    for words in filter(None, (" ".join(line.split()) for line in text.splitlines())):
        match = FOOTNOTE.fullmatch(words)
        number = int(match[1].translate(DIGITS)) if match else 0
        if not match or number in notes:
            raise PaperError(words)
        notes[number] = remove_marks(match[2])
    return notes


def parse_heading(heading: str) -> ParsedMeeting | None:
    """Read the heading of a meeting: `IX. Ninth meeting, Vienna, 9 to 11 September 2019`.

    The numeral may be missing where the name has the number in words.
    """
    words = " ".join(heading.split())
    if name := MEETING_NAME.match(words):
        words = f"{NUMERALS[meeting_number(name[1])].upper()}. {words}"
    match = HEADING.fullmatch(words)
    if not match or match[1].lower() not in ROMANS:
        return None
    roman = match[1]
    place, _, days = match[2].rpartition(", ")
    bounds = parse_days(days)
    if bounds is None or len(words) > HEADING_LENGTH or len(place) > PLACE_LENGTH:
        return None
    return ParsedMeeting(ROMANS[roman.lower()], roman, words, place, *bounds, _part_of(words))


def meeting_number(ordinal: str) -> int:
    """`Ninth` -> 9."""
    return ORDINALS.index(ordinal.lower()) + 1


def _part_of(heading: str) -> int:
    """Return which part of a meeting a heading names; a resumed meeting is its second part."""
    match = PART.search(heading)
    if not match:
        return 0
    return meeting_number(match[1]) if match[1] else int(match[2] or 2)


def parse_label(label: str) -> LabelParts | None:
    match = LABEL.fullmatch(label)
    if not match:
        return None
    numeral, number, decision = match["numeral"], match["number"], match["decision"]
    meeting = int(decision.partition("/")[0]) if decision else ROMANS.get(numeral.lower(), 0)
    if not meeting:
        return None
    items = tuple(re.findall(r"\(([^()]+)\)", match["items"] or ""))
    parent = label.removesuffix(f"({items[-1]})") if items else None
    number = number or decision
    marker = f"({items[-1]})" if items else number or ""
    if len(label) > LABEL_LENGTH or len(marker) > MARKER_LENGTH:
        return None
    return LabelParts(meeting, number, items, parent, marker)


def label_order(label: str) -> tuple:
    """Return what sorts the labels of a meeting: 3, 3(a), 3 bis, 4, and the decisions after them."""
    match = LABEL.fullmatch(label)
    if not match:
        return ()
    decision = int(match["decision"].partition("/")[2]) if match["decision"] else 0
    items = re.findall(r"\(([^()]+)\)", match["items"] or "")
    return decision, _piece_order(match["number"] or "0", 0), tuple(map(_piece_order, items, range(1, 3)))


def _piece_order(piece: str, depth: int) -> tuple[int, int]:
    """Order letters below a number (depth 1) and roman numerals below a letter (depth 2), each with its bis or ter."""
    name, _space, later = piece.partition(" ")
    if depth == 0:
        value = int(name)
    elif name in ROMANS and (depth == 2 or len(name) > 1):
        value = ROMANS[name]
    else:
        value = ord(name[0]) - 96 + 26 * (len(name) - 1)
    return value, LATER.split("|").index(later) + 1 if later else 0


def parse_days(days: str) -> tuple[date, date] | None:
    """Return the first and the last day."""
    match = DATES.fullmatch(days)
    if not match:
        return None
    day, month, year, last_day, last_month, last_year = match.groups()
    try:
        ends = date(int(last_year), MONTHS.index(last_month) + 1, int(last_day))
        starts = date(int(year or last_year), MONTHS.index(month or last_month) + 1, int(day or last_day))
    except ValueError:
        return None
    return (starts, ends) if starts <= ends else None

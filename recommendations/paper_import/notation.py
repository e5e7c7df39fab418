"""The notation of papers: headings, labels, footnote marks. Pure functions, no Django."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from recommendations.outline.labels import DIGITS, LATER, NUMERALS, RAISED, ROMANS, SUPERSCRIPTS
from recommendations.outline.text_source import remove_marks

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
ACTS = ("Resolution", "Decision")  # in the order in which reports print them
ACT_WORDS = [act.lower() for act in ACTS]
ITEM = rf"(?:[a-z]{{1,2}}|[A-Z]{{1,2}}|[ivxlc]{{2,8}}|[1-9][0-9]?)(?: (?:{LATER}))?"
ITEMS = re.compile(rf"\(({ITEM})\)")
COUNT = "[1-9][0-9]{0,2}"
NUMBER = rf"{COUNT}(?:\.{COUNT}){{0,3}}(?: (?:{LATER}))?"
DEEPEST = 3  # items in brackets: four levels with the text above them
LABEL = re.compile(
    rf"(?P<prefix>(?P<numeral>[IVXLC]+)(?![IVXLC(])|"
    rf"(?P<act>{'|'.join(ACTS)}) (?P<session>{COUNT})/(?P<of_session>{COUNT}))"
    rf"(?:\.(?P<number>{NUMBER}))?(?P<items>(?:\({ITEM}\)){{0,{DEEPEST}}})"
)
LABEL_LENGTH, HEADING_LENGTH, PLACE_LENGTH = 40, 200, 100  # at most, in the catalogue
LATERS = ["", *LATER.split("|")]
COUNTED = re.compile(rf"(\(?)([0-9]+|[a-zA-Z]+)(?: ({LATER}))?")
WORD_OF_LABEL = re.compile(rf"{LATER}|[a-z]+?(?=(?:{LATER})(?![a-z]))|[a-z]+|[0-9]+")
# Of a printed place: words such as *Recommendation*, and each number or letter with its bis or ter.
NAMED = re.compile(r"\A[A-Z][a-z]+\.? ?(?:No\. ?)?(?=[0-9A-Z])|R\.(?=[0-9])")
PIECE = re.compile(
    rf"([0-9]+(?:\.[0-9]+)*|[a-zA-Z]{{1,8}}?)(?: ?({LATER}))?(?![a-zA-Z0-9])(?! ?(?:{LATER})\b)", re.IGNORECASE
)


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

    The number of `X.3 bis` is `3 bis`, and that of `Decision 3/1` as a whole `3/1`. A resolution or decision belongs to
    the meeting that took it, which is the number before the stroke. It can have items without a paragraph:
    `Decision 3/1(a)`. `prefix` and `place` are `X` and `3 bis(a)` of `X.3 bis(a)`: the place is what a document prints.
    """

    meeting: int
    number: str | None
    items: tuple[str, ...]
    parent: str | None
    marker: str
    prefix: str
    place: str


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
    meeting = match and int(match["session"] or ROMANS.get(match["numeral"].lower(), 0))
    if not match or not meeting or len(label) > LABEL_LENGTH:
        return None
    items = tuple(ITEMS.findall(match["items"]))
    number = match["number"] or (match["act"] and f"{match['session']}/{match['of_session']}")
    parent = label.removesuffix(f"({items[-1]})") if items else None
    marker = f"({items[-1]})" if items else number or ""
    prefix = match["prefix"]
    place = label.removeprefix(prefix).removeprefix(".")
    return LabelParts(meeting, number, items, parent, marker, prefix, place)


def read_label(label: str) -> LabelParts:
    """Read the label of a published text. Raises ValueError."""
    if (parts := parse_label(label)) is None:
        raise ValueError(label)
    return parts


def labels_above(label: str) -> list[str]:
    """Return `IX.4(b)` and `IX.4` for `IX.4(b)(ii)`."""
    parts = parse_label(label)
    return [parts.parent, *labels_above(parts.parent)] if parts and parts.parent else []


def label_order(label: str) -> tuple:
    """Return what sorts the labels of a meeting: 3, 3(a), 3.1, 3 bis, 4, and the resolutions and decisions after them.

    Roman numerals are below letters. It is empty for what is no label.
    """
    match = LABEL.fullmatch(label)
    if not match:
        return ()
    order: list[tuple[bool, int, int]] = []
    for bracket, name, later in COUNTED.findall(f"{match['number'] or ''}{match['items']}"):
        is_roman = bool(order) and not order[-1][0] and len(order) % 2 == 0
        order.append((not bracket, _count(name, is_roman=is_roman), LATERS.index(later)))
    return match["act"] is not None, ACTS.index(match["act"] or ACTS[0]), int(match["of_session"] or 0), *order


def _count(name: str, *, is_roman: bool) -> int:
    letters = name.lower()
    if letters in ROMANS and (is_roman or len(letters) > 1):
        return ROMANS[letters]
    return int(name) if name.isdecimal() else ord(letters[0]) - 96 + 26 * (len(letters) - 1)


def label_words(label: str) -> list[str]:
    """Return what the search compares: letters, numbers and words such as *bis*. `X.3 bis(a)` is `x3bisa` too."""
    return WORD_OF_LABEL.findall(label.lower())


def write_label(typed: str, prefix: str = "") -> str:
    """Write what was typed as labels are stored: `IX.12 (b)` as `IX.12(b)`, and `12 (b)` with the prefix `IX` too.

    What is no label is no label afterwards.
    """
    label = re.sub(r" ?([./()]) ?", r"\1", " ".join(typed.split()))
    label = re.sub(rf"(?<=[0-9a-z]) ?({LATER})(?![a-z])", r" \1", label)
    if not prefix or not re.match(r"[0-9(]", label):
        return label
    return f"{prefix}{label}" if label.startswith("(") else f"{prefix}.{label}"


def change_prefix(label: str, before: str, now: str) -> str:
    """Write `IX.4` as `X.4` where a meeting has another numeral. `before` is empty where it had none: then `4`."""
    if not before:
        return write_label(label, now)
    parts = parse_label(label)
    return now + label.removeprefix(before) if parts and parts.prefix == before else label


def read_item(printed: str) -> str:
    """Write the printed letter or number of an item as labels have it: `a.` as `(a)`."""
    return read_place(f"1 {printed}").removeprefix("1")


def read_place(printed: str) -> str:
    """Write a printed place as labels have it: `12. (b)` as `12(b)`, `Recommendation III bis` as `3 bis`."""
    words = re.sub(r"\A[A-Z]+\b", lambda letters: str(_count(letters[0], is_roman=True)), NAMED.sub("", printed))
    pieces = [f"{name} {later.lower()}".rstrip() for name, later in PIECE.findall(words)]
    numbers = 1 if pieces and pieces[0][0].isdecimal() else 0
    return "".join([*pieces[:numbers], *(f"({item})" for item in pieces[numbers:])])


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

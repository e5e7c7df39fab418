"""Read how the paragraphs and letters of a Word document look: what their styles say, and what they say themselves."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from lxml.etree import _Element

from recommendations.word_reader import TOO_LARGE, WORD

STYLES_LIMIT = 5_000  # Word has 400 of its own
CHAIN_LIMIT = 20  # styles that are based on each other
TWIPS = 20  # in a point
OFF = {"0", "false", "off", "none"}


def read_value(attributes) -> str:
    return attributes.get(f"{WORD}val", "")


def is_on(attributes) -> bool:
    return read_value(attributes).lower() not in OFF


def read_indent(attributes) -> float:
    left = attributes.get(f"{WORD}left") or attributes.get(f"{WORD}start") or "0"
    first = attributes.get(f"{WORD}firstLine") or "0"
    hanging = attributes.get(f"{WORD}hanging") or "0"
    try:
        return (float(left) + float(first) - float(hanging)) / TWIPS
    except ValueError:
        return 0


READERS: dict[str, tuple[str, Callable]] = {
    "name": ("name", read_value),
    "basedOn": ("based_on", read_value),
    "numId": ("number", read_value),
    "ilvl": ("level", read_value),
    "ind": ("indent", read_indent),
    "outlineLvl": ("outline", lambda attributes: int(read_value(attributes) or 9)),
    "b": ("bold", is_on),
    "i": ("italic", is_on),
    "vanish": ("hidden", is_on),
    "vertAlign": ("raised", lambda attributes: read_value(attributes) == "superscript"),
    "sz": ("size", lambda attributes: int(read_value(attributes) or 0) / 2),
}
FORMATS = ("number", "level", "outline", "bold", "italic", "raised", "hidden", "size", "indent")


@dataclass
class ParagraphFormat:
    """Hold what a style or a paragraph says; None and empty where it says nothing."""

    name: str = ""
    based_on: str = ""
    number: str | None = None
    level: str | None = None
    outline: int | None = None
    bold: bool | None = None
    italic: bool | None = None
    raised: bool | None = None
    hidden: bool | None = None
    size: float | None = None
    indent: float | None = None

    def read(self, name: str, attributes) -> None:
        if name in READERS:
            field, read = READERS[name]
            setattr(self, field, read(attributes))

    def fill(self, other: "ParagraphFormat") -> None:
        """Take from another what this one does not say."""
        for name in FORMATS:
            if getattr(self, name) is None:
                setattr(self, name, getattr(other, name))


class WordStyles(dict[str, ParagraphFormat]):
    default = ""

    def find(self, style: str) -> ParagraphFormat:
        """Return what a style says, with what it is based on."""
        found = ParagraphFormat(name=self.get(style, ParagraphFormat()).name)
        for each in self.chain(style or self.default):
            found.fill(each)
        return found

    def chain(self, style: str) -> Iterator[ParagraphFormat]:
        for _times in range(CHAIN_LIMIT):
            if style not in self:
                return
            yield self[style]
            style = self[style].based_on


def read_styles(part: _Element) -> WordStyles:
    styles = WordStyles()
    for element in part.iter(f"{WORD}style"):
        key = element.get(f"{WORD}styleId", "")
        style = styles[key] = ParagraphFormat()
        if element.get(f"{WORD}type") == "paragraph" and element.get(f"{WORD}default") in ("1", "true"):
            styles.default = key
        for each in element.iter():
            style.read(each.tag.removeprefix(WORD), each.attrib)
        if len(styles) > STYLES_LIMIT:
            raise ValidationError(TOO_LARGE)
    return styles

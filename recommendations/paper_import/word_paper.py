"""The lines of a paper that is a Word document."""

import zipfile
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.core.files import File
from django.utils.translation import gettext_lazy as _

from recommendations.archives import check_archive
from recommendations.models import roman
from recommendations.paper_import.notation import footnote_mark
from recommendations.word_reader import (
    DOCUMENT_LIMIT,
    ELEMENTS_LIMIT,
    HIDDEN,
    IN_A_RUN,
    PARAGRAPH,
    RUN,
    TEXT,
    TOO_LARGE,
    WORD,
    WordTarget,
    opened,
    parse,
    references,
    refuse_references,
)

LETTERS_LIMIT = 2_000_000
PARAGRAPHS_LIMIT = 20_000
NESTED_LIMIT = 10  # paragraphs in paragraphs, as those of a text box are
DOCUMENT_TYPE = b"wordprocessingml.document.main+xml"
NOT_WORD = _("The name ends in .docx, but what is in the file is something else. Choose the right file.")


# A document for Word


def read_word_paper(file: File) -> str:
    file.seek(0)
    if file.read(4) != b"PK\x03\x04":
        raise ValidationError(NOT_WORD)
    check_archive(file)
    with opened(file) as archive:
        if DOCUMENT_TYPE not in archive.read("[Content_Types].xml"):
            raise ValidationError(NOT_WORD)
        refuse_references(archive)
        return _read_lines(archive)


def _read_lines(archive: zipfile.ZipFile) -> str:
    main = references(archive, "_rels/.rels").get("officeDocument", "").removeprefix("/")
    folder, _slash, name = main.rpartition("/")
    beside = f"{folder}/_rels/{name}.rels".removeprefix("/")
    parts = references(archive, beside) if beside in archive.namelist() else {}

    def part(kind: str, target: WordTarget):
        where = parts.get(kind, "")
        path = where.removeprefix("/") if where.startswith("/") else f"{folder}/{where}".removeprefix("/")
        return parse(archive, path, target, DOCUMENT_LIMIT) if where and path in archive.namelist() else target.close()

    numbering, styles, notes = (
        part("numbering", ListTarget()),
        part("styles", StyleTarget()),
        part("footnotes", FootnoteTarget()),
    )
    body = BodyTarget(ListNumbers(numbering), styles)
    lines = parse(archive, main, body, DOCUMENT_LIMIT)
    lines += [f"{footnote_mark(number)} {notes.get(key, '')}" for number, key in enumerate(body.notes, start=1)]
    return "\n\n".join(lines)


def _value(attributes) -> str:
    return attributes.get(f"{WORD}val", "")


@dataclass
class ListLevel:
    start: int = 1
    kind: str = "decimal"
    words: str = ""


@dataclass
class NumberedLists:
    """How the lists of a document are numbered: levels by abstract list, and the abstract list of each list."""

    levels: dict[str, dict[str, ListLevel]] = field(default_factory=dict)
    abstract: dict[str, str] = field(default_factory=dict)


class ListTarget(WordTarget):
    def __init__(self):
        self.lists = NumberedLists()
        self.current = self.number = ""
        self.level = ListLevel()

    def start(self, tag, attributes):
        match tag.removeprefix(WORD):
            case "abstractNum":
                self.current = attributes.get(f"{WORD}abstractNumId", "")
            case "lvl":
                self.level = ListLevel()
                self.lists.levels.setdefault(self.current, {})[attributes.get(f"{WORD}ilvl", "0")] = self.level
            case "start":
                self.level.start = int(_value(attributes))
            case "numFmt":
                self.level.kind = _value(attributes)
            case "lvlText":
                self.level.words = _value(attributes)
            case "num":
                self.number = attributes.get(f"{WORD}numId", "")
                self.level = ListLevel()  # what an override says is not read
            case "abstractNumId":
                self.lists.abstract[self.number] = _value(attributes)

    def close(self):
        return self.lists


class StyleTarget(WordTarget):
    """The list and level of each style of paragraphs that is numbered."""

    def __init__(self):
        self.numbered: dict[str, tuple[str, str]] = {}
        self.style, self.level = "", "0"

    def start(self, tag, attributes):
        match tag.removeprefix(WORD):
            case "style":
                self.style, self.level = attributes.get(f"{WORD}styleId", ""), "0"
            case "ilvl":
                self.level = _value(attributes)
            case "numId":
                self.numbered[self.style] = _value(attributes), self.level

    def close(self):
        return self.numbered


class ListNumbers:
    """The numbers that Word sets, as it counts them: an item begins those beneath it anew."""

    def __init__(self, lists: NumberedLists):
        self.lists = lists
        self.counts: dict[str, dict[str, int]] = {}

    def next(self, number: str, level: str) -> str:
        """`46.`, `(b)`; nothing where the paragraph has no number."""
        abstract = self.lists.abstract.get(number, "")
        levels = self.lists.levels.get(abstract, {})
        if level not in levels:
            return ""
        counts = self.counts.setdefault(abstract, {})
        counts[level] = counts.get(level, levels[level].start - 1) + 1
        for deeper in [other for other in counts if other > level]:
            del counts[deeper]
        if levels[level].kind == "bullet":
            return "•"
        words = levels[level].words
        for place in sorted(levels):
            count = counts.get(place, levels[place].start)
            words = words.replace(f"%{int(place) + 1}", _list_number(count, levels[place].kind))
        return words


def _list_number(number: int, kind: str) -> str:
    """`4` as a list of this kind writes it."""
    letter = chr(ord("a") + (number - 1) % 26) if number > 0 else ""
    numeral = roman(min(number, 999))
    said = {"lowerLetter": letter, "upperLetter": letter.upper(), "lowerRoman": numeral.lower(), "upperRoman": numeral}
    return said.get(kind, str(number))


@dataclass
class PaperParagraph:
    style: str = ""
    number: str | None = None
    level: str | None = None
    pieces: list[str] = field(default_factory=list)


class PaperTarget(WordTarget):
    """The words of a part, paragraph by paragraph; those of a text box come before the paragraph in which it stands."""

    def __init__(self):
        self.paragraphs: list[PaperParagraph] = []
        self.elements = self.letters = self.hidden = 0
        self.is_in_run = self.is_text = self.is_raised = False

    def start(self, tag, attributes):
        self.elements += 1
        if self.elements > ELEMENTS_LIMIT or len(self.paragraphs) > NESTED_LIMIT:
            raise ValidationError(TOO_LARGE)
        if tag in HIDDEN:
            self.hidden += 1
        elif tag == PARAGRAPH:
            self.paragraphs.append(PaperParagraph())
        elif tag == RUN:
            self.is_in_run, self.is_raised = True, False
        elif tag == TEXT:
            self.is_text = True
        elif tag in IN_A_RUN and self.is_in_run:
            self.add(IN_A_RUN[tag])
        elif self.paragraphs:
            self.describe(tag.removeprefix(WORD), attributes)

    def describe(self, name: str, attributes) -> None:
        paragraph = self.paragraphs[-1]
        match name:
            case "pStyle":
                paragraph.style = _value(attributes)
            case "numId":
                paragraph.number = _value(attributes)
            case "ilvl":
                paragraph.level = _value(attributes)
            case "vertAlign":
                self.is_raised = self.is_in_run and _value(attributes) == "superscript"

    def data(self, text):
        if self.is_text:
            is_mark = self.is_raised and text.isascii() and text.isdigit()
            self.add("".join(footnote_mark(int(digit)) for digit in text) if is_mark else text)

    def end(self, tag):
        if tag in HIDDEN:
            self.hidden -= 1
        elif tag == TEXT:
            self.is_text = False
        elif tag == RUN:
            self.is_in_run = False
        elif tag == PARAGRAPH:
            self.leave(self.paragraphs.pop())

    def add(self, text: str) -> None:
        if self.hidden or not self.paragraphs:
            return
        self.letters += len(text)
        if self.letters > LETTERS_LIMIT:
            raise ValidationError(TOO_LARGE)
        self.paragraphs[-1].pieces.append(text)

    def leave(self, paragraph: PaperParagraph) -> None:
        raise NotImplementedError


class FootnoteTarget(PaperTarget):
    """The words of each footnote, by its key."""

    def __init__(self):
        super().__init__()
        self.said: dict[str, str] = {}
        self.key = ""

    def start(self, tag, attributes):
        if tag == f"{WORD}footnote":
            self.key = attributes.get(f"{WORD}id", "")
        super().start(tag, attributes)

    def leave(self, paragraph):
        self.said[self.key] = " ".join([self.said.get(self.key, ""), *"".join(paragraph.pieces).split()]).strip()

    def close(self):
        return self.said


class BodyTarget(PaperTarget):
    """Its lines; `notes` are the keys of its footnotes in the order of their marks."""

    def __init__(self, counters: ListNumbers, styles: dict[str, tuple[str, str]]):
        super().__init__()
        self.counters, self.styles = counters, styles
        self.lines: list[str] = []
        self.notes: list[str] = []

    def describe(self, name, attributes):
        if name == "footnoteReference" and not self.hidden:
            self.notes.append(attributes.get(f"{WORD}id", ""))
            self.add(footnote_mark(len(self.notes)))
        super().describe(name, attributes)

    def leave(self, paragraph):
        words = "".join(paragraph.pieces).strip()
        if not words:
            return
        of_style = self.styles.get(paragraph.style, ("", "0"))
        number = of_style[0] if paragraph.number is None else paragraph.number
        level = of_style[1] if paragraph.level is None else paragraph.level
        self.lines.append(f"{self.counters.next(number, level)} {words}".strip())
        if len(self.lines) > PARAGRAPHS_LIMIT:
            raise ValidationError(TOO_LARGE)

    def close(self):
        return self.lines

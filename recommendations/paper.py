"""A paper as a curator has it, text or a document for Word -> its lines, in the notation that `document` reads.

Of a document for Word it is the words that a reader sees: numbers that Word sets by itself, footnotes by their number,
insertions and no deletions. Headers and footers are no part of it, nor are pictures.
"""

import codecs
import re
import zipfile
from dataclasses import dataclass, field
from pathlib import PurePath

from django.core.exceptions import ValidationError
from django.core.files import File
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from recommendations.archives import HAS_MACROS, check_archive
from recommendations.document import raised
from recommendations.models import roman
from recommendations.word import (
    DOCUMENT_LIMIT,
    ELEMENTS_LIMIT,
    HIDDEN,
    IN_A_RUN,
    PARAGRAPH,
    RUN,
    TEXT,
    TOO_LARGE,
    WORD,
    Target,
    opened,
    parse,
    references,
    refuse_references,
)

FILE_LIMIT = 5 * 1024 * 1024  # bytes; the paper of eight meetings has 80,000
LETTERS_LIMIT = 2_000_000
PARAGRAPHS_LIMIT = 20_000
NESTED_LIMIT = 10  # paragraphs in paragraphs, as those of a text box are
DOCUMENT_TYPE = b"wordprocessingml.document.main+xml"
SOMETHING_ELSE = (b"%PDF", b"{\\rtf", b"PK\x03\x04", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\xd0\xcf\x11\xe0", b"<")
MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
NOT_TEXT = re.compile(r"[\x00-\x08\x0e-\x1b\x7f]")

CHOOSE = _("Choose the paper as text (.txt) or as a document for Word (.docx).")
NOT_A_TEXT = _("The name ends in .txt, but what is in the file is something else. Choose the right file.")
NOT_UTF8 = _("This text is not in UTF-8. Save it in UTF-8, or paste it.")
NOT_WORD = _("The name ends in .docx, but what is in the file is something else. Choose the right file.")
IS_OLD = _("This is a file of an older Word format. Save it as .docx.")
EMPTY = _("There are no words in it.")


def text_of(file: File) -> str:
    """The lines of a paper. Raises ValidationError, with advice, where the file cannot be read as one."""
    suffix = PurePath(file.name or "").suffix.lower()
    if suffix in (".docm", ".dotm"):
        raise ValidationError(HAS_MACROS)
    if suffix in (".doc", ".dot"):
        raise ValidationError(IS_OLD)
    if suffix not in (".txt", ".docx"):
        raise ValidationError(CHOOSE)
    if not file.size:
        raise ValidationError(_("This file is empty."))
    if file.size > FILE_LIMIT:
        params = {"size": filesizeformat(file.size), "limit": filesizeformat(FILE_LIMIT)}
        raise ValidationError(_("This file has %(size)s; at most %(limit)s can be read."), params=params)
    text = _plain_text(file) if suffix == ".txt" else _words(file)
    return checked(text)


def checked(text: str) -> str:
    """The text of a paper, if it is one that can be read. Raises ValidationError."""
    if NOT_TEXT.search(text):
        raise ValidationError(NOT_A_TEXT)
    if not text.strip():
        raise ValidationError(EMPTY)
    if len(text) > LETTERS_LIMIT or text.count("\n") > 2 * PARAGRAPHS_LIMIT:
        raise ValidationError(TOO_LARGE)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _plain_text(file: File) -> str:
    file.seek(0)
    content = file.read()
    if content.startswith(SOMETHING_ELSE):
        raise ValidationError(NOT_A_TEXT)
    encoding = next((encoding for mark, encoding in MARKS.items() if content.startswith(mark)), "utf-8")
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        raise ValidationError(NOT_A_TEXT if b"\0" in content else NOT_UTF8) from None


# A document for Word


def _words(file: File) -> str:
    file.seek(0)
    if file.read(4) != b"PK\x03\x04":
        raise ValidationError(NOT_WORD)
    check_archive(file)
    with opened(file) as archive:
        if DOCUMENT_TYPE not in archive.read("[Content_Types].xml"):
            raise ValidationError(NOT_WORD)
        refuse_references(archive)
        return _lines(archive)


def _lines(archive: zipfile.ZipFile) -> str:
    main = references(archive, "_rels/.rels").get("officeDocument", "").removeprefix("/")
    folder, _slash, name = main.rpartition("/")
    beside = f"{folder}/_rels/{name}.rels".removeprefix("/")
    parts = references(archive, beside) if beside in archive.namelist() else {}

    def part(kind: str, target: Target):
        where = parts.get(kind, "")
        path = where.removeprefix("/") if where.startswith("/") else f"{folder}/{where}".removeprefix("/")
        return parse(archive, path, target, DOCUMENT_LIMIT) if where and path in archive.namelist() else target.close()

    numbering, styles, notes = part("numbering", _Numbering()), part("styles", _Styles()), part("footnotes", _Notes())
    body = _Body(_Counters(numbering), styles)
    lines = parse(archive, main, body, DOCUMENT_LIMIT)
    lines += [f"{raised(number)} {notes.get(key, '')}" for number, key in enumerate(body.notes, start=1)]
    return "\n\n".join(lines)


def _value(attributes) -> str:
    return attributes.get(f"{WORD}val", "")


@dataclass
class _Level:
    start: int = 1
    kind: str = "decimal"
    words: str = ""


@dataclass
class _Lists:
    """How the lists of a document are numbered: levels by abstract list, and the abstract list of each list."""

    levels: dict[str, dict[str, _Level]] = field(default_factory=dict)
    abstract: dict[str, str] = field(default_factory=dict)


class _Numbering(Target):
    def __init__(self):
        self.lists = _Lists()
        self.current = self.number = ""
        self.level = _Level()

    def start(self, tag, attributes):
        match tag.removeprefix(WORD):
            case "abstractNum":
                self.current = attributes.get(f"{WORD}abstractNumId", "")
            case "lvl":
                self.level = _Level()
                self.lists.levels.setdefault(self.current, {})[attributes.get(f"{WORD}ilvl", "0")] = self.level
            case "start":
                self.level.start = int(_value(attributes))
            case "numFmt":
                self.level.kind = _value(attributes)
            case "lvlText":
                self.level.words = _value(attributes)
            case "num":
                self.number = attributes.get(f"{WORD}numId", "")
                self.level = _Level()  # what an override says is not read
            case "abstractNumId":
                self.lists.abstract[self.number] = _value(attributes)

    def close(self):
        return self.lists


class _Styles(Target):
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


class _Counters:
    """The numbers that Word sets, as it counts them: an item begins those beneath it anew."""

    def __init__(self, lists: _Lists):
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
            words = words.replace(f"%{int(place) + 1}", _counted(count, levels[place].kind))
        return words


def _counted(number: int, kind: str) -> str:
    """`4` as a list of this kind writes it."""
    letter = chr(ord("a") + (number - 1) % 26) if number > 0 else ""
    numeral = roman(min(number, 999))
    said = {"lowerLetter": letter, "upperLetter": letter.upper(), "lowerRoman": numeral.lower(), "upperRoman": numeral}
    return said.get(kind, str(number))


@dataclass
class _Paragraph:
    style: str = ""
    number: str | None = None
    level: str | None = None
    pieces: list[str] = field(default_factory=list)


class _Texts(Target):
    """The words of a part, paragraph by paragraph; those of a text box come before the paragraph in which it stands."""

    def __init__(self):
        self.paragraphs: list[_Paragraph] = []
        self.elements = self.letters = self.hidden = 0
        self.is_in_run = self.is_text = self.is_raised = False

    def start(self, tag, attributes):
        self.elements += 1
        if self.elements > ELEMENTS_LIMIT or len(self.paragraphs) > NESTED_LIMIT:
            raise ValidationError(TOO_LARGE)
        if tag in HIDDEN:
            self.hidden += 1
        elif tag == PARAGRAPH:
            self.paragraphs.append(_Paragraph())
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
            self.add("".join(raised(int(digit)) for digit in text) if is_mark else text)

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

    def leave(self, paragraph: _Paragraph) -> None:
        raise NotImplementedError


class _Notes(_Texts):
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


class _Body(_Texts):
    """Its lines; `notes` are the keys of its footnotes in the order of their marks."""

    def __init__(self, counters: _Counters, styles: dict[str, tuple[str, str]]):
        super().__init__()
        self.counters, self.styles = counters, styles
        self.lines: list[str] = []
        self.notes: list[str] = []

    def describe(self, name, attributes):
        if name == "footnoteReference" and not self.hidden:
            self.notes.append(attributes.get(f"{WORD}id", ""))
            self.add(raised(len(self.notes)))
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

"""Read the lines of a paper that is a Word document: the words that a reader sees.

Numbers that Word sets by itself and footnotes by their number are read, insertions are, deletions are not. Headers,
footers and pictures are no part of a paper.
"""

import zipfile
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.core.files import File

from recommendations.archives import check_file_parts
from recommendations.error_messages import OTHER_CONTENT
from recommendations.models import roman
from recommendations.paper_import.notation import footnote_mark
from recommendations.word_reader import (
    DOCUMENT_LIMIT,
    PARAGRAPH,
    RUN,
    TOO_LARGE,
    WORD,
    PartReader,
    TextReader,
    open_document,
    read_part,
    read_references,
    refuse_references,
)

LETTERS_LIMIT = 2_000_000
PARAGRAPHS_LIMIT = 20_000
DOCUMENT_TYPE = b"wordprocessingml.document.main+xml"
SUFFIX = {"suffix": ".docx"}


def read_word_paper(file: File) -> str:
    file.seek(0)
    if file.read(4) != b"PK\x03\x04":
        raise ValidationError(OTHER_CONTENT, params=SUFFIX)
    check_file_parts(file)
    with open_document(file) as archive:
        if DOCUMENT_TYPE not in archive.read("[Content_Types].xml"):
            raise ValidationError(OTHER_CONTENT, params=SUFFIX)
        refuse_references(archive)
        return _read_lines(archive)


def _read_lines(archive: zipfile.ZipFile) -> str:
    main = read_references(archive, "_rels/.rels").get("officeDocument", "").removeprefix("/")
    folder, _slash, name = main.rpartition("/")
    references = f"{folder}/_rels/{name}.rels".removeprefix("/")
    targets = read_references(archive, references) if references in archive.namelist() else {}

    def read(kind: str, reader: PartReader):
        target = targets.get(kind, "")
        path = (target if target.startswith("/") else f"{folder}/{target}").removeprefix("/")
        if target and path in archive.namelist():
            return read_part(archive, path, reader, DOCUMENT_LIMIT)
        return reader.close()

    numbering, styles = read("numbering", ListReader()), read("styles", StylesReader())
    footnotes = read("footnotes", FootnoteReader())
    body = BodyReader(ListNumberCount(numbering), styles)
    lines = read_part(archive, main, body, DOCUMENT_LIMIT)
    lines += [f"{footnote_mark(number)} {footnotes.get(key, '')}" for number, key in enumerate(body.notes, start=1)]
    return "\n\n".join(lines)


def _read_value(attributes) -> str:
    return attributes.get(f"{WORD}val", "")


@dataclass
class ListLevel:
    start: int = 1
    kind: str = "decimal"
    text: str = ""


@dataclass
class ListFormat:
    """Hold how lists are numbered: levels by abstract list, and the abstract list of each list."""

    levels: dict[str, dict[str, ListLevel]] = field(default_factory=dict)
    abstract: dict[str, str] = field(default_factory=dict)


class ListReader(PartReader):
    def __init__(self):
        self.numbering = ListFormat()
        self.current = self.number = ""
        self.level = ListLevel()

    def start(self, tag, attributes):
        match tag.removeprefix(WORD):
            case "abstractNum":
                self.current = attributes.get(f"{WORD}abstractNumId", "")
            case "lvl":
                self.level = ListLevel()
                self.numbering.levels.setdefault(self.current, {})[attributes.get(f"{WORD}ilvl", "0")] = self.level
            case "start":
                self.level.start = int(_read_value(attributes))
            case "numFmt":
                self.level.kind = _read_value(attributes)
            case "lvlText":
                self.level.text = _read_value(attributes)
            case "num":
                self.number = attributes.get(f"{WORD}numId", "")
                self.level = ListLevel()  # overrides are not read
            case "abstractNumId":
                self.numbering.abstract[self.number] = _read_value(attributes)

    def close(self):
        return self.numbering


class StylesReader(PartReader):
    def __init__(self):
        self.numbered: dict[str, tuple[str, str]] = {}
        self.style, self.level = "", "0"

    def start(self, tag, attributes):
        match tag.removeprefix(WORD):
            case "style":
                self.style, self.level = attributes.get(f"{WORD}styleId", ""), "0"
            case "ilvl":
                self.level = _read_value(attributes)
            case "numId":
                self.numbered[self.style] = _read_value(attributes), self.level

    def close(self):
        return self.numbered


class ListNumberCount:
    """Count the numbers that Word sets as Word does: an item starts the levels below it again."""

    def __init__(self, numbering: ListFormat):
        self.numbering = numbering
        self.counts: dict[str, dict[str, int]] = {}

    def next(self, number: str, level: str) -> str:
        """Return `46.` or `(b)`, or nothing where the paragraph has no number."""
        abstract = self.numbering.abstract.get(number, "")
        levels = self.numbering.levels.get(abstract, {})
        if level not in levels:
            return ""
        counts = self.counts.setdefault(abstract, {})
        counts[level] = counts.get(level, levels[level].start - 1) + 1
        for deeper in [other for other in counts if other > level]:
            del counts[deeper]
        if levels[level].kind == "bullet":
            return "•"
        text = levels[level].text
        for place in sorted(levels):
            count = counts.get(place, levels[place].start)
            text = text.replace(f"%{int(place) + 1}", _write_number(count, levels[place].kind))
        return text


def _write_number(number: int, kind: str) -> str:
    letter = chr(ord("a") + (number - 1) % 26) if number > 0 else ""
    numeral = roman(min(number, 999))
    forms = {"lowerLetter": letter, "upperLetter": letter.upper(), "lowerRoman": numeral.lower(), "upperRoman": numeral}
    return forms.get(kind, str(number))


@dataclass
class WordParagraph:
    style: str = ""
    number: str | None = None
    level: str | None = None
    pieces: list[str] = field(default_factory=list)


class ParagraphReader(TextReader):
    """Read a part by paragraph; a text box comes before the paragraph that it is in."""

    letters_limit = LETTERS_LIMIT

    def __init__(self):
        super().__init__()
        self.paragraphs: list[WordParagraph] = []
        self.is_raised = False

    def open_texts(self) -> list[list[str]]:
        return [self.paragraphs[-1].pieces] if self.paragraphs else []

    def start_element(self, tag, attributes):
        if tag == PARAGRAPH:
            self.open(self.paragraphs, WordParagraph())
        elif tag == RUN:
            self.is_raised = False
        elif self.paragraphs:
            self.read_element(tag.removeprefix(WORD), attributes)

    def read_element(self, name: str, attributes) -> None:
        paragraph = self.paragraphs[-1]
        match name:
            case "pStyle":
                paragraph.style = _read_value(attributes)
            case "numId":
                paragraph.number = _read_value(attributes)
            case "ilvl":
                paragraph.level = _read_value(attributes)
            case "vertAlign":
                self.is_raised = self.is_in_run and _read_value(attributes) == "superscript"

    def data(self, text):
        is_mark = self.is_raised and text.isascii() and text.isdigit()
        super().data("".join(footnote_mark(int(digit)) for digit in text) if is_mark else text)

    def end_element(self, tag):
        if tag == PARAGRAPH:
            self.end_paragraph(self.paragraphs.pop())

    def end_paragraph(self, paragraph: WordParagraph) -> None:
        raise NotImplementedError


class FootnoteReader(ParagraphReader):
    def __init__(self):
        super().__init__()
        self.texts: dict[str, str] = {}
        self.key = ""

    def start_element(self, tag, attributes):
        if tag == f"{WORD}footnote":
            self.key = attributes.get(f"{WORD}id", "")
        super().start_element(tag, attributes)

    def end_paragraph(self, paragraph):
        self.texts[self.key] = " ".join([self.texts.get(self.key, ""), *"".join(paragraph.pieces).split()]).strip()

    def close(self):
        return self.texts


class BodyReader(ParagraphReader):
    """Read the lines of a paper; `notes` are the keys of its footnotes in the order of their marks."""

    def __init__(self, numbers: ListNumberCount, styles: dict[str, tuple[str, str]]):
        super().__init__()
        self.numbers, self.styles = numbers, styles
        self.lines: list[str] = []
        self.notes: list[str] = []

    def read_element(self, name, attributes):
        if name == "footnoteReference" and not self.hidden:
            self.notes.append(attributes.get(f"{WORD}id", ""))
            self.add_text(footnote_mark(len(self.notes)))
        super().read_element(name, attributes)

    def end_paragraph(self, paragraph):
        text = "".join(paragraph.pieces).strip()
        if not text:
            return
        of_style = self.styles.get(paragraph.style, ("", "0"))
        number = of_style[0] if paragraph.number is None else paragraph.number
        level = of_style[1] if paragraph.level is None else paragraph.level
        self.lines.append(f"{self.numbers.next(number, level)} {text}".strip())
        if len(self.lines) > PARAGRAPHS_LIMIT:
            raise ValidationError(TOO_LARGE)

    def close(self):
        return self.lines

"""Read the paragraphs of a Word document as a reader sees them.

Numbers that Word sets by itself are counted as Word counts them: by list, level and style, with what a list overrides.
Insertions are read and deletions are not. Running heads and text boxes are print marks.
"""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.core.files import File

from recommendations.archives import check_file_parts
from recommendations.error_messages import OTHER_CONTENT
from recommendations.models import roman
from recommendations.outline.labels import DASHES
from recommendations.outline.source import Note, Part, Run, SourceParagraph, TextBuilder
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

HEADS_LIMIT = 4 * 1024 * 1024  # bytes of all running heads and feet together
LABEL_LIMIT = 100  # letters of what is printed around a number
LEVELS = frozenset("012345678")  # of a list
LETTERS_LIMIT = 2_000_000
PARAGRAPHS_LIMIT = 20_000
STYLES_LIMIT = 20  # styles that are based on each other
DOCUMENT_TYPE = b"wordprocessingml.document.main+xml"
SUFFIX = {"suffix": ".docx"}
HEADING_STYLE = re.compile(r"(?:heading|title|h)[\s_]*([0-9]{1,2}|ch|m|rec|title)?", re.IGNORECASE)
CONTENTS_STYLE = re.compile(r"toc.*", re.IGNORECASE)
TWIPS = 20  # in a point
OLD_PROPERTIES = {f"{WORD}{name}Change" for name in ("pPr", "rPr", "tblPr", "trPr", "tcPr", "sectPr", "numbering")}
OFF = {"0", "false", "off", "none"}


def read_word(file: File) -> list[SourceParagraph]:
    """Raise ValidationError for a file that is no Word document, or a hostile one."""
    file.seek(0)
    if file.read(4) != b"PK\x03\x04":
        raise ValidationError(OTHER_CONTENT, params=SUFFIX)
    check_file_parts(file)
    with open_document(file) as archive:
        if DOCUMENT_TYPE not in archive.read("[Content_Types].xml"):
            raise ValidationError(OTHER_CONTENT, params=SUFFIX)
        refuse_references(archive)
        return WordDocument(archive).read()


class WordDocument:
    """Read the parts of an archive to which its main part refers."""

    def __init__(self, archive: zipfile.ZipFile):
        self.archive = archive
        self.main = read_references(archive, "_rels/.rels").get("officeDocument", "").removeprefix("/")
        self.folder, _slash, name = self.main.rpartition("/")
        references = f"{self.folder}/_rels/{name}.rels".removeprefix("/")
        self.targets = read_references(archive, references) if references in archive.namelist() else {}

    def read(self) -> list[SourceParagraph]:
        numbering, styles = self.read_part("numbering", ListReader()), self.read_part("styles", StylesReader())
        settings = self.read_part("settings", SettingsReader())
        notes = {kind: self.read_part(f"{kind}s", NoteReader(styles)) for kind in ("footnote", "endnote")}
        numbers = ListNumberCount(numbering)
        body = BodyReader(numbers, styles, notes, settings)
        paragraphs = read_part(self.archive, self.main, body, DOCUMENT_LIMIT)
        return [*self.read_print_marks(styles), *paragraphs]

    def read_part(self, kind: str, reader: PartReader):
        return self.read_path(self.targets.get(kind, ""), reader)

    def read_path(self, target: str, reader: PartReader):
        path = (target if target.startswith("/") else f"{self.folder}/{target}").removeprefix("/")
        if target and path in self.archive.namelist():
            return read_part(self.archive, path, reader, DOCUMENT_LIMIT)
        return reader.close()

    def read_print_marks(self, styles: "WordStyles") -> Iterator[SourceParagraph]:
        """Yield each running head and foot once; numbers of pages differ from page to page and do not count."""
        known: set[str] = set()
        left = HEADS_LIMIT
        for name in sorted(self.archive.namelist()):
            if re.fullmatch(rf"{re.escape(self.folder)}/(?:header|footer)[^/]*\.xml", name):
                found = read_part(self.archive, name, NoteReader(styles), left)
                left -= self.archive.getinfo(name).file_size
                for words in found.values():
                    if words and words not in known:
                        known.add(words)
                        yield SourceParagraph([Run(words)], part=Part.PRINT_MARK)


def _read_value(attributes) -> str:
    return attributes.get(f"{WORD}val", "")


def _is_on(attributes) -> bool:
    return _read_value(attributes).lower() not in OFF


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
        self.level = ListLevel()

    def start(self, tag, attributes):
        match tag.removeprefix(WORD):
            case "abstractNum":
                self.current, self.number = attributes.get(f"{WORD}abstractNumId", ""), ""
            case "num":
                self.number = attributes.get(f"{WORD}numId", "")
            case "abstractNumId":
                self.numbering.abstract[self.number] = _read_value(attributes)
            case "lvlOverride":
                self.place = attributes.get(f"{WORD}ilvl", "0")
            case "startOverride":
                self.numbering.override_starts.setdefault(self.number, {})[self.place] = int(_read_value(attributes))
            case "lvl":
                self.level = ListLevel()
                levels = self.numbering.override_levels if self.number else self.numbering.levels
                if (place := attributes.get(f"{WORD}ilvl", "0")) in LEVELS:
                    levels.setdefault(self.number or self.current, {})[place] = self.level
            case "numStyleLink":
                self.numbering.style_of[self.current] = _read_value(attributes)
            case "styleLink":
                self.numbering.by_style[_read_value(attributes)] = self.current
            case name:
                self.read_level(name, attributes)

    def read_level(self, name: str, attributes) -> None:
        match name:
            case "start":
                self.level.start = int(_read_value(attributes))
            case "numFmt":
                self.level.kind = _read_value(attributes)
            case "lvlText":
                self.level.text = _read_value(attributes)[:LABEL_LIMIT]
            case "pStyle":
                self.level.style = _read_value(attributes)
            case "ind":
                self.level.indent = _read_indent(attributes)

    def close(self):
        return self.numbering


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
        match name:
            case "numId":
                self.number = _read_value(attributes)
            case "ilvl":
                self.level = _read_value(attributes)
            case "ind":
                self.indent = _read_indent(attributes)
            case "outlineLvl":
                self.outline = int(_read_value(attributes) or 9)
            case _:
                self.read_letters(name, attributes)

    def read_letters(self, name: str, attributes) -> None:
        match name:
            case "b":
                self.bold = _is_on(attributes)
            case "i":
                self.italic = _is_on(attributes)
            case "vanish":
                self.hidden = _is_on(attributes)
            case "vertAlign":
                self.raised = _read_value(attributes) == "superscript"
            case "sz":
                self.size = int(_read_value(attributes) or 0) / 2


FORMATS = ("number", "level", "outline", "bold", "italic", "raised", "hidden", "size", "indent")


class WordStyles(dict[str, ParagraphFormat]):
    default = ""

    def find(self, style: str) -> ParagraphFormat:
        """Return what a style says, with what it is based on."""
        found = ParagraphFormat(name=self.get(style, ParagraphFormat()).name)
        for each in self.chain(style or self.default):
            for name in FORMATS:
                if getattr(found, name) is None:
                    setattr(found, name, getattr(each, name))
        return found

    def chain(self, style: str) -> Iterator[ParagraphFormat]:
        for _times in range(STYLES_LIMIT):
            if style not in self:
                return
            yield self[style]
            style = self[style].based_on


class StylesReader(PartReader):
    def __init__(self):
        self.styles = WordStyles()
        self.current = ParagraphFormat()

    def start(self, tag, attributes):
        name = tag.removeprefix(WORD)
        if name == "style":
            self.current = self.styles[attributes.get(f"{WORD}styleId", "")] = ParagraphFormat()
            if attributes.get(f"{WORD}type") == "paragraph" and attributes.get(f"{WORD}default") in ("1", "true"):
                self.styles.default = attributes.get(f"{WORD}styleId", "")
        elif name == "name":
            self.current.name = _read_value(attributes)
        elif name == "basedOn":
            self.current.based_on = _read_value(attributes)
        elif name == "docDefaults":
            self.current = ParagraphFormat()
        else:
            self.current.read(name, attributes)

    def close(self):
        return self.styles


class SettingsReader(PartReader):
    """Read how notes are numbered: the kind of number by `footnote` and `endnote`."""

    def __init__(self):
        self.kinds = {"footnote": "decimal", "endnote": "lowerRoman"}
        self.current = ""

    def start(self, tag, attributes):
        name = tag.removeprefix(WORD)
        if name in ("footnotePr", "endnotePr"):
            self.current = name.removesuffix("Pr")
        elif name == "numFmt" and self.current:
            self.kinds[self.current] = _read_value(attributes)

    def end(self, tag):
        if tag.endswith(("footnotePr", "endnotePr")):
            self.current = ""

    def close(self):
        return self.kinds


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
    }
    return forms.get(kind, str(number))


@dataclass
class WordParagraph:
    style: str = ""
    says: ParagraphFormat = field(default_factory=ParagraphFormat)
    pieces: list[str] = field(default_factory=list)
    text: TextBuilder = field(default_factory=TextBuilder)
    marks: list[tuple[str, str]] = field(default_factory=list)  # kind of note, and its own mark or nothing
    is_mark_deleted: bool = False
    is_box: bool = False
    sizes: dict[float, int] = field(default_factory=dict)


class ParagraphReader(TextReader):
    """Read a part by paragraph; a text box comes before the paragraph that it is in."""

    letters_limit = LETTERS_LIMIT

    def __init__(self, styles: WordStyles):
        super().__init__()
        self.styles = styles
        self.paragraphs: list[WordParagraph] = []
        self.run = ParagraphFormat()
        self.old = self.boxes = self.properties = 0
        self.is_custom = False

    def open_texts(self) -> list[list[str]]:
        return [self.paragraphs[-1].pieces] if self.paragraphs else []

    def start(self, tag, attributes):
        if tag in OLD_PROPERTIES:
            self.old += 1
        elif self.old:
            return
        elif self.properties and tag in (f"{WORD}del", f"{WORD}moveFrom"):
            self.paragraphs[-1].is_mark_deleted = True
        elif self.properties and tag in (f"{WORD}ins", f"{WORD}moveTo"):
            return
        else:
            super().start(tag, attributes)

    def end(self, tag):
        if tag in OLD_PROPERTIES:
            self.old -= 1
        elif self.old or (self.properties and tag in (f"{WORD}del", f"{WORD}moveFrom")):
            return
        else:
            if tag == RUN:
                self.take_pieces()
            super().end(tag)

    def start_element(self, tag, attributes):
        if tag == PARAGRAPH:
            self.take_pieces()
            self.open(self.paragraphs, WordParagraph(is_box=self.boxes > 0))
        elif tag == RUN:
            self.take_pieces()
            self.run = ParagraphFormat()
        elif tag == f"{WORD}txbxContent":
            self.boxes += 1
        elif tag == f"{WORD}pPr":
            self.properties += bool(self.paragraphs)
        elif self.paragraphs:
            self.read_element(tag.removeprefix(WORD), attributes)

    def read_element(self, name: str, attributes) -> None:
        paragraph = self.paragraphs[-1]
        match name:
            case "pStyle":
                paragraph.style = _read_value(attributes)
            case "rStyle":
                style = self.styles.find(_read_value(attributes))
                self.run.bold, self.run.italic, self.run.raised = style.bold, style.italic, style.raised
            case "softHyphen":
                self.add_text("\N{SOFT HYPHEN}")
            case "sym":
                self.add_text(_read_symbol(attributes))
            case _ if self.properties:
                paragraph.says.read(name, attributes)
            case _:
                self.run.read_letters(name, attributes)

    def take_pieces(self) -> None:
        """Give the letters of a run to its paragraph, as they look."""
        if not self.paragraphs or not self.paragraphs[-1].pieces:
            return
        paragraph = self.paragraphs[-1]
        text = "".join(paragraph.pieces)
        paragraph.pieces.clear()
        style = self.styles.find(paragraph.style)
        looks = [
            getattr(style, name) if getattr(self.run, name) is None else getattr(self.run, name)
            for name in ("bold", "italic", "raised", "hidden")
        ]
        is_bold, is_italic, is_raised, is_hidden = map(bool, looks)
        if is_hidden:
            self.is_custom = False
            return
        if self.is_custom and text.strip():
            self.is_custom = False
            text = self.take_mark(paragraph, text)
        size = self.run.size or style.size or 0
        paragraph.sizes[size] = paragraph.sizes.get(size, 0) + len(text)
        paragraph.text.add(_raise(text) if is_raised else text, is_bold, is_italic)

    def take_mark(self, paragraph: WordParagraph, text: str) -> str:
        """Take the mark that follows a reference, such as `*`, and return the text after it."""
        found = SHORT_MARK.fullmatch(text) or SIGNS.match(text)
        if not found or not paragraph.marks:
            return text
        paragraph.marks[-1] = paragraph.marks[-1][0], found[1]
        return text[found.end() :]

    def end_element(self, tag):
        if tag == f"{WORD}pPr":
            self.properties -= bool(self.paragraphs)
        elif tag == f"{WORD}txbxContent":
            self.boxes -= 1
        elif tag == PARAGRAPH:
            self.take_pieces()
            self.is_custom = False
            self.end_paragraph(self.paragraphs.pop())

    def end_paragraph(self, paragraph: WordParagraph) -> None:
        raise NotImplementedError


def _read_indent(attributes) -> float:
    left = attributes.get(f"{WORD}left") or attributes.get(f"{WORD}start") or "0"
    first = attributes.get(f"{WORD}firstLine") or "0"
    hanging = attributes.get(f"{WORD}hanging") or "0"
    try:
        return (float(left) + float(first) - float(hanging)) / TWIPS
    except ValueError:
        return 0


def _read_symbol(attributes) -> str:
    code = attributes.get(f"{WORD}char", "")
    point = int(code, 16) if re.fullmatch("[0-9A-Fa-f]{1,4}", code) else 0
    return "•" if 0xF000 <= point <= 0xF0FF or not point else chr(point)


SHORT_MARK = re.compile(r"\s*(\S{1,4})\s*")
SIGNS = re.compile(r"\s*([^\w\s]{1,4})")
RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def _raise(text: str) -> str:
    return text.translate(RAISED) if text.isascii() and text.strip().isdigit() else text


class NoteReader(ParagraphReader):
    """Read the texts of footnotes by key, or all of a part under an empty key."""

    def __init__(self, styles: WordStyles):
        super().__init__(styles)
        self.texts: dict[str, str] = {}
        self.key = ""

    def start_element(self, tag, attributes):
        if tag in (f"{WORD}footnote", f"{WORD}endnote"):
            self.key = attributes.get(f"{WORD}id", "")
        super().start_element(tag, attributes)

    def end_paragraph(self, paragraph):
        words = "".join(run.text for run in paragraph.text.finish())
        self.texts[self.key] = f"{self.texts.get(self.key, '')} {words}".strip()

    def close(self):
        return self.texts


class BodyReader(ParagraphReader):
    def __init__(
        self,
        numbers: ListNumberCount,
        styles: WordStyles,
        notes: dict[str, dict[str, str]],
        note_kinds: dict[str, str],
    ):
        super().__init__(styles)
        self.numbers, self.notes, self.note_kinds = numbers, notes, note_kinds
        self.found: list[SourceParagraph] = []
        self.note_counts = dict.fromkeys(notes, 0)
        self.keys: list[tuple[str, str]] = []  # kind and key of each note of the paragraph
        self.tables: list[list[int]] = []  # number, row and column of each table that is open
        self.table_count = 0
        self.deleted_rows = 0
        self.kept: WordParagraph | None = None  # its mark was deleted, so that the next one continues it

    def start_element(self, tag, attributes):
        match tag.removeprefix(WORD):
            case "tbl":
                self.table_count += 1
                self.open(self.tables, [self.table_count, -1, -1])
            case "tr" if self.tables:
                self.tables[-1][1:] = [self.tables[-1][1] + 1, -1]
            case "tc" if self.tables:
                self.tables[-1][2] += 1
            case _:
                super().start_element(tag, attributes)

    def end_element(self, tag):
        if tag == f"{WORD}tbl" and self.tables:
            self.tables.pop()
        super().end_element(tag)

    def read_element(self, name, attributes):
        if name in ("footnoteReference", "endnoteReference"):
            if not self.hidden:
                self.add_reference(name.removesuffix("Reference"), attributes)
        else:
            super().read_element(name, attributes)

    def add_reference(self, kind: str, attributes) -> None:
        self.take_pieces()
        paragraph, mark = self.paragraphs[-1], ""
        self.is_custom = attributes.get(f"{WORD}customMarkFollows", "0") not in OFF | {""}
        if not self.is_custom:
            self.note_counts[kind] += 1
            mark = write_number(self.note_counts[kind], self.note_kinds[kind])
        paragraph.text.add_note(f"{kind} {attributes.get(f'{WORD}id', '')}")
        paragraph.marks.append((kind, mark))

    def end_paragraph(self, paragraph):
        if self.kept:
            self.join_kept(paragraph)
        if paragraph.is_mark_deleted:
            self.kept = paragraph
            return
        self.add_paragraph(paragraph)

    def join_kept(self, paragraph: WordParagraph) -> None:
        """Put the words of the paragraph whose mark was deleted before those of the next."""
        kept, self.kept = self.kept, None
        if kept is None:
            return
        offset = kept.text.length
        for run in paragraph.text.finish():
            kept.text.add(run.text, run.is_bold, run.is_italic)
        kept.text.notes += [(key, place + offset) for key, place in paragraph.text.notes]
        kept.marks += paragraph.marks
        paragraph.text, paragraph.marks = kept.text, kept.marks

    def add_paragraph(self, paragraph: WordParagraph) -> None:
        runs = paragraph.text.finish()
        if not runs:
            return
        style = self.styles.find(paragraph.style)
        says = paragraph.says
        number = (style.number or "") if says.number is None else says.number
        level = says.level or style.level or self.numbers.numbering.level_of_style(number, paragraph.style)
        outline = style.outline if says.outline is None else says.outline
        of_list = self.numbers.numbering.find(number)[1].get(level, ListLevel()).indent
        indents = says.indent, of_list, style.indent
        is_contents = bool(CONTENTS_STYLE.fullmatch(style.name))
        self.found.append(
            SourceParagraph(
                runs,
                label="" if paragraph.is_box else self.numbers.next(number, level),
                list_level=int(level) if level.isdigit() else 0,
                notes=self.list_notes(paragraph),
                part=Part.PRINT_MARK if paragraph.is_box else Part.BODY,
                size=max(paragraph.sizes, key=lambda size: paragraph.sizes[size], default=0),
                indent=next((indent for indent in indents if indent is not None), 0),
                heading=0 if is_contents else _read_heading(style.name, outline),
                is_contents=is_contents,
                tab=paragraph.text.tab,
                cell=(self.tables[0][0], self.tables[0][1], self.tables[0][2]) if self.tables else None,
            )
        )
        if len(self.found) > PARAGRAPHS_LIMIT:
            raise ValidationError(TOO_LARGE)

    def list_notes(self, paragraph: WordParagraph) -> list[Note]:
        found = []
        for (key, offset), (kind, mark) in zip(paragraph.text.notes, paragraph.marks, strict=True):
            words = self.notes[kind].get(key.partition(" ")[2], "")
            found.append(Note(mark, words.removeprefix(mark).strip() if not mark.isalnum() else words, offset))
        return found

    def close(self):
        if self.kept:
            self.add_paragraph(self.kept)
        return self.found


def _read_heading(style: str, outline: int | None) -> int:
    if outline is not None and outline < 9:
        return outline + 1
    match = HEADING_STYLE.fullmatch(style.removesuffix("G").strip(" _"))
    if not match:
        return 0
    return int(match[1][0]) + 1 if match[1] and match[1].isdigit() else 1

"""Read the paragraphs of a Word document as a reader sees them.

Insertions are read and deletions are not. Running heads come first, and a text box before the paragraph around it.
"""

import posixpath
import re
import zipfile
from collections.abc import Iterable, Iterator
from time import thread_time

from django.core.exceptions import ValidationError
from django.core.files import File
from lxml import etree

from recommendations.archives import check_file_parts
from recommendations.error_messages import OTHER_CONTENT
from recommendations.outline.source import PARAGRAPHS_LIMIT, Note, PrintedPart, Run, SourceParagraph
from recommendations.outline.word_numbering import ListLevel, ListNumberCount, read_lists
from recommendations.outline.word_paragraphs import BOX, PARAGRAPHS, ParagraphReader, WordParagraph, find_nearest
from recommendations.outline.word_styles import read_styles, read_value
from recommendations.word_reader import (
    HIDDEN,
    NESTED_LIMIT,
    PIECE,
    TOO_LARGE,
    WORD,
    list_references,
    open_document,
    read_references,
    refuse_references,
)

Cell = tuple[int, int, int]  # table, row and column

OLD_PROPERTIES = [f"{WORD}{name}Change" for name in ("pPr", "rPr", "tblPr", "trPr", "tcPr", "sectPr", "numbering")]
TABLE, ROW, CELL = (f"{WORD}{name}" for name in ("tbl", "tr", "tc"))
OTHER_DOCUMENT = f"{WORD}altChunk"  # Word shows its words
PART_LIMIT = 16 * 1024 * 1024  # bytes
NODES_LIMIT = 400_000  # tags and attributes of a part; a report of 80 pages has 150,000
HEADS_LIMIT = 4 * 1024 * 1024  # bytes of all running heads and feet together
SECONDS = 6  # of the processor; a report of 80 pages needs one
DOCUMENT_TYPE = b"wordprocessingml.document.main+xml"
SUFFIX = {"suffix": ".docx"}
HEADING_STYLE = re.compile(r"(?:heading|title|h)[\s_]*([0-9]{1,2}|ch|m|rec|title)?", re.IGNORECASE)
CONTENTS_STYLE = re.compile(r"toc.*", re.IGNORECASE)


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
        self.archive, self.deadline = archive, thread_time() + SECONDS
        self.main = read_references(archive, "_rels/.rels").get("officedocument", "").removeprefix("/")
        self.folder, _slash, name = self.main.rpartition("/")
        references = f"{self.folder}/_rels/{name}.rels".removeprefix("/")
        self.references = list_references(archive, references) if references in archive.namelist() else []

    def read(self) -> list[SourceParagraph]:
        styles, lists = read_styles(self.find_part("styles")), read_lists(self.find_part("numbering"))
        reader = ParagraphReader(styles, _read_note_kinds(self.find_part("settings")))
        notes = {
            (kind, note.get(f"{WORD}id", "")): reader.read_words(note)
            for kind in reader.note_kinds
            for note in self.find_part(f"{kind}s").iter(f"{WORD}{kind}")
        }
        marks = list(self.read_print_marks(reader))
        body = BodyReader(reader, ListNumberCount(lists), notes, self.deadline)
        return [*marks, *body.read(self.read_part(self.main, PART_LIMIT))]

    def find_part(self, kind: str) -> etree._Element:
        """Return the part of a kind, or an empty one."""
        path = next(self.find_paths(kind), "")
        return self.read_part(path, PART_LIMIT) if path else etree.Element("empty")

    def find_paths(self, *kinds: str) -> Iterator[str]:
        for each in self.references:
            path = posixpath.join("/", self.folder, each.target).removeprefix("/")
            if each.kind in kinds and path in self.archive.namelist():
                yield path

    def read_part(self, path: str, limit: int) -> etree._Element:
        """Return a part of at most `limit` bytes without what was struck out, or is repeated."""
        if self.archive.getinfo(path).file_size > limit:
            raise ValidationError(TOO_LARGE)
        parser = etree.XMLParser(
            resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
        )
        nodes = 0
        with self.archive.open(path) as stream:
            while piece := stream.read(PIECE):
                nodes += piece.count(b"<") + piece.count(b"=")
                if nodes > NODES_LIMIT or thread_time() > self.deadline:
                    raise ValidationError(TOO_LARGE)
                parser.feed(piece)
        part = parser.close()
        for each in [*part.iter(*OLD_PROPERTIES), *(each for each in part.iter(*HIDDEN) if len(each))]:
            each.getparent().remove(each)
        return part

    def read_print_marks(self, reader: ParagraphReader) -> Iterator[SourceParagraph]:
        """Yield each running head and foot once, and each diagram."""
        known: set[str] = set()
        left = HEADS_LIMIT
        for path in self.find_paths("header", "footer", "diagramdata"):
            words = reader.read_words(self.read_part(path, left))
            left -= self.archive.getinfo(path).file_size
            if words and words not in known:
                known.add(words)
                yield SourceParagraph([Run(words)], part=PrintedPart.PRINT_MARK)


def _read_note_kinds(settings: etree._Element) -> dict[str, str]:
    """Return how notes are numbered: the kind of number by `footnote` and `endnote`."""
    kinds = {"footnote": "decimal", "endnote": "lowerRoman"}
    for kind in kinds:
        for each in settings.iterfind(f"{WORD}{kind}Pr/{WORD}numFmt"):
            kinds[kind] = read_value(each.attrib)
    return kinds


class BodyReader:
    """Read the paragraphs of the main part. A text box comes before the paragraph that it is in."""

    def __init__(
        self, reader: ParagraphReader, numbers: ListNumberCount, notes: dict[tuple[str, str], str], deadline: float
    ):
        self.reader, self.numbers, self.notes, self.deadline = reader, numbers, notes, deadline
        self.found: list[SourceParagraph] = []
        self.tables = 0
        self.kept: WordParagraph | None = None  # its mark was deleted, so that the next one continues it

    def read(self, part: etree._Element) -> list[SourceParagraph]:
        self.walk(part)
        if self.kept:
            self.add(self.kept, None)
        return self.found

    def walk(self, element: etree._Element, cell: Cell | None = None, nested: int = 0) -> None:
        """`cell` is that of the outermost table, `nested` in how many paragraphs, tables and boxes it is."""
        if nested > NESTED_LIMIT or thread_time() > self.deadline:
            raise ValidationError(TOO_LARGE)
        for child in element:
            if child.tag in PARAGRAPHS:
                self.walk(child, cell, nested + 1)
                self.take(self.reader.read(child), cell)
            elif child.tag == TABLE and cell is None:
                self.tables += 1
                for row, each in enumerate(find_nearest(child, ROW)):
                    for column, words in enumerate(find_nearest(each, CELL)):
                        self.walk(words, (self.tables, row, column), nested + 1)
            elif child.tag == OTHER_DOCUMENT:
                self.add_unread(["[Other document]"])
            else:
                self.walk(child, cell, nested + (child.tag in (TABLE, BOX)))

    def take(self, paragraph: WordParagraph, cell: Cell | None) -> None:
        if self.kept:
            paragraph.follow(self.kept)
        self.kept = paragraph if paragraph.is_mark_deleted else None
        if not self.kept:
            self.add(paragraph, cell)

    def add(self, paragraph: WordParagraph, cell: Cell | None) -> None:
        """A paragraph without words has a number as well, unless it is hidden."""
        runs = paragraph.text.finish()
        style, says, lists = self.reader.styles.find(paragraph.style), paragraph.says, self.numbers.numbering
        number = (style.number or "") if says.number is None else says.number
        level = says.level or style.level or lists.level_of_style(number, paragraph.style)
        outline = style.outline if says.outline is None else says.outline
        label = "" if not runs and says.hidden else self.numbers.next(number, level)
        if not runs:
            notes = (f"{note.mark} {note.text}".strip() for note in self.list_notes(paragraph))
            self.found += [SourceParagraph([Run(words)], part=PrintedPart.FOOTNOTE) for words in notes]
            self.add_unread(paragraph.unread)
            return
        of_list = lists.find(number)[1].get(level, ListLevel()).indent
        indents = says.indent, of_list, style.indent
        is_contents = bool(CONTENTS_STYLE.fullmatch(style.name))
        self.found.append(
            SourceParagraph(
                runs,
                label=label,
                list_level=int(level) if level.isdigit() else 0,
                notes=self.list_notes(paragraph),
                size=max(paragraph.sizes, key=paragraph.sizes.__getitem__, default=0),
                indent=next((indent for indent in indents if indent is not None), 0),
                heading=0 if is_contents else _read_heading(style.name, outline),
                is_contents=is_contents,
                tab=paragraph.text.tab,
                cell=cell,
            )
        )
        self.add_unread(paragraph.unread)

    def add_unread(self, unread: Iterable[str]) -> None:
        self.found += [SourceParagraph([Run(words)], part=PrintedPart.UNREAD) for words in unread]
        if len(self.found) > PARAGRAPHS_LIMIT:
            raise ValidationError(TOO_LARGE)

    def list_notes(self, paragraph: WordParagraph) -> list[Note]:
        found = []
        for (key, offset), (kind, mark) in zip(paragraph.text.notes, paragraph.marks, strict=True):
            words = self.notes.get((kind, key), "")
            self.reader.count_letters(len(words))
            found.append(Note(mark, words.removeprefix(mark).strip() if not mark.isalnum() else words, offset))
        return found


def _read_heading(style: str, outline: int | None) -> int:
    if outline is not None and outline < 9:
        return outline + 1
    match = HEADING_STYLE.fullmatch(style.removesuffix("G").strip(" _"))
    if not match:
        return 0
    return int(match[1][0]) + 1 if match[1] and match[1].isdigit() else 1

"""Read the paragraphs of a Word document as a reader sees them.

Insertions are read and deletions are not. Running heads and text boxes are print marks.
"""

import re
import zipfile
from collections.abc import Iterator
from time import thread_time

from django.core.exceptions import ValidationError
from django.core.files import File

from recommendations.archives import check_file_parts
from recommendations.error_messages import OTHER_CONTENT
from recommendations.outline.source import PARAGRAPHS_LIMIT, Note, PrintedPart, Run, SourceParagraph
from recommendations.outline.word_numbering import ListLevel, ListNumberCount, ListReader, write_number
from recommendations.outline.word_paragraphs import ParagraphReader, WordParagraph
from recommendations.outline.word_styles import OFF, StylesReader, WordStyles, read_value
from recommendations.word_reader import (
    DOCUMENT_LIMIT,
    TOO_LARGE,
    WORD,
    PartReader,
    open_document,
    read_part,
    read_references,
    refuse_references,
)

HEADS_LIMIT = 4 * 1024 * 1024  # bytes of all running heads and feet together
SECONDS = 6  # of the processor; a report of 80 pages needs one
NOTES_LIMIT = 5_000
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
        self.targets = read_references(archive, references) if references in archive.namelist() else {}

    def read(self) -> list[SourceParagraph]:
        numbering, styles = self.read_part("numbering", ListReader()), self.read_part("styles", StylesReader())
        settings = self.read_part("settings", SettingsReader())
        notes = {kind: self.read_part(f"{kind}s", NoteReader(styles)) for kind in ("footnote", "endnote")}
        numbers = ListNumberCount(numbering)
        body = BodyReader(numbers, styles, notes, settings)
        paragraphs = read_part(self.archive, self.main, body, DOCUMENT_LIMIT, self.deadline)
        return [*self.read_print_marks(styles), *paragraphs]

    def read_part(self, kind: str, reader: PartReader):
        target = self.targets.get(kind, "")
        path = (target if target.startswith("/") else f"{self.folder}/{target}").removeprefix("/")
        if target and path in self.archive.namelist():
            return read_part(self.archive, path, reader, DOCUMENT_LIMIT, self.deadline)
        return reader.close()

    def read_print_marks(self, styles: "WordStyles") -> Iterator[SourceParagraph]:
        """Yield each running head and foot once; numbers of pages differ from page to page and do not count."""
        known: set[str] = set()
        left = HEADS_LIMIT
        for name in sorted(self.archive.namelist()):
            if re.fullmatch(rf"{re.escape(self.folder)}/(?:header|footer)[^/]*\.xml", name):
                found = read_part(self.archive, name, NoteReader(styles), left, self.deadline)
                left -= self.archive.getinfo(name).file_size
                for words in found.values():
                    if words and words not in known:
                        known.add(words)
                        yield SourceParagraph([Run(words)], part=PrintedPart.PRINT_MARK)


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
            self.kinds[self.current] = read_value(attributes)

    def end(self, tag):
        if tag.endswith(("footnotePr", "endnotePr")):
            self.current = ""

    def close(self):
        return self.kinds


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
        self.references = 0
        self.tables: list[list[int]] = []  # number, row and column of each table that is open
        self.table_count = 0
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
        key = attributes.get(f"{WORD}id", "")
        paragraph.text.add_note(f"{kind} {key}")
        paragraph.marks.append((kind, mark))
        self.references += 1
        self.letters += len(self.notes[kind].get(key, ""))
        if self.references > NOTES_LIMIT or self.letters > self.letters_limit:
            raise ValidationError(TOO_LARGE)

    def end_paragraph(self, paragraph):
        if self.kept:
            self.join_kept(self.kept, paragraph)
            self.kept = None
        if paragraph.is_mark_deleted:
            self.kept = paragraph
            return
        self.add_paragraph(paragraph)

    @staticmethod
    def join_kept(kept: WordParagraph, paragraph: WordParagraph) -> None:
        """Put the words of the paragraph whose mark was deleted before those of the next."""
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
                part=PrintedPart.PRINT_MARK if paragraph.is_box else PrintedPart.BODY,
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

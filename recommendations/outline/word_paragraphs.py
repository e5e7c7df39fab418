"""Read a paragraph of a Word document: its letters as they look, and the marks of its notes."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from lxml.etree import _Element

from recommendations.outline.labels import RAISED
from recommendations.outline.source import TextBuilder
from recommendations.outline.word_numbering import write_number
from recommendations.outline.word_styles import OFF, ParagraphFormat, WordStyles, read_value
from recommendations.word_reader import IN_A_RUN, TOO_LARGE, WORD

SPACES = (
    WORD,
    "{http://schemas.openxmlformats.org/drawingml/2006/main}",
    "{http://schemas.openxmlformats.org/officeDocument/2006/math}",
)
PARAGRAPHS, RUNS, TEXTS = ([f"{space}{name}" for space in SPACES] for name in "prt")
LETTERS_LIMIT = 2_000_000
NOTES_LIMIT = 5_000
BOX, PARAGRAPH_LOOK, RUN_LOOK = (f"{WORD}{name}" for name in ("txbxContent", "pPr", "rPr"))
DELETED = {f"{WORD}del", f"{WORD}moveFrom"}
REFERENCES = {f"{WORD}footnoteReference": "footnote", f"{WORD}endnoteReference": "endnote"}
LETTERS = {**IN_A_RUN, f"{WORD}softHyphen": "\N{SOFT HYPHEN}"}
GRAPHIC = "{http://schemas.openxmlformats.org/drawingml/2006/main}graphicData"
PICTURES = ("/picture", "/chart")
OLD_PICTURE, DRAWN_WORDS = (f"{{urn:schemas-microsoft-com:vml}}{name}" for name in ("imagedata", "textpath"))
SHORT_MARK = re.compile(r"\s*(\S{1,4})\s*")
SIGNS = re.compile(r"\s*([^\w\s]{1,4})")


@dataclass
class WordParagraph:
    """`marks` are the kind of each note, and the mark that is printed or nothing."""

    style: str = ""
    says: ParagraphFormat = field(default_factory=ParagraphFormat)
    text: TextBuilder = field(default_factory=TextBuilder)
    marks: list[tuple[str, str]] = field(default_factory=list)
    is_mark_deleted: bool = False
    unread: list[str] = field(default_factory=list)  # hidden words, and names of what has no words
    sizes: Counter[float] = field(default_factory=Counter)

    def follow(self, kept: "WordParagraph") -> None:
        """Put the words of a paragraph whose mark was deleted before its own."""
        offset = kept.text.length
        for run in self.text.finish():
            kept.text.add(run.text, run.is_bold, run.is_italic)
        kept.text.notes += [(key, place + offset) for key, place in self.text.notes]
        self.text, self.marks, self.unread = kept.text, kept.marks + self.marks, kept.unread + self.unread


class ParagraphReader:
    """Read paragraphs in the order of the document. `note_kinds` are the kinds of number by the kind of note."""

    def __init__(self, styles: WordStyles, note_kinds: dict[str, str]):
        self.styles, self.note_kinds = styles, note_kinds
        self.note_counts = dict.fromkeys(note_kinds, 0)
        self.letters = self.references = 0
        self.is_custom = False  # the mark of a note follows its reference

    def read(self, element: _Element) -> WordParagraph:
        paragraph = WordParagraph()
        for each in element.iterfind(f"{PARAGRAPH_LOOK}//*"):
            if each.tag == f"{WORD}pStyle":
                paragraph.style = read_value(each.attrib)
            paragraph.is_mark_deleted |= each.tag in DELETED
            paragraph.says.read(each.tag.removeprefix(WORD), each.attrib)
        style = self.styles.find(paragraph.style)
        self.is_custom = False
        for run in find_nearest(element, *RUNS):
            self.read_run(paragraph, run, style)
            paragraph.unread += filter(None, map(_name_unread, _find_below(run)))
        return paragraph

    def read_words(self, element: _Element) -> str:
        """Return the words of all paragraphs in an element, such as a footnote."""
        paragraphs = (self.read(each).text.finish() for each in element.iter(*PARAGRAPHS))
        return " ".join("".join(run.text for run in runs) for runs in paragraphs).strip()

    def read_run(self, paragraph: WordParagraph, run: _Element, style: ParagraphFormat) -> None:
        look = ParagraphFormat()
        for each in run.iterfind(f"{RUN_LOOK}/*"):
            if each.tag == f"{WORD}rStyle":
                own = self.styles.find(read_value(each.attrib))
                look.bold, look.italic, look.raised = own.bold, own.italic, own.raised
            look.read(each.tag.removeprefix(WORD), each.attrib)
        look.fill(style)
        text = ""
        for each in _find_below(run):
            if each.tag in REFERENCES:
                self.add_letters(paragraph, text, look)
                self.add_reference(paragraph, REFERENCES[each.tag], each)
                text = ""
            else:
                text += _read_letters(each)
        self.add_letters(paragraph, text, look)

    def add_letters(self, paragraph: WordParagraph, text: str, look: ParagraphFormat) -> None:
        if not text:
            return
        self.count_letters(len(text))
        if self.is_custom and text.strip():
            self.is_custom = False
            text = text if look.hidden else _take_mark(paragraph, text)
        if look.hidden:
            paragraph.unread += [text] * any(map(str.isalnum, text))
        else:
            paragraph.sizes[look.size or 0] += len(text)
            is_number = look.raised and text.isascii() and text.strip().isdigit()
            paragraph.text.add(text.translate(RAISED) if is_number else text, bool(look.bold), bool(look.italic))

    def add_reference(self, paragraph: WordParagraph, kind: str, element: _Element) -> None:
        mark = ""
        self.is_custom = element.get(f"{WORD}customMarkFollows", "0") not in OFF | {""}
        if not self.is_custom:
            self.note_counts[kind] += 1
            mark = write_number(self.note_counts[kind], self.note_kinds[kind])
        paragraph.text.add_note(element.get(f"{WORD}id", ""))
        paragraph.marks.append((kind, mark))
        self.references += 1
        if self.references > NOTES_LIMIT:
            raise ValidationError(TOO_LARGE)

    def count_letters(self, count: int) -> None:
        self.letters += count
        if self.letters > LETTERS_LIMIT:
            raise ValidationError(TOO_LARGE)


def find_nearest(element: _Element, *tags: str) -> Iterator[_Element]:
    """Yield the elements of a kind that are in none of their kind, and in no text box."""
    for child in element:
        if child.tag in tags:
            yield child
        elif child.tag not in (BOX, PARAGRAPH_LOOK):
            yield from find_nearest(child, *tags)


def _find_below(element: _Element) -> Iterator[_Element]:
    for child in element:
        if child.tag not in (BOX, RUN_LOOK):
            yield child
            yield from _find_below(child)


def _read_letters(element: _Element) -> str:
    if element.tag in TEXTS:
        return element.text or ""
    if element.tag == f"{WORD}sym":
        code = element.get(f"{WORD}char", "")
        point = int(code, 16) if re.fullmatch("[0-9A-Fa-f]{1,4}", code) else 0
        return "•" if 0xF000 <= point <= 0xF0FF or not point else chr(point)
    return LETTERS.get(element.tag, "")


def _name_unread(element: _Element) -> str:
    """Name a picture or chart, or return the words of a drawn text."""
    if element.tag == DRAWN_WORDS:
        return element.get("string", "")
    is_picture = element.tag == OLD_PICTURE or (element.tag == GRAPHIC and element.get("uri", "").endswith(PICTURES))
    return "[Picture]" if is_picture else ""


def _take_mark(paragraph: WordParagraph, text: str) -> str:
    """Take the mark that follows a reference, such as `*`, and return the text after it."""
    found = SHORT_MARK.fullmatch(text) or SIGNS.match(text)
    if not found:
        return text
    paragraph.marks[-1] = paragraph.marks[-1][0], found[1]
    return text[found.end() :]

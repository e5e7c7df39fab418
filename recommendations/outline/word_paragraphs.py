"""Read a part of a Word document by paragraph: its letters as they look, and the marks of its notes."""

import re
from abc import abstractmethod
from dataclasses import dataclass, field

from recommendations.outline.labels import RAISED
from recommendations.outline.source import TextBuilder
from recommendations.outline.word_styles import ParagraphFormat, WordStyles, read_value
from recommendations.word_reader import PARAGRAPH, RUN, WORD, VisibleTextReader

LETTERS_LIMIT = 2_000_000
OLD_PROPERTIES = {f"{WORD}{name}Change" for name in ("pPr", "rPr", "tblPr", "trPr", "tcPr", "sectPr", "numbering")}
SHORT_MARK = re.compile(r"\s*(\S{1,4})\s*")
SIGNS = re.compile(r"\s*([^\w\s]{1,4})")


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


class ParagraphReader(VisibleTextReader):
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
                paragraph.style = read_value(attributes)
            case "rStyle":
                style = self.styles.find(read_value(attributes))
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

    @abstractmethod
    def end_paragraph(self, paragraph: WordParagraph) -> None:
        """Receive a paragraph that was read to its end."""


def _read_symbol(attributes) -> str:
    code = attributes.get(f"{WORD}char", "")
    point = int(code, 16) if re.fullmatch("[0-9A-Fa-f]{1,4}", code) else 0
    return "•" if 0xF000 <= point <= 0xF0FF or not point else chr(point)


def _raise(text: str) -> str:
    return text.translate(RAISED) if text.isascii() and text.strip().isdigit() else text

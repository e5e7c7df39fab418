"""Write the progress report as a paper for Word, so that it can be edited.

Word numbers its paragraphs, headings and items, and its footnotes are footnotes.
"""

from collections.abc import Callable, Iterator
from copy import deepcopy
from itertools import count
from pathlib import Path
from typing import Any

from docx.document import Document
from docx.enum.section import WD_ORIENT
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import XmlPart
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from docx.shared import Mm

from tracker.documents.paper.tree import (
    Block,
    Paper,
    PaperFootnote,
    PaperHeading,
    PaperItems,
    PaperParagraph,
    PaperTable,
    QuotedText,
)
from tracker.documents.tree import TextRun
from tracker.documents.word import (
    Element,
    append,
    cell,
    element,
    new_document,
    page_number,
    paragraph,
    row,
    run_paragraph,
    run_words,
    set_head_and_foot,
    table,
    words,
    written,
)

LOOKS = Path(__file__).with_suffix(".xml").read_bytes()
HEADINGS, PARAGRAPHS, ITEMS = "1", "2", "2"  # numberings of docx.xml: two in use, and the base of each list of items
UNNUMBERED = "0"
WIDTH, HANGING, WIDE = 8618, 680, 14570  # twentieths of a point, between the margins, left of them, and in an annex
SEPARATORS = {"separator": "-1", "continuationSeparator": "0"}  # they come before the first footnote
STANDS_AFTER_FOOTNOTES = ("w:endnotePr", "w:compat")


def paper_docx(paper: Paper) -> bytes:
    return _Writer(paper).written()


class _Writer:
    def __init__(self, paper: Paper):
        self.paper = paper
        self.document = new_document(language=paper.language, title=paper.title, author=paper.prepared_by)
        looks = parse_xml(LOOKS)
        _set_styles(self.document, looks.find(qn("w:styles")))
        self.numbering = self.document.part.numbering_part.element
        self.numbering[:] = looks.find(qn("w:numbering"))
        self.footnotes = _footnotes(self.document)
        self.numbers = count(1)
        self.lists = count(int(PARAGRAPHS) + 1)

    def written(self) -> bytes:
        paper, document = self.paper, self.document
        _set_page(document)
        head = paragraph(*words(paper.running), style="Header")
        foot = paragraph(*page_number("%(number)s/%(pages)s"), style="Footer")
        set_head_and_foot(document, head, foot)
        append(document, _head(paper))
        append(document, self._write(paper.blocks))
        if paper.annexes:
            form = deepcopy(document.element.body.sectPr)  # ends a section: the annexes have a layout of their own
            append(document, [element("p", element("pPr", form))])
            _set_annex_page(document)
        for number, annex in enumerate(paper.annexes):
            title = words(f"{annex.number}: {annex.title}")
            heading = paragraph(*title, style="Heading1", starts_page=number > 0)
            append(document, [_set_number(heading, UNNUMBERED), *self._write(annex.blocks, WIDE)])
        return written(document)

    def _write(self, blocks: list[Block], width: int = WIDTH) -> Iterator[Element]:
        for block in blocks:
            if isinstance(block, PaperTable):
                yield from _table(block, width)
            else:
                yield from WRITERS[type(block)](self, block)

    def _heading(self, block: PaperHeading) -> Iterator[Element]:
        heading = paragraph(*words(block.text), style=f"Heading{block.level}")
        yield _set_number(heading, HEADINGS, level=block.level - 1)

    def _paragraph(self, block: PaperParagraph) -> Iterator[Element]:
        style = "Emphasis" if block.is_instruction else ""
        content = [made for piece in block.pieces for made in self._text_or_footnote(piece, style)]
        yield _set_number(paragraph(*content, style="NumberedParagraph"), PARAGRAPHS)

    def _text_or_footnote(self, piece: TextRun | PaperFootnote, style: str) -> list[Element]:
        if isinstance(piece, TextRun):
            return run_words(piece, style)
        number = str(next(self.numbers))
        mark = _footnote_mark(element("footnoteRef"))
        note = paragraph(mark, *words(f" {piece.text}"), style="FootnoteText")
        self.footnotes.append(element("footnote", note, id=number))
        return [_footnote_mark(element("footnoteReference", id=number))]

    def _items(self, block: PaperItems) -> Iterator[Element]:
        number = str(next(self.lists))
        restart = element("lvlOverride", element("startOverride", val="1"), ilvl="0")
        self.numbering.append(element("num", element("abstractNumId", val=ITEMS), restart, numId=number))
        for text in block.rows:
            yield _set_number(paragraph(*words(text), style="LetteredItem"), number)

    def _quoted_text(self, block: QuotedText) -> Iterator[Element]:
        yield run_paragraph(block.words, "Quote")
        if block.by:
            yield paragraph(*words(block.by), style="QuotedFrom")


WRITERS: dict[type, Callable[[_Writer, Any], Iterator[Element]]] = {
    PaperHeading: _Writer._heading,
    PaperParagraph: _Writer._paragraph,
    PaperItems: _Writer._items,
    QuotedText: _Writer._quoted_text,
}


def _head(paper: Paper) -> Iterator[Element]:
    """Write bodies and meeting; the line above the date is for the symbol, and empty."""
    parent, body, *lines = paper.head
    symbol = paragraph(*words(paper.symbol), style="PaperDate")
    dated = paragraph(*words(paper.dated), style="PaperDate")
    cells = (cell(paragraph(*words(parent), style="PaperParent")), cell(symbol, dated))
    yield table(row(*cells), widths=[2, 1], style="PaperHeadTable", width=WIDTH + HANGING)
    yield paragraph(*words(body, style="Strong"), style="PaperHead")
    for line in filter(None, lines):
        yield paragraph(*words(line), style="PaperHead")
    yield paragraph(*words(paper.title), style="Title")
    yield paragraph(*words(paper.prepared_by), style="Subtitle")


def _table(block: PaperTable, width: int) -> Iterator[Element]:
    if block.title:
        yield paragraph(*words(block.title), style="TableTitle")
    rows = [_row(row, block.numbers_from) for row in block.rows[:-1]]
    rows.append(_row(block.rows[-1], block.numbers_from, style="Strong" if block.has_total else ""))
    yield table(
        _row(block.heads, block.numbers_from, "Head"),
        *rows,
        widths=block.widths,
        style="PaperTable",
        title=block.title or block.heads[0],
        has_total=block.has_total,
        width=width,
    )
    yield paragraph(*words(block.note), style="Note")


def _row(texts: list[str], numbers_from: int, kind: str = "", style: str = "") -> Element:
    cells = [
        cell(
            paragraph(
                *words(text, style=style),
                style=f"TableNumber{kind}" if place >= numbers_from else f"Table{kind or 'Text'}",
            )
        )
        for place, text in enumerate(texts)
    ]
    return row(*cells, is_head=bool(kind))


def _set_number(made: Element, numbering: str, level: int = 0) -> Element:
    """Let Word number the paragraph. The schema wants the number after what keeps it on a page."""
    numbers = element("numPr", element("ilvl", val=str(level)), element("numId", val=numbering))
    properties = made[0]
    before = [element for element in properties if element.tag in (qn("w:pStyle"), qn("w:pageBreakBefore"))]
    properties.insert(len(before), numbers)
    return made


def _footnote_mark(mark: Element) -> Element:
    return element("r", element("rPr", element("rStyle", val="FootnoteReference")), mark)


def _set_styles(document: Document, styles: Element) -> None:
    present = {style.get(qn("w:styleId")): style for style in document.styles.element.findall(qn("w:style"))}
    for style in list(styles):
        found = present.get(style.get(qn("w:styleId")))
        if found is not None:
            document.styles.element.replace(found, style)
        else:
            document.styles.element.append(style)


def _footnotes(document: Document) -> Element:
    notes = element("footnotes")
    for kind, number in SEPARATORS.items():
        line = element("footnote", element("p", element("r", element(kind))), type=kind, id=number)
        notes.append(line)
    package = document.part.package
    part = XmlPart(PackURI("/word/footnotes.xml"), CONTENT_TYPE.WML_FOOTNOTES, notes, package)
    document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)
    used = element("footnotePr", *(element("footnote", id=number) for number in SEPARATORS.values()))
    document.settings.element.insert_element_before(used, *STANDS_AFTER_FOOTNOTES)
    return notes


def _set_page(document: Document) -> None:
    section = document.sections[0]
    section.left_margin, section.right_margin = Mm(32), Mm(26)
    section.different_first_page_header_footer = True
    for part in (section.first_page_header, section.first_page_footer):
        part._element[:] = [paragraph()]


def _set_annex_page(document: Document) -> None:
    section = document.sections[-1]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(297), Mm(210)
    section.left_margin = section.right_margin = Mm(20)
    section.different_first_page_header_footer = False

"""Write the progress report as a paper for Word, so that it can be edited.

Word numbers its paragraphs, headings and items, and its footnotes are footnotes.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import count
from pathlib import Path
from typing import Any

from django.utils.translation import get_language_bidi
from docx.document import Document
from docx.enum.section import WD_ORIENT
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import XmlPart
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Mm

from tracker.documents.paper.tree import (
    Block,
    PaperFootnote,
    PaperHeading,
    PaperItems,
    PaperParagraph,
    PaperTable,
    ProgressPaper,
    QuotedText,
)
from tracker.documents.tree import TextRun
from tracker.documents.word import (
    Row,
    Xml,
    append,
    cell,
    element,
    empty_document,
    new_document,
    page_number,
    paragraph,
    part,
    parts_of,
    row,
    run_paragraph,
    run_words,
    section_form,
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
FOOTNOTES, NUMBERING = "word/footnotes.xml", "word/numbering.xml"


def paper_docx(paper: ProgressPaper) -> bytes:
    return _Writer(paper).written()


class _Writer:
    def __init__(self, paper: ProgressPaper):
        self.paper = paper
        self.footnotes = [
            element("footnote", paragraph(element("r", element(kind))), type=kind, id=number)
            for kind, number in SEPARATORS.items()
        ]
        self.numbers = count(1)
        self.lists = count(int(PARAGRAPHS) + 1)
        self.numbering: list[Xml] = []

    def written(self) -> bytes:
        paper, is_rtl = self.paper, get_language_bidi()
        document = new_document(
            language=paper.language,
            title=paper.title,
            author=paper.prepared_by,
            parts=_parts(paper.language, is_rtl, ends_with_annex=bool(paper.annexes)),
        )
        head = paragraph(words(paper.running), style="Header")
        foot = paragraph(page_number("%(number)s/%(pages)s"), style="Footer")
        set_head_and_foot(document, head, foot)
        append(document, _head(paper))
        append(document, self._write(paper.blocks))
        if paper.annexes:  # they are a section with a layout of their own
            form = section_form(_parts(paper.language, is_rtl, ends_with_annex=False))
            append(document, [element("p", element("pPr", form))])
        for number, annex in enumerate(paper.annexes):
            title = words(f"{annex.number}: {annex.title}")
            heading = paragraph(title, style="Heading1", starts_page=number > 0, numbering=UNNUMBERED)
            append(document, [heading, *self._write(annex.blocks, WIDE)])
        end = "</w:numbering>"
        document.parts[FOOTNOTES] = part("footnotes", *self.footnotes)
        document.parts[NUMBERING] = document.parts[NUMBERING].replace(end, "".join([*self.numbering, end]))
        return written(document)

    def _write(self, blocks: list[Block], width: int = WIDTH) -> Iterator[Xml]:
        for block in blocks:
            if isinstance(block, PaperTable):
                yield from _table(block, width)
            else:
                yield from WRITERS[type(block)](self, block)

    def _heading(self, block: PaperHeading) -> Iterator[Xml]:
        style = f"Heading{block.level}"
        yield paragraph(words(block.text), style=style, numbering=HEADINGS, level=block.level - 1)

    def _paragraph(self, block: PaperParagraph) -> Iterator[Xml]:
        style = "Emphasis" if block.is_instruction else ""
        content = [self._text_or_footnote(piece, style) for piece in block.pieces]
        yield paragraph(*content, style="NumberedParagraph", numbering=PARAGRAPHS)

    def _text_or_footnote(self, piece: TextRun | PaperFootnote, style: str) -> Xml:
        if isinstance(piece, TextRun):
            return run_words(piece, style)
        number = str(next(self.numbers))
        mark = _footnote_mark(element("footnoteRef"))
        note = paragraph(mark, words(f" {piece.text}"), style="FootnoteText")
        self.footnotes.append(element("footnote", note, id=number))
        return _footnote_mark(element("footnoteReference", id=number))

    def _items(self, block: PaperItems) -> Iterator[Xml]:
        number = str(next(self.lists))
        restart = element("lvlOverride", element("startOverride", val="1"), ilvl="0")
        self.numbering.append(element("num", element("abstractNumId", val=ITEMS), restart, numId=number))
        for text in block.rows:
            yield paragraph(words(text), style="LetteredItem", numbering=number)

    def _quoted_text(self, block: QuotedText) -> Iterator[Xml]:
        yield run_paragraph(block.words, "Quote")
        if block.by:
            yield paragraph(words(block.by), style="QuotedFrom")


WRITERS: dict[type, Callable[[_Writer, Any], Iterator[Xml]]] = {
    PaperHeading: _Writer._heading,
    PaperParagraph: _Writer._paragraph,
    PaperItems: _Writer._items,
    QuotedText: _Writer._quoted_text,
}


def _head(paper: ProgressPaper) -> Iterator[Xml]:
    """Write bodies and meeting; the line above the date is for the symbol, and empty."""
    parent, body, *lines = paper.head
    symbol = paragraph(words(paper.symbol), style="PaperDate")
    dated = paragraph(words(paper.dated), style="PaperDate")
    cells = (cell(paragraph(words(parent), style="PaperParent")), cell(symbol, dated))
    yield table(row(*cells), widths=[2, 1], style="PaperHeadTable", width=WIDTH + HANGING)
    yield paragraph(words(body, style="Strong"), style="PaperHead")
    for line in filter(None, lines):
        yield paragraph(words(line), style="PaperHead")
    yield paragraph(words(paper.title), style="Title")
    yield paragraph(words(paper.prepared_by), style="Subtitle")


def _table(block: PaperTable, width: int) -> Iterator[Xml]:
    if block.title:
        yield paragraph(words(block.title), style="TableTitle")
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
    yield paragraph(words(block.note), style="Note")


def _row(texts: list[str], numbers_from: int, kind: str = "", style: str = "") -> Row:
    cells = [
        cell(
            paragraph(
                words(text, style=style),
                style=f"TableNumber{kind}" if place >= numbers_from else f"Table{kind or 'Text'}",
            )
        )
        for place, text in enumerate(texts)
    ]
    return row(*cells, is_head=bool(kind))


def _footnote_mark(mark: Xml) -> Xml:
    return element("r", element("rPr", element("rStyle", val="FootnoteReference")), mark)


@lru_cache(maxsize=16)
def _parts(language: str, is_rtl: bool, *, ends_with_annex: bool) -> dict[str, str]:
    document = empty_document(language, is_rtl)
    looks = parse_xml(LOOKS)
    _set_styles(document, looks.find(qn("w:styles")))
    document.part.numbering_part.element[:] = looks.find(qn("w:numbering"))
    _add_footnotes(document)
    _set_page(document)
    if ends_with_annex:
        _set_annex_page(document)
    return parts_of(document)


def _set_styles(document: Document, styles: BaseOxmlElement) -> None:
    present = {style.get(qn("w:styleId")): style for style in document.styles.element.findall(qn("w:style"))}
    for style in list(styles):
        found = present.get(style.get(qn("w:styleId")))
        if found is not None:
            document.styles.element.replace(found, style)
        else:
            document.styles.element.append(style)


def _add_footnotes(document: Document) -> None:
    notes = XmlPart(
        PackURI(f"/{FOOTNOTES}"), CONTENT_TYPE.WML_FOOTNOTES, OxmlElement("w:footnotes"), document.part.package
    )
    document.part.relate_to(notes, RELATIONSHIP_TYPE.FOOTNOTES)
    used = OxmlElement("w:footnotePr")
    used.extend(OxmlElement("w:footnote", {qn("w:id"): number}) for number in SEPARATORS.values())
    document.settings.element.insert_element_before(used, *STANDS_AFTER_FOOTNOTES)


def _set_page(document: Document) -> None:
    section = document.sections[0]
    section.left_margin, section.right_margin = Mm(32), Mm(26)
    section.different_first_page_header_footer = True
    for header in (section.first_page_header, section.first_page_footer):
        header._element[:] = [OxmlElement("w:p")]


def _set_annex_page(document: Document) -> None:
    section = document.sections[-1]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(297), Mm(210)
    section.left_margin = section.right_margin = Mm(20)
    section.different_first_page_header_footer = False

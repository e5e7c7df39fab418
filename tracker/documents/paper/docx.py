"""Write the progress report as a paper for Word, so that it can be edited.

Word numbers its paragraphs, headings and items, and its footnotes are footnotes.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import batched, count
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

from tracker.documents.docx import BAR_PARTS, PATTERNS, THINNEST, shade
from tracker.documents.paper.bars import BAR_LOOKS
from tracker.documents.paper.tree import (
    Block,
    ChartRow,
    PaperChart,
    PaperFootnote,
    PaperHeading,
    PaperItems,
    PaperParagraph,
    PaperSummary,
    PaperTable,
    ProgressPaper,
    QuotedText,
)
from tracker.documents.tree import TextRun
from tracker.documents.word import (
    TEXT,
    Row,
    Xml,
    cell,
    element,
    empty_document,
    field,
    new_document,
    page_number,
    paragraph,
    part,
    parts_of,
    row,
    run_paragraph,
    run_words,
    section_form,
    table,
    words,
    written,
)

LOOKS = Path(__file__).with_suffix(".xml").read_bytes()
HEADINGS, PARAGRAPHS, ITEMS = "1", "2", "2"  # numberings of docx.xml: two in use, and the base of each list of items
UNNUMBERED = "0"
WIDTH, HANGING, WIDE = 8618, 680, 14570  # twentieths of a point, between the margins, left of them, and in an annex
SEPARATORS = {"separator": "-1", "continuationSeparator": "0"}  # they come before the first footnote
ROOM = "\N{NO-BREAK SPACE}" * 12  # of an empty field
GAP = "\N{NO-BREAK SPACE}" * 6
MARK = "\N{EM SPACE}"
LEGEND_COLUMNS = 3
# Bars and marks are low and have no numbers on them, so that dots must be seen from afar.
BAR_PATTERNS = PATTERNS | {"dots": ("pct50", "FFFFFF", "")}
BAR_WIDTHS, BAR_WIDTH, BAR_HEIGHT = (1, 2), 5500, "180"  # twentieths of a point
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
        paper, annex = self.paper, self.paper.annex
        parts, form = _set_up(paper.language, get_language_bidi())
        document = new_document(language=paper.language, title=paper.title, author=paper.prepared_by, parts=parts)
        document.parts |= _heads_and_feet(paper)
        document.body += _masthead(paper)
        document.body += self._write(paper.blocks)
        document.body += [element("p", element("pPr", form))]  # the annex is a section with a layout of its own
        title = words(f"{annex.number}\n{annex.title}")
        document.body += [paragraph(title, style="Heading1", numbering=UNNUMBERED)]
        document.body += self._write(annex.blocks, WIDE)
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
        emphasis = "Emphasis" if block.is_instruction else ""
        content = [self._text_or_footnote(piece, emphasis) for piece in block.pieces]
        style = "LeadIn" if block.is_lead else "NumberedParagraph"
        yield paragraph(*content, style=style, numbering=PARAGRAPHS)

    def _summary(self, block: PaperSummary) -> Iterator[Xml]:
        title = paragraph(words(block.title), style="SummaryTitle")
        texts = [paragraph(words(text), style="SummaryText") for text in block.paragraphs]
        yield table(row(cell(title, *texts)), widths=[1], style="SummaryTable", title=block.title, width=WIDTH)
        yield paragraph(style="Gap")

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
        style = "QuoteAndMore" if block.by and not block.is_long else "Quote"
        if block.translation:
            yield paragraph(words(block.translation), style=style)
        yield run_paragraph(block.words, style)
        if block.by:
            yield paragraph(words(block.by), style="QuotedFromAndMore" if block.note else "QuotedFrom")
        if block.note:
            yield paragraph(words(block.note), style="QuotedFrom")

    def _chart(self, block: PaperChart) -> Iterator[Xml]:
        yield from _titled(block, "Figure")
        rows = [
            row(cell(paragraph(words(bar.name), style="BarName")), cell(_bar(bar), paragraph(style="BarNumber")))
            for bar in block.rows
        ]
        bars = table(*rows, widths=BAR_WIDTHS, style="ChartTable", title=block.title, width=WIDTH)
        names = [paragraph(_mark(code), words(f" {name}"), style="ChartLegend") for code, name in block.legend]
        names += [paragraph(style="ChartLegend")] * (-len(names) % LEGEND_COLUMNS)
        lines = [row(*map(cell, line)) for line in batched(names, LEGEND_COLUMNS)]
        legend = table(*lines, widths=[1] * LEGEND_COLUMNS, style="ChartTable", width=WIDTH)
        # One row keeps them together: LibreOffice does not keep a table with the paragraph after it.
        whole = cell(bars, paragraph(style="ChartLegend"), legend, paragraph(words(block.source), style="Note"))
        yield table(row(whole, is_whole=True), widths=[1], style="ChartTable", width=WIDTH)
        yield paragraph(style="Gap")


WRITERS: dict[type, Callable[[_Writer, Any], Iterator[Xml]]] = {
    PaperHeading: _Writer._heading,
    PaperParagraph: _Writer._paragraph,
    PaperItems: _Writer._items,
    QuotedText: _Writer._quoted_text,
    PaperSummary: _Writer._summary,
    PaperChart: _Writer._chart,
}


def _heads_and_feet(paper: ProgressPaper) -> dict[str, str]:
    """Write them as the United Nations print them: on the outer side, with the symbol and the number outermost."""
    symbol, draft = _field("symbol", paper.masthead.symbol), words(paper.draft, style="Strong")
    page, release, gap = page_number("%(number)s/%(pages)s"), words(paper.release, style="FootText"), words(GAP)
    first = paragraph(draft, style="FirstHeader")
    odd = paragraph(draft, gap, symbol, style="OddHeader"), paragraph(release, gap, page, style="OddFooter")
    even = paragraph(symbol, gap, draft, style="Header"), paragraph(page, gap, release, style="Footer")
    parts: dict[str, str] = {}
    for number, (head, foot) in enumerate((odd, (first, odd[1]), even), start=1):  # in the order of the parts
        parts |= {f"word/header{number}.xml": part("hdr", head), f"word/footer{number}.xml": part("ftr", foot)}
    return parts


def _field(name: str, text: str) -> Xml:
    """Write a field that can be filled in Word, with room where it is empty."""
    properties = element("sdtPr", element("alias", val=name), element("tag", val=name), element("text"))
    return element("sdt", properties, element("sdtContent", words(text or ROOM)))


def _masthead(paper: ProgressPaper) -> Iterator[Xml]:
    """Write the masthead without the emblem. What is not allocated yet is an empty field."""
    head = paper.masthead
    symbol = paragraph(_field("symbol", head.symbol), style="PaperSymbol")
    top = row(cell(paragraph(words(paper.organization), style="PaperOrganization")), cell(symbol))
    fields = [
        paragraph(words(f"{label} "), _field(name, text), style="PaperField") for name, label, text in head.fields
    ]
    below = row(cell(paragraph(words(paper.parent), style="PaperParent")), cell(*fields))
    for line, style in ((top, "PaperTopTable"), (below, "PaperHeadTable")):
        yield table(line, widths=[2, 1], style=style, width=WIDTH + HANGING)
    yield paragraph(words(paper.body, style="Strong"), style="PaperHead")
    for text in head.meeting:
        yield paragraph(words(text), style="PaperHead")
    yield paragraph(words(paper.title), style="Title")
    yield paragraph(words(paper.prepared_by), style="Subtitle")


def _titled(block: PaperTable | PaperChart, sequence: str) -> Iterator[Xml]:
    """Write the number, which Word counts again, and the title."""
    before, number, after = block.label.partition(str(block.number))
    counted = field(f"SEQ {sequence} \\* ARABIC", number)
    yield paragraph(words(before), counted, words(after), style="TableLabel")
    yield paragraph(words(block.title), style="TableTitle")


def _table(block: PaperTable, width: int) -> Iterator[Xml]:
    yield from _titled(block, "Table")
    rows = [_row(row) for row in block.rows[:-1]]
    rows.append(_row(block.rows[-1], style="Strong" if block.has_total else ""))
    yield table(
        _row(block.heads, "Head"),
        *rows,
        widths=block.widths,
        style="PaperTable",
        title=block.title,
        has_total=block.has_total,
        width=width,
    )
    yield paragraph(words(block.source), style="Note")


def _bar(bar: ChartRow) -> Xml:
    parts = {code: count for code, count in bar.parts if count}
    total = sum(parts.values())
    widths = [max(BAR_PARTS * count // total, THINNEST) for count in parts.values()]
    height = element("trHeight", val=BAR_HEIGHT, hRule="exact")
    cells = [cell(paragraph(style="BarNumber"), properties=_part_properties(code)) for code in parts]
    return table(row(*cells, height=height), widths=widths, style="Bar", title=bar.name, width=BAR_WIDTH)


def _part_properties(code: str) -> Xml:
    edge = {"val": "single", "sz": "2", "space": "0", "color": _ink(code)}
    borders = element("tcBorders", *(element(side, **edge) for side in ("top", "left", "bottom", "right")))
    return Xml(borders + shade(BAR_LOOKS[code], BAR_PATTERNS))


def _mark(code: str) -> Xml:
    """Draw a small part of a bar in a line of text."""
    edge = element("bdr", val="single", sz="2", space="0", color=_ink(code))
    return Xml(f"<w:r><w:rPr>{edge}{shade(BAR_LOOKS[code], BAR_PATTERNS)}</w:rPr>{TEXT}{MARK}</w:t></w:r>")


def _ink(code: str) -> str:
    return BAR_LOOKS[code].ink.removeprefix("#").upper()


def _row(texts: list[str], kind: str = "", style: str = "") -> Row:
    cells = [
        cell(paragraph(words(text, style=style), style=f"TableNumber{kind}" if place else f"Table{kind or 'Text'}"))
        for place, text in enumerate(texts)
    ]
    return row(*cells, is_head=bool(kind))


def _footnote_mark(mark: Xml) -> Xml:
    return element("r", element("rPr", element("rStyle", val="FootnoteReference")), mark)


@lru_cache(maxsize=16)
def _set_up(language: str, is_rtl: bool) -> tuple[dict[str, str], Xml]:
    """Return the parts of an empty paper, and the set-up of the pages before the annex."""
    document = empty_document(language, is_rtl)
    looks = parse_xml(LOOKS)
    _set_styles(document, looks.find(qn("w:styles")))
    document.part.numbering_part.element[:] = looks.find(qn("w:numbering"))
    _add_footnotes(document)
    _set_page(document)
    form = section_form(parts_of(document))
    _set_annex_page(document)
    return parts_of(document), form


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
    document.settings.odd_and_even_pages_header_footer = True
    for pages in ("first_page", "even_page"):
        for header in (getattr(section, f"{pages}_header"), getattr(section, f"{pages}_footer")):
            header.is_linked_to_previous = False


def _set_annex_page(document: Document) -> None:
    section = document.sections[-1]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(297), Mm(210)
    section.left_margin = section.right_margin = Mm(20)
    section.different_first_page_header_footer = False

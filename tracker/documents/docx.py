"""Write any document for Word, so that it can be edited: the same tree as the PDF (tree.py).

Of a paper Word numbers paragraphs, headings and items, and its footnotes are footnotes.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import batched, count
from typing import Any

from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE

from tracker.documents import tree
from tracker.documents.word import (
    BODY_LINKS,
    SEPARATORS,
    TEXT,
    WIDTH,
    Row,
    WordFile,
    Xml,
    adopted,
    cell,
    element,
    field,
    footnote,
    heading_list,
    link,
    link_target,
    new_document,
    page_form,
    page_number,
    paper_parts,
    paragraph,
    part,
    row,
    run_paragraph,
    run_words,
    table,
    title_words,
    words,
    written,
)
from tracker.models.status import LOOKS, StatusStyle

# By the pattern of a status: Word's own pattern, its colour and what is behind it, where that is not the status's fill.
PATTERNS = {"": ("clear", "auto", ""), "dots": ("pct10", "FFFFFF", ""), "hatch": ("thinDiagStripe", "B4BFC8", "FFFFFF")}
BAR_PARTS = 1_000
THINNEST = 8  # of them, so that one of many is seen
NUMBERED = 40  # and more: there is room for it
HEIGHTS = {True: "400", False: "180"}  # twentieths of a point
UPRIGHT = "1700"
NUMBER_WIDTH = 9
WORD_WIDTH = 5
CENTRED = element("vAlign", val="center")


# A paper: numberings of paper.xml, two in use, and the base of each list of items.
HEADINGS, PARAGRAPHS, ITEMS = "1", "2", "2"
UNNUMBERED = "0"
PAPER_WIDTH, HANGING, ANNEX_WIDTH = 8618, 680, 14570  # twentieths of a point: the text, left of it, and in an annex
PAPER_PAGES = page_form(1814, 1474)
ANNEX_PAGES = page_form(1134, 1134, w="16838", h="11906", orient="landscape")
ROOM = "\N{NO-BREAK SPACE}" * 12  # of an empty field
BETWEEN = "\N{NO-BREAK SPACE}" * 6
MARK = "\N{EM SPACE}"
LEGEND_COLUMNS = 3
# Bars and marks of a paper are low and have no numbers on them, so that dots must be seen from afar.
CHART_PATTERNS = PATTERNS | {"dots": ("pct50", "FFFFFF", "")}
CHART_WIDTHS, BAR_WIDTH = (1, 2), 5500  # of the second: twentieths of a point
PAPER_PARTS, NUMBERINGS = paper_parts()
SYMBOLS = {
    code: Xml(words(look.character, style="Symbol") + words("\N{NO-BREAK SPACE}")) for code, look in LOOKS.items()
} | {"": Xml("")}


def write_docx(document: tree.Document) -> bytes:
    return _paper(document, document.masthead) if document.masthead else _report(document)


def _report(document: tree.Document) -> bytes:
    word = new_document(
        language=document.language,
        title=f"{document.title}, {document.author}",
        subject=document.reference,
        author=document.author,
    )
    reference = words(document.reference, style="Strong")
    head = paragraph(words(document.running), words("\t"), reference, style="Header")
    word.add_head_and_foot("default", head, *_foot(document))
    if document.has_cover:
        word.body += _cover(document)
        word.body += [paragraph(words(document.words["contents"]), style="TOCHeading")]
        word.body += heading_list(_heading_list(document))
    else:
        word.body += _top(document)
    writing = _Writing(document)
    for number, chapter in enumerate(document.chapters, start=1):
        word.body += _write_part(number, chapter, writing)
    return written(word)


class _Writing:
    """Hold what blocks need of their document, and what those of a paper add to it: footnotes, and lists of items."""

    def __init__(self, document: tree.Document) -> None:
        self.document = document
        self.width = PAPER_WIDTH
        self.footnotes = [
            element("footnote", paragraph(element("r", element(kind))), type=kind, id=number)
            for kind, number in SEPARATORS.items()
        ]
        self.lists: list[Xml] = []
        self.headings = count()  # of a paper, as its contents link to them

    def link_next_heading(self, text: Xml) -> Xml:
        return link_target(f"heading-{next(self.headings)}", text)

    def write(self, blocks: Iterable[tree.Block]) -> Iterator[Xml]:
        for block in blocks:
            yield from WRITERS[type(block)](block, self)

    def add_footnote(self, text: str) -> Xml:
        """Return the mark of the footnote."""
        number = str(len(self.footnotes) - 1)
        note = paragraph(_footnote_mark("footnoteRef"), words(f" {text}"), style="FootnoteText")
        self.footnotes.append(element("footnote", note, id=number))
        return _footnote_mark("footnoteReference", id=number)

    def add_list(self) -> str:
        """Return the numbering of a new list of items."""
        number = str(int(PARAGRAPHS) + 1 + len(self.lists))
        restart = element("lvlOverride", element("startOverride", val="1"), ilvl="0")
        self.lists.append(element("num", element("abstractNumId", val=ITEMS), restart, numId=number))
        return number


def _foot(document: tree.Document) -> Iterator[Xml]:
    pages = page_number(document.words["page"])
    yield paragraph(words(f"{document.marking} · {document.foot}"), words("\t"), pages, style="Footer")
    if document.sealed:
        yield paragraph(words(document.sealed, style="Digest"), style="Footer")


def _cover(document: tree.Document) -> Iterator[Xml]:
    yield paragraph(words(document.body))
    yield paragraph(words(document.marking, style="Strong"))
    yield paragraph(words(document.title), style="Title")
    yield paragraph(words(document.author), style="Subtitle")
    yield from _named(_rows_of_facts(document.facts))
    for statement in document.statements:
        yield paragraph(words(statement), style="Note")


def _top(document: tree.Document) -> Iterator[Xml]:
    yield paragraph(words(document.body))
    yield paragraph(words(document.title), style="Heading1")
    yield paragraph(words(document.author), style="Subtitle")
    yield paragraph(words(f"{document.marking} · {document.foot}"), style="Note")


def _heading_list(document: tree.Document) -> list[tuple[int, str, str]]:
    found = []
    for number, chapter in enumerate(document.chapters, start=1):
        found.append((1, chapter.title, f"chapter-{number}"))
        found += [
            (2, block.text, f"heading-{number}-{place}")
            for place, block in enumerate(chapter.blocks)
            if isinstance(block, tree.Heading) and block.is_listed
        ]
    return found


def _write_part(number: int, chapter: tree.DocumentPart, writing: _Writing) -> Iterator[Xml]:
    title = link_target(f"chapter-{number}", words(chapter.title))
    style = "Heading1" if writing.document.has_cover else "Heading2"
    yield paragraph(title, style=style, starts_page=not writing.document.is_continuous)
    for place, block in enumerate(chapter.blocks):
        if isinstance(block, tree.Heading) and block.is_listed:
            yield paragraph(link_target(f"heading-{number}-{place}", words(block.text)), style="Heading2")
        else:
            yield from writing.write([block])


def _heading(heading: tree.Heading, writing: _Writing) -> Iterator[Xml]:
    if writing.document.masthead:
        style = f"Heading{heading.level}"
        yield paragraph(
            writing.link_next_heading(words(heading.text)), style=style, numbering=HEADINGS, level=heading.level - 1
        )
    else:
        yield paragraph(words(heading.text), style="Heading3")


def _bar(bar: tree.StatusBar, writing: _Writing) -> Iterator[Xml]:
    total = sum(count for _code, _name, count in bar.counts)
    if total:
        yield _bar_table(bar, [_bar_cell(code, count, total, bar.is_large) for code, _name, count in bar.counts])
    if bar.has_legend:
        runs = []
        for code, name, count in bar.counts:
            runs += [SYMBOLS[code], words(f"{name} {count}".replace(" ", "\N{NO-BREAK SPACE}")), words("   ")]
        yield paragraph(*runs, style="Legend")
    else:
        yield paragraph(style="Gap")


def _bar_table(bar: tree.StatusBar, cells: list[Xml], width: int = WIDTH) -> Xml:
    total = sum(count for _code, _name, count in bar.counts)
    widths = [max(BAR_PARTS * count // total, THINNEST) for _code, _name, count in bar.counts]
    height = element("trHeight", val=HEIGHTS[bar.is_large], hRule="exact")
    return table(row(*cells, height=height), widths=widths, style="Bar", title=bar.described, width=width)


def _bar_cell(code: str, count: int, total: int, is_large: bool) -> Xml:
    style = "OnDark" if LOOKS[code].is_filled else "Strong"
    is_numbered = is_large and count * BAR_PARTS >= NUMBERED * total
    shown = [words(str(count), style=style)] if is_numbered else []
    return cell(paragraph(*shown, style="BarNumber"), properties=Xml(shade(LOOKS[code], PATTERNS) + CENTRED))


def shade(look: StatusStyle, patterns: Mapping[str, tuple[str, str, str]]) -> Xml:
    pattern, colour, behind = patterns[look.pattern]
    return element("shd", val=pattern, color=colour, fill=behind or look.fill.removeprefix("#").upper())


def _rows_of_facts(facts: tree.Facts) -> list[tuple[str, list[Xml]]]:
    return [(name, [run_paragraph(run, style="Fact") for run in runs]) for name, runs in facts.rows]


def _named(rows: list[tuple[str, list[Xml]]]) -> Iterator[Xml]:
    if rows:
        lines = [row(cell(paragraph(words(name, style="Muted"), style="Fact")), cell(*blocks)) for name, blocks in rows]
        yield table(*lines, widths=(1, 4), style="TableNormal")
        yield paragraph(style="Gap")


def _table(block: tree.Table, writing: _Writing) -> Iterator[Xml]:
    """Leave out the bars: the numbers next to them say the same."""
    if block.label:
        yield from _numbered_table(block, writing.width)
        return
    bars = {place for cells in block.rows for place, cell in enumerate(cells) if cell.bar}
    places = [place for place in range(len(block.widths)) if place not in bars]
    numbers = {place for place in places if block.widths[place] == 0}
    upright = set() if writing.document.is_rtl else numbers  # LibreOffice loses what is turned from right to left
    heads = [_head(block.heads[place], is_upright=place in upright) for place in places]
    total = block.rows[-1] if block.has_total else None
    rows = [
        row(*(cell(_table_text(cells[place], place in numbers, place == 0 or cells is total)) for place in places))
        for cells in block.rows
    ]
    widths = [block.widths[place] * WORD_WIDTH or NUMBER_WIDTH for place in places]
    height = element("trHeight", val=UPRIGHT, hRule="atLeast") if upright else Xml("")
    head = row(*heads, is_head=True, height=height)
    yield table(head, *rows, widths=widths, title=block.title, has_total=block.has_total)
    yield paragraph(style="Gap")


def _head(head: tree.Cell, *, is_upright: bool) -> Xml:
    turned = Xml(element("textDirection", val="btLr") + CENTRED) if is_upright else Xml("")
    return cell(paragraph(_cell(head), style="TableHead"), properties=turned)


def _table_text(cell: tree.Cell, is_number: bool, is_strong: bool) -> Xml:
    shown = _cell(cell, "Strong" if is_strong else "")
    return paragraph(shown, style="TableNumber" if is_number else "TableText", direction=cell.run.direction)


def _cell(cell: tree.Cell, style: str = "") -> Xml:
    shown = run_words(cell.run, style)
    linked = link(cell.to, shown) if cell.to else shown
    return Xml(SYMBOLS[cell.code] + linked + title_words(cell.title))


def _answer_part(part: tree.AnswerPart, writing: _Writing) -> Iterator[Xml]:
    label = words(part.label, style="Strong")
    lead = link(part.to, label) if part.to else label
    yield paragraph(lead, title_words(part.title, "Strong"), style="Lead")
    yield paragraph(_status(part.code, part.status, part.notes), style="Lead" if part.words.text else "")
    if part.words.text:
        yield run_paragraph(part.words)


def _points(points: tree.Points, writing: _Writing) -> Iterator[Xml]:
    numbering = writing.add_list()
    yield from (paragraph(run_words(item), style="LetteredItem", numbering=numbering) for item in points.items)


def _blanks(blanks: tree.Blanks, writing: _Writing) -> Iterator[Xml]:
    rows = [row(cell(paragraph(words(name, style="Muted"), style="Blank")), cell(paragraph())) for name in blanks.names]
    yield table(*rows, widths=(1, 3), has_names=False)
    yield paragraph(style="Gap")


def _answer(answer: tree.ReportAnswer, writing: _Writing) -> Iterator[Xml]:
    yield paragraph(link_target(answer.anchor, words(answer.label)), title_words(answer.title), style="Heading3")
    yield from (adopted(text) for text in answer.texts)
    yield from (footnote(number, note) for number, note in answer.footnotes)
    yield paragraph(_status(answer.code, answer.status, answer.notes), style="Lead")
    evidence = [paragraph(_cited(cited), style="Fact") for cited in answer.evidence]
    yield from _named(
        [*_rows_of_facts(answer.facts), *([(writing.document.words["evidence"], evidence)] if evidence else [])]
    )
    if answer.foot:
        yield paragraph(words(answer.foot), style="Note")


def _cited(cited: tree.CitationLine) -> Xml:
    return Xml(link(cited.to, words(cited.number, style="Hyperlink")) + words(" ") + run_words(cited.run))


def _reference(reference: tree.Reference, writing: _Writing) -> Iterator[Xml]:
    number = link_target(reference.anchor, words(reference.number))
    yield paragraph(number, words("  "), run_words(reference.title), style="Heading3")
    for note in reference.notes:
        yield run_paragraph(note, style="Note")
    if reference.digest:
        yield paragraph(words("SHA-256 "), words(reference.digest, style="Digest"), style="Note", direction="ltr")


def _status(code: str, status: str, notes: list[tree.TextRun]) -> Xml:
    beside = [words(" · ") + run_words(note, "Muted") for note in notes]
    return Xml(SYMBOLS[code] + words(status, style="Strong") + "".join(beside))


# A paper


def _paper(document: tree.Document, head: tree.Masthead) -> bytes:
    body, annex = document.chapters
    writing = _Writing(document)
    word = new_document(language=document.language, title=document.title, author=document.author, parts=PAPER_PARTS)
    _add_heads_and_feet(word, document, head)
    word.body += _masthead(document, head)
    word.body += writing.write(body.blocks)
    word.body += [element("p", element("pPr", word.section(PAPER_PAGES, element("titlePg"))))]
    title = writing.link_next_heading(words(annex.title))
    word.body += [paragraph(title, style="Heading1", numbering=UNNUMBERED)]
    writing.width = ANNEX_WIDTH
    word.body += writing.write(annex.blocks)
    notes = CONTENT_TYPE.WML_FOOTNOTES, RELATIONSHIP_TYPE.FOOTNOTES
    numberings = CONTENT_TYPE.WML_NUMBERING, RELATIONSHIP_TYPE.NUMBERING
    word.add_part("word/footnotes.xml", part("footnotes", *writing.footnotes), *notes, links=BODY_LINKS)
    word.add_part("word/numbering.xml", part("numbering", NUMBERINGS, *writing.lists), *numberings, links=BODY_LINKS)
    return written(word, ANNEX_PAGES)


def _add_heads_and_feet(word: WordFile, document: tree.Document, masthead: tree.Masthead) -> None:
    """Write them as the United Nations print them: on the outer side, with the symbol and the number outermost."""
    symbol, draft = _field("symbol", masthead.symbol), words(document.marking, style="Strong")
    page, release = page_number("%(number)s/%(pages)s"), words(document.foot, style="FootText")
    gap = words(BETWEEN)
    foot = paragraph(release, gap, page, style="OddFooter")
    word.add_head_and_foot("default", paragraph(draft, gap, symbol, style="OddHeader"), foot)
    word.add_head_and_foot("first", paragraph(draft, style="FirstHeader"), foot)
    even_head = paragraph(symbol, gap, draft, style="Header")
    word.add_head_and_foot("even", even_head, paragraph(page, gap, release, style="Footer"))


def _field(name: str, text: str) -> Xml:
    """Write a field that can be filled in Word, with room where it is empty."""
    properties = element("sdtPr", element("alias", val=name), element("tag", val=name), element("text"))
    return element("sdt", properties, element("sdtContent", words(text or ROOM)))


def _masthead(document: tree.Document, head: tree.Masthead) -> Iterator[Xml]:
    """Write the masthead without the emblem. What is not allocated yet is an empty field."""
    symbol = paragraph(_field("symbol", head.symbol), style="PaperSymbol")
    top = row(cell(paragraph(words(head.organization), style="PaperOrganization")), cell(symbol))
    fields = [
        paragraph(words(f"{label} " if label else ""), _field(name, text), style="PaperField")
        for name, label, text in head.fields
    ]
    below = row(cell(paragraph(words(head.parent), style="PaperParent")), cell(*fields))
    for line, style in ((top, "PaperTopTable"), (below, "PaperHeadTable")):
        yield table(line, widths=[2, 1], style=style, width=PAPER_WIDTH + HANGING)
    yield paragraph(words(document.body, style="Strong"), style="PaperHead")
    for text in head.meeting:
        yield paragraph(words(text), style="PaperHead")
    yield paragraph(words(document.title), style="Title")
    yield paragraph(words(document.author), style="Subtitle")


def _numbered_paragraph(block: tree.NumberedParagraph, writing: _Writing) -> Iterator[Xml]:
    note = writing.add_footnote(block.footnote) if block.footnote else Xml("")
    text = run_words(block.run, "Emphasis" if block.is_instruction else "")
    yield paragraph(text, note, style="LeadIn" if block.is_lead else "NumberedParagraph", numbering=PARAGRAPHS)


def _footnote_mark(kind: str, **values: str) -> Xml:
    return element("r", element("rPr", element("rStyle", val="FootnoteReference")), element(kind, **values))


def _summary(block: tree.SummaryBox, writing: _Writing) -> Iterator[Xml]:
    title = paragraph(words(block.title), style="SummaryTitle")
    texts = [paragraph(words(text), style="SummaryText") for text in block.paragraphs]
    yield table(row(cell(title, *texts)), widths=[1], style="SummaryTable", title=block.title, width=PAPER_WIDTH)
    yield paragraph(style="Gap")


def _quoted_text(block: tree.QuotedText, writing: _Writing) -> Iterator[Xml]:
    style = "QuoteAndMore" if block.by and not block.is_long else "Quote"
    yield run_paragraph(block.words, style)
    if block.by:
        yield paragraph(words(block.by), style="QuotedFrom")


def _contents(block: tree.Contents, writing: _Writing) -> Iterator[Xml]:
    yield paragraph(words(block.title), style="TOCHeading")
    yield paragraph(words(block.page), style="TableNumberHead")
    yield from heading_list([(level, text, f"heading-{place}") for place, (level, text) in enumerate(block.headings)])


def _titled(block: tree.Table | tree.Chart, sequence: str) -> Iterator[Xml]:
    """Write the number, which Word counts again, and the title."""
    before, number, after = block.label.partition(str(block.number))
    counted = field(f"SEQ {sequence} \\* ARABIC", number)
    yield paragraph(words(before), counted, words(after), style="TableLabel")
    yield paragraph(words(block.title), style="TableTitle")


def _numbered_table(block: tree.Table, width: int) -> Iterator[Xml]:
    yield from _titled(block, "Table")
    last = len(block.rows) if block.has_total else None
    rows = [_figures(cells, "Strong" if number == last else "") for number, cells in enumerate(block.rows, start=1)]
    yield table(
        _figures(block.heads, is_head=True),
        *rows,
        widths=block.widths,
        style="PaperTable",
        title=block.title,
        has_total=block.has_total,
        width=width,
    )
    yield paragraph(words(block.source), style="Note")


def _figures(cells: list[tree.Cell], style: str = "", is_head: bool = False) -> Row:
    """Write a row in which all but the first cell are numbers."""
    kinds = ("TableHead", "TableNumberHead") if is_head else ("TableText", "TableNumber")
    shown = [cell(paragraph(_cell(each, style), style=kinds[place > 0])) for place, each in enumerate(cells)]
    return row(*shown, is_head=is_head)


def _chart(block: tree.Chart, writing: _Writing) -> Iterator[Xml]:
    yield from _titled(block, "Figure")
    rows = [
        row(cell(paragraph(words(name), style="BarName")), cell(_chart_bar(bar), paragraph(style="BarNumber")))
        for name, bar in block.rows
    ]
    bars = _frame(*rows, widths=CHART_WIDTHS, title=block.title)
    names = [paragraph(_mark(code), words(f" {name}"), style="ChartLegend") for code, name in block.legend]
    names += [paragraph(style="ChartLegend")] * (-len(names) % LEGEND_COLUMNS)
    lines = [row(*map(cell, line)) for line in batched(names, LEGEND_COLUMNS)]
    legend = _frame(*lines, widths=[1] * LEGEND_COLUMNS)
    # One row keeps them together: LibreOffice does not keep a table with the paragraph after it.
    whole = cell(bars, paragraph(style="ChartLegend"), legend, paragraph(words(block.source), style="Note"))
    yield _frame(row(whole, is_whole=True), widths=[1])
    yield paragraph(style="Gap")


_frame = partial(table, style="ChartTable", width=PAPER_WIDTH)


def _chart_bar(bar: tree.StatusBar) -> Xml:
    cells = [cell(paragraph(style="BarNumber"), properties=_edged(code)) for code, _name, _count in bar.counts]
    return _bar_table(bar, cells, width=BAR_WIDTH)


def _edged(code: str) -> Xml:
    borders = element("tcBorders", *(element(side, **_edge(code)) for side in ("top", "left", "bottom", "right")))
    return Xml(borders + shade(tree.BAR_LOOKS[code], CHART_PATTERNS))


def _mark(code: str) -> Xml:
    """Draw a small part of a bar in a line of text."""
    edge = element("bdr", **_edge(code))
    return Xml(f"<w:r><w:rPr>{edge}{shade(tree.BAR_LOOKS[code], CHART_PATTERNS)}</w:rPr>{TEXT}{MARK}</w:t></w:r>")


def _edge(code: str) -> dict[str, str]:
    return {"val": "single", "sz": "2", "space": "0", "color": tree.BAR_LOOKS[code].ink.removeprefix("#").upper()}


WRITERS: dict[type, Callable[[Any, _Writing], Iterable[Xml]]] = {
    tree.Heading: _heading,
    tree.Paragraph: lambda block, writing: [
        run_paragraph(block.run, "Summary" if block.is_lead else "Note" if block.is_note else "")
    ],
    tree.NumberedParagraph: _numbered_paragraph,
    tree.SummaryBox: _summary,
    tree.QuotedText: _quoted_text,
    tree.Contents: _contents,
    tree.StatusBar: _bar,
    tree.Facts: lambda block, writing: _named(_rows_of_facts(block)),
    tree.Table: _table,
    tree.Chart: _chart,
    tree.AnswerPart: _answer_part,
    tree.Points: _points,
    tree.Blanks: _blanks,
    tree.ReportAnswer: _answer,
    tree.Reference: _reference,
}

"""Write a State's report for Word, so that a ministry can edit it: the same document as the PDF (tree.py)."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from tracker.documents.tree import (
    AnswerPart,
    Blanks,
    Block,
    Cell,
    CitationLine,
    Document,
    DocumentPart,
    Facts,
    Heading,
    Paragraph,
    Points,
    Reference,
    ReportAnswer,
    StatusBar,
    Table,
    TextRun,
)
from tracker.documents.word import (
    Xml,
    adopted,
    cell,
    element,
    footnote,
    heading_list,
    link,
    link_target,
    new_document,
    page_number,
    paragraph,
    row,
    run_paragraph,
    run_words,
    set_head_and_foot,
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
POINTS = (1, 14)
GAP = (5, 2)
NUMBER_WIDTH = 9
WORD_WIDTH = 5
CENTRED = element("vAlign", val="center")


def report_docx(document: Document) -> bytes:
    word = new_document(
        language=document.language,
        title=f"{document.title}, {document.state}",
        subject=document.reference,
        author=document.state,
    )
    reference = words(document.reference, style="Strong")
    head = paragraph(words(document.running), words("\t"), reference, style="Header")
    set_head_and_foot(word, head, *_foot(document))
    if document.has_cover:
        word.body += _cover(document)
        word.body += [paragraph(words(document.words["contents"]), style="TOCHeading")]
        word.body += heading_list(_heading_list(document))
    else:
        word.body += _top(document)
    for number, chapter in enumerate(document.chapters, start=1):
        word.body += _write_part(number, chapter, document)
    return written(word)


def _foot(document: Document) -> Iterator[Xml]:
    pages = page_number(document.words["page"])
    yield paragraph(words(f"{document.marking} · {document.foot}"), words("\t"), pages, style="Footer")
    if document.sealed:
        yield paragraph(words(document.sealed, style="Digest"), style="Footer")


def _cover(document: Document) -> Iterator[Xml]:
    yield paragraph(words(document.body))
    yield paragraph(words(document.marking, style="Strong"))
    yield paragraph(words(document.title), style="Title")
    yield paragraph(words(document.state), style="Subtitle")
    yield from _write(document.facts, document)
    for statement in document.statements:
        yield paragraph(words(statement), style="Note")


def _top(document: Document) -> Iterator[Xml]:
    yield paragraph(words(document.body))
    yield paragraph(words(document.title), style="Heading1")
    yield paragraph(words(document.state), style="Subtitle")
    yield paragraph(words(f"{document.marking} · {document.foot}"), style="Note")


def _heading_list(document: Document) -> list[tuple[int, str, str]]:
    found = []
    for number, chapter in enumerate(document.chapters, start=1):
        found.append((1, chapter.title, f"chapter-{number}"))
        found += [
            (2, block.text, f"heading-{number}-{place}")
            for place, block in enumerate(chapter.blocks)
            if isinstance(block, Heading) and block.is_listed
        ]
    return found


def _write_part(number: int, chapter: DocumentPart, document: Document) -> Iterator[Xml]:
    title = link_target(f"chapter-{number}", words(chapter.title))
    style = "Heading1" if document.has_cover else "Heading2"
    yield paragraph(title, style=style, starts_page=not document.is_continuous)
    for place, block in enumerate(chapter.blocks):
        if isinstance(block, Heading) and block.is_listed:
            yield paragraph(link_target(f"heading-{number}-{place}", words(block.text)), style="Heading2")
        else:
            yield from _write(block, document)


def _write(block: Block, document: Document) -> Iterator[Xml]:
    yield from WRITERS[type(block)](block, document)


def _bar(bar: StatusBar, document: Document) -> Iterator[Xml]:
    total = sum(count for _code, _name, count in bar.counts)
    if total:
        cells = [_bar_cell(code, count, total, bar.is_large) for code, _name, count in bar.counts]
        widths = [max(BAR_PARTS * count // total, THINNEST) for _code, _name, count in bar.counts]
        height = element("trHeight", val=HEIGHTS[bar.is_large], hRule="exact")
        yield table(row(*cells, height=height), widths=widths, style="Bar", title=bar.described)
    if bar.has_legend:
        runs = []
        for code, name, count in bar.counts:
            runs += [_symbol(code), words(f"{name} {count}".replace(" ", "\N{NO-BREAK SPACE}")), words("   ")]
        yield paragraph(*runs, style="Legend")
    else:
        yield paragraph(style="Gap")


def _bar_cell(code: str, count: int, total: int, is_large: bool) -> Xml:
    style = "OnDark" if LOOKS[code].is_filled else "Strong"
    is_numbered = is_large and count * BAR_PARTS >= NUMBERED * total
    shown = [words(str(count), style=style)] if is_numbered else []
    return cell(paragraph(*shown, style="BarNumber"), properties=Xml(shade(LOOKS[code], PATTERNS) + CENTRED))


def shade(look: StatusStyle, patterns: Mapping[str, tuple[str, str, str]]) -> Xml:
    pattern, colour, behind = patterns[look.pattern]
    return element("shd", val=pattern, color=colour, fill=behind or look.fill.removeprefix("#").upper())


def _rows_of_facts(facts: Facts) -> list[tuple[str, list[Xml]]]:
    return [(name, [run_paragraph(run, style="Fact") for run in runs]) for name, runs in facts.rows]


def _named(rows: list[tuple[str, list[Xml]]]) -> Iterator[Xml]:
    if rows:
        lines = [row(cell(paragraph(words(name, style="Muted"), style="Fact")), cell(*blocks)) for name, blocks in rows]
        yield table(*lines, widths=(1, 4), style="TableNormal")
        yield paragraph(style="Gap")


def _table(block: Table, document: Document) -> Iterator[Xml]:
    """Leave out the bars: the numbers next to them say the same."""
    bars = {place for cells in block.rows for place, cell in enumerate(cells) if cell.bar}
    places = [place for place in range(len(block.widths)) if place not in bars]
    numbers = {place for place in places if block.widths[place] == 0}
    upright = set() if document.is_rtl else numbers  # LibreOffice loses what is turned from right to left
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


def _head(head: Cell, *, is_upright: bool) -> Xml:
    turned = Xml(element("textDirection", val="btLr") + CENTRED) if is_upright else Xml("")
    return cell(paragraph(_cell(head), style="TableHead"), properties=turned)


def _table_text(cell: Cell, is_number: bool, is_strong: bool) -> Xml:
    shown = _cell(cell, "Strong" if is_strong else "")
    return paragraph(shown, style="TableNumber" if is_number else "TableText", direction=cell.run.direction)


def _cell(cell: Cell, style: str = "") -> Xml:
    shown = run_words(cell.run, style)
    linked = link(cell.to, shown) if cell.to else shown
    return Xml(_symbol(cell.code) + linked + title_words(cell.title))


def _answer_part(part: AnswerPart, document: Document) -> Iterator[Xml]:
    if not document.has_cover:
        yield from _gap(part)
        return
    label = words(part.label, style="Strong")
    lead = link(part.to, label) if part.to else label
    yield paragraph(lead, title_words(part.title, "Strong"), style="Lead")
    yield paragraph(_status(part.code, part.status, part.notes), style="Lead" if part.words.text else "")
    if part.words.text:
        yield run_paragraph(part.words)


def _gap(part: AnswerPart) -> Iterator[Xml]:
    """Write the status at the side."""
    title = paragraph(words(part.label, style="Muted"), title_words(part.title, "Strong"), style="Fact")
    said = [run_paragraph(part.words, style="Fact")] if part.words.text else []
    status = paragraph(_symbol(part.code), words(part.status), style="Fact")
    side = [status, *(run_paragraph(note, style="Note") for note in part.notes)]
    yield table(row(cell(title, *said), cell(*side)), widths=GAP, has_names=False)


def _points(points: Points, document: Document) -> Iterator[Xml]:
    rows = [
        row(cell(paragraph(words(str(number), style="Strong"))), cell(run_paragraph(item)))
        for number, item in enumerate(points.items, start=1)
    ]
    yield table(*rows, widths=POINTS, has_names=False)
    yield paragraph(style="Gap")


def _blanks(blanks: Blanks, document: Document) -> Iterator[Xml]:
    rows = [row(cell(paragraph(words(name, style="Muted"), style="Blank")), cell(paragraph())) for name in blanks.names]
    yield table(*rows, widths=(1, 3), has_names=False)
    yield paragraph(style="Gap")


def _answer(answer: ReportAnswer, document: Document) -> Iterator[Xml]:
    yield paragraph(link_target(answer.anchor, words(answer.label)), title_words(answer.title), style="Heading3")
    yield from (adopted(text) for text in answer.texts)
    yield from (footnote(number, note) for number, note in answer.footnotes)
    yield paragraph(_status(answer.code, answer.status, answer.notes), style="Lead")
    evidence = [paragraph(_cited(cited), style="Fact") for cited in answer.evidence]
    yield from _named([*_rows_of_facts(answer.facts), *([(document.words["evidence"], evidence)] if evidence else [])])
    if answer.foot:
        yield paragraph(words(answer.foot), style="Note")


def _cited(cited: CitationLine) -> Xml:
    return Xml(link(cited.to, words(cited.number, style="Hyperlink")) + words(" ") + run_words(cited.run))


def _reference(reference: Reference, document: Document) -> Iterator[Xml]:
    number = link_target(reference.anchor, words(reference.number))
    yield paragraph(number, words("  "), run_words(reference.title), style="Heading3")
    for note in reference.notes:
        yield run_paragraph(note, style="Note")
    if reference.digest:
        yield paragraph(words("SHA-256 "), words(reference.digest, style="Digest"), style="Note", direction="ltr")


WRITERS: dict[type, Callable[[Any, Document], Iterable[Xml]]] = {
    Heading: lambda block, document: [paragraph(words(block.text), style="Heading3")],
    Paragraph: lambda block, document: [
        run_paragraph(block.run, "Summary" if block.is_lead else "Note" if block.is_note else "")
    ],
    StatusBar: _bar,
    Facts: lambda block, document: _named(_rows_of_facts(block)),
    Table: _table,
    AnswerPart: _answer_part,
    Points: _points,
    Blanks: _blanks,
    ReportAnswer: _answer,
    Reference: _reference,
}


def _status(code: str, status: str, notes: list[TextRun]) -> Xml:
    beside = [words(" · ") + run_words(note, "Muted") for note in notes]
    return Xml(_symbol(code) + words(status, style="Strong") + "".join(beside))


@lru_cache(maxsize=16)
def _symbol(code: str) -> Xml:
    return Xml(words(LOOKS[code].character, style="Symbol") + words("\N{NO-BREAK SPACE}")) if code else Xml("")

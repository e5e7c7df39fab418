"""Make the parts of every document for Word: its set-up, and paragraphs, tables, links and fields as XML.

XML is written as text, because a tree of elements takes ten times as long. `escape` is the only way for other text into
it. Styles are those of word_parts/, by their id.
"""

import dataclasses
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import chain, count
from pathlib import Path
from typing import NamedTuple, NewType

from django.utils.translation import get_language_bidi
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.oxml.ns import nsmap, qn
from lxml import etree

from tracker.documents.ooxml import PROLOG, escape, write_parts
from tracker.documents.tree import Adopted, TextRun, direction_of

Xml = NewType("Xml", str)

FOLDER = Path(__file__).with_name("word_parts")
# The parts of an empty document: styles that Word knows by name and a few of its own, and the set-up.
PARTS = {
    path.relative_to(FOLDER).as_posix(): path.read_text("utf-8") for path in sorted(FOLDER.rglob("*")) if path.is_file()
}
WIDTH = 9752  # twentieths of a point, between the margins of a page
KEPT_TOGETHER = 1_000  # characters in a row: more of them may need more than a page
ADOPTED_LANGUAGE = "en"
BODY, STYLES, SETTINGS = "word/document.xml", "word/styles.xml", "word/settings.xml"
TYPES, LINKS, BODY_LINKS = "[Content_Types].xml", "_rels/.rels", "word/_rels/document.xml.rels"
SEPARATORS = {"separator": "-1", "continuationSeparator": "0"}  # of footnotes, before the first
TEXT = '<w:t xml:space="preserve">'
TEXTS = re.compile(f"{TEXT}([^<]+)")
BOOKMARK = 'w:id="bookmark"'  # until all are numbered
NO_LINK_NAME = re.compile(r"\W")

LOOK_BITS = {"firstRow": 0x20, "lastRow": 0x40, "firstColumn": 0x80, "noHBand": 0x200, "noVBand": 0x400}

# As Word names languages. It finds by itself which of its three scripts a word has.
LANGUAGES = {
    "ar": {"bidi": "ar-SA"},
    "zh": {"eastAsia": "zh-CN"},
    "en": {"val": "en-GB"},
    "fr": {"val": "fr-FR"},
    "ru": {"val": "ru-RU"},
    "es": {"val": "es-ES"},
}

RIGHT_TO_LEFT = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff"
OF_THE_OTHER_DIRECTION = {
    "ltr": re.compile(rf"([{RIGHT_TO_LEFT}](?:[\W\d_{RIGHT_TO_LEFT}]*[\d{RIGHT_TO_LEFT}])?)"),
    "rtl": re.compile(rf"([^\W\d_{RIGHT_TO_LEFT}](?:[^{RIGHT_TO_LEFT}]*[^\W_{RIGHT_TO_LEFT}])?)"),
}

DEFAULT_LANGUAGES = {"val": "en-GB", "eastAsia": "zh-CN", "bidi": "ar-SA"}
LANGUAGE_OF_STYLES = re.compile("<w:lang [^>]*>")


def element(name: str, /, *content: Xml, **values: str) -> Xml:
    """Write an XML element: `element("jc", val="end")` is `<w:jc w:val="end"/>`."""
    attributes = "".join([f' w:{key}="{escape(value)}"' for key, value in values.items()])
    return Xml(f"<w:{name}{attributes}>{''.join(content)}</w:{name}>" if content else f"<w:{name}{attributes}/>")


def page_form(left: int, right: int, **size: str) -> Xml:
    """Describe an A4 page with these margins, in twentieths of a point."""
    margins = {
        "top": "1587",
        "right": str(right),
        "bottom": "1531",
        "left": str(left),
        "header": "737",
        "footer": "624",
    }
    return Xml(element("pgSz", **{"w": "11906", "h": "16838"} | size) + element("pgMar", **margins, gutter="0"))


@dataclasses.dataclass
class WordFile:
    """Hold the parts of a file by name, the blocks of its body, and the heads and feet of its pages."""

    parts: dict[str, str]
    body: list[Xml] = dataclasses.field(default_factory=list)
    references: list[Xml] = dataclasses.field(default_factory=list)

    def add_part(self, name: str, content: str, content_type: str, relation: str, links: str = LINKS) -> None:
        """`links`: the part whose links name it."""
        kind = f'<Override PartName="/{name}" ContentType="{content_type}"/>'
        target = name.removeprefix("word/")
        link = f'<Relationship Id="{name.rpartition("/")[2]}" Type="{relation}" Target="{target}"/>'
        self.parts |= {
            name: content,
            TYPES: self.parts[TYPES].replace("</Types>", f"{kind}</Types>"),
            links: self.parts[links].replace("</Relationships>", f"{link}</Relationships>"),
        }

    def add_head_and_foot(self, pages: str, head: Xml, *foot: Xml) -> None:
        """`pages`: first, even, or default for the others."""
        for kind, tag, content in (("header", "hdr", [head]), ("footer", "ftr", foot)):
            name = f"{kind}-{pages}.xml"
            types = getattr(CONTENT_TYPE, f"WML_{kind.upper()}"), getattr(RELATIONSHIP_TYPE, kind.upper())
            self.add_part(f"word/{name}", part(tag, *content), *types, links=BODY_LINKS)
            self.references.append(Xml(f'<w:{kind}Reference w:type="{pages}" r:id="{name}"/>'))

    def section(self, pages: Xml, *more: Xml) -> Xml:
        """Describe the pages up to here."""
        grid = element("docGrid", linePitch="360")
        return element("sectPr", *self.references, pages, element("cols", space="720"), *more, grid)


class Row(NamedTuple):
    """Hold a row of a table. The table writes the start of each cell, with its width."""

    properties: Xml
    cells: Sequence[Xml]
    is_head: bool


A4 = page_form(1077, 1077)


def new_document(
    *, language: str, title: str, subject: str = "", author: str = "", parts: Mapping[str, str] = PARTS
) -> WordFile:
    """Make an empty A4 document in the active language, whose fields Word fills when it opens it.

    `parts`: of another set-up.
    """
    at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    times = "".join(
        f'<dcterms:{name} xsi:type="dcterms:W3CDTF">{at}</dcterms:{name}>' for name in ("created", "modified")
    )
    properties = {"title": title, "subject": subject, "creator": author, "language": language}
    described = "".join(f"<dc:{name}>{escape(value)}</dc:{name}>" for name, value in properties.items())
    names = "".join(f' xmlns:{name}="{nsmap[name]}"' for name in ("cp", "dc", "dcterms", "xsi"))
    core = f"{PROLOG}<cp:coreProperties{names}>{described}{times}</cp:coreProperties>"
    tags = element("lang", **DEFAULT_LANGUAGES | LANGUAGES.get(language, {}))
    styles = LANGUAGE_OF_STYLES.sub(tags, parts[STYLES], count=1)
    if get_language_bidi():
        styles = styles.replace("<w:pPr/>", "<w:pPr><w:bidi/></w:pPr>", 1)  # of the style that all others begin with
    return WordFile({**parts, STYLES: styles, "docProps/core.xml": core})


def paper_parts() -> tuple[dict[str, str], Xml]:
    """Return the parts of an empty paper, and its numberings. Its styles replace those of the same name."""
    own_styles, numberings = etree.parse(FOLDER.with_name("paper.xml")).getroot()
    styles = etree.fromstring(PARTS[STYLES].encode())
    present = {style.get(qn("w:styleId")): style for style in styles}
    for style in list(own_styles):
        if (replaced := present.get(style.get(qn("w:styleId")))) is not None:
            styles.replace(replaced, style)
        else:
            styles.append(style)
    notes = element("footnotePr", *(element("footnote", id=number) for number in SEPARATORS.values()))
    settings = PARTS[SETTINGS].replace("<w:characterSpacing", "<w:evenAndOddHeaders/><w:characterSpacing")
    settings = settings.replace("<w:compat>", f"{notes}<w:compat>")
    parts = PARTS | {STYLES: etree.tostring(styles, encoding="unicode"), SETTINGS: settings}
    return parts, Xml("".join(etree.tostring(each, encoding="unicode") for each in numberings))


def part(name: str, *content: Xml) -> str:
    return f'{PROLOG}<w:{name} xmlns:w="{nsmap["w"]}">{"".join(content)}</w:{name}>'


def written(document: WordFile, last_pages: Xml = A4) -> bytes:
    start, end = document.parts[BODY].split("<w:body/>")
    blocks = _number_bookmarks([*document.body, document.section(last_pages)])
    body = chain([f"{start}<w:body>"], blocks, [f"</w:body>{end}"])
    return write_parts((document.parts | {BODY: body}).items())


def _number_bookmarks(blocks: Iterable[Xml]) -> Iterator[str]:
    numbers = count()
    for block in blocks:
        first, *others = block.split(BOOKMARK)
        # Each bookmark has a start and an end.
        yield "".join([first, *(f'w:id="{next(numbers) // 2}"{piece}' for piece in others)])


def words(text: str, *, language: str = "", direction: str = "", style: str = "") -> Xml:
    """Write runs of a text, one for each stretch of one direction; line breaks are kept.

    `direction`: ltr or rtl, or empty for that of its first letter; `language`: as in `TextRun`; `style`: of characters.
    """
    if text.isascii() and direction != "rtl":
        return _run(text, language, style, is_rtl=False)
    base = direction or direction_of(text) or "ltr"
    pieces = OF_THE_OTHER_DIRECTION[base].split(text)
    is_rtl = base == "rtl"
    runs = [_run(piece, language, style, is_rtl == (number % 2 == 0)) for number, piece in enumerate(pieces)]
    return Xml("".join(runs))


def title_words(title: str, style: str = "") -> Xml:
    """Write the runs of a short title after a label, in the language of the adopted text."""
    return Xml(words(" ") + words(title, language=ADOPTED_LANGUAGE, style=style)) if title else Xml("")


def _run(text: str, language: str, style: str, is_rtl: bool) -> Xml:
    if not text:
        return Xml("")
    content = f"{TEXT}{escape(text)}</w:t>"
    if not text.isprintable():
        content = content.replace("\n", f"</w:t><w:br/>{TEXT}").replace("\t", f"</w:t><w:tab/>{TEXT}")
        content = content.replace(f"{TEXT}</w:t>", "")
    return Xml(f"<w:r>{_run_properties(language, style, is_rtl)}{content}</w:r>")


def _run_properties(language: str, style: str, is_rtl: bool) -> str:
    properties = f'<w:rStyle w:val="{style}"/>' if style else ""
    if is_rtl:
        properties += "<w:rtl/>"
    if language in LANGUAGES:
        properties += element("lang", **LANGUAGES[language])
    return f"<w:rPr>{properties}</w:rPr>" if properties else ""


def paragraph(
    *content: Xml, style: str = "", direction: str = "", starts_page: bool = False, numbering: str = "", level: int = 0
) -> Xml:
    """`numbering`: the one by which Word numbers the paragraph."""
    properties = _paragraph_properties(style, direction, starts_page, numbering, level)
    return Xml(f"<w:p>{properties}{''.join(content)}</w:p>")


def _paragraph_properties(style: str, direction: str, starts_page: bool, numbering: str, level: int) -> str:
    properties = f'<w:pStyle w:val="{style}"/>' if style else ""
    if starts_page:
        properties += "<w:pageBreakBefore/>"
    if numbering:
        properties += f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{numbering}"/></w:numPr>'
    if direction:
        properties += f'<w:bidi w:val="{int(direction == "rtl")}"/>'
    return f"<w:pPr>{properties}</w:pPr>" if properties else ""


def adopted(text: Adopted) -> Xml:
    content = [words(f"{text.marker}\t")] if text.marker else []
    for piece, mark in text.pieces:
        content.append(words(piece, language=ADOPTED_LANGUAGE))
        if mark:
            content.append(_mark(mark))
    style = "AdoptedItem" if text.marker else "AdoptedChapeau" if text.is_chapeau else "Adopted"
    return paragraph(*content, style=style, direction="ltr")


def footnote(number: int, text: str) -> Xml:
    content = words(f" {text}", language=ADOPTED_LANGUAGE)
    return paragraph(_mark(number), content, style="FootnoteText", direction="ltr")


def _mark(number: int) -> Xml:
    return words(str(number), style="FootnoteReference")


def link_target(anchor: str, *content: Xml) -> Xml:
    start = f'<w:bookmarkStart {BOOKMARK} w:name="{_link_name(anchor)}"/>'
    return Xml(f"{start}{''.join(content)}<w:bookmarkEnd {BOOKMARK}/>")


def link(anchor: str, *content: Xml) -> Xml:
    return element("hyperlink", *content, anchor=_link_name(anchor), history="1")


def _link_name(anchor: str) -> str:
    """Write a name that Word accepts: letters, digits and underscores, at most 40."""
    return NO_LINK_NAME.sub("_", anchor)[:40]


def run_words(run: TextRun, style: str = "") -> Xml:
    return words(run.text, language=run.language, direction=run.direction, style=style)


def run_paragraph(run: TextRun, style: str = "") -> Xml:
    return paragraph(run_words(run), style=style, direction=run.direction)


def page_number(pattern: str) -> Xml:
    """Write the number of the page and that of all pages in the place of `%(number)s` and `%(pages)s`."""
    before, number, between, pages, after = re.split(r"%\((\w+)\)s", pattern)
    codes = {"number": "PAGE", "pages": "NUMPAGES"}
    numbers = field(codes[number], "1"), field(codes[pages], "1")
    return Xml(words(before) + numbers[0] + words(between) + numbers[1] + words(after))


def field(code: str, shown: str = "") -> Xml:
    return Xml(_field_start(code) + words(shown) + FIELD_END)


def _field_start(code: str) -> Xml:
    instruction = f'<w:r><w:instrText xml:space="preserve"> {escape(code)} </w:instrText></w:r>'
    return Xml(_field_step("begin") + instruction + _field_step("separate"))


def _field_step(kind: str) -> Xml:
    return element("r", element("fldChar", fldCharType=kind))


FIELD_END = _field_step("end")


def heading_list(entries: Sequence[tuple[int, str, str]]) -> list[Xml]:
    """Make a table of contents from level, words and anchor of each heading; Word fills in the pages."""
    links = [
        link(anchor, words(text), element("r", element("tab")), field(f"PAGEREF {_link_name(anchor)} \\h"))
        for _level, text, anchor in entries
    ]
    if links:
        links[0] = Xml(_field_start(r'TOC \o "1-2" \h \z \u') + links[0])
        links[-1] = Xml(links[-1] + FIELD_END)
    return [paragraph(made, style=f"TOC{level}") for made, (level, _text, _anchor) in zip(links, entries, strict=True)]


def cell(*blocks: Xml, properties: Xml = Xml("")) -> Xml:
    """Write a cell from its properties on. It ends with a paragraph, or Word reports the file as damaged."""
    return Xml(f"{properties}</w:tcPr>{''.join(blocks)}</w:tc>")


def row(*cells: Xml, is_head: bool = False, is_whole: bool = False, height: Xml = Xml("")) -> Row:
    """Repeat a head on every page; keep a row on one page if it `is_whole`, or short."""
    is_short = is_whole or sum(len(text) for made in cells for text in TEXTS.findall(made)) <= KEPT_TOGETHER
    properties = ("<w:cantSplit/>" if is_short else "") + ("<w:tblHeader/>" if is_head else "") + height
    return Row(Xml(f"<w:trPr>{properties}</w:trPr>"), cells, is_head)


def table(
    *rows: Row,
    widths: Sequence[int],
    style: str = "TableRuled",
    title: str = "",
    has_total: bool = False,
    has_names: bool = True,
    width: int = WIDTH,
) -> Xml:
    """`widths`: parts of `width`, that of a page; `title`: for screen readers. The first row may be a head, the first
    cell of a row its name.
    """
    whole = sum(widths)
    twips = [width * part // whole for part in widths]
    starts = [f'<w:tc><w:tcPr><w:tcW w:w="{its_width}" w:type="dxa"/>' for its_width in twips]
    lines = [
        f"<w:tr>{made.properties}"
        f"{''.join([start + cell for start, cell in zip(starts, made.cells, strict=True)])}</w:tr>"
        for made in rows
    ]
    grid = "".join([f'<w:gridCol w:w="{its_width}"/>' for its_width in twips])
    properties = _table_properties(style, sum(twips), rows[0].is_head, has_total, has_names, get_language_bidi())
    caption = element("tblCaption", val=title) if title else ""
    return Xml(f"<w:tbl><w:tblPr>{properties}{caption}</w:tblPr><w:tblGrid>{grid}</w:tblGrid>{''.join(lines)}</w:tbl>")


def _table_properties(style: str, width: int, has_head: bool, has_total: bool, has_names: bool, is_rtl: bool) -> str:
    look = {"firstRow": has_head, "lastRow": has_total, "firstColumn": has_names, "noHBand": True, "noVBand": True}
    bits = sum(LOOK_BITS[name] for name, is_so in look.items() if is_so)  # which LibreOffice reads, not the attributes
    return "".join(
        [
            element("tblStyle", val=style),
            element("bidiVisual") if is_rtl else "",
            element("tblW", w=str(width), type="dxa"),
            element("tblLayout", type="fixed"),
            element("tblLook", val=f"{bits:04X}", **{name: str(int(is_so)) for name, is_so in look.items()}),
        ]
    )

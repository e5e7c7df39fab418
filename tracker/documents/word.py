"""Make the parts of every document for Word: its set-up, and paragraphs, tables, links and fields as XML.

XML is written as text, because a tree of elements takes ten times as long. `escape` is the only way for other text into
it. Styles are those of word.xml, by their id.
"""

import dataclasses
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from io import BytesIO
from itertools import chain, count
from pathlib import Path
from typing import NamedTuple, NewType

import docx
from django.utils.translation import get_language_bidi
from docx.document import Document
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsmap, qn
from docx.shared import Mm

from tracker.documents.ooxml import PROLOG, escape, read_parts, write_parts
from tracker.documents.tree import Adopted, TextRun, direction_of

Xml = NewType("Xml", str)

STYLES = Path(__file__).with_suffix(".xml").read_bytes()
WIDTH = 9752  # twentieths of a point, between the margins of a page
KEPT_TOGETHER = 1_000  # characters in a row: more of them may need more than a page
DROPPED = {"thumbnail", "stylesWithEffects", "customXml", "webSettings"}
ADOPTED_LANGUAGE = "en"
STANDS_BEFORE = ("w:hdrShapeDefaults", "w:footnotePr", "w:endnotePr", "w:compat")
BODY, HEAD, FOOT = "word/document.xml", "word/header1.xml", "word/footer1.xml"
TYPES, LINKS = "[Content_Types].xml", "_rels/.rels"
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


@dataclasses.dataclass
class WordFile:
    """Hold the parts of a file by name, and the blocks of its body."""

    parts: dict[str, str]
    body: list[Xml] = dataclasses.field(default_factory=list)

    def add_part(self, name: str, content: str, content_type: str, relation: str) -> None:
        kind = f'<Override PartName="/{name}" ContentType="{content_type}"/>'
        link = f'<Relationship Id="{name.rpartition("/")[2]}" Type="{relation}" Target="{name}"/>'
        self.parts |= {
            name: content,
            TYPES: self.parts[TYPES].replace("</Types>", f"{kind}</Types>"),
            LINKS: self.parts[LINKS].replace("</Relationships>", f"{link}</Relationships>"),
        }


class Row(NamedTuple):
    """Hold a row of a table. The table writes the start of each cell, with its width."""

    properties: Xml
    cells: Sequence[Xml]
    is_head: bool


def new_document(
    *, language: str, title: str, subject: str = "", author: str = "", parts: Mapping[str, str] | None = None
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
    return WordFile({**(parts or _parts(language, get_language_bidi())), "docProps/core.xml": core})


@lru_cache(maxsize=16)
def _parts(language: str, is_rtl: bool) -> dict[str, str]:
    return parts_of(empty_document(language, is_rtl))


def empty_document(language: str, is_rtl: bool) -> Document:
    document = docx.Document()
    _set_styles(document, language, is_rtl)
    _update_fields(document)
    _drop_parts(document)
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(19)
    section.top_margin, section.bottom_margin = Mm(28), Mm(27)
    section.header_distance, section.footer_distance = Mm(13), Mm(11)
    section.header.is_linked_to_previous = section.footer.is_linked_to_previous = False
    return document


def parts_of(document: Document) -> dict[str, str]:
    file = BytesIO()
    document.save(file)
    return read_parts(file)


def _set_styles(document: Document, language: str, is_rtl: bool) -> None:
    styles = document.styles.element
    styles[:] = parse_xml(STYLES)
    found = styles.find(f".//{qn('w:lang')}")
    for kind, tag in LANGUAGES.get(language, {}).items():
        found.set(qn(f"w:{kind}"), tag)
    if is_rtl:
        styles.find(f"{qn('w:style')}/{qn('w:pPr')}").append(OxmlElement("w:bidi"))


def _update_fields(document: Document) -> None:
    settings = document.settings.element
    settings.insert_element_before(OxmlElement("w:updateFields", {qn("w:val"): "true"}), *STANDS_BEFORE)
    for mode in settings.iter(qn("w:compatSetting")):
        if mode.get(qn("w:name")) == "compatibilityMode":
            mode.set(qn("w:val"), "15")  # of Word 2013 and later; with less it says that it works in an old mode


def _drop_parts(document: Document) -> None:
    for rels in (document.part.package.rels, document.part.rels):
        for key in [key for key, rel in rels.items() if rel.reltype.rsplit("/", 1)[-1] in DROPPED]:
            del rels[key]
    document.part.numbering_part.element[:] = []


def set_head_and_foot(document: WordFile, head: Xml, *foot: Xml) -> None:
    document.parts |= {HEAD: part("hdr", head), FOOT: part("ftr", *foot)}


def part(name: str, *content: Xml) -> str:
    return f'{PROLOG}<w:{name} xmlns:w="{nsmap["w"]}">{"".join(content)}</w:{name}>'


def section_form(parts: Mapping[str, str]) -> Xml:
    """Return the set-up of the pages of an empty document."""
    _start, mark, form = parts[BODY].partition("<w:sectPr")
    return Xml(mark + form.removesuffix("</w:body></w:document>"))


def written(document: WordFile) -> bytes:
    form = section_form(document.parts)
    start, end = document.parts[BODY].split(form)
    body = {BODY: chain([start], _number_bookmarks(document.body), [form, end])}
    return write_parts((document.parts | body).items())


def _number_bookmarks(blocks: Iterable[Xml]) -> Iterator[str]:
    numbers = count()
    for block in blocks:
        first, *others = block.split(BOOKMARK)
        # Each bookmark has a start and an end.
        yield "".join([first, *(f'w:id="{next(numbers) // 2}"{piece}' for piece in others)])


def element(name: str, /, *content: Xml, **values: str) -> Xml:
    """Write an XML element: `element("jc", val="end")` is `<w:jc w:val="end"/>`."""
    attributes = "".join([f' w:{key}="{escape(value)}"' for key, value in values.items()])
    return Xml(f"<w:{name}{attributes}>{''.join(content)}</w:{name}>" if content else f"<w:{name}{attributes}/>")


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


@lru_cache(maxsize=512)
def _run_properties(language: str, style: str, is_rtl: bool) -> Xml:
    properties = [element("rStyle", val=style)] if style else []
    if is_rtl:
        properties.append(element("rtl"))
    if language in LANGUAGES:
        properties.append(element("lang", **LANGUAGES[language]))
    return element("rPr", *properties) if properties else Xml("")


def paragraph(
    *content: Xml, style: str = "", direction: str = "", starts_page: bool = False, numbering: str = "", level: int = 0
) -> Xml:
    """`numbering`: the one by which Word numbers the paragraph."""
    properties = _paragraph_properties(style, direction, starts_page, numbering, level)
    return Xml(f"<w:p>{properties}{''.join(content)}</w:p>")


@lru_cache(maxsize=512)
def _paragraph_properties(style: str, direction: str, starts_page: bool, numbering: str, level: int) -> Xml:
    properties = [element("pStyle", val=style)] if style else []
    if starts_page:
        properties.append(element("pageBreakBefore"))
    if numbering:
        properties.append(element("numPr", element("ilvl", val=str(level)), element("numId", val=numbering)))
    if direction:
        properties.append(element("bidi", val="1" if direction == "rtl" else "0"))
    return element("pPr", *properties) if properties else Xml("")


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


@lru_cache(maxsize=512)
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

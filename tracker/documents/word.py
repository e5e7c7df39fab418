"""Make the parts of every document for Word: its set-up, and paragraphs, tables, links and fields as XML elements.

Elements are made one by one, since python-docx searches the whole table for each of its cells. Styles are those of
word.xml, by their id.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import docx
from django.utils.translation import get_language_bidi
from docx.document import Document
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement as Element
from docx.shared import Mm

from tracker.documents.tree import Adopted, TextRun, direction_of
from tracker.models.validators import UNKEEPABLE

STYLES = Path(__file__).with_suffix(".xml").read_bytes()
WIDTH = 9752  # twentieths of a point, between the margins of a page
KEPT_TOGETHER = 1_000  # characters in a row: more of them may need more than a page
DROPPED = {"thumbnail", "stylesWithEffects", "customXml", "webSettings"}
ADOPTED_LANGUAGE = "en"
STANDS_BEFORE = ("w:hdrShapeDefaults", "w:footnotePr", "w:endnotePr", "w:compat")

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


def new_document(*, language: str, title: str, subject: str = "", author: str = "") -> Document:
    """Make an empty A4 document in the active language, whose fields Word fills when it opens it."""
    document = docx.Document()
    _set_styles(document, language)
    _update_fields(document)
    _drop_parts(document)
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(19)
    section.top_margin, section.bottom_margin = Mm(28), Mm(27)
    section.header_distance, section.footer_distance = Mm(13), Mm(11)
    properties = document.core_properties
    properties.title, properties.subject, properties.author = clean_text(title), clean_text(subject), clean_text(author)
    properties.language, properties.comments = language, ""
    properties.created = properties.modified = datetime.now(UTC).replace(tzinfo=None)
    return document


def _set_styles(document: Document, language: str) -> None:
    styles = document.styles.element
    styles[:] = parse_xml(STYLES)
    found = styles.find(f".//{qn('w:lang')}")
    for kind, tag in LANGUAGES.get(language, {}).items():
        found.set(qn(f"w:{kind}"), tag)
    if get_language_bidi():
        styles.find(f"{qn('w:style')}/{qn('w:pPr')}").append(element("bidi"))


def _update_fields(document: Document) -> None:
    settings = document.settings.element
    settings.insert_element_before(element("updateFields", val="true"), *STANDS_BEFORE)
    for mode in settings.iter(qn("w:compatSetting")):
        if mode.get(qn("w:name")) == "compatibilityMode":
            mode.set(qn("w:val"), "15")  # of Word 2013 and later; with less it says that it works in an old mode


def _drop_parts(document: Document) -> None:
    for rels in (document.part.package.rels, document.part.rels):
        for key in [key for key, rel in rels.items() if rel.reltype.rsplit("/", 1)[-1] in DROPPED]:
            del rels[key]
    document.part.numbering_part.element[:] = []


def append(document: Document, blocks: Iterable[Element]) -> None:
    end = document.element.body.sectPr
    for block in blocks:
        end.addprevious(block)


def set_head_and_foot(document: Document, head: Element, *foot: Element) -> None:
    section = document.sections[0]
    section.header._element[:], section.footer._element[:] = [head], foot


def written(document: Document) -> bytes:
    """Return the file, with numbers for its bookmarks and the direction for its tables."""
    body = document.element.body
    for kind in ("bookmarkStart", "bookmarkEnd"):
        for number, mark in enumerate(body.iter(qn(f"w:{kind}"))):
            mark.set(qn("w:id"), str(number))
    if get_language_bidi():
        for properties in document.element.iter(qn("w:tblPr")):
            properties[0].addnext(element("bidiVisual"))
    file = BytesIO()
    document.save(file)
    # Now: the parts of the package refer to each other, and would keep the whole tree until they are collected.
    document.part._element = None  # type: ignore[assignment]
    return file.getvalue()


def element(name: str, /, *content: Element, **values: str) -> Element:
    """Make an XML element: `element("jc", val="end")` is `<w:jc w:val="end"/>`."""
    made = OxmlElement(f"w:{name}", attrs={qn(f"w:{key}"): value for key, value in values.items()})
    made.extend(content)
    return made


def clean_text(text: str) -> str:
    return UNKEEPABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def words(text: str, *, language: str = "", direction: str = "", style: str = "") -> list[Element]:
    """Make runs of a text, one for each stretch of one direction; line breaks are kept.

    `direction`: ltr or rtl, or empty for that of its first letter; `language`: as in `TextRun`; `style`: of characters.
    """
    base = direction or direction_of(text) or "ltr"
    pieces = OF_THE_OTHER_DIRECTION[base].split(clean_text(text))
    is_rtl = base == "rtl"
    return [_run(piece, language, style, is_rtl == (number % 2 == 0)) for number, piece in enumerate(pieces) if piece]


def title_words(title: str, style: str = "") -> list[Element]:
    """Make the runs of a short title after a label, in the language of the adopted text."""
    return [*words(" "), *words(title, language=ADOPTED_LANGUAGE, style=style)] if title else []


def _run(text: str, language: str, style: str, is_rtl: bool) -> Element:
    properties = element("rPr")
    if style:
        properties.append(element("rStyle", val=style))
    if is_rtl:
        properties.append(element("rtl"))
    if language in LANGUAGES:
        properties.append(element("lang", **LANGUAGES[language]))
    run = element("r", properties) if len(properties) else element("r")
    for number, line in enumerate(text.split("\n")):
        if number:
            run.append(element("br"))
        run.extend(_line(line))
    return run


def _line(line: str) -> Iterable[Element]:
    for number, piece in enumerate(line.split("\t")):
        if number:
            yield element("tab")
        if piece:
            text = element("t")
            text.text = piece
            text.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
            yield text


def paragraph(*content: Element, style: str = "", direction: str = "", starts_page: bool = False) -> Element:
    properties = element("pPr")
    if style:
        properties.append(element("pStyle", val=style))
    if starts_page:
        properties.append(element("pageBreakBefore"))
    if direction:
        properties.append(element("bidi", val="1" if direction == "rtl" else "0"))
    return element("p", properties, *content)


def adopted(text: Adopted) -> Element:
    marker = words(f"{text.marker}\t") if text.marker else []
    pieces = [
        run
        for piece, mark in text.pieces
        for run in (*words(piece, language=ADOPTED_LANGUAGE), *(_mark(mark) if mark else []))
    ]
    style = "AdoptedItem" if text.marker else "AdoptedChapeau" if text.is_chapeau else "Adopted"
    return paragraph(*marker, *pieces, style=style, direction="ltr")


def footnote(number: int, text: str) -> Element:
    content = words(f" {text}", language=ADOPTED_LANGUAGE)
    return paragraph(*_mark(number), *content, style="FootnoteText", direction="ltr")


def _mark(number: int) -> list[Element]:
    return words(str(number), style="FootnoteReference")


def link_target(anchor: str, *content: Element) -> list[Element]:
    name = _link_name(anchor)
    return [element("bookmarkStart", id="0", name=name), *content, element("bookmarkEnd", id="0")]


def link(anchor: str, *content: Element) -> Element:
    return element("hyperlink", *content, anchor=_link_name(anchor), history="1")


def _link_name(anchor: str) -> str:
    """Write a name that Word accepts: letters, digits and underscores, at most 40."""
    return re.sub(r"\W", "_", anchor)[:40]


def run_words(run: TextRun, style: str = "") -> list[Element]:
    return words(run.text, language=run.language, direction=run.direction, style=style)


def run_paragraph(run: TextRun, style: str = "") -> Element:
    return paragraph(*run_words(run), style=style, direction=run.direction)


def page_number(pattern: str) -> list[Element]:
    """Write the number of the page and that of all pages in the place of `%(number)s` and `%(pages)s`."""
    before, number, between, pages, after = re.split(r"%\((\w+)\)s", pattern)
    codes = {"number": "PAGE", "pages": "NUMPAGES"}
    return [*words(before), *field(codes[number], "1"), *words(between), *field(codes[pages], "1"), *words(after)]


def field(code: str, shown: str = "") -> list[Element]:
    return [*field_start(code), *words(shown), field_end()]


def field_start(code: str) -> list[Element]:
    instruction = element("instrText")
    instruction.text = f" {code} "
    instruction.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    steps = (element("fldChar", fldCharType="begin"), instruction, element("fldChar", fldCharType="separate"))
    return [element("r", step) for step in steps]


def field_end() -> Element:
    return element("r", element("fldChar", fldCharType="end"))


def heading_list(entries: Sequence[tuple[int, str, str]], levels: str = "1-2") -> list[Element]:
    """Make a table of contents from level, words and anchor of each heading; Word fills in the pages."""
    lines = [
        paragraph(
            link(anchor, *words(text), element("r", element("tab")), *field(f"PAGEREF {_link_name(anchor)} \\h")),
            style=f"TOC{level}",
        )
        for level, text, anchor in entries
    ]
    if lines:
        place = 1  # behind the properties of the paragraph
        lines[0][place:place] = field_start(f'TOC \\o "{levels}" \\h \\z \\u')
        lines[-1].append(field_end())
    return lines


def cell(*blocks: Element, fill: str = "") -> Element:
    """`fill`: RRGGBB. A cell ends with a paragraph, or Word reports the file as damaged."""
    properties = element("tcPr")
    if fill:
        properties.append(element("shd", val="clear", color="auto", fill=fill))
    return element("tc", properties, *blocks)


def row(*cells: Element, is_head: bool = False) -> Element:
    """Repeat a head on every page; keep a row on one page unless it is too long."""
    properties = element("trPr")
    if sum(len(element.text or "") for made in cells for element in made.iter(qn("w:t"))) <= KEPT_TOGETHER:
        properties.append(element("cantSplit"))
    if is_head:
        properties.append(element("tblHeader"))
    return element("tr", properties, *cells)


def _bits_of(look: Mapping[str, bool]) -> int:
    """Return `look` as one number: LibreOffice reads the number and not the attributes."""
    return sum(LOOK_BITS[name] for name, is_so in look.items() if is_so)


def table(
    *rows: Element,
    widths: Sequence[int],
    style: str = "TableRuled",
    title: str = "",
    has_total: bool = False,
    has_names: bool = True,
    width: int = WIDTH,
) -> Element:
    """`widths`: parts of `width`, that of a page; `title`: for screen readers. The first row may be a head, the first
    cell of a row its name.
    """
    twips = [width * part // sum(widths) for part in widths]
    for made in rows:
        for cell, its_width in zip(made.findall(qn("w:tc")), twips, strict=True):
            cell[0].insert(0, element("tcW", w=str(its_width), type="dxa"))
    has_head = rows[0].find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None
    look = {"firstRow": has_head, "lastRow": has_total, "firstColumn": has_names, "noHBand": True, "noVBand": True}
    properties = element(
        "tblPr",
        element("tblStyle", val=style),
        element("tblW", w=str(sum(twips)), type="dxa"),
        element("tblLayout", type="fixed"),
        element("tblLook", val=f"{_bits_of(look):04X}", **{name: str(int(is_so)) for name, is_so in look.items()}),
    )
    if title:
        properties.append(element("tblCaption", val=clean_text(title)))
    grid = element("tblGrid", *(element("gridCol", w=str(its_width)) for its_width in twips))
    return element("tbl", properties, grid, *rows)

"""Make content controls for Word: boxes that users fill and a program finds by their tags.

`tag` identifies a box (docs/reference/questionnaire.md); `title` describes it to the user, also for screen readers.
"""

from collections.abc import Iterable
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from docx.document import Document
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from lxml import etree

from tracker.documents.word import LANGUAGES, Element, clean_text, element, words

WORD_2010 = "http://schemas.microsoft.com/office/word/2010/wordml"
PROPERTIES = "http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"
TYPES = "http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes"
OF_USERS = "{D5CDD505-2E9C-101B-9397-08002B2CF9AE}"  # the set in which Word keeps the properties that users name
FIRST_PROPERTY = 2  # the numbers before it are Word's own

SELECTED, NOT_SELECTED = "\N{BALLOT BOX WITH X}", "\N{BALLOT BOX}"
SYMBOLS = "Segoe UI Symbol"
LIMITED = 64  # characters of a tag or a title, or Word calls the file damaged


def text_box(tag: str, title: str, text: str = "", language: str = "") -> Element:
    return _box(tag, title, element("text", multiLine="1"), words(text, language=language))


def date_box(tag: str, title: str, day: date | None = None, language: str = "en") -> Element:
    names = LANGUAGES.get(language, LANGUAGES["en"])
    kind = element(
        "date",
        element("dateFormat", val="d MMMM yyyy"),
        element("lid", val=next(iter(names.values()))),
        element("storeMappedDataAs", val="date"),
        element("calendar", val="gregorian"),
        **({"fullDate": f"{day.isoformat()}T00:00:00Z"} if day else {}),
    )
    return _box(tag, title, kind, words(date_format(day, "DATE_FORMAT")) if day else [])


def check_box(tag: str, title: str, is_selected: bool = False) -> Element:
    kind = _word_element(
        "checkbox",
        _word_element("checked", val=str(int(is_selected))),
        _word_element("checkedState", val=f"{ord(SELECTED):04X}", font=SYMBOLS),
        _word_element("uncheckedState", val=f"{ord(NOT_SELECTED):04X}", font=SYMBOLS),
    )
    return _box(tag, title, kind, words(SELECTED if is_selected else NOT_SELECTED, style="Symbol"))


def _box(tag: str, title: str, kind: Element, content: list[Element]) -> Element:
    """Lock the box against deletion. An empty box shows a prompt that is no content."""
    properties = element(
        "sdtPr",
        element("alias", val=clean_text(title)[:LIMITED]),
        element("tag", val=tag),
        element("lock", val="sdtLocked"),
    )
    if not content:
        properties.append(element("showingPlcHdr"))
        content = words(_("Enter text here"), style="PlaceholderText")
    properties.append(kind)
    return element("sdt", properties, element("sdtContent", *content))


def _word_element(name: str, *content: Element, **values: str) -> Element:
    attributes = {f"{{{WORD_2010}}}{key}": value for key, value in values.items()}
    made = etree.Element(f"{{{WORD_2010}}}{name}", attributes, nsmap={"w14": WORD_2010})
    made.extend(content)
    return made


def set_properties(document: Document, properties: Iterable[tuple[str, str | int]]) -> None:
    root = etree.Element(f"{{{PROPERTIES}}}Properties", nsmap={None: PROPERTIES, "vt": TYPES})
    for number, (name, value) in enumerate(properties, start=FIRST_PROPERTY):
        element = etree.SubElement(root, f"{{{PROPERTIES}}}property", fmtid=OF_USERS, pid=str(number), name=name)
        etree.SubElement(element, f"{{{TYPES}}}{'i4' if isinstance(value, int) else 'lpwstr'}").text = str(value)
    package = document.part.package
    content = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    part = Part(PackURI("/docProps/custom.xml"), CONTENT_TYPE.OFC_CUSTOM_PROPERTIES, content, package)
    package.relate_to(part, RELATIONSHIP_TYPE.CUSTOM_PROPERTIES)

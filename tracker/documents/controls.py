"""Make content controls for Word: boxes that users fill and a program finds by their tags.

`tag` identifies a box (docs/reference/questionnaire.md); `title` describes it to the user, also for screen readers.
"""

from collections.abc import Iterable
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE

from tracker.documents.ooxml import PROLOG, clean_text, escape
from tracker.documents.word import LANGUAGES, WordFile, Xml, element, words

PROPERTIES = "http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"
TYPES = "http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes"
OF_USERS = "{D5CDD505-2E9C-101B-9397-08002B2CF9AE}"  # the set in which Word keeps the properties that users name
FIRST_PROPERTY = 2  # the numbers before it are Word's own
PART = "docProps/custom.xml"

HINT = _("Enter text here")
SELECTED, NOT_SELECTED = "\N{BALLOT BOX WITH X}", "\N{BALLOT BOX}"
SYMBOLS = "Segoe UI Symbol"
LIMITED = 64  # characters of a tag or a title, or Word calls the file damaged
MULTILINE = element("text", multiLine="1")
LOCKED = element("lock", val="sdtLocked")
# By whether it is selected: what makes a box of Word 2010 a box to select, and what it shows.
CHECK_BOXES = {
    is_selected: (
        Xml(
            f'<w14:checkbox><w14:checked w14:val="{int(is_selected)}"/>'
            f'<w14:checkedState w14:val="{ord(SELECTED):04X}" w14:font="{SYMBOLS}"/>'
            f'<w14:uncheckedState w14:val="{ord(NOT_SELECTED):04X}" w14:font="{SYMBOLS}"/></w14:checkbox>'
        ),
        words(SELECTED if is_selected else NOT_SELECTED, style="Symbol"),
    )
    for is_selected in (False, True)
}


def text_box(tag: str, title: str, text: str = "", language: str = "") -> Xml:
    return _box(tag, title, MULTILINE, words(text, language=language))


def date_box(tag: str, title: str, day: date | None = None, language: str = "en") -> Xml:
    names = LANGUAGES.get(language, LANGUAGES["en"])
    kind = element(
        "date",
        element("dateFormat", val="d MMMM yyyy"),
        element("lid", val=next(iter(names.values()))),
        element("storeMappedDataAs", val="date"),
        element("calendar", val="gregorian"),
        **({"fullDate": f"{day.isoformat()}T00:00:00Z"} if day else {}),
    )
    return _box(tag, title, kind, words(date_format(day, "DATE_FORMAT")) if day else Xml(""))


def check_box(tag: str, title: str, is_selected: bool = False) -> Xml:
    return _box(tag, title, *CHECK_BOXES[is_selected])


def _box(tag: str, title: str, kind: Xml, content: Xml) -> Xml:
    """Lock the box against deletion. An empty box shows a prompt that is no content."""
    names = element("alias", val=clean_text(title)[:LIMITED]) + element("tag", val=tag) + LOCKED
    if not content:
        names += element("showingPlcHdr")
        content = words(str(HINT), style="PlaceholderText")
    return Xml(f"<w:sdt><w:sdtPr>{names}{kind}</w:sdtPr><w:sdtContent>{content}</w:sdtContent></w:sdt>")


def set_properties(document: WordFile, properties: Iterable[tuple[str, str | int]]) -> None:
    rows = "".join(
        f'<property fmtid="{OF_USERS}" pid="{number}" name="{escape(name)}">{_property_value(value)}</property>'
        for number, (name, value) in enumerate(properties, start=FIRST_PROPERTY)
    )
    content = f'{PROLOG}<Properties xmlns="{PROPERTIES}" xmlns:vt="{TYPES}">{rows}</Properties>'
    document.add_part(PART, content, CONTENT_TYPE.OFC_CUSTOM_PROPERTIES, RELATIONSHIP_TYPE.CUSTOM_PROPERTIES)


def _property_value(value: str | int) -> str:
    kind = "i4" if isinstance(value, int) else "lpwstr"
    return f"<vt:{kind}>{escape(str(value))}</vt:{kind}>"

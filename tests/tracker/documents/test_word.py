"""What documents for Word are made of: whatever is written into them comes out again, in its own direction."""

import io
import zipfile

import docx
import pytest
from django.utils import translation
from docx.oxml.ns import qn
from lxml import etree

from tracker.documents.controls import set_properties, text_box
from tracker.documents.word import (
    cell,
    field,
    heading_list,
    link,
    link_target,
    new_document,
    paragraph,
    row,
    table,
    words,
    written,
)


def read(*blocks, language="en"):
    document = new_document(language=language, title="Report")
    document.body += blocks
    return docx.Document(io.BytesIO(written(document)))


def text_cell(text: str):
    return cell(paragraph(words(text)))


@pytest.mark.parametrize(
    "text",
    [
        "Victims may claim.",
        "Жертвам предоставляется помощь; 向被害人提供法律援助。",
        "تُعرض على الضحايا المساعدة القانونية (المادة 31) of Law No. 17",
        "See the law تُعرض 31 on",
        "\tOne\n\n  two\tthree \n",
        "<w:p/> & ]]> =1+1 \N{GRINNING FACE}",
        "x" * 20_000,
        "",
    ],
)
@pytest.mark.parametrize("direction", ["", "ltr", "rtl"])
def test_what_is_written_is_read_out(text, direction):
    found = read(paragraph(words(text, direction=direction), direction=direction))
    assert [one.text for one in found.paragraphs] == [text]


KEPT = '</w:t></w:r><w:p w:x="1"/> & &amp; ]]> <!-- <?x "\N{APOSTROPHE} w:id="bookmark" %s {0}'
HOSTILE = KEPT.replace(" ", "\x00\x1b\x7f \ud800\udfff\ufffe\uffff")


def test_text_is_never_xml_wherever_it_is_written():
    document = new_document(language="en", title=HOSTILE, subject=HOSTILE, author=HOSTILE)
    document.add_head_and_foot("default", paragraph(words(HOSTILE)), paragraph(words(HOSTILE, style="Strong")))
    shown = cell(paragraph(words(HOSTILE, language="fr"), link("unit-I-1", words(HOSTILE))))
    document.body += [paragraph(link_target("unit-I-1", words(HOSTILE)), text_box(HOSTILE, HOSTILE, HOSTILE))]
    document.body += [table(row(shown), widths=[1], title=HOSTILE)]
    set_properties(document, [(HOSTILE, HOSTILE), ("number", 1)])
    file = written(document)
    found = docx.Document(io.BytesIO(file))
    [mark] = found.element.iter(qn("w:bookmarkStart"))
    [caption] = found.element.iter(qn("w:tblCaption"))
    [tag] = found.element.iter(qn("w:tag"))
    properties, section = found.core_properties, found.sections[0]
    assert [caption.get(qn("w:val")), tag.get(qn("w:val")), mark.get(qn("w:id"))] == [KEPT, KEPT, "0"]
    assert [properties.title, properties.subject, properties.author] == [KEPT] * 3
    assert [section.header.paragraphs[0].text, section.footer.paragraphs[0].text] == [KEPT] * 2
    assert "".join(text.text for text in found.element.iter(qn("w:t"))) == KEPT * 4
    assert custom_properties(file) == [(KEPT, KEPT), ("number", "1")]


def custom_properties(file: bytes) -> list[tuple[str, str]]:
    with zipfile.ZipFile(io.BytesIO(file)) as packed:
        root = etree.fromstring(packed.read("docProps/custom.xml"))
    return [(each.get("name"), each[0].text) for each in root]


def test_a_file_holds_nothing_of_the_one_before():
    read(paragraph(words("Arandia")))
    new_document(language="en", title="Arandia").add_head_and_foot("default", paragraph(words("Arandia")))
    with zipfile.ZipFile(io.BytesIO(written(new_document(language="en", title="Report")))) as packed:
        assert not any(b"Arandia" in packed.read(name) for name in packed.namelist())


def test_what_xml_cannot_keep_is_left_out():
    found = read(paragraph(words("a\x00b\x01c\ud800d\r\ne\rf")))
    assert found.paragraphs[0].text == "abcd\ne\nf"


@pytest.mark.parametrize(
    "direction, text, from_right_to_left",
    [
        ("", "A law.", []),
        ("", "المادة 31 of it", ["المادة 31 "]),
        ("ltr", "See المادة 31, and on", ["المادة 31"]),
        ("rtl", "A law (المادة)", [" (المادة)"]),
        ("rtl", "2026", ["2026"]),
    ],
)
def test_each_stretch_of_a_text_has_its_direction(direction, text, from_right_to_left):
    runs = read(paragraph(words(text, direction=direction))).paragraphs[0].runs
    assert [run.text for run in runs if run.font.rtl] == from_right_to_left


def test_words_say_their_language():
    runs = read(paragraph(words("Loi", language="fr"), words("?", language="und"))).paragraphs[0].runs
    languages = [run._element.find(f".//{qn('w:lang')}") for run in runs]
    assert [None if one is None else dict(one.attrib) for one in languages] == [{qn("w:val"): "fr-FR"}, None]


def test_a_head_is_repeated_and_a_row_stays_whole_unless_no_page_could_hold_it():
    rows = [row(text_cell("Label"), text_cell("Words"), is_head=True), row(text_cell("I.1"), text_cell("Few."))]
    found = read(table(*rows, row(text_cell("I.2"), text_cell("x" * 20_000)), widths=[1, 3], title="Units"))
    rows = found.tables[0].rows
    assert [[one.text for one in row.cells] for row in rows][:2] == [["Label", "Words"], ["I.1", "Few."]]
    assert [row._tr.find(f".//{qn('w:tblHeader')}") is not None for row in rows] == [True, False, False]
    assert [row._tr.find(f".//{qn('w:cantSplit')}") is not None for row in rows] == [True, True, False]
    assert [column.width.twips for column in found.tables[0].columns] == [2438, 7314]


def test_links_lead_to_distinct_bookmarks_in_word():
    found = read(
        *heading_list([(1, "One", "unit-I-1"), (2, "Two", "unit-I-2")]),
        paragraph(link_target("unit-I-1", words("One")), style="Heading1"),
        paragraph(link_target("unit-I-2", words("Two")), link("unit-I-1", words("back")), style="Heading2"),
    )
    marks = list(found.element.iter(qn("w:bookmarkStart")))
    assert [mark.get(qn("w:name")) for mark in marks] == ["unit_I_1", "unit_I_2"]
    assert len({mark.get(qn("w:id")) for mark in marks}) == 2
    links = [one.get(qn("w:anchor")) for one in found.element.iter(qn("w:hyperlink"))]
    assert links == ["unit_I_1", "unit_I_2", "unit_I_1"]
    codes = [code.text.strip() for code in found.element.iter(qn("w:instrText"))]
    assert codes == ['TOC \\o "1-2" \\h \\z \\u', "PAGEREF unit_I_1 \\h", "PAGEREF unit_I_2 \\h"]
    assert found.settings.element.find(qn("w:updateFields")) is not None


def test_header_and_footer_are_on_every_page():
    document = new_document(language="en", title="Report")
    foot = paragraph(field("PAGE", "1"), words(" of "), field("NUMPAGES", "1"), style="Footer")
    document.add_head_and_foot("default", paragraph(words("Arandia"), style="Header"), foot)
    section = docx.Document(io.BytesIO(written(document))).sections[0]
    assert section.header.paragraphs[0].text == "Arandia"
    assert section.footer.paragraphs[0].text == "1 of 1"


@pytest.mark.parametrize(
    ("parts", "bits"), [({}, "06A0"), ({"has_names": False}, "0620"), ({"has_total": True}, "06E0")], ids=str
)
def test_bold_in_tables_is_recorded_as_number_and_attributes(parts, bits):
    found = read(table(row(text_cell("A"), text_cell("B"), is_head=True), widths=[1, 1], **parts))
    [look] = found.element.body.iter(qn("w:tblLook"))
    assert look.get(qn("w:val")) == bits
    assert look.get(qn("w:firstColumn")) == str(int(parts.get("has_names", True)))


def test_a_document_from_right_to_left_is_so_in_every_paragraph_and_table():
    with translation.override("ar"):
        found = read(table(row(text_cell("أ"), text_cell("ب")), widths=[1, 1]), language="ar")
    assert found.styles["Normal"].element.find(f".//{qn('w:bidi')}") is not None
    assert found.tables[0]._tbl.tblPr.find(qn("w:bidiVisual")) is not None
    assert found.core_properties.language == "ar"

"""A paper from outside is read as text or as a document for Word; anything else is refused, with a reason, quickly."""

import io
import os
import time
import zipfile

import docx
import pytest
from django.core.exceptions import ValidationError
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from recommendations.outline.document import FILE_LIMIT, PARAGRAPHS_LIMIT
from recommendations.paper_import.parser import parse_draft, parse_paper
from recommendations.paper_import.upload import read_file
from tests.documents import JPEG, MACRO_WORD, OLE, PDF, PNG, TIFF, office, opendocument, upload, word
from tests.papers import EIGHT_MEETINGS, NINTH, as_word, saved
from tests.questionnaires import packed, parts_of

SECONDS = 3
DOCUMENT, RELATIONS, TYPES = "word/document.xml", "_rels/.rels", "[Content_Types].xml"
GOOD = as_word(NINTH)
BODY = parts_of(GOOD)[DOCUMENT].decode().partition("?>")[2]
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
DTD = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
LAUGHS = f"<!DOCTYPE x [<!ENTITY a0 'ha'>{''.join(f"<!ENTITY a{n + 1} '{f'&a{n};' * 10}'>" for n in range(9))}]>"
ELSEWHERE = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{}" '
    'Target="http://127.0.0.1:9/x" TargetMode="External"/></Relationships>'
)


def with_part(name: str, content: bytes | str) -> bytes:
    return packed(parts_of(GOOD) | {name: content})


def with_body(words: str) -> bytes:
    return with_part(DOCUMENT, f"<w:document {W}><w:body>{words}</w:body></w:document>")


def without(name: str) -> bytes:
    return packed({other: part for other, part in parts_of(GOOD).items() if other != name})


def paragraphs(count: int) -> str:
    return "<w:p><w:r><w:t>a</w:t></w:r></w:p>" * count


def lying(content: bytes) -> bytes:
    """Every part says that it has 1,000 bytes."""
    content = bytearray(content)
    at = content.find(b"PK\x01\x02")
    while at >= 0:
        content[at + 24 : at + 28] = (1000).to_bytes(4, "little")
        at = content.find(b"PK\x01\x02", at + 4)
    return bytes(content)


def archive_in_an_archive() -> bytes:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x", bytes(50_000_000))
    return with_part("word/embeddings/x.bin", inner.getvalue())


HOSTILE = {
    "nothing": ("paper.docx", b""),
    "nothing, as text": ("paper.txt", b""),
    "blank": ("paper.txt", b" \n \n"),
    "a document without words": ("paper.docx", with_body("")),
    "no ending": ("paper", GOOD),
    "another ending": ("paper.exe", GOOD),
    "a PDF": ("paper.pdf", PDF),
    "a PDF as Word": ("paper.docx", PDF),
    "a PDF as text": ("paper.txt", PDF),
    "a picture": ("paper.png", PNG),
    "a picture as Word": ("paper.docx", PNG),
    "a picture as text": ("paper.txt", PNG),
    "a photograph as text": ("paper.txt", JPEG),
    "a fax as text": ("paper.txt", TIFF),
    "an older Word file": ("paper.doc", OLE),
    "an older Word file as a new one": ("paper.docx", OLE),
    "an older Word file as text": ("paper.txt", OLE),
    "a workbook as Word": ("paper.docx", office("application/vnd.ms-excel.sheet.main+xml")),
    "an OpenDocument as Word": ("paper.docx", opendocument("text")),
    "Word as text": ("paper.txt", GOOD),
    "RTF as text": ("paper.txt", b"{\\rtf1 States should act.}"),
    "a page as text": ("paper.txt", b"<!doctype html><p>1. States should act."),
    "text in another encoding": ("paper.txt", "1. États parties".encode("latin-1")),
    "text with NUL": ("paper.txt", b"1. States\x00 should act."),
    "half of UTF-16": ("paper.txt", b"\xff\xfe1\x00.\x00 "),
    "too much text": ("paper.txt", b"1. States should act.\n" * 120_000),
    "too many bytes": ("paper.txt", b"a" * (FILE_LIMIT + 1)),
    "too many bytes in Word": ("paper.docx", with_part("word/media/a.bin", os.urandom(FILE_LIMIT))),
    "a document with macros": ("paper.docm", MACRO_WORD),
    "a document with macros as another": ("paper.docx", MACRO_WORD),
    "a macro part": ("paper.docx", with_part("word/vbaProject.bin", OLE)),
    "an old object in it": ("paper.docx", with_part("word/embeddings/oleObject1.bin", OLE)),
    "ActiveX in it": ("paper.docx", with_part("word/activeX/activeX1.bin", OLE)),
    "a bomb": ("paper.docx", with_part("word/media/bomb.bin", bytes(300_000_000))),
    "a bomb in the document": ("paper.docx", with_body(" " * 100_000_000)),
    "a bomb that lies": ("paper.docx", lying(with_body(" " * 100_000_000))),
    "a bomb in an archive": ("paper.docx", archive_in_an_archive()),
    "3,000 parts": ("paper.docx", packed(parts_of(GOOD) | {f"word/media/{n}.xml": "<a/>" for n in range(3000)})),
    "an external entity": ("paper.docx", with_part(DOCUMENT, DTD + BODY)),
    "an external DTD": ("paper.docx", with_part(DOCUMENT, f'<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x">{BODY}')),
    "a million laughs": ("paper.docx", with_part(DOCUMENT, LAUGHS + BODY)),
    "an external entity in UTF-16": (
        "paper.docx",
        with_part(DOCUMENT, f'<?xml version="1.0" encoding="UTF-16"?>{DTD}{BODY}'.encode("utf-16")),
    ),
    "an entity in the styles": ("paper.docx", with_part("word/styles.xml", DTD + "<x/>")),
    "an entity in the references": ("paper.docx", with_part(RELATIONS, DTD + "<x/>")),
    "a template from elsewhere": (
        "paper.docx",
        with_part("word/_rels/settings.xml.rels", ELSEWHERE.format("attachedTemplate")),
    ),
    "a picture from elsewhere": ("paper.docx", with_part("word/_rels/document.xml.rels", ELSEWHERE.format("image"))),
    "the document from elsewhere": ("paper.docx", with_part(RELATIONS, ELSEWHERE.format("officeDocument"))),
    "no document": ("paper.docx", without(DOCUMENT)),
    "no references": ("paper.docx", without(RELATIONS)),
    "no types": ("paper.docx", without(TYPES)),
    "a document cut": ("paper.docx", with_part(DOCUMENT, parts_of(GOOD)[DOCUMENT][:1500])),
    "a document that is no XML": ("paper.docx", with_part(DOCUMENT, b"\x00\x01")),
    "an archive cut": ("paper.docx", GOOD[: len(GOOD) // 2]),
    "an archive without its beginning": ("paper.docx", GOOD[100:]),
    "a byte changed": ("paper.docx", GOOD[:400] + bytes([GOOD[400] ^ 0xFF]) + GOOD[401:]),
    "1,000,000 paragraphs": ("paper.docx", with_body(paragraphs(250_000))),
    "more paragraphs than can be": ("paper.docx", with_body(paragraphs(PARAGRAPHS_LIMIT + 1))),
    "paragraphs in paragraphs": ("paper.docx", with_body("<w:p>" * 200 + "</w:p>" * 200)),
    "an element in an element, 100,000 times": ("paper.docx", with_body("<a>" * 100_000 + "</a>" * 100_000)),
    "a list that begins at no number": (
        "paper.docx",
        with_part("word/numbering.xml", f'<w:numbering {W}><w:lvl><w:start w:val="one"/></w:lvl></w:numbering>'),
    ),
    "nothing but a header of parts": ("paper.docx", word()),
}


@pytest.mark.parametrize("wrong", HOSTILE)
def test_a_file_that_nobody_should_have_sent_is_refused_quickly(wrong):
    name, content = HOSTILE[wrong]
    began = time.perf_counter()

    with pytest.raises(ValidationError) as refused:
        read_file(upload(name, content))

    assert time.perf_counter() - began < SECONDS
    assert all(refused.value.messages)


# What is read


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_text_is_read_in_each_encoding_that_says_so(encoding):
    assert read_file(upload("paper.txt", NINTH.encode(encoding))) == NINTH


def test_text_in_an_older_encoding_is_refused_by_name():
    with pytest.raises(ValidationError, match="older encoding, such as Windows-1252"):
        read_file(upload("paper.txt", "1. États parties".encode("cp1252")))


def test_lines_end_as_they_do_anywhere():
    assert read_file(upload("paper.txt", NINTH.replace("\n", "\r\n"))) == NINTH


def test_a_document_for_word_reads_as_the_text_of_which_it_was_made():
    found = parse_draft(read_file(upload("paper.docx", as_word(EIGHT_MEETINGS))))

    assert found.nodes == parse_paper(EIGHT_MEETINGS).nodes
    assert found.meetings == parse_paper(EIGHT_MEETINGS).meetings
    assert found.doubts == ()


def test_what_word_numbers_by_itself_has_its_number():
    document = docx.Document()
    document.add_paragraph("IX. Ninth meeting, Vienna, 9 to 11 September 2019")
    numbering = document.part.numbering_part.element
    for child in list(numbering):
        numbering.remove(child)
    _add_list(numbering, [("decimal", "%1."), ("lowerLetter", "(%2)"), ("lowerRoman", "(%3)")])
    said = [(0, "States should:"), (1, "Act:"), (2, "Now;"), (2, "Then;"), (1, "Act again."), (0, "Stop;"), (1, "Go.")]
    for level, words in said:
        _number(document.add_paragraph(words), level)

    nodes = parse_draft(read_file(upload("paper.docx", saved(document)))).nodes

    assert [(node.label, node.text) for node in nodes] == [
        ("IX.1", "States should:"),
        ("IX.1(a)", "Act:"),
        ("IX.1(a)(i)", "Now;"),
        ("IX.1(a)(ii)", "Then;"),
        ("IX.1(b)", "Act again."),
        ("IX.2", "Stop;"),
        ("IX.2(a)", "Go."),
    ]


def _add_list(numbering, levels) -> None:
    abstract = OxmlElement("w:abstractNum", {qn("w:abstractNumId"): "7"})
    for place, (kind, words) in enumerate(levels):
        level = OxmlElement("w:lvl", {qn("w:ilvl"): str(place)})
        for tag, value in (("w:start", "1"), ("w:numFmt", kind), ("w:lvlText", words)):
            level.append(OxmlElement(tag, {qn("w:val"): value}))
        abstract.append(level)
    number = OxmlElement("w:num", {qn("w:numId"): "3"})
    number.append(OxmlElement("w:abstractNumId", {qn("w:val"): "7"}))
    numbering.append(abstract)
    numbering.append(number)


def _number(paragraph, level: int) -> None:
    properties = paragraph._p.get_or_add_pPr().get_or_add_numPr()
    properties.get_or_add_ilvl().val, properties.get_or_add_numId().val = level, 3


def test_footnotes_of_word_and_raised_numbers_are_footnotes():
    words = (
        "<w:p><w:r><w:t>IX. Ninth meeting, Vienna, 9 September 2019</w:t></w:r></w:p>"
        "<w:p><w:r><w:t>1. States should act</w:t></w:r><w:r><w:footnoteReference w:id='4'/></w:r>"
        "<w:r><w:t xml:space='preserve'> on 5 m</w:t></w:r>"
        "<w:r><w:rPr><w:vertAlign w:val='superscript'/></w:rPr><w:t>3</w:t></w:r><w:r><w:t>.</w:t></w:r></w:p>"
    )
    notes = (
        f"<w:footnotes {W}><w:footnote w:id='-1'><w:p/></w:footnote><w:footnote w:id='4'><w:p>"
        "<w:r><w:t xml:space='preserve'> See the </w:t></w:r><w:r><w:t>Protocol.</w:t></w:r>"
        "</w:p></w:footnote></w:footnotes>"
    )
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
    references = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="r1" Type="{kind}" Target="footnotes.xml"/></Relationships>'
    )
    parts = parts_of(with_body(words)) | {"word/footnotes.xml": notes, "word/_rels/document.xml.rels": references}

    [node] = parse_draft(read_file(upload("paper.docx", packed(parts)))).nodes

    assert node.text == "States should act on 5 m³."
    assert [(note.number, note.text, note.offset) for note in node.footnotes] == [(1, "See the Protocol.", 17)]


def test_endnotes_are_numbered_with_the_footnotes_and_change_no_word():
    words = (
        "<w:p><w:r><w:t>1. States should act</w:t></w:r><w:r><w:footnoteReference w:id='4'/></w:r>"
        "<w:r><w:t xml:space='preserve'> now</w:t></w:r><w:r><w:endnoteReference w:id='5'/></w:r></w:p>"
    )
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    parts, references = parts_of(with_body(words)), ""
    for number, name in ((4, "footnote"), (5, "endnote")):
        note = f"<w:{name} w:id='{number}'><w:p><w:r><w:t>A {name}.</w:t></w:r></w:p></w:{name}>"
        parts[f"word/{name}s.xml"] = f"<w:{name}s {W}>{note}</w:{name}s>"
        references += f'<Relationship Id="r{number}" Type="{kind}/{name}s" Target="{name}s.xml"/>'
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    parts["word/_rels/document.xml.rels"] = f'<Relationships xmlns="{package}">{references}</Relationships>'

    text = read_file(upload("paper.docx", packed(parts)))

    assert text.split("\n\n") == ["1. States should act¹ now²", "¹ A footnote.", "² A endnote."]


def test_what_was_struck_out_is_not_read_and_what_was_inserted_is():
    words = (
        "<w:p><w:r><w:t>1. States should </w:t></w:r>"
        "<w:del><w:r><w:delText>not </w:delText><w:t>not</w:t></w:r></w:del>"
        "<w:ins><w:r><w:t>act.</w:t></w:r></w:ins></w:p>"
    )

    assert read_file(upload("paper.docx", with_body(words))) == "1. States should act."

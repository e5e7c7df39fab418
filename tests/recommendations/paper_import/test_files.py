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

from recommendations.outline import word_source
from recommendations.outline.document import FILE_LIMIT, read_characters, read_paragraphs
from recommendations.outline.reading import read_outline
from recommendations.outline.source import PARAGRAPHS_LIMIT, PrintedPart
from recommendations.outline.word_numbering import LISTS_LIMIT
from recommendations.outline.word_paragraphs import NOTES_LIMIT
from recommendations.outline.word_styles import STYLES_LIMIT
from recommendations.word_reader import TOO_LARGE
from tests.documents import JPEG, MACRO_WORD, OLE, PDF, PNG, TIFF, office, opendocument, packed, parts_of, upload, word
from tests.papers import NINTH, as_word, saved

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


def styles(count: int) -> str:
    return f"<w:styles {W}>{''.join(f'<w:style w:styleId="{number}"/>' for number in range(count))}</w:styles>"


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


HOSTILE = {  # the name and what is in it: large files are made when they are sent
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
    "too many bytes in Word": ("paper.docx", lambda: with_part("word/media/a.bin", os.urandom(FILE_LIMIT))),
    "a document with macros": ("paper.docm", MACRO_WORD),
    "a document with macros as another": ("paper.docx", MACRO_WORD),
    "a macro part": ("paper.docx", with_part("word/vbaProject.bin", OLE)),
    "an old object in it": ("paper.docx", with_part("word/embeddings/oleObject1.bin", OLE)),
    "ActiveX in it": ("paper.docx", with_part("word/activeX/activeX1.bin", OLE)),
    "a bomb": ("paper.docx", lambda: with_part("word/media/bomb.bin", bytes(300_000_000))),
    "a bomb in the document": ("paper.docx", lambda: with_body(" " * 100_000_000)),
    "a bomb that lies": ("paper.docx", lambda: lying(with_body(" " * 100_000_000))),
    "a bomb in an archive": ("paper.docx", archive_in_an_archive),
    "3,000 parts": (
        "paper.docx",
        lambda: packed(parts_of(GOOD) | {f"word/media/{n}.xml": "<a/>" for n in range(3000)}),
    ),
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
    "1,000,000 paragraphs": ("paper.docx", lambda: with_body(paragraphs(250_000))),
    "more paragraphs than can be": ("paper.docx", lambda: with_body(paragraphs(PARAGRAPHS_LIMIT + 1))),
    "paragraphs in paragraphs": ("paper.docx", with_body("<w:p>" * 200 + "</w:p>" * 200)),
    "an element in an element, 100,000 times": ("paper.docx", lambda: with_body("<a>" * 100_000 + "</a>" * 100_000)),
    "a list that begins at no number": (
        "paper.docx",
        with_part(
            "word/numbering.xml",
            f'<w:numbering {W}><w:abstractNum><w:lvl><w:start w:val="one"/></w:lvl></w:abstractNum></w:numbering>',
        ),
    ),
    "more styles than Word has": (
        "paper.docx",
        lambda: with_part("word/styles.xml", styles(STYLES_LIMIT + 1)),
    ),
    "more lists than a paper has": (
        "paper.docx",
        lambda: with_part("word/numbering.xml", f"<w:numbering {W}>{'<w:num/>' * (LISTS_LIMIT + 1)}</w:numbering>"),
    ),
    "more references to footnotes than words": (
        "paper.docx",
        lambda: with_body(f"<w:p><w:r>{'<w:footnoteReference/>' * (NOTES_LIMIT + 1)}</w:r></w:p>"),
    ),
    "nothing but a header of parts": ("paper.docx", word()),
}


@pytest.mark.parametrize("wrong", HOSTILE)
def test_a_file_that_nobody_should_have_sent_is_refused_quickly(wrong):
    name, content = HOSTILE[wrong]
    content = content() if callable(content) else content
    began = time.perf_counter()

    with pytest.raises(ValidationError) as refused:
        read_paragraphs(upload(name, content))

    assert time.perf_counter() - began < SECONDS
    assert all(refused.value.messages)


def test_a_word_file_may_take_no_more_of_the_processor_than_its_share(monkeypatch):
    monkeypatch.setattr(word_source, "SECONDS", 0)

    with pytest.raises(ValidationError) as refused:
        read_paragraphs(upload("paper.docx", GOOD))

    assert refused.value.messages == [TOO_LARGE]


# What is read


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_text_is_read_in_each_encoding_that_says_so(encoding):
    assert read_characters(upload("paper.txt", NINTH.encode(encoding))) == NINTH


def test_text_in_an_older_encoding_is_refused_by_name():
    with pytest.raises(ValidationError, match="older encoding, such as Windows-1252"):
        read_paragraphs(upload("paper.txt", "1. États parties".encode("cp1252")))


def test_lines_end_as_they_do_anywhere():
    printed = read_paragraphs(upload("paper.txt", NINTH.replace("\n", "\r\n")))

    assert [paragraph.text for paragraph in printed] == [
        paragraph.text for paragraph in read_paragraphs(upload("paper.txt", NINTH))
    ]


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

    texts = read_outline(read_paragraphs(upload("paper.docx", saved(document)))).texts

    assert [(text.name, text.text) for text in texts] == [
        ("1", "States should:"),
        ("1(a)", "Act:"),
        ("1(a)(i)", "Now;"),
        ("1(a)(ii)", "Then;"),
        ("1(b)", "Act again."),
        ("2", "Stop;"),
        ("2(a)", "Go."),
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

    [text] = read_outline(read_paragraphs(upload("paper.docx", packed(parts)))).texts

    assert text.text == "States should act on 5 m³."
    assert [(note.mark, note.text, note.offset) for note in text.notes] == [("1", "See the Protocol.", 17)]


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

    [read] = [each for each in read_paragraphs(upload("paper.docx", packed(parts))) if each.part == PrintedPart.BODY]

    assert read.text == "1. States should act now"
    assert [(note.mark, note.text) for note in read.notes] == [("1", "A footnote."), ("i", "A endnote.")]


def test_what_was_struck_out_is_not_read_and_what_was_inserted_is():
    words = (
        "<w:p><w:r><w:t>1. States should </w:t></w:r>"
        "<w:del><w:r><w:delText>not </w:delText><w:t>not</w:t></w:r></w:del>"
        "<w:ins><w:r><w:t>act.</w:t></w:r></w:ins></w:p>"
    )

    assert [each.text for each in read_paragraphs(upload("paper.docx", with_body(words)))] == ["1. States should act."]


def pdf_with(code: bytes) -> bytes:
    """A PDF that says of the letter X that it is the character with the code."""
    words = b"BT /F1 12 Tf 72 700 Td (1. States shoXld act.) Tj ET"
    codes = (
        b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap 1 begincodespacerange <00> <FF> "
        b"endcodespacerange 1 beginbfchar <58> <" + code + b"> endbfchar endcmap end end"
    )
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(words), words),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/ToUnicode 6 0 R>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(codes), codes),
    ]
    file, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(file))
        file += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer<</Size 7/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % len(file)
    return file + b"xref\n0 7\n0000000000 65535 f \n" + table + end


@pytest.mark.parametrize("code", [b"D800", b"001B"], ids=["half a character", "a control character"])
def test_what_no_database_stores_is_shown_as_an_unknown_character(code):
    [paragraph] = read_paragraphs(upload("paper.pdf", pdf_with(code)))

    assert paragraph.text == "1. States sho\N{REPLACEMENT CHARACTER}ld act."

"""Attacks: recommendations in forms that no paper had. Each is proposed, or a person is asked whether it is one."""

import io

import pikepdf
import pytest
import typst
from django.core.files.base import ContentFile

from recommendations.management.commands.read_document import as_object
from recommendations.outline.document import read_document
from recommendations.outline.outline import Outline, Reason
from tests.issued_documents import W, paragraph, read_word_body

WORDS = "Train judges"  # without a verb or a sign that makes a sentence
REPORT = paragraph("I. Introduction") + paragraph("1. The Working Group met in Vienna.")
CELL = f"<w:tc>{paragraph(WORDS)}</w:tc>"
TABLE = f"<w:tbl><w:tr>{CELL}</w:tr></w:tbl>"
MERGED = "<w:tc><w:tcPr><w:vMerge/></w:tcPr><w:p/></w:tc>"
BOX = "<w:p><w:r><w:pict><w:txbxContent>{}</w:txbxContent></w:pict></w:r></w:p>"
NOTE = "<w:r><w:footnoteReference w:id='4'/></w:r>"
CONTROL = "<w:sdt><w:sdtContent>{}</w:sdtContent></w:sdt>"
HIDDEN = f"<w:p>{{}}<w:r><w:rPr><w:vanish/></w:rPr><w:t>{WORDS}</w:t></w:r></w:p>"
VML = "xmlns:v='urn:schemas-microsoft-com:vml'"
MATHS = "xmlns:m='http://schemas.openxmlformats.org/officeDocument/2006/math'"
DRAWING = "xmlns:a='http://schemas.openxmlformats.org/drawingml/2006/main'"
BODIES = {
    "a text box": BOX.format(paragraph(WORDS)),
    "a table in a text box": BOX.format(TABLE),
    "a table in a table": f"<w:tbl><w:tr><w:tc>{TABLE}<w:p/></w:tc></w:tr></w:tbl>",
    "cells that are merged": f"<w:tbl><w:tr>{CELL}</w:tr><w:tr>{MERGED}</w:tr></w:tbl>",
    "a content control around a row": f"<w:tbl>{CONTROL.format(f'<w:tr>{CONTROL.format(CELL)}</w:tr>')}</w:tbl>",
    "a content control": CONTROL.format(paragraph(WORDS)),
    "an insertion": f"<w:ins w:id='1'>{paragraph(WORDS)}</w:ins>",
    "an equation": f"<w:p><m:oMath {MATHS}><m:r><m:t>{WORDS}</m:t></m:r></m:oMath></w:p>",
    "a footnote of a sentence": f"<w:p><w:r><w:t>2. It rested.</w:t></w:r>{NOTE}</w:p>",
    "hidden words": f"<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>{WORDS}</w:t></w:r></w:p>",
    "hidden words in a sentence": HIDDEN.format("<w:r><w:t>2. It rested.</w:t></w:r>"),
    "drawn words": f"<w:p><w:r><w:pict><v:textpath {VML} string='{WORDS}'/></w:pict></w:r></w:p>",
    "a footnote of no word": f"<w:p>{NOTE}</w:p>",
}
PARTS = {
    "header1": f"<w:hdr {W}>{paragraph('United Nations')}{paragraph(WORDS)}</w:hdr>",
    "footer1": f"<w:ftr {W}>{paragraph('1/8')}{TABLE}</w:ftr>",
    "diagramData1": f"<d {DRAWING}><a:p><a:r><a:t>{WORDS}</a:t></a:r></a:p></d>",
}
PAGES = {
    "a running head": f"#set page(header: [{WORDS}])\n#lorem(400)",
    "a foot with a number": f"#set page(footer: [12 {WORDS}])\n#lorem(400)",
    "letters that run up": f"#rotate(-90deg, reflow: true)[{WORDS}]",
    "letters that run down": f"#rotate(90deg, reflow: true)[{WORDS}]",
    "letters upside down": f"#rotate(180deg)[{WORDS}]",
    "a table": f"#table(columns: 2, [1], [{WORDS}], [2], [Stop])",
    "a footnote": f"The Group rested.#footnote[{WORDS}]",
}
WITH_WORDS = "#lorem(40)\n"
IMAGE = '#image(bytes((0,)), format: (encoding: "luma8", width: 1, height: 1), width: 60%)'
UNREAD_PAGES = {
    "a page of one picture": (WITH_WORDS + "#pagebreak()\n" + IMAGE, ["[Page without words]"]),
    "two pictures": (WITH_WORDS + IMAGE + IMAGE, ["[Picture]"]),
}
SHAPE = "http://schemas.openxmlformats.org/drawingml/2006"
PICTURE = f"<w:p><w:r><w:drawing><a:graphicData {DRAWING} uri='{SHAPE}/{{}}'/></w:drawing></w:r></w:p>"
UNREAD_BODIES = {
    "a picture": (PICTURE.format("picture"), ["[Picture]"]),
    "a chart": (PICTURE.format("chart"), ["[Picture]"]),
    "an old picture": (f"<w:p><w:r><w:pict><v:imagedata {VML}/></w:pict></w:r></w:p>", ["[Picture]"]),
    "another document": ("<w:altChunk/>", ["[Other document]"]),
}
LINES = {
    "a job number": f"V.31-01234 {WORDS}",
    "a symbol": "Train/judges",
    "a repeated symbol": "Train/judges\n\nTrain/judges",
    "a foot": "Please recycle judges",
    "an address of a link": f"See [here]({WORDS}).",
    "an entry of the contents": f"Contents\n\n{WORDS} by 2030",
}


def assert_somebody_is_asked(outline: Outline, words: str = WORDS) -> None:
    found = as_object(outline)
    places = [*found["nodes"], *found["left_out"]]
    assert {each.get("asks", True) for each in places if words in each["text"]} == {True}


@pytest.mark.parametrize("place", BODIES)
def test_attack_words_in_a_place_of_word_are_asked_about(place):
    notes = f"<w:footnotes {W}><w:footnote w:id='4'>{paragraph(WORDS)}</w:footnote></w:footnotes>"

    assert_somebody_is_asked(read_word_body(REPORT + BODIES[place], footnotes=notes))


@pytest.mark.parametrize("part", PARTS)
def test_attack_words_in_a_margin_of_word_are_asked_about(part):
    assert_somebody_is_asked(read_word_body(REPORT, **{part: PARTS[part]}))


@pytest.mark.parametrize("place", PAGES)
@pytest.mark.parametrize("turn", [0, 90])
def test_attack_words_in_a_place_of_pdf_are_asked_about(place, turn):
    file = io.BytesIO()
    with pikepdf.open(io.BytesIO(typst.compile(f'#set page("a5")\n= Introduction\n\n{PAGES[place]}'.encode()))) as pdf:
        for page in pdf.pages:
            page.rotate(turn, relative=True)
        pdf.save(file)

    assert_somebody_is_asked(read_document(ContentFile(file.getvalue(), name="document.pdf")))


@pytest.mark.parametrize("place", LINES)
def test_attack_words_like_print_marks_are_asked_about(place):
    text = f"I. Introduction\n\n1. The Working Group met.\n\n{LINES[place]}\n".encode()
    words = next(words for words in (WORDS, "Train/judges", "recycle judges") if words in LINES[place])

    assert_somebody_is_asked(read_document(ContentFile(text, name="document.txt")), words)


def list_unread(outline: Outline) -> list[str]:
    """Return what is not read; somebody is asked about each."""
    unread = [each for each in outline.paragraphs if each.reason == Reason.UNREAD]
    assert [each.needs_decision for each in unread] == [True] * len(unread)
    return [each.text for each in unread]


@pytest.mark.parametrize(("body", "unread"), UNREAD_BODIES.values(), ids=UNREAD_BODIES)
def test_attack_what_word_shows_without_words_is_asked_about(body, unread):
    assert list_unread(read_word_body(REPORT + body)) == unread


@pytest.mark.parametrize(("page", "unread"), UNREAD_PAGES.values(), ids=UNREAD_PAGES)
def test_attack_a_page_or_picture_of_a_pdf_is_asked_about(page, unread):
    content = typst.compile(f'#set page("a4")\n{page}'.encode())

    assert list_unread(read_document(ContentFile(content, name="document.pdf"))) == unread


@pytest.mark.parametrize(("kind", "unread"), [("FreeText", ["[Annotation]"]), ("Link", [])])
def test_attack_a_printed_annotation_is_asked_about(kind, unread):
    file = io.BytesIO()
    with pikepdf.open(io.BytesIO(typst.compile(WITH_WORDS.encode()))) as pdf:
        note = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name(f"/{kind}"), Rect=[0, 0, 99, 99])
        pdf.pages[0].Annots = pikepdf.Array([note])
        pdf.save(file)

    assert list_unread(read_document(ContentFile(file.getvalue(), name="document.pdf"))) == unread


def test_a_page_without_words_is_in_its_place():
    content = typst.compile(f"= One\n#pagebreak()\n{IMAGE}\n#pagebreak()\n= Two".encode())

    outline = read_document(ContentFile(content, name="document.pdf"))

    assert [each.text for each in outline.paragraphs] == ["One", "[Page without words]", "Two"]

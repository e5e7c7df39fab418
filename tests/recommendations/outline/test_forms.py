"""What forms of documents bring with them: numbers of Word, changes, hyphens, pages, footnotes; what is refused."""

import io

import docx
import pypdfium2
import pytest
import typst
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile

from recommendations.outline.document import FILE_LIMIT, read_document, read_pasted
from recommendations.outline.pdf_source import NO_TEXT
from tests.documents import MACRO_WORD, OLE, PNG, word
from tests.issued_documents import WORD_NUMBERING, W, paragraph, read_word_body
from tests.papers import saved


def numbered(words: str, number: int, level: int = 0) -> str:
    return paragraph(words, f"<w:numPr><w:ilvl w:val='{level}'/><w:numId w:val='{number}'/></w:numPr>")


def test_a_list_of_word_goes_on_and_another_begins_where_it_says():
    outline = read_word_body(
        numbered("States should act:", 1)
        + numbered("Now;", 1, 1)
        + numbered("Then.", 1, 1)
        + numbered("States should stop.", 1)
        + numbered("States should begin.", 2)
        + numbered("States should end.", 2)
    )

    assert [(text.label, text.name) for text in outline.texts] == [
        ("1.", "1"),
        ("(a)", "1(a)"),
        ("(b)", "1(b)"),
        ("2.", "2"),
        ("7.", "7"),
        ("8.", "8"),
    ]


def test_bullets_are_below_each_other_by_their_styles():
    document = docx.Document()
    document.add_paragraph("States should have:", style="List Number")
    for level, words in ((2, "Campaigns for:"), (3, "Children;"), (2, "Research.")):
        document.add_paragraph(words, style=f"List Bullet {level}")
    document.add_paragraph("UNODC should report.", style="List Number")

    outline = read_document(ContentFile(saved(document), name="document.docx"))

    assert [(text.label, text.name, text.kind) for text in outline.texts] == [
        ("1.", "1", "chapeau"),
        ("•", "1[1]", "chapeau"),
        ("•", "1[1][1]", "recommendation"),
        ("•", "1[2]", "recommendation"),
        ("2.", "2", "recommendation"),
    ]
    assert [outline.is_unit(text) for text in outline.texts] == [False, True, False, True, True]


def test_changes_of_word_are_accepted():
    deleted = "<w:del w:id='1'><w:r><w:delText>not </w:delText></w:r></w:del>"
    inserted = "<w:ins w:id='2'><w:r><w:t>act.</w:t></w:r></w:ins>"
    mark = "<w:rPr><w:del w:id='3'/></w:rPr>"
    outline = read_word_body(
        f"<w:p><w:r><w:t xml:space='preserve'>1. States should </w:t></w:r>{deleted}{inserted}</w:p>"
        + paragraph("2. States should stop ", mark)
        + paragraph("at once.")
        + f"<w:p><w:pPr>{mark}</w:pPr><w:del w:id='4'><w:r><w:delText>3. Gone.</w:delText></w:r></w:del></w:p>"
        + paragraph("3. States should rest.")
    )

    assert [(text.label, text.text) for text in outline.texts] == [
        ("1.", "States should act."),
        ("2.", "States should stop at once."),
        ("3.", "States should rest."),
    ]


def test_soft_hyphens_and_spaces_that_do_not_break_stay():
    outline = read_word_body(
        "<w:p><w:r><w:t>1. States should or</w:t><w:softHyphen/><w:t>ganize re</w:t><w:noBreakHyphen/>"
        "<w:t>entry under article\u00a06.</w:t></w:r></w:p>"
    )

    assert [text.text for text in outline.texts] == ["States should or\u00adganize re\u2011entry under article\u00a06."]


def test_hidden_words_are_left_out():
    outline = read_word_body(
        "<w:p><w:r><w:t>1. States should act.</w:t></w:r>"
        "<w:r><w:rPr><w:vanish/></w:rPr><w:t>Secretly.</w:t></w:r></w:p>"
    )

    assert [(each.text, each.reason) for each in outline.paragraphs] == [
        ("States should act.", None),
        ("Secretly.", "unread"),
    ]


def test_an_empty_paragraph_of_a_list_has_a_number():
    empty = "<w:p><w:pPr><w:numPr><w:ilvl w:val='0'/><w:numId w:val='1'/></w:numPr></w:pPr></w:p>"

    outline = read_word_body(numbered("States should act.", 1) + empty + numbered("States should stop.", 1))

    assert [each.label for each in outline.paragraphs] == ["1.", "3."]


NOTES = f"<w:footnotes {W}><w:footnote w:id='4'><w:p><w:r><w:t>Invented.</w:t></w:r></w:p></w:footnote></w:footnotes>"
CUSTOM = "<w:r><w:footnoteReference w:id='4' w:customMarkFollows='1'/></w:r>"


@pytest.mark.parametrize(
    ("after", "text", "mark"),
    [
        ("<w:r><w:t>* now.</w:t></w:r>", "States should act now.", "*"),
        ("<w:r><w:t>at once.</w:t></w:r>", "States should act at once.", ""),
        ("<w:r><w:rPr><w:vanish/></w:rPr><w:t>*</w:t></w:r><w:r><w:t> now.</w:t></w:r>", "States should act now.", ""),
    ],
)
def test_a_mark_of_its_own_takes_no_word_of_the_text(after, text, mark):
    words = f"<w:r><w:t xml:space='preserve'>1. States should act </w:t></w:r>{CUSTOM}{after}"
    outline = read_word_body(
        f"<w:p>{words}</w:p><w:p><w:r><w:t>2. States should stop.</w:t></w:r></w:p>", footnotes=NOTES
    )

    assert [each.text for each in outline.texts] == [text, "States should stop."]
    assert [(note.mark, note.text) for note in outline.texts[0].notes] == [(mark, "Invented.")]


def test_running_heads_are_read_up_to_a_limit():
    head = f"<w:hdr {W}>{paragraph('Head ' * 300_000)}</w:hdr>"

    with pytest.raises(ValidationError, match="too large"):
        read_word_body(paragraph("1. States should act."), header1=head, header2=head, header3=head)


def test_what_is_printed_around_a_number_is_short():
    numbering = WORD_NUMBERING.replace("'%1.'", f"'{'%1.' * 1_000}'")
    outline = read_word_body(numbered("States should act.", 1) * 3, numbering=numbering)

    assert [each.label for each in outline.paragraphs] == ["1." * 33 + "%", "2." * 33 + "%", "3." * 33 + "%"]


def as_pdf(words: str, page: str = "") -> bytes:
    return typst.compile(f'#set page(paper: "a5")\n#set text(font: "Libertinus Serif")\n{page}\n{words}'.encode())


def read_pdf(content: bytes):
    return read_document(ContentFile(content, name="document.pdf"))


def test_a_paragraph_goes_on_over_the_end_of_a_page():
    words = (
        "= Recommendations\n\n1. #h(1em) States should #lorem(340) and should act.\n\n2. #h(1em) States should rest."
    )

    texts = read_pdf(as_pdf(words.replace("1. #", "#[1.]#").replace("2. #", "#[2.]#"))).texts

    assert [text.label for text in texts] == ["1.", "2."]
    assert texts[0].text.endswith("and should act.")


@pytest.mark.parametrize(
    "lines, text, doubts",
    [
        ("States should train front-\nline officers.", "States should train front-line officers.", ["front-line"]),
        ("States should give informa-\ntion.", "States should give informa-tion.", ["informa-tion"]),
        ("States should give\nfacts.", "States should give facts.", []),
    ],
)
def test_a_hyphen_that_ends_a_line_is_in_doubt(lines, text, doubts):
    found = read_pasted(f"Recommendations\n\n1. {lines}").texts[0]

    assert found.text == text
    assert [(doubt.code, doubt.words) for doubt in found.doubts] == [("words_differ", word) for word in doubts]


@pytest.mark.parametrize("leading", ["0.3em", "0.65em", "1em"])
def test_lines_near_or_far_apart_are_one_paragraph(leading):
    page = f"#set par(leading: {leading}, spacing: 2em)\n= Recommendations\n"
    words = "States parties should train their judges and prosecutors in the protection of victims. " * 5

    texts = read_pdf(as_pdf(f"#[1.]#h(1em) {words}\n\n#[2.]#h(1em) States should rest.", page)).texts

    assert [text.text for text in texts] == [words.strip(), "States should rest."]


LIGATURES = "States should affirm that trafficking, offices and affluent traffickers differ"


@pytest.mark.parametrize("font", ["DejaVu Sans", "New Computer Modern", "Libertinus Serif"])
@pytest.mark.parametrize("look", ["#text", "#strong", "#text(tracking: 0.4pt)"])
def test_the_letters_of_a_ligature_are_one_word(font, look):
    page = f'#set text(font: "{font}", hyphenate: false)\n= Recommendations\n'

    texts = read_pdf(as_pdf(f"#[1.]#h(1em) {look}[{LIGATURES}.]\n\n#[2.]#h(1em) States should rest.", page)).texts

    assert [text.text for text in texts] == [f"{LIGATURES}.", "States should rest."]
    assert [doubt.code for text in texts for doubt in text.doubts] == []


def test_words_unlike_the_text_of_the_pdf_are_doubts():
    """Letters that are lower on the page than others are a line of their own, and in the PDF the end of a word."""
    apart = "#[1.]#h(1em) States should act#text(baseline: 2pt)[ively] help.\n\n#[2.]#h(1em) States should rest."

    text = read_pdf(as_pdf(f"= Recommendations\n\n{apart}")).texts[0]

    assert text.text == "States should act ively help."
    assert [(doubt.code, doubt.words) for doubt in text.doubts] == [("words_differ", "act"), ("words_differ", "ively")]


def test_a_footnote_without_a_mark_is_left_to_a_person():
    outline = read_pasted("Recommendations\n\n1. States should act.\n\n¹ See the Protocol.")

    assert [(each.text, each.reason) for each in outline.paragraphs][-1] == ("1 See the Protocol.", "footnote")
    assert outline.paragraphs[-1].needs_decision


def scanned() -> bytes:
    document = pypdfium2.PdfDocument.new()
    document.new_page(300, 300)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


REFUSED = {
    "no document": ("a.exe", b"MZ"),
    "nothing": ("a.pdf", b""),
    "a picture": ("a.pdf", PNG),
    "a PDF that is broken": ("a.pdf", b"%PDF-1.7\nnothing"),
    "a PDF without text": ("a.pdf", scanned()),
    "a PDF as text": ("a.txt", b"%PDF-1.7"),
    "macros": ("a.docm", MACRO_WORD),
    "an old document of Word": ("a.docx", OLE),
    "a Word document without a body": ("a.docx", word()),
    "too much": ("a.pdf", b"%PDF" + bytes(FILE_LIMIT)),
    "characters that are not text": ("a.txt", b"1. States\x00 should act."),
    "only spaces": ("a.txt", b"  \n \n"),
}


@pytest.mark.parametrize("wrong", REFUSED)
def test_what_is_no_document_is_refused_with_a_reason(wrong):
    name, content = REFUSED[wrong]

    with pytest.raises(ValidationError) as refused:
        read_document(ContentFile(content, name=name))

    assert all(refused.value.messages)


def test_pictures_of_pages_are_refused_by_name():
    with pytest.raises(ValidationError, match=str(NO_TEXT)[:40]):
        read_pdf(scanned())


def test_a_number_without_full_stop_is_part_of_the_text():
    texts = read_pasted("Recommendations\n\n12 States parties should meet.\n\nStates should report.\n").texts

    assert [(text.label, text.text) for text in texts] == [
        ("", "12 States parties should meet."),
        ("", "States should report."),
    ]


def test_a_text_with_the_layout_of_its_pages_is_read():
    pages = (
        "   II.  Recommendations\n\n1.   States should reply to the checklist,1 and\n     meet.\n\n"
        "2.   States should act.\n"
        "\n__________________\n1  CTOC/COP/2050/7, annex.\n\nV.52-01234"
        f"{' ' * 70}2/4\n{' ' * 50}CTOC/COP/WG.2/2052/3\n\n3.   It is recommended that topics for a future meeting "
        "include\n     the protection of witnesses.\n\nCTOC/COP/WG.2/2052/3\n"
    )

    outline = read_pasted(pages)

    assert [(text.label, text.text, [note.text for note in text.notes]) for text in outline.texts] == [
        ("1.", "States should reply to the checklist, and meet.", ["CTOC/COP/2050/7, annex."]),
        ("2.", "States should act.", []),
        ("3.", "It is recommended that topics for a future meeting include the protection of witnesses.", []),
    ]
    assert [text.kind for text in outline.texts] == ["recommendation", "recommendation", "topic"]
    assert [each.text for each in outline.paragraphs if each.reason == "print_mark"] == [
        "__________________",
        "V.52-01234 2/4",
        "CTOC/COP/WG.2/2052/3",
        "CTOC/COP/WG.2/2052/3",
    ]

"""The official texts of a paper in another language are paired with its texts by what both print before them."""

import io

import docx
import pytest
import typst
from django.core.files.base import ContentFile
from hypothesis import given
from hypothesis import strategies as st
from pylopdf_fonts_zh_cn import sans_path

from recommendations.models import Paper, Recommendation
from recommendations.official_texts import OfficialTexts, list_lines, pair_by_hand, read_lines
from recommendations.outline.document import read_document, read_pasted
from recommendations.outline.labels import parse_label, write_chinese
from recommendations.outline.reading import read_outline
from recommendations.outline.text_source import read_text
from recommendations.outline.word_numbering import write_number
from recommendations.paper_import.actions import save_paragraphs
from tests.official_texts import issued_lines, issued_text, sentence
from tests.papers import published, taken_in

pytestmark = pytest.mark.django_db

TENTH = """X. Tenth session, Vienna, 14 to 16 October 2020

1. States parties should share invented data.
2. States parties should collect invented data.
2 bis. States parties should:
 - (a) Compare invented data;
 - (b) Publish invented data.
3. States parties should keep invented data.
"""
REPORT = """Вымышленный доклад

I. Введение

1. Вымышленное введение.

2. Вымышленное введение продолжается.

3. Вымышленная повестка дня.

4. Вымышленные участники.

II. Рекомендации

5. Вымышленный текст один.

6. Вымышленный текст два.

6 bis. Вымышленный текст два-бис:

a) вымышленный пункт первый;

b) вымышленный пункт второй.

7. Вымышленный текст три.

III. Заключение

8. Вымышленное заключение.
"""
LANGUAGES = ["ar", "zh", "fr", "ru", "es"]


def first_texts() -> list[Recommendation]:
    return list(Recommendation.objects.select_related("meeting").order_by("position"))


def paired(language: str, outline) -> OfficialTexts:
    return OfficialTexts(Paper.objects.get(), language, read_lines("\n".join(list_lines(outline))))


def as_word(lines) -> ContentFile:
    document = docx.Document()
    for line in lines:
        document.add_paragraph(line)
    file = io.BytesIO()
    document.save(file)
    return ContentFile(file.getvalue(), name="issued.docx")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("form", ["pasted", "docx", "txt"])
def test_all_texts_of_the_first_paper_are_paired(language, form):
    nodes = first_texts()
    if form == "pasted":
        outline = read_pasted(issued_text(language, nodes))
    elif form == "docx":
        outline = read_document(as_word(issued_lines(language, nodes)))
    else:
        outline = read_document(ContentFile(issued_text(language, nodes).encode(), name="issued.txt"))
    found = paired(language, outline)
    wrong = [pair.node.label for pair in found.pairs if pair.text != sentence(language, pair.node)]
    assert wrong == []
    assert [node.label for node in found.nodes_without_text] == ["III"], "a note has no number"
    assert len(found.pairs) == 316


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_pdf_is_read_and_paired(language):
    """With the Chinese font of a package, and no font of the machine: one that lacks a letter leaves a gap."""
    nodes = [node for node in first_texts() if node.meeting.number in (4, 5)]
    direction = "rtl" if language == "ar" else "ltr"
    lines = "\n\n".join(f"#text[{line}]" for line in issued_lines(language, nodes))
    looks = f'#set text(10pt, lang: "{language}", dir: {direction}, cjk-latin-spacing: none)'
    fonts = typst.Fonts(include_system_fonts=False, font_paths=[str(sans_path().parent)])
    pdf = typst.Compiler(f"#set page(width: 14cm, height: 20cm)\n{looks}\n{lines}".encode(), font_paths=fonts).compile()
    found = paired(language, read_document(ContentFile(pdf, name="issued.pdf")))
    pairs = {pair.node.label: pair.text for pair in found.pairs}
    assert list(pairs) == [node.label for node in nodes]
    if language == "ar":  # brackets within Latin letters keep their place, and may look the other way
        pairs = {label: text for label, text in pairs.items() if "(" not in label}
    expected = {node.label: sentence(language, node) for node in nodes}
    assert pairs == {label: expected[label] for label in pairs}


def test_a_report_is_paired_by_its_printed_paragraphs(dana):
    """The introduction has numbers too, a text is numbered `6 bis`, and Russian documents use Latin letters or not."""
    paper_import = taken_in(dana, TENTH, paper_symbol="INVENTED/10")
    nodes = {node.label: node for node in paper_import.paragraphs.all()}
    printed = {
        "X.1": "5",
        "X.2": "6",
        "X.2 bis": "6 bis",
        "X.2 bis(a)": "6 bis(a)",
        "X.2 bis(b)": "6 bis(b)",
        "X.3": "7",
    }
    changes = {nodes[label].pk: (1, {"paragraph": paragraph}) for label, paragraph in printed.items()}
    save_paragraphs(paper_import=paper_import, changes=changes, by=dana)
    published(paper_import, dana)
    document = read_pasted(REPORT)
    found = OfficialTexts(Paper.objects.get(symbol="INVENTED/10"), "ru", read_lines("\n".join(list_lines(document))))
    assert {pair.node.label: pair.text for pair in found.pairs} == {
        "X.1": "Вымышленный текст один.",
        "X.2": "Вымышленный текст два.",
        "X.2 bis": "Вымышленный текст два-бис:",
        "X.2 bis(a)": "вымышленный пункт первый;",
        "X.2 bis(b)": "вымышленный пункт второй.",
        "X.3": "Вымышленный текст три.",
    }
    assert [each.text for each in found.paragraphs_without_node][-1] == "Вымышленное заключение."


@pytest.mark.parametrize("letters", ["abc", "абв", "аbс"])
def test_letters_are_latin_or_cyrillic_or_look_alike(letters, unit):
    """In the last the third is a Cyrillic letter that looks like `c`."""
    lines = ["12. Вымышленный текст:", *(f"{letter}) пункт {letter};" for letter in letters)]
    found = OfficialTexts(Paper.objects.get(), "ru", read_lines("\n".join(lines)))
    assert [pair.node.label for pair in found.pairs] == ["I.12", "I.12(a)", "I.12(b)", "I.12(c)"]


def test_a_line_with_a_label_in_brackets_is_paired_manually(unit):
    lines = ["[III] Texte inventé.", "[iv 46 (i)] Autre texte.", "[-] 1. Rien.", "[III.999] Rien."]
    found = OfficialTexts(Paper.objects.get(), "fr", read_lines("\n".join(lines)))
    assert {pair.node.label: pair.text for pair in found.pairs} == {"III": "Texte inventé.", "IV.46(i)": "Autre texte."}
    assert [each.line for each in found.paragraphs_without_node] == ["[-] 1. Rien.", "[III.999] Rien."]
    assert pair_by_hand("a) Un.\n\nDeux.", {2: "III"}) == "a) Un.\n[III] Deux."


@given(
    st.text(alphabet="0123456789()（）.-–[]abivxaaабвأبهـ٠١٢一二十㈠之二 \n:", min_size=1, max_size=400).filter(
        str.strip
    )
)
def test_no_document_breaks_the_reading(text):
    read_lines("\n".join(list_lines(read_outline(read_text(text)))))
    read_lines(text)


@pytest.mark.parametrize(("kind", "printed"), [("arabicAbjad", "ج"), ("russianLower", "в"), ("chineseCounting", "三")])
def test_numbers_that_word_sets_are_those_of_the_language(kind, printed):
    assert write_number(3, kind) == printed


@pytest.mark.parametrize("number", range(1, 100))
def test_chinese_numbers_are_read_as_they_are_written(number):
    label = parse_label(f"（{write_chinese(number)}）")
    assert (label.series, label.value) == ("roman", number)

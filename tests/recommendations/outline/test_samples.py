"""Three invented documents as the United Nations issues them, in the forms in which they come."""

import json
from pathlib import Path

import pytest

from recommendations.management.commands.read_document import as_object
from recommendations.outline.document import open_path, read_document
from tests.found_texts import Figures, assert_nothing_is_silent, compare

SAMPLES = Path(__file__).parents[2] / "samples"
REPORT = Figures(42, 42, 0, 42, 42, 42, 42, 42, 42, 42, 42)
RECOMMENDATIONS = Figures(34, 34, 0, 34, 34, 34, 34, 34, 34, 34, 34)
DECISIONS = Figures(54, 54, 0, 54, 54, 54, 54, 48, 48, 48, 48)


TABLE = Figures(20, 20, 0, 20, 20, 20, 20, 14, 14, 14, 14)
REPORTED = Figures(21, 21, 0, 21, 21, 21, 21, 21, 21, 21, 21)
ANNEXES = Figures(12, 12, 0, 12, 12, 12, 12, 11, 11, 11, 11)


@pytest.mark.parametrize(
    "name, figures",
    [
        ("A.docx", REPORT),
        ("A.pdf", REPORT),
        ("A.txt", REPORT),
        ("A-libreoffice.docx", REPORT),
        ("B.docx", RECOMMENDATIONS),
        ("B.pdf", RECOMMENDATIONS),
        ("C.docx", DECISIONS),
        ("C.pdf", DECISIONS),
        ("D.docx", TABLE),
        ("E.docx", REPORTED),
        ("F.docx", ANNEXES),
    ],
)
def test_every_text_is_right_word_for_word_with_what_it_asks(name, figures):
    truth = json.loads((SAMPLES / f"{name[0]}.json").read_text(encoding="utf-8"))

    assert compare(truth, as_object(read_document(open_path(str(SAMPLES / name))))["nodes"]) == figures


@pytest.mark.parametrize("name", sorted(path.name for path in SAMPLES.glob("[A-F]*.*[!n]")))
def test_every_paragraph_is_a_text_or_asked_about(name):
    truth = json.loads((SAMPLES / f"{name[0]}.json").read_text(encoding="utf-8"))
    outline = read_document(open_path(str(SAMPLES / name)))

    assert_nothing_is_silent(truth, outline, as_object(outline))


def test_the_outline_has_every_paragraph_with_its_reason():
    outline = read_document(open_path(str(SAMPLES / "B.docx")))
    truth = json.loads((SAMPLES / "B.json").read_text(encoding="utf-8"))

    found = [paragraph for paragraph in outline.paragraphs if paragraph.reason not in ("print_mark", "unread")]

    assert [paragraph.text for paragraph in outline.paragraphs if paragraph.reason == "unread"] == ["[Picture]"]
    assert len(found) == len(truth["items"])
    reasons = {item["sub"]: set() for item in truth["items"]}
    for item, paragraph in zip(truth["items"], found, strict=True):
        reasons[item["sub"]].add(str(paragraph.reason))
    assert reasons == {
        "masthead": {"masthead"},
        "heading": {"heading", "masthead"},  # the title is on the cover
        "contents": {"contents"},
        "introduction": {"report"},
        "label": {"label"},
        "recommendations": {"None"},
        "procedure": {"report"},
        "table head": {"table"},
        "summary": {"report"},
    }


def test_pages_are_those_of_the_file():
    outline = read_document(open_path(str(SAMPLES / "A.pdf")))

    assert [text.page for text in outline.texts if text.label in ("4.", "8.", "17.", "27.")] == [3, 3, 4, 5]

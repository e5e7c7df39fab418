"""Three invented documents as the United Nations issues them, in the forms in which they come."""

import json
from pathlib import Path

import pytest

from recommendations.management.commands.read_document import as_object
from recommendations.outline.document import open_path, read_document
from recommendations.outline.reading import read_outline
from recommendations.outline.word_source import read_word
from tests.found_texts import Figures, compare

SAMPLES = Path(__file__).parents[2] / "samples"
REPORT = Figures(42, 42, 0, 42, 42, 42, 42, 42, 42, 42, 42)
RECOMMENDATIONS = Figures(34, 34, 0, 34, 34, 34, 34, 34, 34, 34, 34)
DECISIONS = Figures(54, 54, 0, 54, 54, 54, 54, 48, 48, 48, 48)


def read(name: str) -> dict:
    return as_object(read_document(open_path(str(SAMPLES / name))))


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
    ],
)
def test_every_text_is_right_word_for_word_with_what_it_asks(name, figures):
    truth = json.loads((SAMPLES / f"{name[0]}.json").read_text(encoding="utf-8"))

    assert compare(truth, read(name)["nodes"]) == figures


@pytest.mark.parametrize("name", ["A.docx", "A.pdf", "A.txt", "B.docx", "B.pdf", "C.docx", "C.pdf"])
def test_every_word_is_in_a_text_or_left_out_or_in_doubt(name):
    coverage = read(name)["coverage"]

    assert coverage["words"] == coverage["in_texts"] + coverage["left_out"] + coverage["in_doubt"]
    assert coverage["in_texts"] > 600
    assert coverage["in_doubt"] < 0.05 * coverage["words"]


def test_the_outline_has_every_paragraph_with_its_reason():
    outline = read_document(open_path(str(SAMPLES / "B.docx")))
    truth = json.loads((SAMPLES / "B.json").read_text(encoding="utf-8"))

    found = [paragraph for paragraph in outline.paragraphs if paragraph.reason != "print_mark"]

    assert len(found) == len(truth["items"])
    reasons = {item["sub"]: set() for item in truth["items"]}
    for item, paragraph in zip(truth["items"], found, strict=True):
        reasons[item["sub"]].add(str(paragraph.reason))
    assert reasons == {
        "masthead": {"masthead"},
        "heading": {"heading"},
        "contents": {"contents"},
        "introduction": {"introduction"},
        "label": {"label"},
        "recommendations": {"None"},
        "procedure": {"procedure", "introduction"},  # one introduces the table
        "table head": {"table"},
        "summary": {"summary"},
    }


def test_pages_are_those_of_the_file():
    outline = read_document(open_path(str(SAMPLES / "A.pdf")))

    assert [text.page for text in outline.texts if text.label in ("4.", "8.", "17.", "27.")] == [3, 3, 4, 5]


def test_a_curator_says_where_the_recommendations_are():
    sources = read_word(open_path(str(SAMPLES / "B.docx")))
    whole = read_outline(sources)
    first = next(text.number for text in whole.texts if text.label == "Recommendation 5")

    cut = read_outline(sources, bounds=(first - 1, whole.texts[-1].number))

    assert [text.label for text in cut.texts][:2] == ["Recommendation 5", "Recommendation 6"]
    assert cut.coverage.words == whole.coverage.words

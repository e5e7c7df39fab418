"""No word of a document is lost, whatever the document is."""

import re
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recommendations.management.commands.read_document import count_words
from recommendations.outline.document import read_pasted
from recommendations.outline.outline import Outline
from recommendations.outline.reading import read_outline
from recommendations.outline.source import Note, PrintedPart, Run, SourceParagraph
from tests.issued_documents import NAMES, plain

LINES = [line for name in NAMES for line in plain(name).splitlines()]
ODD = [
    "1",
    "*",
    "¹ note",
    "(i) a",
    "(ii) b",
    "• y",
    "– z",
    "",
    "Contents",
    "I. X 3",
    "Recommendation 3",
    "1.",
    "(a)",
    "A. ",
]
ODD += ["States parties should:", "\f", "-", "Annex", "12 bis.", "a b-", "c*", "d,1", "1 Then", "Resolution 15/1"]
SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")


def letters(text: str) -> Counter[str]:
    return Counter(re.sub(r"\W", "", text.translate(SUPERSCRIPTS)))


def all_words(outline: Outline) -> str:
    """A footnote has its mark twice: in the text, and before its words."""
    pieces = []
    for each in outline.paragraphs:
        pieces += ["" if each.label_of else each.label, each.text]
        pieces += [piece for note in each.notes for piece in (note.mark, note.mark, note.text)]
    return " ".join(pieces)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(LINES) | st.sampled_from(ODD), min_size=1, max_size=60))
def test_every_word_is_in_the_outline_once(lines):
    text = "\n".join(["Words.", *lines])

    outline = read_pasted(text)

    assert letters(all_words(outline)) == letters(text)
    counts = count_words(outline)
    assert counts["words"] == counts["in_texts"] + counts["left_out"] + counts["in_doubt"]
    assert counts["in_doubt"] >= 0


PARAGRAPHS = st.builds(
    SourceParagraph,
    st.builds(lambda words, is_bold: [Run(words, is_bold)], st.sampled_from(LINES + ODD).filter(bool), st.booleans()),
    label=st.sampled_from(["", "", "1.", "(a)", "(i)", "•"]),
    notes=st.sampled_from([[], [Note("1", "See the Protocol.", 1)]]),
    part=st.sampled_from([PrintedPart.BODY, *PrintedPart]),
    heading=st.sampled_from([0, 0, 1, 2]),
    is_contents=st.booleans(),
    cell=st.none() | st.tuples(*[st.integers(0, 1)] * 3),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(PARAGRAPHS, min_size=1, max_size=30))
def test_attack_paragraphs_of_any_kind_and_order_are_read(paragraphs):
    labels = "".join(each.label for each in paragraphs if each.part == PrintedPart.BODY)
    words = "".join(each.text for each in paragraphs)
    notes = "".join("11SeetheProtocol" for each in paragraphs for _note in each.notes)

    outline = read_outline(paragraphs)

    assert letters(all_words(outline)) == letters(labels + words + notes)
    assert {each.part for each in outline.paragraphs} <= {1, *outline.parts_above}


@settings(max_examples=100, deadline=None)
@given(st.text(min_size=1, max_size=400))
def test_any_text_is_read(text):
    outline = read_pasted(f"Words. {re.sub(r'[\x00-\x08\x0e-\x1f\x7f]', '', text)}")

    assert count_words(outline)["words"] > 0


@pytest.mark.parametrize("word", ["a", "A-", "a/", "1", "(", "“"])
def test_attack_a_word_of_a_million_letters_stops_the_worker(word):
    """A rule that looks for its end from each of its letters would take hours."""
    long = word * (1_000_000 // len(word))
    assert letters(all_words(read_pasted(f"1. States parties should {long}."))) == letters(
        f"1Statespartiesshould{long}"
    )

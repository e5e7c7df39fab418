"""What the words suggest, beside what the curators of the first eight meetings decided."""

import json
from collections import Counter
from pathlib import Path

import pytest

from recommendations.paper_import.annotation_rules import NodeAnnotations, find_annotations
from recommendations.paper_import.parser import ParsedKind, ParsedNode, parse_paper

FIXTURES = Path(__file__).parents[3] / "fixtures"
NODES = parse_paper((FIXTURES / "CTOC-COP-WG.4-recommendations-2009-2018.txt").read_text(encoding="utf-8")).nodes
SUGGESTED = find_annotations(NODES)
DECIDED = {
    entry["label"]: NodeAnnotations(
        entry["unit"],
        entry["topic"],
        tuple(entry["addressees"]),
        entry["basis"] or "",
        entry["strength"] or "",
        entry["asks_to_consider"],
    )
    for entry in json.loads((FIXTURES / "annotations.json").read_text(encoding="utf-8"))["nodes"]
}


def annotations_of(words: str, kind: ParsedKind = ParsedKind.RECOMMENDATION) -> NodeAnnotations:
    return find_annotations([ParsedNode("IX.1", None, 9, kind, "1", words, ())])["IX.1"]


def test_312_of_317_agree_in_everything():
    """The rules were written by this paper, so of another one fewer will: that is what the curator is for."""
    agree = Counter()
    for label, decided in DECIDED.items():
        agree.update(name for name, value in vars(decided).items() if value == getattr(SUGGESTED[label], name))
        agree["everything"] += decided == SUGGESTED[label]

    assert agree == {
        "is_unit": 317,
        "is_topic": 317,
        "addressees": 316,
        "basis": 317,
        "strength": 316,
        "asks_to_consider": 313,
        "everything": 312,
    }


def test_where_they_differ_the_curators_decided_against_the_words():
    assert [label for label in DECIDED if DECIDED[label] != SUGGESTED[label]] == [
        "IV.20",
        "IV.46(a)",
        "V.6",
        "V.26",
        "VI.4",
    ]


@pytest.mark.parametrize(
    "words, addressees, basis, strength, considers",
    [
        ("States parties should act.", ("states_parties",), "stated", "should", False),
        ("Each State party shall act.", ("states_parties",), "stated", "shall", False),
        ("States are encouraged to act.", ("states",), "stated", "encouraged", False),
        ("States are encouraged to consider acting.", ("states",), "stated", "encouraged", True),
        ("Member States, in line with domestic law, may act.", ("member_states",), "stated", "may", False),
        ("States parties and UNODC should act.", ("states_parties", "unodc"), "stated", "should", False),
        ("The Working Group requested the Secretariat to prepare a paper.", ("secretariat",), "stated", "other", False),
        ("Measures should be taken.", ("states_parties",), "implied", "should", False),
        ("The Conference should consider acting.", ("conference",), "stated", "should_consider", True),
        ("An exchange of views took place.", (), "", "", False),
    ],
)
def test_the_words_name_who_is_asked_and_how_strongly(words, addressees, basis, strength, considers):
    is_unit = bool(addressees)

    assert annotations_of(words) == NodeAnnotations(is_unit, False, addressees, basis, strength, considers)


def test_a_topic_for_a_future_meeting_is_no_unit():
    said = annotations_of("The topic of demand should be considered at future meetings of the Working Group.")

    assert (said.is_unit, said.is_topic) == (False, True)


def test_a_note_says_nothing_of_anybody():
    assert annotations_of("States should act.", ParsedKind.NOTE) == NodeAnnotations(False, False, (), "", "", False)

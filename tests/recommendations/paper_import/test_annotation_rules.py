"""What the words suggest, beside what the curators of the first eight meetings decided."""

import json
from collections import Counter
from pathlib import Path

from recommendations.outline.document import paste_paragraphs
from recommendations.paper_import.reading import read_rows
from tests.papers import EIGHT_MEETINGS

FIXTURES = Path(__file__).parents[3] / "fixtures"
NAMES = ("unit", "topic", "addressees", "basis", "strength", "asks_to_consider")
ROWS, _MEETINGS = read_rows(paste_paragraphs(EIGHT_MEETINGS), "", [])
SUGGESTED = {
    row.label: {name: getattr(row, f"is_{name}" if name in ("unit", "topic") else name) for name in NAMES}
    for row in ROWS
    if not row.is_left_out
}
DECIDED = {
    entry["label"]: {name: entry[name] if entry[name] is not None else "" for name in NAMES}
    for entry in json.loads((FIXTURES / "annotations.json").read_text(encoding="utf-8"))["nodes"]
    if entry["label"] != "III"  # a note, which a curator includes
}


def test_308_of_316_agree_in_everything():
    """The rules were written by this paper, so of another one fewer will: that is what the curator is for."""
    agree = Counter()
    for label, decided in DECIDED.items():
        agree.update(name for name, value in decided.items() if value == SUGGESTED[label][name])
        agree["everything"] += decided == SUGGESTED[label]

    assert agree == {
        "unit": 316,
        "topic": 316,
        "addressees": 314,
        "basis": 315,
        "strength": 314,
        "asks_to_consider": 310,
        "everything": 308,
    }


def test_where_the_curators_decided_otherwise():
    assert [label for label in DECIDED if DECIDED[label] != SUGGESTED[label]] == [
        "II.31",
        "IV.1",
        "IV.20",
        "IV.46(a)",
        "V.6",
        "V.26",
        "VI.4",
        "VII.1(f)",
    ]

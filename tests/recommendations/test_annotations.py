"""What curators know about the paper fits the paper, and gives the figures of the design."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest

from recommendations import fixtures
from recommendations.models import sort_evidence_kinds
from recommendations.outline.document import paste_paragraphs
from recommendations.paper_import.decisions import Decision, decide
from recommendations.paper_import.notation import parse_footnotes, parse_label, split_footnotes
from recommendations.paper_import.reading import read_rows
from recommendations.paper_import.rows import ParagraphTable
from tests.papers import EIGHT_MEETINGS

FIXTURES = Path(__file__).parents[2] / "fixtures"


class Printed(NamedTuple):
    """A text of the paper, as the catalogue reads it; test_catalogue.py compares it with the paper word for word."""

    kind: str
    meeting: int
    parent: str | None
    text: str


def printed_texts() -> dict[str, Printed]:
    """Return them by label."""
    rows, _meetings = read_rows(paste_paragraphs(EIGHT_MEETINGS), "", [])
    decide(rows[fixtures.NOTE - 1], Decision.NOTE, ParagraphTable(rows))
    found = {}
    for row in rows:
        if not row.is_left_out:
            place, notes = parse_label(row.label), parse_footnotes(row.footnotes)
            text, _footnotes, _alone = split_footnotes(row.text, notes)
            found[row.label] = Printed(row.kind, place.meeting, place.parent, text)
    return found


NODES = printed_texts()
RECOMMENDATIONS = [label for label, node in NODES.items() if node.kind == "recommendation"]


def fixture(name: str):
    return json.loads((FIXTURES / name).read_text(encoding="utf-8"))


ANNOTATIONS = fixture("annotations.json")
ANNOTATED = {entry["label"]: entry for entry in ANNOTATIONS["nodes"]}
UNITS = {label: entry for label, entry in ANNOTATED.items() if entry["unit"]}
THEMES = fixture("themes.json")["themes"]
FAMILIES = fixture("families.json")["families"]
TITLES = fixture("titles.json")["texts"]

PARTY = {"states_parties", "states", "member_states"}
CONFIRMED_NON_PARTY = {"states", "member_states", "states_not_yet_parties"}
OTHERS = {"secretariat", "unodc", "conference", "working_group", "un_entities"}


def addressed_to(codes: set[str]) -> list[str]:
    return [label for label, entry in UNITS.items() if codes & set(entry["addressees"])]


def test_every_node_is_annotated_in_paper_order():
    assert [entry["label"] for entry in ANNOTATIONS["nodes"]] == list(NODES)


def test_the_paper_is_cited_by_its_printed_title():
    assert ANNOTATIONS["paper"] == {
        "title": "Recommendations adopted by the Working Group on Trafficking in Persons at its first eight meetings",
        "date": "2019-08-07",
        "kind": "consolidated_record",
    }
    assert {ANNOTATIONS["paper"]["title"], "7 August 2019"} <= set(EIGHT_MEETINGS.splitlines())


# Units and topics


def test_275_units_are_the_leaves_but_topics_and_the_two_units_at_a_chapeau():
    assert len(UNITS) == 275
    assert [label for label in UNITS if NODES[label].kind == "chapeau"] == ["IV.46(i)", "IV.46(j)"]
    unanswered = [label for label in RECOMMENDATIONS if label not in UNITS]
    items = [label for label, node in NODES.items() if node.parent in ("IV.46(i)", "IV.46(j)")]
    topics = [label for label, entry in ANNOTATED.items() if entry["topic"]]
    assert sorted(unanswered) == sorted(items + topics)


def test_topics_propose_an_item_for_a_future_meeting():
    topics = [label for label, entry in ANNOTATED.items() if entry["topic"]]

    assert topics == [f"IV.45({letter})" for letter in "abcdefghijk"] + ["V.43", "VI.14"]


# Addressees


def test_230_units_are_asked_of_a_party():
    asked = addressed_to(PARTY)

    assert len(asked) == 230
    assert Counter(label.split(".")[0] for label in asked) == {
        "I": 27,
        "II": 49,
        "IV": 47,
        "V": 38,
        "VI": 19,
        "VII": 25,
        "VIII": 25,
    }


def test_the_230_units_by_primary_theme():
    asked = set(addressed_to(PARTY))

    assert {theme["id"]: len(asked & set(theme["primary"])) for theme in THEMES} == {
        "prevention": 17,
        "training-technical-assistance": 15,
        "identification": 8,
        "protection-assistance": 46,
        "compensation": 9,
        "non-punishment": 7,
        "legislation": 12,
        "key-concepts": 19,
        "investigation-prosecution": 13,
        "international-cooperation": 17,
        "national-coordination": 18,
        "data-research": 7,
        "demand": 19,
        "labour-recruitment": 11,
        "organ-removal": 6,
        "implementation-conference": 6,
    }


def test_non_parties_answer_25_units_and_convention_parties_31():
    asked = set(addressed_to(CONFIRMED_NON_PARTY))
    by_the_convention = {"I.5(b)", "I.23(a)", "I.23(b)", "II.29", "II.30", "V.21"}

    assert len(asked) == 25
    assert len(asked | by_the_convention) == 31
    assert by_the_convention <= set(addressed_to({"states_parties"}))


def test_one_unit_is_addressed_only_to_states_not_yet_parties():
    assert addressed_to({"states_not_yet_parties"}) == ["I.2"]
    assert ANNOTATED["I.2"]["addressees"] == ["states_not_yet_parties"]
    assert len(addressed_to(PARTY | CONFIRMED_NON_PARTY)) == 231
    assert addressed_to({"un_entities"}) == ["IV.1"]


def test_every_unit_has_an_addressee_and_two_at_most():
    assert {len(entry["addressees"]) for entry in UNITS.values()} == {1, 2}
    assert {code for entry in ANNOTATED.values() for code in entry["addressees"]} == (
        PARTY | CONFIRMED_NON_PARTY | OTHERS
    )
    assert [label for label, entry in UNITS.items() if len(entry["addressees"]) == 2] == [
        "II.21",
        "II.40",
        "II.48",
        "V.33",
    ]


STATED_AS = {
    "states_parties": r"\bParties\b|\bStates parties\b",
    "states": r"\bStates\b(?! parties)",
    "member_states": r"\bMember States\b",
    "states_not_yet_parties": r"\bStates that have not yet done so\b",
    "secretariat": r"\bSecretariat\b",
    "unodc": r"\bUNODC\b",
    "conference": r"\bConference\b",
    "working_group": r"\bWorking Group\b",
    "un_entities": r"\bUnited Nations entities\b",
}


def basis_holds(label: str) -> bool:
    entry, node = ANNOTATED[label], NODES[label]
    match entry["basis"]:
        case "stated":
            return all(re.search(STATED_AS[code], node.text) for code in entry["addressees"])
        case "inherited":
            return entry["addressees"] == ANNOTATED[node.parent]["addressees"]
        case "implied":
            return label in ("IV.1", "IV.7", "IV.46(a)", "VI.14") or node.meeting == 7
        case _:
            return entry["addressees"] == []


def test_the_basis_of_every_addressee_holds():
    assert [label for label in NODES if not basis_holds(label)] == []
    assert [label for label, entry in ANNOTATED.items() if entry["basis"] is None] == ["II.24", "III", "IV.46"]


def test_every_item_of_meeting_vii_is_addressed_to_states_parties_by_implication():
    items = [label for label, node in NODES.items() if node.meeting == 7 and node.parent]

    assert {(*ANNOTATED[label]["addressees"], ANNOTATED[label]["basis"]) for label in items} == {
        ("states_parties", "implied")
    }


# Strength


FORCE = {
    "shall": r"\bshall\b",
    "should": r"\bshould\b",
    "should_consider": r"\b[Cc]onsider\b|\bshould take into consideration\b",
    "encouraged": r"\b(are|were) encouraged\b",
    "may": r"\b(may|might|could)\b",
    "other": r"\b(recommended|recommends|reaffirmed|requested|proposed)\b",
}


def strength_stands(label: str) -> bool:
    """In the text or its chapeau. Meeting VII's imperatives are read as meeting VIII's, which come under `should`."""
    entry, node = ANNOTATED[label], NODES[label]
    if node.meeting == 7 and node.parent and entry["strength"] == "should":
        return True
    words = f"{NODES[node.parent].text if node.parent else ''} {node.text}"
    return re.search(FORCE[entry["strength"]], words) is not None


def test_the_strength_of_every_node_is_in_its_words():
    without = [label for label, entry in ANNOTATED.items() if entry["strength"] is None]

    assert without == ["II.24", "III", "IV.46"]
    assert [label for label in NODES if label not in without and not strength_stands(label)] == []


def test_asks_to_consider():
    asks = {label for label, entry in ANNOTATED.items() if entry["asks_to_consider"]}
    should_consider = {label for label, entry in UNITS.items() if entry["strength"] == "should_consider"}
    also = {"V.8", "V.24", "V.31", "V.36", "IV.17", "V.4", "V.5", "VI.10"}

    assert asks == should_consider - {"IV.20", "V.6", "VI.4"} | also
    assert also & should_consider == set()


# Guidance and cross-references


def test_every_node_has_a_short_title_of_its_own():
    assert [entry["label"] for entry in TITLES] == list(NODES)
    titles = [entry["title"] for entry in TITLES]
    assert len(set(titles)) == 317
    assert [title for title in titles if not title or len(title) > 60 or title != title.strip(" .")] == []


def test_every_unit_and_no_other_node_has_guidance_and_kinds_of_evidence():
    for name in ("guidance", "evidence_kinds", "evidence_hint"):
        assert {entry["label"] for entry in TITLES if entry[name]} == set(UNITS)
    kinds = [entry["evidence_kinds"] for entry in TITLES]
    assert [codes for codes in kinds if codes != sort_evidence_kinds(codes)] == []
    assert max(len(codes) for codes in kinds) == 3


def test_cross_references_quote_their_source():
    assert [
        (link["source"], link["kind"], link["target"], link["confidence"]) for link in ANNOTATIONS["references"]
    ] == [
        ("II.8", "follows_up", "I.16", "high"),
        ("II.15", "follows_up", "I.18", "high"),
        ("II.17", "follows_up", "I.17", "high"),
        ("II.24(b)", "follows_up", "I.6", "high"),
        ("II.34", "follows_up", "I.10", "high"),
        ("II.43", "reaffirms", "I.11", "high"),
        ("II.51", "follows_up", "II.50", "medium"),
        ("IV.46", "follows_up", "III", "high"),
        ("V.44", "follows_up", "IV.45", "high"),
        ("VII.1(f)", "reiterates", "IV.24", "high"),
    ]
    assert [link for link in ANNOTATIONS["references"] if link["quote"] not in NODES[link["source"]].text] == []


def test_the_2009_report_is_cited_one_paragraph_further_on():
    cited = {
        label: int(found[1])
        for label, node in NODES.items()
        if (found := re.search(r"paragraph (\d+) of the report o", node.text))
    }
    targets = {link["source"]: link["target"] for link in ANNOTATIONS["references"]}

    assert len(cited) == 6
    assert {label: targets[label] for label in cited} == {label: f"I.{number - 1}" for label, number in cited.items()}


# Themes and families


def test_every_leaf_and_unit_has_one_primary_theme_and_at_most_one_more():
    primary = Counter(label for theme in THEMES for label in theme["primary"])
    secondary = Counter(label for theme in THEMES for label in theme["secondary"])

    assert primary == dict.fromkeys({*RECOMMENDATIONS, *UNITS}, 1)
    assert set(secondary) <= set(primary)
    assert set(secondary.values()) == {1}
    assert [theme["id"] for theme in THEMES if set(theme["primary"]) & set(theme["secondary"])] == []


def members(family) -> list[str]:
    return family["labels"] + [member["label"] for member in family["partial"]]


def test_73_families_have_known_members_each_once():
    assert len({family["id"] for family in FAMILIES}) == len(FAMILIES) == 73
    for family in FAMILIES:
        labels = members(family) + [other["label"] for other in family["related_not_members"]]
        assert Counter(labels) == dict.fromkeys(labels, 1)
        assert set(labels) <= set(NODES)
        assert sorted({NODES[label].meeting for label in members(family)}) == family["meetings"]


def test_the_text_of_a_partial_member_contains_the_familys_quotation():
    quotes = [
        (member["label"], quote)
        for family in FAMILIES
        for member in family["partial"]
        for quote in re.findall(r'"([^"]+)"', member["part"])
    ]

    assert len(quotes) == 17
    assert [(label, quote) for label, quote in quotes if quote not in NODES[label].text] == []


@pytest.mark.parametrize("unit", ["IV.46(i)", "IV.46(j)"])
def test_a_unit_at_a_chapeau_takes_the_themes_and_families_of_its_items(unit):
    items = [label for label, node in NODES.items() if node.parent == unit]

    themes = [theme["id"] for theme in THEMES if unit in theme["primary"]]
    assert themes == [theme["id"] for theme in THEMES if set(items) & set(theme["primary"])]
    assert [
        family["id"] for family in FAMILIES if set(items) & set(members(family)) and unit not in members(family)
    ] == []

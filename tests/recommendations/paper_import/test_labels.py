"""The labels of the texts of a document: the meeting, resolution or decision, and the place that is printed."""

import pytest

from recommendations.outline.document import read_pasted
from recommendations.paper_import.labels import differs_from_printed, label_problems, printed_place, propose_labels

ASKS = "States parties should act without delay in the matter."
RECORD = f"""IX. Ninth meeting, Vienna, 9 to 11 September 2019

1. {ASKS}

4. {ASKS}

X. Tenth meeting, Vienna, 12 to 16 October 2020

1. {ASKS}
"""
CONFERENCE = """Resolution 12/4

Data on trafficking

The Conference of the Parties,

1. Urges States parties to collect data.

2. Urges States parties:

(a) To publish data.

Decision 12/4

Follow-up

At its 8th meeting, on 18 October 2024, the Conference of the Parties:

(a) Requests the Secretariat to report.
"""


def proposed(text: str, numeral: str = "IX") -> dict[str, bool]:
    """Return the labels in the order of the document, each with whether the document prints all of it."""
    return {each.label: each.is_printed for each in propose_labels(read_pasted(text), numeral).values()}


@pytest.mark.parametrize(
    "text, labels",
    [
        (f"Recommendations\n\n4. {ASKS}\n\n5. {ASKS}\n\n27. {ASKS}", ["IX.4", "IX.5", "IX.27"]),
        (f"Recommendations\n\nRecommendation 1. {ASKS}\n\nRecommendation 1 bis. {ASKS}", ["IX.1", "IX.1 bis"]),
        (f"Recommendations\n\nRecommendation I. {ASKS}\n\nRecommendation II. {ASKS}", ["IX.1", "IX.2"]),
        (f"1. Data\n\n1.1. {ASKS}\n\n1.2. {ASKS}\n\n1.2 bis. {ASKS}", ["IX.1.1", "IX.1.2", "IX.1.2 bis"]),
        (
            "Recommendations\n\n12. States should:\n\n(b) Act:\n\n(ii) Now:\n\n(A) Here;\n\n(B) There;\n\n(c) End.",
            ["IX.12", "IX.12(b)", "IX.12(b)(ii)", "IX.12(b)(ii)(A)", "IX.12(b)(ii)(B)", "IX.12(c)"],
        ),
        (RECORD, ["IX.1", "IX.4", "X.1"]),
        (
            CONFERENCE,
            [
                *("Resolution 12/4.1", "Resolution 12/4.2", "Resolution 12/4.2(a)"),
                *("Decision 12/4", "Decision 12/4(a)"),
            ],
        ),
    ],
    ids=["numbers", "bis", "roman", "decimals", "four levels", "a consolidated record", "a resolution and a decision"],
)
def test_a_label_has_the_number_that_is_printed(text, labels):
    assert proposed(text) == dict.fromkeys(labels, True)


@pytest.mark.parametrize(
    "text, labels",
    [
        (
            "Recommendations\n\n4. States parties should:\n\n• Act;\n\n• Report.",
            {"IX.4": True, "IX.4(a)": False, "IX.4(b)": False},
        ),
        (
            f"A. Data\n\n1. {ASKS}\n\n2. {ASKS}\n\nB. Training\n\n1. {ASKS}\n\n2. {ASKS}\n\n3. {ASKS}",
            {"IX.1": True, "IX.2": True, "IX.3": False, "IX.4": False, "IX.5": False},
        ),
        (f"Draft decision II\n\nData\n\n1. {ASKS}", {"Decision 9/2.1": False}),
    ],
    ids=["bullets", "numbers that begin again", "a draft decision"],
)
def test_a_label_that_is_not_printed_is_a_doubt(text, labels):
    assert proposed(text) == labels


def test_the_items_of_a_text_without_a_number_are_in_doubt_too():
    text = f"Recommendations\n\n4. {ASKS}\n\nStates parties should:\n\n(a) Act;\n\n(b) Report."
    assert [label for label, is_printed in proposed(text).items() if not is_printed] == [
        *("IX.1", "IX.1(a)", "IX.1(b)")
    ]


def test_labels_are_proposed_before_the_meeting_is_known():
    assert proposed(f"Recommendations\n\n4. {ASKS}", numeral="") == {"4": True}


@pytest.mark.parametrize(
    "text, places",
    [
        (
            "12. States parties should:\n\n(a) Act:\n\n(i) Now;\n\n(ii) Always.",
            ["12", "12 (a)", "12 (a) (i)", "12 (a) (ii)"],
        ),
        (
            "Recommendation 3 bis. States parties should:\n\n(a) Act.",
            ["Recommendation 3 bis", "Recommendation 3 bis (a)"],
        ),
        ("12. States parties should:\n\n• Act.", ["12", ""]),
    ],
    ids=["items", "a numbered recommendation", "bullets"],
)
def test_the_place_of_a_text_is_that_printed(text, places):
    outline = read_pasted(f"Recommendations\n\n{text}")
    assert [printed_place(outline, each) for each in outline.texts] == places


@pytest.mark.parametrize(
    "label, printed",
    [
        ("IX.12(b)", "12 (b)"),
        ("IX.12(b)", "12. (b)"),
        ("IX.12(b)(ii)(A)", "12 (b) (ii) (A)"),
        ("IX.2.2 bis", "2.2 bis"),
        ("IX.3 bis(a)", "Recommendation 3 bis (a)"),
        ("IX.2", "Recommendation II"),
        ("IX.3(a bis)", "3 (a bis)"),
        ("Resolution 12/4.3(a)", "3 (a)"),
        ("Decision 12/4(a)", "(a)"),
        ("Decision 12/4", ""),
        ("III", ""),
        ("IV.46(i)(ii)", "46(i)(ii)"),
        ("12(a)", "12 (a)"),  # the meeting is not entered yet
    ],
)
def test_a_label_is_as_printed(label, printed):
    assert differs_from_printed(label, printed) is False


@pytest.mark.parametrize(
    "label, printed",
    [
        ("IX.13", "12"),
        ("IX.12(a)", "12 (b)"),
        ("IX.12(A)", "12 (a)"),
        ("IX.12", "12 bis"),
        ("IX.22", "2.2"),
        ("IX.12(a)", ""),
    ],
)
def test_attack_a_label_that_the_document_does_not_print(label, printed):
    assert differs_from_printed(label, printed) is True


@pytest.mark.parametrize(
    "labels, published",
    [
        (["IX.2.2", "IX.2(2)"], []),
        (["IX.12(a)"], ["IX.12(A)"]),
        (["Decision 12/4.3"], ["Decision 12/4(3)"]),
    ],
)
def test_attack_labels_alike_in_search_and_addresses(labels, published):
    other = [*labels[1:], *published][0]
    assert label_problems(labels, published)[labels[0]] == other


def test_attack_two_texts_with_the_same_label():
    assert label_problems(["IX.1", "IX.2", "IX.1"], []) == {"IX.1": "IX.1"}


def test_labels_that_differ_in_a_letter_or_number_are_not_alike():
    labels = [
        "IX.2.2",
        "IX.22",
        "IX.2.2 bis",
        "IX.2(b)(bb)",
        "IX.2(bb)",
        "Resolution 9/2",
        "Decision 9/2",
        "IX.2(i)(ii)",
    ]
    assert label_problems(labels, ["IX.2(iii)", "XI.2"]) == {}


def test_a_thousand_bullets_have_labels_of_their_own():
    text = "Recommendations\n\n4. States should:\n\n(a) Act:\n\n" + "\n\n".join(f"• Act {n};" for n in range(1000))
    labels = proposed(text)
    assert list(labels)[:4] == ["IX.4", "IX.4(a)", "IX.4(a)(i)", "IX.4(a)(ii)"]
    assert len(labels) == 1002

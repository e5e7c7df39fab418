"""The labels of the texts of a document: counted from the number that a curator says, or as a record prints them."""

import pytest

from recommendations.outline.document import read_pasted
from recommendations.paper_import.labels import find_labels, printed_place

ASKS = "States parties should act without delay in the matter."
RECORD = f"""IX. Ninth meeting, Vienna, 9 to 11 September 2019

1. {ASKS}

4. {ASKS}

X. Tenth meeting, Vienna, 12 to 16 October 2020

1. {ASKS}
"""


@pytest.mark.parametrize(
    "text, labels",
    [
        (f"Recommendations\n\n4. {ASKS}\n\n5. {ASKS}", ["XI.7", "XI.8"]),
        (f"Recommendations\n\nRecommendation 1. {ASKS}\n\nRecommendation 1 bis. {ASKS}", ["XI.7", "XI.7 bis"]),
        (f"A. Data\n\n1. {ASKS}\n\nB. Training\n\n1. {ASKS}", ["XI.7", "XI.8"]),
        ("Recommendations\n\n4. States parties should:\n\n• Act;\n\n• Report.", ["XI.7", "XI.7(a)", "XI.7(b)"]),
        (RECORD, ["IX.1", "IX.4", "X.1"]),
    ],
    ids=["numbers", "bis", "numbers that begin again", "bullets", "a consolidated record"],
)
def test_each_text_has_a_label(text, labels):
    assert list(find_labels(read_pasted(text), "XI", 7).values()) == labels


def test_the_place_of_a_text_is_that_printed():
    outline = read_pasted("Recommendations\n\n12. States parties should:\n\n(a) Act:\n\n(i) Now;\n\n(ii) Always.")

    assert [printed_place(outline, text) for text in outline.texts] == ["12", "12 (a)", "12 (a) (i)", "12 (a) (ii)"]


def test_the_number_of_a_recommendation_is_no_paragraph():
    outline = read_pasted(f"Recommendations\n\nRecommendation 1. {ASKS}\n\nRecommendation 1 bis. {ASKS}")

    assert [printed_place(outline, text) for text in outline.texts] == ["", ""]

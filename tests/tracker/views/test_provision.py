"""A State's answers by provision: of its living record, as a draft, for its own people."""

import csv
import io

import pytest
from django.urls import reverse

from tests.labels import titled
from tests.pages import words_of_page
from tests.test_walk import words_of

pytestmark = pytest.mark.django_db

LAW = "The Victims Act."
LIST = reverse("provision_list", args=["XAA"])
COMPENSATION = reverse("provision", args=["XAA", "protocol-6-6"])
CSV, DOCX = reverse("provisions_csv", args=["XAA"]), reverse("provisions_docx", args=["XAA"])


def rows(response) -> list[dict]:
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))


def test_provisions_are_listed_with_what_is_answered_of_them(desk, say):
    say("I.13", measures=LAW)
    said = words_of_page(desk.get(LIST))
    assert "A draft for the State’s other reporting obligations" in said
    assert "Protocol, article 6(6) Possibility of obtaining compensation 1 of 9 answered" in said
    assert "Protocol, article 9(5) Discouraging the demand that fosters exploitation 0 of" in said


def test_the_answers_to_one_are_read_with_their_texts(desk, say):
    say("I.13", measures=LAW)
    say("I.14", measures="Shelters.")
    said = words_of_page(desk.get(COMPENSATION))
    assert "Arandia: current answers as at" in said
    assert "Working document, not submitted." in said
    assert "1 of 9 answered" in said
    assert "The Victims Act." in said
    assert "Shelters." not in said
    assert f"No information {titled('II.49')}" in said


def test_the_table_has_a_row_for_each_provision_and_unit(desk, say):
    say("I.13", measures=LAW)
    found = [row for row in rows(desk.get(CSV)) if row["label"] == "I.13"]
    assert [(row["instrument"], row["article"], row["measures"]) for row in found] == [
        ("protocol", "6(6)", "The Victims Act."),
        ("convention", "25(2)", "The Victims Act."),
    ]
    assert {row["article"] for row in rows(desk.get(CSV, {"provision": "protocol-6-6"}))} == {"6(6)"}


def test_the_document_says_that_it_is_a_draft(desk, say):
    say("I.13", measures=LAW)
    said = words_of(desk.get(DOCX, {"provision": "protocol-6-6"}))
    for words in (
        "Answers by provision",
        "Arandia (party to the Protocol) · 230 recommendations",
        "A draft for the State’s other reporting obligations",
        "Protocol, article 6(6)",
        "The Victims Act.",
    ):
        assert words in said
    assert "article 9(5)" not in said


def test_a_provision_that_is_not_there_is_not_found(desk):
    addresses = [reverse("provision", args=["XAA", "protocol-99"]), f"{CSV}?provision=x", f"{DOCX}?provision=%00"]
    assert [desk.get(address).status_code for address in addresses] == [404] * 3


@pytest.mark.parametrize("answers", [2, 40])
def test_the_pages_ask_the_database_as_often_for_few_as_for_many(
    desk, say, xaa, answers, django_assert_max_num_queries
):
    for unit in xaa.units_to_answer()[:answers]:
        say(unit.label, measures=LAW)
    for address in (LIST, COMPENSATION):
        with django_assert_max_num_queries(15):
            assert desk.get(address).status_code == 200

"""The page on which the progress report is made, and its files."""

import dataclasses
import datetime
import io
import re

import docx
import pytest
from django.utils import timezone
from django.utils.formats import date_format

from tests.conftest import find_person, find_state, open_round_for_arandia, save_for_xaa
from tests.pages import client_of, words, words_of_page
from tests.submissions import STATED, close_round, opened_round, quote, release_of_few, submit_ready
from tests.tracker.documents.paper.test_paper import words_of_docx
from tracker.models import Round, Submission

pytestmark = pytest.mark.django_db

CHANGES = "/progress/paper/changes/"
PAGE, DOCX, PDF = "/progress/paper/", "/progress/paper.docx", "/progress/paper.pdf"
QUERIES = 15
SAID = {"measures": "A fund exists.", "difficulties": "Few staff.", "assistance": "Training is needed."}
HEAD = {
    "symbol": "CTOC/COP/WG.4/2027/2",
    "distribution": "General",
    "dated": "7 August 2027",
    "original": "English",
    "session": "Fifteenth meeting",
    "place_and_dates": "Vienna, 6 to 8 October 2027",
    "agenda_item": "Item 2 of the provisional agenda",
    "title": "Progress made",
}


@pytest.fixture(scope="module", autouse=True)
def one(for_the_module):
    round_ = open_round_for_arandia(meetings=[1])
    xaa, alice = find_state("XAA"), find_person("alice")
    save_for_xaa("I.13", **SAID, language="en", ready=True)
    submit_ready(xaa, round_, alice, dataclasses.replace(STATED, quoted=True))
    return release_of_few(round_, find_person("bob"))


def test_the_page_says_how_many_words_the_paper_has(officer, one):
    response = officer.get(PAGE)
    assert re.search(r"\d{3,} of 8,500 words, including footnotes and annexes\.", words(response))
    assert "over the limit" not in words(response)


def test_it_warns_of_a_paper_that_is_too_long(officer, one, monkeypatch):
    monkeypatch.setattr("tracker.views.paper.WORD_LIMIT", 100)
    assert re.search(r"[\d,]+ words over the limit\. [\d,]+ of 100 words", words(officer.get(PAGE)))


def test_the_input_stays_and_is_in_the_files(officer, one):
    typed = officer.get(PAGE, HEAD).content.decode()
    for said in HEAD.values():
        assert f'value="{said}"' in typed
    document, pdf = officer.get(DOCX, HEAD), officer.get(PDF, HEAD)
    assert (document.content[:2], pdf.content[:5]) == (b"PK", b"%PDF-")
    assert re.search(r'filename="progress-report-2026\.docx"', document["Content-Disposition"])
    assert pdf["Content-Type"] == "application/pdf"


@pytest.mark.parametrize("url", [PAGE, DOCX, PDF])
@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"session": "Fifteenth\x07meeting"}, "Remove the invisible character U+0007"),
        ({"title": "t" * 201}, "200"),
        ({"release": "2028/1"}, "Choose from the list."),
        ({"release": "\x00"}, "Choose from the list."),
    ],
)
def test_invalid_input_has_an_error_at_its_field(url, typed, message, officer, one):
    response = officer.get(url, HEAD | typed)
    assert response.status_code == 400
    assert message in words(response)
    assert f'value="{HEAD["agenda_item"]}"' in response.content.decode()


def test_a_release_is_chosen(officer, one, bob):
    close_round(one.round)
    release_of_few(opened_round(bob, code="2027", meetings=[1]), bob)
    assert '<option value="2027" selected>' in officer.get(PAGE).content.decode()
    assert '<option value="2026" selected>' in officer.get(PAGE, {"release": "2026"}).content.decode()


def test_the_paper_names_its_release(officer, one):
    texts = " ".join(part.text for part in docx.Document(io.BytesIO(officer.get(DOCX).content)).paragraphs)
    assert "The figures are those of release 2026." in texts


def test_the_page_lists_what_is_still_done_by_hand(officer, one):
    shown = words_of_page(officer.get(PAGE))
    assert "Still to do by hand" in shown
    assert "In Word, update the table of contents" in shown
    assert f'href="{CHANGES}?release=2026"' in officer.get(PAGE).text


def test_two_quotations_of_a_theme_are_in_the_file_or_all(officer, one, bob):
    for field in SAID:
        quote(one, Submission.everyones.get(), "I.13", field, bob)
    assert [words in words_of_docx(officer.get(DOCX).content) for words in SAID.values()] == [True, True, False]
    assert {*SAID.values()} <= {*words_of_docx(officer.get(DOCX, {"most_quoted": "all"}).content)}
    assert 'value="all" selected' in officer.get(PAGE, {"most_quoted": "all"}).text


def test_paragraphs_that_changed_since_the_round_before_are_listed(officer, one, bob, django_assert_max_num_queries):
    assert "The paper can be compared once the round before has a release." in words_of_page(officer.get(CHANGES))
    close_round(one.round)
    later = opened_round(bob, code="2027", meetings=[1])
    Round.objects.filter(pk=later.pk).update(opens_on=timezone.localdate())
    release_of_few(Round.objects.get(pk=later.pk), bob)
    with django_assert_max_num_queries(QUERIES):
        shown = words_of_page(officer.get(CHANGES))
    for code, count in (("2026", "one"), ("2027", "None")):
        assert f"{code} : The report covers {count} of the one State invited to report." in shown
    assert "The round comprises" not in shown
    assert officer.get(CHANGES, {"release": "2028"}).status_code == 400


@pytest.mark.parametrize("url", [PAGE, DOCX, PDF])
def test_it_takes_few_queries(url, officer, one, django_assert_max_num_queries):
    with django_assert_max_num_queries(QUERIES):
        assert officer.get(url).status_code == 200


def test_progress_leads_to_it(officer, one):
    assert f'href="{PAGE}"' in officer.get("/progress/").content.decode()


def test_the_page_leads_officers_to_the_tray_of_the_release(officer, one, dana):
    tray = "/progress/paper/quotations/?release=2026"
    assert f'<a href="{tray}">Choose quotations</a>' in officer.get(PAGE).text
    assert "Quotable answers" in words_of_page(officer.get(tray))
    assert "/progress/paper/quotations/" not in client_of(dana).get(PAGE).text


def test_the_page_says_until_when_states_can_object(officer, one, bob, django_assert_max_num_queries):
    assert "No State is reviewing a quotation." in words_of_page(officer.get(PAGE))
    quote(one, Submission.everyones.get(), "I.13", "measures", bob)
    day = date_format(timezone.localdate() + datetime.timedelta(days=10))
    with django_assert_max_num_queries(QUERIES):
        assert f"States can object to 1 quotation until {day}." in words_of_page(officer.get(PAGE))


def test_the_file_quotes_what_was_chosen(officer, one, bob):
    assert "A fund exists." not in words_of_docx(officer.get(DOCX).content)
    quote(one, Submission.everyones.get(), "I.13", "measures", bob)
    assert "A fund exists." in words_of_docx(officer.get(DOCX).content)

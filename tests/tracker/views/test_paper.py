"""The page on which the progress report is made, and its files."""

import dataclasses
import datetime
import io
import re

import docx
import pytest
from django.utils import timezone
from django.utils.formats import date_format

from tests.client import Client
from tests.conftest import find_person, find_state, find_unit, open_round_for_arandia
from tests.pages import client_of, words, words_of_page
from tests.submissions import STATED, close_round, opened_round, quote, release_of_few, submit_ready
from tests.tracker.documents.paper.test_paper import words_of_docx
from tracker.actions.record import Answer, save_answer
from tracker.models import Submission

pytestmark = pytest.mark.django_db

PAGE, DOCX, PDF = "/progress/paper/", "/progress/paper.docx", "/progress/paper.pdf"
QUERIES = 15
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


@pytest.fixture
def page(bob):
    client = Client()
    client.force_login(bob)
    return client


@pytest.fixture(scope="module", autouse=True)
def one(for_the_module):
    round_ = open_round_for_arandia(meetings=[1])
    xaa, alice = find_state("XAA"), find_person("alice")
    answer = Answer("implemented", measures="A fund exists.", language="en", ready=True)
    save_answer(respondent=xaa, unit=find_unit("I.13"), base=0, answer=answer, by=alice)
    submit_ready(xaa, round_, alice, dataclasses.replace(STATED, quoted=True))
    return release_of_few(round_, find_person("bob"))


def test_the_page_says_how_many_words_the_paper_has(page, one):
    response = page.get(PAGE)
    assert re.search(r"\d{3,} of 8,500 words, including footnotes and annexes\.", words(response))
    assert "over the limit" not in words(response)


def test_it_warns_of_a_paper_that_is_too_long(page, one, monkeypatch):
    monkeypatch.setattr("tracker.views.paper.WORD_LIMIT", 100)
    assert re.search(r"[\d,]+ words over the limit\. [\d,]+ of 100 words", words(page.get(PAGE)))


def test_the_input_stays_and_is_in_the_files(page, one):
    typed = page.get(PAGE, HEAD).content.decode()
    for said in HEAD.values():
        assert f'value="{said}"' in typed
    document, pdf = page.get(DOCX, HEAD), page.get(PDF, HEAD)
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
def test_invalid_input_has_an_error_at_its_field(url, typed, message, page, one):
    response = page.get(url, HEAD | typed)
    assert response.status_code == 400
    assert message in words(response)
    assert f'value="{HEAD["agenda_item"]}"' in response.content.decode()


def test_a_release_is_chosen(page, one, bob):
    close_round(one.round)
    release_of_few(opened_round(bob, code="2027", meetings=[1]), bob)
    assert '<option value="2027" selected>' in page.get(PAGE).content.decode()
    assert '<option value="2026" selected>' in page.get(PAGE, {"release": "2026"}).content.decode()


def test_the_paper_names_its_release(page, one):
    texts = " ".join(part.text for part in docx.Document(io.BytesIO(page.get(DOCX).content)).paragraphs)
    assert "The figures are those of release 2026." in texts


@pytest.mark.parametrize("url", [PAGE, DOCX, PDF])
def test_it_takes_few_queries(url, page, one, django_assert_max_num_queries):
    with django_assert_max_num_queries(QUERIES):
        assert page.get(url).status_code == 200


def test_progress_leads_to_it(page, one):
    assert f'href="{PAGE}"' in page.get("/progress/").content.decode()


def test_the_page_leads_officers_to_the_tray_of_the_release(page, one, dana):
    tray = "/progress/paper/quotations/?release=2026"
    assert f'<a href="{tray}">Choose quotations</a>' in page.get(PAGE).text
    assert "Quotable answers" in words_of_page(page.get(tray))
    assert "/progress/paper/quotations/" not in client_of(dana).get(PAGE).text


def test_the_page_says_until_when_states_can_object(page, one, bob, django_assert_max_num_queries):
    assert "No State is reviewing a quotation." in words_of_page(page.get(PAGE))
    quote(one, Submission.everyones.get(), "I.13", "measures", bob)
    day = date_format(timezone.localdate() + datetime.timedelta(days=10))
    with django_assert_max_num_queries(QUERIES):
        assert f"States can object to 1 quotation until {day}." in words_of_page(page.get(PAGE))


def test_the_file_quotes_what_was_chosen(page, one, bob):
    assert "A fund exists." not in words_of_docx(page.get(DOCX).content)
    quote(one, Submission.everyones.get(), "I.13", "measures", bob)
    assert "A fund exists." in words_of_docx(page.get(DOCX).content)

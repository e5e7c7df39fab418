"""The form of a focal point, the answer of a curator, and the answer as the focal point reads it."""

import pytest
from django.urls import reverse

from tests.conftest import make_person
from tests.pages import client_of, text_area, words_of_page
from tracker.models import StatusReport, User
from tracker.models.user import Role

pytestmark = pytest.mark.django_db

ADD, UNITS = reverse("status_report_add", args=["XAA"]), reverse("units_asked", args=["XAA"])
STANDING = reverse("treaty_standing", args=["XAA"])
SAID = {"wrong": "The date.", "right": "Acceded on 3 May 2005.", "reference": "Notification 12."}


@pytest.fixture
def sign_in(client, alice, dana):
    people = {"alice": alice, "dana": dana}

    def sign_in(name):
        client.force_login(people[name])
        return client

    return sign_in


@pytest.fixture
def answer_page(sign_in):
    sign_in("alice").post(ADD, SAID)
    return reverse("status_report_answer", args=["XAA", StatusReport.everyones.get().pk])


def test_a_report_goes_from_the_desk_to_the_curators_and_its_answer_back(sign_in):
    page = sign_in("alice")
    assert f'href="{ADD}"' in page.get(UNITS).content.decode()
    assert "Current treaty status: Party to the Protocol · Act: 1 May 2005" in words_of_page(page.get(ADD))
    said = words_of_page(page.post(ADD, SAID, follow=True))
    assert "Your report was sent to the Secretariat." in said
    assert "Correct information Acceded on 3 May 2005." in said
    assert "Response from the Secretariat None" in said
    page = sign_in("dana")
    assert "Reported errors 1 Arandia" in words_of_page(page.get(reverse("treaty_act_list")))
    assert "Problem The date." in words_of_page(page.get(STANDING))
    address = reverse("status_report_answer", args=["XAA", StatusReport.everyones.get().pk])
    said = words_of_page(page.post(address, {"answer": "It is mended.", "accept": "yes"}, follow=True))
    assert "Accepted. The focal points of the State have been notified. Add the act below and confirm it." in said
    assert "Reported errors" not in words_of_page(page.get(reverse("treaty_act_list")))
    said = words_of_page(sign_in("alice").get(UNITS))
    assert "Accepted Secretariat · " in said
    assert "Response from the Secretariat It is mended." in said


def test_what_was_typed_stays_where_a_report_is_refused(sign_in):
    said = words_of_page(sign_in("alice").post(ADD, SAID | {"right": ""}))
    assert "Enter the correct information." in said
    assert "The date." in said


def test_a_curator_who_declines_says_why(sign_in, answer_page):
    page = sign_in("dana")
    assert "Enter the reason." in words_of_page(page.post(answer_page, {"answer": "", "decline": "yes"}))
    said = words_of_page(page.post(answer_page, {"answer": "x" * 2001, "decline": "yes"}))
    assert "The text is too long: at most 2000 characters. It has 2001." in said
    assert "x" * 2001 in said
    page.post(answer_page, {"answer": "The source says otherwise.", "decline": "yes"})
    again = page.post(answer_page, {"answer": "The source says otherwise.", "decline": "yes"}, follow=True)
    assert "The page changed after you opened it, so nothing was done." in words_of_page(again)
    said = words_of_page(sign_in("alice").get(UNITS))
    assert "Declined Secretariat · " in said
    assert "The source says otherwise." in said


def test_of_two_curators_the_second_keeps_the_response_and_reads_who_decided(sign_in, answer_page):
    make_person("dora", Role.CURATOR)
    sign_in("dana").post(answer_page, {"answer": "The source says otherwise.", "decline": "yes"})
    client = client_of(User.objects.get(name="Dora"))
    page = client.post(answer_page, {"answer": "The act is there.", "accept": "yes"}, follow=True)
    message = "Dana responded to this report after you opened the page. Your response was not sent."
    assert message in words_of_page(page)
    assert text_area(page, "answer") == "The act is there."
    assert 'name="accept"' not in page.text
    assert StatusReport.everyones.get().answer == "The source says otherwise."
    assert "Dana" not in words_of_page(sign_in("alice").get(UNITS))


def test_the_pages_ask_the_database_as_often_for_one_report_as_for_ten(
    sign_in, answer_page, django_assert_max_num_queries
):
    page = sign_in("alice")
    for number in range(9):
        page.post(ADD, SAID | {"wrong": f"Thing {number}."})
    with django_assert_max_num_queries(15):
        page.get(UNITS)
    page = sign_in("dana")
    for address in (reverse("treaty_act_list"), STANDING):
        with django_assert_max_num_queries(15):
            page.get(address)

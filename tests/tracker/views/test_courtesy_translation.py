"""The pages on which a courtesy translation is written, and those that show it beside the words."""

from urllib.parse import quote

import pytest
from django.urls import reverse
from django.utils import timezone

from recommendations.days import day_in_words
from tests.conftest import find_person, find_state, make_person, open_round_for_arandia, save_for_xaa
from tests.pages import client_of, hidden_input, messages_on, text_area, words, words_of_page
from tests.submissions import submit_ready, translate
from tracker.actions.reading_restriction import add_restriction
from tracker.actions.submission import change_use
from tracker.models import CourtesyTranslation, Submission
from tracker.models.user import Role

pytestmark = pytest.mark.django_db

PAID = "يُصرف التعويض من الصندوق."
FUND = "Compensation is paid from the fund."
SUBMISSION = ["XAA", "2026", 1]
OFFICER = reverse("review_translation", args=[*SUBMISSION, "II-4"])
STATE = "/desk/XAA/recommendations/II-4/translation/"
SUBMITTED = reverse("submission_items", args=SUBMISSION, query={"section": "national-coordination"})
READING = reverse("review", args=SUBMISSION, query={"show": "all", "item": "II-4"})
QUERIES = 15


@pytest.fixture(scope="module", autouse=True)
def world(for_the_module):
    round_ = open_round_for_arandia(meetings=[2])
    practice = {"good_practice": True, "good_practice_shared": True}
    save_for_xaa("II.4", measures=PAID, language="ar", ready=True, **practice)
    submit_ready(find_state("XAA"), round_, find_person("alice"))


@pytest.fixture
def translated() -> None:
    translate(Submission.everyones.get(), "II.4", find_person("bob"), measures=FUND)


def by_officer() -> str:
    today = day_in_words(timezone.localdate())
    return f"{FUND} Unofficial courtesy translation into English by the Secretariat ( Bob , {today})"


def test_an_officer_writes_it_where_the_words_are(officer):
    page = officer.get(OFFICER)
    shown = words_of_page(page)
    assert f'<p class="typed" lang="ar" dir="rtl">{PAID}' in page.content.decode()
    assert "Do not enter them into a translation service outside your institution." in shown
    answer = officer.post(OFFICER, {"language": "en", "measures": FUND, "base": ""}, follow=True)
    assert answer.redirect_chain == [(READING, 302)]
    assert messages_on(answer) == ["The translation is saved."]
    assert by_officer() in words(answer)


def test_without_text_the_answer_has_no_translation(officer, translated):
    page = officer.get(OFFICER)
    typed = {"language": "en", "measures": "", "base": hidden_input(page, "base")}
    answer = officer.post(OFFICER, typed, follow=True)
    assert messages_on(answer) == ["The answer has no courtesy translation."]
    assert FUND not in words(answer)


def test_the_officer_returns_to_the_list_left(officer):
    left = READING.replace("show=all", "show=changed")
    link = f"{OFFICER}?next={quote(left)}"
    assert f'href="{link}"' in officer.get(left).content.decode()
    answer = officer.post(link, {"language": "en", "measures": FUND, "base": ""})
    assert answer["Location"] == left


@pytest.mark.parametrize(
    "address",
    [READING, SUBMITTED, OFFICER, "/practices/"],
    ids=["reading", "submitted answers", "translation", "good practices"],
)
def test_officers_read_it_with_the_words(address, officer, translated):
    assert by_officer().removeprefix(f"{FUND} ") in words(officer.get(address))
    assert FUND in officer.get(address).content.decode()


@pytest.mark.parametrize("address", [SUBMITTED, STATE], ids=["submitted answers", "translation"])
def test_the_state_reads_it_with_the_words(address, xaa, translated):
    viewer = client_of(make_person("victor", Role.VIEWER, xaa))
    assert by_officer() in words(viewer.get(address))


def test_the_state_changes_it_and_a_viewer_only_reads(desk, xaa, translated):
    page = desk.get(STATE)
    assert text_area(page) == FUND
    typed = {"language": "en", "measures": "The fund pays.", "base": hidden_input(page, "base")}
    assert desk.post(STATE, typed)["Location"] == "/desk/XAA/recommendations/II-4/"
    assert "by the State ( Alice" in words(desk.get(STATE))
    viewer = client_of(make_person("victor", Role.VIEWER, xaa))
    assert "<textarea" not in viewer.get(STATE).content.decode()
    assert viewer.post(STATE, typed).status_code == 403


def test_the_page_of_an_answer_leads_to_it(desk):
    assert f'href="{STATE}"' in desk.get("/desk/XAA/recommendations/II-4/").content.decode()
    assert STATE.replace("II-4", "II-5") not in desk.get("/desk/XAA/recommendations/II-5/").content.decode()


def test_the_public_reads_the_practice_without_it(client, alice, translated):
    change_use(submission=Submission.everyones.get(), published=True, by=alice)
    for address in ("/practices/", "/practices/II-4/"):
        page = client.get(address).content.decode()
        assert (PAID in page, FUND in page) == (True, False)


def test_other_words_are_shown_without_it(desk, translated):
    save_for_xaa("II.4", base=1, measures="النص الجديد.", language="ar", ready=True)
    assert FUND not in desk.get(STATE).content.decode()


def test_officers_read_no_translation_of_words_that_are_not_submitted(desk, officer):
    save_for_xaa("II.4", base=1, measures="النص الجديد.", language="ar", ready=True)
    desk.post(STATE, {"language": "en", "measures": "The new text."})
    assert text_area(desk.get(STATE)) == "The new text."
    for address in (READING, OFFICER, SUBMITTED):
        assert "The new text." not in officer.get(address).content.decode()


def test_an_error_keeps_the_input(officer):
    page = officer.post(OFFICER, {"language": "", "measures": "Typed."})
    assert "Choose the language of the translation." in words(page)
    assert text_area(page) == "Typed."


def test_a_stale_page_keeps_the_input_and_changes_nothing(officer, translated):
    page = officer.post(OFFICER, {"language": "en", "measures": "Typed.", "base": ""})
    assert "The translation was changed after you opened this page. Compare it with yours." in words(page)
    assert text_area(page) == "Typed."
    assert CourtesyTranslation.everyones.get().text == FUND
    assert by_officer() in words(page)
    typed = {"language": "en", "measures": "Typed.", "base": hidden_input(page, "base")}
    assert officer.post(OFFICER, typed).status_code == 302
    assert CourtesyTranslation.everyones.get().text == "Typed."


@pytest.mark.parametrize(
    ("next_", "location"),
    [("/progress/paper/", "/progress/paper/"), ("https://example.org/", "/"), ("//example.org/", "/")],
)
def test_the_page_returns_only_within_the_site(officer, next_, location):
    answer = officer.post(f"{OFFICER}?next={next_}", {"language": "en", "measures": FUND})
    assert answer["Location"] == location


def test_an_officer_under_a_restriction_finds_no_page(officer, bob, xaa, erin):
    add_restriction(user=bob, respondent=xaa, by=erin)
    assert officer.get(OFFICER).status_code == 404


def test_an_answer_without_text_has_nothing_to_translate(officer, xaa, alice):
    save_for_xaa("II.5", "not_started", ready=True)
    submit_ready(xaa, Submission.everyones.get().round, alice)
    address = reverse("review_translation", args=["XAA", "2026", 2, "II-5"])
    assert "No words to translate" in words(officer.get(address))


def test_the_pages_read_few_rows(officer, desk, translated, django_assert_max_num_queries):
    for client, address in ((officer, READING), (officer, OFFICER), (desk, STATE), (officer, "/practices/")):
        with django_assert_max_num_queries(QUERIES):
            assert client.get(address).status_code == 200

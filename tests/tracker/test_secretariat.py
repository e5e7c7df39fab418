"""The Secretariat with UNODC, one desk, tells what they did about their own units by the pages that States have.

What these tests let it say says nothing of anything it did.
"""

import pytest

from tests.client import Client
from tests.conftest import find_person, make_person, with_second_factor
from tests.pages import words
from tests.submissions import opened_round, read_and_answered, submit_ready
from tests.test_walk import words_of
from tracker.actions.record import Answer, save_answer
from tracker.actions.remark import start_reading
from tracker.actions.respondent import load_respondents
from tracker.disclosure import may_still_read
from tracker.figures.comparison import compare
from tracker.figures.progress import progress_by_round, progress_of_others, round_progress
from tracker.models import Membership, Participation, Respondent, Submission
from tracker.models.user import Role

pytestmark = pytest.mark.django_db

DESK = "/desk/SECRETARIAT/"


@pytest.fixture(scope="module", autouse=True)
def opened(for_the_module):
    load_respondents()
    make_person("grace", Role.FOCAL_POINT, Respondent.objects.get(code="SECRETARIAT"))
    opened_round(with_second_factor(make_person("bob", Role.REVIEWER)))


@pytest.fixture
def desk(db):
    return Respondent.objects.get(code="SECRETARIAT")


@pytest.fixture
def grace(db):
    return find_person("grace")


@pytest.fixture
def page(grace):
    client = Client()
    client.force_login(grace)
    return client


def test_its_desk_asks_what_is_addressed_to_the_secretariat_or_to_unodc(page, desk, round_):
    said = words(page.get(DESK))
    assert "Secretariat or UNODC · 25 recommendations" in said
    assert "No answers yet: where to start" in said
    codes = {code for unit in desk.units_to_answer() for code in unit.addressees.values_list("code", flat=True)}
    assert codes & {"secretariat", "unodc"} == {"secretariat", "unodc"}


def test_its_list_has_its_units_and_no_treaty_status(page, desk):
    response = page.get(f"{DESK}recommendations/")
    assert "Answered: 0 of 25 · Ready: 0" in words(response)
    assert "reaty status not confirmed" not in response.content.decode()
    assert page.get(f"{DESK}recommendations/I-4/").status_code == 200
    assert page.get(f"{DESK}recommendations/II-44/").status_code == 404


@pytest.mark.parametrize(
    "place",
    [
        "",
        "units/",
        "recommendations/",
        "evidence/",
        "evidence/add/",
        "withdrawals/",
        "submissions/",
        "events/",
        "report/",
    ],
)
def test_every_page_of_an_empty_desk_opens(place, page, round_):
    assert page.get(DESK + place).status_code == 200


def test_the_secretariat_answers_checks_and_submits_on_the_states_pages(page, round_, unit):
    page.post(
        f"{DESK}evidence/add/", {"title": "A manual", "kind": "report", "language": "en", "citation": "Vienna, 2010"}
    )
    answer = {"status": "implemented", "measures": "A test.", "language": "en", "ready": "on"}
    assert page.post(f"{DESK}recommendations/I-4/", answer).status_code == 302
    assert "Answered: 1 of 25 · Ready: 1" in words(page.get(f"{DESK}recommendations/"))
    checked = page.get(f"{DESK}rounds/2026/check/")
    form = checked.context["form"]
    stated = form.initial | {"names_no_victim": "on"}
    sent = page.post(f"{DESK}rounds/2026/check/", {name: value for name, value in stated.items() if value is not None})
    assert sent.status_code == 302
    submission = Submission.everyones.get()
    assert (submission.reference, submission.counts["answered"], submission.counts["asked"]) == (
        "SECRETARIAT/2026/1",
        1,
        25,
    )
    assert "SECRETARIAT/2026/1" in words(page.get(submission.get_absolute_url()))


@pytest.fixture
def told(desk, grace, round_, unit):
    answer = Answer(status="implemented", measures="A test.", ready=True)
    save_answer(respondent=desk, unit=unit("I.4"), base=0, answer=answer, by=grace)
    return submit_ready(desk, round_, grace)


@pytest.mark.parametrize("name", ["report.pdf", "report.xlsx", "report.csv", "report.json", "report.docx"])
def test_its_report_is_its_own_in_every_file(name, page, told):
    response = page.get(DESK + name)
    assert response.status_code == 200
    said = words_of(response)
    assert "A test." in said
    assert "Self-reported by States" not in said


@pytest.mark.parametrize("name", ["receipt.pdf", "submission.json", "report.pdf"])
def test_a_submission_of_the_secretariat_is_marked_self_reported(name, page, told):
    said = " ".join(words_of(page.get(told.get_absolute_url() + name)).split())
    assert "Self-reported by the Secretariat and UNODC about their own work; not verified by others." in said
    assert "Self-reported by States" not in said


def test_it_is_read_by_a_reviewer_who_has_no_role_at_its_desk(desk, grace, bob, round_, unit):
    answer = Answer(status="implemented", measures="A test.", ready=True)
    save_answer(respondent=desk, unit=unit("I.4"), base=0, answer=answer, by=grace)
    second = read_and_answered(desk, round_, "I.4", grace, bob)
    assert Participation.everyones.get(current=second).state == "review_closed"


def test_an_officer_who_begins_to_write_for_its_desk_may_no_longer_read_for_it(told, bob, desk):
    readable = Submission.everyones.filter(may_still_read())
    start_reading(submission=told, by=bob)
    assert list(readable) == [told]
    Membership.objects.create(user=bob, role=Role.CONTRIBUTOR, respondent=desk)
    assert list(readable.all()) == []


def test_figures_of_the_secretariat_are_separate_from_those_of_states(told, bob, desk, round_):
    found = round_progress(round_)
    assert desk not in [one.respondent for one in found.states]
    assert (found.overall.total, found.submitted.numerator) == (0, 0)
    [(respondent, progress)] = progress_of_others(found)
    assert (respondent, progress.answered, progress.total) == (desk, 1, 25)
    later = opened_round(bob, code="2027")
    comparison = compare(round_, later)
    assert desk not in [*comparison.states, *(one.respondent for one in comparison.states_left_out)]
    assert [level.all_counted.numerator for level in progress_by_round()] == [0, 0]
    client = Client()
    client.force_login(bob)
    apart = words(client.get("/progress/?round=2026")).partition("Not counted as States")[2]
    assert "Implemented 1; No information 24 1 of 25" in apart

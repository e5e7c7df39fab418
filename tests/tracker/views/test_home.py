"""The front pages: what a stranger reads, and where each person lands."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from tests.conftest import make_person, make_state
from tests.pages import client_of, words_of_page
from tests.submissions import made_release, opened_round, submit_ready
from tracker.actions import user as people
from tracker.actions.record import Answer, save_answer
from tracker.actions.remark import start_reading
from tracker.actions.status_report import report_status
from tracker.actions.submission import change_use
from tracker.actions.treaty_act import add_acts
from tracker.documents.publication import PUBLIC_TABLES
from tracker.models import Membership, Respondent, Submission, TreatyAct, User
from tracker.models.respondent import RespondentKind
from tracker.models.user import Role

pytestmark = pytest.mark.django_db


def words(response) -> str:
    return " ".join(response.content.decode().split())


def welcomed(user: User) -> User:
    people.note_first_page(by=user)
    return User.objects.get(pk=user.pk)


@pytest.mark.parametrize("path", ["/", "/about/", "/accessibility/", "/privacy/"])
def test_the_front_pages_are_public(client, path):
    assert client.get(path).status_code == 200


def test_a_stranger_reads_what_this_is(client):
    page = words(client.get("/"))
    assert (
        "Answering is voluntary and is neither part of nor a substitute for the Review Mechanism of the Convention."
        in page
    )
    assert "Self-reported by States; not verified by the Secretariat." in page
    assert "do not imply the expression of any opinion" in page


def test_the_front_page_links_to_published_answers_once(client):
    links = re.findall(r'href="([^"]*)">Published answers</a>', client.get("/").text.partition("<main")[2])
    assert links == [reverse("published_list")]


def test_the_home_page_has_the_counts_of_the_catalogue(client):
    catalogue = client.get("/").context["catalogue"]
    counts = {name: catalogue[name] for name in ("meetings", "recommendations", "units", "asked_of_parties")}
    assert counts == {"meetings": 8, "recommendations": 295, "units": 275, "asked_of_parties": 230}


def test_no_page_for_strangers_names_a_respondent(client, alice):
    for path in ("/", "/about/", "/accessibility/", "/privacy/"):
        assert "Arandia" not in words(client.get(path))


@pytest.mark.parametrize("name", ["alice", "bob", "dana", "erin"])
def test_the_first_visit_begins_with_a_welcome(request, name):
    assert client_of(request.getfixturevalue(name)).get("/")["Location"] == "/welcome/"


def test_a_person_with_several_respondents_chooses(client, alice, xaa, xbb):
    Membership.objects.create(user=alice, role=Role.VIEWER, respondent=xbb)
    client.force_login(welcomed(alice))
    assert client.get("/")["Location"] == "/desk/"
    page = words(client.get("/desk/"))
    assert page.index("Arandia") < page.index("Belmara")
    assert "Focal point" in page
    assert "Viewer" in page


SAID = {
    "bob": "<b>As a Secretariat officer</b> you read submissions from States. "
    "You cannot see the answers of a State before it submits them.",
    "dana": "<b>As a curator</b> you maintain the recommendations, word for word, "
    "and confirm the treaty status of States.",
    "erin": "<b>As an administrator</b> you add people, end roles and, with a second administrator, give roles.",
}


@pytest.mark.parametrize("name", SAID)
def test_the_secretariat_reads_what_it_may_do(client, request, name):
    client.force_login(welcomed(request.getfixturevalue(name)))
    for path in ("/", "/desk/"):
        page = words(client.get(path))
        assert [person for person, sentence in SAID.items() if sentence in page] == [name]


def test_a_reviewer_continues_reading_then_sees_what_waits_and_the_round(officer, bob, xaa, xbb, alice, charlie, unit):
    round_ = opened_round(bob, meetings=[1, 2, 4])
    for respondent, person in ((xaa, alice), (xbb, charlie)):
        save_answer(
            respondent=respondent, unit=unit("I.13"), base=0, answer=Answer("implemented", ready=True), by=person
        )
        submit_ready(respondent, round_, person)
    page = words_of_page(officer.get("/desk/"))
    assert (
        "Needs your attention 2 submissions without a Secretariat officer Submissions to read Arandia XAA/2026/1"
        in page
    )
    assert f"{round_.full_name}: open, due" in page
    assert "2 of 2 invited to report have submitted" in page
    assert "Continue reading" not in page
    start_reading(submission=Submission.everyones.get(respondent=xbb), by=bob)
    page = words_of_page(officer.get("/desk/"))
    assert "Overview Continue reading Belmara XBB/2026/1 Your readings: 1 Continue Needs your attention" in page
    assert "1 submission without a Secretariat officer" in page


def test_a_curators_first_page_counts_what_waits(curator, dana, xaa, alice):
    assert "Needs your attention Nothing to do at present" in words_of_page(curator.get("/desk/"))
    report_status(respondent=xaa, wrong="The date.", right="3 May 2005.", reference="", by=alice)
    day = timezone.localdate()
    act = TreatyAct(respondent=xaa, instrument="convention", act="accession", date=day, source="A.", as_at=day)
    add_acts(acts=[act], by=dana)
    page = words_of_page(curator.get("/desk/"))
    assert "Needs your attention Treaty acts to confirm: 1. Reported errors: 1. Treaty status" in page
    assert "Nothing to do at present" not in page


def test_a_reviewers_first_page_costs_few_queries(officer, bob, xaa, alice, unit, django_assert_max_num_queries):
    save_answer(respondent=xaa, unit=unit("I.13"), base=0, answer=Answer("implemented", ready=True), by=alice)
    submit_ready(xaa, opened_round(bob, meetings=[1, 2, 4]), alice)
    with django_assert_max_num_queries(15):
        officer.get("/desk/")


def test_a_role_that_ended_yesterday_leads_nowhere(xaa):
    yesterday = timezone.localdate() - timezone.timedelta(days=1)
    frida = make_person("frida")
    Membership.objects.create(
        user=frida, role=Role.FOCAL_POINT, respondent=xaa, since=yesterday - timezone.timedelta(days=9), until=yesterday
    )
    page = words(client_of(frida).get("/"))
    assert "You have no active role" in page
    assert "Contributors and viewers ask a focal point of their State. Everyone else asks the administrators" in page
    assert "Arandia" not in page


def test_front_pages_cost_few_queries(client, xaa, alice, bob, unit, django_assert_max_num_queries):
    save_answer(respondent=xaa, unit=unit("I.13"), base=0, answer=Answer("implemented", ready=True), by=alice)
    change_use(submission=submit_ready(xaa, opened_round(bob, meetings=[1, 2, 4]), alice), published=True, by=alice)
    with django_assert_max_num_queries(15):
        client.get("/")


def test_the_front_page_says_how_many_and_names_nobody(client, bob, unit):
    assert "Figures appear here after a round has closed, when the Secretariat releases them." in words(client.get("/"))
    round_ = opened_round(bob, meetings=[1])
    for number in range(7):
        state = make_state(f"X{chr(65 + number)}A", f"Land {number}")
        person = make_person(f"person{number}", Role.FOCAL_POINT, state)
        save_answer(respondent=state, unit=unit("I.13"), base=0, answer=Answer("implemented", ready=True), by=person)
        submission = submit_ready(state, round_, person)
    change_use(submission=submission, in_aggregates=True, published=True, by=person)
    made_release(round_, bob)
    page = words(client.get("/"))
    today = date_format(timezone.localdate(), "DATE_FORMAT")
    assert f"Release 2026, data of {today}: States covered: <b>7</b> of 7 invited to report." in page
    assert "<b>1</b> State publishes its answers." in page
    assert "Land" not in page


def test_the_data_are_where_the_page_says(client):
    page = client.get("/data/").content.decode()
    for path in ("recommendations:csv", "recommendations:json", "figures_csv", "figures_json"):
        assert f'href="{reverse(path)}"' in page
    columns = set(re.findall(r"<code>(\w+)</code>", page))
    assert {"round", "figures", "states", "recommendations", "no_information"} <= columns
    public = {column.header for column in PUBLIC_TABLES["answers"].columns}
    assert {name for name in public if not name.endswith("_name")} <= columns


def test_the_secretariat_is_no_state_that_was_invited(officer, bob, xaa, xbb):
    """Recommendations are addressed to it too, so that it is invited to report."""
    Respondent.objects.filter(pk=xbb.pk).update(kind=RespondentKind.SECRETARIAT)
    opened_round(bob)
    assert "0 of 1 invited to report have submitted" in words_of_page(officer.get("/desk/"))

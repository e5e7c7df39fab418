"""The reviewers' queue, filtered."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from recommendations.days import day_in_words
from tests.conftest import belmara, find_person, find_state, find_unit, make_person, with_second_factor
from tests.database import lifted_triggers
from tests.pages import words
from tests.submissions import item_of, opened_round, submit_ready
from tracker.actions.reading_restriction import add_restriction
from tracker.actions.record import Answer, save_answer
from tracker.actions.remark import save_remark, send_clarifications, start_reading
from tracker.actions.submission import withdraw_from_round
from tracker.models import Participation, Remark, Respondent, Submission
from tracker.models.user import Role, User

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", autouse=True)
def several(round_for_the_module):
    """XAA/2026/1, superseded by /2, which bob holds; XBB/2026/1; XAA/2029/1, late and withdrawn."""
    xaa, alice, bob, xbb = find_state("XAA"), find_person("alice"), find_person("bob"), belmara()
    charlie = make_person("charlie", Role.FOCAL_POINT, xbb)
    _answer(xaa, "I.13", alice)
    submit_ready(xaa, round_for_the_module, alice)
    _answer(xaa, "I.13", alice, base=1)
    start_reading(submission=submit_ready(xaa, round_for_the_module, alice), by=bob)
    _answer(xbb, "I.13", charlie)
    _answer(xbb, "I.7(a)", charlie, language="ar")
    submit_ready(xbb, round_for_the_module, charlie)
    later = opened_round(bob, "2029", meetings=[2])
    later.opens_on = later.due_on = datetime.date(2026, 1, 1)
    later.save()
    _answer(xaa, "II.4", alice)
    withdraw_from_round(submission=submit_ready(xaa, later, alice), reason="Too early.", by=alice)


def _answer(state, label, by, base=0, language="en"):
    answer = Answer(status="implemented", measures=f"Act {base}.", language=language, ready=True)
    save_answer(respondent=state, unit=find_unit(label), base=base, answer=answer, by=by)


@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        ({}, {"XAA/2026/2", "XBB/2026/1"}),
        ({"all": "on"}, {"XAA/2026/2", "XBB/2026/1", "XAA/2029/1"}),
        ({"taken": "me"}, {"XAA/2026/2"}),
        ({"taken": "nobody"}, {"XBB/2026/1"}),
        ({"taken": "ben"}, set()),
        ({"language": ["en", "fr"]}, {"XAA/2026/2"}),
        ({"language": ["ar", "en"]}, {"XAA/2026/2", "XBB/2026/1"}),
        ({"language": ["ar"]}, set()),
        ({"language": "xx"}, set()),
        ({"state": "submitted"}, {"XBB/2026/1"}),
        ({"state": "withdrawn"}, {"XAA/2029/1"}),
        ({"late": "yes", "all": "on"}, {"XAA/2029/1"}),
        ({"late": "no"}, {"XAA/2026/2", "XBB/2026/1"}),
        ({"respondent": "XBB"}, {"XBB/2026/1"}),
        ({"round": "2029", "all": "on"}, {"XAA/2029/1"}),
        ({"round": "x", "state": "\0", "late": "maybe"}, set()),
    ],
)
def test_it_is_filtered(chosen, found, officer):
    chosen = dict(chosen)
    if "respondent" in chosen:
        chosen["respondent"] = Respondent.objects.get(code=chosen["respondent"]).pk
    if chosen.get("taken") == "ben":
        chosen["taken"] = make_person("ben", Role.REVIEWER).pk
    if chosen.get("round") == "2029":
        chosen["round"] = Submission.everyones.get(round__code="2029").round_id
    response = officer.get("/review/", chosen)
    assert {row.submission.reference for row in response.context["rows"]} == found


def test_each_filter_offers_all_once(officer):
    fields = officer.get("/review/").context["found"].form.fields
    choices = {
        name: [label for value, label in field.choices if not value]
        for name, field in fields.items()
        if hasattr(field, "choices")
    }
    assert choices == {name: ["All"] for name in ("round", "respondent", "state", "taken", "late")} | {"language": []}


def test_a_row_has_the_languages_of_its_answers(officer):
    rows = officer.get("/review/").context["rows"]
    assert {row.submission.reference: [*map(str, row.languages)] for row in rows} == {
        "XAA/2026/2": ["English"],
        "XBB/2026/1": ["Arabic", "English"],
    }


# Assigning


@pytest.fixture
def ben(db) -> User:
    return make_person("ben", Role.REVIEWER)


def _assign(officer, to: User | None, *references: str, page=None):
    """Select submissions by their references on a page, by default one that is opened now."""
    rows = (page or officer.get("/review/")).context["rows"]
    keys = {row.submission.reference: row.key for row in rows}
    typed = {"submissions": [keys.get(each, each) for each in references], "officer": to.pk if to else ""}
    return officer.post("/review/?taken=", typed, follow=True)


def test_several_readings_are_assigned_at_once(officer, ben):
    text = words(_assign(officer, ben, "XAA/2026/2", "XBB/2026/1"))
    assert "The readings are assigned." in text
    assert "Ben Assigned, not started" in text
    rows = officer.get("/review/", {"taken": ben.pk}).context["rows"]
    assert {row.submission.reference for row in rows} == {"XAA/2026/2", "XBB/2026/1"}


def test_attack_an_old_page_takes_a_reading_from_its_officer(officer, bob, ben):
    page, submission = officer.get("/review/"), Submission.everyones.get(respondent__code="XBB")
    start_reading(submission=submission, by=with_second_factor(ben))
    text = words(_assign(officer, bob, "XBB/2026/1", page=page))
    assert "The page changed after you opened it, so nothing was done." in text
    assert Participation.everyones.get(respondent__code="XBB").taken_by == ben


def test_open_readings_are_counted_by_officer_with_their_age(officer, bob, ben):
    at = timezone.now() - datetime.timedelta(days=30)
    with lifted_triggers():
        Submission.everyones.filter(respondent__code="XBB").update(sealed_at=at)
    _assign(officer, ben, "XBB/2026/1")
    response = officer.get("/review/")
    loads = [(load.officer, load.readings, load.days) for load in response.context["loads"]]
    assert loads == [(ben, 1, 30), (bob, 1, 0)]
    assert "Ben 1 30 days ago Bob 1 today" in words(response)


@pytest.mark.parametrize(
    ("to", "references", "error"),
    [
        (True, [], "Select one or more submissions."),
        (False, ["XBB/2026/1"], "Choose a Secretariat officer."),
        (True, ["XAA/2026/1"], "The page changed after you opened it, so nothing was done."),
    ],
)
def test_an_incomplete_assignment_says_what_to_do(to, references, error, officer, ben):
    """Above the form, and at its field."""
    assert words(_assign(officer, ben if to else None, *references)).count(error) == 2
    assert [row.taken_by for row in Participation.everyones.filter(respondent__code="XBB")] == [None]


def test_a_restricted_officer_is_named_and_nothing_is_assigned(officer, ben, erin):
    add_restriction(user=ben, respondent=find_state("XAA"), by=erin)
    text = words(_assign(officer, ben, "XAA/2026/2", "XBB/2026/1"))
    assert "Nothing was assigned. Ben may not read for: Arandia" in text
    assert [row.taken_by for row in Participation.everyones.filter(respondent__code="XBB")] == [None]


def test_the_overview_begins_with_what_is_assigned(officer, bob, ben):
    _assign(officer, bob, "XBB/2026/1")
    _assign(officer, ben, "XAA/2026/2")
    text = words(officer.get("/desk/"))
    assert "Assigned to you Belmara XBB/2026/1 Your readings: 1 Read" in text
    assert "without a Secretariat officer" not in text


# The day to reply


def test_a_day_to_reply_that_has_passed_is_marked(officer, bob):
    found = Submission.everyones.get(respondent__code="XAA", round__code="2026", number=2)
    save_remark(item=item_of(found, "I.13"), kind="clarification_requested", question="Which article?", by=bob)
    send_clarifications(submission=found, by=bob, reply_by=timezone.localdate())
    today = day_in_words(timezone.localdate())
    pages = ["/review/", f"{reverse('review', args=['XAA', '2026', 2])}?show=asked&item=I-13"]
    for page in pages:
        assert f"Reply requested by {today}" in words(officer.get(page))
        assert "Date passed" not in words(officer.get(page))
    Remark.everyones.update(reply_by=timezone.localdate() - datetime.timedelta(days=1))
    for page in pages:
        assert "Date passed" in words(officer.get(page))

"""The reviewers' queue, filtered."""

import datetime

import pytest

from tests.client import Client
from tests.conftest import belmara, find_person, find_state, find_unit, make_person
from tests.pages import client_of
from tests.submissions import opened_round, submit_ready
from tracker.actions.record import Answer, save_answer
from tracker.actions.remark import start_reading
from tracker.actions.submission import withdraw_from_round
from tracker.models import Respondent, Submission
from tracker.models.user import Role

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
    submit_ready(xbb, round_for_the_module, charlie)
    later = opened_round(bob, "2029", meetings=[2])
    later.opens_on = later.due_on = datetime.date(2026, 1, 1)
    later.save()
    _answer(xaa, "II.4", alice)
    withdraw_from_round(submission=submit_ready(xaa, later, alice), reason="Too early.", by=alice)


def _answer(state, label, by, base=0):
    answer = Answer(status="implemented", measures=f"Act {base}.", ready=True)
    save_answer(respondent=state, unit=find_unit(label), base=base, answer=answer, by=by)


@pytest.fixture
def page(bob) -> Client:
    return client_of(bob)


@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        ({}, {"XAA/2026/2", "XBB/2026/1"}),
        ({"all": "on"}, {"XAA/2026/2", "XBB/2026/1", "XAA/2029/1"}),
        ({"taken": "me"}, {"XAA/2026/2"}),
        ({"taken": "nobody"}, {"XBB/2026/1"}),
        ({"state": "submitted"}, {"XBB/2026/1"}),
        ({"state": "withdrawn"}, {"XAA/2029/1"}),
        ({"late": "yes", "all": "on"}, {"XAA/2029/1"}),
        ({"late": "no"}, {"XAA/2026/2", "XBB/2026/1"}),
        ({"respondent": "XBB"}, {"XBB/2026/1"}),
        ({"round": "2029", "all": "on"}, {"XAA/2029/1"}),
        ({"round": "x", "state": "\0", "late": "maybe"}, set()),
    ],
)
def test_it_is_filtered(chosen, found, page):
    chosen = dict(chosen)
    if "respondent" in chosen:
        chosen["respondent"] = Respondent.objects.get(code=chosen["respondent"]).pk
    if chosen.get("round") == "2029":
        chosen["round"] = Submission.everyones.get(round__code="2029").round_id
    response = page.get("/review/", chosen)
    assert {row.submission.reference for row in response.context["rows"]} == found

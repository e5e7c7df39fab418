"""Replying when much happens at once, and when the machine dies in the middle of it."""

import random
import signal

import pytest
from django.db import transaction

from tests.evidence_items import add_item
from tests.machines import act_there, another_machine
from tests.races import results_at_once
from tests.submissions import asked_about, opened_round, reply_to, save_many, submit_ready
from tests.thorough import moments
from tests.verification import find_errors
from tracker.actions.record import Answer
from tracker.actions.remark import close_reading
from tracker.models import (
    Event,
    Participation,
    Remark,
    Reply,
    Respondent,
    Submission,
    SubmissionEvidence,
    SubmissionItem,
)
from tracker.workflow import NotAllowed

pytestmark = pytest.mark.django_db(transaction=True)

AT_ONCE = moments(8, 20)
KILLS = moments(5, 25)
REQUESTS = moments(5, 47)
RANDOM = random.SystemRandom()

REPLY = """
from tests.submissions import reply_to
from tracker.models import Remark, User
from tracker.models.remark import is_open_request

def act(_line):
    by = User.objects.get(email="alice@example.org")
    reply_to(Remark.everyones.filter(is_open_request()).earliest("pk"), "Article 9.", by)
"""


@pytest.fixture
def asked(xaa, alice, bob) -> list[Remark]:
    """All 47 units of one meeting, each with evidence, and requests on so many of them."""
    law = add_item(xaa, alice, citation="Gazette 12", disclosure="public")
    units = list(xaa.units_to_answer().with_text().filter(meeting__number=4))
    said = Answer(status="implemented", measures="The Act.", ready=True, citations=[(law, "p. 1")])
    save_many(xaa, dict.fromkeys(units, said), alice)
    first = submit_ready(xaa, opened_round(bob, meetings=[4]), alice)
    return list(asked_about(first, {unit.label: "Which article?" for unit in units[:REQUESTS]}, bob).values())


def faults() -> list[str]:
    """What is wrong, the answers apart: `save_many` makes them without events."""
    return [fault for fault in find_errors() if not fault.startswith("XAA, record ")]


def test_the_same_reply_many_times_at_once_is_one(asked, alice):
    made = results_at_once(*[lambda: reply_to(asked[0], "Article 9.", alice)] * AT_ONCE)
    assert {submission.number for submission in made} == {2}
    assert (Submission.everyones.count(), Reply.everyones.count()) == (2, 1)
    assert Event.everyones.filter(action="questions answered").count() == 1


@pytest.mark.thorough
def test_replies_to_different_requests_at_once_are_all_submitted(asked, alice):
    made = results_at_once(*[lambda remark=remark: reply_to(remark, "Article 9.", alice) for remark in asked[:5]])
    assert sorted(submission.number for submission in made) == [2, 3, 4, 5, 6]
    assert len(Submission.everyones.get(number=6).replies) == 5
    assert faults() == []


def test_a_reply_and_an_officer_who_closes_the_reading_never_both_succeed(asked, alice, bob):
    first = Submission.everyones.get()
    reply, closed = results_at_once(
        lambda: reply_to(asked[0], "Article 9.", alice),
        lambda: close_reading(submission=first, by=bob),
        refusals=NotAllowed,
    )
    assert isinstance(reply, NotAllowed) is not isinstance(closed, NotAllowed)
    assert Submission.everyones.count() == 1 + isinstance(closed, NotAllowed)
    assert faults() == []


@transaction.atomic
def written() -> set[float]:
    """How many replies are there, by each of their rows: one number, or one was made by halves."""
    Respondent.objects.select_for_update(no_key=True).get(code="XAA")
    return {
        Submission.everyones.count() - 1,
        Reply.everyones.count(),
        len(Participation.everyones.get().current.replies),
        Event.everyones.filter(action="questions answered").count(),
        SubmissionItem.everyones.count() / 47 - 1,
        SubmissionEvidence.everyones.count() / 47 - 1,
    }


@pytest.mark.thorough
def test_killed_while_replying_it_is_all_or_nothing_and_the_retry_works(asked, alice):
    with another_machine(REPLY) as machine:
        took, status = act_there(machine)
        assert (status, written()) == (0, {1})
        ends = set()
        for done, remark in enumerate(sorted(asked, key=lambda remark: remark.pk)[1 : KILLS + 1], start=1):
            _took, status = act_there(machine, killed_after=took * (done - RANDOM.random()) / KILLS)
            ends.add(status)
            assert written() in ({done}, {done + 1})
            reply_to(remark, "Article 9.", alice)
            assert written() == {done + 1}
    assert signal.SIGKILL in ends
    assert faults() == []

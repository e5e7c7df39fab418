"""Submitting when much happens at once, and when the machine dies in the middle of it."""

import random
import signal

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from recommendations.models import read_stamp
from recommendations.text_cache import texts_at
from tests.conftest import make_person, save_for_xaa
from tests.evidence_items import add_item
from tests.machines import act_there, another_machine
from tests.races import results_at_once
from tests.submissions import STATED, opened_round, save_many, submit_ready
from tests.thorough import IS_WHOLE, moments
from tracker.actions.record import Answer, save_answer
from tracker.actions.remark import return_submission, start_reading
from tracker.actions.submission import StaleCheck, check_submission, submit
from tracker.audit.seal import find_errors, read_seal
from tracker.models import (
    ChainHead,
    Event,
    EvidenceVersion,
    Notification,
    Participation,
    Respondent,
    Submission,
    SubmissionEvidence,
    SubmissionItem,
    Use,
)
from tracker.models.user import Role
from tracker.workflow import NotAllowed

pytestmark = pytest.mark.django_db(transaction=True)

AT_ONCE = moments(8, 20)
READINGS = moments(2, 5)
KILLS = moments(3, 25)
MEETINGS = [] if IS_WHOLE else [1, 4]  # all 230 units, or 74
QUERIES = 15
RANDOM = random.SystemRandom()

SUBMIT = """
from tests.submissions import submit_ready
from tracker.models import Respondent, Round, User

def act(_line):
    by = User.objects.get(email="alice@example.org")
    submit_ready(Respondent.objects.get(code="XAA"), Round.objects.get(), by)
"""


@pytest.fixture
def round_(bob):
    return opened_round(bob, meetings=MEETINGS)


@pytest.fixture
def short_round(bob):
    """Over the 47 units of one meeting."""
    return opened_round(bob, meetings=[4])


@pytest.fixture
def answered(xaa, alice, round_):
    """All units of the round, each with a piece of evidence."""
    law = add_item(xaa, alice, citation="Gazette 12", disclosure="public")
    units = list(xaa.units_to_answer().with_text().filter(pk__in=round_.units.values("unit")))
    answer = Answer(status="implemented", measures="The Act.", ready=True, citations=[(law, "p. 1")])
    save_many(xaa, dict.fromkeys(units, answer), alice)
    return units


def test_many_submissions_at_once_are_one(xaa, alice, bob, short_round, unit, smtp):
    make_person("amir", Role.FOCAL_POINT, xaa)
    save_for_xaa("IV.46(c)", measures="The Act.", ready=True)
    fingerprint = check_submission(xaa, short_round).digest
    smtp.messages.clear()

    def job():
        return submit(respondent=xaa, round_=short_round, fingerprint=fingerprint, statements=STATED, by=alice)

    submissions = results_at_once(*[job] * AT_ONCE)
    assert {submission.pk for submission in submissions} == {Submission.everyones.get().pk}
    assert len({submission.digest for submission in submissions}) == 1
    assert SubmissionItem.everyones.count() == 47
    assert Event.everyones.filter(action="submitted").count() == 1
    assert sorted(smtp.recipients) == [
        "alice@example.org",
        "amir@example.org",
        "bob@example.org",
    ]


def test_a_reading_that_begins_before_the_submission_is_replaced_follows_the_new_one(
    xaa, alice, bob, short_round, unit
):
    for base in range(READINGS):
        answer = Answer(status="implemented", measures=f"Act {base}.", ready=True)
        save_answer(respondent=xaa, unit=unit("IV.46(c)"), base=base, answer=answer, by=alice)
        first = submit_ready(xaa, short_round, alice)
        answer = Answer(status="implemented", measures=f"Act {base}, amended.", ready=True)
        save_answer(respondent=xaa, unit=unit("IV.46(d)"), base=base, answer=answer, by=alice)
        fingerprint = check_submission(xaa, short_round).digest
        second, refusal = results_at_once(
            lambda fingerprint=fingerprint: submit(
                respondent=xaa, round_=short_round, fingerprint=fingerprint, statements=STATED, by=alice
            ),
            lambda first=first: start_reading(submission=first, by=bob),
            refusals=NotAllowed,
        )
        participation = Participation.everyones.get()
        assert (participation.current, participation.state) == (second, "submitted" if refusal else "under_review")
        if not refusal:
            return_submission(submission=second, by=bob)


def test_answers_saved_during_a_submission_cause_no_deadlock(xaa, alice, round_, unit):
    """Both wait for the head of the chain, and each for rows of the other: none of them dies of it."""
    labels = ["IV.46(c)", "IV.46(d)", "IV.46(e)", "I.13", "I.5(b)", "II.4"]
    for label in labels:
        answer = Answer(status="implemented", measures="The Act.", ready=True)
        save_answer(respondent=xaa, unit=unit(label), base=0, answer=answer, by=alice)
    units = [unit(label) for label in labels]

    def save(node):
        answer = Answer(status="implemented", measures="Another.", ready=True)
        return save_answer(respondent=xaa, unit=node, base=1, answer=answer, by=alice)

    outcomes = results_at_once(
        *[lambda node=node: save(node) for node in units],
        *[lambda: take_a_look(xaa, round_, alice)] * 4,
    )
    assert [revision.number for revision in outcomes[: len(units)]] == [2] * len(units)
    assert list(find_errors(read_seal(submit_ready(xaa, round_, alice)))) == []


def take_a_look(xaa, round_, alice):
    """Submit whatever is there; that it is another a moment later is no fault."""
    try:
        return submit_ready(xaa, round_, alice)
    except StaleCheck as stale:
        return stale


def queries_of(job) -> int:
    with CaptureQueriesContext(connection) as queries:
        job()
    return len(queries)


def test_what_is_asked_of_the_database_does_not_grow_with_the_units(
    desk, xaa, xbb, alice, bob, charlie, round_, unit, answered
):
    few = opened_round(bob, code="few", meetings=[4])
    law = add_item(xbb, charlie, citation="Gazette 12", disclosure="public")
    answer = Answer(status="implemented", measures="The Act.", ready=True, citations=[(law, "p. 1")])
    save_answer(respondent=xbb, unit=unit("IV.46(i)"), base=0, answer=answer, by=charlie)
    texts_at(read_stamp())  # in memory, as in a process that has shown a page
    of_few = queries_of(lambda: submit_ready(xbb, few, charlie))
    of_all = queries_of(lambda: submit_ready(xaa, round_, alice))
    assert of_all == of_few
    url = Submission.everyones.get(respondent=xaa).get_absolute_url()
    for part in ("", "receipt.pdf", "submission.json"):
        assert queries_of(lambda part=part: desk.get(url + part)) <= QUERIES


@pytest.fixture
def machine(round_):
    """It submits each time that it is told to."""
    with another_machine(SUBMIT) as process:
        yield process


@transaction.atomic
def written(units: int) -> list[float]:
    """How much of all submissions is there: as many of each as there are submissions, or one was made by halves.

    A server may only be finishing what a dead client began: it holds this lock until it has.
    """
    Respondent.objects.select_for_update(no_key=True).get(code="XAA")
    head = ChainHead.objects.get(chain="XAA")
    newest = Event.everyones.filter(chain="XAA").latest("number")
    assert (head.number, head.digest) == (newest.number, newest.digest)
    assert Participation.everyones.count() == 1
    return [
        Submission.everyones.count(),
        Use.everyones.count(),
        Event.everyones.filter(action="submitted").count(),
        Notification.objects.filter(user__email="alice@example.org", kind="submitted").count(),
        SubmissionItem.everyones.count() / units,
        SubmissionEvidence.everyones.count() / units,
    ]


@pytest.mark.thorough
def test_a_submission_that_is_killed_is_all_or_nothing(xaa, alice, bob, round_, answered, machine):
    unit, law = answered[0], EvidenceVersion.everyones.get()
    took, status = act_there(machine)
    assert status == 0
    done, ends = 1, set()
    for number in range(1, KILLS + 1):
        answer = Answer(status="implemented", measures=f"Article {number}.", ready=True, citations=[(law, "p. 1")])
        save_answer(respondent=xaa, unit=unit, base=number, answer=answer, by=alice)
        _took, status = act_there(machine, killed_after=took * (number - RANDOM.random()) / KILLS)
        ends.add(status)
        there = written(len(answered))
        assert set(there) in ({done}, {done + 1})
        submission = submit_ready(xaa, round_, alice)
        done += 1
        assert set(written(len(answered))) == {done}
        assert (submission.number, list(find_errors(read_seal(submission)))) == (done, [])
    assert signal.SIGKILL in ends

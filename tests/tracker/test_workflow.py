"""Every pair of a state and a person that is not allowed is refused, without a trace of change.

What is allowed stands here by itself, so that a slip in the table of transitions, or in who may, is found.
"""

import datetime
from collections.abc import Callable
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction

from recommendations.models import Body
from tests.conftest import arandia, belmara, find_state, find_unit, make_person, make_state, reread, with_second_factor
from tests.database import OUR_APPS
from tests.submissions import STATED, close_round, confirm, item_of, opened_round, reply_to, save_statuses, submit_ready
from tests.thorough import in_turn
from tracker.actions.assignment import (
    accept_assignments,
    assign,
    end_assignments,
    return_assignment,
    send_to_focal_point,
    undo_sending,
)
from tracker.actions.event import record_event
from tracker.actions.reading_restriction import add_restriction
from tracker.actions.record import Answer, save_answer
from tracker.actions.release import make_release
from tracker.actions.remark import (
    close_reading,
    note_items,
    return_submission,
    save_remark,
    send_clarifications,
    start_reading,
)
from tracker.actions.round import move_due_date, open_round, plan_round, remind_states, set_closing_date
from tracker.actions.submission import change_use, check_submission, mark_complete, submit, withdraw_from_round
from tracker.actions.user import close_account
from tracker.actions.withdrawal import confirm_withdrawal, refuse_withdrawal, request_withdrawal
from tracker.management.commands.document_workflow import write_page
from tracker.models import (
    Assignment,
    Event,
    Participation,
    ReadingRestriction,
    Remark,
    Round,
    Submission,
    User,
    Withdrawal,
)
from tracker.models.remark import RemarkKind
from tracker.models.submission import SubmissionStage
from tracker.models.user import Role
from tracker.models.withdrawal import WithdrawalStage
from tracker.workflow import ASSIGNMENT, ROUND, SUBMISSION, WITHDRAWAL, NotAllowed

REFUSALS = (PermissionDenied, NotAllowed, ValidationError)
ASKED, NOTED, CHANGED, EARLIER, OTHER = "I.13", "I.14", "I.5(b)", "I.12(a)", "II.44"

FOCAL = {"focal point"}
HOLDER = {"reviewer who holds it"}
READERS = HOLDER | {"another reviewer"}
SECRETARIAT = READERS | {"barred reviewer", "curator"}
ALWAYS = {"withdraw": FOCAL, "permit use": FOCAL}
WHILE_OPEN = {"submit": FOCAL, "confirm": FOCAL}


@pytest.fixture(scope="module")
def made_people(for_the_module) -> dict[str, User]:
    """Everybody by what she is. The Secretariat's without a second factor here: that is asked at the door."""
    xaa, xbb = arandia(), belmara()
    erin = with_second_factor(make_person("erin", Role.ADMINISTRATOR))
    found = {
        "focal point": make_person("alice", Role.FOCAL_POINT, xaa),
        "contributor": make_person("amir", Role.CONTRIBUTOR, xaa),
        "viewer": make_person("ana", Role.VIEWER, xaa),
        "focal point of another State": make_person("charlie", Role.FOCAL_POINT, xbb),
        "reviewer who holds it": with_second_factor(make_person("bob", Role.REVIEWER)),
        "another reviewer": make_person("bea", Role.REVIEWER),
        "barred reviewer": make_person("ben", Role.REVIEWER),
        "curator": with_second_factor(make_person("dana", Role.CURATOR)),
        "administrator": erin,
        "deactivated focal point": make_person("adam", Role.FOCAL_POINT, xaa),
        "deactivated reviewer": make_person("bill", Role.REVIEWER),
        "nobody in particular": make_person("zoe"),
    }
    ReadingRestriction.objects.create(user=found["barred reviewer"], respondent=xaa, set_by=erin)
    for name in ("deactivated focal point", "deactivated reviewer"):
        close_account(user=found[name], by=erin)
    return found


@pytest.fixture
def people(db, made_people):
    return {name: reread(person) for name, person in made_people.items()}


def dump() -> dict[str, list[tuple]]:
    """Every row of every table of the site and its catalogue, the automatic tables between them included."""
    found = {}
    with connection.cursor() as cursor:
        for label in OUR_APPS:
            for model in apps.get_app_config(label).get_models(include_auto_created=True):
                cursor.execute(f'SELECT * FROM "{model._meta.db_table}"')
                found[model._meta.db_table] = sorted(cursor.fetchall(), key=repr)
    return found


def changed(before: dict, after: dict) -> list[str]:
    return [table for table in before if before[table] != after[table]]


def assert_allowed(people: dict, attempts: dict[str, Callable], allowed: dict[str, set[str]]) -> None:
    """Whoever is allowed succeeds, with one event; whoever is not is refused, and no row of any table is another."""
    before = dump()
    fresh = {who: reread(person) for who, person in people.items()}
    for name, attempt in attempts.items():
        for who in people.keys() - allowed.get(name, set()):
            with pytest.raises(REFUSALS):
                attempt(fresh[who])
                pytest.fail(f"{who} may: {name}")
    assert changed(before, dump()) == []
    for name, whoever in allowed.items():
        for who in whoever:
            with transaction.atomic():
                events = Event.everyones.count()
                attempts[name](reread(people[who]))
                assert Event.everyones.count() == events + 1, (who, name)
                transaction.set_rollback(True)


def test_the_dump_sees_every_table_and_every_change(people, xaa):
    before = dump()
    assert {"tracker_event", "tracker_participation", "tracker_round_meetings"} <= before.keys()
    assert len(before["recommendations_recommendation"]) == 317
    xaa.name = "Another"
    xaa.save()
    assert changed(before, dump()) == ["tracker_respondent"]


# A submission


def answer(xaa, by, label: str, base: int, measures: str) -> None:
    said = Answer(status="implemented", measures=measures, ready=True)
    save_answer(respondent=xaa, unit=find_unit(label), base=base, answer=said, by=by)


@pytest.fixture(scope="module")
def made_submission(made_people) -> Submission:
    """Submitted; and there is more to say since, and an answer of an earlier round to confirm."""
    xaa, alice = find_state("XAA"), made_people["focal point"]
    earlier = opened_round(made_people["reviewer who holds it"], code="2024", meetings=[1])
    answer(xaa, alice, EARLIER, 0, "A law.")
    submit_ready(xaa, earlier, alice)
    close_round(earlier)
    round_ = opened_round(made_people["reviewer who holds it"], meetings=[1])
    for label in (ASKED, NOTED):
        answer(xaa, alice, label, 0, "An Act.")
    found = submit_ready(xaa, round_, alice)
    answer(xaa, alice, ASKED, 1, "An Act of 2020.")
    answer(xaa, alice, CHANGED, 0, "A decree.")
    return found


@pytest.fixture
def submission(made_submission, people) -> Submission:
    return Submission.everyones.get(pk=made_submission.pk)


def submission_attempts(submission: Submission) -> dict[str, Callable]:
    """What may be tried with a submission, by name: the transitions, and what the state allows beside them."""
    xaa, round_ = submission.respondent, Round.objects.get(pk=submission.round_id)
    fresh, fingerprint = Submission.everyones.get(pk=submission.pk), check_submission(xaa, round_).digest
    question = Remark.everyones.filter(item__submission=submission, kind=RemarkKind.CLARIFICATION).first()

    def reply(by):
        if question is None:
            raise NotAllowed("there is no question")
        reply_to(question, "Article 9.", by)

    return {
        "take": lambda by: start_reading(submission=fresh, by=by),
        "release": lambda by: return_submission(submission=fresh, by=by),
        "ask": lambda by: send_clarifications(submission=fresh, by=by),
        "close": lambda by: close_reading(submission=fresh, by=by),
        "withdraw": lambda by: withdraw_from_round(submission=fresh, reason="A mistake.", by=by),
        "submit": lambda by: submit(respondent=xaa, round_=round_, fingerprint=fingerprint, statements=STATED, by=by),
        "confirm": lambda by: confirm(xaa, round_, [EARLIER], by),
        "note": lambda by: save_remark(item=item_of(fresh, NOTED), kind=RemarkKind.NOTED, by=by),
        "write a question": lambda by: save_remark(
            item=item_of(fresh, NOTED), kind=RemarkKind.CLARIFICATION, question="Which?", by=by
        ),
        "note the rest": lambda by: note_items(submission=fresh, items=[item_of(fresh, NOTED)], by=by),
        "reply": reply,
        "mark complete": lambda by: mark_complete(submission=fresh, is_complete=True, by=by),
        "permit use": lambda by: change_use(submission=fresh, in_aggregates=True, quoted=True, published=True, by=by),
    }


def taken(submission: Submission, bob) -> None:
    start_reading(submission=submission, by=bob)


def with_a_question(submission: Submission, bob) -> None:
    taken(submission, bob)
    save_remark(item=item_of(submission, ASKED), kind=RemarkKind.CLARIFICATION, question="Which article?", by=bob)


def asked(submission: Submission, bob) -> None:
    with_a_question(submission, bob)
    send_clarifications(submission=submission, by=bob)


def read(submission: Submission, bob) -> None:
    taken(submission, bob)
    close_reading(submission=submission, by=bob)


def read_with_questions(submission: Submission, bob) -> None:
    asked(submission, bob)
    close_reading(submission=submission, by=bob)


READING = {"note": HOLDER, "write a question": HOLDER, "note the rest": HOLDER, "close": HOLDER}
SITUATIONS = {  # how it came to it, the state that it is in, and who may what, whether the round is open or closed
    "submitted": (lambda *_: None, "submitted", {**ALWAYS, "take": READERS}),
    "taken": (taken, "under_review", {**ALWAYS, **READING, "release": HOLDER}),
    "taken, with a question": (with_a_question, "under_review", {**ALWAYS, **READING, "ask": HOLDER}),
    "asked": (asked, "clarification_requested", {**ALWAYS, **READING, "reply": FOCAL}),
    "read": (read, "review_closed", ALWAYS),
    "read, with questions": (read_with_questions, "review_closed", ALWAYS),
}


by_situation = pytest.mark.parametrize("situation", SITUATIONS)
open_and_closed = pytest.mark.parametrize("is_closed", [False, True], ids=["open", "closed"])


def open_or_closed(first: int):
    """By each situation in a round that is open and one that is closed, or by default in one of the two in turn."""
    cases = [
        pytest.param(situation, is_closed, id=f"{'closed' if is_closed else 'open'}-{situation}")
        for place, situation in enumerate(SITUATIONS, start=first)
        for is_closed in in_turn([False, True], place)
    ]
    return pytest.mark.parametrize(("situation", "is_closed"), cases)


def state_of(submission: Submission) -> str:
    return Participation.everyones.get(round=submission.round_id).state


@by_situation
@open_and_closed
def test_every_state_of_a_submission_and_every_person(submission, people, bob, situation, is_closed):
    """Once the round is closed, only requests that are open are replied to, by a submission of the replies."""
    lead_to, state, allowed = SITUATIONS[situation]
    lead_to(submission, bob)
    assert state_of(submission) == state
    if is_closed:
        close_round(submission.round)
    while_open = {} if is_closed else {**WHILE_OPEN, "mark complete": FOCAL}
    assert_allowed(people, submission_attempts(submission), {**allowed, **while_open})


@open_or_closed(first=0)
def test_a_withdrawn_submission_from_every_state(submission, people, alice, bob, situation, is_closed):
    SITUATIONS[situation][0](submission, bob)
    withdraw_from_round(submission=submission, reason="A mistake.", by=alice)
    assert state_of(submission) == "withdrawn"
    if is_closed:
        close_round(submission.round)
    assert_allowed(people, submission_attempts(submission), {} if is_closed else WHILE_OPEN)


@open_or_closed(first=1)
def test_with_a_submission_that_is_replaced_nothing_is_done_but_permit_its_use(
    submission, people, xaa, alice, bob, situation, is_closed
):
    SITUATIONS[situation][0](submission, bob)
    submit_ready(xaa, submission.round, alice)
    answer(xaa, alice, CHANGED, 1, "Another decree.")
    if is_closed:
        close_round(submission.round)
    assert_allowed(people, submission_attempts(submission), {"permit use": FOCAL, **({} if is_closed else WHILE_OPEN)})


@pytest.mark.parametrize("lead_to", [with_a_question, asked], ids=["under review", "asked"])
def test_a_reading_whose_reader_is_barred_is_taken_over_and_nothing_else(submission, people, xaa, bob, erin, lead_to):
    lead_to(submission, bob)
    add_restriction(user=bob, respondent=xaa, by=erin)
    from_the_state = {**WHILE_OPEN, "mark complete": FOCAL} | ({"reply": FOCAL} if lead_to is asked else {})
    others = {"take": {"another reviewer"}, **ALWAYS, **from_the_state}
    assert_allowed(people, submission_attempts(submission), others)


def test_every_state_and_every_transition_was_tried(submission):
    assert {state for _lead, state, _allowed in SITUATIONS.values()} | {"withdrawn"} == set(SubmissionStage)
    assert SUBMISSION.keys() - {"submit"} < submission_attempts(submission).keys()


# A round


def round_attempts(round_: Round) -> dict[str, Callable]:
    def plan(by):
        fresh = Round.objects.get(pk=round_.pk)
        fresh.title = "Another title"
        plan_round(round=fresh, meetings=[], themes=[], families=[], by=by)

    return {
        "plan": plan,
        "open": lambda by: open_round(round=Round.objects.get(pk=round_.pk), by=by),
        "move due date": lambda by: move_due_date(
            round=Round.objects.get(pk=round_.pk),
            due_on=datetime.date(2027, 2, 28),
            reason="Holidays.",
            base="2027-01-31",
            by=by,
        ),
        "set closing date": lambda by: set_closing_date(
            round=Round.objects.get(pk=round_.pk), closes_on=datetime.date(2027, 6, 30), by=by
        ),
        "remind": lambda by: remind_states(round=Round.objects.get(pk=round_.pk), by=by),
        "make release": lambda by: make_release(round=Round.objects.get(pk=round_.pk), by=by),
    }


@pytest.mark.parametrize(
    ("state", "names"),
    [
        ("planned", {"plan", "open"}),
        ("open", {"move due date", "set closing date", "remind"}),
        ("closed", {"make release"}),
    ],
)
def test_every_state_of_a_round_and_every_person(people, dana, state, names):
    round_ = Round(body=Body.objects.get(), code="2027", title="Round", opens_on="2026-09-01", due_on="2027-01-31")
    plan_round(round=round_, meetings=[], themes=[], families=[], by=dana)
    if state != "planned":
        open_round(round=round_, by=dana)
    if state == "open":  # so that one State is left to remind
        record_event(action="state reminded", target="round 2027", by=dana, respondent=find_state("XBB"))
    if state == "closed":
        for place in range(6):
            submitting = make_state(f"X{chr(65 + place)}Y", f"Land {place}")
            person = make_person(f"person{place}", Role.FOCAL_POINT, submitting)
            save_statuses(submitting, person, **{"I.13": "implemented"})
            submit_ready(submitting, Round.objects.get(pk=round_.pk), person)
        close_round(round_)
    attempts = round_attempts(round_)
    assert attempts.keys() == ROUND.keys()
    assert Round.objects.get(code="2027").stage == state
    assert_allowed(people, attempts, dict.fromkeys(names, SECRETARIAT))


# A withdrawal of what identifies a victim


def withdrawal_attempts(withdrawal: Withdrawal) -> dict[str, Callable]:
    return {
        "confirm": lambda by: confirm_withdrawal(pk=withdrawal.pk, by=by),
        "refuse": lambda by: refuse_withdrawal(pk=withdrawal.pk, by=by),
    }


@pytest.mark.parametrize("state", WithdrawalStage)
def test_every_state_of_a_withdrawal_and_every_person(people, xaa, alice, erin, state):
    answer(xaa, alice, OTHER, 0, "Jane Doe was helped.")
    withdrawal = request_withdrawal(respondent=xaa, by=alice, words="Jane Doe", files=[], reason="name")
    attempts = withdrawal_attempts(withdrawal)
    assert attempts.keys() == WITHDRAWAL.keys()
    if state == WithdrawalStage.CONFIRMED:
        attempts["confirm"](erin)
    if state == WithdrawalStage.REFUSED:
        attempts["refuse"](erin)
    deciders = {"contributor", "administrator"}
    allowed = {"confirm": deciders, "refuse": {*deciders, "focal point"}}
    assert_allowed(people, attempts, allowed if state == WithdrawalStage.REQUESTED else {})


# A unit that is assigned


def assignment_attempts(given: Assignment) -> dict[str, Callable]:
    state, unit, as_it_is = given.respondent, given.unit, Assignment.everyones.filter(pk=given.pk)
    return {
        "send": lambda by: send_to_focal_point(respondent=state, unit=unit, by=by),
        "undo": lambda by: undo_sending(respondent=state, unit=unit, by=by),
        "return": lambda by: return_assignment(assignment=as_it_is.get(), reason="Which law?", by=by),
        "accept": lambda by: accept_assignments(respondent=state, assignments=list(as_it_is), by=by),
        "end": lambda by: end_assignments(respondent=state, assignments=list(as_it_is), by=by),
    }


@pytest.mark.parametrize(
    ("state", "steps", "allowed"),
    [
        ("assigned", [], {"send", "end"}),
        ("ready", ["send"], {"undo", "return", "accept", "end"}),
        ("returned", ["send", "return"], {"send", "end"}),
        ("accepted", ["send", "accept"], set()),
        ("ended", ["end"], set()),
    ],
)
def test_every_state_of_an_assignment_and_every_person(people, xaa, alice, unit, state, steps, allowed):
    contributor = people["contributor"]
    answer(xaa, alice, OTHER, 0, "An act.")
    given = assign(respondent=xaa, units=[unit(OTHER)], to=contributor, by=alice)[0]
    attempts = assignment_attempts(given)
    assert attempts.keys() == ASSIGNMENT.keys() - {"come back"}  # part of uploading a questionnaire
    for step in steps:
        attempts[step](contributor if step == "send" else alice)
    assert Assignment.everyones.get().state == state
    of_contributors = {"send", "undo"}
    assert_allowed(people, attempts, {name: {"contributor"} if name in of_contributors else FOCAL for name in allowed})


# The page that is drawn from the tables


def test_the_documentation_says_what_the_tables_say():
    assert (Path(settings.BASE_DIR) / "docs" / "reference" / "workflow.md").read_text(encoding="utf-8") == write_page()

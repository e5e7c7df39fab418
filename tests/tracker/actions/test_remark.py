"""Reading what was submitted: who holds it, what is noted and asked, and where the reading goes on and ends."""

import datetime
from functools import partial

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from tests.conftest import find_person, find_state, make_person, save_for_xaa
from tests.submissions import asked_about, item_of, reply_to, submit_ready
from tests.verification import find_errors
from tracker.actions.reading_restriction import add_restriction
from tracker.actions.remark import (
    assign_readings,
    close_reading,
    note_items,
    return_submission,
    save_remark,
    send_clarifications,
    start_reading,
)
from tracker.actions.reply import StaleReplies
from tracker.actions.submission import withdraw_from_round
from tracker.actions.user import close_account, end_membership
from tracker.models import Event, Membership, Notification, Participation, Remark, Reply, Respondent, Submission
from tracker.models.remark import RemarkKind, state_digest
from tracker.models.respondent import RespondentKind
from tracker.models.submission import SubmissionStage
from tracker.models.user import Role, User
from tracker.queries.submissions.questions import unanswered_clarifications
from tracker.workflow import SUBMISSION, NotAllowed

pytestmark = pytest.mark.django_db

State = SubmissionStage
NOTED, QUESTION = RemarkKind.NOTED, RemarkKind.CLARIFICATION


answer = partial(save_for_xaa, measures="The Act.", ready=True)


@pytest.fixture(scope="module", autouse=True)
def submitted(round_for_the_module):
    """IV.46(c) and IV.46(d)."""
    answer("IV.46(c)")
    answer("IV.46(d)")
    submit_ready(find_state("XAA"), round_for_the_module, find_person("alice"))


@pytest.fixture
def hand(xaa, alice, round_):
    return lambda: submit_ready(xaa, round_, alice)


@pytest.fixture
def ben(db) -> User:
    return make_person("ben", Role.REVIEWER)


def standing(submission: Submission) -> Participation:
    return Participation.everyones.get(submissions=submission)


def trace() -> tuple:
    """All that a reading writes."""
    return (
        list(Participation.everyones.order_by("pk").values()),
        list(Remark.everyones.order_by("pk").values()),
        Reply.everyones.count(),
        Event.everyones.count(),
        Notification.objects.count(),
    )


def taken_away(person: User) -> User:
    """Her role as a reviewer has ended by itself."""
    yesterday = timezone.localdate() - datetime.timedelta(days=1)
    Membership.objects.filter(user=person).update(since=yesterday, until=yesterday)
    return User.objects.get(pk=person.pk)


# What each state lets whom do

DO = {
    "take": lambda found, by: start_reading(submission=found, by=by),
    "release": lambda found, by: return_submission(submission=found, by=by),
    "remark": lambda found, by: save_remark(item=item_of(found, "IV.46(c)"), kind=NOTED, by=by),
    "note rest": lambda found, by: note_items(submission=found, items=[item_of(found, "IV.46(c)")], by=by),
    "ask": lambda found, by: send_clarifications(submission=found, by=by),
    "close": lambda found, by: close_reading(submission=found, by=by),
}
ALLOWED = {
    "take": {State.SUBMITTED},
    "release": {State.UNDER_REVIEW},
    "remark": {State.UNDER_REVIEW, State.CLARIFICATION_REQUESTED},
    "note rest": {State.UNDER_REVIEW, State.CLARIFICATION_REQUESTED},
    "ask": {State.UNDER_REVIEW, State.CLARIFICATION_REQUESTED},
    "close": {State.UNDER_REVIEW, State.CLARIFICATION_REQUESTED},
}


def put(submission: Submission, state: str, by: User) -> None:
    """In a state, with a question kept where something is to be sent."""
    Participation.everyones.filter(submissions=submission).update(
        state=state,
        current=None if state == State.WITHDRAWN else submission,
        taken_by=None if state == State.SUBMITTED else by,
        withdrawn_to=submission.number if state == State.WITHDRAWN else 0,
        withdrawn_at=timezone.now() if state == State.WITHDRAWN else None,
        withdrawal_reason="Too early." if state == State.WITHDRAWN else "",
    )


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("name", DO)
def test_the_holder_does_what_the_state_allows_and_nothing_else(name, state, first, bob):
    if name == "ask":
        start_reading(submission=first, by=bob)
        save_remark(item=item_of(first, "IV.46(c)"), kind=QUESTION, question="Which article?", by=bob)
    put(first, state, bob)
    before = trace()
    if state in ALLOWED[name]:
        DO[name](first, bob)
        assert trace() != before
        assert standing(first).state == (SUBMISSION[name].after if name in SUBMISSION else state)
    else:
        with pytest.raises(NotAllowed):
            DO[name](first, bob)
        assert trace() == before


@pytest.mark.parametrize("state", State)
def test_a_restricted_officer_cannot_act_even_on_own_readings(state, first, bob, xaa, erin):
    put(first, state, bob)
    if state == State.UNDER_REVIEW:
        save_remark(item=item_of(first, "IV.46(c)"), kind=QUESTION, question="Which?", by=bob)
    add_restriction(user=bob, respondent=xaa, by=erin)
    before = trace()
    for do in DO.values():
        with pytest.raises(PermissionDenied):
            do(first, User.objects.get(pk=bob.pk))
    assert trace() == before


# Who is to read


def give(submission: Submission, officer: User, by: User) -> int:
    """Assign the reading as it is now."""
    shown = Submission.everyones.select_related("respondent", "participation").get(pk=submission.pk)
    return assign_readings(submissions=[shown], officer=officer, by=by)


def holder(submission: Submission) -> tuple:
    reading = standing(submission)
    return reading.state, str(reading.taken_by or ""), reading.taken_at is not None


def test_only_its_officer_starts_an_assigned_reading(first, bob, ben):
    assert give(first, ben, bob) == 1
    assert give(first, ben, bob) == 0
    assert holder(first) == (State.SUBMITTED, "Ben", False)
    with pytest.raises(NotAllowed):
        start_reading(submission=first, by=bob)
    start_reading(submission=first, by=ben)
    assert holder(first) == (State.UNDER_REVIEW, "Ben", True)
    assert find_errors() == []


def test_attack_two_officers_assign_one_reading_at_once(first, bob, ben):
    shown = Submission.everyones.select_related("respondent", "participation").get(pk=first.pk)
    give(first, ben, bob)
    with pytest.raises(NotAllowed):
        assign_readings(submissions=[shown], officer=bob, by=bob)
    assert holder(first) == (State.SUBMITTED, "Ben", False)


def test_an_assignment_goes_on_with_the_next_submission(first, bob, ben, hand):
    give(first, ben, bob)
    answer("IV.46(c)", measures="Another Act.", base=1)
    assert holder(hand()) == (State.SUBMITTED, "Ben", False)


def test_a_reading_in_progress_continues_with_a_colleague(first, bob, ben):
    start_reading(submission=first, by=bob)
    save_remark(item=item_of(first, "IV.46(c)"), kind=QUESTION, question="Which article?", by=bob)
    give(first, ben, bob)
    assert holder(first) == (State.UNDER_REVIEW, "Ben", True)
    with pytest.raises(PermissionDenied):
        send_clarifications(submission=first, by=bob)
    assert send_clarifications(submission=first, by=ben) == 1


@pytest.mark.parametrize("state", [State.REVIEW_CLOSED, State.WITHDRAWN])
def test_a_reading_that_is_over_is_not_assigned(state, first, bob, ben):
    put(first, state, bob)
    before = trace()
    with pytest.raises(NotAllowed):
        give(first, ben, bob)
    assert trace() == before


def test_nothing_is_assigned_against_a_reading_restriction(first, bob, ben, xaa, erin):
    add_restriction(user=ben, respondent=xaa, by=erin)
    before = trace()
    with pytest.raises(ValidationError, match="Ben may not read for: Arandia"):
        give(first, ben, bob)
    assert trace() == before


def test_a_restriction_ends_an_assignment(first, bob, ben, xaa, erin):
    give(first, ben, bob)
    add_restriction(user=ben, respondent=xaa, by=erin)
    assert holder(first) == (State.SUBMITTED, "", False)
    start_reading(submission=first, by=bob)


def test_a_restriction_ends_an_assignment_after_an_earlier_reading(first, bob, ben, xaa, erin, hand):
    asked_about(first, {"IV.46(c)": "Which article?"}, bob)
    close_reading(submission=first, by=bob)
    answer("IV.46(c)", measures="Another Act.", base=1)
    second = hand()
    give(second, ben, bob)
    add_restriction(user=ben, respondent=xaa, by=erin)
    assert holder(second) == (State.SUBMITTED, "", False)


def test_the_trail_of_the_state_has_each_assignment(first, bob, ben):
    for officer in (ben, bob):
        give(first, officer, bob)
    events = Event.everyones.filter(chain="XAA", action="submission assigned").order_by("pk")
    assert [(event.before, event.after.rpartition(" ")[0]) for event in events] == [
        ("", f"person {ben.pk}"),
        (f"person {ben.pk}", f"person {bob.pk}"),
    ]


def test_a_reading_is_free_when_the_role_of_its_officer_ends(first, bob, ben):
    give(first, ben, bob)
    taken_away(ben)
    start_reading(submission=first, by=bob)
    assert holder(first) == (State.UNDER_REVIEW, "Bob", True)


def test_an_officer_who_writes_the_secretariats_own_answers_does_not_read_them(first, xaa, ben):
    Respondent.objects.filter(pk=xaa.pk).update(kind=RespondentKind.SECRETARIAT)
    Membership.objects.create(user=ben, role=Role.VIEWER, respondent=xaa, granted_by=None)
    before = trace()
    with pytest.raises(PermissionDenied):
        start_reading(submission=first, by=ben)
    assert trace() == before


# Who holds it


def test_what_was_taken_is_given_back_unless_something_was_asked(first, bob, ben):
    start_reading(submission=first, by=bob)
    save_remark(item=item_of(first, "IV.46(c)"), kind=NOTED, by=bob)
    return_submission(submission=first, by=bob)
    assert (standing(first).state, standing(first).taken_by) == (State.SUBMITTED, None)
    start_reading(submission=first, by=ben)
    save_remark(item=item_of(first, "IV.46(c)"), kind=QUESTION, question="Which article?", by=ben)
    before = trace()
    with pytest.raises(ValidationError, match="There is a request for clarification"):
        return_submission(submission=first, by=ben)
    assert trace() == before


def test_only_the_current_submission_is_taken(first, hand, alice, bob):
    answer("IV.46(c)", measures="Another.", base=1)
    second = hand()
    with pytest.raises(NotAllowed):
        start_reading(submission=first, by=bob)
    withdraw_from_round(submission=second, reason="Too early.", by=alice)
    for submission in (first, second):
        with pytest.raises(NotAllowed):
            start_reading(submission=submission, by=bob)


# A holder who may no longer read


@pytest.mark.parametrize("how", ["barred", "role ended", "let in no more"])
def test_who_may_no_longer_read_holds_nothing_of_which_nothing_was_asked(how, first, xaa, bob, ben, erin):
    start_reading(submission=first, by=bob)
    save_remark(item=item_of(first, "IV.46(c)"), kind=NOTED, by=bob)
    match how:
        case "barred":
            add_restriction(user=bob, respondent=xaa, by=erin)
        case "role ended":
            end_membership(membership=bob.memberships.get(), by=erin)
        case "let in no more":
            close_account(user=bob, by=erin)
    assert (standing(first).state, standing(first).taken_by) == (State.SUBMITTED, None)
    start_reading(submission=first, by=ben)
    assert find_errors() == []


def test_a_bar_for_one_state_ends_no_hold_of_another(first, xbb, bob, erin):
    start_reading(submission=first, by=bob)
    add_restriction(user=bob, respondent=xbb, by=erin)
    assert standing(first).taken_by == bob


@pytest.mark.parametrize("sent", [False, True])
def test_another_officer_takes_over_a_reading_with_clarifications_unchanged(sent, first, xaa, bob, ben, erin):
    start_reading(submission=first, by=bob)
    remark = save_remark(item=item_of(first, "IV.46(c)"), kind=QUESTION, question="Which article?", by=bob)
    if sent:
        send_clarifications(submission=first, by=bob)
    add_restriction(user=bob, respondent=xaa, by=erin)
    state = State.CLARIFICATION_REQUESTED if sent else State.UNDER_REVIEW
    assert (standing(first).state, standing(first).taken_by) == (state, bob)
    start_reading(submission=first, by=ben)
    assert (standing(first).state, standing(first).taken_by) == (state, ben)
    event = Event.everyones.get(action="submission taken over")
    assert (event.before, event.after) == (f"person {bob.pk}", f"person {ben.pk} {state_digest(standing(first))}")
    remark.refresh_from_db()
    assert (remark.author, remark.question) == (bob, "Which article?")
    close_reading(submission=first, by=ben)
    assert find_errors() == []


def test_an_officer_who_saves_the_request_of_another_again_is_its_author(first, xaa, bob, ben, erin):
    request = {"item": item_of(first, "IV.46(c)"), "kind": QUESTION, "question": "Which article?"}
    start_reading(submission=first, by=bob)
    save_remark(**request, by=bob)
    add_restriction(user=bob, respondent=xaa, by=erin)
    start_reading(submission=first, by=ben)
    assert save_remark(**request, by=ben).author == ben


def test_a_role_that_ended_by_itself_is_taken_over_from_too(first, bob, ben):
    start_reading(submission=first, by=bob)
    taken_away(bob)
    start_reading(submission=first, by=ben)
    assert (standing(first).state, standing(first).taken_by) == (State.UNDER_REVIEW, ben)


def test_nothing_is_taken_over_from_a_reviewer_who_may_read(first, bob, ben):
    asked_about(first, {"IV.46(c)": "Which article?"}, bob)
    before = trace()
    with pytest.raises(NotAllowed):
        start_reading(submission=first, by=ben)
    assert trace() == before


def test_a_reading_is_taken_over_only_with_the_current_submission(first, hand, bob, ben):
    asked_about(first, {"IV.46(c)": "Which article?"}, bob)
    answer("IV.46(d)", measures="Another.", base=1)
    second = hand()
    taken_away(bob)
    before = trace()
    with pytest.raises(NotAllowed):
        start_reading(submission=first, by=ben)
    assert trace() == before
    start_reading(submission=second, by=ben)
    assert (standing(second).state, standing(second).taken_by) == (State.CLARIFICATION_REQUESTED, ben)


# Remarks


def test_a_remark_is_replaced_until_questions_are_sent(first, bob):
    start_reading(submission=first, by=bob)
    for kind, question in ((NOTED, "left over"), (QUESTION, " Which article? "), (NOTED, "")):
        remark = save_remark(item=item_of(first, "IV.46(c)"), kind=kind, question=question, by=bob)
        assert (remark.kind, remark.question) == (kind, question.strip() if kind == QUESTION else "")
    assert Remark.everyones.count() == 1


@pytest.mark.parametrize(
    ("kind", "question", "field"), [("", "", "kind"), ("verified", "", "kind"), (QUESTION, " \n", "question")]
)
def test_an_invalid_remark_has_an_error_at_its_field(kind, question, field, first, bob):
    start_reading(submission=first, by=bob)
    before = trace()
    with pytest.raises(ValidationError) as refused:
        save_remark(item=item_of(first, "IV.46(c)"), kind=kind, question=question, by=bob)
    assert list(refused.value.error_dict) == [field]
    assert trace() == before


def test_the_rest_is_noted_and_what_has_a_remark_stays(first, bob):
    start_reading(submission=first, by=bob)
    save_remark(item=item_of(first, "IV.46(c)"), kind=QUESTION, question="Which article?", by=bob)
    items = [item_of(first, "IV.46(c)"), item_of(first, "IV.46(d)")]
    assert note_items(submission=first, items=items, by=bob) == 1
    assert note_items(submission=first, items=items, by=bob) == 0
    assert dict(Remark.everyones.values_list("item__unit__label", "kind")) == {
        "IV.46(c)": QUESTION,
        "IV.46(d)": NOTED,
    }
    assert Event.everyones.filter(action="items noted").count() == 1


def test_all_questions_are_sent_at_once_and_the_state_is_notified(first, bob, alice):
    start_reading(submission=first, by=bob)
    for label in ("IV.46(c)", "IV.46(d)"):
        save_remark(item=item_of(first, label), kind=QUESTION, question=f"What of {label}?", by=bob)
    assert list(Remark.objects.visible_to(alice)) == []
    assert send_clarifications(submission=first, by=bob) == 2
    assert {remark.question for remark in Remark.objects.visible_to(alice)} == {
        "What of IV.46(c)?",
        "What of IV.46(d)?",
    }
    notices = Notification.objects.filter(kind="questions").values_list("user", "thing")
    assert list(notices) == [(alice.pk, f"XAA/2026/1 {standing(first).asked_at.isoformat()}")]


def test_without_a_question_nothing_is_sent(first, bob):
    start_reading(submission=first, by=bob)
    save_remark(item=item_of(first, "IV.46(c)"), kind=NOTED, by=bob)
    before = trace()
    with pytest.raises(ValidationError, match="There is no request to send"):
        send_clarifications(submission=first, by=bob)
    assert trace() == before


# Where the reading goes on, and where it ends


@pytest.fixture
def asked(first, bob) -> dict[str, Remark]:
    return asked_about(first, {"IV.46(c)": "Which article?", "IV.46(d)": "Since when?"}, bob)


def test_one_reading_follows_the_submissions_and_closes_once(first, asked, hand, alice, bob):
    answer("IV.46(c)", measures="Article 9.", base=1)
    second = hand()
    assert (standing(first).current, standing(first).state) == (second, State.CLARIFICATION_REQUESTED)
    third = reply_to(asked["IV.46(d)"], "Since 2016.", alice)
    assert (standing(first).current, standing(first).state) == (third, State.UNDER_REVIEW)
    before = trace()
    for replaced in (first, second):
        with pytest.raises(NotAllowed):
            close_reading(submission=replaced, by=bob)
    assert trace() == before
    close_reading(submission=third, by=bob)
    assert list(Participation.everyones.values_list("current", "state", "taken_by", "unanswered")) == [
        (third.pk, State.REVIEW_CLOSED, bob.pk, 0)
    ]
    closed = Event.everyones.filter(action="review closed")
    assert list(closed.values_list("target", flat=True)) == ["submission XAA/2026/3"]
    assert find_errors() == []


def test_a_second_request_on_an_answer_takes_a_changed_answer(first, asked, hand, alice, bob):
    reply_to(asked["IV.46(d)"], "Since 2016.", alice)
    answer("IV.46(c)", measures="Article 9.", base=1)
    second = hand()
    before = trace()
    with pytest.raises(NotAllowed):
        save_remark(item=item_of(second, "IV.46(d)"), kind=QUESTION, question="Which month?", by=bob)
    assert trace() == before
    newer = asked_about(second, {"IV.46(c)": "Which part of it?"}, bob)
    assert unanswered_clarifications(standing(second)) == 1
    with pytest.raises(StaleReplies):
        reply_to(asked["IV.46(c)"], "Too late.", alice)
    reply_to(newer["IV.46(c)"], "Its second part.", alice)
    assert (standing(first).state, unanswered_clarifications(standing(first))) == (State.UNDER_REVIEW, 0)


def test_a_request_that_is_not_sent_moves_along_or_is_dropped(first, hand, bob):
    start_reading(submission=first, by=bob)
    for label in ("IV.46(c)", "IV.46(d)"):
        save_remark(item=item_of(first, label), kind=QUESTION, question=f"What of {label}?", by=bob)
    for label in ("IV.46(c)", "IV.46(d)"):
        answer(label, measures="Another.", base=1)
    second = hand()
    assert note_items(submission=second, items=[item_of(second, "IV.46(c)")], by=bob) == 0
    save_remark(item=item_of(second, "IV.46(d)"), kind=NOTED, by=bob)
    assert send_clarifications(submission=second, by=bob) == 1
    assert dict(Remark.everyones.values_list("item__unit__label", "kind")) == {"IV.46(c)": QUESTION, "IV.46(d)": NOTED}
    assert {remark.item.submission for remark in Remark.everyones.all()} == {second}
    assert unanswered_clarifications(standing(second)) == 1
    assert find_errors() == []


def test_what_was_noted_stays_with_an_answer_that_is_the_same(first, hand, bob):
    start_reading(submission=first, by=bob)
    note_items(submission=first, items=[item_of(first, label) for label in ("IV.46(c)", "IV.46(d)")], by=bob)
    answer("IV.46(c)", measures="Another.", base=1)
    second = hand()
    items = [item_of(second, label) for label in ("IV.46(c)", "IV.46(d)")]
    assert note_items(submission=second, items=items, by=bob) == 1
    assert list(Remark.everyones.order_by("pk").values_list("item__unit__label", "item__revision__number")) == [
        ("IV.46(c)", 1),
        ("IV.46(d)", 1),
        ("IV.46(c)", 2),
    ]


def test_requests_on_a_withdrawn_submission_lapse(first, asked, hand, alice, bob):
    withdraw_from_round(submission=first, reason="Too early.", by=alice)
    with pytest.raises(NotAllowed):
        reply_to(asked["IV.46(c)"], "Article 9.", alice)
    second = hand()
    assert (standing(second).state, standing(second).taken_by) == (State.SUBMITTED, None)
    asked_about(second, {"IV.46(c)": "Which article?"}, bob)
    assert unanswered_clarifications(standing(second)) == 1
    close_reading(submission=second, by=bob)
    assert (standing(second).state, standing(second).unanswered) == (State.REVIEW_CLOSED, 1)
    assert find_errors() == []


def test_a_closed_reading_goes_back_to_the_queue_with_a_later_submission(first, asked, hand, bob, ben):
    close_reading(submission=first, by=bob)
    assert standing(first).unanswered == 2
    answer("IV.46(c)", measures="Amended.", base=1)
    second = hand()
    reopened = standing(second)
    assert (reopened.state, reopened.taken_by, reopened.closed_at, reopened.unanswered) == (
        State.SUBMITTED,
        None,
        None,
        None,
    )
    start_reading(submission=second, by=ben)
    close_reading(submission=second, by=ben)
    assert standing(second).unanswered == 1

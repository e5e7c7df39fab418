"""Giving a ministry its part, and getting it back: each act with its event, its mail and nothing twice."""

import datetime
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext, suppress
from functools import partial

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connections
from django.utils import timezone

from recommendations.catalogue import add_wording
from tests.conftest import make_person, save_for_xaa
from tests.races import results_at_once
from tests.removals import remove_words
from tests.submissions import send_answer
from tests.verification import find_errors
from tracker.actions.assignment import (
    accept_assignments,
    assign,
    end_assignments,
    remind,
    return_assignment,
    save_and_send,
    send_to_focal_point,
    undo_sending,
)
from tracker.actions.institution import add_institution, close_institution, set_institution
from tracker.actions.record import Answer, SeenAnswer, StaleAnswer, save_answer
from tracker.actions.user import close_account, end_membership
from tracker.models import Assignment, Event, Institution, Notification, Record, User
from tracker.models.user import Role
from tracker.workflow import NotAllowed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("closed_to_contributors")]

TOMORROW = timezone.localdate() + datetime.timedelta(days=1)


@pytest.fixture
def carol(xaa, alice, justice):
    """A contributor of the Ministry of Justice."""
    person = make_person("carol", Role.CONTRIBUTOR, xaa)
    set_institution(membership=person.memberships.get(), institution=justice, by=alice)
    return User.objects.get(pk=person.pk)


@pytest.fixture
def given(xaa, alice, justice, carol, unit):
    """I.13, with the Ministry of Justice."""
    (assignment,) = assign(respondent=xaa, units=[unit("I.13")], to=justice, by=alice)
    return assignment


def events(action: str = "") -> list[str]:
    rows = Event.everyones.filter(chain="XAA", action__startswith=action).order_by("number")
    return [f"{event.action}: {event.target.partition(' of ')[2] or event.target}" for event in rows]


def told() -> list[tuple[str, str]]:
    return list(Notification.objects.values_list("user__name", "kind"))


def states() -> list[tuple[str, str]]:
    rows = Assignment.everyones.order_by("unit__position", "pk")
    return list(rows.values_list("unit__label", "state"))


def test_the_story_of_one_unit(xaa, alice, justice, carol, given, unit):
    assert told() == [("Carol", "assigned")]
    save_answer(respondent=xaa, unit=unit("I.13"), base=0, answer=Answer("in_progress", measures="A bill."), by=carol)
    (ready,) = send_answer(respondent=xaa, unit=unit("I.13"), by=carol)
    with pytest.raises(PermissionDenied):
        save_answer(respondent=xaa, unit=unit("I.13"), base=1, answer=Answer("implemented"), by=carol)
    return_assignment(assignment=ready, reason="Which bill?", by=alice)
    save_for_xaa("I.13", "in_progress", base=1, measures="Bill 7.", by=carol)
    accept_assignments(respondent=xaa, assignments=send_answer(respondent=xaa, unit=unit("I.13"), by=carol), by=alice)
    assert states() == [("I.13", "accepted")]
    current = Record.everyones.get().current
    assert (current.number, current.measures, current.ready, current.author) == (3, "Bill 7.", True, alice)
    assert list(Record.objects.visible_to(carol)) == []
    assert events("assign") == [
        "assignment ready: I.13",
        "assignment returned: I.13",
        "assignment ready: I.13",
        "assignment accepted: I.13",
    ]
    assert told() == [("Carol", "assigned"), ("Alice", "items_ready"), ("Carol", "returned")]
    assert find_errors() == []


def test_a_unit_is_not_assigned_twice_to_the_same_assignee(xaa, alice, justice, given, unit):
    new = assign(respondent=xaa, units=[unit("I.13"), unit("I.14")], to=justice, by=alice)
    assert [assignment.unit.label for assignment in new] == ["I.14"]
    assert set(Assignment.everyones.all()) == {given, *new}
    assert events("unit") == ["unit assigned: I.13", "unit assigned: I.14"]
    assert events("assignment") == []


def test_assigning_again_changes_the_due_date_and_keeps_empty_fields(xaa, alice, justice, unit):
    units = [unit("I.13")]
    assign(respondent=xaa, units=units, to=justice, by=alice, note="By article.")
    assign(respondent=xaa, units=units, to=justice, by=alice, due_on=TOMORROW)
    assign(respondent=xaa, units=units, to=justice, by=alice)
    assert list(Assignment.everyones.values_list("due_on", "note")) == [(TOMORROW, "By article.")]
    assert events("assignment") == ["assignment changed: I.13"]
    assert find_errors() == []


def test_a_unit_may_be_with_two(xaa, alice, justice, carol, given, unit):
    health = add_institution(respondent=xaa, name="Ministry of Health", kind="ministry", by=alice)
    assign(respondent=xaa, units=[unit("I.13")], to=health, by=alice)
    send_answer(respondent=xaa, unit=unit("I.13"), by=carol)
    assert states() == [("I.13", "ready"), ("I.13", "assigned")]


def test_sending_an_answer_sends_all_assignments_of_the_contributor(xaa, alice, justice, carol, given, unit):
    """Else she would write on, by the other."""
    assign(respondent=xaa, units=[unit("I.13")], to=carol, by=alice)
    send_answer(respondent=xaa, unit=unit("I.13"), by=carol)
    assert states() == [("I.13", "ready"), ("I.13", "ready")]
    with pytest.raises(NotAllowed):
        send_answer(respondent=xaa, unit=unit("I.13"), by=carol)


def test_what_is_not_ready_is_neither_returned_nor_accepted(xaa, alice, given):
    for act in (
        lambda: return_assignment(assignment=given, reason="Why?", by=alice),
        lambda: accept_assignments(respondent=xaa, assignments=[given], by=alice),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert states() == [("I.13", "assigned")]


def test_an_assignment_returned_and_sent_again_is_not_decided_on(xaa, alice, carol, given, unit):
    (old,) = send_answer(respondent=xaa, unit=unit("I.13"), by=carol)
    return_assignment(assignment=old, reason="Which bill?", by=alice)
    (now,) = send_answer(respondent=xaa, unit=unit("I.13"), by=carol)
    for act in (accept_assignments, end_assignments):
        with pytest.raises(NotAllowed):
            act(respondent=xaa, assignments=[old], by=alice)
    with pytest.raises(NotAllowed):
        return_assignment(assignment=old, reason="Why?", by=alice)
    assert states() == [("I.13", "ready")]
    accept_assignments(respondent=xaa, assignments=[now], by=alice)
    assert states() == [("I.13", "accepted")]


def test_nothing_is_sent_before_it_is_saved(xaa, carol, given, unit):
    with pytest.raises(ValidationError, match=r"Save the answer before you send it to the focal point\."):
        send_to_focal_point(respondent=xaa, unit=unit("I.13"), by=carol)
    assert states() == [("I.13", "assigned")]


@pytest.mark.parametrize(
    ("answer", "is_sent"),
    [
        (Answer("implemented"), False),
        (Answer("partially_implemented", items_met=[], lead_institution="Ministry of Justice"), False),
        (Answer("in_progress", difficulties="No funds."), True),
        (Answer("not_started"), True),
        (Answer("not_applicable", reason_code="date_has_passed"), True),
    ],
)
def test_an_answer_that_claims_measures_is_not_sent_without_a_word_or_evidence(
    answer, is_sent, xaa, carol, given, unit
):
    save_answer(respondent=xaa, unit=unit("I.13"), base=0, answer=answer, by=carol)
    with nullcontext() if is_sent else pytest.raises(ValidationError, match="Describe the measures or add evidence"):
        send_to_focal_point(respondent=xaa, unit=unit("I.13"), by=carol)
    assert states() == [("I.13", "ready" if is_sent else "assigned")]


def test_an_answer_is_saved_and_sent_or_neither(xaa, alice, carol, given, unit):
    save_answer(respondent=xaa, unit=unit("I.13"), base=0, answer=Answer("implemented"), by=alice)
    with pytest.raises(StaleAnswer):
        save_and_send(respondent=xaa, unit=unit("I.13"), base=0, answer=Answer("in_progress"), by=carol)
    assert states() == [("I.13", "assigned")]
    with pytest.raises(PermissionDenied):
        save_and_send(respondent=xaa, unit=unit("I.13"), base=1, answer=Answer("in_progress"), by=alice)
    with pytest.raises(ValidationError, match="Describe the measures or add evidence"):
        save_and_send(respondent=xaa, unit=unit("I.13"), base=1, answer=Answer("in_progress"), by=carol)
    assert Record.everyones.get().current.number == 1
    answer = Answer("in_progress", measures="A bill.")
    save_and_send(respondent=xaa, unit=unit("I.13"), base=1, answer=answer, by=carol)
    assert (Record.everyones.get().current.number, states()) == (2, [("I.13", "ready")])


def test_only_its_sender_undoes_sending_and_then_writes_again(xaa, alice, charlie, justice, carol, given, unit):
    carl = make_person("carl", Role.CONTRIBUTOR, xaa)
    set_institution(membership=carl.memberships.get(), institution=justice, by=alice)
    carl = User.objects.get(pk=carl.pk)
    send_answer(respondent=xaa, unit=unit("I.13"), by=carol)
    for by in (alice, charlie, carl):
        with pytest.raises((PermissionDenied, NotAllowed)):
            undo_sending(respondent=xaa, unit=unit("I.13"), by=by)
    undo_sending(respondent=xaa, unit=unit("I.13"), by=carol)
    save_answer(respondent=xaa, unit=unit("I.13"), base=1, answer=Answer("in_progress", measures="Bill 7."), by=carol)
    assert states() == [("I.13", "assigned")]
    (sent,) = send_to_focal_point(respondent=xaa, unit=unit("I.13"), by=carol)
    accept_assignments(respondent=xaa, assignments=[sent], by=alice)
    with pytest.raises(NotAllowed):
        undo_sending(respondent=xaa, unit=unit("I.13"), by=carol)
    assert states() == [("I.13", "accepted")]
    assert find_errors() == []


def test_only_focal_points_mark_answers_ready(xaa, alice, carol, given, unit):
    say = partial(save_answer, respondent=xaa, unit=unit("I.13"))
    say(base=0, answer=Answer("in_progress", measures="A bill.", ready=True), by=carol)
    assert Record.everyones.get().current.ready is False
    say(base=1, answer=Answer("in_progress", measures="A bill.", ready=True), by=alice)
    assert say(base=2, answer=Answer("in_progress", measures="A bill."), by=carol) is None  # nothing else differs
    assert Record.everyones.get().current.ready is True
    say(base=2, answer=Answer("in_progress", measures="Bill 7.", ready=True), by=carol)
    assert Record.everyones.get().current.ready is False


def test_an_answer_is_accepted_as_it_was_read(xaa, alice, carol, given, unit):
    (sent,) = send_answer(respondent=xaa, unit=unit("I.13"), by=carol)
    seen = [SeenAnswer.of(unit("I.13"), Record.everyones.get().current)]
    save_answer(respondent=xaa, unit=unit("I.13"), base=1, answer=Answer("implemented"), by=alice)
    with pytest.raises(NotAllowed):
        accept_assignments(respondent=xaa, assignments=[sent], by=alice, seen=seen)
    assert (states(), Record.everyones.get().current.ready) == ([("I.13", "ready")], False)


def test_an_answer_to_a_former_wording_is_accepted_and_not_marked_ready(xaa, alice, dana, carol, given, unit):
    (sent,) = send_answer(respondent=xaa, unit=unit("I.13"), by=carol)
    add_wording(recommendation=unit("I.13"), text="Another text.", kind="new_wording", reason="Adopted.", by=dana)
    accept_assignments(respondent=xaa, assignments=[sent], by=alice)
    current = Record.everyones.get().current
    assert (states(), current.number, current.ready) == ([("I.13", "accepted")], 1, False)


def test_all_or_none_are_accepted(xaa, alice, justice, carol, given, unit):
    (other,) = assign(respondent=xaa, units=[unit("I.14")], to=justice, by=alice)
    (ready,) = send_answer(respondent=xaa, unit=unit("I.13"), by=carol)
    with pytest.raises(NotAllowed):
        accept_assignments(respondent=xaa, assignments=[ready, other], by=alice)
    assert states() == [("I.13", "ready"), ("I.14", "assigned")]
    end_assignments(respondent=xaa, assignments=[ready, other], by=alice)
    assert states() == [("I.13", "ended"), ("I.14", "ended")]


def test_a_refused_assignment_has_errors_at_its_fields(xaa, xbb, alice, charlie, justice, carol, unit):
    others = add_institution(respondent=xbb, name="Ministry of Justice", kind="ministry", by=charlie)
    closed = add_institution(respondent=xaa, name="Ministry of Peace", kind="ministry", by=alice)
    close_institution(institution=closed, by=alice)
    refused = {
        "to": [{"to": others}, {"to": closed}, {"to": charlie}, {"to": alice}],
        "due_on": [{"due_on": timezone.localdate() - datetime.timedelta(days=1)}],
        "note": [{"note": "a\x00b"}, {"note": "a" * 2001}],
        "unit": [{"units": []}, {"units": [unit("VI.14")]}, {"units": [unit("IV.46(i)(ii)")]}],
    }
    for field, wrongs in refused.items():
        for wrong in wrongs:
            with pytest.raises(ValidationError) as error:
                assign(**{"respondent": xaa, "units": [unit("I.13")], "to": justice, "by": alice} | wrong)
            assert list(error.value.message_dict) == [field]
    assert Assignment.everyones.count() == 0


def test_a_return_says_why(xaa, alice, carol, given, unit):
    send_answer(respondent=xaa, unit=unit("I.13"), by=carol)
    for reason in ("", "  ", "a\x00b", "a" * 2001):
        with pytest.raises(ValidationError) as error:
            return_assignment(assignment=given, reason=reason, by=alice)
        assert list(error.value.message_dict) == ["reason"]


def test_assigning_all_costs_as_many_queries_as_assigning_one(
    xaa, alice, justice, carol, unit, django_assert_max_num_queries
):
    units = list(xaa.units_to_answer().order_by("position"))
    with django_assert_max_num_queries(25):
        assign(respondent=xaa, units=units, to=justice, by=alice, due_on=TOMORROW, note="All of it.")
    assert Assignment.everyones.count() == len(units) == 230
    with django_assert_max_num_queries(25):
        end_assignments(respondent=xaa, assignments=Assignment.everyones.all(), by=alice)
    assert set(Assignment.everyones.values_list("state", flat=True)) == {"ended"}
    assert Notification.objects.get().context == {"items": 230, "due": TOMORROW.isoformat()}
    assert find_errors() == []


@pytest.mark.django_db(transaction=True)
def test_two_who_assign_the_same_at_once_assign_it_once(xaa, alice, justice, unit):
    units = [unit("I.13"), unit("I.14")]

    def act():
        return len(assign(respondent=xaa, units=units, to=justice, by=alice))

    assert sorted(results_at_once(*[act] * 4)) == [0, 0, 0, 2]
    assert states() == [("I.13", "assigned"), ("I.14", "assigned")]
    assert find_errors() == []


@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_at_once_one_decides(xaa, alice, carol, given, unit):
    (ready,) = send_answer(respondent=xaa, unit=unit("I.13"), by=carol)
    accept = partial(accept_assignments, respondent=xaa, assignments=[ready], by=alice)
    return_ = partial(return_assignment, assignment=ready, reason="Why?", by=alice)
    results = results_at_once(*[accept, return_] * 2, refusals=NotAllowed)
    assert [isinstance(result, NotAllowed) for result in results].count(False) == 1
    assert find_errors() == []


def saves_until_refused(person: User, respondent, unit, has_begun: threading.Event) -> None:
    """Saves one answer after the other, with what her request found when it began."""
    try:
        for number in range(500):
            base = Record.everyones.get(respondent=respondent, recommendation=unit).current.number
            answer = Answer(status="in_progress", measures=f"{id(person)}: {number}")
            with suppress(StaleAnswer):
                save_answer(respondent=respondent, unit=unit, base=base, answer=answer, by=person)
                has_begun.set()
    finally:
        connections.close_all()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("ends", ["assignment ready", "assignment ended", "membership ended", "person deactivated"])
def test_nothing_is_saved_after_what_ends_the_right_to_save(ends, xaa, alice, erin, carol, given, unit):
    i13 = unit("I.13")
    save_answer(respondent=xaa, unit=i13, base=0, answer=Answer(status="in_progress"), by=alice)
    end = {
        "assignment ready": partial(send_answer, respondent=xaa, unit=i13, by=carol),
        "assignment ended": partial(end_assignments, respondent=xaa, assignments=[given], by=alice),
        "membership ended": partial(end_membership, membership=carol.memberships.get(), by=alice),
        "person deactivated": partial(close_account, user=User.objects.get(pk=carol.pk), by=erin),
    }[ends]
    requests = [User.objects.get(pk=carol.pk) for _number in range(3)]
    assert all(person.has_role(Role.CONTRIBUTOR, respondent=xaa) for person in requests)
    has_begun = threading.Event()
    with ThreadPoolExecutor(3) as pool:
        savers = [pool.submit(saves_until_refused, person, xaa, i13, has_begun) for person in requests]
        assert has_begun.wait(30)
        end()
        assert [type(saver.exception()) for saver in savers] == [PermissionDenied] * 3
    saved = Event.everyones.filter(action="answer saved", actor=carol).latest("pk")
    assert saved.pk < Event.everyones.get(action=ends).pk
    assert find_errors() == []


def test_words_that_identify_a_victim_are_taken_out_of_notes_reasons_and_names(xaa, alice, erin, carol, justice, unit):
    named = add_institution(respondent=xaa, name="Shelter Jane Doe", kind="other", by=alice)
    assign(respondent=xaa, units=[unit("I.13")], to=justice, note="As for Jane Doe.", by=alice)
    (given,) = send_answer(respondent=xaa, unit=unit("I.13"), by=carol)
    return_assignment(assignment=given, reason="Jane Doe is not to be named.", by=alice)
    remove_words("Jane Doe", xaa, alice, erin)
    given.refresh_from_db()
    assert (given.note, given.return_reason, given.state) == ("", "", "returned")
    assert given.shown_reason == "Removed because it identified a victim."
    assert str(Institution.everyones.get(pk=named.pk)) == "Name removed"
    assert find_errors() == []


def test_what_is_forged_in_the_database_is_found(xaa, given):
    Assignment.everyones.update(state="accepted")
    assert find_errors() == [f"XAA, assignment {given.pk} of I.13: altered"]


def remind_carol(xaa, justice, alice, **said) -> list[User]:
    return remind(**{"respondent": xaa, "to": justice, "text": "Please answer.", "by": alice} | said)


def test_a_reminder_is_mailed_to_who_still_has_to_write_and_is_recorded(
    xaa, alice, justice, carol, given, unit, mailoutbox, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        assert remind_carol(xaa, justice, alice, text="Please answer by Friday.") == [carol]
    (message,) = mailoutbox
    assert (message.to, message.subject) == (["carol@example.org"], "Reminder of your answers: Arandia")
    assert "Please answer by Friday." in message.body
    assert "“Alice” (focal point), alice@example.org" in message.body
    event = Event.everyones.get(action="contributors reminded")
    assert (event.target, event.before, event.after) == (f"institution {justice.pk}", "", "")
    with pytest.raises(NotAllowed):  # a double click
        remind_carol(xaa, justice, alice)
    remind_carol(xaa, justice, alice, last=event.number)
    send_answer(respondent=xaa, unit=unit("I.13"), by=carol)
    with pytest.raises(NotAllowed):
        remind_carol(xaa, justice, alice, last=10**6)
    assert Event.everyones.filter(action="contributors reminded").count() == 2


def test_a_reminder_has_a_text(xaa, justice, alice, given):
    for text in ("", "  ", "a\x00b"):
        with pytest.raises(ValidationError) as error:
            remind_carol(xaa, justice, alice, text=text)
        assert list(error.value.message_dict) == ["text"]

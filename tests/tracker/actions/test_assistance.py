"""What becomes of a need for assistance: the Secretariat marks it, its State closes it, and may ask anew."""

from functools import partial

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError

from tests.conftest import make_person, save_for_xaa
from tests.races import done_first, results_at_once
from tests.submissions import opened_round, submit_ready
from tests.verification import find_errors
from tracker.actions.assistance import StaleNeed, close_need, mark_need
from tracker.actions.reading_restriction import add_restriction
from tracker.actions.submission import withdraw_from_round
from tracker.actions.user import end_membership
from tracker.models import AssistanceNeed, Event, Membership
from tracker.models.assistance import NeedStage
from tracker.models.user import Role
from tracker.queries.desk.assistance import own_needs
from tracker.workflow import ASSISTANCE, NotAllowed

pytestmark = pytest.mark.django_db


@pytest.fixture
def round_(bob):
    return opened_round(bob, meetings=[2])


@pytest.fixture
def ask(xaa, alice, round_, unit):
    def submit_answers(base=0, assistance="Two trainers.", measures="A bill."):
        save_for_xaa("II.4", "in_progress", base=base, measures=measures, assistance=assistance, ready=True)
        return submit_ready(xaa, round_, alice)

    return submit_answers


@pytest.fixture
def mark(xaa, unit, bob):
    def do(transition, base="open", by=bob):
        return mark_need(respondent=xaa, unit=unit("II.4"), transition=transition, base=base, by=by)

    return do


@pytest.fixture
def close(xaa, unit, alice):
    def do(base="in_contact", by=alice):
        return close_need(respondent=xaa, unit=unit("II.4"), base=base, by=by)

    return do


def stands(xaa, alice) -> list[str]:
    return [need.state for need in own_needs(xaa, alice)]


def events() -> list[tuple]:
    rows = Event.everyones.filter(target="need II.4").order_by("number")
    return [(event.action, event.actor.name, event.respondent.code, event.after.partition(" ")[0]) for event in rows]


def test_a_need_is_seen_then_in_contact_and_closed_by_its_state(ask, mark, close, xaa, alice):
    ask()
    assert stands(xaa, alice) == ["open"]
    mark("see")
    assert stands(xaa, alice) == ["seen"]
    mark("contact", "seen")
    assert stands(xaa, alice) == ["in_contact"]
    need = close()
    assert (need.state, need.by.name) == ("closed", "Alice")
    assert stands(xaa, alice) == ["closed"]
    assert events() == [
        ("need seen", "Bob", "XAA", "seen"),
        ("need in contact", "Bob", "XAA", "in_contact"),
        ("need closed", "Alice", "XAA", "closed"),
    ]
    assert find_errors() == []


@pytest.mark.parametrize("state", NeedStage)
@pytest.mark.parametrize("transition", ASSISTANCE)
def test_from_a_state_only_what_the_table_says_is_done(state, transition, ask, mark, close, xaa, unit, bob):
    ask()
    if state != "open":
        AssistanceNeed.everyones.create(respondent=xaa, unit=unit("II.4"), state=state, by=bob)

    def do():
        return close(state) if transition == "close" else mark(transition, state)

    if state in ASSISTANCE[transition].before:
        assert do().state == ASSISTANCE[transition].after
        return
    with pytest.raises(NotAllowed):
        do()
    assert events() == []


def test_asking_again_after_closing_opens_the_need_again(ask, mark, close, xaa, alice):
    ask()
    close("open")
    ask(base=1, measures="An act.")
    assert stands(xaa, alice) == ["open"]
    assert mark("see").state == "seen"
    assert stands(xaa, alice) == ["seen"]
    assert find_errors() == []


def test_a_mark_stays_while_the_state_goes_on_asking(ask, mark, xaa, alice):
    ask()
    mark("contact")
    ask(base=1, measures="An act.")
    assert stands(xaa, alice) == ["in_contact"]


def test_submitting_again_without_asking_opens_no_need(ask, close, xaa, alice, mark):
    ask()
    close("open")
    ask(base=1, assistance="")
    assert own_needs(xaa, alice) == []
    with pytest.raises(NotAllowed):
        mark("see", "closed")


def test_an_unsubmitted_or_withdrawn_request_is_not_a_need(ask, mark, close, alice):
    with pytest.raises(NotAllowed):
        mark("see")
    withdraw_from_round(submission=ask(), reason="An error.", by=alice)
    with pytest.raises(NotAllowed):
        mark("see")
    with pytest.raises(NotAllowed):
        close("open")
    assert AssistanceNeed.everyones.count() == 0


def test_a_stale_page_changes_nothing_and_shows_the_current_need(ask, mark, close, bob):
    ask()
    mark("contact")
    for do in (lambda: mark("see"), lambda: close("open")):
        with pytest.raises(StaleNeed) as stale:
            do()
        assert (stale.value.need.state, stale.value.need.by) == ("in_contact", bob)
    assert [action for action, *_rest in events()] == ["need in contact"]


def test_an_officer_does_not_close_a_need(ask, mark):
    ask()
    with pytest.raises(NotAllowed):
        mark("close")


def test_nobody_marks_whose_role_ended_in_between(ask, mark, bob, erin):
    ask()
    mark("see")
    end = partial(end_membership, membership=Membership.objects.get(user=bob), by=erin)
    with pytest.raises(PermissionDenied), done_first(end):
        mark("contact", "seen")


def test_the_state_and_who_may_read_for_it_see_what_became_of_it(ask, mark, alice, bob, charlie, dana, xaa, erin):
    ask()
    need = mark("see")
    barred = make_person("ben", Role.REVIEWER)
    add_restriction(user=barred, respondent=xaa, by=erin)
    seen = [list(AssistanceNeed.objects.visible_to(person)) for person in (alice, bob, charlie, dana, erin, barred)]
    assert seen == [[need], [need], [], [], [], []]


@pytest.mark.parametrize("state", ["open", "met"])
def test_no_row_is_open_or_of_an_unknown_state(state, xaa, unit, bob):
    with pytest.raises(IntegrityError, match="open_need_has_no_row"):
        AssistanceNeed.everyones.create(respondent=xaa, unit=unit("II.4"), state=state, by=bob)


def test_a_need_has_one_row(xaa, unit, bob):
    AssistanceNeed.everyones.create(respondent=xaa, unit=unit("II.4"), state="seen", by=bob)
    with pytest.raises(IntegrityError):
        AssistanceNeed.everyones.create(respondent=xaa, unit=unit("II.4"), state="seen", by=bob)


@pytest.mark.django_db(transaction=True)
def test_of_two_officers_at_once_only_one_marks_the_need(ask, mark, bob):
    ask()
    ben = make_person("ben", Role.REVIEWER)
    results = results_at_once(*[partial(mark, "contact", by=person) for person in (bob, ben)], refusals=StaleNeed)
    seen = [result.need if isinstance(result, StaleNeed) else result for result in results]
    assert [need.by_id for need in seen] == [AssistanceNeed.everyones.get().by_id] * 2
    assert [action for action, *_rest in events()] == ["need in contact"]

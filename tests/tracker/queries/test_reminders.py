"""What stands to be reminded of on a day, and what is told too late."""

import datetime

import pytest
from django.utils import timezone

from tests.conftest import open_round_for_arandia
from tests.submissions import asked_about, close_round, reply_to, submit_ready
from tracker.actions.record import Answer, save_answer
from tracker.actions.remark import close_reading
from tracker.actions.round import set_closing_date
from tracker.actions.submission import withdraw_from_round
from tracker.demo.clock import on_day
from tracker.models import Notification, Participation, Round
from tracker.models.notification import NotificationKind
from tracker.queries.reminders import due_notifications, still_holds

pytestmark = pytest.mark.django_db


def things() -> list[str]:
    return [reminder.thing for reminder in due_notifications()]


def days(count: int) -> datetime.timedelta:
    return datetime.timedelta(days=count)


def due_in(count: int, opened: int = 100) -> datetime.date:
    """Let the round be due in so many days, and have been opened so many days ago; return the due date."""
    due_on = timezone.localdate() + days(count)
    Round.objects.update(due_on=due_on, opens_on=due_on - days(400), opened_at=timezone.now() - days(opened))
    return due_on


@pytest.fixture(scope="module", autouse=True)
def opened(for_the_module):
    open_round_for_arandia(meetings=[1])


@pytest.fixture
def answer(xaa, alice, unit):
    def save(label, base=0):
        answer = Answer(status="implemented", measures=f"Act {base}.", ready=True)
        return save_answer(respondent=xaa, unit=unit(label), base=base, answer=answer, by=alice)

    return save


@pytest.fixture
def submission(xaa, alice, round_, answer):
    answer("I.13")
    answer("I.12(a)")
    return submit_ready(xaa, round_, alice)


@pytest.mark.parametrize(
    ("left", "stands"),
    [(31, None), (30, 30), (29, 30), (8, 30), (7, 7), (2, 7), (1, 1), (0, 1), (-1, None)],
)
def test_missed_reminders_30_7_or_1_days_before_follow_later(xaa, round_, left, stands):
    due_on = due_in(left)
    assert things() == ([f"XAA/2026 {due_on:%Y-%m-%d} {stands} days"] if stands else [])


@pytest.mark.parametrize(("left", "stands"), [(30, True), (29, False), (7, True), (5, False), (1, True), (0, False)])
def test_a_round_that_just_opened_has_no_immediate_reminder(xaa, round_, left, stands):
    """Its opening gave the due date."""
    due_in(left, opened=0)
    assert (things() != []) == stands


def test_states_without_a_current_submission_are_reminded(xaa, xbb, alice, submission, round_):
    due_on = due_in(7)
    assert things() == [f"XBB/2026 {due_on:%Y-%m-%d} 7 days"]
    withdraw_from_round(submission=submission, reason="Too early.", by=alice)
    assert things() == [f"XAA/2026 {due_on:%Y-%m-%d} 7 days", f"XBB/2026 {due_on:%Y-%m-%d} 7 days"]


def test_of_a_closed_round_nobody_is_reminded(xaa, bob, round_):
    due_in(7)
    close_round(round_)
    assert things() == []


# Questions


def asked_ago(count: int) -> str:
    """Return how the reminders name the requests."""
    at = timezone.now() - days(count)
    Participation.everyones.exclude(asked_at=None).update(asked_at=at)
    return f"XAA/2026 {timezone.localdate(at).isoformat()}"


@pytest.fixture
def asked(submission, bob):
    return asked_about(submission, {"I.13": "Which article?", "I.12(a)": "Since when?"}, bob)


@pytest.mark.parametrize(("ago", "week"), [(0, None), (6, None), (7, 1), (13, 1), (14, 2), (70, 10)])
def test_open_clarifications_are_notified_every_week(asked, ago, week):
    requests = asked_ago(ago)
    assert things() == ([f"{requests} week {week}"] if week else [])


def test_of_requests_that_are_sent_later_each_week_reminds_again(asked):
    before = asked_ago(15), things()
    after = asked_ago(8), things()
    assert [found for _requests, found in (before, after)] == [[f"{before[0]} week 2"], [f"{after[0]} week 1"]]
    assert before[0] != after[0]


def test_clarifications_are_notified_until_all_are_answered_and_submitted(xaa, alice, round_, answer, asked):
    requests = asked_ago(7)
    reply_to(asked["I.13"], "Article 9.", alice)
    assert things() == [f"{requests} week 1"]
    answer("I.12(a)", base=1)
    assert things() == [f"{requests} week 1"]
    submit_ready(xaa, round_, alice)
    assert things() == []


def test_while_a_request_is_open_and_not_once_the_reading_is_closed(xaa, alice, bob, round_, asked):
    requests = asked_ago(7)
    second = reply_to(asked["I.13"], "Article 9.", alice)
    assert things() == [f"{requests} week 1"]
    close_reading(submission=second, by=bob)
    assert things() == []


def test_questions_of_a_withdrawn_submission_wait_for_nothing(alice, submission, asked):
    asked_ago(7)
    withdraw_from_round(submission=submission, reason="Too early.", by=alice)
    assert things() == []


# When it is sent


def test_what_is_over_does_not_hold_any_more_and_what_happened_does(xaa, alice, bob, submission, round_, asked):
    kinds = {told.kind: told for told in Notification.objects.all()}
    held = {kind: still_holds(told) for kind, told in kinds.items()}
    assert held == {"round_opened": True, "submitted": True, "questions": True}
    close_reading(submission=submission, by=bob)
    close_round(round_)
    held = {told.kind: still_holds(told) for told in Notification.objects.filter(user=alice)}
    assert held == {"round_opened": False, "submitted": True, "questions": False, "review_closed": True}


def test_the_notice_of_a_closing_date_holds_until_it_is_moved_or_over(alice, bob, round_):
    set_closing_date(round=round_, closes_on=datetime.date(2027, 6, 30), by=bob)
    notice = Notification.objects.select_related("round").get(kind=NotificationKind.ROUND_CLOSES)
    assert still_holds(notice)
    notice.round.closes_on = datetime.date(2027, 7, 1)
    assert not still_holds(notice)
    notice.round.refresh_from_db()
    with on_day(datetime.date(2027, 7, 1)):
        assert not still_holds(notice)


def test_an_earlier_reminder_does_not_apply_with_that_of_today(xaa, alice, round_):
    due_in(30)
    [reminder] = due_notifications()
    told = Notification(
        user=alice, kind=NotificationKind.DUE, thing=reminder.thing, respondent=xaa, round=reminder.round
    )
    assert still_holds(told)
    due_in(7)
    told.round.refresh_from_db()
    assert not still_holds(told)

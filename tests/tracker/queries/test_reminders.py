"""Which reminders are due on a day, and which notifications are too late."""

import datetime

import pytest
from django.utils import timezone

from tests.conftest import open_round_for_arandia, save_for_xaa
from tests.labels import titled
from tests.submissions import asked_about, close_round, reply_to, submit_ready
from tracker.actions.assignment import assign
from tracker.actions.remark import close_reading
from tracker.actions.round import move_due_date, set_closing_date
from tracker.actions.submission import withdraw_from_round
from tracker.demo.clock import on_day
from tracker.models import Assignment, Notification, Participation, Remark, Round
from tracker.models.notification import NotificationKind
from tracker.queries.reminders import find_reminders, reminders_by_person, still_holds

pytestmark = pytest.mark.django_db


def found() -> list[tuple[str, str, int]]:
    """Return what the reminders are about, whom, and since how many days there is a reason."""
    today = timezone.localdate()
    return [(each.about, each.respondent.code, (today - each.day).days) for each in find_reminders()]


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
        return save_for_xaa(label, base=base, measures=f"Act {base}.", ready=True)

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
    due_in(left)
    assert found() == ([("due", "XAA", stands - left)] if stands else [])


@pytest.mark.parametrize(("left", "stands"), [(30, True), (29, False), (7, True), (5, False), (1, True), (0, False)])
def test_a_round_that_just_opened_has_no_immediate_reminder(xaa, round_, left, stands):
    """Its opening gave the due date."""
    due_in(left, opened=0)
    assert (found() != []) == stands


def test_states_without_a_current_submission_are_reminded(xaa, xbb, alice, submission, round_):
    due_in(7)
    assert found() == [("due", "XBB", 0)]
    withdraw_from_round(submission=submission, reason="Too early.", by=alice)
    assert found() == [("due", "XAA", 0), ("due", "XBB", 0)]


def test_of_a_closed_round_nobody_is_reminded(xaa, bob, round_):
    due_in(7)
    close_round(round_)
    assert found() == []


# Questions


def asked_ago(count: int) -> None:
    Participation.everyones.exclude(asked_at=None).update(asked_at=timezone.now() - days(count))


@pytest.fixture
def asked(submission, bob):
    return asked_about(submission, {"I.13": "Which article?", "I.12(a)": "Since when?"}, bob)


@pytest.mark.parametrize(("ago", "since"), [(0, None), (6, None), (7, 0), (13, 6), (14, 0), (70, 0)])
def test_open_clarifications_are_notified_every_week(asked, ago, since):
    asked_ago(ago)
    assert found() == ([] if since is None else [("unanswered", "XAA", since)])


def test_a_passed_reply_date_of_one_request_is_a_new_reason(asked):
    asked_ago(13)
    for left, since in ((0, 6), (-1, 0), (-9, 6)):
        Remark.everyones.filter(pk=asked["I.13"].pk).update(reply_by=timezone.localdate() + days(left))
        assert found() == [("unanswered", "XAA", since)]


def test_clarifications_are_notified_until_all_are_answered_and_submitted(xaa, alice, round_, answer, asked):
    asked_ago(7)
    reply_to(asked["I.13"], "Article 9.", alice)
    assert [reminder.context["labels"] for reminder in find_reminders()] == [[titled("I.12(a)")]]
    answer("I.12(a)", base=1)
    assert found() == [("unanswered", "XAA", 0)]
    submit_ready(xaa, round_, alice)
    assert found() == []


def test_while_a_request_is_open_and_not_once_the_reading_is_closed(xaa, alice, bob, round_, asked):
    asked_ago(7)
    second = reply_to(asked["I.13"], "Article 9.", alice)
    assert found() == [("unanswered", "XAA", 0)]
    close_reading(submission=second, by=bob)
    assert found() == []


def test_questions_of_a_withdrawn_submission_wait_for_nothing(alice, submission, asked):
    asked_ago(7)
    withdraw_from_round(submission=submission, reason="Too early.", by=alice)
    assert found() == []


# Answers and assignments


def test_answers_remind_of_their_target_date_and_the_age_of_their_situation(alice, say):
    today = timezone.localdate()
    say("I.13", "in_progress", target_date=today, situation_as_at=today - days(365))
    say("I.14", "implemented", measures="Act.", target_date=today - days(3))
    assert found() == []
    say("I.12(a)", "in_progress", target_date=today - days(9), situation_as_at=today - days(375))
    say("I.16(a)", "not_started", target_date=today - days(4))
    assert found() == [("target", "XAA", 3), ("situation", "XAA", 9)]
    listed = ["/desk/XAA/recommendations/?target=passed", "/desk/XAA/recommendations/?situation=old"]
    assert [reminder.path for reminder in find_reminders()] == listed


def test_focal_points_are_reminded_of_an_institution_without_users(xaa, alice, justice, unit):
    today = timezone.localdate()
    assign(respondent=xaa, units=[unit("I.13")], to=justice, by=alice, due_on=today)
    assert reminders_by_person() == {}
    Assignment.everyones.update(due_on=today - days(1))
    assert [each.about for each in reminders_by_person()[alice, xaa]] == ["items_over"]


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


def test_the_notice_of_a_due_date_holds_until_it_is_moved_again(alice, bob, round_):
    move_due_date(round=round_, due_on=datetime.date(2027, 2, 28), reason="Holidays.", base="2027-01-31", by=bob)
    notice = Notification.objects.select_related("round").get(kind=NotificationKind.ROUND_CLOSES)
    assert still_holds(notice)
    notice.round.due_on = datetime.date(2027, 3, 31)
    assert not still_holds(notice)


def test_a_reminder_holds_on_its_day_while_its_date_holds(xaa, alice, round_):
    day = timezone.localdate()
    notice = Notification(user=alice, kind=NotificationKind.REMINDERS, thing=f"XAA {day}", respondent=xaa)
    assert not still_holds(notice)
    due_in(7)
    assert still_holds(notice)
    notice.thing = f"XAA {day - days(1)}"
    assert not still_holds(notice)

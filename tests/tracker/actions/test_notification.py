"""Telling people: rows in the action's transaction, for whom it concerns and who wants it."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from tests.conftest import make_person, save_for_xaa
from tests.labels import bare_labels, titled
from tests.submissions import asked_about, opened_round, submit_ready
from tracker.actions import tasks
from tracker.actions.notification import choose_notifications, notify
from tracker.actions.record import Answer, save_answer
from tracker.actions.remark import close_reading
from tracker.actions.submission import withdraw_from_round
from tracker.models import Event, Notification, Respondent, User
from tracker.models.notification import ALWAYS_SENT, NotificationKind
from tracker.models.user import Role

pytestmark = pytest.mark.django_db

OF_A_CONTRIBUTOR = [NotificationKind.ASSIGNED, NotificationKind.RETURNED]
OF_A_CURATOR = [NotificationKind.STATUS_REPORTED, NotificationKind.PAPER_RETURNED]
OF_A_FOCAL_POINT = [kind for kind in NotificationKind if kind not in {*OF_A_CONTRIBUTOR, *OF_A_CURATOR, *ALWAYS_SENT}]


def told(kind: NotificationKind | None = None) -> list[tuple[str, str, str]]:
    """(name, kind, thing), in the order in which they are sent."""
    rows = Notification.objects.filter(kind=kind) if kind else Notification.objects.all()
    return list(rows.values_list("user__name", "kind", "thing"))


@pytest.fixture
def round_(bob, xaa, alice):
    return opened_round(bob, meetings=[1])


@pytest.fixture
def submission(xaa, alice, round_, unit):
    save_for_xaa("I.13", measures="The Act.", ready=True)
    return submit_ready(xaa, round_, alice)


def test_focal_points_are_always_notified_and_officers_once_a_day(submission, alice, bob, charlie, unit):
    assert told(NotificationKind.SUBMITTED) == [
        ("Alice", "submitted", "XAA/2026/1"),
        ("Bob", "submitted", "XAA/2026/1"),
    ]
    withdraw_from_round(submission=submission, reason="Too early.", by=alice)
    assert told(NotificationKind.WITHDRAWN) == [("Alice", "withdrawn", "XAA/2026/1")]
    answer = Answer(status="implemented", measures="The Act.", ready=True)
    save_answer(respondent=submission.respondent, unit=unit("I.14"), base=0, answer=answer, by=alice)
    submit_ready(submission.respondent, opened_round(bob, code="2027", meetings=[1]), alice)
    assert told(NotificationKind.SUBMITTED)[2:] == [("Alice", "submitted", "XAA/2027/1")]
    Notification.objects.update(created_at=timezone.now() - datetime.timedelta(days=1))
    again = submit_ready(submission.respondent, submission.round, alice)
    withdraw_from_round(submission=again, reason="Too early.", by=alice)
    assert told()[-3:] == [
        ("Alice", "submitted", "XAA/2026/2"),
        ("Bob", "submitted", "XAA/2026/2"),
        ("Alice", "withdrawn", "XAA/2026/2"),
    ]


NAMING_RECOMMENDATIONS = {
    *(NotificationKind.REQUESTS_CHANGED, NotificationKind.RETURNED, NotificationKind.MENTIONED),
    NotificationKind.CLARIFICATIONS,
}


@pytest.mark.parametrize("kind", NotificationKind)
def test_no_mail_names_a_recommendation_only_by_its_label(kind, submission, alice, xaa, smtp, monkeypatch):
    monkeypatch.setattr(tasks, "_can_be_sent", lambda notification: True)
    context = {"label": "I.13", "items": 1, "days": 7, "due": "2027-06-30", "questions": 2, "unanswered": 1}
    context |= {"recommendations": ["I.13"]}
    about = {"respondent": xaa, "round": submission.round, "submission": submission, "context": context}
    Notification.objects.all().delete()
    Notification.objects.create(user=alice, kind=kind, thing="mail", path="/", **about)
    assert tasks.send_waiting(Notification.objects.all()) == 1
    words = " ; ".join([*smtp.subjects, *smtp.texts()])
    assert bare_labels(words) == []
    assert (titled("I.13") in words) == (kind in NAMING_RECOMMENDATIONS)


def test_notifications_of_clarifications_and_closed_readings_contain_no_words(submission, alice, bob):
    make_person("carol", Role.CONTRIBUTOR, submission.respondent)
    asked_about(submission, {"I.13": "Which article of the secret act?"}, bob)
    close_reading(submission=submission, by=bob)
    rows = Notification.objects.filter(kind__in=[NotificationKind.CLARIFICATIONS, NotificationKind.REVIEW_CLOSED])
    assert list(rows.values_list("user__name", "kind", "context")) == [
        ("Alice", "questions", {"questions": 1, "recommendations": ["I.13"], "due": ""}),
        ("Alice", "review_closed", {"unanswered": 1}),
    ]


def test_requests_that_are_sent_later_about_the_same_submission_are_notified_too(submission, bob):
    asked_about(submission, {"I.13": "Which article?"}, bob)
    asked_about(submission, {"I.12(a)": "Since when?", "I.14": "By whom?"}, bob)
    rows = Notification.objects.filter(kind=NotificationKind.CLARIFICATIONS)
    assert list(rows.values_list("user__name", "context__recommendations")) == [
        ("Alice", ["I.13"]),
        ("Alice", ["I.12(a)", "I.14"]),
    ]


def test_focal_points_with_requested_answers_are_notified_once_of_rounds(alice, bob, charlie, xaa):
    """What meeting VII adopted is put to the Secretariat's desk in no unit."""
    secretariat = Respondent.objects.create(code="SEC", name="The Secretariat", kind="secretariat")
    make_person("sam", Role.FOCAL_POINT, secretariat)
    charlie.memberships.create(role=Role.FOCAL_POINT, respondent=xaa)
    of_states = opened_round(bob, code="2026", meetings=[7])
    assert not of_states.units.filter(unit__in=secretariat.units_to_answer()).exists()
    assert told(NotificationKind.ROUND_OPENED) == [
        ("Alice", "round_opened", "2026"),
        ("Charlie", "round_opened", "2026"),
    ]
    opened_round(bob, code="2027", meetings=[1, 2, 4])
    assert told(NotificationKind.ROUND_OPENED)[2:] == [(n, "round_opened", "2027") for n in ("Alice", "Charlie", "Sam")]


def test_a_transaction_that_is_rolled_back_notifies_nobody(
    alice, bob, round_, django_capture_on_commit_callbacks, mailoutbox
):
    Notification.objects.all().delete()
    with django_capture_on_commit_callbacks(execute=True), pytest.raises(ZeroDivisionError), transaction.atomic():
        notify([alice], kind=NotificationKind.ROUND_OPENED, thing="again", path="/desk/", round=round_)
        raise ZeroDivisionError
    assert (told(), mailoutbox) == ([], [])


def test_a_person_is_notified_once_of_the_same_thing(alice, round_):
    for _time in range(2):
        notify([alice, alice], kind=NotificationKind.ROUND_OPENED, thing="2026", path="/desk/", round=round_)
    assert told() == [("Alice", "round_opened", "2026")]


# Who wants what


def test_a_kind_that_somebody_does_not_want_is_not_written(alice, bob, round_, submission):
    choose_notifications(wanted=set(), by=bob)
    withdraw_from_round(submission=submission, reason="Too early.", by=alice)
    assert told(NotificationKind.WITHDRAWN) == [("Alice", "withdrawn", "XAA/2026/1")]


def test_a_choice_is_kept_with_an_event_that_says_what_is_unwanted(alice):
    choose_notifications(
        wanted=set(OF_A_FOCAL_POINT) - {NotificationKind.REMINDERS, NotificationKind.MENTIONED}, by=alice
    )
    alice.refresh_from_db()
    assert alice.unwanted_notifications == ["mentioned", "reminders"]
    choose_notifications(
        wanted=set(OF_A_FOCAL_POINT) - {NotificationKind.REMINDERS, NotificationKind.MENTIONED}, by=alice
    )
    choose_notifications(wanted=set(OF_A_FOCAL_POINT), by=alice)
    events = Event.everyones.filter(action="notifications chosen").order_by("pk")
    assert [event.after for event in events] == ["all but mentioned, reminders", "all"]
    alice.refresh_from_db()
    assert alice.unwanted_notifications == []


def test_notifications_for_other_roles_cannot_be_chosen_and_stay_unchanged(bob):
    User.objects.filter(pk=bob.pk).update(unwanted_notifications=[NotificationKind.MENTIONED])
    with pytest.raises(PermissionDenied):
        choose_notifications(wanted={NotificationKind.CLARIFICATIONS}, by=bob)
    with pytest.raises(PermissionDenied):
        choose_notifications(wanted=set(), by=make_person("frida"))
    choose_notifications(wanted={NotificationKind.SUBMITTED}, by=bob)
    bob.refresh_from_db()
    assert bob.unwanted_notifications == ["withdrawn", "mentioned", "reminders"]

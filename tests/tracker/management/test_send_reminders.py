"""The daily job: reminds, sends what is unsent, says so in one line, and is safe to run twice."""

import datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from tests.conftest import make_person
from tests.labels import titled
from tests.races import results_at_once
from tests.smtp import by_smtp, free_port
from tests.submissions import opened_round, send_answer
from tracker.actions.assignment import assign, return_assignment
from tracker.actions.institution import add_institution, set_institution
from tracker.actions.notification import choose_notifications
from tracker.demo.clock import on_day
from tracker.models import Assignment, Notification, Round, User
from tracker.models.notification import NotificationKind
from tracker.models.user import Role
from tracker.permissions import optional_kinds_of

pytestmark = pytest.mark.django_db


def run() -> str:
    said = StringIO()
    call_command("send_reminders", stdout=said)
    return said.getvalue()


@pytest.fixture
def due(bob, xaa, xbb, alice, charlie) -> Round:
    """A round due in 7 days, of whose opening everybody has read."""
    round_ = opened_round(bob, meetings=[1])
    round_.due_on = timezone.localdate() + datetime.timedelta(days=7)
    round_.opens_on = round_.due_on - datetime.timedelta(days=90)
    round_.opened_at = timezone.now() - datetime.timedelta(days=83)
    round_.save()
    Notification.objects.update(sent_at=timezone.now())
    return round_


def test_it_reminds_once(smtp, due):
    assert run() == "2 mails sent.\n"
    assert smtp.recipients == ["alice@example.org", "charlie@example.org"]
    assert set(smtp.subjects) == {"Dates that passed or come soon: Arandia", "Dates that passed or come soon: Belmara"}
    assert "http://127.0.0.1:8000/desk/XAA/rounds/2026/check/" in smtp.texts()[0]
    assert "Arandia: no submission yet. Round: Round 2026. Due:" in " ".join(smtp.texts()[0].split())
    assert run() == "0 mails sent.\n"


def test_a_failing_server_fails_the_job_and_the_next_run_sends(smtp, due, settings):
    by_smtp(settings, free_port())
    with pytest.raises(CommandError, match=r"^0 mails sent, 2 not sent\.$"):
        run()
    by_smtp(settings, smtp.port)
    assert run() == "2 mails sent.\n"


def test_one_refused_address_fails_the_job_after_the_others_are_sent(smtp, due):
    smtp.refused.add("alice@example.org")
    with pytest.raises(CommandError, match=r"^1 mails sent, 1 not sent\.$"):
        run()
    assert smtp.recipients == ["charlie@example.org"]


def test_a_delayed_reminder_is_replaced_by_that_of_the_day(smtp, due, settings):
    by_smtp(settings, free_port())
    with pytest.raises(CommandError):
        run()
    by_smtp(settings, smtp.port)
    with on_day(timezone.localdate() + datetime.timedelta(days=1)):
        assert run() == "2 mails sent.\n"
    assert len(smtp.subjects) == Notification.objects.filter(kind="reminders").count() == 2


@pytest.mark.django_db(transaction=True)
def test_run_many_times_at_once_it_mails_each_person_once(smtp, due, xaa):
    for name in ("amir", "anna", "axel"):
        make_person(name, Role.FOCAL_POINT, xaa)
    smtp.messages.clear()
    assert sum(int(words.split()[0]) for words in results_at_once(*[run] * 5)) == 5
    assert sorted(smtp.recipients) == [f"{name}@example.org" for name in ("alice", "amir", "anna", "axel", "charlie")]


# What is assigned


@pytest.fixture
def given(xaa, carol, alice, unit) -> Assignment:
    """I.13, with the Ministry of Justice, of which carol is, due in 7 days; of that she was told."""
    xaa.opens_all_to_contributors = False
    xaa.save()
    justice = add_institution(respondent=xaa, name="Ministry of Justice", kind="ministry", by=alice)
    set_institution(membership=carol.memberships.get(), institution=justice, by=alice)
    due_on = timezone.localdate() + datetime.timedelta(days=7)
    return assign(respondent=xaa, units=[unit("I.13")], to=justice, by=alice, due_on=due_on, note="Secret.")[0]


def test_who_has_an_item_is_mailed_of_it_and_of_its_due_date(smtp, given):
    assert run() == "2 mails sent.\n"
    assert smtp.recipients == ["carol@example.org"] * 2
    assert smtp.subjects == ["1 recommendation assigned to you: Arandia", "Dates that passed or come soon: Arandia"]
    assert "http://127.0.0.1:8000/desk/XAA/" in smtp.texts()[0]
    assert f"are due on {given.due_on:%-d %B %Y}." in " ".join(smtp.texts()[1].split())
    assert "Secret" not in "".join(smtp.texts())
    with on_day(given.due_on + datetime.timedelta(days=1)):
        assert run() == "2 mails sent.\n"
    assert f"were due on {given.due_on:%-d %B %Y}." in " ".join("".join(smtp.texts()).split())
    assert set(smtp.recipients[2:]) == {"alice@example.org", "carol@example.org"}


def test_a_week_has_one_mail_with_all_reminders_if_one_is_new(smtp, given, xaa, say):
    """The last day of carol's role and the due date of I.13 come in 7 days; a target date passes on the second day."""
    today = timezone.localdate()
    User.objects.get(name="Carol").memberships.update(until=given.due_on, since=today - datetime.timedelta(days=90))
    say("I.14", "in_progress", target_date=today + datetime.timedelta(days=1))
    Notification.objects.update(sent_at=timezone.now())
    sent = {}
    for day in range(24):
        with on_day(today + datetime.timedelta(days=day)):
            before = len(smtp.messages)
            run()
            assert run() == "0 mails sent.\n"
        sent |= {day: sorted(smtp.recipients[before:])} if smtp.recipients[before:] else {}
    alice, carol = "alice@example.org", "carol@example.org"
    assert sent == {0: [alice, carol], 7: [alice, carol], 14: [alice]}
    [_first, second, third] = [text for to, text in zip(smtp.recipients, smtp.texts(), strict=True) if to == alice]
    assert "Role: Contributor · Arandia." in second
    assert "/desk/XAA/recommendations/?target=passed" in second
    assert "\n\n\n" not in second.replace("\r", "") + third.replace("\r", "")
    assert "/desk/XAA/assignments/" in third
    assert "I.14" not in second + third


@pytest.mark.usefixtures("given")
def test_a_person_who_does_not_want_reminders_gets_none(smtp, xaa, alice):
    carol = User.objects.get(name="Carol")
    choose_notifications(wanted=set(optional_kinds_of(carol)) - {NotificationKind.REMINDERS}, by=carol)
    run()
    assert smtp.subjects == ["1 recommendation assigned to you: Arandia"]


def test_sent_answers_are_notified_daily_and_returns_to_the_assignee(smtp, given, xaa, alice, unit):
    Notification.objects.update(sent_at=timezone.now())
    carol = User.objects.get(name="Carol")
    send_answer(respondent=xaa, unit=unit("I.13"), by=carol)
    assert run() == "1 mails sent.\n"
    given.refresh_from_db()
    return_assignment(assignment=given, reason="Secret.", by=alice)
    run()
    send_answer(respondent=xaa, unit=unit("I.13"), by=carol)
    assert run() == "0 mails sent.\n"
    told = list(zip(smtp.recipients, smtp.subjects, strict=True))
    assert told[0] == ("alice@example.org", "Answer to check: Arandia")
    assert ("carol@example.org", f"Answer returned to you: {titled('I.13')}") in told
    assert "Secret" not in "".join(smtp.texts())


def test_nobody_is_mailed_of_items_who_does_not_want_it_or_has_them_no_more(smtp, given, xaa, unit):
    carol = User.objects.get(name="Carol")
    choose_notifications(wanted={NotificationKind.ASSIGNED}, by=carol)
    send_answer(respondent=xaa, unit=unit("I.13"), by=carol)
    assert run() == "1 mails sent.\n"
    assert smtp.recipients == ["alice@example.org"]

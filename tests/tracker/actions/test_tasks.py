"""Mail of what happened: over a real mail server, once, to those whom it concerns when it is sent."""

import asyncio
import datetime
import itertools
import os
import re
import subprocess
import sys

import pytest
from django.conf import settings as configured
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from tests.conftest import make_person, save_for_xaa
from tests.database import as_owner, database_url
from tests.labels import titled
from tests.races import results_at_once
from tests.smtp import by_smtp, free_port
from tests.submissions import asked_about, opened_round, submit_ready
from tracker.actions.notification import choose_notifications
from tracker.actions.reading_restriction import add_restriction
from tracker.actions.remark import close_reading
from tracker.actions.submission import withdraw_from_round
from tracker.actions.tasks import CLAIM, MAILS_WHILE_SOMEBODY_WAITS, send_waiting
from tracker.models import Membership, Notification, Participation, User
from tracker.models.notification import NotificationKind
from tracker.models.user import Role

pytestmark = pytest.mark.django_db

ANSWER = "Quetzalcanary in the answer"
QUESTION = "Quetzalcanary in the question"


@pytest.fixture
def round_(bob, xaa, alice):
    return opened_round(bob, meetings=[1])


@pytest.fixture
def submission(xaa, alice, round_, unit):
    save_for_xaa("I.13", measures=ANSWER, ready=True)
    return submit_ready(xaa, round_, alice)


def send(kind: NotificationKind | None = None) -> int:
    return send_waiting(Notification.objects.filter(kind=kind) if kind else Notification.objects.all())


def links(text: str) -> list[str]:
    return re.findall(r"http://127\.0\.0\.1:8000(/\S*)", text)


def flat(text: str) -> str:
    return " ".join(text.split())


# What it says


def test_the_receipt_of_a_submission(smtp, submission, alice):
    send(NotificationKind.SUBMITTED)
    assert smtp.recipients == ["alice@example.org", "bob@example.org"]
    _to, message = smtp.messages[0]
    text, html = (message.get_body([kind]).get_content() for kind in ("plain", "html"))
    at = submission.sealed_at.strftime("%-d %B %Y, %H:%M UTC")
    assert message["Subject"] == "Submitted: Arandia, XAA/2026/1"
    assert message["Auto-Submitted"] == "auto-generated"
    assert f"Arandia: answers were submitted on {at}. Round: Round 2026." in text
    assert "Receipt: XAA/2026/1" in text
    assert f"First 16 characters of the digest: {submission.digest[:16]}" in text
    assert links(text) == [f"/verify/{submission.code}/", "/submissions/XAA/2026/1/", "/account/notifications/"]
    for link in links(text):
        assert f'href="http://127.0.0.1:8000{link}"' in html
    lines = text.splitlines()
    assert lines[:2] == ["Dear Alice,", ""]
    assert ("", "") not in itertools.pairwise(lines)


def test_every_kind_leads_to_its_page_and_holds_no_word_of_an_answer_or_a_question(smtp, submission, alice, bob):
    send()
    asked_about(submission, {"I.13": QUESTION}, bob)
    send(NotificationKind.CLARIFICATIONS)
    Participation.everyones.update(asked_at=timezone.now() - datetime.timedelta(days=7))
    call_command("send_reminders", verbosity=0)
    close_reading(submission=submission, by=bob)
    send()
    withdraw_from_round(submission=submission, reason="Quetzalcanary in the reason", by=alice)
    send()
    to_alice = [message for to, message in smtp.messages if to == ["alice@example.org"]]
    said = {message["Subject"]: message.get_body(["plain"]).get_content() for message in to_alice}
    assert list(said) == [
        "Now open: Round 2026",
        "Submitted: Arandia, XAA/2026/1",
        "1 clarification requested: XAA/2026/1",
        "Dates that passed or come soon: Arandia",
        "Reading closed: XAA/2026/1",
        "Withdrawn: Arandia, XAA/2026/1",
    ]
    page = "/submissions/XAA/2026/1/"
    pages = ["/desk/", page, f"{page}questions/", f"{page}questions/", page, page]
    assert [links(text)[-2] for text in said.values()] == pages
    assert "may submit until 31 January 2027. Later submissions are welcome" in flat(said["Now open: Round 2026"])
    assert "sent 1 request for clarification." in flat(said["1 clarification requested: XAA/2026/1"])
    for subject in ("1 clarification requested: XAA/2026/1", "Dates that passed or come soon: Arandia"):
        assert titled("I.13") in said[subject]
    assert "1 request for clarification has no reply." in flat(said["Reading closed: XAA/2026/1"])
    assert [message for _to, message in smtp.messages if "Quetzalcanary" in message.as_string()] == []


# To whom


def ended(alice, **_people):
    Membership.objects.filter(user=alice).update(ended_at=timezone.now())


def let_in_no_more(alice, **_people):
    User.objects.filter(pk=alice.pk).update(is_active=False)


def unwanted(alice, **_people):
    choose_notifications(wanted=set(), by=alice)


@pytest.mark.parametrize("meanwhile", [ended, let_in_no_more, unwanted])
def test_a_person_who_is_no_longer_concerned_is_not_notified(smtp, submission, alice, bob, meanwhile):
    meanwhile(alice=alice)
    assert send() == 1
    assert smtp.recipients == ["bob@example.org"]
    assert not Notification.objects.waiting().exists()


def test_an_officer_restricted_later_is_not_notified(smtp, submission, xaa, bob, erin):
    add_restriction(user=bob, respondent=xaa, by=erin)
    send()
    assert set(smtp.recipients) == {"alice@example.org"}


def test_a_focal_point_of_another_state_is_not_notified(smtp, submission, charlie):
    told = {"thing": "XAA/2026/1", "path": "/", "respondent": submission.respondent, "round": submission.round}
    Notification.objects.create(user=charlie, kind=NotificationKind.SUBMITTED, submission=submission, **told)
    send()
    assert "charlie@example.org" not in smtp.recipients


# When something fails


def test_a_mail_server_that_is_down_fails_no_action_and_the_next_run_sends(
    settings, smtp, xaa, alice, bob, unit, django_capture_on_commit_callbacks
):
    by_smtp(settings, free_port())
    with django_capture_on_commit_callbacks(execute=True):
        round_ = opened_round(bob, meetings=[1])
        save_for_xaa("I.13", measures="The Act.", ready=True)
        submit_ready(xaa, round_, alice)
    assert Notification.objects.waiting().count() == 3
    by_smtp(settings, smtp.port)
    assert send() == 3
    assert sorted(smtp.subjects) == ["Now open: Round 2026"] + ["Submitted: Arandia, XAA/2026/1"] * 2


@pytest.mark.parametrize("at_most", [None, 20])
def test_an_address_that_is_refused_or_is_none_does_not_hold_up_the_others(smtp, submission, alice, bob, at_most):
    """Refused by the server; broken so that no server is asked."""
    broken = make_person("ben", Role.FOCAL_POINT, submission.respondent)
    User.objects.filter(pk=broken.pk).update(email="ben@example.org\r\nBcc: all@example.org")
    last = make_person("amir", Role.FOCAL_POINT, submission.respondent)
    about = {"path": "/", "respondent": submission.respondent, "round": submission.round, "submission": submission}
    for person in (alice, broken, last):
        Notification.objects.create(user=person, kind=NotificationKind.SUBMITTED, thing="poison", **about)
    smtp.refused.add("alice@example.org")
    assert send_waiting(Notification.objects.filter(thing="poison"), at_most) == 1
    assert smtp.recipients == ["amir@example.org"]
    assert sorted(told.user.name for told in Notification.objects.filter(thing="poison").waiting()) == ["Alice", "Ben"]
    smtp.refused.clear()
    assert send_waiting(Notification.objects.filter(thing="poison"), at_most) == 1
    assert smtp.recipients == ["amir@example.org", "alice@example.org"]


def test_a_server_that_hangs_up_keeps_nobody_waiting_and_the_daily_job_goes_on(smtp, submission, alice, bob):
    smtp.hung_up_on.add("alice@example.org")
    rows = Notification.objects.filter(kind=NotificationKind.SUBMITTED)
    assert send_waiting(rows, at_most=20) == 0
    assert send_waiting(rows) == 1
    assert smtp.recipients == ["bob@example.org"]


def test_nobody_waits_for_more_than_a_few_mails_the_focal_points_first(
    smtp, submission, xaa, alice, django_capture_on_commit_callbacks
):
    for number in range(MAILS_WHILE_SOMEBODY_WAITS + 4):
        make_person(f"reader{number:02}", Role.REVIEWER)
    Notification.objects.all().delete()
    with django_capture_on_commit_callbacks(execute=True):
        withdraw_from_round(submission=submission, reason="Too early.", by=alice)
    assert len(smtp.messages) == MAILS_WHILE_SOMEBODY_WAITS
    assert smtp.recipients[0] == "alice@example.org"
    assert send() == 6  # Bob, and the last of the readers


# Once


def test_who_died_while_sending_is_made_up_for_after_a_while(smtp, submission):
    rows = Notification.objects.filter(kind=NotificationKind.SUBMITTED)
    rows.update(begun_at=timezone.now() - CLAIM / 2)
    assert send() == 1
    rows.update(begun_at=timezone.now() - CLAIM * 2)
    assert send() == 2
    assert send() == 0


@pytest.mark.django_db(transaction=True)
def test_many_senders_at_once_mail_each_person_once(smtp, xaa, bob):
    names = [f"amir{number}" for number in range(10)]
    for name in names:
        make_person(name, Role.FOCAL_POINT, xaa)
    round_ = opened_round(bob, meetings=[1])
    smtp.messages.clear()
    Notification.objects.update(sent_at=None, begun_at=None)
    assert sum(results_at_once(*[send] * 6)) == 10
    assert sorted(smtp.recipients) == sorted(f"{name}@example.org" for name in names)
    assert round_.code == "2026"


@pytest.mark.django_db(transaction=True)
def test_no_row_is_locked_while_the_server_is_spoken_to(smtp, alice, bob, xaa):
    """A slow mail server must not stop everybody's saving, as a transaction would on SQLite."""
    seen = []

    async def handle_DATA(server, session, envelope):
        seen.append(await asyncio.to_thread(saved_meanwhile, alice))
        return "250 kept"

    smtp.handle_DATA = handle_DATA
    opened_round(bob, meetings=[1])
    assert seen == [True]


def saved_meanwhile(alice) -> bool:
    """In another connection."""
    try:
        with transaction.atomic():
            return User.objects.filter(pk=alice.pk).update(name="Alicia") == 1
    finally:
        connections.close_all()


# With a worker

ACT = """
import django
django.setup()
from django.core.management import call_command
call_command("makemigrations", check_changes=True, dry_run=True, verbosity=0)
call_command("migrate", "django_tasks_database", verbosity=0)
from django.db import transaction
from tracker.actions.notification import notify
from tracker.models import Notification, Round, User
from tracker.models.notification import NotificationKind
alice, round_ = User.objects.get(email="alice@example.org"), Round.objects.get()
told = dict(kind=NotificationKind.ROUND_OPENED, path="/desk/", round=round_)
with transaction.atomic():
    notify([alice], thing="done", **told)
try:
    with transaction.atomic():
        notify([alice], thing="undone", **told)
        raise ZeroDivisionError
except ZeroDivisionError:
    pass
from django_tasks_db.models import DBTaskResult
print([task.args_kwargs["args"] for task in DBTaskResult.objects.all()])
"""


def in_another_process(*arguments: str, port: int) -> str:
    """What a Python with the worker switched on, and this database and mail server, prints."""
    environment = os.environ | {
        "DATABASE_URL": database_url(),
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "TASKS_WORKER": "on",
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": str(port),
    }
    done = subprocess.run(
        [sys.executable, *arguments], cwd=configured.BASE_DIR, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.django_db(transaction=True)
@pytest.mark.thorough
def test_a_worker_mails_what_was_done_and_nothing_that_was_undone(smtp, alice, bob, xaa):
    opened_round(bob, meetings=[1])
    smtp.messages.clear()
    try:
        assert in_another_process("-c", ACT, port=smtp.port) == "[['round_opened', 'done']]\n"
        assert smtp.messages == []
        in_another_process("manage.py", "db_worker", "--batch", port=smtp.port)
        assert (smtp.recipients, smtp.subjects) == (["alice@example.org"], ["Now open: Round 2026"])
        assert not Notification.objects.waiting().exists()
    finally:
        drop_the_workers_tables()


def drop_the_workers_tables() -> None:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS django_tasks_database_dbtaskresult")
        MigrationRecorder(connection).migration_qs.filter(app="django_tasks_database").delete()

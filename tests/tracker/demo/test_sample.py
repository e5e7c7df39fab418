"""What the demonstration shows: rounds, readings, and desks with a team at work. It is prepared once for all of it."""

import csv
import datetime
import os
import re
import socket
import subprocess
import sys
import threading
from collections import Counter
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener, urlopen

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.core import mail
from django.core.management import call_command
from django.db import connection
from django.test import override_settings

from recommendations.models import Recommendation
from tests.catalogue_events import later_events
from tests.database import as_owner
from tests.thorough import IS_THOROUGH
from tests.tracker.management.test_demo import FURTHER, STATES, current, demo, everything, saves
from tracker.actions.respondent import STATES as REAL_STATES
from tracker.demo.people import PASSWORD
from tracker.figures.progress import progress_by_round
from tracker.models import (
    Comment,
    Event,
    Evidence,
    Institution,
    Membership,
    Notification,
    Participation,
    Proposal,
    Record,
    Release,
    Respondent,
    Revision,
    Round,
    Submission,
    SubmissionItem,
    TranscriptionRequest,
    User,
)
from tracker.models.change import ChangeCode
from tracker.models.respondent import RespondentKind
from tracker.models.status import Status
from tracker.queries.desk.assignments import items_on_desk

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.thorough]

DECEMBER = datetime.date(2024, 12, 10)


@pytest.fixture(scope="module", autouse=True)
def prepared(for_the_module) -> str:
    """What the command prints."""
    with override_settings(DEBUG=True), as_owner():
        return demo()


@pytest.fixture
def xaa():
    return Respondent.objects.get(code="XAA")


@pytest.fixture
def alice():
    return User.objects.get(email="alice@arandia.example")


def test_it_prepares_everything_and_a_second_start_changes_nothing(prepared, settings):
    settings.DEBUG = True
    before = everything()
    assert demo() == prepared.removeprefix("Preparing the demonstration…\n")
    assert everything() == before

    assert Recommendation.objects.count() == 317
    invented = [respondent for respondent in Respondent.objects.all() if respondent.is_sample]
    assert {respondent.code for respondent in invented} == {*STATES, *FURTHER}
    assert {code: Record.everyones.filter(respondent__code=code).count() for code in STATES} == {
        code: len(current(state)) for code, state in STATES.items()
    }
    assert Record.everyones.exclude(respondent__in=invented).count() == 0
    assert Evidence.everyones.exclude(respondent__in=invented).count() == 0
    assert Respondent.objects.filter(kind=RespondentKind.STATE).exclude(pk__in=[r.pk for r in invented]).count() == 197
    saved = Revision.everyones.filter(record__respondent__code__in=STATES).exclude(change_code=ChangeCode.READY)
    assert saved.count() == sum(len(saves(state)) for state in STATES.values())
    ready = Record.everyones.filter(current__ready=True)
    assert {code: ready.filter(respondent__code=code).count() for code in STATES} == {
        code: sum(answer.get("ready", False) for answer in current(state).values()) for code, state in STATES.items()
    }


# Rounds


def test_an_open_round_has_submissions_in_every_stage_of_reading():
    participations = Participation.everyones.filter(round__code="2026").order_by("respondent")
    assert list(participations.values_list("respondent__code", "current__number", "state")) == [
        ("XBB", 1, "clarification_requested"),
        ("XCC", 1, "submitted"),
        ("XDD", 2, "review_closed"),
        ("XEE", 1, "submitted"),
        ("XFF", 1, "submitted"),
    ]
    published = Submission.objects.published().filter(round__code="2026")
    assert [submission.reference for submission in published] == ["XCC/2026/1"]


def test_submissions_of_the_closed_round_have_dates_of_that_time():
    assert Round.objects.get(code="2024").closes_on == datetime.date(2025, 2, 28)
    submitted = Submission.everyones.filter(round__code="2024", respondent__code__in=STATES).order_by("respondent")
    assert list(submitted.values_list("respondent__code", "sealed_at__date", "late")) == [
        (code, DECEMBER, False) for code in ("XAA", "XBB", "XCC", "XDD", "XEE", "XFF")
    ]
    assert [(of.round.code, of.submitted.numerator, of.all_counted.numerator) for of in progress_by_round()] == [
        ("2026", 5, 5),
        ("2024", 25, 25),
    ]


def test_what_was_submitted_for_the_earlier_round_is_read_and_waits_for_nobody():
    earlier = Participation.everyones.filter(round__code="2024")
    read = {("review_closed", "bob@secretariat.example", datetime.date(2025, 1, 20), 0)}
    assert set(earlier.values_list("state", "taken_by__email", "closed_at__date", "unanswered")) == read
    for submission in Submission.everyones.filter(round__code="2024"):
        assert not submission.items(manager="everyones").filter(remark__isnull=True).exists()
        moves = Event.everyones.filter(target=f"submission {submission.reference}", chain=submission.respondent.code)
        assert list(moves.order_by("number").values_list("action", flat=True)) == [
            "submitted",
            "submission taken",
            "review closed",
        ]


def test_the_trails_are_valid_and_in_order_of_time():
    call_command("verify_audit")
    chains = set(Event.everyones.values_list("chain", flat=True))
    for chain in chains:
        times = list(later_events().filter(chain=chain).order_by("number").values_list("at", flat=True))
        assert times == sorted(times)
    assert {"site", "XAA", "XBB", "XHH"} <= chains


def test_nobody_is_notified_of_invented_data():
    assert Notification.objects.filter(sent_at__isnull=True).count() == 0
    assert mail.outbox == []


# Public figures


def test_the_release_covers_enough_states_and_few_of_them_published():
    release = Release.objects.get()
    published = Submission.objects.published().filter(round=release.round).values_list("respondent__code", flat=True)
    assert (release.round.code, release.covered) == ("2024", 25)
    assert list(published.order_by("respondent__code")) == ["XCE", "XFA", "XJJ", "XMM", "XOO", "XVV"]


def test_some_recommendations_are_widely_implemented_and_others_hardly():
    items = SubmissionItem.everyones.filter(submission__round__code="2024")
    implemented = Counter(items.filter(status=Status.IMPLEMENTED).values_list("unit__label", flat=True))
    units = set(items.values_list("unit__label", flat=True))
    assert len(units) == 230
    assert len([label for label in units if implemented[label] >= 12]) > 5
    assert len([label for label in units if implemented[label] <= 2]) > 20
    assert set(items.values_list("status", flat=True)) == {"", *Status.values}


def test_further_states_do_not_exist():
    real = {row["name"] for row in csv.DictReader(REAL_STATES.read_text(encoding="utf-8").splitlines())}
    assert {state["respondent"]["name"] for state in FURTHER.values()} & real == set()
    assert [code for code in FURTHER if not re.fullmatch("X[A-Z]{2}", code)] == []


def test_nobody_can_sign_in_for_a_further_state(prepared):
    memberships = Membership.objects.filter(respondent__code__in=FURTHER).select_related("user")
    assert memberships.count() == len(FURTHER)
    assert [each.user.email for each in memberships if each.user.has_usable_password()] == []
    assert [each.user.email for each in memberships if each.user.email in prepared] == []


# Teams


def test_items_are_ready_returned_and_overdue(xaa, alice):
    items = items_on_desk(xaa, alice)
    assert [row.unit.label for row in items.ready] == ["V.20", "V.22"]
    assert [row.unit.label for row in items.returned] == ["VI.9", "IV.46(c)"]
    assert [row.unit.label for row in items.overdue] == ["II.13", "VI.19"]


def test_two_ministries_make_different_suggestions_and_discuss_them(xaa, alice):
    waiting = Proposal.objects.visible_to(alice).waiting().filter(respondent=xaa)
    assert list(waiting.values_list("unit__label", "author__email", "fields__status")) == [
        ("VI.19", "tomas@arandia.example", "implemented"),
        ("VI.19", "ruth@arandia.example", "partially_implemented"),
    ]
    thread = Comment.objects.visible_to(alice).filter(unit__label="VI.19").order_by("number")
    names = dict(User.objects.values_list("pk", "email"))
    assert [[names[told] for told in comment.mentioned] for comment in thread] == [
        ["tomas@arandia.example"],
        [],
        ["alice@arandia.example"],
    ]


def test_one_ministry_has_nobody_yet(xaa):
    offered = Institution.everyones.filter(respondent=xaa, assignments__isnull=False).distinct()
    staffed = Membership.objects.filter(institution__in=offered).values("institution")
    assert [str(one) for one in offered.exclude(pk__in=staffed)] == ["Ministry of the Interior"]


def test_what_halvania_sent_on_paper_waits_for_it():
    request = TranscriptionRequest.everyones.get()
    assert (request.respondent.code, request.is_open) == ("XHH", True)
    waiting = Proposal.everyones.filter(respondent__code="XHH", origin="transcription", state="offered")
    assert list(waiting.values_list("unit__label", flat=True)) == ["I.14", "I.11(a)"]


# The server


def test_one_command_serves_the_sample_only_on_this_machine(tmp_path):
    """No variable is set and, with CI set, no database is there: the first start takes at most 40 s of processor time.
    By default everything is prepared already.
    """
    port = _free_port()
    if not IS_THOROUGH:
        _copy_database(tmp_path / "demo.sqlite3")
    with _started(str(port), tmp_path) as server:
        limit = threading.Timer(180, server.kill)
        limit.start()
        try:
            assert any("Quit the server" in line for line in server.stdout) is True
            assert "Arandia" in _sign_in(f"http://127.0.0.1:{port}", "alice@arandia.example")
            with pytest.raises(URLError):
                urlopen(f"http://127.0.0.2:{port}/livez", timeout=5)
        finally:
            limit.cancel()
            server.terminate()


def _copy_database(path: Path) -> None:
    """With what is prepared, which only this connection sees, and a password as the server reads it."""
    User.objects.filter(email="alice@arandia.example").update(password=PBKDF2PasswordHasher().encode(PASSWORD, "salt"))
    path.write_bytes(connection.connection.serialize())


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _started(port, tmp_path):
    supplied = {"SECRET_KEY", "DEBUG", "DJANGO_SETTINGS_MODULE"}
    environment = {name: value for name, value in os.environ.items() if name not in supplied} | {
        "DATABASE_URL": f"sqlite:///{tmp_path / 'demo.sqlite3'}",
        "FILES_DIR": str(tmp_path / "files"),
        "PYTHONUNBUFFERED": "1",
    }
    return subprocess.Popen(
        ["sh", "-c", 'ulimit -t 40; exec "$@"', "sh", sys.executable, "manage.py", "demo", port],
        cwd=django_settings.BASE_DIR,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def _sign_in(address, email) -> str:
    """The page on which a person lands after signing in."""
    browser = build_opener(HTTPCookieProcessor(CookieJar()))
    form = browser.open(f"{address}/accounts/login/").read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form)[1]
    posted = urlencode({"csrfmiddlewaretoken": token, "login": email, "password": PASSWORD}).encode()
    return browser.open(f"{address}/accounts/login/", posted).read().decode()

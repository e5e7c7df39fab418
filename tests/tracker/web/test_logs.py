"""What the log says of sign-ins, may say of an error, and that it never holds an answer."""

import errno
import logging
import re
from functools import partial

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import IntegrityError, connection

from tests.conftest import PASSWORD
from tests.database import as_owner
from tracker.web.logs import request_id

SECRET = "Jane Doe, who lives in Port Arand"
REFUSE_AND_QUOTE = {
    "sqlite": f"CREATE TRIGGER refuse BEFORE INSERT ON tracker_revision BEGIN SELECT RAISE(ABORT, '{SECRET}'); END",
    "postgresql": "ALTER TABLE tracker_revision ADD CONSTRAINT refuse CHECK (number < 0) NOT VALID",
}


def test_an_answer_that_the_database_refuses_is_not_in_the_log(desk, unit, log):
    desk.raise_request_exception = False
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(REFUSE_AND_QUOTE[connection.vendor])
    page = f"/desk/XAA/recommendations/{unit('I.13').slug}/"
    answer = desk.post(page, {"status": "implemented", "measures": SECRET, "language": "en"})
    kind, error, _calls = answer.exc_info
    assert (answer.status_code, kind) == (503, IntegrityError)
    assert SECRET in str(error)
    assert log.getvalue().endswith("django.db.utils.IntegrityError\n")
    assert "_append_revisions" in log.getvalue()
    assert SECRET not in log.getvalue()


def test_the_words_of_a_search_are_not_in_the_log(desk, log):
    assert desk.get("/desk/XAA/nowhere/", {"q": SECRET}).status_code == 404
    line = log.getvalue()
    assert re.search(r" WARNING django\.request [0-9a-f]{32} Not Found: /desk/XAA/nowhere/\n$", line)


def test_an_error_is_logged_with_its_cause(log):
    try:
        try:
            raise ValueError(SECRET)
        except ValueError as error:
            raise KeyError(SECRET) from error
    except KeyError:
        logging.getLogger("tracker").exception("it went wrong")
    logged = log.getvalue()
    message, *calls = logged.rstrip("\n").split("\\n")
    assert message.endswith(f"ERROR tracker {request_id.get()} it went wrong")
    assert [call for call in calls if ".py:" not in call] == [
        "builtins.ValueError",
        "from which came",
        "builtins.KeyError",
    ]
    assert SECRET not in logged


def test_what_fails_after_a_commit_is_not_logged_with_what_it_was_given(log):
    """Such as the address and the link of a mail: Django logs the call, and the words of the error."""
    try:
        raise ValueError(SECRET)
    except ValueError as error:
        logging.getLogger("django").exception("Error calling %s in on_commit() (%s).", partial(len, SECRET), error)
    assert " Error calling partial in on_commit() (ValueError).\\n" in log.getvalue()
    assert SECRET not in log.getvalue()


@pytest.mark.parametrize("end", ["\n", "\r", "\x0b", "\x85", "\u2028", "\x1b[2K", "\x9b2K", "\u202e"])
def test_attack_a_line_break_in_an_address_forges_no_line_of_the_log(client, log, end):
    forged = "2026-11-28 00:00:00,000 INFO tracker.sign_in - signed in: person 1"
    logging.getLogger("tracker").info("asked for: %s%s", end, forged)
    client.get(f"/nowhere/{end}{forged}")
    assert len(log.getvalue().splitlines()) == 2
    assert {"\x1b", "\x9b", "\u202e"}.isdisjoint(log.getvalue())


@pytest.mark.parametrize(
    ("proxies", "sent", "is_taken"),
    [
        (1, "0123456789abcdef0123456789abcdef", True),
        (0, "0123456789abcdef0123456789abcdef", False),
        (1, "x y\nforged", False),
        (1, "x" * 65, False),
    ],
)
def test_a_request_has_the_number_that_a_trusted_proxy_gave_it(client, log, settings, proxies, sent, is_taken):
    settings.TRUSTED_PROXY_COUNT = proxies
    response = client.get("/nowhere/", headers={"X-Request-ID": sent})
    assert (response["X-Request-ID"] == sent) == is_taken
    assert f" {response['X-Request-ID']} Not Found: /nowhere/\n" in log.getvalue()


def test_the_system_number_of_an_error_is_logged(log):
    try:
        raise OSError(errno.ENOSPC, SECRET)
    except OSError:
        logging.getLogger("tracker").exception("the disk")
    assert log.getvalue().endswith("builtins.OSError [errno 28]\n")


@pytest.mark.parametrize("name", ["django", "django.request", "django.security.csrf", "allauth", "tracker"])
def test_nothing_is_logged_by_another_way(name):
    """Django would mail errors to administrators, with the whole request."""
    logger = logging.getLogger(name)
    assert (logger.handlers, logger.propagate) == ([], True)


def test_the_servers_own_errors_go_the_same_way():
    assert settings.LOGGING["loggers"]["gunicorn.error"] == {"handlers": ["console"], "propagate": False}


@pytest.mark.django_db
def test_sign_ins_are_logged_by_number(client, alice, caplog):
    with caplog.at_level(logging.INFO, "tracker.sign_in"):
        for email, password in [(alice.email, "wrong")] * 5 + [
            (alice.email, PASSWORD),
            ("nobody@example.org", "wrong"),
        ]:
            client.post("/accounts/login/", {"login": email, "password": password})
        cache.clear()
        client.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})
    number = f"person {alice.pk}"
    assert [record.getMessage() for record in caplog.records if record.name == "tracker.sign_in"] == [
        *[f"an attempt to sign in failed: {number}"] * 5,
        f"an attempt to sign in has to wait: {number}",
        "an attempt to sign in failed: nobody who is known",
        f"signed in, in a browser that is new: {number}",
    ]
    assert "@" not in caplog.text

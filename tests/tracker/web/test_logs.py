"""What the log says of sign-ins, may say of an error, and that it never holds an answer."""

import errno
import io
import logging

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import IntegrityError, connection

from tests.conftest import PASSWORD
from tests.database import as_owner
from tracker.web.logs import ErrorFormat

SECRET = "Jane Doe, who lives in Port Arand"
REFUSE_AND_QUOTE = {
    "sqlite": f"CREATE TRIGGER refuse BEFORE INSERT ON tracker_revision BEGIN SELECT RAISE(ABORT, '{SECRET}'); END",
    "postgresql": "ALTER TABLE tracker_revision ADD CONSTRAINT refuse CHECK (number < 0) NOT VALID",
}


@pytest.fixture
def log():
    """What the site's one handler writes."""
    handler = next(each for each in logging.getLogger().handlers if isinstance(each.formatter, ErrorFormat))
    written = io.StringIO()
    before = handler.setStream(written)
    yield written
    handler.setStream(before)


def test_an_answer_that_the_database_refuses_is_not_in_the_log(client, alice, unit, log):
    client.force_login(alice)
    client.raise_request_exception = False
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(REFUSE_AND_QUOTE[connection.vendor])
    page = f"/desk/XAA/recommendations/{unit('I.13').slug}/"
    answer = client.post(page, {"status": "implemented", "measures": SECRET, "language": "en"})
    kind, error, _calls = answer.exc_info
    assert (answer.status_code, kind) == (500, IntegrityError)
    assert SECRET in str(error)
    assert log.getvalue().endswith("django.db.utils.IntegrityError\n")
    assert "_save_next" in log.getvalue()
    assert SECRET not in log.getvalue()


def test_the_words_of_a_search_are_not_in_the_log(client, alice, log):
    client.force_login(alice)
    assert client.get("/desk/XAA/nowhere/", {"q": SECRET}).status_code == 404
    assert log.getvalue().endswith("WARNING django.request Not Found: /desk/XAA/nowhere/\n")


def test_an_error_is_told_with_what_it_came_from(log):
    try:
        try:
            raise ValueError(SECRET)
        except ValueError as error:
            raise KeyError(SECRET) from error
    except KeyError:
        logging.getLogger("tracker").exception("it went wrong")
    told = log.getvalue()
    assert [line for line in told.splitlines() if not line.startswith(" ")][-3:] == [
        "builtins.ValueError",
        "from which came",
        "builtins.KeyError",
    ]
    assert told.splitlines()[0].endswith("ERROR tracker it went wrong")
    assert SECRET not in told


def test_the_systems_number_of_an_error_is_told(log):
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

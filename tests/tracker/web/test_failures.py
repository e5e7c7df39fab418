"""While the database is away or a lock is held: a page with what was typed, and one line in the log."""

import html
import re
import sqlite3
from contextlib import closing, contextmanager

import psycopg
import pytest
from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, OperationalError, connection

from recommendations.append_only import create_triggers, remove_triggers
from tests.client import Client
from tests.database import as_owner, copied_database, database_url
from tests.tracker.web.test_large_bodies import Unread
from tracker.models import Event, Record
from tracker.models.session import SessionStore

TEXT = "The Act of 2019 <b>&amp;\r\nقانون"
on_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="a lock of SQLite")
on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="a server of PostgreSQL")
NOWHERE = {"NAME": "/nowhere/db.sqlite3"} if connection.vendor == "sqlite" else {"HOST": "127.0.0.1", "PORT": "1"}
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def browser(alice):
    client = Client(raise_request_exception=False)
    client.force_login(alice)
    return client


@pytest.fixture
def page(unit):
    return f"/desk/XAA/recommendations/{unit('I.13').slug}/"


def type_answer(**fields):
    return {"status": "implemented", "language": "en", "measures": TEXT, "password": "secret", **fields}


@contextmanager
def settings_of_connection(**changes):
    """Connect with other settings, and with the former ones at the end."""
    before = {name: connection.settings_dict[name] for name in changes}
    connection.close()
    connection.settings_dict.update(changes)
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(before)


@contextmanager
def locked_sqlite(*statements):
    """Another process holds the lock; the site waits a tenth of a second for it."""
    options = connection.settings_dict["OPTIONS"] | {"timeout": 0.1}
    file = connection.settings_dict["NAME"]
    with settings_of_connection(OPTIONS=options), closing(sqlite3.connect(file, isolation_level=None)) as other:
        for statement in statements:
            other.execute(statement)
        yield


@contextmanager
def locked_postgresql():
    """Another connection holds the rows; the site waits a tenth of a second for them."""
    options = connection.settings_dict["OPTIONS"] | {"options": "-c lock_timeout=100ms"}
    with settings_of_connection(OPTIONS=options), psycopg.connect(database_url()) as other:
        other.execute("LOCK TABLE tracker_record, tracker_revision IN ACCESS EXCLUSIVE MODE")
        yield
        other.rollback()


def assert_away(response, log):
    shown = response.content.decode()
    assert (response.status_code, response["Retry-After"]) == (503, "30")
    assert response["Cache-Control"] == "private, no-store"
    assert "<h1>The site is not available at present</h1>" in shown
    assert f"Reference: {response['X-Request-ID']}" in shown
    assert shown.count(response["X-Request-ID"]) == 1
    [line] = log.getvalue().splitlines()
    assert re.search(
        rf" ERROR tracker\.web\.failures {response['X-Request-ID']} the database is away: \w+Error \w*$", line
    )
    return shown


def send_again(browser, shown):
    """Press the button of the page."""
    action, form = re.search(r'<form method="post" action="([^"]+)">(.*?)</form>', shown, re.DOTALL).groups()
    fields = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', form)
    return browser.post(html.unescape(action), {html.unescape(name): html.unescape(value) for name, value in fields})


def assert_text_is_kept(browser, shown):
    assert "secret" not in shown
    assert send_again(browser, shown).status_code == 302
    assert Record.everyones.get().current.measures == TEXT.replace("\r\n", "\n")


@on_sqlite
def test_sqlite_never_says_locked(browser, page, log):
    with locked_sqlite("BEGIN IMMEDIATE"):
        assert browser.get(page).status_code == 200
        shown = assert_away(browser.post(page, type_answer()), log)
    assert "locked" not in shown
    assert_text_is_kept(browser, shown)


def test_what_was_done_is_shown_where_the_last_use_of_the_session_cannot_be_saved(browser, page, log, monkeypatch):
    """Else a saved answer would be said not to be saved, and no page could be read while the disk is full."""

    def fail(_session):
        raise OperationalError("database or disk is full")

    monkeypatch.setattr(SessionStore, "note_seen", fail)
    assert browser.post(page, type_answer()).status_code == 302
    assert browser.get(page).status_code == 200
    assert log.getvalue().count(" ERROR tracker.web.middleware ") == 2
    assert "disk is full" not in log.getvalue()


@on_sqlite
def test_sqlite_locked_for_readers_too(browser, page, log):
    """In a database of its own, which no thread of another test still has open."""
    with copied_database(), locked_sqlite("PRAGMA locking_mode=EXCLUSIVE", "BEGIN EXCLUSIVE", "DELETE FROM cache"):
        shown = assert_away(browser.get(page), log)
    assert f'href="{page}"' in shown


@on_postgresql
def test_a_lock_of_postgresql_is_not_waited_for_longer_than_its_limit(browser, page, log):
    with locked_postgresql():
        shown = assert_away(browser.post(page, type_answer()), log)
    assert_text_is_kept(browser, shown)


@on_postgresql
def test_a_server_that_restarts_between_two_requests_is_not_noticed(browser, page):
    assert browser.get(page).status_code == 200
    _end_connections()
    connection.health_check_done = False  # as at the end of a request
    assert browser.get(page).status_code == 200


@on_postgresql
def test_a_server_that_restarts_within_a_request(browser, page, log):
    """The connection ends when the answer is saved."""

    def end(execute, sql, params, many, context):
        if sql.startswith("INSERT INTO") and "tracker_revision" in sql:
            _end_connections()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(end):
        shown = assert_away(browser.post(page, type_answer()), log)
    assert_text_is_kept(browser, shown)


def _end_connections():
    with psycopg.connect(database_url(), autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid()"
        )


def test_what_the_database_refuses_can_be_sent_again(browser, page, unit):
    """As while a migration on SQLite has removed the triggers: the head of the chain stays behind."""
    browser.post(f"/desk/XAA/recommendations/{unit('I.14').slug}/", type_answer())
    with as_owner():
        remove_triggers([Event], DEFAULT_DB_ALIAS)
    browser.post(f"/desk/XAA/recommendations/{unit('II.8').slug}/", type_answer())
    response = browser.post(page, type_answer())
    assert (response.status_code, response["Retry-After"]) == (503, "30")
    with as_owner():
        create_triggers(apps.get_app_config("tracker"), DEFAULT_DB_ALIAS)
    assert send_again(browser, response.content.decode()).status_code == 302
    assert Record.everyones.get(recommendation=unit("I.13")).current.measures == TEXT.replace("\r\n", "\n")


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_database_cannot_be_reached(browser, page, log, method):
    with settings_of_connection(**NOWHERE):
        shown = assert_away(getattr(browser, method)(page, type_answer() if method == "post" else {}), log)
    if method == "post":
        assert_text_is_kept(browser, shown)


def test_a_fetch_gets_no_page(browser, page):
    with settings_of_connection(**NOWHERE):
        response = browser.post(f"{page}draft/", type_answer(), headers={"HX-Request": "true"})
    assert (response.status_code, response["Retry-After"], response.content) == (503, "30", b"")


def test_attack_a_large_body_while_the_database_is_away_is_not_read(browser):
    """Nobody can be asked whether the sender has a session."""
    with settings_of_connection(**NOWHERE):
        response = browser.generic("POST", "/", **{"wsgi.input": Unread(), "CONTENT_LENGTH": "26000000"})
    assert response.status_code == 503

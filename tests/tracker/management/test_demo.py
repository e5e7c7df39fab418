import json
import re
import shutil
from collections import Counter
from io import StringIO

import pytest
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.core.management.base import SystemCheckError
from django.db import connection

from tests.conftest import make_person
from tests.database import as_owner
from tracker.actions.respondent import load_respondents
from tracker.demo import sample
from tracker.models import Membership, Record, User
from tracker.models.status import Status

STATES = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(sample.SAMPLE.glob("X*.json"))}
FURTHER = {
    state["respondent"]["code"]: state
    for state in json.loads((sample.SAMPLE / "further.json").read_text(encoding="utf-8"))
}
SIZE_LIMIT = 1_500_000
OF_OTHERS = ["0.0.0.0", "[::]", "0", "192.0.2.1", "localhost.example", "127.0.0.1.example"]  # noqa: S104
SCRIPTS = {
    "XAA": ("en", "[A-Za-z]"),
    "XBB": ("fr", "[A-Za-z]"),
    "XCC": ("ar", "[\u0600-\u06ff]"),
    "XDD": ("ru", "[\u0400-\u04ff]"),
    "XEE": ("zh", "[\u4e00-\u9fff]"),
    "XFF": ("es", "[A-Za-z]"),
    "XGG": ("en", "[A-Za-z]"),
}


@pytest.fixture(autouse=True)
def _debug(settings):
    """What manage.py supplies; tests run without it."""
    settings.DEBUG = True
    settings.ALLOWED_HOSTS = ["tracker.example.org"]


def demo(*args):
    said = StringIO()
    with as_owner():
        call_command("demo", *args, "--no-serve", stdout=said)
    return said.getvalue()


def everything():
    """All rows of all tables."""
    with as_owner(), connection.cursor() as cursor:
        return {table: _rows(cursor, table) for table in connection.introspection.table_names(cursor)}


def _rows(cursor, table):
    cursor.execute(f'SELECT * FROM "{table}"')
    return sorted(map(repr, cursor.fetchall()))


def current(state):
    """The last revision of each answer, by label."""
    return {answer["label"]: answer for answer in state["answers"]}


def saves(state):
    return [*state.get("earlier_answers", ()), *state["answers"]]


# What the files say


def test_arandia_is_the_state_of_the_pictures():
    answers = current(STATES["XAA"]).values()
    assert len(answers) == 182
    assert Counter(answer["status"] for answer in answers) == {
        Status.IMPLEMENTED: 75,
        Status.CONSIDERED_NOT_TAKEN_UP: 7,
        Status.PARTIALLY_IMPLEMENTED: 54,
        Status.IN_PROGRESS: 27,
        Status.NOT_STARTED: 11,
        Status.NOT_APPLICABLE: 8,
    }
    assert sum(answer["ready"] for answer in answers) == 150


@pytest.mark.parametrize("code", SCRIPTS)
def test_a_state_writes_its_own_language_and_never_twice_the_same(code):
    language, letter = SCRIPTS[code]
    answers = saves(STATES[code])
    texts = [answer.get("measures") or answer["reasons"] for answer in answers]
    assert {answer["language"] for answer in answers} == {language}
    assert [text for text in texts if not re.search(letter, text)] == []
    assert [text for text, times in Counter(texts).items() if times > 1] == []


@pytest.mark.parametrize("code", STATES)
def test_every_piece_of_evidence_is_cited(code):
    cited = {number for answer in STATES[code]["answers"] for number, _pinpoint in answer.get("citations", [])}
    assert cited == set(range(1, len(STATES[code]["evidence"]) + 1))


def test_the_files_are_those_that_are_named_and_small():
    named = {piece["file"] for state in STATES.values() for piece in state["evidence"] if "file" in piece}
    beside = {path.name: path.stat().st_size for path in sample.SAMPLE.iterdir() if path.suffix != ".json"}
    assert beside.keys() == named
    assert sum(beside.values()) < SIZE_LIMIT


# What the command does; all that it prepares: demo/test_sample.py


@pytest.mark.django_db
def test_it_says_who_can_sign_in_as_what(monkeypatch):
    monkeypatch.setattr(sample, "SAMPLE", sample.SAMPLE / "none")
    said = demo("8180")
    assert "http://127.0.0.1:8180/" in said
    assert said.count(sample.PASSWORD) == 1
    for membership in Membership.objects.select_related("user"):
        line = next(line for line in said.splitlines() if membership.user.email in line)
        assert membership.get_role_display() in line
        assert membership.user.check_password(sample.PASSWORD) is True


@pytest.mark.django_db
@pytest.mark.parametrize("make", [lambda: make_person("zoe"), load_respondents], ids=["a user", "States alone"])
def test_attack_the_demonstration_fills_a_site_that_it_did_not_make(make):
    make()
    before = everything()
    with pytest.raises(CommandError, match="did not make"):
        demo()
    assert everything() == before


@pytest.mark.django_db
@pytest.mark.parametrize("host", OF_OTHERS)
def test_attack_the_demonstration_is_served_to_others(host):
    with pytest.raises(CommandError, match="is not an address of this machine alone"):
        demo(f"{host}:8000")
    assert not User.objects.exists()


@pytest.fixture
def _no_state(monkeypatch):
    monkeypatch.setattr(sample, "SAMPLE", sample.SAMPLE / "none")


@pytest.mark.django_db
@pytest.mark.usefixtures("_no_state")
@pytest.mark.parametrize(
    ("typed", "host"),
    [
        ("8000", "127.0.0.1"),
        ("localhost:8000", "localhost"),
        ("127.0.0.2:8000", "127.0.0.2"),
        ("[::1]:8000", "[::1]"),
    ],
)
def test_it_answers_at_addresses_of_this_machine_by_their_name(settings, typed, host):
    said = demo(typed)
    assert ["tracker.example.org", host] == settings.ALLOWED_HOSTS
    assert f"http://{host}:8000/" in said
    assert "Anyone who can reach the address" not in said


@pytest.mark.django_db
@pytest.mark.usefixtures("_no_state")
def test_it_is_served_anywhere_only_with_words_on_what_that_means(settings):
    said = demo("192.0.2.1:8000", "--anywhere")
    assert settings.ALLOWED_HOSTS == ["tracker.example.org", "*"]
    assert "Anyone who can reach the address can sign in as every user" in said


def deployment_errors() -> list[str]:
    return [
        error.id
        for error in run_checks(databases=["default"], include_deployment_checks=True)
        if error.id == "tracker.E004"
    ]


@pytest.mark.django_db
@pytest.mark.usefixtures("_no_state")
def test_attack_demonstration_accounts_in_a_database_without_debug(settings):
    settings.DEBUG = False
    assert deployment_errors() == []
    settings.DEBUG = True
    demo()
    assert deployment_errors() == []
    settings.DEBUG = False
    assert deployment_errors() == ["tracker.E004"]
    with pytest.raises(SystemCheckError, match="6 users of a demonstration"):
        call_command("check", deploy=True, databases=["default"])


@pytest.mark.django_db
def test_it_does_not_run_where_debug_is_off(settings):
    settings.DEBUG = False
    with pytest.raises(CommandError, match="DEBUG"):
        demo()
    assert User.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_what_was_half_prepared_is_prepared_again(monkeypatch, tmp_path):
    """Everything of the sample, or nothing: the files that were stored already are harmless."""
    for path in (sample.SAMPLE / "XGG.json", *sample.SAMPLE.glob("xgg-*")):
        shutil.copy(path, tmp_path)
    broken = tmp_path / "XZZ.json"
    broken.write_text("{", encoding="utf-8")
    monkeypatch.setattr(sample, "SAMPLE", tmp_path)
    with pytest.raises(json.JSONDecodeError):
        demo()
    assert User.objects.count() == 0
    assert sample.has_sample() is False

    broken.unlink()
    demo()
    assert Record.everyones.filter(respondent__code="XGG").count() == len(current(STATES["XGG"]))

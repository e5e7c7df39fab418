"""The same people everywhere: alice, focal point of invented State XAA; bob, a reviewer; charlie, focal point of
invented State XBB; dana, a curator; and where people are managed erin, an administrator. The catalogue is the real one.
"""

import datetime
import itertools
import os
import shutil
from collections.abc import Collection, Iterator
from pathlib import Path

import hypothesis
import pytest
from aiosmtpd.controller import Controller
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import settings as django_settings
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection, transaction
from django.test import TransactionTestCase, override_settings

from recommendations import text_cache
from recommendations.models import Recommendation, slug_of
from recommendations.words import build_words, has_words, message_files
from tests.bodies import add_second_body
from tests.chromium import chromium as chromium
from tests.client import Client
from tests.database import SERVER, as_owner, copied_database, served_by_role
from tests.languages import LANGUAGES, forget_words, make_languages
from tests.pages import client_of
from tests.smtp import Inbox, by_smtp, free_port
from tests.submissions import opened_round
from tests.thorough import IS_THOROUGH, of_this_run, times
from tests.verification import verified_after as verified_after
from tracker.actions.institution import add_institution
from tracker.actions.record import Answer, save_answer
from tracker.models import Membership, Respondent, Revision, Round, User
from tracker.models.record import NOT_RECEIVED, ReceivedDetails
from tracker.models.respondent import RespondentKind, TreatyStatus
from tracker.models.user import Role
from tracker.web.process import prepare_process

hypothesis.settings.register_profile("of this run", max_examples=times(25, 100))
hypothesis.settings.load_profile("of this run")

PASSWORD = "a pass phrase for the tests"
TOTP_KEY = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
REAL_TEXTS: dict = {}  # the caches of the real catalogue


def pytest_xdist_auto_num_workers(config) -> int:
    """Return one worker more than there are cores: each waits for a browser, a server or a child at times."""
    return (os.cpu_count() or 1) + 1


def pytest_configure(config):
    """Build the words of all languages once, before the workers begin."""
    if not (hasattr(config, "workerinput") or all(map(has_words, message_files()))):
        build_words()


def pytest_collection_finish(session):
    """Collect garbage as seldom as a process that serves does, which saves an eighth of the processor time."""
    prepare_process()


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(fixturedef):
    """Have PostgreSQL check at once what is made for a module: after each test it would go through all of it again. And
    read the texts once, where the module has its own.
    """
    made = yield
    if fixturedef.scope == "module" and connection.in_atomic_block:
        if connection.vendor == "postgresql":
            connection.check_constraints()
        text_cache.fill_cache()
    return made


def pytest_collection_modifyitems(config, items):
    """Leave out what a run does not do that names no test. On PostgreSQL leave out what cannot differ there: tests
    without a database, the browser, which knows nothing of it, and tests of words and files that say so themselves.
    """
    kept = set(items if _names_tests(config) else of_this_run(items))
    if connection.vendor == "postgresql":
        kept = set(filter(_may_differ_on_postgresql, kept))
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = [item for item in items if item in kept]
    _spread_browser_tests(items)


def pytest_terminal_summary(terminalreporter):
    """Print what tests counted."""
    reports = [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]
    for name, counted in (each for report in reports for each in report.user_properties):
        terminalreporter.write_line(f"{name}: {counted}")


def _names_tests(config: pytest.Config) -> bool:
    options = config.option
    are_all = [Path(path).name for path in config.args] == config.getini("testpaths")
    return not are_all or any((options.keyword, options.markexpr, config.getoption("lf", False)))


def _spread_browser_tests(items: list[pytest.Item]) -> None:
    """Put modules of browser tests evenly between the others: they wait for pages, and leave a processor to these. Of
    both, those with tests that take long are first, so that no process has one alone at the end.
    """
    in_browser, lengthy = (
        {item.path for item in items if item.get_closest_marker(mark)} for mark in ("browser", "thorough")
    )
    paths = sorted(dict.fromkeys(item.path for item in items), key=lambda path: path not in lengthy)
    places = {}
    for group in (in_browser, set(paths) - in_browser):
        modules = [path for path in paths if path in group]
        places |= {path: (number / len(modules), path) for number, path in enumerate(modules)}
    items.sort(key=lambda item: places[item.path])


def _may_differ_on_postgresql(item: pytest.Item) -> bool:
    has_database = item.get_closest_marker("django_db") or {"db", "for_the_module"} & set(item.fixturenames)
    return bool(has_database) and not any(map(item.get_closest_marker, ("browser", "one_database")))


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_blocker):
    """Every test finds the real catalogue in the database, also after one that commits."""
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock(), copied_database():
        assert Path(connection.settings_dict["NAME"]).name.startswith("test_"), "this would be the developer's own"
        put_back = SERVER.keep_rows()
        text_cache.fill_cache()
        REAL_TEXTS.update(text_cache._cache)

        def put_all_back(_test) -> None:
            put_back()
            cache.clear()

        patch.setattr(TransactionTestCase, "_fixture_teardown", put_all_back)
        with served_by_role():
            yield


@pytest.fixture
def client() -> Client:
    """Instead of that of pytest-django."""
    return Client()


@pytest.fixture(autouse=True)
def _texts_ready():
    """After a test that changed the catalogue the next one finds the texts that it changes back to."""
    before = dict(text_cache._cache)
    yield
    text_cache._cache.update(before)


@pytest.fixture(scope="module", autouse=True)
def _without_dead_rows(django_db_blocker):
    """On PostgreSQL remove what the tests of the module rolled back: each query would read it until the end."""
    yield
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), as_owner(), connection.cursor() as cursor:
            cursor.execute("VACUUM")


@pytest.fixture(scope="module")
def for_the_module(django_db_setup, django_db_blocker, tmp_path_factory):
    """What is made with it stands until the last test of the module, and each test leaves it as it was."""
    files = _files_in(tmp_path_factory.mktemp("files"))
    with django_db_blocker.unblock(), override_settings(STORAGES=files), transaction.atomic():
        yield
        transaction.set_rollback(True)
    text_cache._cache.update(REAL_TEXTS)


@pytest.fixture(scope="module")
def world(for_the_module):
    """An invented world of six States and two rounds, made once for the tests of a module, which only read it."""
    with as_owner():
        call_command("make_world", respondents=6, rounds=2, seed=1, verbosity=0)


@pytest.fixture
def owner(db):
    """The role that owns the tables, for tests of what triggers refuse and of what only a migration does."""
    with as_owner():
        yield


@pytest.fixture(scope="session")
def _folders(tmp_path_factory) -> Iterator[Path]:
    """Folders that are made when the first file is stored."""
    parent = tmp_path_factory.mktemp("files")
    return (parent / str(number) for number in itertools.count())


@pytest.fixture(autouse=True)
def _files_apart(request, settings, _folders):
    if "for_the_module" not in request.fixturenames:
        settings.STORAGES = _files_in(next(_folders))


def _files_in(folder: Path) -> dict[str, dict]:
    storage = "django.core.files.storage.FileSystemStorage"
    return {
        **django_settings.STORAGES,
        "default": {"BACKEND": storage, "OPTIONS": {"location": str(folder), "base_url": None}},
    }


@pytest.fixture(scope="session")
def locale_of_tests(tmp_path_factory) -> Path:
    if not (IS_THOROUGH or shutil.which("xgettext")):
        pytest.skip("no gettext on this machine")
    folder = tmp_path_factory.mktemp("locale")
    make_languages(folder)
    return folder / "locale"


@pytest.fixture
def languages_of_tests(settings, locale_of_tests):
    """Switch on, beside English, the two languages of tests/languages.py."""
    settings.LANGUAGES, settings.LOCALE_PATHS = LANGUAGES, [locale_of_tests]
    forget_words()
    yield
    forget_words()


@pytest.fixture
def smtp(settings):
    """A real mail server, to which all mail goes; yields its inbox."""
    inbox = Inbox()
    controller = Controller(inbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    by_smtp(settings, controller.port)
    inbox.port = controller.port
    yield inbox
    controller.stop()


def make_state(code: str, name: str, **kwargs) -> Respondent:
    kwargs.setdefault("treaty_status", TreatyStatus.PARTY)
    return Respondent.objects.create(code=code, name=name, kind=RespondentKind.STATE, **kwargs)


def arandia() -> Respondent:
    """It opens all to its contributors; what is opened to one of a State that does not: models/test_assignment.py."""
    return make_state("XAA", "Arandia", protocol_acted=datetime.date(2005, 5, 1), opens_all_to_contributors=True)


def belmara() -> Respondent:
    return make_state("XBB", "Belmara", protocol_acted=datetime.date(2006, 6, 1))


def open_round_for_arandia(meetings: Collection[int] = ()) -> Round:
    """XAA, its focal point alice, and a round that bob opens. `xaa`, `alice`, `bob` and `round_` find them."""
    make_person("alice", Role.FOCAL_POINT, arandia())
    return opened_round(with_second_factor(make_person("bob", Role.REVIEWER)), meetings=meetings)


def find_state(code: str) -> Respondent | None:
    return Respondent.objects.filter(code=code).first()


def make_person(name: str, role: Role | None = None, respondent: Respondent | None = None) -> User:
    user = User(email=f"{name}@example.org", name=name.capitalize())
    user.set_password(PASSWORD)
    user.save()
    if role:
        Membership.objects.create(
            user=user, role=role, respondent=respondent, since=datetime.date(2026, 1, 1), granted_by=None
        )
    return user


def find_person(name: str) -> User | None:
    return User.objects.filter(email=f"{name}@example.org").first()


def reread(person: User) -> User:
    """As the next request finds the person: roles and restrictions are read once for each object."""
    return User.objects.get(pk=person.pk)


def with_second_factor(user: User) -> User:
    """What a role in the Secretariat needs before anything opens. The key is `TOTP_KEY`."""
    TOTP.activate(user, TOTP_KEY)
    return user


def find_unit(label: str) -> Recommendation:
    """By its full label, as any node: `IV.46(i)`, `smuggling-x/I.1`."""
    return Recommendation.objects.with_text().get(slug=slug_of(label))


def save_for_xaa(
    node: Recommendation | str = "I.13",
    status: str = "implemented",
    base: int | None = None,
    *,
    by: User | None = None,
    received: ReceivedDetails = NOT_RECEIVED,
    **values,
) -> Revision | None:
    """Save an answer of XAA to a unit, given by label or itself: of alice and on top of what there is, if not said."""
    state, unit = find_state("XAA"), find_unit(node) if isinstance(node, str) else node
    if base is None:
        base = Revision.everyones.filter(record__respondent=state, record__recommendation=unit).count()
    by, answer = by or find_person("alice"), Answer(status=status, **values)
    return save_answer(respondent=state, unit=unit, base=base, answer=answer, by=by, received=received)


@pytest.fixture(scope="module")
def round_for_the_module(for_the_module) -> Round:
    return open_round_for_arandia(meetings=[1, 4])


@pytest.fixture
def xaa(db):
    return find_state("XAA") or arandia()


@pytest.fixture
def xbb(db):
    return find_state("XBB") or belmara()


@pytest.fixture
def alice(xaa):
    return find_person("alice") or make_person("alice", Role.FOCAL_POINT, xaa)


@pytest.fixture
def closed_to_contributors(xaa):
    """XAA opens to its contributors only what is assigned to them."""
    xaa.opens_all_to_contributors = False
    xaa.save()


@pytest.fixture
def not_party(xaa, xbb):
    """XAA and XBB are not parties: of each 25 answers are asked, so that a document of all of them is short."""
    for state in (xaa, xbb):
        state.treaty_status, state.protocol_acted = TreatyStatus.NOT_PARTY, None
        state.save()


@pytest.fixture
def ruth(xaa):
    """A second focal point of XAA."""
    return make_person("ruth", Role.FOCAL_POINT, xaa)


@pytest.fixture
def carol(xaa):
    return make_person("carol", Role.CONTRIBUTOR, xaa)


@pytest.fixture
def victor(xaa):
    return make_person("victor", Role.VIEWER, xaa)


@pytest.fixture
def justice(xaa, alice):
    return add_institution(respondent=xaa, name="Ministry of Justice", kind="ministry", by=alice)


@pytest.fixture
def bob(db):
    return find_person("bob") or with_second_factor(make_person("bob", Role.REVIEWER))


@pytest.fixture
def charlie(xbb):
    return find_person("charlie") or make_person("charlie", Role.FOCAL_POINT, xbb)


@pytest.fixture
def dana(db):
    return find_person("dana") or with_second_factor(make_person("dana", Role.CURATOR))


@pytest.fixture
def erin(db):
    return find_person("erin") or with_second_factor(make_person("erin", Role.ADMINISTRATOR))


@pytest.fixture
def greta(db):
    """A second administrator, who confirms what erin requests."""
    return find_person("greta") or with_second_factor(make_person("greta", Role.ADMINISTRATOR))


@pytest.fixture
def round_(bob) -> Round:
    """Over what two meetings adopted: of XAA 74 answers are asked, a third of all."""
    return Round.objects.filter(code="2026").first() or opened_round(bob, meetings=[1, 4])


@pytest.fixture
def unit(db):
    return find_unit


@pytest.fixture
def say(xaa, alice):
    return save_for_xaa


@pytest.fixture
def desk(alice) -> Client:
    """The client of alice, as the next ones are of others: not that of `client`."""
    return client_of(alice)


@pytest.fixture
def officer(bob) -> Client:
    return client_of(bob)


@pytest.fixture
def curator(dana) -> Client:
    return client_of(dana)


@pytest.fixture
def administrator(erin) -> Client:
    return client_of(erin)


@pytest.fixture
def second_body(db):
    return add_second_body()

"""The test database: a copy of a template, which is migrated and loaded once and kept until its sources change.

Template and copies have random names, so runs in one checkout do not disturb each other. `FOLDER` has the files of
SQLite; of each kind of database the name and key of its template; and for each name in use a claim, a file that its
process holds locked. A claim that is not locked is stale: its process ended without cleaning up.
"""

import fcntl
import hashlib
import secrets
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import distributions
from pathlib import Path
from typing import IO

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connection, transaction
from django.db.backends.signals import connection_created

from recommendations.append_only import create_triggers, list_append_only, remove_triggers
from recommendations.models import CatalogueStamp

OUR_APPS = ("recommendations", "tracker")
FOLDER = Path(settings.BASE_DIR) / ".test_databases"
SOURCES = (
    "recommendations/*.py",
    "recommendations/m*/**/*.py",  # models, migrations, management
    "recommendations/search/*.py",
    "tracker/*.py",
    "tracker/actions/event.py",
    "tracker/audit/rows.py",
    "tracker/models/**/*.py",
    "tracker/migrations/*.py",
    "fixtures/*",
    "tests/database.py",
)


class SQLite:
    """Databases are files. In memory would not do: threads and other processes share the database of a test."""

    def full_name(self, name: str) -> str:
        return str(FOLDER / f"{name}.sqlite3")

    def exists(self, name: str) -> bool:
        return Path(self.full_name(name)).exists()

    def create(self, name: str) -> None:
        """Leave it to SQLite, which creates the file where it finds none."""

    def copy(self, template: str, name: str) -> None:
        shutil.copyfile(self.full_name(template), self.full_name(name))

    def keep_rows(self) -> Callable[[], None]:
        """Return what puts back all pages, triggers and stamp too: no random stamp comes again with other texts."""
        connection.ensure_connection()
        kept = sqlite3.connect(":memory:")
        connection.connection.backup(kept)

        def put_back() -> None:
            connection.ensure_connection()
            kept.backup(connection.connection)

        return put_back

    def drop(self, name: str) -> None:
        for suffix in ("", "-wal", "-shm"):
            Path(self.full_name(name) + suffix).unlink(missing_ok=True)


class PostgreSQL:
    def full_name(self, name: str) -> str:
        return name

    def exists(self, name: str) -> bool:
        with connection._nodb_cursor() as cursor:
            cursor.execute("SELECT FROM pg_database WHERE datname = %s", [name])
            return cursor.fetchone() is not None

    def create(self, name: str) -> None:
        self._execute(f'CREATE DATABASE "{name}"')

    def copy(self, template: str, name: str) -> None:
        self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')

    def keep_rows(self) -> Callable[[], None]:
        """Return what puts back the tables that were written to, in a tenth of the time of a flush and a new start."""
        tables = copied_tables()
        written = _writings(tables)

        def put_back() -> None:
            now = _writings(tables)
            if now != written:
                _put_back([table for table in tables[:-1] if now[table] != written[table]], tables[-1:])
                written.update(_writings(tables))

        return put_back

    def drop(self, name: str) -> None:
        self._execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def _execute(self, statement: str) -> None:
        with connection._nodb_cursor() as cursor:
            cursor.execute(statement)


SERVER = {"sqlite": SQLite, "postgresql": PostgreSQL}[connection.vendor]()


def database_url() -> str:
    """Return the address of the database that is connected to, for another process."""
    values = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{values['NAME']}"
    return "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**values | {"PORT": values["PORT"] or 5432})


@contextmanager
def copied_database() -> Iterator[None]:
    """Connect to a new copy of the template, and drop it at the end."""
    with _claimed_name() as name:
        with _lock(FOLDER / "template.lock"):
            SERVER.copy(_template(), name)
        with connected_to(name):
            yield
        SERVER.drop(name)


@contextmanager
def empty_database() -> Iterator[str]:
    """Yield the name of a new database without tables, and drop it at the end."""
    with _claimed_name() as name:
        SERVER.create(name)
        yield name
        SERVER.drop(name)


@contextmanager
def connected_to(name: str) -> Iterator[None]:
    """Threads and connections made in the context use the database too: all share the one settings dictionary."""
    former = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = SERVER.full_name(name)
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = former


@contextmanager
def served_by_role() -> Iterator[None]:
    """Let each connection that is made have the privileges of the role that serves, where the settings name one."""
    connection.close()
    if settings.DATABASE_SERVING_ROLE:
        connection_created.connect(_take_role)
    try:
        yield
    finally:
        connection_created.disconnect(_take_role)
        connection.close()


def _take_role(sender, connection, **kwargs) -> None:
    if connection.alias == DEFAULT_DB_ALIAS:
        _set_role(connection, settings.DATABASE_SERVING_ROLE)


def _set_role(connection, role: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {connection.ops.quote_name(role)}")


@contextmanager
def as_owner() -> Iterator[None]:
    """Use the role that owns the tables, for what the role that serves may not."""
    if not settings.DATABASE_SERVING_ROLE:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        (former,) = cursor.fetchone()
        cursor.execute("RESET ROLE")
    try:
        yield
    finally:
        _set_role(connection, former)


@contextmanager
def lifted_triggers() -> Iterator[None]:
    """Without the append-only triggers: for the flush between tests, and to forge what they would refuse."""
    with as_owner():
        remove_triggers(list_append_only(), DEFAULT_DB_ALIAS)
        try:
            yield
        finally:
            for label in OUR_APPS:
                create_triggers(apps.get_app_config(label), DEFAULT_DB_ALIAS)


def _writings(tables: list[str]) -> dict[str, tuple]:
    """Return for each table its number of rows and the last transaction that wrote one of them."""
    query = "SELECT '{0}', count(*), max(xmin::text::bigint) FROM \"{0}\""
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(map(query.format, tables)))
        return {table: found for table, *found in cursor.fetchall()}


def _put_back(*parts: list[str]) -> None:
    """First all that moves the stamp, and then the stamp: the index says of which stamp it is."""
    with transaction.atomic(), lifted_triggers(), connection.cursor() as cursor:
        for some in parts:
            for table in some:
                cursor.execute(f'DELETE FROM "{table}"')
            for table in some:
                cursor.execute(f'INSERT INTO "{table}" SELECT * FROM "kept_{table}"')
        connection.check_constraints()  # now: PostgreSQL sets no trigger where one is still to run


def copied_tables() -> list[str]:
    """Tables that have a copy in the template, `kept_…`. The stamp is the last: writing to others moves it."""
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return sorted(tables, key=CatalogueStamp._meta.db_table.__eq__)


def sources() -> list[Path]:
    """Files that decide what is in the template."""
    found = {path for pattern in SOURCES for path in Path(settings.BASE_DIR).glob(pattern)}
    return sorted(path for path in found if path.is_file())


def _template() -> str:
    """Return the name of a template that is up to date; build it where there is none, which takes some 20 seconds."""
    note, key = FOLDER / f"{connection.vendor}.template", _key()
    if note.exists():
        known_key, name = note.read_text().split()
        if known_key == key and SERVER.exists(name):
            return name
        SERVER.drop(name)
    with _claimed_name() as name:
        SERVER.create(name)
        with connected_to(name):
            _fill()
        note.write_text(f"{key} {name}")
    return name


def _key() -> str:
    """Digest the sources and the versions of all packages, some of which bring migrations."""
    digest = hashlib.sha256()
    for path in sources():
        digest.update(f"{path.relative_to(settings.BASE_DIR)} ".encode() + path.read_bytes())
    digest.update(repr(sorted((each.name, each.version) for each in distributions())).encode())
    digest.update(settings.DATABASE_SERVING_ROLE.encode())  # its privileges are in the template
    return digest.hexdigest()


def _fill() -> None:
    call_command("migrate", verbosity=0)
    call_command("load_catalogue", verbosity=0)
    with connection.cursor() as cursor:
        for table in copied_tables():
            cursor.execute(f'CREATE TABLE "kept_{table}" AS SELECT * FROM "{table}"')
            if connection.vendor == "postgresql":
                # Autovacuum sees nothing of what an open test wrote, and records that a table of thousands is empty:
                # PostgreSQL then chooses plans that take minutes.
                cursor.execute(f'ALTER TABLE "{table}" SET (autovacuum_enabled = false)')


@contextmanager
def _claimed_name() -> Iterator[str]:
    """Yield a new name. After an error its claim is left, so that a later run drops the database."""
    with _lock(FOLDER / "claims.lock"):
        _drop_stale_databases()
        name = f"test_tracker_{secrets.token_hex(6)}"
        claim = _claims() / name
        file = _lock(claim)
    with file:
        yield name
        claim.unlink()


def _drop_stale_databases() -> None:
    for claim in _claims().iterdir():
        try:
            file = _lock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            continue
        with file:
            SERVER.drop(claim.name)
            claim.unlink(missing_ok=True)


def _claims() -> Path:
    folder = FOLDER / f"{connection.vendor}.claims"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _lock(path: Path, operation: int = fcntl.LOCK_EX) -> IO:
    """Open and lock a file, for as long as it is open."""
    path.parent.mkdir(exist_ok=True)
    file = path.open("a")
    try:
        fcntl.flock(file, operation)
    except BlockingIOError:
        file.close()
        raise
    return file

"""A database and a folder of files for one run, with a generated world that is the same on every day."""

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection
from django.test.utils import override_settings

from tracker.demo.clock import clock_at

DAY = date(2026, 11, 27)
WORLD = ("--respondents", "20", "--rounds", "2", "--seed", "1", "--today", f"{DAY}")


@contextmanager
def own_world() -> Iterator[None]:
    """Connect to a new database of the kind that DATABASE_URL names, on the day of its world; drop it at the end."""
    with TemporaryDirectory() as folder, _own_database(Path(folder)) as (name, url):
        files = Path(folder) / "files"
        # In other processes, so that what they need is no memory of this one.
        for command in (["migrate"], ["make_world", *WORLD]):
            _manage(*command, "--verbosity", "0", DATABASE_URL=url, FILES_DIR=f"{files}")
        with _connected_to(name), _stored_in(files), clock_at(DAY):
            yield


@contextmanager
def _own_database(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield the name and the URL of a new database."""
    if connection.vendor == "sqlite":
        name = f"{folder / 'bench.sqlite3'}"
        yield name, f"sqlite:///{name}"
        return
    name = f"bench_{secrets.token_hex(6)}"
    _execute(f'CREATE DATABASE "{name}"')
    try:
        yield name, urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
    finally:
        _execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _execute(statement: str) -> None:
    with connection._nodb_cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute(statement)


def _manage(*arguments: str, **environment: str) -> None:
    command = [sys.executable, "manage.py", *arguments]
    subprocess.run(command, cwd=settings.BASE_DIR, env=os.environ | environment, check=True)  # noqa: S603


@contextmanager
def _connected_to(name: str) -> Iterator[None]:
    former = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = former


def _stored_in(folder: Path) -> override_settings:
    storage: Any = settings.STORAGES["default"]
    default = {**storage, "OPTIONS": {**storage["OPTIONS"], "location": f"{folder}"}}
    return override_settings(STORAGES={**settings.STORAGES, "default": default})

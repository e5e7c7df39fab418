"""The template of the test database is what the migrations and the loader make of an empty one."""

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.db import connection

from recommendations.append_only import list_triggers
from tests.conftest import database_url
from tests.database import connected_to, empty_database

MIGRATE_AND_LOAD = """
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
call_command("load_catalogue", verbosity=0)
"""


@pytest.mark.django_db(transaction=True)
def test_an_empty_database_is_migrated_and_loaded_and_is_like_the_template():
    with empty_database() as name:
        with connected_to(name):
            environment = os.environ | {"DATABASE_URL": database_url(), "DJANGO_SETTINGS_MODULE": "tests.settings"}
        subprocess.run([sys.executable, "-c", MIGRATE_AND_LOAD], cwd=settings.BASE_DIR, env=environment, check=True)
        with connected_to(name):
            migrated = _described()
    described = _described()
    assert migrated.keys() == described.keys()
    for table in migrated:
        assert migrated[table] == described[table]


def _described() -> dict:
    """Columns, constraints and number of rows of each table; names of the triggers but PostgreSQL's own."""
    triggers = list_triggers("default")
    described = {"triggers": {name for name in triggers if not name.startswith("RI_ConstraintTrigger_")}}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if not table.startswith("kept_"):
                cursor.execute(f'SELECT COUNT(*) FROM "{table}"')
                number = cursor.fetchone()
                columns = connection.introspection.get_table_description(cursor, table)
                constraints = connection.introspection.get_constraints(cursor, table)
                for each in constraints.values():
                    each.pop("options", None)  # of PostgreSQL, where the template has autovacuum off
                described[table] = (number, columns, constraints)
    return described

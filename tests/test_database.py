"""The template of the test database is what the migrations and the loader make of an empty one."""

import os
import subprocess
import sys

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management.sql import emit_post_migrate_signal, emit_pre_migrate_signal
from django.db import connection
from django.db.migrations import Migration
from django.db.models import Model

from recommendations.append_only import list_triggers, missing_triggers
from recommendations.models import CatalogueStamp, Synonym, Theme
from tests.conftest import belmara, save_for_xaa
from tests.database import SERVER, connected_to, database_url, empty_database
from tests.submissions import opened_round, submit_ready
from tests.thorough import IS_THOROUGH
from tracker.models import Respondent, Revision, SubmissionItem

MIGRATE_AND_LOAD = """
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
call_command("load_catalogue", verbosity=0)
"""


@pytest.mark.skipif(not IS_THOROUGH, reason="takes 12 s: the template was migrated and loaded too")
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


@pytest.mark.django_db(transaction=True)
def test_triggers_return_after_a_migration_rebuilds_a_table_with_rows(owner, xaa, alice, bob, unit):
    save_for_xaa("I.13", ready=True)
    submit_ready(xaa, opened_round(bob, meetings=[1]), alice)

    def digests() -> list[list[str]]:
        return [list(model.everyones.values_list("digest", flat=True)) for model in (Revision, SubmissionItem)]

    before = digests()
    migrating = {"plan": [(Migration("altered", "tracker"), False)], "apps": apps}
    emit_pre_migrate_signal(0, False, "default", **migrating)
    for model in (Revision, SubmissionItem):
        _rebuild(model, "status")
    emit_post_migrate_signal(0, False, "default", **migrating)
    assert digests() == before
    assert all(before)
    assert missing_triggers("default") == []


def _rebuild(model: type[Model], name: str) -> None:
    """Alter a column and alter it back, for which SQLite makes the table again."""
    field = model._meta.get_field(name)
    wider = field.clone()
    wider.max_length = field.max_length + 1
    wider.set_attributes_from_name(name)
    wider.model = model
    with connection.schema_editor() as editor:
        editor.alter_field(model, field, wider)
    with connection.schema_editor() as editor:
        editor.alter_field(model, wider, field)


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


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "write",
    [
        belmara,
        lambda: Theme.objects.filter(slug="compensation").update(name="Zebras"),
        lambda: Synonym.objects.first().delete(),
        lambda: CatalogueStamp.objects.update(number=1),
    ],
    ids=["a row more", "a row changed", "a row less", "another stamp"],
)
def test_what_a_test_commits_is_put_back(write):
    def rows() -> list:
        return [sorted(model.objects.values_list()) for model in (Respondent, Theme, Synonym, CatalogueStamp)]

    before, put_back = rows(), SERVER.keep_rows()
    write()
    assert rows() != before
    put_back()
    assert rows() == before

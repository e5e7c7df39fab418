"""On PostgreSQL the role that serves can neither delete nor change what is append-only, nor lift the triggers."""

from collections.abc import Iterator

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from recommendations.append_only import list_append_only
from recommendations.serving_role import check_serving_role, grant_privileges
from tests.database import as_owner
from tests.thorough import IS_THOROUGH
from tracker.models import Revision

ROLE = settings.DATABASE_SERVING_ROLE
TRIGGER = "append_only_tracker_event_delete"
ATTACKS = {
    "delete events": "DELETE FROM tracker_event",
    "change an event": "UPDATE tracker_event SET after = 'forged'",
    "change a status": "UPDATE tracker_revision SET status = 'implemented'",
    "empty a table": "TRUNCATE tracker_event CASCADE",
    "drop a trigger": f"DROP TRIGGER {TRIGGER} ON tracker_event",
    "disable the triggers": "ALTER TABLE tracker_event DISABLE TRIGGER ALL",
    "be a replica, on which no trigger runs": "SET session_replication_role = replica",
    "replace the function of a trigger": (
        f"CREATE OR REPLACE FUNCTION {TRIGGER}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$"
    ),
    "add a trigger": f"CREATE TRIGGER aaa BEFORE DELETE ON tracker_event EXECUTE FUNCTION {TRIGGER}()",
    "add a table": "CREATE TABLE public.own (id integer)",
    "drop a table": "DROP TABLE tracker_event CASCADE",
    "alter a table": "ALTER TABLE tracker_event ADD COLUMN own text",
    "become the owner": f'SET ROLE "{connection.settings_dict["USER"]}"',
    "claim a migration": "INSERT INTO django_migrations (app, name, applied) VALUES ('tracker', 'x', now())",
}

pytestmark = [
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no roles"),
    pytest.mark.skipif(not (ROLE or IS_THOROUGH), reason="DATABASE_SERVING_ROLE names no role"),
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def serving() -> Iterator[psycopg.Connection]:
    """A connection that signed in as the role, and so cannot go back to another."""
    own = connection.settings_dict
    with psycopg.connect(
        host=own["HOST"], port=own["PORT"], dbname=own["NAME"], user=ROLE, password=own["PASSWORD"], autocommit=True
    ) as connected:
        yield connected


def test_the_site_is_served_by_this_role(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == (ROLE,)


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_role_that_serves_cannot(serving, attack):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        serving.execute(ATTACKS[attack])


@pytest.mark.parametrize("model", list_append_only(), ids=lambda model: model.__name__)
def test_the_role_that_serves_deletes_no_append_only_row(serving, model):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        serving.execute(f'DELETE FROM "{model._meta.db_table}"')


def test_it_changes_only_the_columns_that_a_removal_empties(serving):
    granted = serving.execute(
        "SELECT column_name FROM information_schema.column_privileges "
        "WHERE grantee = %s AND privilege_type = 'UPDATE' AND table_name = 'tracker_revision'",
        [ROLE],
    )
    assert {column for (column,) in granted} == {*Revision.withdrawable, "withdrawal_id", "salts"}


def test_attack_a_temporary_table_in_place_of_the_one_that_a_trigger_reads(serving, alice, dana):
    """A connection finds its temporary tables first, unless a function says where to look."""
    serving.execute("CREATE TEMPORARY TABLE tracker_membership (LIKE public.tracker_membership)")
    with pytest.raises(psycopg.errors.IntegrityConstraintViolation, match="breaks its rule"):
        serving.execute("UPDATE public.tracker_membership SET user_id = %s WHERE user_id = %s", [alice.pk, dana.pk])


def test_every_function_of_a_trigger_reads_the_tables_of_the_site(serving):
    found = serving.execute("SELECT DISTINCT proconfig FROM pg_proc WHERE pronamespace = 'public'::regnamespace")
    assert found.fetchall() == [(["search_path=public, pg_temp"],)]


def test_attack_a_function_or_an_operator_in_a_schema_where_everyone_may_create(serving):
    """As in databases that were made before PostgreSQL 15."""
    statement = "CREATE FUNCTION public.same(varchar, varchar) RETURNS boolean LANGUAGE sql AS 'SELECT false'"
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("GRANT CREATE ON SCHEMA public TO PUBLIC")
    assert [warning.id for warning in check_serving_role(["default"])] == ["recommendations.W001"]
    with as_owner():
        grant_privileges(None, "default")
    assert check_serving_role(["default"]) == []
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        serving.execute(statement)


def test_a_check_for_deployment_warns_of_a_role_that_owns_the_tables():
    assert check_serving_role(["default"]) == []
    with as_owner():
        assert [warning.id for warning in check_serving_role(["default"])] == ["recommendations.W001"]

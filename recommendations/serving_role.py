"""Privileges of the database role that serves, on PostgreSQL: another role owns the tables and migrates.

The serving role changes no append-only row but for the columns that a removal empties, and no trigger, since triggers
belong to the owner of their table (https://www.postgresql.org/docs/current/ddl-priv.html).
"""

from collections.abc import Collection, Iterable

from django.conf import settings
from django.core.checks import Warning as CheckWarning
from django.db import DatabaseError, connections, models
from django.db.migrations.recorder import MigrationRecorder

from recommendations.append_only import execute_statements, list_append_only

APPLIED_MIGRATIONS = MigrationRecorder.Migration._meta.db_table


def grant_privileges(sender, using, **kwargs) -> None:
    """Receive `post_migrate`, after all tables and triggers are made."""
    connection = connections[using]
    if settings.DATABASE_SERVING_ROLE and connection.vendor == "postgresql":
        execute_statements(using, _grant_statements(connection.ops.quote_name))


def _grant_statements(quote) -> Iterable[str]:
    role = quote(settings.DATABASE_SERVING_ROLE)
    # Until PostgreSQL 15 everyone could create there: also an operator that triggers then use.
    yield f"REVOKE CREATE ON SCHEMA public FROM PUBLIC, {role}"
    yield f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}"
    yield f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}"
    yield f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}"
    yield f"REVOKE INSERT, UPDATE, DELETE ON {quote(APPLIED_MIGRATIONS)} FROM {role}"
    for model in list_append_only():
        table = quote(model._meta.db_table)
        yield f"REVOKE UPDATE, DELETE ON {table} FROM {role}"
        if columns := ", ".join(map(quote, changeable_columns(model))):
            yield f"GRANT UPDATE ({columns}) ON {table} TO {role}"


def changeable_columns(model: type[models.Model]) -> list[str]:
    """Return the columns that the trigger of an append-only model lets change in some cases."""
    names = model.changeable_fields() if hasattr(model, "changeable_fields") else ()
    return [field.column for field in model._meta.concrete_fields if field.name in names]


def check_serving_role(databases: Collection[str] | None = None, **kwargs: object) -> list[CheckWarning]:
    """Find, as a check of Django for deployment, that the role of the connection could delete append-only rows, or
    create functions that the triggers on them use.
    """
    return [
        CheckWarning(
            f"The database role of “{using}” can delete append-only rows, or create functions beside them.",
            hint="Serve with a role that does not own the tables, and name it in DATABASE_SERVING_ROLE.",
            id="recommendations.W001",
        )
        for using in databases or ()
        if connections[using].vendor == "postgresql" and _can_delete(using)
    ]


def _can_delete(using: str) -> bool:
    tables = [model._meta.db_table for model in list_append_only()]
    try:
        with connections[using].cursor() as cursor:
            cursor.execute(
                "SELECT bool_or(has_table_privilege(oid, 'DELETE')) OR has_schema_privilege('public', 'CREATE') "
                "FROM pg_class WHERE relname = ANY(%s)",
                [tables],
            )
            return bool(cursor.fetchone()[0])
    except DatabaseError:  # there is no answer: another check says so
        return False

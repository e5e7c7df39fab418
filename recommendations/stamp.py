"""Triggers by which the database itself moves the stamp of the catalogue, whoever changes the texts and however.

The stamp is random and not counted: a value that was rolled back never comes again. PostgreSQL moves it before the rows
of a statement, so that of two who change the catalogue the second waits until the first has committed.

They are lifted while migrations run and installed after them, as those of `append_only.py` are; that moves the stamp
too, for a migration may have changed the texts while no trigger stood.
"""

from django.db import connections

from recommendations.append_only import standing_triggers
from recommendations.models import (
    Body,
    CatalogueStamp,
    Family,
    FamilyMember,
    Footnote,
    Meeting,
    Recommendation,
    Theme,
    Wording,
)

STAMPED = (Body, Meeting, Theme, Recommendation, Wording, Footnote, Family, FamilyMember)
TABLES = [model._meta.db_table for model in STAMPED]
OPERATIONS = {
    "sqlite": ("INSERT", "UPDATE", "DELETE"),
    "postgresql": ("INSERT OR UPDATE OR DELETE OR TRUNCATE",),
}
RANDOM = {"sqlite": "lower(hex(randomblob(16)))", "postgresql": "replace(gen_random_uuid()::text, '-', '')"}
STAMP_TABLE = CatalogueStamp._meta.db_table


def install_stamps(sender, using, **kwargs) -> None:
    """Receiver of `post_migrate`: where a trigger is missing (re)create all, and move the stamp."""
    connection = connections[using]
    existing = set(connection.introspection.table_names())
    if not {STAMP_TABLE, *TABLES} <= existing or not missing_stamps(using):
        return
    move = _move(connection.vendor)
    remove_stamps(using)
    with connection.cursor() as cursor:
        cursor.execute(move)
        if connection.vendor == "postgresql":
            cursor.execute(
                f"CREATE OR REPLACE FUNCTION move_catalogue_stamp() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN {move}; RETURN NULL; END $$"
            )
        for table in TABLES:
            for operation in OPERATIONS[connection.vendor]:
                cursor.execute(_create(table, operation, connection.vendor))


def lift_stamps(sender, using, plan, **kwargs) -> None:
    """Receiver of `pre_migrate`: a migration may take away the table that they name."""
    if plan:
        remove_stamps(using)


def remove_stamps(using: str) -> None:
    """Lift the triggers, for migrations and for the test suite alone."""
    connection = connections[using]
    existing = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for table in existing.intersection(TABLES):
            on = "" if connection.vendor == "sqlite" else f' ON "{table}"'
            for operation in OPERATIONS[connection.vendor]:
                cursor.execute(f'DROP TRIGGER IF EXISTS "{_name(table, operation)}"{on}')


def missing_stamps(using: str) -> list[str]:
    """Names of the triggers that ought to stand and do not."""
    operations = OPERATIONS[connections[using].vendor]
    wanted = {_name(table, operation) for table in TABLES for operation in operations}
    return sorted(wanted - standing_triggers(using))


def _name(table: str, operation: str) -> str:
    return f"stamp_{table}_{operation.partition(' ')[0].lower()}"


def _create(table: str, operation: str, vendor: str) -> str:
    name = _name(table, operation)
    if vendor == "sqlite":
        return f'CREATE TRIGGER "{name}" AFTER {operation} ON "{table}" BEGIN {_move(vendor)}; END'
    return (
        f'CREATE TRIGGER "{name}" BEFORE {operation} ON "{table}" '
        "FOR EACH STATEMENT EXECUTE FUNCTION move_catalogue_stamp()"
    )


def _move(vendor: str) -> str:
    """SQL that draws a new stamp, the first one too."""
    return (
        f'INSERT INTO "{STAMP_TABLE}" (id, stamp) VALUES (1, {RANDOM[vendor]}) '  # noqa: S608
        "ON CONFLICT (id) DO UPDATE SET stamp = excluded.stamp"
    )

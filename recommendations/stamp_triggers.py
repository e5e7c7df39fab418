"""Triggers by which the database itself moves the stamp of the catalogue, whoever changes the texts and however.

It is random and not counted: a stamp that was rolled back never comes again. Nobody waits for it: on PostgreSQL who
changes the catalogue passes over the numbers of those who do so at the same time.

The triggers are lifted while migrations run and installed after them, as those of `append_only.py` are. As long as they
do not stand there is no stamp, and nobody keeps what he reads.
"""

from django.db import connections, transaction

from recommendations.append_only import list_triggers
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
STAMPS = CatalogueStamp._meta.db_table
OPERATIONS = {
    "sqlite": ("INSERT", "UPDATE", "DELETE"),
    "postgresql": ("INSERT OR UPDATE OR DELETE OR TRUNCATE",),
}
RANDOM = {"sqlite": f"abs(random() % {2**52})", "postgresql": f"floor(random() * {2**52})"}
THOSE_BEFORE = {"sqlite": "", "postgresql": f' WHERE id IN (SELECT id FROM "{STAMPS}" FOR UPDATE SKIP LOCKED)'}  # noqa: S608


def install_stamp_triggers(sender, using, **kwargs) -> None:
    """Receiver of `post_migrate`: where a trigger or the stamp is missing (re)create the triggers, and draw a stamp."""
    connection = connections[using]
    existing = set(connection.introspection.table_names())
    if not {STAMPS, *TABLES} <= existing or _is_installed(using):
        return
    remove_stamp_triggers(using)
    draw = _stamp_statements(connection.vendor)
    with transaction.atomic(using), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "CREATE OR REPLACE FUNCTION move_catalogue_stamp() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN {_join_statements(draw)} RETURN NULL; END $$"
            )
        for table in TABLES:
            for operation in OPERATIONS[connection.vendor]:
                cursor.execute(_create_statement(table, operation, connection.vendor))
        for statement in draw:
            cursor.execute(statement)


def drop_stamp_triggers(sender, using, plan, **kwargs) -> None:
    """Receiver of `pre_migrate`: a migration may take away the table that they name."""
    if plan:
        remove_stamp_triggers(using)


def remove_stamp_triggers(using: str) -> None:
    """Lift the triggers and take the stamp away, for migrations and for the test suite alone."""
    connection = connections[using]
    existing = set(connection.introspection.table_names())
    with transaction.atomic(using), connection.cursor() as cursor:
        for table in filter(existing.__contains__, TABLES):
            on = "" if connection.vendor == "sqlite" else f' ON "{table}"'
            for operation in OPERATIONS[connection.vendor]:
                cursor.execute(f'DROP TRIGGER IF EXISTS "{_trigger_name(table, operation)}"{on}')
        if STAMPS in existing:
            cursor.execute(f'DELETE FROM "{STAMPS}"')  # noqa: S608


def missing_stamp_triggers(using: str) -> list[str]:
    """Names of the triggers that ought to stand and do not."""
    operations = OPERATIONS[connections[using].vendor]
    wanted = {_trigger_name(table, operation) for table in TABLES for operation in operations}
    return sorted(wanted - list_triggers(using))


def _is_installed(using: str) -> bool:
    return not missing_stamp_triggers(using) and CatalogueStamp.objects.using(using).exists()


def _trigger_name(table: str, operation: str) -> str:
    return f"stamp_{table}_{operation.partition(' ')[0].lower()}"


def _create_statement(table: str, operation: str, vendor: str) -> str:
    name = _trigger_name(table, operation)
    if vendor == "sqlite":
        body = _join_statements(_stamp_statements(vendor))
        return f'CREATE TRIGGER "{name}" AFTER {operation} ON "{table}" BEGIN {body} END'
    return (
        f'CREATE TRIGGER "{name}" BEFORE {operation} ON "{table}" '
        "FOR EACH STATEMENT EXECUTE FUNCTION move_catalogue_stamp()"
    )


def _stamp_statements(vendor: str) -> tuple[str, str]:
    """SQL statements."""
    return (
        f'DELETE FROM "{STAMPS}"{THOSE_BEFORE[vendor]}',  # noqa: S608
        f'INSERT INTO "{STAMPS}" (number) VALUES ({RANDOM[vendor]})',  # noqa: S608
    )


def _join_statements(statements: tuple[str, ...]) -> str:
    return " ".join(f"{statement};" for statement in statements)

"""Triggers by which the database changes the stamp of the catalogue with every change of the texts.

A stamp is random and not counted: a stamp that was rolled back never comes again. Nobody waits for it: on PostgreSQL a
transaction skips the numbers of those that change the catalogue at the same time.

The triggers are removed while migrations run and installed again after them, like those of `append_only.py`. Until
then there is no stamp, and nothing is cached.
"""

from collections.abc import Iterator
from itertools import product

from django.apps import apps
from django.db import connections, transaction

from recommendations.append_only import SEARCH_PATH, drop_trigger, execute_statements, list_triggers
from recommendations.models import (
    CatalogueStamp,
    ImportedMeeting,
    ImportedParagraph,
    IndexedText,
    IndexState,
    PaperImport,
    Recommendation,
)

# All models but the drafts of papers, the index of the search and the stamp itself.
STAMPED = [
    model
    for model in apps.get_app_config(Recommendation._meta.app_label).get_models(include_auto_created=True)
    if model
    not in (
        *(PaperImport, PaperImport.editors.through, ImportedMeeting, ImportedParagraph),
        *(IndexedText, IndexState, CatalogueStamp),
    )
]
TABLES = [model._meta.db_table for model in STAMPED]
STAMPS = CatalogueStamp._meta.db_table
OPERATIONS = {"sqlite": ("INSERT", "UPDATE", "DELETE"), "postgresql": ("INSERT OR UPDATE OR DELETE OR TRUNCATE",)}
RANDOM = {"sqlite": f"abs(random() % {2**52})", "postgresql": f"floor(random() * {2**52})"}
OTHER_STAMPS = {"sqlite": "", "postgresql": f' WHERE id IN (SELECT id FROM "{STAMPS}" FOR UPDATE SKIP LOCKED)'}  # noqa: S608


def create_stamp_triggers(sender, using, **kwargs) -> None:
    """Receive `post_migrate`: if a trigger or the stamp is missing, create the triggers again and a new stamp."""
    connection = connections[using]
    existing = set(connection.introspection.table_names())
    if not {STAMPS, *TABLES} <= existing or _has_triggers(using):
        return
    remove_stamp_triggers(using)
    with transaction.atomic(using):
        execute_statements(using, _create_statements(connection.vendor))


def drop_stamp_triggers(sender, using, plan, **kwargs) -> None:
    """Receive `pre_migrate`: a migration can delete the table that the triggers name."""
    if plan:
        remove_stamp_triggers(using)


def remove_stamp_triggers(using: str) -> None:
    connection = connections[using]
    with transaction.atomic(using):
        execute_statements(using, (drop for drop, _create in _list_statements(connection.vendor).values()))
        if STAMPS in connection.introspection.table_names():
            execute_statements(using, [f'DELETE FROM "{STAMPS}"'])  # noqa: S608


def missing_stamp_triggers(using: str) -> list[str]:
    return sorted(set(_list_statements(connections[using].vendor)) - list_triggers(using))


def _has_triggers(using: str) -> bool:
    return not missing_stamp_triggers(using) and CatalogueStamp.objects.using(using).exists()


def _list_statements(vendor: str) -> dict[str, tuple[str, str]]:
    """Return SQL that drops each trigger, and SQL that creates it, by the name of the trigger."""
    if vendor == "sqlite":
        time, body = "AFTER", f"BEGIN {_join_statements(_stamp_statements(vendor))} END"
    else:
        time, body = "BEFORE", "FOR EACH STATEMENT EXECUTE FUNCTION move_catalogue_stamp()"
    found = {}
    for table, operation in product(TABLES, OPERATIONS[vendor]):
        name = f"stamp_{table}_{operation.partition(' ')[0].lower()}"
        create = f'CREATE TRIGGER "{name}" {time} {operation} ON "{table}" {body}'
        found[name] = drop_trigger(table, name, vendor), create
    return found


def _create_statements(vendor: str) -> Iterator[str]:
    statements = _stamp_statements(vendor)
    if vendor == "postgresql":
        yield (
            f"CREATE OR REPLACE FUNCTION move_catalogue_stamp() RETURNS trigger LANGUAGE plpgsql {SEARCH_PATH} AS "
            f"$$ BEGIN {_join_statements(statements)} RETURN NULL; END $$"
        )
    yield from (create for _drop, create in _list_statements(vendor).values())
    yield from statements


def _stamp_statements(vendor: str) -> tuple[str, str]:
    return (
        f'DELETE FROM "{STAMPS}"{OTHER_STAMPS[vendor]}',  # noqa: S608
        f'INSERT INTO "{STAMPS}" (number) VALUES ({RANDOM[vendor]})',  # noqa: S608
    )


def _join_statements(statements: tuple[str, ...]) -> str:
    return " ".join(f"{statement};" for statement in statements)

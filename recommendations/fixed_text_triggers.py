"""Triggers by which the database refuses to retract or rename a text that is fixed, and any row of the site that refers
to a retracted text (`fixed_texts.py`).

They are installed after every migration, like those of `append_only.py`. On PostgreSQL a row that refers to a text
locks the text as its foreign key does, and reads it after: so it waits for an action that is retracting the text.
"""

from django.db import connections

from recommendations.append_only import execute_statements, is_same, list_triggers, make_trigger
from recommendations.fixed_texts import list_fixing_fields
from recommendations.models import Recommendation

TEXTS = Recommendation._meta.db_table
CHANGED = "fixed_text_changed"
RETRACTED = "refers to a retracted text"
FIXED_COLUMNS = ("label", "slug", "kind", "is_unit", "is_topic", "parent_id", "meeting_id", "retracted_at")
# The text that changes, those above it, before and after, and those below it.
LINE = f"""SELECT t.id FROM "{TEXTS}" t WHERE t.id IN (OLD.id, OLD.parent_id, NEW.parent_id) OR t.parent_id = OLD.id
OR t.id IN (SELECT parent_id FROM "{TEXTS}" WHERE id IN (OLD.parent_id, NEW.parent_id))
OR t.parent_id IN (SELECT id FROM "{TEXTS}" WHERE parent_id = OLD.id)"""  # noqa: S608


def create_fixed_text_triggers(sender, using, **kwargs) -> None:
    """Receive `post_migrate`."""
    connection = connections[using]
    tables = {TEXTS, *(field.model._meta.db_table for field in list_fixing_fields())}
    if tables <= set(connection.introspection.table_names()):
        for statements in _list_statements(connection.vendor).values():
            execute_statements(using, statements)


def drop_fixed_text_triggers(sender, using, plan, **kwargs) -> None:
    """Receive `pre_migrate`: SQLite rebuilds a table only if no trigger of another table names it."""
    if plan and connections[using].vendor == "sqlite":
        execute_statements(using, (drop for drop, *_create in _list_statements("sqlite").values()))


def missing_fixed_text_triggers(using: str) -> list[str]:
    return sorted(set(_list_statements(connections[using].vendor)) - list_triggers(using))


def _list_statements(vendor: str) -> dict[str, list[str]]:
    """Return SQL that drops each trigger and creates it, by the name of the trigger."""
    fields = list_fixing_fields()
    same = " AND ".join(is_same(column, vendor) for column in FIXED_COLUMNS)
    referred = " OR ".join(
        f'EXISTS (SELECT 1 FROM "{field.model._meta.db_table}" WHERE "{field.column}" IN ({LINE}))'  # noqa: S608
        for field in fields
    )
    found = {CHANGED: make_trigger(TEXTS, "UPDATE", CHANGED, f"({same}) OR NOT ({referred})", "is fixed", vendor)}
    for field in fields:
        table, text = field.model._meta.db_table, f'"{TEXTS}" WHERE id = NEW."{field.column}"'
        permitted = f"NOT EXISTS (SELECT 1 FROM {text} AND retracted_at IS NOT NULL)"  # noqa: S608
        lock = f"PERFORM 1 FROM {text} FOR KEY SHARE;" if vendor == "postgresql" else ""
        for operation in ("INSERT", f'UPDATE OF "{field.column}"'):
            name = f"fixed_text_{table}_{field.column}_{operation.split()[0].lower()}"
            found[name] = make_trigger(table, operation, name, permitted, RETRACTED, vendor, lock)
    return found

"""Row triggers that let the database itself refuse to change or delete what must stay.

They are installed after every migration and not by one: SQLite drops a table's triggers when a later
migration rebuilds the table (https://www.sqlite.org/lang_altertable.html, section 7).
"""

from collections.abc import Iterable

from django.db import connections, models


def append_only_models(app_config) -> list[type[models.Model]]:
    """The app's models that say `append_only = True`."""
    return [model for model in app_config.get_models() if getattr(model, "append_only", False)]


def trigger_name(model: type[models.Model], operation: str) -> str:
    return f"append_only_{model._meta.db_table}_{operation.lower()}"


def install_triggers(sender, using, **kwargs) -> None:
    """Receiver of `post_migrate`: (re)create the triggers of the app that was migrated."""
    connection = connections[using]
    existing = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for model in append_only_models(sender):
            if model._meta.db_table in existing:
                for statement in trigger_statements(model, connection):
                    cursor.execute(statement)


def remove_triggers(models_: Iterable[type[models.Model]], using: str) -> None:
    """Lift the triggers. For the test suite's flush alone."""
    connection = connections[using]
    with connection.cursor() as cursor:
        for model in models_:
            for operation in ("UPDATE", "DELETE"):
                on = "" if connection.vendor == "sqlite" else f' ON "{model._meta.db_table}"'
                cursor.execute(f'DROP TRIGGER IF EXISTS "{trigger_name(model, operation)}"{on}')


def missing_triggers(models_: Iterable[type[models.Model]], using: str) -> list[str]:
    """Names of the triggers that ought to stand and do not."""
    connection = connections[using]
    query = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if connection.vendor == "sqlite"
        else "SELECT tgname FROM pg_trigger WHERE tgenabled <> 'D'"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        standing = {name for (name,) in cursor.fetchall()}
    wanted = {trigger_name(model, operation) for model in models_ for operation in ("UPDATE", "DELETE")}
    return sorted(wanted - standing)


def trigger_statements(model: type[models.Model], connection) -> list[str]:
    """SQL that replaces both triggers of a model's table on this connection's database."""
    make = _sqlite_trigger if connection.vendor == "sqlite" else _postgresql_trigger
    permitted = withdrawal_condition(model, connection.vendor)
    return make(model, "UPDATE", permitted) + make(model, "DELETE", "")


def _sqlite_trigger(model, operation, permitted) -> list[str]:
    table, name = model._meta.db_table, trigger_name(model, operation)
    when = f"WHEN NOT ({permitted}) " if permitted else ""
    return [
        f'DROP TRIGGER IF EXISTS "{name}"',
        f'CREATE TRIGGER "{name}" BEFORE {operation} ON "{table}" FOR EACH ROW {when}'
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END",
    ]


def _postgresql_trigger(model, operation, permitted) -> list[str]:
    table, name = model._meta.db_table, trigger_name(model, operation)
    when = f"WHEN (NOT ({permitted})) " if permitted else ""
    return [
        "CREATE OR REPLACE FUNCTION append_only_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME "
        "USING ERRCODE = 'integrity_constraint_violation'; END $$",
        f'DROP TRIGGER IF EXISTS "{name}" ON "{table}"',
        f'CREATE TRIGGER "{name}" BEFORE {operation} ON "{table}" FOR EACH ROW {when}'
        "EXECUTE FUNCTION append_only_refuse()",
    ]


def withdrawal_condition(model: type[models.Model], vendor: str) -> str:
    """SQL of the one UPDATE that may pass: a withdrawal empties fields, destroys their random values and says so.

    Empty where the model has no fields to withdraw. Every other column must stay as it is; a field may only
    become empty, and only together with its random value in `salts`; `withdrawal_id` must name the withdrawal.
    """
    withdrawable = getattr(model, "withdrawable", ())
    if not withdrawable:
        return ""
    columns = {field.name: field.column for field in model._meta.concrete_fields}
    salted = "salts" in columns
    free = {*withdrawable, "salts", "withdrawal"}
    kept = [_same(f'NEW."{column}"', f'OLD."{column}"', vendor) for name, column in columns.items() if name not in free]
    emptied = [_kept_or_emptied(name, columns[name], salted, vendor) for name in withdrawable]
    lost = [_salts_only_lost(vendor)] if salted else []
    something = " OR ".join(
        f"(NEW.\"{columns[name]}\" = '' AND OLD.\"{columns[name]}\" <> '')" for name in withdrawable
    )
    return " AND ".join(['NEW."withdrawal_id" IS NOT NULL', *kept, *emptied, *lost, f"({something})"])


def _same(new: str, old: str, vendor: str) -> str:
    return f"{new} IS {old}" if vendor == "sqlite" else f"{new} IS NOT DISTINCT FROM {old}"


def _kept_or_emptied(name: str, column: str, salted: bool, vendor: str) -> str:
    new, old = f'NEW."{column}"', f'OLD."{column}"'
    if not salted:
        return f"({_same(new, old, vendor)} OR {new} = '')"
    new_salt, old_salt = _salt("NEW", name, vendor), _salt("OLD", name, vendor)
    kept = f"({_same(new, old, vendor)} AND {_same(new_salt, old_salt, vendor)})"
    return f"({kept} OR ({new} = '' AND {new_salt} IS NULL))"


def _salt(row: str, name: str, vendor: str) -> str:
    if vendor == "sqlite":
        return f"json_extract({row}.\"salts\", '$.{name}')"
    return f"({row}.\"salts\" ->> '{name}')"


def _salts_only_lost(vendor: str) -> str:
    if vendor == "sqlite":
        return (
            'NOT EXISTS (SELECT 1 FROM json_each(NEW."salts") AS n LEFT JOIN json_each(OLD."salts") AS o '
            "ON o.key = n.key WHERE n.value IS NOT o.value)"
        )
    return 'OLD."salts" @> NEW."salts"'

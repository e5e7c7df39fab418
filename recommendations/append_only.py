"""Triggers that let the database itself refuse to change or delete what must stay.

They are installed after every migration and not by one: SQLite drops a table's triggers when a later
migration rebuilds it (https://www.sqlite.org/lang_altertable.html, section 7).

SQLite deletes rows without a word where an INSERT OR REPLACE meets them, so there an INSERT over a row is refused
too; PostgreSQL empties whole tables past the row triggers, so there TRUNCATE is.
"""

from collections.abc import Iterable

from django.db import connections, models

OPERATIONS = {
    "sqlite": ("INSERT", "UPDATE", "DELETE"),
    "postgresql": ("UPDATE", "DELETE", "TRUNCATE"),
}
NEVER = "1 = 0"


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
                for statement in trigger_statements(model, connection.vendor):
                    cursor.execute(statement)


def drop_triggers(sender, using, plan, **kwargs) -> None:
    """Receiver of `pre_migrate`: SQLite rebuilds a table only where no trigger of another one names it. They stand
    again after the migrations; where one fails, `/readyz` says that they are missing until the next that succeeds.
    """
    if plan and connections[using].vendor == "sqlite":
        remove_triggers(append_only_models(sender), using)


def remove_triggers(models_: Iterable[type[models.Model]], using: str) -> None:
    """Lift the triggers, for migrations and for the test suite alone."""
    connection = connections[using]
    with connection.cursor() as cursor:
        for model in models_:
            for operation in OPERATIONS[connection.vendor]:
                cursor.execute(_drop_statement(model, operation, connection.vendor))


def missing_triggers(models_: Iterable[type[models.Model]], using: str) -> list[str]:
    """Names of the triggers that ought to stand and do not."""
    operations = OPERATIONS[connections[using].vendor]
    wanted = {trigger_name(model, operation) for model in models_ for operation in operations}
    return sorted(wanted - list_triggers(using))


def list_triggers(using: str) -> set[str]:
    """Names of all triggers that are at work."""
    connection = connections[using]
    query = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if connection.vendor == "sqlite"
        else "SELECT tgname FROM pg_trigger WHERE tgenabled IN ('O', 'A')"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        return {name for (name,) in cursor.fetchall()}


def trigger_statements(model: type[models.Model], vendor: str) -> list[str]:
    """SQL that replaces the triggers of a model's table."""
    make = _sqlite_trigger if vendor == "sqlite" else _postgresql_trigger
    permitted = dict.fromkeys(OPERATIONS[vendor], NEVER) | {
        "INSERT": f"NOT ({_has_row(model)})",
        "UPDATE": permitted_update(model, vendor),
    }
    return [
        statement
        for operation in OPERATIONS[vendor]
        for statement in (_drop_statement(model, operation, vendor), *make(model, operation, permitted[operation]))
    ]


def permitted_update(model: type[models.Model], vendor: str) -> str:
    """SQL, over OLD and NEW, of the one kind of UPDATE that a model lets through, if there is one."""
    return model.permitted_update(vendor) if hasattr(model, "permitted_update") else NEVER


def _drop_statement(model, operation, vendor) -> str:
    on = "" if vendor == "sqlite" else f' ON "{model._meta.db_table}"'
    return f'DROP TRIGGER IF EXISTS "{trigger_name(model, operation)}"{on}'


def _sqlite_trigger(model, operation, permitted) -> list[str]:
    table, name = model._meta.db_table, trigger_name(model, operation)
    return [
        f'CREATE TRIGGER "{name}" BEFORE {operation} ON "{table}" FOR EACH ROW WHEN ({permitted}) IS NOT TRUE '
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    ]


def _postgresql_trigger(model, operation, permitted) -> list[str]:
    table, name = model._meta.db_table, trigger_name(model, operation)
    each = "STATEMENT" if operation == "TRUNCATE" else "ROW"
    return [
        f'CREATE OR REPLACE FUNCTION "{name}"() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN '
        f"IF ({permitted}) IS NOT TRUE THEN RAISE EXCEPTION '{table} is append-only' "
        "USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$",
        f'CREATE TRIGGER "{name}" BEFORE {operation} ON "{table}" FOR EACH {each} EXECUTE FUNCTION "{name}"()',
    ]


def _has_row(model) -> str:
    """SQL that is true where a row has the key, or any other unique values, of NEW."""
    table = model._meta.db_table
    constraints = [each for each in model._meta.constraints if isinstance(each, models.UniqueConstraint)]
    unique = [each.fields for each in constraints] + [(f.name,) for f in model._meta.concrete_fields if f.unique]
    columns = [[model._meta.get_field(name).column for name in names] for names in unique]
    same = [" AND ".join(f'"{column}" = NEW."{column}"' for column in each) for each in columns]
    return " OR ".join(f'EXISTS (SELECT 1 FROM "{table}" WHERE {condition})' for condition in same)  # noqa: S608

"""Triggers by which the database refuses to change or delete rows of append-only models, and rows that break a rule.

A rule over several rows (`row_rule` of a model), which no constraint can state, is checked for each INSERT and UPDATE.

They are installed after every migration and not by a migration: SQLite drops the triggers of a table that a migration
rebuilds (https://www.sqlite.org/lang_altertable.html, section 7).

SQLite deletes rows silently for INSERT OR REPLACE, so an INSERT over a row is refused there; PostgreSQL empties tables
past row triggers, so TRUNCATE is refused there.
"""

from collections.abc import Iterable

from django.db import connections, models

OPERATIONS = {"sqlite": ("INSERT", "UPDATE", "DELETE"), "postgresql": ("UPDATE", "DELETE", "TRUNCATE")}
RULED = ("INSERT", "UPDATE")
NEVER = "1 = 0"
# Of each function on PostgreSQL: otherwise temporary tables of a connection would stand for those of the site.
SEARCH_PATH = "SET search_path = public, pg_temp"


def list_append_only(app_config) -> list[type[models.Model]]:
    return [model for model in app_config.get_models() if getattr(model, "append_only", False)]


def list_ruled(app_config) -> list[type[models.Model]]:
    return [model for model in app_config.get_models() if hasattr(model, "row_rule")]


def trigger_name(model: type[models.Model], operation: str) -> str:
    return f"append_only_{model._meta.db_table}_{operation.lower()}"


def create_triggers(sender, using, **kwargs) -> None:
    connection = connections[using]
    existing = set(connection.introspection.table_names())
    for models_, write in ((list_append_only(sender), trigger_statements), (list_ruled(sender), rule_statements)):
        for model in models_:
            if model._meta.db_table in existing:
                execute_statements(using, write(model, connection.vendor))


def execute_statements(using: str, statements: Iterable[str]) -> None:
    with connections[using].cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def drop_triggers(sender, using, plan, **kwargs) -> None:
    """Receive `pre_migrate`: SQLite rebuilds a table only if no trigger of another table names it."""
    if plan and connections[using].vendor == "sqlite":
        remove_triggers(list_append_only(sender), using)
        for model in list_ruled(sender):
            names = [rule_name(model, operation) for operation in RULED]
            execute_statements(using, (drop_trigger(model._meta.db_table, name, "sqlite") for name in names))


def remove_triggers(models_: Iterable[type[models.Model]], using: str) -> None:
    vendor = connections[using].vendor
    for model in models_:
        names = [trigger_name(model, operation) for operation in OPERATIONS[vendor]]
        execute_statements(using, (drop_trigger(model._meta.db_table, name, vendor) for name in names))


def missing_triggers(models_: Iterable[type[models.Model]], using: str) -> list[str]:
    operations = OPERATIONS[connections[using].vendor]
    wanted = {trigger_name(model, operation) for model in models_ for operation in operations}
    return sorted(wanted - list_triggers(using))


def missing_rules(models_: Iterable[type[models.Model]], using: str) -> list[str]:
    return sorted({rule_name(model, operation) for model in models_ for operation in RULED} - list_triggers(using))


def list_triggers(using: str) -> set[str]:
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
    table = model._meta.db_table
    permitted = dict.fromkeys(OPERATIONS[vendor], NEVER) | {
        "INSERT": f"NOT ({_has_row(model)})",
        "UPDATE": allowed_update(model, vendor),
    }
    return [
        statement
        for operation in OPERATIONS[vendor]
        for statement in make_trigger(
            table, operation, trigger_name(model, operation), permitted[operation], "is append-only", vendor
        )
    ]


def rule_name(model: type[models.Model], operation: str) -> str:
    return f"rule_{model._meta.db_table}_{operation.lower()}"


def rule_statements(model: type[models.Model], vendor: str) -> list[str]:
    table, rule = model._meta.db_table, model.row_rule()  # type: ignore[attr-defined]
    return [
        statement
        for operation in RULED
        for statement in make_trigger(table, operation, rule_name(model, operation), rule, "breaks its rule", vendor)
    ]


def allowed_update(model: type[models.Model], vendor: str) -> str:
    """Return the SQL condition, over OLD and NEW, of the only UPDATE that a model permits."""
    return model.allowed_update(vendor) if hasattr(model, "allowed_update") else NEVER


def is_same(column: str, vendor: str) -> str:
    """Return SQL: an UPDATE leaves the column as it is."""
    same = "IS" if vendor == "sqlite" else "IS NOT DISTINCT FROM"
    return f'NEW."{column}" {same} OLD."{column}"'


def drop_trigger(table: str, name: str, vendor: str) -> str:
    on = "" if vendor == "sqlite" else f' ON "{table}"'
    return f'DROP TRIGGER IF EXISTS "{name}"{on}'


def make_trigger(
    table: str, operation: str, name: str, permitted: str, problem: str, vendor: str, lock: str = ""
) -> list[str]:
    """Return SQL of a trigger that raises `problem` unless the condition `permitted` is true, and replaces the last.

    `lock`: a statement that PostgreSQL executes before.
    """
    drop = drop_trigger(table, name, vendor)
    if vendor == "sqlite":
        return [
            drop,
            f'CREATE TRIGGER "{name}" BEFORE {operation} ON "{table}" FOR EACH ROW WHEN ({permitted}) IS NOT TRUE '
            f"BEGIN SELECT RAISE(ABORT, '{table} {problem}'); END",
        ]
    each = "STATEMENT" if operation == "TRUNCATE" else "ROW"
    return [
        drop,
        f'CREATE OR REPLACE FUNCTION "{name}"() RETURNS trigger LANGUAGE plpgsql {SEARCH_PATH} AS $$ BEGIN {lock} '
        f"IF ({permitted}) IS NOT TRUE THEN RAISE EXCEPTION '{table} {problem}' "
        "USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$",
        f'CREATE TRIGGER "{name}" BEFORE {operation} ON "{table}" FOR EACH {each} EXECUTE FUNCTION "{name}"()',
    ]


def _has_row(model) -> str:
    """Return SQL that is true if a row has the key, or other unique values, of NEW."""
    table = model._meta.db_table
    constraints = [each for each in model._meta.constraints if isinstance(each, models.UniqueConstraint)]
    unique = [each.fields for each in constraints] + [(f.name,) for f in model._meta.concrete_fields if f.unique]
    columns = [[model._meta.get_field(name).column for name in names] for names in unique]
    same = [" AND ".join(f'"{column}" = NEW."{column}"' for column in each) for each in columns]
    return " OR ".join(f'EXISTS (SELECT 1 FROM "{table}" WHERE {condition})' for condition in same)  # noqa: S608

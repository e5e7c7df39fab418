"""Triggers by which the database refuses to change or delete rows of append-only models, and rows that break a rule.

A rule over several rows (`row_rule` of a model), which no constraint can state, is checked for each INSERT and UPDATE,
and a rule over the row before and after (`update_rule`) for each UPDATE. A rule for rows of other apps that refer to a
row (its `reference_rule`) is checked for all of them: no model needs to be registered.
What has to follow an INSERT in another table (`on_insert` of a model) follows in the same statement. What did not
follow while the trigger was missing, as during a migration on SQLite, follows when it is created.

They are installed after every migration and not by a migration: SQLite drops the triggers of a table that a migration
rebuilds (https://www.sqlite.org/lang_altertable.html, section 7).

SQLite deletes rows silently for INSERT OR REPLACE, so an INSERT over a row is refused there; PostgreSQL empties tables
past row triggers, so TRUNCATE is refused there.
"""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from django.apps import apps
from django.db import connections, models

OPERATIONS = {"sqlite": ("INSERT", "UPDATE", "DELETE"), "postgresql": ("UPDATE", "DELETE", "TRUNCATE")}
RULED = ("INSERT", "UPDATE")
NEVER = "1 = 0"
# Of each function on PostgreSQL: otherwise temporary tables of a connection would stand for those of the site.
SEARCH_PATH = "SET search_path = public, pg_temp"


class OnInsert(NamedTuple):
    """SQL for an INSERT of a row, NEW: `update` is executed with it, and then `rule` must be true. `catch_up` does the
    same for rows that were inserted without the trigger.
    """

    update: str
    rule: str
    catch_up: str


def list_append_only() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if getattr(model, "append_only", False)]


def create_triggers(sender, using, **kwargs) -> None:
    connection = connections[using]
    existing = set(connection.introspection.table_names())
    for model in sender.get_models():
        if model._meta.db_table in existing:
            for statements in list_statements(model, connection.vendor).values():
                execute_statements(using, statements)


def execute_statements(using: str, statements: Iterable[str]) -> None:
    with connections[using].cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def drop_triggers(sender, using, plan, **kwargs) -> None:
    """Receive `pre_migrate`: SQLite rebuilds a table only if no trigger of another table names it."""
    if plan and connections[using].vendor == "sqlite":
        remove_triggers(sender.get_models(), using)


def remove_triggers(models_: Iterable[type[models.Model]], using: str) -> None:
    vendor = connections[using].vendor
    for model in models_:
        execute_statements(using, (drop for drop, *_create in list_statements(model, vendor).values()))


def missing_triggers(using: str) -> list[str]:
    vendor = connections[using].vendor
    wanted = {name for model in apps.get_models() for name in list_statements(model, vendor)}
    return sorted(wanted - list_triggers(using))


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


def list_statements(model: type[models.Model], vendor: str) -> dict[str, list[str]]:
    """Return SQL that drops each trigger of a model and creates it, by the name of the trigger."""
    table, found = model._meta.db_table, {}
    if getattr(model, "append_only", False):
        permitted = {"INSERT": f"NOT ({_has_row(model)})"}
        if hasattr(model, "allowed_update"):  # the only UPDATE that it permits, over OLD and NEW
            permitted["UPDATE"] = model.allowed_update(vendor)
        for operation in OPERATIONS[vendor]:
            name, rule = f"append_only_{table}_{operation.lower()}", permitted.get(operation, NEVER)
            found[name] = make_trigger(table, operation, name, rule, "is append-only", vendor)
    if hasattr(model, "row_rule"):
        for operation in RULED:
            name = f"rule_{table}_{operation.lower()}"
            found[name] = make_trigger(table, operation, name, model.row_rule(), "breaks its rule", vendor)
    if hasattr(model, "update_rule"):
        name = f"update_rule_{table}"
        found[name] = make_trigger(table, "UPDATE", name, model.update_rule(vendor), "stays as it is", vendor)
    for column, rule in list_reference_rules(model):
        for operation in ("INSERT", f'UPDATE OF "{column}"'):
            name = f"reference_{table}_{column}_{operation[:6].lower()}"
            found[name] = make_trigger(table, operation, name, rule, f"breaks the rule of {column}", vendor)
    if hasattr(model, "on_insert"):
        name, (update, rule, catch_up) = f"on_insert_{table}", model.on_insert()
        found[name] = [*make_trigger(table, "INSERT", name, rule, "does not follow", vendor, f"{update};"), catch_up]
    return found


def list_reference_rules(model: type[models.Model]) -> list[tuple[str, str]]:
    """Return (column, SQL over NEW) of the foreign keys to models of other apps that have a `reference_rule`."""
    keys = [(field.column, field.related_model) for field in model._meta.concrete_fields]
    ruled = [(str(column), of) for column, of in keys if of is not None and hasattr(of, "reference_rule")]
    return [
        (column, of.reference_rule(f'NEW."{column}"'))
        for column, of in ruled
        if of._meta.app_label != model._meta.app_label
    ]


def is_same(column: str, vendor: str) -> str:
    """Return SQL: an UPDATE leaves the column as it is."""
    same = "IS" if vendor == "sqlite" else "IS NOT DISTINCT FROM"
    return f'NEW."{column}" {same} OLD."{column}"'


def are_same(model: type[models.Model], names: Collection[str], vendor: str) -> str:
    """Return SQL: an UPDATE leaves the fields as they are."""
    fields = (field for field in model._meta.concrete_fields if field.name in names)
    return " AND ".join(is_same(str(field.column), vendor) for field in fields)


def move_current(model: type[models.Model], owner: str, empty: str = NEVER) -> OnInsert:
    """Have the `owner` of a numbered version point to it as `current`, and no version be newer.

    `empty` is SQL that is true of a version after which the owner has no current one, with {} before each column.
    """
    table, field = model._meta.db_table, model._meta.get_field(owner)
    owners, key = field.related_model._meta.db_table, field.column  # type: ignore[union-attr]
    key_of_new, key_of_row = (f"CASE WHEN {empty.format(row)} THEN NULL ELSE {row}id END" for row in ("NEW.", ""))
    update = f'UPDATE "{owners}" SET current_id = {key_of_new} WHERE id = NEW.{key}'  # noqa: S608 - own names
    newer = f'SELECT 1 FROM "{table}" WHERE {key} = NEW.{key} AND number > NEW.number'  # noqa: S608
    last = f'SELECT {key_of_row} FROM "{table}" WHERE {key} = "{owners}".id ORDER BY number DESC LIMIT 1'  # noqa: S608
    catch_up = f'UPDATE "{owners}" SET current_id = ({last}) WHERE COALESCE(current_id, 0) <> COALESCE(({last}), 0)'  # noqa: S608
    return OnInsert(update, f"NOT EXISTS ({newer})", catch_up)


def drop_trigger(table: str, name: str, vendor: str) -> str:
    on = "" if vendor == "sqlite" else f' ON "{table}"'
    return f'DROP TRIGGER IF EXISTS "{name}"{on}'


def make_trigger(
    table: str, operation: str, name: str, permitted: str, problem: str, vendor: str, first: str = ""
) -> list[str]:
    """Return SQL of a trigger that raises `problem` unless the condition `permitted` is true, and replaces the last.

    `first`: a statement that is executed before. SQLite has the key of a new row only after its INSERT.
    """
    drop = drop_trigger(table, name, vendor)
    if vendor == "sqlite":
        time = "AFTER" if first else "BEFORE"
        return [
            drop,
            f'CREATE TRIGGER "{name}" {time} {operation} ON "{table}" FOR EACH ROW BEGIN {first} '
            f"SELECT RAISE(ABORT, '{table} {problem}') WHERE ({permitted}) IS NOT TRUE; END",
        ]
    each = "STATEMENT" if operation == "TRUNCATE" else "ROW"
    return [
        drop,
        f'CREATE OR REPLACE FUNCTION "{name}"() RETURNS trigger LANGUAGE plpgsql {SEARCH_PATH} AS $$ BEGIN {first} '
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

"""Full-text indexes of the two databases over `IndexedText`, and the condition that asks them.

They are installed after every migration, as the append-only triggers are: SQLite drops the triggers of a table that a
migration rebuilds.
"""

from collections.abc import Iterable

from django.db import connection, connections
from django.db.models import F, Lookup

from recommendations.append_only import SEARCH_PATH, execute_statements
from recommendations.models import IndexedText

TABLE = IndexedText._meta.db_table
FULL_TEXT = f"{TABLE}_fts"
FIELDS = ("title", "heading", "words", "context")
COLUMNS = (*FIELDS, "licence")
VECTOR = "vector"  # a column of PostgreSQL alone, which a trigger fills


def create_full_text(sender, using, **kwargs) -> None:
    """Receive `post_migrate`."""
    connection = connections[using]
    if TABLE in connection.introspection.table_names():
        execute_statements(using, _postgresql() if connection.vendor == "postgresql" else _sqlite(connection))


def _postgresql() -> Iterable[str]:
    document = " || ' ' || ".join(f"NEW.{column}" for column in COLUMNS)
    yield f'ALTER TABLE "{TABLE}" ADD COLUMN IF NOT EXISTS {VECTOR} tsvector'
    yield f'CREATE INDEX IF NOT EXISTS "{FULL_TEXT}" ON "{TABLE}" USING gin ({VECTOR})'
    yield (
        f'CREATE OR REPLACE FUNCTION "{FULL_TEXT}"() RETURNS trigger LANGUAGE plpgsql {SEARCH_PATH} AS $$ BEGIN '
        f"NEW.{VECTOR} := to_tsvector('simple', {document}); RETURN NEW; END $$"
    )
    yield (
        f'CREATE OR REPLACE TRIGGER "{FULL_TEXT}" BEFORE INSERT OR UPDATE ON "{TABLE}" '
        f'FOR EACH ROW EXECUTE FUNCTION "{FULL_TEXT}"()'
    )
    yield f'UPDATE "{TABLE}" SET id = id WHERE {VECTOR} IS NULL'  # noqa: S608


def _sqlite(connection) -> Iterable[str]:
    names = ", ".join(COLUMNS)
    if FULL_TEXT not in connection.introspection.table_names():
        yield (
            f'CREATE VIRTUAL TABLE "{FULL_TEXT}" USING fts5({names}, content="{TABLE}", content_rowid="id", '
            'tokenize="unicode61 remove_diacritics 0")'
        )
        yield f'INSERT INTO "{FULL_TEXT}" ("{FULL_TEXT}") VALUES (\'rebuild\')'  # noqa: S608
    added = f'INSERT INTO "{FULL_TEXT}" (rowid, {names}) VALUES (new.id, {_of("new")});'  # noqa: S608
    removed = (
        f'INSERT INTO "{FULL_TEXT}" ("{FULL_TEXT}", rowid, {names}) '  # noqa: S608
        f"VALUES ('delete', old.id, {_of('old')});"
    )
    for operation, body in (("INSERT", added), ("DELETE", removed), ("UPDATE", f"{removed} {added}")):
        name = f"{FULL_TEXT}_{operation.lower()}"
        yield f'CREATE TRIGGER IF NOT EXISTS "{name}" AFTER {operation} ON "{TABLE}" BEGIN {body} END'


def empty_full_text() -> None:
    """Destroy the words of deleted rows, which SQLite keeps in the index until it merges its parts."""
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute(f'INSERT INTO "{FULL_TEXT}" ("{FULL_TEXT}") VALUES (\'optimize\')')  # noqa: S608


def _of(row: str) -> str:
    return ", ".join(f"{row}.{column}" for column in COLUMNS)


class Matches(Lookup):
    """Whether a row has one of the phrases, each a tuple of terms, in its text, and one of the terms in its licence."""

    lookup_name = "matches"
    prepare_rhs = False

    def __init__(self, phrases: Iterable[tuple[str, ...]], licences: Iterable[str]):
        super().__init__(F("pk"), (sorted(set(phrases)), sorted(licences)))

    def as_sqlite(self, compiler, connection, **context):
        phrases, licences = self.rhs
        words = " OR ".join('"' + " ".join(phrase) + '"' for phrase in phrases)
        readers = " OR ".join(f'"{term}"' for term in licences)
        query = f"{{{' '.join(FIELDS)}}} : ({words}) AND licence : ({readers})"
        key, _parameters = compiler.compile(self.lhs)
        return f'{key} IN (SELECT rowid FROM "{FULL_TEXT}" WHERE "{FULL_TEXT}" MATCH %s)', (query,)  # noqa: S608

    def as_postgresql(self, compiler, connection, **context):
        phrases, licences = self.rhs
        words = " | ".join("(" + " <-> ".join(f"'{term}'" for term in phrase) + ")" for phrase in phrases)
        readers = " | ".join(f"'{term}'" for term in licences)
        return f'"{self.lhs.alias}".{VECTOR} @@ %s::tsquery', (f"({words}) & ({readers})",)

"""Compare rows that people change with the events that name them.

Each event keeps the rows that its action changed, as it left them. So every row of `KINDS` must be as the last event
left it. Rows that were there before the first event are named by an event of their own, such as `catalogue loaded`.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import JSONField, Model

from tracker.audit.seal import form_error
from tracker.models import EventRow, ReadingRestriction
from tracker.models.digest import FORM, as_text, digest_value

AT_A_TIME = 1000

Content = dict[str, object]


class LastEvent(NamedTuple):
    """What the last event about a row says of it, none where it was deleted, and in which form."""

    content: Content | None
    form: int


NO_EVENT = LastEvent(None, FORM)


@dataclass(frozen=True)
class Kind:
    """How rows of a model stand in events.

    `left_out` names fields that change without an event. Of `secret` fields an event has only the digest, of `many` the
    keys. `key` names a row within its kind; it must be unique and never change.
    """

    model: type[Model]
    left_out: frozenset[str] = frozenset()
    secret: frozenset[str] = frozenset()
    many: tuple[str, ...] = ()
    key: Callable[[Model], object] = lambda row: row.pk


# By the noun that events use.
KINDS: dict[str, Kind] = {
    "bar": Kind(ReadingRestriction),
}
NOUNS = {kind.model: noun for noun, kind in KINDS.items()}


def name_of(row: Model) -> str:
    """Return the name of a row in events, such as `theme 5`."""
    noun = NOUNS[type(row)]
    return f"{noun} {KINDS[noun].key(row)}"


def content_of(row: Model) -> Content:
    """Return the fields of a row that was read from the database, as JSON."""
    kind = KINDS[NOUNS[type(row)]]
    fields = [field for field in row._meta.concrete_fields if field.name not in kind.left_out]
    content = {field.name: _plain(field.value_from_object(row), field) for field in fields}
    content |= {name: digest_value(content[name]) for name in kind.secret}
    return content | {name: sorted(other.pk for other in getattr(row, name).all()) for name in kind.many}


def _plain(value, field) -> object:
    if value is None or isinstance(value, (bool, int, str)) or isinstance(field, JSONField):
        return value
    return as_text(value) if isinstance(value, date) else str(value)


def rows_left(rows: Iterable[Model], deleted: Iterable[str] = ()) -> list[EventRow]:
    """Return unsaved rows of an event: `rows` as they are in the database now, and the names of `deleted` rows."""
    keys: dict[type[Model], list] = {}
    for row in rows:
        keys.setdefault(type(row), []).append(row.pk)
    left = {name_of(row): content_of(row) for model, pks in keys.items() for row in _read(model, pks)}
    found: dict[str, Content | None] = {**dict.fromkeys(deleted), **left}
    return [EventRow(name=name, content=found[name]) for name in sorted(found)]


def _read(model: type[Model], pks: list | None = None) -> Iterator[Model]:
    rows = model._base_manager.order_by("pk").prefetch_related(*KINDS[NOUNS[model]].many)
    return (rows if pks is None else rows.filter(pk__in=pks)).iterator(AT_A_TIME)


def find_errors() -> Iterator[str]:
    """Yield what differs between the rows and the last event about each."""
    with _one_moment():
        rows = EventRow.everyones.order_by("event_id").values_list("name", "content", "event__canonical_form")
        last = {name: LastEvent(content, form) for name, content, form in rows.iterator(AT_A_TIME)}
        for kind in KINDS.values():
            for row in _read(kind.model):
                name = name_of(row)
                if fault := _fault(content_of(row), last.pop(name, NO_EVENT)):
                    yield f"{name}: {fault}"
        yield from (f"{name}: missing" for name, event in last.items() if event.content is not None)


def _fault(content: Content, event: LastEvent) -> str:
    if event.form != FORM:
        return form_error(event.form)
    last = event.content
    if last is None:
        return "no event names it"
    names = sorted(name for name in content.keys() | last.keys() if content.get(name) != last.get(name))
    return f"altered: {', '.join(names)}" if names else ""


@contextmanager
def _one_moment() -> Iterator[None]:
    """Read the events and the rows as they were at one moment, without holding anybody up."""
    is_first = not connection.in_atomic_block
    with transaction.atomic():
        if is_first and connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield

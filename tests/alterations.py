"""Ways to alter rows past the site, as someone with the database can who has lifted its triggers and checks."""

import contextlib
import datetime
import itertools

from django.db import DEFAULT_DB_ALIAS, DataError, IntegrityError, connection, models, transaction
from django.db.models import Func

OTHER = {  # another value of a column, by the kind of its field
    models.CharField: lambda value: value[:-1] + ("0" if value[-1:] != "0" else "1"),
    models.TextField: lambda value: f"{value}.",
    models.FileField: lambda value: f"{value}x",
    models.DateTimeField: lambda value: value + datetime.timedelta(microseconds=1),
    models.DateField: lambda value: value + datetime.timedelta(days=1),
    models.BooleanField: lambda value: not value,
    models.JSONField: lambda value: [*value, "x"] if isinstance(value, list) else {**value, "x": "x"},
    models.IntegerField: lambda value: value + 1000,
}
NEW = {  # a value where there was none
    models.DateTimeField: datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC),
    models.DateField: datetime.date(2026, 1, 1),
    models.IntegerField: 1,
}


def delete(rows) -> None:
    rows._raw_delete(DEFAULT_DB_ALIAS)


def others(row, field):
    """Other values for a column, of which the database takes one at least, or keeps it as it is."""
    value = getattr(row, field.attname)
    if field.is_relation:
        keys = field.related_model._base_manager.exclude(pk=value).order_by("-pk")
        yield from keys.values_list("pk", flat=True)[:3]
        yield 1_000_000
    elif field.choices:
        yield from sorted({"", *dict(field.choices)} - {value})
    elif value is None:
        yield next(new for kind, new in NEW.items() if isinstance(field, kind))
    else:
        yield next(other for kind, other in OTHER.items() if isinstance(field, kind))(value)
    if field.null and value is not None:
        yield None


def write(statement) -> bool:
    """Whether the database takes it. Of a file nobody need ask for more than its unique columns."""
    try:
        with transaction.atomic():
            statement()
    except (IntegrityError, DataError):
        return False
    return True


@contextlib.contextmanager
def undone():
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def with_other(row, field) -> bool:
    rows = type(row)._base_manager.filter(pk=row.pk)
    return any(write(lambda value=value: rows.update(**{field.attname: value})) for value in others(row, field))


def copied(row) -> bool:
    """Another row that says the same in another place."""
    model = type(row)
    unique = [constraint for constraint in model._meta.constraints if isinstance(constraint, models.UniqueConstraint)]
    places = {fields[-1] for fields in (*(c.fields for c in unique), *model._meta.unique_together) if fields}
    parts = (
        part for constraint in unique for expression in constraint.expressions for part in Func(expression).flatten()
    )
    places |= {part.name for part in parts if isinstance(part, models.F)}
    fields = [f for f in model._meta.concrete_fields if f.unique and not f.primary_key]
    fields += [model._meta.get_field(name) for name in sorted(places)]
    fields = [field for field in fields if getattr(row, field.attname) is not None]
    copy = model._base_manager.get(pk=row.pk)
    copy.pk = 1_000_000
    choices = [[(field, value) for value in others(row, field)] for field in fields]
    for chosen in itertools.islice(itertools.product(*choices), 20):
        for field, value in chosen:
            setattr(copy, field.attname, value)
        if write(lambda: model._base_manager.bulk_create([copy])):
            return True
    return False


def swapped(one, two, field) -> bool:
    """Two rows have each what the other had in a column."""
    rows, (first, second) = type(one)._base_manager, (getattr(row, field.attname) for row in (one, two))
    between = next(others(one, field)) if not field.is_relation else 1_000_000

    def swap():
        if field.unique or any(field.name in getattr(c, "fields", ()) for c in one._meta.constraints):
            rows.filter(pk=one.pk).update(**{field.attname: between})
        rows.filter(pk=two.pk).update(**{field.attname: first})
        rows.filter(pk=one.pk).update(**{field.attname: second})

    was = _contents(type(one))
    return first != second and write(swap) and _contents(type(one)) != was


def _contents(model) -> list:
    """All that a table says, whatever the keys: two rows that differ in one column alone can change places."""
    columns = [f.attname for f in model._meta.concrete_fields if not f.primary_key]
    return sorted(model._base_manager.values_list(*columns), key=repr)


@contextlib.contextmanager
def lifted_checks(tables):
    """Without the check constraints of these models."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints = ON")
            yield
            cursor.execute("PRAGMA ignore_check_constraints = OFF")
            return
        connection.check_constraints()
        for model in tables:
            for constraint in model._meta.constraints:
                if isinstance(constraint, models.CheckConstraint):
                    cursor.execute(f'ALTER TABLE "{model._meta.db_table}" DROP CONSTRAINT "{constraint.name}"')
        yield

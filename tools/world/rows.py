import itertools
from collections import defaultdict
from collections.abc import Iterator

from django.core.management.color import no_style
from django.db import connection, models

AT_A_TIME = 500


class NewRows:
    """Rows that have their keys before they are inserted."""

    def __init__(self) -> None:
        self._keys: dict[type[models.Model], Iterator[int]] = {}
        self._rows: defaultdict[type[models.Model], list] = defaultdict(list)

    def add[Row: models.Model](self, row: Row) -> Row:
        model = type(row)
        if model._meta.auto_field:
            row.pk = next(self._keys.get(model) or self._keys.setdefault(model, _next_keys(model)))
        self._rows[model].append(row)
        return row

    def save_all(self) -> None:
        """Insert what was added since the last time; foreign keys are checked when the transaction ends."""
        for model, rows in self._rows.items():
            model._base_manager.bulk_create(rows, batch_size=AT_A_TIME)
        self._rows.clear()

    def reset_keys(self) -> None:
        """Let PostgreSQL number after the inserted rows; it would begin at 1."""
        statements = connection.ops.sequence_reset_sql(no_style(), list(self._keys))
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)


def _next_keys(model: type[models.Model]) -> Iterator[int]:
    last = model._base_manager.aggregate(models.Max("pk"))["pk__max"] or 0
    return itertools.count(last + 1)


def update_row_counts() -> None:
    """Have PostgreSQL update the row counts by which it plans: it does so only from time to time."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")

from functools import cache

from django.db import models
from django.db.models.sql import Query


class TextRows[Row: models.Model](models.Manager[Row]):
    """Leave out the rows of retracted texts. `text_paths` lead from a row to its texts."""

    text_paths: tuple[str, ...] = ("recommendation",)

    def including_retracted(self) -> models.QuerySet[Row]:
        """Return all rows, for the retraction itself."""
        return super().get_queryset()

    def get_queryset(self) -> models.QuerySet[Row]:
        return leave_out_retracted(super().get_queryset(), *(f"{path}__retracted_at" for path in self.text_paths))


def leave_out_retracted[Rows: models.QuerySet](rows: Rows, *columns: str) -> Rows:
    """Filter new rows: a page that reads rows of each text asks for them hundreds of times."""
    model: type[models.Model] = rows.model
    rows.query = _query_without_retracted(model, columns).chain()
    return rows


@cache
def _query_without_retracted(model: type[models.Model], columns: tuple[str, ...]) -> Query:
    """Build it once: to copy a query takes a tenth of the time of filtering."""
    return models.QuerySet(model).filter(**dict.fromkeys(columns)).query

from django.db import models


class TextRows[Row: models.Model](models.Manager[Row]):
    """Leave out the rows of retracted texts. `text_paths` lead from a row to its texts."""

    text_paths: tuple[str, ...] = ("recommendation",)

    def including_retracted(self) -> models.QuerySet[Row]:
        """Return all rows, for the retraction itself."""
        return super().get_queryset()

    def get_queryset(self) -> models.QuerySet[Row]:
        return super().get_queryset().filter(**{f"{path}__retracted_at": None for path in self.text_paths})

from django.db import connections, models, transaction

from recommendations.models.quick_row import QuickRow


class RequestCountQuerySet(models.QuerySet):
    def add_request(self, key: str, period: int) -> int:
        """Count a request of this key, and return the number of its requests in this period. One query."""
        table = self.model._meta.db_table
        # A transaction waits in the queue of the writers, where the database has one.
        with transaction.atomic(self.db, savepoint=False), connections[self.db].cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {table} (key, period, count) VALUES (%s, %s, 1) ON CONFLICT (key) DO UPDATE SET "  # noqa: S608
                f"count = CASE WHEN {table}.period = excluded.period THEN {table}.count + 1 ELSE 1 END, "
                "period = excluded.period RETURNING count",
                [key, period],
            )
            return cursor.fetchone()[0]


class RequestCount(QuickRow):
    """Count what one user or one network asked for in one period (`tracker.web.limits`).

    `key` is a digest with a secret key, so that no address is stored; `period` is numbered from 1970.
    """

    key = models.CharField(max_length=64, unique=True)
    period = models.PositiveIntegerField()
    count = models.PositiveIntegerField()

    objects = RequestCountQuerySet.as_manager()

    def __str__(self):
        return f"{self.key}: {self.count}"

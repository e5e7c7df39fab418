import binascii
import pickle
from base64 import b64decode, b64encode
from collections.abc import Iterable
from datetime import UTC, datetime
from io import BytesIO
from typing import Any, Never

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.db import DatabaseCache
from django.db import DatabaseError, connections, router, transaction
from django.utils import timezone


class PlainDatabaseCache(DatabaseCache):
    """Read only values of plain types: Django's cache runs what somebody writes into its table by SQL. Write in one
    statement, where Django's takes four: a sign-in writes a dozen entries.
    """

    def add(self, key: Any, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return self._write(key, value, timeout, version, "WHERE old.expires < %s", _now())

    def set(self, key: Any, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        self._write(key, value, timeout, version)
        with connections[self._alias].cursor() as cursor:
            cursor.execute(f"SELECT COUNT(*) FROM {self._quoted_table}")  # noqa: S608
            if (count := cursor.fetchone()[0]) > self._max_entries:  # type: ignore[attr-defined]
                self._cull(self._alias, cursor, _now(), count)  # type: ignore[attr-defined]

    def get_many(self, keys: Iterable[Any], version: int | None = None) -> dict[Any, Any]:
        names = {self.make_and_validate_key(key, version=version): key for key in keys}
        places = ", ".join(["%s"] * len(names))
        if not names:
            return {}
        connection = connections[self._alias]
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT cache_key, value FROM {self._quoted_table} "  # noqa: S608
                f"WHERE cache_key IN ({places}) AND expires >= %s",
                [*names, connection.ops.adapt_datetimefield_value(_now())],
            )
            rows = cursor.fetchall()
        found = {}
        for name, stored in rows:
            try:
                found[names[name]] = PlainUnpickler(BytesIO(b64decode(stored, validate=True))).load()
            except (pickle.UnpicklingError, binascii.Error, EOFError, LookupError, TypeError, ValueError):
                continue  # as if it were not there
        return found

    @property
    def _alias(self) -> str:
        return router.db_for_write(self.cache_model_class)

    @property
    def _quoted_table(self) -> str:
        return connections[self._alias].ops.quote_name(self._table)  # type: ignore[attr-defined]

    def _write(
        self,
        key: Any,
        value: Any,
        timeout: float | None,
        version: int | None,
        condition: str = "",
        *moments: datetime,
    ) -> bool:
        """Write a new entry, or over one that meets the condition; return whether it was written."""
        seconds = self.get_backend_timeout(timeout)
        expires = datetime.max.replace(tzinfo=UTC) if seconds is None else datetime.fromtimestamp(seconds, UTC)
        stored = b64encode(pickle.dumps(value, self.pickle_protocol)).decode()  # type: ignore[attr-defined]
        connection = connections[self._alias]
        adapt = connection.ops.adapt_datetimefield_value
        times = [adapt(moment.replace(microsecond=0)) for moment in (expires, *moments)]
        # After an error the transaction around it can go on.
        try:
            with transaction.atomic(self._alias), connection.cursor() as cursor:
                cursor.execute(
                    f"INSERT INTO {self._quoted_table} AS old (cache_key, value, expires) "  # noqa: S608
                    "VALUES (%s, %s, %s) ON CONFLICT (cache_key) DO UPDATE "
                    f"SET value = excluded.value, expires = excluded.expires {condition} RETURNING cache_key",
                    [self.make_and_validate_key(key, version=version), stored, *times],
                )
                return cursor.fetchone() is not None
        except DatabaseError:  # as Django's cache: nothing fails for it
            return False


def _now() -> datetime:
    return timezone.now().replace(microsecond=0)


class PlainUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Never:
        raise pickle.UnpicklingError(f"{module}.{name}")

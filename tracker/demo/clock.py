from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from unittest.mock import patch

from django.utils import timezone


@contextmanager
def on_day(day: date) -> Iterator[None]:
    """Let it be nine in the morning of a day for everything that reads Django's clock."""
    with patch.object(timezone, "now", lambda: datetime.combine(day, time(9), UTC)):
        yield

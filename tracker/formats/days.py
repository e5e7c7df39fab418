from datetime import date, datetime
from functools import lru_cache

from django.utils.formats import date_format
from django.utils.translation import get_language

REMEMBERED = 10_000


def day_in_words(day: date | datetime | None) -> str:
    """Return the day as the active language writes it, or an empty string for None."""
    if day is None:
        return ""
    return _in_words(day.date() if isinstance(day, datetime) else day, get_language())


@lru_cache(REMEMBERED)
def _in_words(day: date, language: str | None) -> str:
    return date_format(day, "DATE_FORMAT")

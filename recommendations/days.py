"""Days in words, in the six languages of the United Nations: how they are shown and how they are read."""

import re
from datetime import date, datetime
from functools import cache, lru_cache

from django.utils.dates import MONTHS, MONTHS_3, MONTHS_ALT, MONTHS_AP
from django.utils.formats import date_format
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

REMEMBERED = 10_000
EXAMPLE = date(2027, 6, 30)

DAY_FORMS = (
    re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"),
    re.compile(r"(?P<year>\d{4})\s*年\s*(?P<month>\d{1,2})\s*月\s*(?P<day>\d{1,2})\s*日"),
    re.compile(
        r"(?P<day>\d{1,2})(?:er|st|nd|rd|th|[.ºª])?\s+(?:de\s+)?(?P<name>[^\W\d]+(?:[\s/][^\W\d]+)*?)"
        r"\.?[,،]?\s+(?:del?\s+)?(?P<year>\d{4})(?:\s*(?:г\.?|года|م\.?))?"
    ),
)
DIRECTION_MARKS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
ALEFS = str.maketrans("أإآ", "ااا")
NAMED_IN = ("en", "fr", "es", "ru", "ar")
ARABIC_MONTHS = (
    ("كانون الثاني",),
    ("شباط",),
    ("آذار",),
    ("نيسان", "أبريل"),
    ("أيار",),
    ("حزيران", "يونيه"),
    ("تموز", "يوليه"),
    ("آب",),
    ("أيلول",),
    ("تشرين الأول",),
    ("تشرين الثاني",),
    ("كانون الأول",),
)


def day_in_words(day: date | datetime | None) -> str:
    """Return the day as the active language writes it, or an empty string for None."""
    if day is None:
        return ""
    return _in_words(day.date() if isinstance(day, datetime) else day, get_language())


@lru_cache(REMEMBERED)
def _in_words(day: date, language: str | None) -> str:
    return date_format(day, "DATE_FORMAT")


def day_error() -> str:
    # Translators: day: an example in the language's own form, such as 30 June 2027.
    return _("Enter the date as %(day)s.") % {"day": day_in_words(EXAMPLE)}


def read_day(text: str) -> date:
    """Read a day: `2027-06-30`, or with the month in words in any of the six languages. Raise ValueError otherwise."""
    text = " ".join(DIRECTION_MARKS.sub("", text).split())
    for form in DAY_FORMS:
        if found := form.fullmatch(text):
            parts = found.groupdict()
            month = _month_of(parts["name"]) if "name" in parts else int(parts["month"])
            return date(int(parts["year"]), month, int(parts["day"]))
    raise ValueError(text)


def _month_of(names: str) -> int:
    """Return the number of a month. Arabic writes two names of one month with a slash: `حزيران/يونيه`."""
    numbers = {_month_numbers().get(_plain(name), 0) for name in names.split("/")}
    return numbers.pop() if len(numbers) == 1 else 0


@cache
def _month_numbers() -> dict[str, int]:
    found = {_plain(name): number for number, names in enumerate(ARABIC_MONTHS, start=1) for name in names}
    for language in NAMED_IN:
        with override(language):
            for months in (MONTHS_3, MONTHS_AP, MONTHS_ALT, MONTHS):
                found |= {_plain(str(name)): number for number, name in months.items()}
    return found


def _plain(name: str) -> str:
    return name.casefold().rstrip(".").translate(ALEFS)

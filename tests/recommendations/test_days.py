import re
from datetime import date, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import override
from hypothesis import given
from hypothesis import settings as bounds
from hypothesis import strategies as st

from recommendations.days import day_error, day_in_words, read_day
from tests.thorough import times

LANGUAGES = ("en", "fr", "es", "ru", "ar", "zh-hans")
EXAMPLES = {
    "en": "30 June 2027",
    "fr": "30 juin 2027",
    "es": "30 de junio de 2027",
    "ru": "30 июня 2027 г.",
    "ar": "30 يونيو 2027",
    "zh-hans": "2027年6月30日",
}


@bounds(max_examples=times(60, 2000), deadline=None)
@given(day=st.dates(min_value=date(1000, 1, 1)), language=st.sampled_from(LANGUAGES), active=st.sampled_from(LANGUAGES))
def test_a_day_as_a_language_writes_it_is_read_in_every_language(day, language, active):
    with override(language):
        words = day_in_words(day)
    with override(active):
        assert read_day(words) == day


@pytest.mark.parametrize(
    "text",
    [
        *("2027-07-01", "2027-7-1", "٢٠٢٧-٠٧-٠١", " 2027-07-01\n"),
        *("1 July 2027", "1st  JULY 2027", "01 Jul. 2027", "1 July, 2027"),
        *("1er juillet 2027", "1 juil. 2027"),
        *("1 de julio de 2027", "1º de julio del 2027", "1 julio 2027"),
        *("1 июля 2027", "1 июля 2027 г.", "1 июля 2027 года", "1 июль 2027г."),
        *("1 يوليو 2027", "٠١ يوليو ٢٠٢٧", "1 يوليو، 2027", "1 تموز 2027", "1 تموز/يوليه 2027", "\u200f1 يوليه 2027م"),
        *("2027年7月1日", "2027 年 07 月 01 日"),
    ],
)
def test_a_day_is_read_as_people_write_it(text):
    assert read_day(text) == date(2027, 7, 1)


@pytest.mark.parametrize(
    ("names", "number"),
    [
        ("كانون الثاني", 1),
        ("شباط", 2),
        ("آذار", 3),
        ("نيسان", 4),
        ("أبريل", 4),
        ("أيار", 5),
        ("حزيران", 6),
        ("تموز", 7),
        ("آب", 8),
        ("أيلول", 9),
        ("تشرين الأول", 10),
        ("تشرين الثاني", 11),
        ("كانون الأول", 12),
        ("كانون الأول/ديسمبر", 12),
        ("اذار", 3),
    ],
)
def test_both_sets_of_arabic_months_are_read(names, number):
    assert read_day(f"9 {names} 2027") == date(2027, number, 9)


@pytest.mark.parametrize(
    "text",
    [
        *("", "summer 2027", "1/7/2027", "31 June 2027", "1 Julember 2027", "2027", "0000-01-01", "30 June 207"),
        *("1 تموز/حزيران 2027", "2027-06-30\x00", "1 " + "a " * 5000 + "2027"),
    ],
)
def test_other_texts_are_no_days(text):
    with pytest.raises(ValueError):
        read_day(text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_error_has_its_example_in_the_form_of_the_language(language):
    with override(language):
        assert day_error() == f"Enter the date as {EXAMPLES[language]}."


@pytest.mark.parametrize("language", LANGUAGES)
def test_times_have_24_hours_in_every_language(language):
    with override(language):
        at = datetime(2027, 6, 30, 14, 5)
        assert date_format(at, "TIME_FORMAT") == "14:05"
        assert date_format(at, "DATETIME_FORMAT").endswith("14:05")
        assert date_format(at, "DATETIME_FORMAT").startswith(day_in_words(at))


def test_no_template_has_a_date_pattern_of_its_own():
    named = {"DATE_FORMAT", "DATETIME_FORMAT", "TIME_FORMAT", "c", "Y-m-d"}
    found = {
        (path.name, pattern)
        for path in (Path(settings.BASE_DIR) / "templates").rglob("*.*")
        for pattern in re.findall(r"""(?:\|(?:date|time):|{% now )["']([^"']*)""", path.read_text())
    }
    assert {(name, pattern) for name, pattern in found if pattern not in named} == set()
    assert found

"""The cache in the database gives back what the site stored, and runs nothing that somebody else put there."""

import os
import pickle
from base64 import b64encode

import pytest
from django.core.cache import cache
from django.db import connection

from tracker.web.cache import PlainDatabaseCache

pytestmark = pytest.mark.django_db


class Command:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("value", [1, 1.5, "words", None, True, [1.5, 2.5], {"a": [1]}, ("a", 1)])
def test_plain_values_are_read_as_they_were_stored(value):
    cache.set("key", value)
    assert cache.get("key", "none") == value


def test_what_expired_is_not_read():
    cache.set("gone", 1, timeout=-1)
    cache.set("there", 2, timeout=None)
    assert cache.get_many(["gone", "there", "never"]) == {"there": 2}
    assert cache.get_many([]) == {}


def test_an_entry_is_added_only_where_there_is_none_or_one_that_expired(django_assert_num_queries):
    cache.set("gone", 1, timeout=-2)
    with django_assert_num_queries(3 * 3):  # each with a savepoint
        assert [cache.add("gone", 2), cache.add("gone", 3), cache.add("key", 4)] == [True, False, True]
    assert cache.get_many(["gone", "key"]) == {"gone": 2, "key": 4}


def test_too_many_entries_lose_those_that_expired():
    small = PlainDatabaseCache("cache", {"OPTIONS": {"MAX_ENTRIES": 2}})
    for key, timeout in (("gone", -2), ("gone_too", -2), ("key", 60)):
        small.set(key, 1, timeout)
    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key FROM cache")
        assert cursor.fetchall() == [(":1:key",)]


def store(value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE cache SET value = %s", [value])


def test_attack_a_program_in_the_table_of_the_cache_is_run(tmp_path):
    """With it somebody who has the database would have the keys in the settings, too."""
    cache.set("key", 1)
    store(b64encode(pickle.dumps(Command(tmp_path / "made"))).decode())
    assert cache.get("key") is None
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("value", ["", "é", "gA==", b64encode(b"\x80\x05N").decode()])
def test_what_cannot_be_read_is_not_there(value):
    cache.set("key", 1)
    store(value)
    assert cache.get("key") is None

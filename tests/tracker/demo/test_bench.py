"""What is measured: enough pages and files, each within its queries; nothing is changed."""

import json
from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command

from tracker.models import Event, Session, User

pytestmark = pytest.mark.django_db

QUERIES = 15
MUST = ("task", "progress", "pdf", "docx", "xlsx", "csv")


def bench(*options) -> str:
    out = StringIO()
    call_command("bench", "--times", "1", *options, stdout=out)
    return out.getvalue()


def test_there_is_nothing_to_measure_in_an_empty_database():
    with pytest.raises(CommandError, match="make_world"):
        bench()  # this one first: the world stays until the last test


@pytest.mark.usefixtures("world")
def test_each_is_measured_and_within_its_queries():
    measured = json.loads(bench("--json"))
    names = [one["name"] for one in measured]
    assert len(set(names)) == len(names) >= 12
    assert [word for word in MUST if not any(word in name for name in names)] == []
    for one in measured:
        assert list(one) == ["name", "queries", "median_ms", "p95_ms", "bytes"]
        assert 0 < one["queries"] <= QUERIES, one
        assert 0 < one["median_ms"] <= one["p95_ms"]
        assert one["bytes"] > 0


@pytest.mark.usefixtures("world")
def test_the_table_has_those_that_are_named_and_the_database_is_left_as_it_was():
    def counts():
        return [model._base_manager.count() for model in (User, Event, Session, Authenticator)]

    before = counts()
    head, *lines = bench("desk", "gaps").splitlines()
    assert head.split() == ["queries", "median", "ms", "p95", "ms", "bytes"]
    assert [line[:32].rstrip() for line in lines] == ["desk", "progress: gaps"]
    assert counts() == before
    assert not User.objects.filter(last_login__isnull=False).exists()

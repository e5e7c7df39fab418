"""Isolation fails closed: nothing that a State owns is read before `visible_to(user)` says whose."""

import pytest
from django.core.exceptions import ValidationError
from django.db.models import Prefetch
from django.http import Http404
from django.shortcuts import get_object_or_404

from recommendations.models import Recommendation
from tests.conftest import make_person
from tracker.models import Membership, Record, Respondent
from tracker.models.state_owned import NotVisible
from tracker.models.user import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def record(xaa, unit):
    return Record.everyones.create(respondent=xaa, recommendation=unit("IV.46(i)"))


EVALUATIONS = {
    "iterating": list,
    "counting": lambda rows: rows.count(),
    "asking": lambda rows: rows.exists(),
    "first": lambda rows: rows.first(),
    "get": lambda rows: rows.get(pk=1),
    "values": lambda rows: list(rows.values("pk")),
    "values_list": lambda rows: list(rows.values_list("pk", flat=True)),
    "iterator": lambda rows: list(rows.iterator()),
    "aggregate": lambda rows: rows.aggregate(),
    "in_bulk": lambda rows: rows.in_bulk([1]),
    "union": lambda rows: list(rows.union(rows)),
    "or": lambda rows: list(rows | rows),
    "slice": lambda rows: list(rows[:1]),
    "explain": lambda rows: rows.explain(),
    "contains": lambda rows: rows.contains(Record(pk=1)),
    "update": lambda rows: rows.update(note=""),
    "delete": lambda rows: rows.delete(),
    "create": lambda rows: rows.create(),
    "get_or_create": lambda rows: rows.get_or_create(pk=1),
    "bulk_create": lambda rows: rows.bulk_create([Record()]),
}


@pytest.mark.parametrize("evaluate", EVALUATIONS.values(), ids=EVALUATIONS.keys())
def test_reading_before_visible_to_raises(evaluate):
    with pytest.raises(NotVisible):
        evaluate(Record.objects.all())


def test_shortcuts_related_managers_and_prefetches_raise_too(record, xaa):
    with pytest.raises(NotVisible):
        get_object_or_404(Record, pk=record.pk)
    with pytest.raises(NotVisible):
        list(xaa.records.all())
    with pytest.raises(NotVisible):
        list(Respondent.objects.prefetch_related("records"))
    with pytest.raises(NotVisible):
        list(Recommendation.objects.prefetch_related("records"))


@pytest.mark.parametrize(
    "combine",
    [
        lambda mine, all_: mine | all_,
        lambda mine, all_: all_ | mine,
        lambda mine, all_: mine ^ all_,
        lambda mine, all_: mine.union(all_),
        lambda mine, all_: mine.filter(note="").union(all_),
    ],
)
def test_rows_that_one_may_see_open_no_others(combine, record, charlie):
    with pytest.raises(NotVisible):
        list(combine(Record.objects.visible_to(charlie), Record.objects.all()))
    assert list(Record.objects.visible_to(charlie) | Record.objects.visible_to(charlie)) == []


def test_people_of_the_state_see_it_and_nobody_else(record, alice, bob, charlie, dana):
    assert list(Record.objects.visible_to(alice)) == [record]
    assert [list(Record.objects.visible_to(person)) for person in (bob, charlie, dana)] == [[], [], []]
    with pytest.raises(Http404):
        get_object_or_404(Record.objects.visible_to(charlie), pk=record.pk)


def test_a_prefetch_may_say_whose(record, alice, charlie, xaa):
    def records_seen_by(person):
        seen = Prefetch("records", Record.objects.visible_to(person))
        return list(Respondent.objects.prefetch_related(seen).get(pk=xaa.pk).records.all())

    assert records_seen_by(alice) == [record]
    assert records_seen_by(charlie) == []


def test_visibility_ends_with_the_membership(record, alice):
    Membership.objects.update(until="2026-01-31")
    alice = type(alice).objects.get(pk=alice.pk)
    assert list(Record.objects.visible_to(alice)) == []


def test_visibility_ends_with_deactivation(record, alice):
    alice.is_active = False
    alice.save()
    alice = type(alice).objects.get(pk=alice.pk)
    assert list(Record.objects.visible_to(alice)) == []


def test_a_viewer_reads(record, xaa):
    viewer = make_person("viewer", Role.VIEWER, xaa)
    assert list(Record.objects.visible_to(viewer)) == [record]


def test_uniqueness_is_checked_over_everyones_rows(record, xaa):
    twin = Record(respondent=xaa, recommendation=record.recommendation)
    with pytest.raises(ValidationError):
        twin.full_clean()

"""A row that people change, and that is changed, added or deleted past the site, is named, with what differs."""

import pytest
from django.utils import timezone

from tests.conftest import lifted_triggers
from tracker.actions.reading_restriction import add_restriction, end_restriction
from tracker.audit.verification import find_errors
from tracker.models import Event, EventRow, ReadingRestriction

pytestmark = pytest.mark.django_db


@pytest.fixture
def restriction(xaa, bob, erin) -> ReadingRestriction:
    return add_restriction(user=bob, respondent=xaa, by=erin)


def test_rows_as_the_site_changes_them_match(restriction, erin):
    end_restriction(restriction=restriction, by=erin)
    assert list(find_errors()) == []


def test_an_event_has_the_row_as_its_action_left_it(restriction, xaa, bob, erin):
    row = EventRow.everyones.get()
    assert (row.name, row.content) == (
        f"bar {restriction.pk}",
        {
            "id": restriction.pk,
            "user": bob.pk,
            "respondent": xaa.pk,
            "set_by": erin.pk,
            "set_at": restriction.set_at.isoformat(timespec="microseconds"),
            "lifted_at": None,
        },
    )


def test_an_altered_row_is_named_with_its_fields(restriction, charlie):
    ReadingRestriction.objects.update(lifted_at=timezone.now(), user=charlie)
    assert list(find_errors()) == [f"bar {restriction.pk}: altered: lifted_at, user"]


def test_a_row_whose_last_event_has_an_unknown_form_is_not_called_altered(restriction):
    ReadingRestriction.objects.update(lifted_at=timezone.now())
    with lifted_triggers():
        Event.everyones.filter(rows__isnull=False).update(canonical_form=2)
    faults = list(find_errors())
    assert [fault for fault in faults if fault.startswith("bar")] == [
        f"bar {restriction.pk}: form 2 is unknown: a newer version of this site can verify it"
    ]
    assert not [fault for fault in faults if "altered" in fault]


def test_an_added_row_is_named(xaa, bob, erin):
    added = ReadingRestriction.objects.create(user=bob, respondent=xaa, set_by=erin)
    assert list(find_errors()) == [f"bar {added.pk}: no event names it"]


def test_a_deleted_row_is_named(restriction):
    name = f"bar {restriction.pk}"
    restriction.delete()
    assert list(find_errors()) == [f"{name}: missing"]


def test_a_row_altered_together_with_its_event_is_named(restriction):
    now = timezone.now()
    ReadingRestriction.objects.update(lifted_at=now)
    row = EventRow.everyones.get()
    with lifted_triggers():
        changed = row.content | {"lifted_at": now.isoformat(timespec="microseconds")}
        EventRow.everyones.update(content=changed)
    assert list(find_errors()) == [f"site, event {row.event.number}: altered"]

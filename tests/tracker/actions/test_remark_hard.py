"""Reviewers who start to read one submission at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from tests.conftest import make_person
from tests.submissions import handed_in, save_statuses
from tracker.actions.remark import start_reading
from tracker.models import Event, Participation
from tracker.models.user import Role
from tracker.workflow import NotAllowed


@pytest.mark.django_db(transaction=True)
def test_of_two_reviewers_who_take_at_once_one_holds_it(xaa, alice, round_, bob):
    save_statuses(xaa, alice, **{"IV.46(c)": "implemented"})
    submission = handed_in(xaa, round_, alice)
    ben = make_person("ben", Role.REVIEWER)

    def take(person):
        try:
            start_reading(submission=submission, by=person)
        except NotAllowed:
            return None
        finally:
            connections.close_all()
        return person

    people = [bob, ben] * 5
    with ThreadPoolExecutor(len(people)) as pool:
        holders = [person for person in pool.map(take, people) if person]
    assert holders == [Participation.everyones.get().taken_by]
    assert Event.everyones.filter(action="submission taken").count() == 1

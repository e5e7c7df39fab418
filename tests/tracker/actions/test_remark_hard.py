"""Reviewers who start to read one submission at once."""

from functools import partial

import pytest

from tests.conftest import make_person
from tests.races import results_at_once
from tests.submissions import save_statuses, submit_ready
from tracker.actions.remark import start_reading
from tracker.models import Event, Participation
from tracker.models.user import Role
from tracker.workflow import NotAllowed


@pytest.mark.django_db(transaction=True)
def test_of_two_reviewers_who_take_at_once_one_holds_it(xaa, alice, round_, bob):
    save_statuses(xaa, alice, **{"IV.46(c)": "implemented"})
    submission = submit_ready(xaa, round_, alice)
    ben = make_person("ben", Role.REVIEWER)

    people = [bob, ben] * 5
    takes = [partial(start_reading, submission=submission, by=person) for person in people]
    results = results_at_once(*takes, refusals=NotAllowed)
    holders = [person for person, result in zip(people, results, strict=True) if not isinstance(result, NotAllowed)]
    assert holders == [Participation.everyones.get().taken_by]
    assert Event.everyones.filter(action="submission taken").count() == 1

"""A membership begins and ends by itself, by date."""

import datetime

import pytest
from django.db import IntegrityError

from tests.conftest import make_person
from tracker.demo.clock import on_day
from tracker.models import Membership, User
from tracker.models.user import Role
from tracker.permissions import RolesBackend

pytestmark = pytest.mark.django_db

FIRST, LAST = datetime.date(2026, 3, 1), datetime.date(2026, 3, 31)
DAY = datetime.timedelta(days=1)


@pytest.mark.parametrize(
    ("on", "active"), [(FIRST - DAY, False), (FIRST, True), (LAST, True), (LAST + DAY, False)], ids=str
)
def test_a_membership_begins_and_ends_on_its_days(xaa, on, active):
    frida = make_person("frida")
    Membership.objects.create(user=frida, role=Role.VIEWER, respondent=xaa, since=FIRST, until=LAST)
    assert frida.memberships.current(on).exists() is active


def test_each_request_has_the_roles_of_its_day(xaa, xbb):
    """A process that serves for weeks asks them each day. The role that began first is first."""
    frida = make_person("frida")
    for state, since, until in ((xbb, LAST, None), (xaa, FIRST, LAST)):
        Membership.objects.create(user=frida, role=Role.VIEWER, respondent=state, since=since, until=until)
    found = {}
    for day in (FIRST - DAY, FIRST, LAST, LAST + DAY):
        with on_day(day):
            found[day] = [membership.respondent for membership in RolesBackend().get_user(frida.pk).current_memberships]
    assert found == {FIRST - DAY: [], FIRST: [xaa], LAST: [xaa, xbb], LAST + DAY: [xbb]}


@pytest.mark.parametrize("on", [FIRST, FIRST + 3650 * DAY], ids=str)
def test_a_membership_without_a_last_day_goes_on(xaa, on):
    frida = make_person("frida")
    Membership.objects.create(user=frida, role=Role.VIEWER, respondent=xaa, since=FIRST)
    assert frida.memberships.current(on).exists() is True


@pytest.mark.parametrize(
    ("role", "of_a_state"), [(Role.FOCAL_POINT, False), (Role.REVIEWER, True), ("king", True), ("king", False)]
)
def test_the_database_refuses_a_role_that_does_not_fit(xaa, role, of_a_state):
    frida = make_person("frida")
    with pytest.raises(IntegrityError):
        Membership.objects.create(user=frida, role=role, respondent=xaa if of_a_state else None)


def test_the_database_refuses_an_end_before_the_beginning(xaa):
    frida = make_person("frida")
    with pytest.raises(IntegrityError):
        Membership.objects.create(user=frida, role=Role.VIEWER, respondent=xaa, since=LAST, until=FIRST)


def test_the_database_refuses_an_address_that_differs_only_in_case(alice):
    with pytest.raises(IntegrityError):
        User.objects.create(email="ALICE@example.org", name="Another Alice")

"""A role that is changed or added in the database past the site is found, or shown as an operator's."""

import pytest
from django.utils import timezone

from tests.access import NEW_YEAR, appointed, given_role
from tests.conftest import make_person
from tracker.actions import user as people
from tracker.actions.invitation import accept_as_new_person, send_invitation
from tracker.audit.verification import find_errors
from tracker.models import Membership
from tracker.models.user import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def membership(erin, greta, alice, xaa) -> Membership:
    return appointed(make_person("frida"), xaa, by=(erin, greta))


def test_roles_as_the_site_gives_changes_and_ends_them_match(
    membership, erin, greta, alice, xaa, mailoutbox, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        send_invitation(respondent=xaa, email="f@example.org", role=Role.VIEWER, by=alice)
    [token] = [line.split("/")[-2] for line in mailoutbox[-1].body.splitlines() if "/invitations/" in line]
    invited = accept_as_new_person(token=token, name="Fay", password="a pass phrase of a viewer")
    people.change_last_day(membership=invited.memberships.get(), until=timezone.localdate(), by=alice)
    officer = given_role(make_person("olga"), Role.REVIEWER, by=(erin, greta))
    people.end_membership(membership=officer, by=erin)
    assert list(find_errors()) == []


@pytest.mark.parametrize(
    "altered",
    [
        {"until": None},
        {"since": NEW_YEAR.replace(year=2020)},
        {"role": Role.VIEWER},
        {"document_sha256": "0" * 64},
        {"ended_at": timezone.now()},
        {"user": "olga"},
        {"confirmed_by": "olga"},
    ],
    ids=lambda altered: next(iter(altered)),
)
def test_a_role_that_was_altered_is_named(membership, altered):
    olga = make_person("olga")
    fields = {name: olga if value == "olga" else value for name, value in altered.items()}
    Membership.objects.filter(pk=membership.pk).update(**fields)
    assert list(find_errors()) == [f"XAA, membership {membership.pk}: altered"]


def test_a_role_that_was_deleted_is_named(membership):
    what = f"membership {membership.pk}"
    membership.access_change.delete()
    membership.delete()
    assert list(find_errors()) == [f"XAA, {what}: missing"]


@pytest.mark.parametrize("where", ["XAA", "site"])
def test_a_role_that_seems_to_be_given_by_two_administrators_is_named(erin, greta, xaa, where):
    role, respondent = (Role.VIEWER, xaa) if where == "XAA" else (Role.REVIEWER, None)
    forged = Membership.objects.create(
        user=make_person("frida"), role=role, respondent=respondent, granted_by=erin, confirmed_by=greta
    )
    assert list(find_errors()) == [f"{where}, membership {forged.pk}: no event names it"]

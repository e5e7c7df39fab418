"""People are added and let go, by administrators alone, and never deleted. Who gives roles: test_access_change.py."""

import datetime
from functools import partial

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import ProtectedError
from django.utils import timezone

from tests.access import NEW_YEAR, appointed
from tests.catalogue_events import later_events
from tests.conftest import PASSWORD, make_person, reread
from tests.races import at_once
from tracker.actions import user as people
from tracker.actions.access_change import second_access_change
from tracker.models import AccessChange, Event, Membership, User
from tracker.models.user import Role
from tracker.queries.desk.team import without_focal_point

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("verified_after")]


def events():
    return list(later_events().order_by("pk").values_list("action", "chain", "target"))


def test_adding_a_person_mails_a_link_to_set_a_password(erin, mailoutbox, settings, django_capture_on_commit_callbacks):
    settings.SITE_URL = "https://tracker.example.org"
    with django_capture_on_commit_callbacks(execute=True):
        frida = people.add_person(email="Frida@Example.org", name="Frida O'Hara", by=erin)
    assert frida.email == "frida@example.org"
    assert frida.has_usable_password() is False
    assert frida.current_memberships == []
    [message] = mailoutbox
    assert message.to == ["frida@example.org"]
    assert "Frida O'Hara," in message.body
    [link] = [line for line in message.body.splitlines() if line.startswith("https://")]
    assert link.startswith("https://tracker.example.org/accounts/password/reset/key/")
    [(html, kind)] = message.alternatives
    assert kind == "text/html"
    assert f'href="{link}"' in html
    assert events() == [("person added", "site", f"person {frida.pk}")]


def test_a_person_has_one_address_however_it_is_spelt(erin, alice):
    with pytest.raises(ValidationError) as refused:
        people.add_person(email="ALICE@example.org", name="Another Alice", by=erin)
    assert list(refused.value.message_dict) == ["email"]


@pytest.mark.parametrize("email", ["", "frida", "frida@", "fri\x00da@example.org", "x" * 300 + "@example.org"])
def test_a_broken_address_is_refused_at_its_field(erin, email):
    with pytest.raises(ValidationError) as refused:
        people.add_person(email=email, name="Frida", by=erin)
    assert "email" in refused.value.message_dict


def test_one_administrator_corrects_a_name(erin, alice):
    people.correct_name(user=alice, name="Alice Smith", by=erin)
    alice.refresh_from_db()
    assert (alice.email, alice.name) == ("alice@example.org", "Alice Smith")
    assert events() == [("person changed", "site", f"person {alice.pk}")]


def test_an_ended_role_can_be_granted_again(erin, greta, alice, ruth, xaa):
    membership = alice.memberships.get()
    people.end_membership(membership=membership, by=erin, leaves_desk=True)
    assert User.objects.get(pk=alice.pk).respondents == []
    assert events() == [("membership ended", "XAA", f"membership {membership.pk}")]
    appointed(reread(alice), xaa, by=(erin, greta))
    second_access_change(change=AccessChange.objects.get(), by=ruth)
    assert User.objects.get(pk=alice.pk).respondents == [xaa]


def test_a_membership_ends_once(erin, alice):
    membership = alice.memberships.get()
    people.end_membership(membership=membership, by=erin, leaves_desk=True)
    with pytest.raises(ValidationError):
        people.end_membership(membership=membership, by=erin)


def test_people_are_never_deleted(alice):
    with pytest.raises(ProtectedError):
        alice.delete()


def test_the_last_administrator_stays(erin):
    with pytest.raises(ValidationError):
        people.end_membership(membership=erin.memberships.get(), by=erin)
    with pytest.raises(ValidationError):
        people.close_account(user=erin, by=erin)
    assert User.objects.get(pk=erin.pk).has_role(Role.ADMINISTRATOR) is True


def test_an_administrator_whose_role_has_ended_does_not_count(erin):
    gone = make_person("gone", Role.ADMINISTRATOR)
    gone.memberships.update(until=NEW_YEAR)
    with pytest.raises(ValidationError):
        people.end_membership(membership=erin.memberships.get(), by=erin)


def test_the_last_focal_point_stays_unless_leaving_nobody_is_confirmed(erin, alice, xaa):
    membership = alice.memberships.get()
    with pytest.raises(ValidationError):
        people.end_membership(membership=membership, by=erin)
    gone = make_person("gone")
    Membership.objects.create(user=gone, role=Role.FOCAL_POINT, respondent=xaa, since=NEW_YEAR, until=NEW_YEAR)
    with pytest.raises(ValidationError):
        people.end_membership(membership=membership, by=erin)
    people.end_membership(membership=membership, by=erin, leaves_desk=True)
    assert without_focal_point() == [xaa]
    make_person("frida", Role.FOCAL_POINT, xaa)
    assert without_focal_point() == []


def test_a_focal_point_may_go_when_an_alternate_stays(erin, alice, xaa):
    alternate = make_person("anna", Role.FOCAL_POINT, xaa)
    people.end_membership(membership=alice.memberships.get(), by=erin)
    with pytest.raises(ValidationError):
        people.end_membership(membership=alternate.memberships.get(), by=erin)


def test_a_focal_point_ends_only_the_roles_that_they_give(alice, xaa):
    for role in (Role.CONTRIBUTOR, Role.VIEWER):
        person = make_person(role.value, role, xaa)
        people.end_membership(membership=person.memberships.get(), by=alice)
        assert User.objects.get(pk=person.pk).current_memberships == []
    alternate = make_person("anna", Role.FOCAL_POINT, xaa)
    with pytest.raises(PermissionDenied):
        people.end_membership(membership=alternate.memberships.get(), by=alice)


def test_a_last_day_is_changed_and_recorded_in_the_trail(alice, xaa, carol):
    until = timezone.localdate() + datetime.timedelta(days=9)
    people.change_last_day(membership=carol.memberships.get(), until=until, by=alice)
    assert carol.memberships.get().until == until
    event = later_events().get()
    assert (event.action, event.before, event.after) == (
        "membership changed",
        f"contributor of person {carol.pk}, 2026-01-01 to further notice",
        f"contributor of person {carol.pk}, 2026-01-01 to {until}",
    )
    people.change_last_day(membership=carol.memberships.get(), until=until, by=alice)
    assert later_events().count() == 1


def test_a_last_day_that_is_over_is_refused_at_the_field(alice, xaa, carol):
    yesterday = timezone.localdate() - datetime.timedelta(days=1)
    with pytest.raises(ValidationError) as refused:
        people.change_last_day(membership=carol.memberships.get(), until=yesterday, by=alice)
    assert list(refused.value.message_dict) == ["until"]


def test_an_administrator_may_go_when_another_stays(erin, greta):
    people.end_membership(membership=erin.memberships.get(), by=erin)
    assert User.objects.get(pk=erin.pk).has_role(Role.ADMINISTRATOR) is False


def test_events_name_nobody_by_name_or_address(erin, django_capture_on_commit_callbacks):
    frida = people.add_person(email="frida@example.org", name="Frida", by=erin)
    people.correct_name(user=frida, name="Frida K", by=erin)
    people.close_account(user=frida, by=erin)
    said = " ".join(" ".join((e.target, e.before, e.after)) for e in Event.everyones.all())
    assert "frida" not in said.lower()
    assert PASSWORD not in said


@pytest.mark.parametrize("time", range(5))  # on PostgreSQL both are checked before one is inserted, nearly each time
@pytest.mark.django_db(transaction=True)
def test_an_address_that_two_administrators_add_at_once_has_one_account(erin, time):
    frida = make_person("frida", Role.ADMINISTRATOR)
    adding = [partial(people.add_person, email="grace@example.org", name="Grace", by=by) for by in (erin, frida)]
    assert at_once(*adding) == ["done", "refused"]
    assert User.objects.filter(email="grace@example.org").count() == 1


@pytest.mark.parametrize("time", range(5))  # a deadlock comes about every second time
@pytest.mark.django_db(transaction=True)
def test_two_administrators_cannot_dismiss_each_other_at_once(erin, time):
    frida = make_person("frida", Role.ADMINISTRATOR)
    ends = [
        partial(people.end_membership, membership=whom.memberships.get(), by=by)
        for by, whom in ((erin, frida), (frida, erin))
    ]
    assert (erin.has_role(Role.ADMINISTRATOR), frida.has_role(Role.ADMINISTRATOR)) == (True, True)
    assert at_once(*ends) == ["done", "refused"]
    assert Membership.objects.current().filter(role=Role.ADMINISTRATOR).count() == 1

"""People are added, given roles and let go; by administrators alone, and never deleted."""

import datetime
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import pytest
from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.db.models import ProtectedError
from django.utils import timezone

from tests.conftest import PASSWORD, make_person
from tracker.actions import user as people
from tracker.audit.integrity import find_errors
from tracker.documents.exchange.uploads import check_upload
from tracker.models import Event, Membership, User
from tracker.models.user import Role
from tracker.queries.desk.team import without_focal_point

pytestmark = pytest.mark.django_db

NEW_YEAR = datetime.date(2026, 1, 1)


def grant(user, role, respondent=None, *, since=NEW_YEAR, until=None, document="", by):
    return people.add_membership(
        user=user,
        role=role,
        respondent=respondent,
        since=since,
        until=until,
        appointing_document=document,
        by=by,
    )


def appoint(user, respondent, *, by, **said):
    """As focal point, by a note verbale of which the file is kept."""
    whole = {
        "since": NEW_YEAR,
        "until": datetime.date(2099, 12, 31),
        "appointing_document": "NV 12/2026",
        "appointed_on": NEW_YEAR,
        "file": check_upload(SimpleUploadedFile("note.txt", b"Arandia appoints.")),
    }
    return people.add_membership(user=user, role=Role.FOCAL_POINT, respondent=respondent, by=by, **whole | said)


def events():
    return list(Event.everyones.order_by("pk").values_list("action", "chain", "target"))


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


def test_a_person_can_be_corrected(erin, alice):
    people.change_person(user=alice, email="Alice.Smith@example.org", name="Alice Smith", by=erin)
    alice.refresh_from_db()
    assert (alice.email, alice.name) == ("alice.smith@example.org", "Alice Smith")


def test_the_old_address_is_told_of_a_new_one(erin, alice, mailoutbox, django_capture_on_commit_callbacks):
    """Or an administrator could become a State's focal point without a word to anybody of that State."""
    with django_capture_on_commit_callbacks(execute=True):
        people.change_person(user=alice, email=alice.email, name="Alice Smith", by=erin)
    assert mailoutbox == []
    with django_capture_on_commit_callbacks(execute=True):
        people.change_person(user=alice, email="else@example.org", name="Alice Smith", by=erin)
    [message] = mailoutbox
    assert message.to == ["alice@example.org"]
    assert message.subject == "Your e-mail address in the Recommendations tracker was changed"
    assert "else@example.org" in message.body


def test_granting_a_role_mails_the_focal_points_of_the_state_alone(
    erin, alice, charlie, xaa, mailoutbox, django_capture_on_commit_callbacks
):
    frida = make_person("frida")
    with django_capture_on_commit_callbacks(execute=True):
        membership = grant(frida, Role.CONTRIBUTOR, xaa, document="note verbale No. 12/2026", by=erin)
    assert frida.has_role(Role.CONTRIBUTOR, respondent=xaa) is True
    assert membership.granted_by == erin
    [message] = mailoutbox
    assert message.to == ["alice@example.org"]
    assert message.subject == "New role in the Recommendations tracker: Arandia"
    assert (
        "Arandia: “Frida” (frida@example.org) has a new role. Role: Contributor. First day: 1 January 2026."
        in message.body
    )
    assert "note verbale No. 12/2026" in message.body
    assert events() == [("membership granted", "XAA", f"membership {membership.pk}")]


def test_a_role_in_the_secretariat_is_nobodys_mail(erin, alice, mailoutbox, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        grant(make_person("frida"), Role.REVIEWER, by=erin)
    assert mailoutbox == []


def test_a_person_may_have_several_roles(erin, alice, xaa, xbb):
    grant(alice, Role.VIEWER, xbb, by=erin)
    grant(alice, Role.REVIEWER, by=erin)
    alice = User.objects.get(pk=alice.pk)
    assert {respondent.code for respondent in alice.respondents} == {"XAA", "XBB"}
    assert alice.has_role(Role.FOCAL_POINT, respondent=xaa) is True
    assert alice.has_role(Role.FOCAL_POINT, respondent=xbb) is False
    assert alice.is_secretariat is True


@pytest.mark.parametrize(
    ("role", "of_a_state"),
    [
        (Role.FOCAL_POINT, False),
        (Role.CONTRIBUTOR, False),
        (Role.VIEWER, False),
        (Role.REVIEWER, True),
        (Role.CURATOR, True),
        (Role.ADMINISTRATOR, True),
        ("king", False),
        ("", True),
    ],
)
def test_role_and_respondent_must_fit(erin, xaa, role, of_a_state):
    with pytest.raises(ValidationError):
        grant(make_person("frida"), role, xaa if of_a_state else None, by=erin)


def test_a_membership_cannot_end_before_it_begins(erin, xaa):
    with pytest.raises(ValidationError):
        grant(make_person("frida"), Role.VIEWER, xaa, until=NEW_YEAR - datetime.timedelta(days=1), by=erin)


def test_one_role_is_granted_once_for_a_day(erin, alice, xaa):
    with pytest.raises(ValidationError):
        grant(alice, Role.FOCAL_POINT, xaa, since=datetime.date(2027, 1, 1), by=erin)
    frida = make_person("frida")
    grant(frida, Role.VIEWER, xaa, until=datetime.date(2026, 6, 30), by=erin)
    with pytest.raises(ValidationError):
        grant(frida, Role.VIEWER, xaa, since=datetime.date(2026, 6, 30), by=erin)
    grant(frida, Role.VIEWER, xaa, since=datetime.date(2026, 7, 1), by=erin)
    assert frida.memberships.count() == 2


def test_an_ended_role_can_be_granted_again(erin, alice, xaa):
    membership = alice.memberships.get()
    people.end_membership(membership=membership, by=erin, leaves_desk=True)
    assert User.objects.get(pk=alice.pk).respondents == []
    assert events() == [("membership ended", "XAA", f"membership {membership.pk}")]
    appoint(alice, xaa, by=erin)
    assert User.objects.get(pk=alice.pk).respondents == [xaa]


def test_a_membership_ends_once(erin, alice):
    membership = alice.memberships.get()
    people.end_membership(membership=membership, by=erin, leaves_desk=True)
    with pytest.raises(ValidationError):
        people.end_membership(membership=membership, by=erin)


def test_a_deactivated_person_has_no_role_until_reactivated(erin, alice, xaa):
    people.close_account(user=alice, by=erin)
    assert User.objects.get(pk=alice.pk).respondents == []
    people.open_account(user=alice, by=erin)
    assert User.objects.get(pk=alice.pk).respondents == [xaa]
    assert [action for action, _chain, _target in events()] == ["person deactivated", "person reactivated"]


def test_people_are_never_deleted(alice):
    with pytest.raises(ProtectedError):
        alice.delete()


def test_a_lost_second_factor_is_reset(erin, bob):
    people.reset_second_factor(user=bob, by=erin)
    assert Authenticator.objects.filter(user=bob).exists() is False
    assert events() == [("second factor reset", "site", f"person {bob.pk}")]


def test_the_last_administrator_stays(erin):
    with pytest.raises(ValidationError):
        people.end_membership(membership=erin.memberships.get(), by=erin)
    with pytest.raises(ValidationError):
        people.close_account(user=erin, by=erin)
    assert User.objects.get(pk=erin.pk).has_role(Role.ADMINISTRATOR) is True


def test_an_administrator_whose_role_has_ended_does_not_count_as_one(erin):
    gone = make_person("gone")
    grant(gone, Role.ADMINISTRATOR, until=NEW_YEAR, by=erin)
    with pytest.raises(ValidationError):
        people.end_membership(membership=erin.memberships.get(), by=erin)


def test_a_focal_point_is_appointed_by_a_document_that_is_kept(erin, xaa):
    frida = make_person("frida")
    membership = appoint(frida, xaa, by=erin)
    with membership.document.open() as kept:
        assert kept.read() == b"Arandia appoints."
    assert (membership.document_name, membership.document_type) == ("note.txt", "text/plain")
    assert "note" not in membership.document.name
    assert f"document {membership.document_sha256}" in Event.everyones.get().after
    assert list(find_errors()) == []
    default_storage.delete(membership.document.name)
    assert list(find_errors()) == [f"membership {membership.pk}, file {membership.document.name}: missing or altered"]


@pytest.mark.parametrize("missing", ["until", "appointing_document", "appointed_on", "file"])
def test_an_appointment_without_document_or_last_day_is_refused_at_the_field(erin, xaa, missing):
    with pytest.raises(ValidationError) as refused:
        appoint(make_person("frida"), xaa, by=erin, **{missing: "" if missing == "appointing_document" else None})
    assert list(refused.value.message_dict) == [missing]
    assert Membership.objects.filter(respondent=xaa).count() == 0


def test_the_file_of_an_appointment_that_fails_is_not_kept(erin, alice, xaa):
    with pytest.raises(ValidationError):
        appoint(alice, xaa, by=erin)
    assert default_storage.exists("appointments") is False or default_storage.listdir("appointments") == ([], [])


def test_the_last_focal_point_stays_unless_the_desk_is_said_to_have_nobody(erin, alice, xaa):
    membership = alice.memberships.get()
    with pytest.raises(ValidationError):
        people.end_membership(membership=membership, by=erin)
    gone = make_person("gone")
    Membership.objects.create(user=gone, role=Role.FOCAL_POINT, respondent=xaa, since=NEW_YEAR, until=NEW_YEAR)
    with pytest.raises(ValidationError):
        people.end_membership(membership=membership, by=erin)
    people.end_membership(membership=membership, by=erin, leaves_desk=True)
    assert without_focal_point() == [xaa]
    appoint(make_person("frida"), xaa, by=erin)
    assert without_focal_point() == []


def test_a_focal_point_may_go_when_an_alternate_stays(erin, alice, xaa):
    alternate = make_person("anna", Role.FOCAL_POINT, xaa)
    people.end_membership(membership=alice.memberships.get(), by=erin)
    with pytest.raises(ValidationError):
        people.end_membership(membership=alternate.memberships.get(), by=erin)


def test_a_focal_point_ends_the_roles_that_she_can_give(alice, xaa):
    for role in (Role.CONTRIBUTOR, Role.VIEWER):
        person = make_person(role.value, role, xaa)
        people.end_membership(membership=person.memberships.get(), by=alice)
        assert User.objects.get(pk=person.pk).current_memberships == []
    alternate = make_person("anna", Role.FOCAL_POINT, xaa)
    with pytest.raises(PermissionDenied):
        people.end_membership(membership=alternate.memberships.get(), by=alice)


def test_a_last_day_is_changed_and_said_in_the_trail(alice, xaa):
    carol = make_person("carol", Role.CONTRIBUTOR, xaa)
    until = timezone.localdate() + datetime.timedelta(days=9)
    people.change_last_day(membership=carol.memberships.get(), until=until, by=alice)
    assert carol.memberships.get().until == until
    event = Event.everyones.get()
    assert (event.action, event.before, event.after) == (
        "membership changed",
        f"contributor of person {carol.pk}, 2026-01-01 to further notice",
        f"contributor of person {carol.pk}, 2026-01-01 to {until}",
    )
    people.change_last_day(membership=carol.memberships.get(), until=until, by=alice)
    assert Event.everyones.count() == 1


def test_a_last_day_that_is_over_is_refused_at_the_field(alice, xaa):
    carol = make_person("carol", Role.CONTRIBUTOR, xaa)
    yesterday = timezone.localdate() - datetime.timedelta(days=1)
    with pytest.raises(ValidationError) as refused:
        people.change_last_day(membership=carol.memberships.get(), until=yesterday, by=alice)
    assert list(refused.value.message_dict) == ["until"]


@pytest.mark.parametrize("name", ["charlie", "bob", "dana", "carol"])
def test_nobody_else_changes_the_roles_of_a_state(request, xaa, xbb, name):
    carol = make_person("carol", Role.CONTRIBUTOR, xaa)
    by = carol if name == "carol" else request.getfixturevalue(name)
    for act in (people.end_membership, partial(people.change_last_day, until=None)):
        with pytest.raises(PermissionDenied):
            act(membership=carol.memberships.get(), by=by)
    assert Event.everyones.count() == 0


def test_an_administrator_may_go_when_another_stays(erin):
    grant(make_person("frida"), Role.ADMINISTRATOR, by=erin)
    people.end_membership(membership=erin.memberships.get(), by=erin)
    assert User.objects.get(pk=erin.pk).has_role(Role.ADMINISTRATOR) is False


ADMINISTRATORS_ALONE = {
    "add": lambda by, alice, xaa: people.add_person(email="f@example.org", name="F", by=by),
    "change": lambda by, alice, xaa: people.change_person(user=alice, email="f@example.org", name="F", by=by),
    "deactivate": lambda by, alice, xaa: people.close_account(user=alice, by=by),
    "reactivate": lambda by, alice, xaa: people.open_account(user=alice, by=by),
    "reset": lambda by, alice, xaa: people.reset_second_factor(user=alice, by=by),
    "grant": lambda by, alice, xaa: grant(alice, Role.VIEWER, xaa, by=by),
    "end": lambda by, alice, xaa: people.end_membership(membership=alice.memberships.get(), by=by),
}


@pytest.mark.parametrize("act", ADMINISTRATORS_ALONE.values(), ids=ADMINISTRATORS_ALONE.keys())
@pytest.mark.parametrize("name", ["alice", "bob", "charlie", "dana"])
def test_nobody_but_administrators_manages_people(request, alice, xaa, name, act):
    by = request.getfixturevalue(name)
    before = (User.objects.count(), Membership.objects.count())
    with pytest.raises(PermissionDenied):
        act(by, alice, xaa)
    assert (User.objects.count(), Membership.objects.count()) == before
    assert events() == []


def test_a_person_is_welcomed_once(alice):
    people.note_first_page(by=alice)
    assert User.objects.get(pk=alice.pk).welcomed_at is not None


def test_events_name_nobody_by_name_or_address(erin, django_capture_on_commit_callbacks):
    frida = people.add_person(email="frida@example.org", name="Frida", by=erin)
    people.change_person(user=frida, email="frida.k@example.org", name="Frida K", by=erin)
    people.close_account(user=frida, by=erin)
    said = " ".join(" ".join((e.target, e.before, e.after)) for e in Event.everyones.all())
    assert "frida" not in said.lower()
    assert PASSWORD not in said


def at_once(*actions) -> list[str]:
    """Whether each was `done` or `refused`, when all begin together."""
    together = Barrier(len(actions))

    def act(action) -> str:
        together.wait()
        try:
            action()
        except ValidationError:
            return "refused"
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(len(actions)) as pool:
        return sorted(pool.map(act, actions))


@pytest.mark.parametrize("time", range(5))  # a deadlock comes about every second time
@pytest.mark.django_db(transaction=True)
def test_two_administrators_cannot_dismiss_each_other_at_once(erin, time):
    frida = make_person("frida")
    grant(frida, Role.ADMINISTRATOR, by=erin)
    ends = [
        partial(people.end_membership, membership=whom.memberships.get(), by=by)
        for by, whom in ((erin, frida), (frida, erin))
    ]
    assert (erin.has_role(Role.ADMINISTRATOR), frida.has_role(Role.ADMINISTRATOR)) == (True, True)
    assert at_once(*ends) == ["done", "refused"]
    assert Membership.objects.current().filter(role=Role.ADMINISTRATOR).count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_double_click_adds_a_person_once_and_grants_a_role_once(erin, xaa):
    assert erin.has_role(Role.ADMINISTRATOR) is True
    add = partial(people.add_person, email="frida@example.org", name="Frida", by=erin)
    assert at_once(add, add) == ["done", "refused"]
    frida = User.objects.get(email="frida@example.org")
    give = partial(grant, frida, Role.VIEWER, xaa, by=erin)
    assert at_once(give, give) == ["done", "refused"]
    assert frida.memberships.count() == 1

"""What gives access takes two administrators: a role, an address, two-step sign-in, a closed account.

A State is notified at once and sees both; the old address stops a new one. The database refuses what takes only one.
"""

import datetime
from functools import partial

import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.utils import timezone

from tests.access import NEW_YEAR, appointed, given_role, note_verbale, requested_role
from tests.catalogue_events import later_events
from tests.client import Client
from tests.conftest import make_person, reread, with_second_factor
from tests.pages import client_of
from tests.passkeys import add_passkey
from tests.races import at_once
from tests.tracker.web.test_accounts import NEW_PASSWORD, link_in, set_password, sign_in
from tests.verification import find_errors_with_files
from tracker.actions import access_change
from tracker.actions import user as people
from tracker.actions.invitation import accept_invitation, send_invitation
from tracker.models import AccessChange, Membership, User
from tracker.models.access_change import AccessChangeStage
from tracker.models.notification import NotificationKind
from tracker.models.respondent import Respondent, RespondentKind
from tracker.models.user import Role
from tracker.permissions import notification_kinds_of, optional_kinds_of

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)
NEW_ADDRESS = "alice.smith@example.org"


@pytest.fixture
def both(erin, greta) -> tuple[User, User]:
    return erin, greta


@pytest.fixture
def commit(django_capture_on_commit_callbacks):
    return partial(django_capture_on_commit_callbacks, execute=True)


def events():
    return list(later_events().order_by("pk").values_list("action", "chain", "target"))


def requested_address(user, by, **document) -> AccessChange:
    return access_change.request_address(user=user, email=NEW_ADDRESS, by=by, **document)


def confirmed_address(user, by, **document) -> AccessChange:
    requester, confirmer = by
    change = requested_address(user, requester, **document)
    return access_change.confirm_access_change(change=change, by=confirmer)


def past_delay() -> None:
    """As after 72 hours."""
    AccessChange.objects.update(due_at=timezone.now() - datetime.timedelta(minutes=1))


# Roles


def test_a_role_is_requested_by_one_administrator_and_confirmed_by_another(both, alice, xaa):
    frida = make_person("frida")
    change = requested_role(frida, Role.VIEWER, xaa, by=both[0])
    assert reread(frida).current_memberships == []
    membership = access_change.confirm_access_change(change=change, by=both[1]).membership
    assert reread(frida).has_role(Role.VIEWER, respondent=xaa) is True
    assert (membership.granted_by, membership.confirmed_by) == both
    assert events() == [
        ("access change requested", "XAA", f"access {change.pk}"),
        ("membership granted", "XAA", f"membership {membership.pk}"),
        ("access change confirmed", "XAA", f"access {change.pk}"),
    ]


def test_nobody_confirms_their_own_request(both, xaa):
    change = requested_role(make_person("frida"), Role.VIEWER, xaa, by=both[0])
    with pytest.raises(ValidationError, match="you made the request, or it concerns you"):
        access_change.confirm_access_change(change=change, by=both[0])


def test_nobody_confirms_what_concerns_them(both, xaa):
    change = access_change.request_second_factor_reset(user=both[1], by=both[0])
    with pytest.raises(ValidationError, match="you made the request, or it concerns you"):
        access_change.confirm_access_change(change=change, by=both[1])


def test_a_request_of_a_former_administrator_is_not_confirmed(both, xaa):
    change = requested_role(make_person("frida"), Role.VIEWER, xaa, by=both[0])
    people.end_membership(membership=both[0].memberships.get(), by=both[1])
    with pytest.raises(ValidationError, match="is no longer an administrator"):
        access_change.confirm_access_change(change=change, by=both[1])


def test_a_request_is_decided_once(both, xaa):
    change = requested_role(make_person("frida"), Role.VIEWER, xaa, by=both[0])
    access_change.decline_access_change(change=change, by=both[0])
    for decide in (access_change.confirm_access_change, access_change.decline_access_change):
        with pytest.raises(ValidationError, match="changed"):
            decide(change=change, by=both[1])
    assert Membership.objects.filter(respondent=xaa).count() == 0


def test_the_same_is_requested_once_until_it_is_decided(both, xaa):
    frida = make_person("frida")
    change = requested_role(frida, Role.VIEWER, xaa, by=both[0])
    with pytest.raises(ValidationError, match="already requested"):
        requested_role(frida, Role.VIEWER, xaa, by=both[1])
    requested_role(frida, Role.CONTRIBUTOR, xaa, by=both[1])
    access_change.decline_access_change(change=change, by=both[1])
    requested_role(frida, Role.VIEWER, xaa, by=both[1])


ADMINISTRATORS_ALONE = {
    "role": lambda by, alice, xaa: requested_role(alice, Role.VIEWER, xaa, by=by),
    "address": lambda by, alice, xaa: requested_address(alice, by),
    "reset": lambda by, alice, xaa: access_change.request_second_factor_reset(user=alice, by=by),
    "reactivate": lambda by, alice, xaa: access_change.request_reactivation(user=alice, by=by),
}


@pytest.mark.parametrize("act", ADMINISTRATORS_ALONE.values(), ids=ADMINISTRATORS_ALONE.keys())
@pytest.mark.parametrize("name", ["alice", "bob", "charlie", "dana"])
def test_nobody_but_administrators_requests(request, alice, xaa, name, act):
    with pytest.raises(PermissionDenied):
        act(request.getfixturevalue(name), alice, xaa)
    assert (AccessChange.objects.count(), events()) == (0, [])


@pytest.mark.parametrize("name", ["alice", "bob", "charlie", "dana"])
def test_nobody_but_administrators_confirms_or_declines(request, erin, xaa, name):
    change = requested_role(make_person("frida"), Role.VIEWER, xaa, by=erin)
    for decide in (access_change.confirm_access_change, access_change.decline_access_change):
        with pytest.raises(PermissionDenied):
            decide(change=change, by=request.getfixturevalue(name))
    assert AccessChange.objects.get().state == AccessChangeStage.REQUESTED


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
        requested_role(make_person("frida"), role, xaa if of_a_state else None, by=erin)


def test_a_role_cannot_end_before_it_begins(erin, xaa):
    with pytest.raises(ValidationError):
        requested_role(make_person("frida"), Role.VIEWER, xaa, until=NEW_YEAR - DAY, by=erin)


def test_one_role_is_given_once_for_a_day(both, alice, xaa):
    with pytest.raises(ValidationError):
        appointed(alice, xaa, since=datetime.date(2027, 1, 1), by=both)
    frida = make_person("frida")
    given_role(frida, Role.VIEWER, xaa, until=datetime.date(2026, 6, 30), by=both)
    with pytest.raises(ValidationError):
        given_role(frida, Role.VIEWER, xaa, since=datetime.date(2026, 6, 30), by=both)
    given_role(frida, Role.VIEWER, xaa, since=datetime.date(2026, 7, 1), by=both)
    assert frida.memberships.count() == 2


def test_a_focal_point_is_appointed_by_a_document_that_is_stored(both, xaa):
    membership = appointed(make_person("frida"), xaa, by=both)
    change = membership.access_change
    with membership.document.open() as stored:
        assert stored.read() == b"Arandia appoints."
    assert (membership.document_name, membership.document_type) == ("note.txt", "text/plain")
    assert "note" not in membership.document.name
    assert {f"document {membership.document_sha256}" in event.after for event in later_events().all()} == {True}
    assert find_errors_with_files() == []
    default_storage.delete(membership.document.name)
    problem = f"file {membership.document.name}: missing"
    rows = f"Membership {membership.pk}", f"AccessChange {change.pk}"
    assert find_errors_with_files() == [f"XAA, {row}, {problem}" for row in rows]


@pytest.mark.parametrize("missing", ["until", "appointing_document", "appointed_on", "file"])
def test_an_appointment_without_document_or_last_day_is_refused_at_the_field(both, xaa, missing):
    with pytest.raises(ValidationError) as refused:
        appointed(make_person("frida"), xaa, by=both, **{missing: "" if missing == "appointing_document" else None})
    assert list(refused.value.message_dict) == [missing]
    assert AccessChange.objects.count() == 0


def test_the_file_of_a_request_that_fails_is_not_stored(erin, xaa):
    typed = note_verbale() | {"until": NEW_YEAR - DAY}
    with pytest.raises(ValidationError):
        requested_role(make_person("frida"), Role.FOCAL_POINT, xaa, by=erin, **typed)
    assert default_storage.exists("appointments") is False or default_storage.listdir("appointments") == ([], [])


# Who is notified


def test_a_state_is_notified_at_once_of_the_request_and_of_the_confirmation(
    both, alice, charlie, xaa, mailoutbox, commit
):
    with commit():
        change = requested_role(make_person("frida"), Role.VIEWER, xaa, by=both[0], appointing_document="NV 7")
    assert [message.to for message in mailoutbox] == [["greta@example.org"], ["alice@example.org"]]
    assert mailoutbox[1].subject == "Request for two administrators: Give a role. Status: Requested"
    lines = mailoutbox[1].body.splitlines()
    assert [line for line in lines if line.startswith(("Person", "Role", "Respondent", "Appointing"))] == [
        "Person: “Frida” (frida@example.org)",
        "Role: Viewer",
        "Respondent: Arandia",
        "Appointing document: NV 7",
    ]
    assert "/desk/XAA/people/" in mailoutbox[1].body
    mailoutbox.clear()
    with commit():
        access_change.confirm_access_change(change=change, by=both[1])
    assert [message.to for message in mailoutbox] == [["erin@example.org"], ["alice@example.org"]]
    assert mailoutbox[1].subject == "Request for two administrators: Give a role. Status: In effect"
    assert "Confirmed by: Greta, " in mailoutbox[1].body


def test_a_role_in_the_secretariat_is_mailed_to_administrators_alone(both, alice, mailoutbox, commit):
    with commit():
        requested_role(make_person("frida"), Role.REVIEWER, by=both[0])
    assert [message.to for message in mailoutbox] == [["greta@example.org"]]


def test_nobody_can_choose_not_to_be_notified(both, alice, xaa):
    for person in (alice, both[0]):
        assert NotificationKind.ACCESS_CHANGED in notification_kinds_of(person)
        assert NotificationKind.ACCESS_CHANGED not in optional_kinds_of(person)


# Addresses


def test_a_new_address_without_document_works_72_hours_after_the_confirmation(both, alice):
    change = confirmed_address(alice, both)
    assert change.due_at - change.confirmed_at == datetime.timedelta(hours=72)
    assert access_change.apply_due_changes() == 0
    assert reread(alice).email == "alice@example.org"
    past_delay()
    assert access_change.apply_due_changes() == 1
    assert reread(alice).email == NEW_ADDRESS
    assert access_change.apply_due_changes() == 0


def test_a_new_address_by_note_verbale_works_as_soon_as_it_is_confirmed(both, alice):
    confirmed_address(alice, both, **note_verbale())
    assert reread(alice).email == NEW_ADDRESS


@pytest.mark.parametrize("missing", ["appointing_document", "appointed_on", "file"])
def test_a_note_verbale_is_whole_or_none(erin, alice, missing):
    document = note_verbale() | {missing: "" if missing == "appointing_document" else None}
    with pytest.raises(ValidationError) as refused:
        requested_address(alice, erin, **document)
    assert list(refused.value.message_dict) == [missing]


def test_another_focal_point_confirms_an_address_after_the_administrators(both, alice, ruth):
    change = confirmed_address(alice, both)
    access_change.second_address(change=change, by=ruth)
    assert reread(alice).email == NEW_ADDRESS


def test_another_focal_point_confirms_an_address_before_the_administrators(both, alice, ruth):
    change = requested_address(alice, both[0])
    access_change.second_address(change=change, by=ruth)
    assert reread(alice).email == "alice@example.org"
    access_change.confirm_access_change(change=change, by=both[1])
    assert reread(alice).email == NEW_ADDRESS


def test_an_administrator_who_is_a_focal_point_of_the_secretariat_confirms_an_address_once(both, unodc):
    """As one or as the other: otherwise two would do without delay what takes three."""
    grace = make_person("grace", Role.FOCAL_POINT, unodc)
    Membership.objects.create(user=both[1], role=Role.FOCAL_POINT, respondent=unodc, since=NEW_YEAR)
    change = requested_address(reread(grace), both[0])
    access_change.second_address(change=change, by=reread(both[1]))
    with pytest.raises(ValidationError, match="you made the request, or it concerns you"):
        access_change.confirm_access_change(change=change, by=reread(both[1]))


@pytest.mark.parametrize("name", ["alice", "carol", "victor", "charlie", "bob", "dana", "erin", "greta"])
def test_nobody_but_another_focal_point_of_the_state_confirms_an_address_too(request, both, alice, name):
    change = requested_address(alice, both[0])
    with pytest.raises(PermissionDenied):
        access_change.second_address(change=change, by=request.getfixturevalue(name))


def test_attack_a_focal_point_of_another_state_lets_an_address_work_at_once(both, alice, charlie, xaa, xbb):
    """Alice reads for XBB. That gives its focal point no say about the focal point of XAA."""
    given_role(alice, Role.VIEWER, xbb, by=both)
    change = confirmed_address(reread(alice), both)
    with pytest.raises(PermissionDenied):
        access_change.second_address(change=change, by=charlie)
    appointed(charlie, xaa, by=both)
    access_change.second_address(change=change, by=reread(charlie))
    assert reread(alice).email == NEW_ADDRESS


def test_a_focal_point_confirms_no_role_and_no_reset(both, alice, ruth, xaa):
    for change in (
        access_change.request_second_factor_reset(user=alice, by=both[0]),
        requested_role(make_person("frida"), Role.VIEWER, xaa, by=both[0]),
    ):
        with pytest.raises(PermissionDenied):
            access_change.second_address(change=change, by=ruth)


def test_both_addresses_are_notified_and_the_old_one_alone_can_stop(both, alice, mailoutbox, commit):
    with commit():
        confirmed_address(alice, both)
    to_person = [message for message in mailoutbox if message.subject.startswith("Your account")]
    stops = [(message.to[0], "/address/stop/" in message.body) for message in to_person]
    assert stops == [("alice@example.org", True), (NEW_ADDRESS, False)] * 2


def test_the_old_address_stops_a_new_one(both, alice):
    change = confirmed_address(alice, both)
    access_change.stop_address(token=change.token)
    past_delay()
    assert access_change.apply_due_changes() == 0
    assert reread(alice).email == "alice@example.org"
    with pytest.raises(ValidationError):
        access_change.stop_address(token=change.token)


@pytest.mark.parametrize("token", ["", "1", "1:x", "x" * 300, "\x00"])
def test_a_link_of_another_kind_stops_nothing(both, alice, token):
    change = confirmed_address(alice, both)
    with pytest.raises(ValidationError):
        access_change.stop_address(token=token)
    change.refresh_from_db()
    assert change.state == AccessChangeStage.CONFIRMED


@pytest.mark.parametrize("email", ["alice@example.org", "ALICE@example.org", "bob@example.org", "alice@", ""])
def test_an_address_that_cannot_be_is_refused_at_the_field(erin, alice, bob, email):
    with pytest.raises(ValidationError) as refused:
        access_change.request_address(user=alice, email=email, by=erin)
    assert "email" in refused.value.message_dict


def test_an_address_that_another_person_got_meanwhile_is_declined(both, alice):
    change = confirmed_address(alice, both)
    people.add_person(email=NEW_ADDRESS, name="Another", by=both[0])
    past_delay()
    assert access_change.apply_due_changes() == 0
    change.refresh_from_db()
    assert (change.state, reread(alice).email) == (AccessChangeStage.REFUSED, "alice@example.org")


# Two-step sign-in and closed accounts


def test_two_administrators_reset_two_step_sign_in(both, bob):
    change = access_change.request_second_factor_reset(user=bob, by=both[0])
    assert Authenticator.objects.filter(user=bob).exists() is True
    access_change.confirm_access_change(change=change, by=both[1])
    assert Authenticator.objects.filter(user=bob).exists() is False


def test_two_administrators_reactivate_an_account(both, alice, xaa, mailoutbox, commit):
    """An account that is open again has all its former roles."""
    ruth = make_person("ruth", Role.FOCAL_POINT, xaa)
    people.close_account(user=alice, by=both[0])
    with commit():
        change = access_change.request_reactivation(user=reread(alice), by=both[0])
    assert ["ruth@example.org"] in [message.to for message in mailoutbox]
    assert reread(alice).respondents == []
    access_change.confirm_access_change(change=change, by=both[1])
    assert reread(alice).respondents == [xaa]
    assert ruth.respondents == [xaa]


# A command where there are too few


def test_the_command_is_refused_where_two_other_administrators_could_do_it(both, bob):
    with pytest.raises(ValidationError, match="Two administrators can do this"):
        access_change.request_second_factor_reset(user=bob, by=None)
    assert Authenticator.objects.filter(user=bob).exists() is True


def test_the_command_helps_one_of_two_administrators(both, mailoutbox, commit):
    with commit():
        access_change.request_second_factor_reset(user=both[0], by=None)
    assert Authenticator.objects.filter(user=both[0]).exists() is False
    assert [event.action for event in later_events().order_by("pk")] == [
        "second factor reset",
        "access changed by command",
    ]
    assert sorted({message.to[0] for message in mailoutbox}) == ["erin@example.org", "greta@example.org"]
    assert "Requested by: Operator, by a command on the server" in mailoutbox[0].body


def test_the_command_notifies_the_focal_points_of_the_state(erin, alice, xaa, mailoutbox, commit):
    with commit():
        requested_role(make_person("frida"), Role.VIEWER, xaa, by=None)
    assert [message.to[0] for message in mailoutbox] == ["erin@example.org", "alice@example.org"]


# Secretariat and State


@pytest.fixture
def unodc(db) -> Respondent:
    return Respondent.objects.get_or_create(code="SECRETARIAT", kind=RespondentKind.SECRETARIAT, name="UNODC")[0]


def test_no_one_in_the_secretariat_gets_a_role_of_a_state(both, bob, xaa):
    with pytest.raises(ValidationError, match="in the Secretariat or of a State, not both"):
        requested_role(bob, Role.VIEWER, xaa, by=both[0])


def test_no_one_of_a_state_gets_a_role_in_the_secretariat(both, alice):
    with pytest.raises(ValidationError, match="in the Secretariat or of a State, not both"):
        requested_role(alice, Role.REVIEWER, by=both[0])


def test_no_one_in_the_secretariat_accepts_an_invitation_of_a_state(bob, alice, xaa, mailoutbox, commit):
    with commit():
        send_invitation(respondent=xaa, email=bob.email, role=Role.VIEWER, by=alice)
    [token] = [line.split("/")[-2] for line in mailoutbox[0].body.splitlines() if "/invitations/" in line]
    with pytest.raises(ValidationError, match="in the Secretariat or of a State, not both"):
        accept_invitation(token=token, by=bob)
    assert bob.memberships.count() == 1


def test_a_person_changes_sides_when_the_other_role_has_ended(both, bob, xaa):
    people.end_membership(membership=bob.memberships.get(), by=both[0])
    given_role(reread(bob), Role.VIEWER, xaa, by=both)
    assert reread(bob).respondents == [xaa]


def test_the_secretariat_writes_its_own_answers(both, bob, unodc):
    given_role(bob, Role.FOCAL_POINT, unodc, by=both)
    assert reread(bob).respondents == [unodc]


# The database


def row(**fields) -> dict:
    return {"since": NEW_YEAR, "role": Role.VIEWER} | fields


@pytest.mark.parametrize(
    ("granted", "confirmed", "concerned"),
    [
        ("erin", None, "frida"),  # one alone
        ("erin", "erin", "frida"),  # one twice
        (None, "greta", "frida"),  # confirmed without a request
        ("erin", "greta", "greta"),  # by the person whom it concerns
    ],
)
def test_the_database_refuses_a_role_that_takes_less_than_two(erin, greta, xaa, granted, confirmed, concerned):
    named = {"erin": erin, "greta": greta, None: None, "frida": make_person("frida")}
    fields = {"granted_by": named[granted], "confirmed_by": named[confirmed], "user": named[concerned]}
    respondent, role = (xaa, Role.VIEWER) if concerned == "frida" else (None, Role.CURATOR)
    with pytest.raises(IntegrityError, match="membership_takes_two"), transaction.atomic():
        Membership.objects.create(since=NEW_YEAR, respondent=respondent, role=role, **fields)


def test_the_database_refuses_a_focal_point_by_invitation(alice, xaa):
    invitation = send_invitation(respondent=xaa, email="f@example.org", role=Role.VIEWER, by=alice)
    fields = row(user=make_person("frida"), respondent=xaa, granted_by=alice, invitation=invitation)
    Membership.objects.create(**fields).delete()
    with pytest.raises(IntegrityError, match="membership_takes_two"), transaction.atomic():
        Membership.objects.create(**fields | {"role": Role.FOCAL_POINT})


@pytest.mark.parametrize(
    ("changed", "constraint"),
    [
        ({"confirmed_by": "erin"}, "access_change_takes_two"),
        ({"confirmed_by": "alice"}, "access_change_takes_two"),
        ({"requested_by": None, "confirmed_by": "greta"}, "access_change_takes_two"),
        ({"state": "done"}, "access_change_confirmed"),
        ({"state": "confirmed"}, "access_change_confirmed"),
        ({"state": "confirmed", "requested_by": None}, "access_change_confirmed"),
        ({"seconded_by": "alice"}, "access_change_seconded"),
        ({"seconded_by": "erin"}, "access_change_seconded"),
        ({"confirmed_by": "greta", "seconded_by": "greta"}, "access_change_seconded"),
        ({"email": ""}, "access_change_of_kind"),
        ({"role": "viewer"}, "access_change_of_kind"),
        ({"kind": "second_factor"}, "access_change_of_kind"),
    ],
)
def test_the_database_refuses_a_request_that_takes_less_than_two(erin, greta, alice, changed, constraint):
    named = {"erin": erin, "greta": greta, "alice": alice}
    requested_address(alice, erin)
    fields = {name: named.get(value, value) for name, value in changed.items()}
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        AccessChange.objects.update(**fields)


@pytest.mark.parametrize("first", ["Secretariat", "State"])
def test_the_database_refuses_a_person_of_both_the_secretariat_and_a_state(xaa, unodc, first):
    frida = make_person("frida")
    roles = [{"role": Role.REVIEWER}, {"role": Role.VIEWER, "respondent": xaa}]
    one, other = roles if first == "Secretariat" else reversed(roles)
    past = Membership.objects.create(user=frida, since=NEW_YEAR, until=NEW_YEAR, **one)
    Membership.objects.create(user=frida, since=NEW_YEAR + DAY, **other)
    with pytest.raises(IntegrityError, match="breaks its rule"), transaction.atomic():
        Membership.objects.create(user=frida, since=NEW_YEAR + DAY, **one)
    with pytest.raises(IntegrityError, match="breaks its rule"), transaction.atomic():
        Membership.objects.filter(pk=past.pk).update(until=None)
    Membership.objects.create(user=frida, since=NEW_YEAR + DAY, ended_at=timezone.now(), **one)
    if first == "State":
        Membership.objects.create(user=frida, since=NEW_YEAR, role=Role.VIEWER, respondent=unodc)


# Attacks


def test_attack_one_administrator_reads_everything(client, erin, alice, xaa):
    """One administrator makes themselves viewer of a State, or reviewer; under their own name or an invented one."""
    client.force_login(erin)
    puppet = make_person("puppet")
    typed = {"since": "2026-01-01", "until": "", "appointing_document": ""}
    for person in (erin, puppet):
        for role, respondent in (("viewer", xaa.pk), ("focal_point", xaa.pk), ("reviewer", ""), ("administrator", "")):
            request = typed | {"user": person.pk, "role": role, "respondent": respondent}
            client.post("/admin/tracker/membership/add/", request)
    for change in AccessChange.objects.all():
        selected = {"action": "confirm_access_change", "_selected_action": [change.pk]}
        client.post("/admin/tracker/accesschange/", selected)
        client.post(f"/admin/tracker/accesschange/{change.pk}/change/", {"CHANGE_FORM-action": "confirm_access_change"})
    assert AccessChange.objects.filter(user=puppet, state="requested").count() == 3  # no focal point without document
    assert reread(puppet).current_memberships == []
    assert [membership.role for membership in reread(erin).current_memberships] == ["administrator"]
    assert client.get("/desk/XAA/").status_code == 404


def test_attack_one_administrator_changes_a_focal_points_address_and_resets_the_password(
    client, erin, alice, mailoutbox, commit
):
    client.force_login(erin)
    with commit():
        client.post(f"/admin/tracker/user/{alice.pk}/change/", {"name": "Alice", "email": "mine@example.org"})
        client.post("/admin/tracker/user/", {"action": "request_second_factor_reset", "_selected_action": [alice.pk]})
    assert ["alice@example.org"] in [message.to for message in mailoutbox]
    client.logout()
    mailoutbox.clear()
    past_delay()
    with commit():
        client.post("/accounts/password/reset/", {"email": "mine@example.org"})
    assert [message.to for message in mailoutbox] == [["mine@example.org"]]
    assert "/password/reset/key/" not in mailoutbox[0].body
    assert reread(alice).email == "alice@example.org"


def test_attack_two_administrators_change_an_address_and_the_old_one_stops_it(
    client, both, alice, mailoutbox, commit, settings
):
    """Two who collude need 72 hours, in which the focal point, the team and each administrator know."""
    settings.SITE_URL = "http://testserver"
    with commit():
        change = confirmed_address(alice, both)
    notified = {address for message in mailoutbox for address in message.to}
    assert {"alice@example.org", "erin@example.org", "greta@example.org"} <= notified
    [link, *_again] = [
        line
        for message in mailoutbox
        if message.to == ["alice@example.org"]
        for line in message.body.splitlines()
        if "/address/stop/" in line
    ]
    page = client.get(link, follow=True)
    assert page.redirect_chain == [("/address/stop/", 302)]
    change.refresh_from_db()
    assert change.state == AccessChangeStage.CONFIRMED  # to look changes nothing
    assert "The change was stopped." in client.post("/address/stop/").content.decode()
    assert "The change was stopped." in client.get(link, follow=True).content.decode()
    past_delay()
    access_change.apply_due_changes()
    assert reread(alice).email == "alice@example.org"


def test_attack_a_stolen_session_outlives_the_old_address_and_the_lost_device(both, alice):
    """The person who reads the old mailbox, or has the lost device, may be signed in."""
    erin, greta = both
    for act in (
        partial(confirmed_address, alice, both, **note_verbale()),
        lambda: access_change.confirm_access_change(
            change=access_change.request_second_factor_reset(user=alice, by=erin), by=greta
        ),
    ):
        stolen = client_of(alice)
        assert stolen.get("/account/").status_code == 200
        act()
        assert stolen.get("/account/")["Location"] == "/accounts/login/?next=/account/"


def test_attack_one_administrator_prepares_an_account_that_gets_the_right_address_later(
    both, mailoutbox, commit, settings
):
    """The second administrator sees only that an account without a role gets the right address."""
    settings.SITE_URL = "http://testserver"
    erin, greta = both
    with commit():
        frida = people.add_person(email="mine@example.org", name="Frida", by=erin)
    set_password(Client(), link_in(mailoutbox[-1]))
    add_passkey(with_second_factor(frida))
    SocialAccount.objects.create(user=frida, provider="justice", uid="mine")
    prepared = client_of(frida)
    change = access_change.request_address(user=frida, email="frida@example.org", by=erin, **note_verbale())
    mailoutbox.clear()
    with commit():
        access_change.confirm_access_change(change=change, by=greta)
    assert prepared.get("/account/").status_code == 302
    assert Authenticator.objects.filter(user=frida).exists() is False
    assert SocialAccount.objects.filter(user=frida).exists() is False
    assert sign_in(Client(), "frida@example.org", NEW_PASSWORD).status_code == 200  # the form, with the error
    [invited] = [message for message in mailoutbox if message.subject.startswith("Set a password")]
    assert invited.to == ["frida@example.org"]
    set_password(Client(), link_in(invited))
    assert sign_in(Client(), "frida@example.org", NEW_PASSWORD).status_code == 302


def test_an_account_that_had_a_role_keeps_its_password_and_second_factor(both, alice):
    with_second_factor(alice)
    before = reread(alice).password
    confirmed_address(alice, both, **note_verbale())
    assert (reread(alice).email, reread(alice).password) == (NEW_ADDRESS, before)
    assert Authenticator.objects.filter(user=alice).count() == 1


@pytest.mark.parametrize("place", [0, 1])
def test_attack_a_focal_point_confirms_an_address_of_administrators_who_were_let_go(both, alice, ruth, place):
    change = confirmed_address(alice, both)
    people.close_account(user=both[place], by=both[1 - place])
    with pytest.raises(ValidationError, match="is no longer an administrator"):
        access_change.second_address(change=change, by=ruth)
    change.refresh_from_db()
    assert (change.state, change.seconded_by, reread(alice).email) == (
        AccessChangeStage.CONFIRMED,
        None,
        "alice@example.org",
    )


@pytest.mark.parametrize("place", [0, 1])
def test_attack_an_address_that_waits_outlives_the_administrators_who_were_let_go(both, alice, place):
    change = confirmed_address(alice, both)
    people.close_account(user=both[place], by=both[1 - place])
    past_delay()
    assert access_change.apply_due_changes() == 0
    change.refresh_from_db()
    assert (change.state, reread(alice).email) == (AccessChangeStage.REFUSED, "alice@example.org")


# Races


@pytest.mark.django_db(transaction=True)
def test_a_double_click_requests_and_gives_a_role_once(erin, greta, xaa):
    frida = make_person("frida")
    assert (erin.has_role(Role.ADMINISTRATOR), greta.has_role(Role.ADMINISTRATOR)) == (True, True)
    ask = partial(requested_role, frida, Role.VIEWER, xaa, by=erin)
    assert at_once(ask, ask) == ["done", "refused"]
    confirm = partial(access_change.confirm_access_change, change=AccessChange.objects.get(), by=greta)
    assert at_once(confirm, confirm) == ["done", "refused"]
    assert frida.memberships.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_stop_and_a_confirmation_at_once_have_one_outcome(erin, greta, alice):
    assert greta.has_role(Role.ADMINISTRATOR) is True
    change = requested_address(alice, erin, **note_verbale())
    confirm = partial(access_change.confirm_access_change, change=change, by=greta)
    assert at_once(confirm, partial(access_change.stop_address, token=change.token)) == ["done", "refused"]
    change.refresh_from_db()
    assert (change.state == AccessChangeStage.DONE) is (reread(alice).email == NEW_ADDRESS)

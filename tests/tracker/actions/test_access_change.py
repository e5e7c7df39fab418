"""What gives access takes two administrators: a role, an address, an identity, two-step sign-in, a closed account.

For a State that has a focal point it takes 72 hours too, or a focal point. Focal points and the old address stop it.
"""

import datetime
from functools import partial

import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from tests.access import NEW_YEAR, appointed, given_role, note_verbale, requested_role
from tests.catalogue_events import later_events
from tests.client import Client
from tests.conftest import make_person, reread, with_second_factor
from tests.identity_providers import use_provider
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


def requested_address(user, by) -> AccessChange:
    return access_change.request_address(user=user, email=NEW_ADDRESS, by=by)


def confirmed_address(user, by) -> AccessChange:
    requester, confirmer = by
    return access_change.confirm_access_change(change=requested_address(user, requester), by=confirmer)


def past_delay() -> int:
    """Do what the daily job does after 72 hours."""
    waiting = AccessChange.objects.filter(state=AccessChangeStage.CONFIRMED)
    waiting.update(due_at=timezone.now() - datetime.timedelta(minutes=1))
    return access_change.apply_due_changes()


def end(person, by) -> None:
    """End the role of a person, even of the last focal point."""
    people.end_membership(membership=person.memberships.get(ended_at=None), by=by, leaves_desk=True)


# What two administrators do for a person
KINDS = {
    "role": lambda person, state, by: requested_role(make_person("frida"), Role.VIEWER, state, by=by),
    "address": lambda person, state, by: requested_address(person, by),
    "identity": lambda person, state, by: access_change.request_identity(
        user=person, provider="ministry", subject="mine", by=by
    ),
    "reset": lambda person, state, by: access_change.request_second_factor_reset(user=person, by=by),
    "reactivation": lambda person, state, by: access_change.request_reactivation(user=_closed(person, by), by=by),
}
every_kind = pytest.mark.parametrize("kind", KINDS)


def _closed(person, by) -> User:
    people.close_account(user=person, by=by)
    return reread(person)


@pytest.fixture(autouse=True)
def _single_sign_on(settings, monkeypatch):
    use_provider(settings, monkeypatch, "https://login.example.org")


@pytest.fixture
def confirmed(both, carol, xaa):
    """Return the change of this kind, for a contributor of XAA, that two administrators agreed on."""

    def confirmed(kind: str, person: User = carol) -> AccessChange:
        return access_change.confirm_access_change(change=KINDS[kind](person, xaa, both[0]), by=both[1])

    return confirmed


# Roles


def test_a_role_is_requested_by_one_administrator_and_confirmed_by_another(both, xaa):
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


def test_one_request_for_a_person_is_open_at_a_time(both, xaa):
    frida = make_person("frida")
    change = requested_role(frida, Role.VIEWER, xaa, by=both[0])
    for ask in (
        partial(requested_role, frida, Role.CONTRIBUTOR, xaa, by=both[1]),
        lambda: requested_address(frida, both[1]),
    ):
        with pytest.raises(ValidationError, match="Another request for this person is open"):
            ask()
    access_change.decline_access_change(change=change, by=both[1])
    requested_role(frida, Role.VIEWER, xaa, by=both[1])


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


def test_one_role_is_given_once_for_a_day(both, xaa):
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
    assert mailoutbox[1].subject == "Change of access: Give a role. Status: Requested"
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
    assert mailoutbox[1].subject == "Change of access: Give a role. Status: Confirmed"
    assert "Confirmed by: Greta, " in mailoutbox[1].body
    assert "Takes effect on: " in mailoutbox[1].body
    assert "stop the change before it takes effect" in mailoutbox[1].body


def test_requests_for_a_secretariat_role_are_mailed_only_to_administrators(both, alice, mailoutbox, commit):
    with commit():
        requested_role(make_person("frida"), Role.REVIEWER, by=both[0])
    assert [message.to for message in mailoutbox] == [["greta@example.org"]]


def test_nobody_can_choose_not_to_be_notified(both, alice, xaa):
    for person in (alice, both[0]):
        assert NotificationKind.ACCESS_CHANGED in notification_kinds_of(person)
        assert NotificationKind.ACCESS_CHANGED not in optional_kinds_of(person)


# For a State that has a focal point


@every_kind
def test_it_takes_effect_72_hours_after_the_confirmation(alice, confirmed, kind):
    change = confirmed(kind)
    assert change.due_at - change.confirmed_at >= datetime.timedelta(hours=72)
    assert (change.state, access_change.apply_due_changes()) == (AccessChangeStage.CONFIRMED, 0)
    assert past_delay() == 1
    change.refresh_from_db()
    assert (change.state, past_delay()) == (AccessChangeStage.DONE, 0)


@every_kind
def test_a_focal_point_who_confirms_after_the_administrators_ends_the_wait(alice, confirmed, kind):
    change = confirmed(kind)
    access_change.second_access_change(change=change, by=alice)
    change.refresh_from_db()
    assert (change.state, change.seconded_by) == (AccessChangeStage.DONE, alice)


@every_kind
def test_a_focal_point_who_confirms_before_the_administrators_ends_the_wait(both, alice, carol, xaa, kind):
    change = KINDS[kind](carol, xaa, both[0])
    access_change.second_access_change(change=change, by=alice)
    change.refresh_from_db()
    assert change.state == AccessChangeStage.REQUESTED
    assert access_change.confirm_access_change(change=change, by=both[1]).state == AccessChangeStage.DONE


@every_kind
@pytest.mark.parametrize("is_confirmed", [False, True])
def test_a_focal_point_stops_it(both, alice, carol, xaa, confirmed, kind, is_confirmed):
    change = confirmed(kind) if is_confirmed else KINDS[kind](carol, xaa, both[0])
    access_change.stop_access_change(change=change, by=alice)
    change.refresh_from_db()
    assert (change.state, change.ended_by, past_delay()) == (AccessChangeStage.STOPPED, alice, 0)
    for act in (access_change.confirm_access_change, access_change.decline_access_change):
        with pytest.raises(ValidationError):
            act(change=change, by=both[1])


@every_kind
def test_elsewhere_it_takes_effect_at_once(xaa, confirmed, kind):
    assert confirmed(kind).state == AccessChangeStage.DONE


def test_the_first_focal_point_comes_at_once_and_the_second_waits(both, xaa):
    assert appointed(make_person("frida"), xaa, by=both).role == Role.FOCAL_POINT
    assert appointed(make_person("gina"), xaa, by=both) is None


def test_attack_two_administrators_and_a_blank_page_appoint_a_focal_point_at_once(both, alice, xaa):
    mallory = make_person("mallory")
    assert appointed(mallory, xaa, by=both) is None
    assert reread(mallory).current_memberships == []
    access_change.stop_access_change(change=AccessChange.objects.get(), by=alice)
    assert (past_delay(), reread(mallory).current_memberships) == (0, [])


def test_the_only_focal_point_stops_what_is_done_for_them_and_does_not_confirm_it(alice, confirmed):
    change = confirmed("reset", alice)
    with pytest.raises(PermissionDenied):
        access_change.second_access_change(change=change, by=alice)
    access_change.stop_access_change(change=change, by=alice)
    assert past_delay() == 0


@pytest.mark.parametrize("name", ["alice", "carol", "victor", "charlie", "bob", "dana", "erin", "greta"])
def test_nobody_but_another_focal_point_of_the_state_confirms_too(request, both, alice, name):
    change = requested_address(alice, both[0])
    with pytest.raises(PermissionDenied):
        access_change.second_access_change(change=change, by=request.getfixturevalue(name))


def test_an_administrator_who_was_a_focal_point_does_not_confirm_twice(both, alice, ruth, confirmed):
    """As one or as the other: otherwise two would do without delay what takes three."""
    change = requested_address(alice, both[0])
    access_change.second_access_change(change=change, by=ruth)
    end(ruth, both[0])
    Membership.objects.create(user=ruth, role=Role.ADMINISTRATOR, since=NEW_YEAR)
    with pytest.raises(ValidationError, match="you made the request, or it concerns you"):
        access_change.confirm_access_change(change=change, by=reread(ruth))


def test_the_team_of_the_secretariat_does_not_wait(both, bob, unodc):
    given_role(bob, Role.FOCAL_POINT, unodc, by=both)
    assert given_role(make_person("frida"), Role.VIEWER, unodc, by=both).role == Role.VIEWER


# Attacks of two administrators who act together


def test_attack_the_last_focal_points_role_is_ended_first(both, alice, xaa, mailoutbox, commit):
    """For 30 days the former focal point is notified, and has the link that stops the change."""
    with commit():
        end(alice, both[0])
    assert [(mail.to, mail.subject) for mail in mailoutbox] == [
        (["alice@example.org"], "You are no longer a focal point: Arandia")
    ]
    mailoutbox.clear()
    with commit():
        assert appointed(make_person("mallory"), xaa, by=both) is None
    links = {mail.to[0] for mail in mailoutbox if "/access/stop/" in mail.body}
    assert links == {"alice@example.org"}
    access_change.stop_by_link(token=AccessChange.objects.get().token)
    assert past_delay() == 0


def test_attack_the_last_focal_points_account_is_closed_first(both, alice, xaa, mailoutbox, commit):
    with commit():
        people.close_account(user=alice, by=both[0])
        assert appointed(make_person("mallory"), xaa, by=both) is None
    links = {mail.to[0] for mail in mailoutbox if "/access/stop/" in mail.body}
    assert links == {"alice@example.org"}


@pytest.mark.parametrize("takes_away", [end, lambda person, by: people.close_account(user=person, by=by)])
def test_attack_a_focal_point_is_let_go_while_a_change_waits(both, alice, confirmed, mailoutbox, commit, takes_away):
    """Both mails to the focal point have the link: of the change, and of the end."""
    with commit():
        change = confirmed("role")
        takes_away(alice, both[0])
    links = [f"/access/stop/{change.token}/" in mail.body for mail in mailoutbox if mail.to == ["alice@example.org"]]
    assert links[-1] is True
    access_change.stop_by_link(token=change.token)
    assert past_delay() == 0


def test_attack_a_change_is_timed_for_the_last_day_of_a_focal_point(alice, confirmed, mailoutbox, commit):
    """The mail has the link, since tomorrow no page of the State opens."""
    with commit():
        change = confirmed("role")
    [*_requested, mail] = [mail for mail in mailoutbox if mail.to == ["alice@example.org"]]
    assert f"/access/stop/{change.token}/" in mail.body


def test_a_state_without_a_focal_point_for_30_days_gets_one_at_once(both, alice, xaa):
    end(alice, both[0])
    alice.memberships.update(ended_at=timezone.now() - 30 * DAY - DAY)
    assert appointed(make_person("frida"), xaa, by=both).role == Role.FOCAL_POINT


def test_attack_a_former_focal_points_address_is_changed_so_that_no_link_arrives(both, alice):
    end(alice, both[0])
    assert confirmed_address(alice, both).state == AccessChangeStage.CONFIRMED


@pytest.mark.parametrize("kind", ["address", "identity", "reset"])
def test_attack_what_waits_for_a_role_is_changed_before_the_role_works(both, alice, xaa, kind):
    """The focal points saw the request with the address of then."""
    frida = make_person("frida")
    requested_role(frida, Role.VIEWER, xaa, by=both[0])
    with pytest.raises(ValidationError, match="Another request for this person is open"):
        KINDS[kind](frida, xaa, both[0])


@pytest.mark.parametrize("kind", ["address", "identity", "reset"])
def test_attack_a_change_is_agreed_before_the_role_and_used_after_it(both, alice, xaa, kind):
    """A request that is open keeps the person from a further role, also by invitation."""
    frida = make_person("frida")
    KINDS[kind](frida, xaa, both[0])
    with pytest.raises(ValidationError, match="Another request for this person is open"):
        requested_role(frida, Role.VIEWER, xaa, by=both[0])
    invitation = send_invitation(respondent=xaa, email=frida.email, role=Role.VIEWER, by=alice)
    token = invitation.new_link(alice)
    invitation.save()
    with pytest.raises(ValidationError, match="Administrators are changing the access to this account"):
        accept_invitation(token=token, by=frida)
    assert reread(frida).current_memberships == []


@pytest.mark.parametrize("way", ["role", "invitation"])
@pytest.mark.parametrize("kind", ["address", "identity"])
def test_attack_an_account_is_prepared_in_a_state_without_focal_point(
    both, alice, xaa, xbb, mailoutbox, commit, kind, way
):
    """In XBB all of it works at once. The focal points of XAA see a colleague's address, and nothing else."""
    frida = with_second_factor(make_person("frida"))
    given_role(frida, Role.VIEWER, xbb, by=both)
    access_change.confirm_access_change(change=KINDS[kind](frida, xaa, both[0]), by=both[1])
    frida = reread(frida)
    mailoutbox.clear()
    with commit():
        if way == "role":
            given_role(frida, Role.VIEWER, xaa, by=both)
            access_change.second_access_change(change=AccessChange.objects.open().get(), by=alice)
        else:
            invitation = send_invitation(respondent=xaa, email=frida.email, role=Role.VIEWER, by=alice)
            token = invitation.new_link(alice)
            invitation.save()
            accept_invitation(token=token, by=frida)
    frida = reread(frida)
    assert (frida.has_role(Role.VIEWER, respondent=xaa), frida.has_usable_password()) == (True, False)
    assert Authenticator.objects.filter(user=frida).exists() is False
    assert SocialAccount.objects.filter(user=frida).exists() is False
    assert ([frida.email], "Set a password for the Recommendations tracker") in [
        (mail.to, mail.subject) for mail in mailoutbox
    ]


def test_attack_a_role_in_another_state_resets_the_two_step_sign_in_of_a_focal_point(both, alice, charlie, xaa, xbb):
    """The account begins afresh with the role, so that its own State can stop the role too."""
    change = requested_role(charlie, Role.VIEWER, xaa, by=both[0])
    change = access_change.confirm_access_change(change=change, by=both[1])
    with pytest.raises(PermissionDenied):
        access_change.second_access_change(change=change, by=alice)
    access_change.stop_access_change(change=change, by=make_person("quinn", Role.FOCAL_POINT, xbb))
    assert past_delay() == 0


def test_attack_a_confirmation_by_a_focal_point_of_an_empty_state_is_kept_for_later(both, xaa, xbb):
    """The pair appoints Q for XBB, which had nobody. What Q confirmed does not count once XAA is concerned."""
    quinn, frida = make_person("quinn", Role.FOCAL_POINT, xbb), make_person("frida", Role.VIEWER, xbb)
    Membership.objects.create(user=frida, role=Role.VIEWER, respondent=xaa, since=NEW_YEAR)
    change = requested_address(frida, both[0])
    access_change.second_access_change(change=change, by=quinn)
    make_person("alice", Role.FOCAL_POINT, xaa)
    change = access_change.confirm_access_change(change=change, by=both[1])
    assert change.state == AccessChangeStage.CONFIRMED


def test_attack_a_focal_point_of_another_state_lets_an_address_work_at_once(both, alice, charlie, xaa, xbb):
    """Alice reads for XBB. That gives its focal point no say about the focal point of XAA."""
    Membership.objects.create(user=alice, role=Role.VIEWER, respondent=xbb, since=NEW_YEAR)
    change = confirmed_address(reread(alice), both)
    with pytest.raises(PermissionDenied):
        access_change.second_access_change(change=change, by=charlie)
    Membership.objects.create(user=charlie, role=Role.FOCAL_POINT, respondent=xaa, since=NEW_YEAR)
    access_change.second_access_change(change=change, by=reread(charlie))
    assert reread(alice).email == NEW_ADDRESS


@every_kind
def test_attack_an_operator_is_asked_for_what_two_administrators_cannot_do_at_once(erin, alice, carol, xaa, kind):
    """They ended the roles of the others, so that the command is not refused."""
    if kind == "reactivation":
        people.close_account(user=carol, by=erin)
    arguments = {
        "role": ("frida@example.org", "--role", "viewer", "--respondent", "XAA"),
        "address": (carol.email, "--address", NEW_ADDRESS),
        "identity": (carol.email, "--identity", "ministry", "mine"),
        "reset": (carol.email, "--reset-two-step"),
        "reactivation": (carol.email, "--reactivate"),
    }
    make_person("frida")
    call_command("change_access", *arguments[kind])
    assert AccessChange.objects.get().state == AccessChangeStage.CONFIRMED
    assert past_delay() == 1


# Addresses


def test_both_addresses_are_notified_but_only_the_old_can_stop(both, alice, mailoutbox, commit):
    with commit():
        confirmed_address(alice, both)
    to_person = [message for message in mailoutbox if "change your access" in message.body]
    stops = [(message.to[0], "/access/stop/" in message.body) for message in to_person]
    assert stops == [("alice@example.org", True), (NEW_ADDRESS, False)] * 2


def test_the_old_address_stops_a_new_one(both, alice):
    change = confirmed_address(alice, both)
    access_change.stop_by_link(token=change.token)
    assert past_delay() == 0
    assert reread(alice).email == "alice@example.org"
    with pytest.raises(ValidationError):
        access_change.stop_by_link(token=change.token)


@pytest.mark.parametrize("token", ["", "1", "1:x", "x" * 300, "\x00"])
def test_a_link_of_another_kind_stops_nothing(both, alice, token):
    change = confirmed_address(alice, both)
    with pytest.raises(ValidationError):
        access_change.stop_by_link(token=token)
    change.refresh_from_db()
    assert change.state == AccessChangeStage.CONFIRMED


@pytest.mark.parametrize("email", ["alice@example.org", "ALICE@example.org", "bob@example.org", "alice@", ""])
def test_an_address_that_cannot_be_is_refused_at_the_field(erin, alice, bob, email):
    with pytest.raises(ValidationError) as refused:
        access_change.request_address(user=alice, email=email, by=erin)
    assert "email" in refused.value.message_dict


def test_an_address_that_another_person_received_first_is_declined(both, alice):
    change = confirmed_address(alice, both)
    people.add_person(email=NEW_ADDRESS, name="Another", by=both[0])
    assert past_delay() == 0
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
    access_change.confirm_access_change(change=change, by=both[1])
    assert reread(alice).respondents == []
    assert past_delay() == 1
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
        ({"confirmed_by": "frida"}, "access_change_takes_two"),
        ({"requested_by": None, "confirmed_by": "greta"}, "access_change_takes_two"),
        ({"state": "done"}, "access_change_confirmed"),
        ({"state": "confirmed"}, "access_change_confirmed"),
        ({"state": "confirmed", "confirmed_by": "greta"}, "access_change_waits"),
        ({"seconded_by": "frida"}, "access_change_seconded"),
        ({"seconded_by": "erin"}, "access_change_seconded"),
        ({"confirmed_by": "greta", "seconded_by": "greta"}, "access_change_seconded"),
        ({"email": ""}, "access_change_of_kind"),
        ({"role": "viewer"}, "access_change_of_kind"),
        ({"kind": "second_factor"}, "access_change_of_kind"),
    ],
)
def test_the_database_refuses_a_request_that_takes_less_than_two(erin, greta, changed, constraint):
    named = {"erin": erin, "greta": greta, "frida": make_person("frida")}
    requested_address(named["frida"], erin)
    fields = {name: named.get(value, value) for name, value in changed.items()}
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        AccessChange.objects.update(**fields)


@every_kind
def test_the_database_refuses_what_did_not_wait_for_a_state(alice, confirmed, kind):
    change = confirmed(kind)
    rows, done = AccessChange.objects.filter(pk=change.pk), {"state": "done", "ended_at": timezone.now()}
    for early in ({}, {"due_at": None}):
        with pytest.raises(IntegrityError, match="breaks its rule"), transaction.atomic():
            rows.update(**done | early)
    assert rows.update(**done | {"ended_at": change.due_at}) == 1


def test_the_database_accepts_at_once_what_a_focal_point_confirmed(alice, confirmed):
    change = confirmed("address")
    rows = AccessChange.objects.filter(pk=change.pk)
    assert rows.update(state="done", ended_at=timezone.now(), seconded_by=alice) == 1


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


def test_attack_one_administrator_reads_everything(administrator, erin, alice, xaa):
    """One administrator makes themselves viewer of a State, or reviewer; under their own name or an invented one."""
    puppet = make_person("puppet")
    typed = {"since": "2026-01-01", "until": "", "appointing_document": ""}
    for person in (erin, puppet):
        for role, respondent in (("viewer", xaa.pk), ("focal_point", xaa.pk), ("reviewer", ""), ("administrator", "")):
            request = typed | {"user": person.pk, "role": role, "respondent": respondent}
            administrator.post("/admin/tracker/membership/add/", request)
    for change in AccessChange.objects.all():
        selected = {"action": "confirm_access_change", "_selected_action": [change.pk]}
        administrator.post("/admin/tracker/accesschange/", selected)
        administrator.post(
            f"/admin/tracker/accesschange/{change.pk}/change/", {"CHANGE_FORM-action": "confirm_access_change"}
        )
    assert AccessChange.objects.filter(user=puppet, state="requested").count() == 1
    assert reread(puppet).current_memberships == []
    assert [membership.role for membership in reread(erin).current_memberships] == ["administrator"]
    assert administrator.get("/desk/XAA/").status_code == 404


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
        if "/access/stop/" in line
    ]
    page = client.get(link, follow=True)
    assert page.redirect_chain == [("/access/stop/", 302)]
    change.refresh_from_db()
    assert change.state == AccessChangeStage.CONFIRMED  # to look changes nothing
    assert "The change was stopped." in client.post("/access/stop/").content.decode()
    assert "The change was stopped." in client.get(link, follow=True).content.decode()
    assert past_delay() == 0
    assert reread(alice).email == "alice@example.org"


def test_attack_a_stolen_session_outlives_the_old_address_and_the_lost_device(both, alice):
    """The person who reads the old mailbox, or has the lost device, may be signed in."""
    erin, greta = both
    for act in (
        partial(confirmed_address, alice, both),
        lambda: access_change.confirm_access_change(
            change=access_change.request_second_factor_reset(user=alice, by=erin), by=greta
        ),
    ):
        stolen = client_of(alice)
        assert stolen.get("/account/").status_code == 200
        act()
        assert past_delay() == 1
        assert stolen.get("/account/")["Location"] == "/accounts/login/?next=/account/"


def test_attack_one_administrator_prepares_an_account_that_gets_the_right_address_later(
    both, mailoutbox, commit, settings
):
    """The second administrator sees only that an account without a role gets the right address, and then a role."""
    settings.SITE_URL = "http://testserver"
    erin, greta = both
    with commit():
        frida = people.add_person(email="mine@example.org", name="Frida", by=erin)
    set_password(Client(), link_in(mailoutbox[-1]))
    add_passkey(with_second_factor(frida))
    SocialAccount.objects.create(user=frida, provider="justice", uid="mine")
    change = access_change.request_address(user=frida, email="frida@example.org", by=erin)
    mailoutbox.clear()
    with commit():
        access_change.confirm_access_change(change=change, by=greta)
    with commit():
        given_role(reread(frida), Role.CURATOR, by=both)
    assert client_of(frida).get("/account/").status_code == 302
    assert Authenticator.objects.filter(user=frida).exists() is False
    assert SocialAccount.objects.filter(user=frida).exists() is False
    assert sign_in(Client(), "frida@example.org", NEW_PASSWORD).status_code == 200  # the form, with the error
    [invited] = [message for message in mailoutbox if message.subject.startswith("Set a password")]
    assert invited.to == ["frida@example.org"]
    set_password(Client(), link_in(invited))
    assert sign_in(Client(), "frida@example.org", NEW_PASSWORD).status_code == 302


def test_an_account_that_a_focal_point_guards_keeps_its_password_and_second_factor(both, alice):
    with_second_factor(alice)
    before = reread(alice).password
    confirmed_address(alice, both)
    assert past_delay() == 1
    assert (reread(alice).email, reread(alice).password) == (NEW_ADDRESS, before)
    assert Authenticator.objects.filter(user=alice).count() == 1


@pytest.mark.parametrize("place", [0, 1])
def test_attack_a_focal_point_confirms_an_address_of_administrators_who_were_let_go(both, alice, ruth, place):
    change = confirmed_address(alice, both)
    people.close_account(user=both[place], by=both[1 - place])
    with pytest.raises(ValidationError, match="is no longer an administrator"):
        access_change.second_access_change(change=change, by=ruth)
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
    assert past_delay() == 0
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
    change = requested_address(make_person("frida"), erin)
    confirm = partial(access_change.confirm_access_change, change=change, by=greta)
    assert at_once(confirm, partial(access_change.stop_by_link, token=change.token)) == ["done", "refused"]
    change.refresh_from_db()
    assert (change.state == AccessChangeStage.DONE) is (reread(change.user).email == NEW_ADDRESS)

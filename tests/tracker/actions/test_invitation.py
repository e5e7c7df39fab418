"""A focal point invites contributors and viewers of her own State; whoever has the mailed link joins, once."""

import datetime
import re
from functools import partial

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from tests.catalogue_events import later_events
from tests.conftest import PASSWORD, make_person
from tests.races import at_once
from tracker.actions import user as people
from tracker.actions.invitation import (
    A_DAY,
    accept_as_new_person,
    accept_invitation,
    send_invitation,
    send_invitation_again,
    withdraw_invitation,
)
from tracker.models import Event, Institution, Invitation, Membership, User
from tracker.models.invitation import InvitationStage, digest_of
from tracker.models.user import Role
from tracker.queries.desk.team import invitation_of

pytestmark = pytest.mark.django_db

FRIDA = "frida@example.org"
LINK = re.compile(r"http://127\.0\.0\.1:8000/invitations/([\w-]{43})/")


@pytest.fixture
def send(smtp, alice, xaa, django_capture_on_commit_callbacks):
    """Carry out what sends an invitation; return the token of the link in the mail."""

    def send(act=send_invitation, **said):
        if act is send_invitation:
            said = {"respondent": xaa, "email": FRIDA, "role": Role.CONTRIBUTOR} | said
        with django_capture_on_commit_callbacks(execute=True):
            act(**{"by": alice} | said)
        return LINK.search(smtp.texts()[-1])[1]

    return send


def accept(token, name="Frida", password=PASSWORD):
    return accept_as_new_person(token=token, name=name, password=password)


def events() -> list[tuple[str, str]]:
    return list(later_events().order_by("pk").values_list("action", "chain"))


def test_an_invited_person_joins_with_their_own_password(send, smtp, xaa, alice):
    justice = Institution.everyones.create(respondent=xaa, name="Ministry of Justice")
    until = timezone.localdate() + datetime.timedelta(days=90)
    token = send(institution=justice, until=until)
    assert smtp.recipients == [FRIDA]
    assert smtp.subjects == ["Invitation to the Recommendations tracker: Arandia"]
    assert "“Alice” (focal point) invites you to the Recommendations tracker. State: Arandia." in smtp.texts()[0]
    frida = accept(token)
    membership = frida.memberships.get()
    assert (membership.role, membership.respondent, membership.institution) == ("contributor", xaa, justice)
    assert (membership.since, membership.until, membership.granted_by) == (timezone.localdate(), until, alice)
    assert frida.check_password(PASSWORD) is True
    assert events() == [
        ("invitation sent", "XAA"),
        ("person added", "site"),
        ("membership granted", "XAA"),
        ("invitation accepted", "XAA"),
    ]


def test_an_address_is_deleted_when_its_invitation_ends(send, alice):
    accept(send())
    send(email="gustav@example.org")
    withdraw_invitation(invitation=Invitation.everyones.get(email="gustav@example.org"), by=alice)
    assert list(Invitation.everyones.values_list("email", flat=True)) == ["", ""]


def test_the_database_holds_no_token(send):
    token = send()
    row = Invitation.everyones.values().get()
    assert token not in str(row)
    assert row["token_digest"] == digest_of(token)


def test_a_link_works_once(send):
    token = send()
    accept(token)
    with pytest.raises(ValidationError):
        accept(token)
    assert Invitation.everyones.get().state == InvitationStage.ACCEPTED


def test_a_link_expires_and_a_renewed_one_works(send):
    token = send()
    Invitation.everyones.update(expires_at=timezone.now())
    assert Invitation.everyones.get().state == InvitationStage.EXPIRED
    with pytest.raises(ValidationError):
        accept(token)
    newer = send(send_invitation_again, invitation=Invitation.everyones.get())
    assert invitation_of(token) is None
    assert accept(newer).has_role(Role.CONTRIBUTOR, respondent=Invitation.everyones.get().respondent) is True


def test_a_link_works_for_the_days_that_are_set(send, settings):
    settings.INVITATION_DAYS = 3
    send()
    left = Invitation.everyones.get().expires_at - timezone.now()
    assert datetime.timedelta(days=2, hours=23) < left <= datetime.timedelta(days=3)


def test_a_withdrawn_link_fails_and_the_person_is_invited_again(send, alice):
    token = send()
    withdraw_invitation(invitation=Invitation.everyones.get(), by=alice)
    with pytest.raises(ValidationError):
        accept(token)
    for step in (send_invitation_again, withdraw_invitation):
        with pytest.raises(ValidationError):
            step(invitation=Invitation.everyones.get(), by=alice)
    assert accept(send()).memberships.count() == 1


def test_a_link_stops_with_the_role_of_who_sent_it_until_another_focal_point_renews_it(send, erin, alice, xaa):
    """Or a focal point who has gone would let herself in again."""
    anna = make_person("anna", Role.FOCAL_POINT, xaa)
    token = send()
    people.end_membership(membership=alice.memberships.get(), by=erin)
    with pytest.raises(ValidationError):
        accept(token)
    accept(send(send_invitation_again, invitation=Invitation.everyones.get(), by=anna))
    assert Membership.objects.get(user__email=FRIDA).granted_by == anna


def test_a_person_with_an_account_accepts_only_with_that_account(send, charlie, dana, xaa):
    token = send(email="Charlie@Example.org", role=Role.VIEWER)
    with pytest.raises(PermissionDenied):
        accept_invitation(token=token, by=dana)
    with pytest.raises(ValidationError):
        accept(token)
    accept_invitation(token=token, by=charlie)
    charlie = User.objects.get(pk=charlie.pk)
    assert charlie.has_role(Role.VIEWER, respondent=xaa) is True
    assert charlie.check_password(PASSWORD) is True


def test_a_person_with_a_closed_account_cannot_accept_an_invitation(send, erin, charlie):
    people.close_account(user=charlie, by=erin)
    token = send(email=charlie.email)
    with pytest.raises(PermissionDenied):
        accept_invitation(token=token, by=User.objects.get(pk=charlie.pk))


def test_nobody_is_invited_or_joins_twice(send, alice, xaa):
    token = send()
    with pytest.raises(ValidationError) as refused:
        send_invitation(respondent=xaa, email="FRIDA@example.org", role=Role.VIEWER, by=alice)
    assert "Already invited" in str(refused.value)
    frida = make_person("frida", Role.VIEWER, xaa)
    with pytest.raises(ValidationError):
        accept_invitation(token=token, by=frida)
    with pytest.raises(ValidationError) as refused:
        send_invitation(respondent=xaa, email=alice.email, role=Role.VIEWER, by=alice)
    assert list(refused.value.message_dict) == ["email"]
    assert frida.memberships.count() == 1


def test_two_states_may_invite_one_address(send, alice, charlie, xbb):
    send()
    send_invitation(respondent=xbb, email=FRIDA, role=Role.VIEWER, by=charlie)
    assert Invitation.everyones.count() == 2


def test_inviting_says_the_same_whether_an_address_has_an_account(alice, charlie, xaa):
    known = send_invitation(respondent=xaa, email=charlie.email, role=Role.VIEWER, by=alice)
    unknown = send_invitation(respondent=xaa, email="nobody@example.org", role=Role.VIEWER, by=alice)
    assert (known.state, known.accepted_by) == (unknown.state, unknown.accepted_by)


WRONG = {
    "email": [{"email": ""}, {"email": "frida"}, {"email": "fri\x00da@example.org"}],
    "role": [{"role": Role.FOCAL_POINT}, {"role": Role.ADMINISTRATOR}, {"role": ""}],
    "until": [{"until": datetime.date(2020, 1, 1)}],
}


@pytest.mark.parametrize(("field", "said"), [(field, said) for field, wrong in WRONG.items() for said in wrong])
def test_an_invalid_invitation_has_an_error_at_its_field(alice, xaa, field, said):
    with pytest.raises(ValidationError) as refused:
        send_invitation(**{"respondent": xaa, "email": FRIDA, "role": Role.VIEWER, "by": alice} | said)
    assert field in refused.value.message_dict
    assert Invitation.everyones.count() == 0


def test_the_institution_is_one_of_the_states_own(alice, xaa, xbb):
    theirs = Institution.everyones.create(respondent=xbb, name="Ministry of Justice")
    with pytest.raises(ValidationError) as refused:
        send_invitation(respondent=xaa, email=FRIDA, role=Role.VIEWER, institution=theirs, by=alice)
    assert list(refused.value.message_dict) == ["institution"]


def test_a_state_does_not_flood_the_world_with_mail(alice, xaa):
    for number in range(A_DAY):
        send_invitation(respondent=xaa, email=f"person{number}@example.org", role=Role.VIEWER, by=alice)
    with pytest.raises(ValidationError):
        send_invitation(respondent=xaa, email=FRIDA, role=Role.VIEWER, by=alice)
    Invitation.everyones.update(sent_at=timezone.now() - datetime.timedelta(days=2))
    send_invitation(respondent=xaa, email=FRIDA, role=Role.VIEWER, by=alice)


def test_events_hold_no_address(send, alice):
    accept(send())
    assert "frida" not in str(list(Event.everyones.values("target", "before", "after"))).lower()


@pytest.mark.django_db(transaction=True)
def test_a_double_click_joins_once(alice, xaa):
    invitation = send_invitation(respondent=xaa, email=FRIDA, role=Role.VIEWER, by=alice)
    token = invitation.new_link(alice)
    invitation.save()
    assert at_once(*[partial(accept, token)] * 2) == ["done", "refused"]
    assert (User.objects.filter(email=FRIDA).count(), Membership.objects.filter(user__email=FRIDA).count()) == (1, 1)

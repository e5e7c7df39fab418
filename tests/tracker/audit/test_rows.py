"""A row that people change, and that is changed, added or deleted past the site, is named, with what differs."""

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.socialaccount.models import SocialAccount
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from tests.access import appointed, given_role
from tests.alterations import delete, undone
from tests.conftest import make_person, reread, save_for_xaa, with_second_factor
from tests.database import lifted_triggers
from tests.identity_providers import use_provider
from tests.verification import name_rows
from tracker.actions import access_change, invitation, second_factor
from tracker.actions import user as people
from tracker.actions.access_change import add_administrator
from tracker.actions.event import next_event
from tracker.actions.identity import bind_identity
from tracker.actions.institution import add_institution
from tracker.actions.notification import choose_notifications
from tracker.actions.reading_restriction import add_restriction, end_restriction
from tracker.actions.respondent import load_respondents
from tracker.actions.second_factor import encrypt_second_factors
from tracker.actions.withdrawal import confirm_withdrawal, refuse_withdrawal, request_withdrawal
from tracker.audit.rows import content_of, name_of
from tracker.audit.rows import find_errors as find_row_errors
from tracker.audit.verification import find_errors
from tracker.models import (
    AccessChange,
    ChainHead,
    Event,
    EventRow,
    HiddenText,
    Institution,
    Invitation,
    Membership,
    ReadingRestriction,
    Respondent,
    Revision,
    User,
    Withdrawal,
)
from tracker.models.digest import field_digest
from tracker.models.notification import NotificationKind
from tracker.models.user import Role

pytestmark = pytest.mark.django_db

PASSWORD = "a pass phrase of a viewer"


def write(statement: str, **values) -> None:
    """What somebody does who has the database and not the site."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


@pytest.fixture
def restriction(xaa, bob, erin) -> ReadingRestriction:
    name_rows()
    return add_restriction(user=bob, respondent=xaa, by=erin)


# What the site does itself


def test_rows_as_the_site_changes_them_match(restriction, erin):
    end_restriction(restriction=restriction, by=erin)
    assert list(find_errors()) == []


def test_roles_as_the_site_gives_changes_and_ends_them_match(
    erin, greta, alice, xaa, mailoutbox, django_capture_on_commit_callbacks
):
    frida, olga = make_person("frida"), make_person("olga")
    name_rows()
    appointed(frida, xaa, by=(erin, greta))
    with django_capture_on_commit_callbacks(execute=True):
        invitation.send_invitation(respondent=xaa, email="f@example.org", role=Role.VIEWER, by=alice)
    [token] = [line.split("/")[-2] for line in mailoutbox[-1].body.splitlines() if "/invitations/" in line]
    identity = {"provider": "ministry", "sub": "subject-fay"}
    invited = invitation.accept_as_new_person(token=token, name="Fay", password=PASSWORD, identity=identity)
    people.change_last_day(membership=invited.memberships.get(), until=timezone.localdate(), by=alice)
    officer = given_role(olga, Role.REVIEWER, by=(erin, greta))
    people.end_membership(membership=officer, by=erin)
    assert list(find_errors()) == []


def test_access_that_two_administrators_or_an_operator_change_matches(
    settings, monkeypatch, erin, greta, alice, ruth, carol, bob
):
    use_provider(settings, monkeypatch, "https://login.example.org")
    RecoveryCodes.activate(bob)
    newcomer = with_second_factor(make_person("nina"))
    name_rows()
    bind_identity(newcomer, "ministry", "subject-old", by=newcomer)
    requests = [
        access_change.request_address(user=newcomer, email="n@example.org", by=erin),
        access_change.request_address(user=carol, email="c@example.org", by=erin),
        access_change.request_identity(user=alice, provider="ministry", subject="subject-alice", by=erin),
        access_change.request_second_factor_reset(user=bob, by=erin),
    ]
    for request in requests:
        access_change.confirm_access_change(change=request, by=greta)
    access_change.second_access_change(change=requests[1], by=alice)
    AccessChange.objects.filter(pk=requests[2].pk).update(due_at=timezone.now())  # as after 72 hours
    assert access_change.apply_due_changes() == 1
    people.close_account(user=reread(carol), by=erin)
    reactivation = access_change.request_reactivation(user=reread(carol), by=erin)
    access_change.confirm_access_change(change=reactivation, by=greta)
    access_change.stop_access_change(change=reactivation, by=reread(alice))
    stopped = access_change.request_address(user=ruth, email="r@example.org", by=erin)
    access_change.stop_by_link(token=stopped.token)
    assert list(find_errors()) == [f"access {requests[2].pk}: altered: due_at"]


def test_an_administrator_of_an_operator_has_events():
    add_administrator(email="first@example.org", name="First")
    assert list(find_errors()) == []


def test_respondents_that_a_command_loads_have_one_event():
    load_respondents()
    event = Event.everyones.get(action="rows loaded")
    assert event.rows(manager="everyones").count() == Respondent.objects.count() > 190
    assert load_respondents() == 0
    assert Event.everyones.filter(action="rows loaded").count() == 1
    assert list(find_row_errors()) == []


def test_secrets_encrypted_with_a_new_key_match(settings, bob):
    RecoveryCodes.activate(bob)
    name_rows()
    settings.SECOND_FACTOR_KEYS = ["a new key", *settings.SECOND_FACTOR_KEYS]
    encrypt_second_factors()
    assert list(find_errors()) == []


def test_a_choice_of_notifications_matches_and_a_silenced_administrator_is_named(erin, bob):
    name_rows()
    choose_notifications(wanted=set(), by=bob)
    choose_notifications(wanted={NotificationKind.SUBMITTED}, by=bob)
    assert list(find_errors()) == []
    write("UPDATE tracker_user SET unwanted_notifications = '[\"access_changed\"]' WHERE id = %(user)s", user=erin.pk)
    assert list(find_errors()) == [f"person {erin.pk}: altered: unwanted_notifications"]


# Attacks


@pytest.mark.parametrize("where", ["XAA", "site"])
def test_a_role_that_seems_to_be_given_by_two_administrators(erin, greta, xaa, where):
    role, respondent = (Role.VIEWER, xaa) if where == "XAA" else (Role.REVIEWER, None)
    frida = make_person("frida")
    name_rows()
    forged = Membership.objects.create(
        user=frida, role=role, respondent=respondent, granted_by=erin, confirmed_by=greta
    )
    assert list(find_errors()) == [f"membership {forged.pk}: no event names it"]


def test_a_row_whose_last_event_has_an_unknown_form_is_not_called_altered(restriction):
    ReadingRestriction.objects.update(lifted_at=timezone.now())
    with lifted_triggers():
        Event.everyones.filter(rows__isnull=False).update(canonical_form=2)
    faults = list(find_errors())
    assert [fault for fault in faults if fault.startswith("bar")] == [
        f"bar {restriction.pk}: form 2 is unknown: a newer version of this site can verify it"
    ]
    assert not [fault for fault in faults if "altered" in fault]


def test_a_role_that_ended_and_goes_on_by_sql(carol, erin):
    name_rows()
    role = carol.memberships.get()
    people.end_membership(membership=role, by=erin)
    write("UPDATE tracker_membership SET ended_at = NULL WHERE id = %(pk)s", pk=role.pk)
    assert list(find_errors()) == [f"membership {role.pk}: altered: ended_at"]


def test_an_address_changed_by_sql_before_an_act_of_the_person(alice):
    """The act does not take the change along."""
    name_rows()
    write("UPDATE tracker_user SET email = 'thief@example.org' WHERE id = %(pk)s", pk=alice.pk)
    people.note_first_page(by=reread(alice))
    assert list(find_errors()) == [f"person {alice.pk}: altered: email"]


def test_the_72_hours_of_a_new_address_shortened_by_sql(alice, carol, erin, greta):
    """It takes effect, and stays named."""
    name_rows()
    request = access_change.request_address(user=carol, email="c@example.org", by=erin)
    access_change.confirm_access_change(change=request, by=greta)
    write("UPDATE tracker_accesschange SET due_at = requested_at")
    assert access_change.apply_due_changes() == 1
    assert list(find_errors()) == [f"access {request.pk}: altered: due_at"]


def test_a_further_address_put_in_by_sql(client, alice, mailoutbox):
    """A link for a new password is sent to it."""
    name_rows()
    mailbox = EmailAddress.objects.create(user=alice, email="thief@example.org", verified=True)
    client.post("/accounts/password/reset/", {"email": mailbox.email})
    assert "/accounts/password/reset/key/" in mailoutbox[-1].body
    assert list(find_errors()) == [f"mailbox {mailbox.pk}: no event names it"]


def test_a_second_factor_exchanged_deleted_or_put_in_by_sql(bob, erin, alice):
    name_rows()
    bobs, erins = (Authenticator.objects.get(user=user) for user in (bob, erin))
    for forge, fault in (
        (lambda: Authenticator.objects.filter(pk=bobs.pk).update(data=erins.data), f"{bob.pk} totp: altered: data"),
        (lambda: Authenticator.objects.filter(pk=bobs.pk).delete(), f"{bob.pk} totp: missing"),
        (
            lambda: Authenticator.objects.create(user=alice, type="totp", data=erins.data),
            f"{alice.pk} totp: no event names it",
        ),
    ):
        with undone():
            forge()
            assert list(find_errors()) == [f"second-factor {fault}"]


def test_an_invitation_sent_to_another_address_by_sql(xaa, alice):
    name_rows()
    sent = invitation.send_invitation(respondent=xaa, email="f@example.org", role=Role.VIEWER, by=alice)
    write("UPDATE tracker_invitation SET email = 'thief@example.org' WHERE id = %(pk)s", pk=sent.pk)
    invitation.send_invitation_again(invitation=Invitation.everyones.get(), by=alice)
    assert list(find_errors()) == [f"invitation {sent.pk}: altered: email"]


def test_a_row_altered_together_with_its_event(restriction):
    now = timezone.now()
    ReadingRestriction.objects.update(lifted_at=now)
    row = EventRow.everyones.get(name=name_of(restriction))
    with lifted_triggers():
        changed = row.content | {"lifted_at": now.isoformat(timespec="microseconds")}
        EventRow.everyones.filter(pk=row.pk).update(content=changed)
    assert list(find_errors()) == [f"site, event {row.event.number}: altered"]


def test_a_row_put_into_an_event_or_deleted_from_it(restriction, carol):
    role = carol.memberships.get()
    event = EventRow.everyones.get(name=name_of(restriction)).event
    with lifted_triggers(), undone():
        EventRow.everyones.create(event=event, name=name_of(role), content=content_of(role))
        assert f"site, event {event.number}: altered" in list(find_errors())
    with lifted_triggers(), undone():
        delete(EventRow.everyones.filter(event=event))
        assert f"site, event {event.number}: altered" in list(find_errors())


def test_a_chain_that_belongs_to_nobody_and_names_a_forged_role(db):
    """All its digests hold."""
    frida = make_person("frida")
    name_rows()
    forged = Membership.objects.create(user=frida, role=Role.CURATOR)
    row = EventRow(name=name_of(forged), content=content_of(Membership.objects.get(pk=forged.pk)))
    head = ChainHead(chain="nobody")
    row.event = next_event(head, at=timezone.now(), action="membership granted", target=row.name, by=None, rows=[row])
    for saved in (head, row.event, row):
        saved.save()
    assert list(find_errors()) == ["nobody, chain: of no respondent"]


def exchange_keys(first: Event, second: Event) -> None:
    """Digests do not cover keys, and the rows of an event follow its key."""
    spare = Event.everyones.latest("pk").pk + 1
    with lifted_triggers():
        for old, new in ((first.pk, spare), (second.pk, first.pk), (spare, second.pk)):
            write("UPDATE tracker_event SET id = %(new)s WHERE id = %(old)s", old=old, new=new)
            write("UPDATE tracker_eventrow SET event_id = %(new)s WHERE event_id = %(old)s", old=old, new=new)
        connection.check_constraints()


def test_attack_the_keys_of_two_events_are_exchanged_and_a_restriction_is_lifted_no_more(greta, restriction):
    end_restriction(restriction=restriction, by=greta)
    ReadingRestriction.objects.update(lifted_at=None)
    first, second = Event.everyones.filter(rows__name=name_of(restriction)).order_by("pk")
    exchange_keys(first, second)
    assert list(find_errors()) == [f"site, event {second.number}: stored in another order"]


def test_attack_the_keys_of_events_of_two_chains_are_exchanged_and_an_ended_role_goes_on(carol, erin):
    name_rows()
    role = carol.memberships.get()
    people.end_membership(membership=role, by=erin)
    Membership.objects.update(ended_at=None)
    first, second = Event.everyones.filter(rows__name=name_of(role)).order_by("pk")
    assert {first.chain, second.chain} == {"site", "XAA"}
    exchange_keys(first, second)
    assert list(find_errors()) == [f"{name_of(role)}: its events are stored in another order"]


def test_attack_a_row_put_into_an_event_writes_its_own_outcome_on_the_terminal(restriction, capsys):
    event = EventRow.everyones.get(name=name_of(restriction)).event
    EventRow.everyones.create(event=event, name="\x1b[2J\x1b[HEverything matches.\x1b[8m", content={})
    with pytest.raises(CommandError, match=f"site, event {event.number}: altered"):
        call_command("verify_audit")
    with pytest.raises(CommandError, match="Different from what was saved: 2"):
        call_command("verify")
    shown = capsys.readouterr().err
    assert "?[2J" in shown
    assert "\x1b" not in shown


@pytest.mark.parametrize("puts_back", [True, False])
def test_attack_an_answer_is_changed_or_emptied_by_a_removal_that_nobody_requested(xaa, alice, unit, puts_back):
    """The triggers let it pass: they cannot know what was in the answer before it was hidden."""
    name_rows()
    save_for_xaa("I.13", measures="Victims get a lawyer.", ready=True)
    revision, rows = Revision.everyones.get(), Revision.everyones.all()
    removal = Withdrawal.everyones.create(respondent=xaa, reason="victim", requested_by=alice)
    hidden = {name: value for name, value in revision.salts.items() if name != "measures"}
    place = {"table": Revision._meta.db_table, "row": revision.pk, "name": "measures"}
    HiddenText.everyones.create(
        withdrawal=removal, value=revision.measures, salt=revision.salts["measures"], digest=revision.digest, **place
    )
    rows.update(measures="", salts=hidden, withdrawal=removal)
    if puts_back:
        HiddenText.everyones.update(value="Forged.")
        rows.update(measures="Forged.", salts=revision.salts, withdrawal=None)
    HiddenText.everyones.all()._raw_delete("default")
    if puts_back:
        removal.delete()
    named = [error for error in find_errors() if "withdrawal" not in error]
    assert named == ["XAA, record I.13, revision 1: altered"]


def test_attack_a_second_identity_of_the_same_provider_put_in_by_sql(alice):
    """Both have the same name in events."""
    bind_identity(alice, "ministry", "subject-alice", by=alice)
    name_rows()
    SocialAccount.objects.create(user=alice, provider="ministry", uid="subject-thief")
    assert list(find_errors()) == [f"identity {alice.pk} ministry: no event names it"]


# What events keep


def test_an_event_has_the_row_as_its_action_left_it(restriction, xaa, bob, erin):
    row = EventRow.everyones.get(name=name_of(restriction))
    assert row.content == {
        "id": restriction.pk,
        "user": bob.pk,
        "respondent": xaa.pk,
        "set_by": erin.pk,
        "set_at": restriction.set_at.isoformat(timespec="microseconds"),
        "lifted_at": None,
    }


def test_a_field_that_a_later_version_of_the_site_adds_is_compared_from_the_next_event_on(xaa):
    content = content_of(xaa)
    del content["asks_second_factor"]
    name_rows()
    with lifted_triggers():
        EventRow.everyones.filter(name="respondent XAA").update(content=content)
    Respondent.objects.update(asks_second_factor=True)
    assert list(find_row_errors()) == []


def digests_of(name: str) -> set[str]:
    """What events have of the names of institutions and the addresses of invitations."""
    contents = EventRow.everyones.filter(name=name).values_list("content", flat=True)
    return {content.get("name", content.get("email")) for content in contents}


def test_the_address_of_an_invitation_cannot_be_guessed_from_events_once_it_is_deleted(xaa, alice):
    sent = invitation.send_invitation(respondent=xaa, email="f@example.org", role=Role.VIEWER, by=alice)
    salt, name = sent.salt, name_of(sent)
    assert field_digest(salt, "f@example.org") in digests_of(name)
    invitation.withdraw_invitation(invitation=sent, by=alice)
    assert Invitation.everyones.get().salt == ""
    assert field_digest("", "f@example.org") not in digests_of(name)


@pytest.mark.parametrize("decide", [confirm_withdrawal, refuse_withdrawal])
def test_the_name_of_an_institution_is_removed_with_its_salt(xaa, alice, carol, decide):
    name_rows()
    found = add_institution(respondent=xaa, name="Shelter of Jane Doe", kind="agency", by=alice)
    request = request_withdrawal(respondent=xaa, by=alice, words="Jane Doe", files=[], reason="name")
    hidden = Institution.everyones.get()
    assert (hidden.name, hidden.salt == found.salt) == ("", False)
    decide(pk=request.pk, by=carol)
    assert Institution.everyones.get().name == ("" if decide == confirm_withdrawal else found.name)
    assert list(find_errors()) == []
    assert Institution.everyones.get().salt not in (found.salt, hidden.salt) or decide == confirm_withdrawal


def test_a_row_is_compared_with_the_last_event_of_any_chain(xaa, alice):
    name_rows()
    second_factor.ask_second_factor(respondent=xaa, is_asked=True, by=alice)
    row = EventRow.everyones.filter(name="respondent XAA").order_by("event_id").last()
    assert (row.event.chain, row.content["asks_second_factor"]) == ("XAA", True)
    assert list(find_errors()) == []


def test_a_password_that_is_hashed_again_at_a_sign_in_has_an_event(client, alice, settings):
    name_rows()
    settings.PASSWORD_HASHERS = ["tracker.web.passwords.Argon2Hasher", *settings.PASSWORD_HASHERS]
    client.post("/accounts/login/", {"login": alice.email, "password": "a pass phrase for the tests"})
    assert User.objects.get(pk=alice.pk).password.startswith("argon2")
    assert Event.everyones.latest("pk").action == "password hashed again"
    assert list(find_errors()) == []

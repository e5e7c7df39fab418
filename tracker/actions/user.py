"""People and what they may be: added, given roles, let go. Never deleted."""

import datetime
from collections.abc import Callable
from functools import partial

from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tracker import mail
from tracker.actions.event import record_event
from tracker.actions.remark import end_holds
from tracker.actions.session import shorten_sessions, sign_out_everywhere
from tracker.models import Membership, Respondent, Session, User
from tracker.models.user import Role
from tracker.permissions import can_manage_people


@transaction.atomic
def add_person(*, email: str, name: str, by: User) -> User:
    """Add a person without any role, and mail her a link to set a password. Administrators only.

    Raises ValidationError (by field), as where the address is another person's.
    """
    _require_administrator(by)
    user = _add(email, name, by)
    transaction.on_commit(partial(mail.send, "person_added", user.email, person=user.name, link=password_link(user)))
    return user


@transaction.atomic
def add_administrator(*, email: str, name: str) -> User:
    """Make the person with this address an administrator from today, adding her if need be: whoever can run commands
    on the server stands above the roles, and somebody must be the first.
    """
    user = User.objects.filter(email=email.lower()).first() or _add(email, name, by=None)
    if not can_manage_people(user):
        _grant(Membership(user=user, role=Role.ADMINISTRATOR), by=None)
    return user


def password_link(user: User) -> str:
    """Address at which this person can set a password: once, within PASSWORD_RESET_TIMEOUT."""
    token = {"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}
    return settings.SITE_URL + reverse("account_reset_password_from_key", kwargs=token)


@transaction.atomic
def change_person(*, user: User, email: str, name: str, by: User) -> None:
    """Correct a name or an address. Administrators only. Raises ValidationError (by field).

    The old address is told of a new one: whoever reads that can set a password and be this person.
    """
    _require_administrator(by)
    before = User.objects.select_for_update().get(pk=user.pk).email
    user.email, user.name = email, name
    user.full_clean()
    user.save(update_fields=["email", "name"])
    record_event(action="person changed", target=_reference(user), by=by)
    if user.email != before:
        transaction.on_commit(partial(mail.send, "address_changed", before, person=user.name, address=user.email))


@transaction.atomic
def deactivate_person(*, user: User, by: User) -> None:
    """Let a person in no more, and sign her out everywhere. Administrators only.

    Raises ValidationError when no administrator would be left.
    """
    _require_administrator(by)
    _refuse_where_all(lambda membership: membership.user_id == user.pk)
    user.is_active = False
    user.save(update_fields=["is_active"])
    sign_out_everywhere(user=user)
    end_holds(user=user, by=by)
    record_event(action="person deactivated", target=_reference(user), by=by)


@transaction.atomic
def reactivate_person(*, user: User, by: User) -> None:
    """Let a person in again, with the memberships that have not ended. Administrators only."""
    _require_administrator(by)
    user.is_active = True
    user.save(update_fields=["is_active"])
    record_event(action="person reactivated", target=_reference(user), by=by)


@transaction.atomic
def reset_second_factor(*, user: User, by: User) -> None:
    """Forget the second factor of a person who lost both device and recovery codes. Administrators only."""
    _require_administrator(by)
    Authenticator.objects.filter(user=user).delete()
    record_event(action="second factor reset", target=_reference(user), by=by)


@transaction.atomic
def grant_membership(
    *,
    user: User,
    role: str,
    respondent: Respondent | None,
    since: datetime.date,
    until: datetime.date | None,
    appointing_document: str,
    by: User,
) -> Membership:
    """Give a person a role, from a day to a day, and tell the respondent's focal points by mail. Administrators only.

    Raises ValidationError where role and respondent do not fit, or the person has this role on one of these days.
    """
    _require_administrator(by)
    membership = Membership(
        user=user,
        role=role,
        respondent=respondent,
        since=since,
        until=until,
        appointing_document=appointing_document,
    )
    _grant(membership, by)
    transaction.on_commit(partial(_tell_focal_points, membership))
    return membership


@transaction.atomic
def end_membership(*, membership: Membership, by: User) -> None:
    """End a role now, and sign the person out everywhere. Administrators only.

    Raises ValidationError when no administrator would be left.
    """
    _require_administrator(by)
    if membership.ended_at:
        raise ValidationError(_("This membership has ended already."))
    _refuse_where_all(lambda administrator: administrator.pk == membership.pk)
    membership.ended_at = timezone.now()
    membership.save(update_fields=["ended_at"])
    sign_out_everywhere(user=membership.user)
    end_holds(user=membership.user, by=by)
    record_event(
        action="membership ended",
        target=f"membership {membership.pk}",
        by=by,
        respondent=membership.respondent,
        before=_terms(membership),
    )


@transaction.atomic
def note_second_factor(*, by: User, session_key: str) -> None:
    """Note that a person set up a second factor, and sign her out everywhere but in this session: whoever signed in
    with the password alone has not shown it.
    """
    Session.objects.filter(user=by).exclude(session_key=session_key).delete()
    record_event(action="second factor set up", target=_reference(by), by=by)


@transaction.atomic
def welcome(*, by: User) -> None:
    """Note that a person read what she is told at her first visit."""
    by.welcomed_at = timezone.now()
    by.save(update_fields=["welcomed_at"])
    record_event(action="person welcomed", target=_reference(by), by=by)


def _require_administrator(by: User) -> None:
    if not can_manage_people(by):
        raise PermissionDenied


def _refuse_where_all(is_gone: Callable[[Membership], bool]) -> None:
    """Somebody must be left who can add people. The rows are locked, so that two cannot dismiss each other at once."""
    administrators = Membership.objects.active().filter(role=Role.ADMINISTRATOR).select_for_update().order_by("pk")
    if all(is_gone(membership) for membership in administrators):
        raise ValidationError(_("This is the last administrator: make another person one first."))


def _add(email: str, name: str, by: User | None) -> User:
    user = User(email=email, name=name)
    user.set_unusable_password()
    user.full_clean()
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError:
        user.full_clean()  # somebody added this address at the same moment: by now it is seen, and said
        raise
    record_event(action="person added", target=_reference(user), by=by)
    return user


def _grant(membership: Membership, by: User | None) -> None:
    membership.granted_by = by
    User.objects.select_for_update(no_key=True).get(pk=membership.user_id)  # one at a time, lest it be granted twice
    membership.full_clean()
    membership.save()
    shorten_sessions(user=membership.user)
    record_event(
        action="membership granted",
        target=f"membership {membership.pk}",
        by=by,
        respondent=membership.respondent,
        after=_terms(membership),
    )


def _tell_focal_points(membership: Membership) -> None:
    if membership.respondent is None:
        return
    told = Membership.objects.active().filter(role=Role.FOCAL_POINT, respondent=membership.respondent)
    for email in sorted(set(told.values_list("user__email", flat=True))):
        mail.send("membership_granted", email, membership=membership)


def _reference(user: User) -> str:
    return f"person {user.pk}"


def _terms(membership: Membership) -> str:
    until = membership.until or "further notice"
    return f"{membership.role} of {_reference(membership.user)}, {membership.since} to {until}"

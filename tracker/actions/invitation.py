"""Invite contributors and viewers to one's own State, and accept invitations."""

import datetime
from collections.abc import Collection, Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommendations.error_messages import PAGE_CHANGED
from tracker.actions import mail
from tracker.actions.event import record_event
from tracker.actions.identity import bind_identity
from tracker.actions.remark import return_submissions
from tracker.actions.respondent import lock_respondent
from tracker.actions.user import add_role, choose_language, insert_once, new_person
from tracker.models import Institution, Invitation, Membership, Respondent, User
from tracker.models.invitation import digest_of
from tracker.permissions import can_manage_team, check_permission, focal_points_of

A_DAY = 50  # invitations that one State may mail in a day
STOPPED = _("This invitation is no longer valid. Ask the focal point for a new one.")


@transaction.atomic
def send_invitation(
    *,
    respondent: Respondent,
    email: str,
    role: str,
    by: User,
    institution: Institution | None = None,
    until: datetime.date | None = None,
    language: str = settings.LANGUAGE_CODE,
) -> Invitation:
    """Mail a link with which to join the State's people, without disclosing whether the person has an account."""
    lock_respondent(respondent, by, can_manage_team)  # so that the mails of a day are counted before another is sent
    invitation = Invitation(
        respondent=respondent,
        email=email.lower(),
        role=role,
        institution=institution,
        until=until,
        language=language,
    )
    token = invitation.new_link(by)
    _check(invitation)
    insert_once(invitation)
    _send(invitation, token)
    _record("invitation sent", invitation, by)
    return invitation


@transaction.atomic
def send_invitation_again(*, invitation: Invitation, by: User) -> Invitation:
    invitation = _lock_open(invitation, by)
    token = invitation.new_link(by)
    _check(invitation)
    fields = ["token_digest", "invited_by", "sent_at", "expires_at"]
    invitation.save(update_fields=fields)
    _send(invitation, token)
    _record("invitation renewed", invitation, by, fields)
    return invitation


@transaction.atomic
def withdraw_invitation(*, invitation: Invitation, by: User) -> None:
    invitation = _lock_open(invitation, by)
    invitation.withdrawn_at = timezone.now()
    invitation.forget_address()
    invitation.save(update_fields=["withdrawn_at", "email", "salt"])
    _record("invitation withdrawn", invitation, by, ["withdrawn_at", "email"])


@transaction.atomic
def accept_invitation(*, token: str, by: User) -> Membership:
    invitation = _find_invitation(token)
    check_permission(by.email == invitation.email and by.is_active)
    return _add_membership(invitation, by)


@transaction.atomic
def accept_as_new_person(
    *, token: str, name: str, password: str | None, identity: Mapping[str, Any] | None = None
) -> User:
    """Join the State's people with a new account: having the link proves the address.

    `identity`: what a provider of single sign-on says of the person, who then has no password.
    """
    invitation = _find_invitation(token)
    person = new_person(invitation.email, name, by=None, password=password, is_own=True)
    if identity:
        bind_identity(person, identity["provider"], identity["sub"], by=person)
    choose_language(language=invitation.language, by=person)
    _add_membership(invitation, person)
    return person


def _lock_open(invitation: Invitation, by: User) -> Invitation:
    lock_respondent(invitation.respondent, by, can_manage_team)
    found = Invitation.everyones.select_for_update(of=("self",)).select_related("respondent").get(pk=invitation.pk)
    if not found.is_open:
        raise ValidationError(PAGE_CHANGED)
    return found


def _check(invitation: Invitation) -> None:
    invitation.full_clean()
    respondent, institution = invitation.respondent, invitation.institution
    if institution and institution.respondent_id != respondent.pk:
        raise ValidationError({"institution": _("Choose an institution from your list.")})
    if invitation.until and invitation.until < timezone.localdate():
        raise ValidationError({"until": _("The date must be today or later.")})
    if Membership.objects.current().filter(respondent=respondent, user__email=invitation.email).exists():
        raise ValidationError({"email": _("This person is already in your team.")})
    yesterday = timezone.now() - datetime.timedelta(days=1)
    sent = Invitation.everyones.filter(respondent=respondent, sent_at__gt=yesterday).exclude(pk=invitation.pk).count()
    if sent >= A_DAY:
        raise ValidationError(_("Your team has reached its limit of invitations for one day. Send more tomorrow."))


def _send(invitation: Invitation, token: str) -> None:
    """Mail the link after the commit. Nothing sends it later: only its digest is stored."""

    def send() -> None:
        invitation.is_mailed = mail.send(
            "invitation",
            invitation.email,
            invitation.language,
            invitation=invitation,
            state=mail.isolated(invitation.respondent.name),
            inviter=mail.isolated(invitation.invited_by.name),
            link=settings.SITE_URL + reverse("invitation", args=[token]),
        )

    transaction.on_commit(send, robust=True)


def _find_invitation(token: str) -> Invitation:
    locked = Invitation.everyones.select_for_update(of=("self",)).select_related("respondent", "invited_by")
    invitation = locked.filter(token_digest=digest_of(token)).first()
    if invitation is None or not invitation.is_current():
        raise ValidationError(STOPPED)
    return invitation


def _add_membership(invitation: Invitation, person: User) -> Membership:
    respondent = invitation.respondent
    if Membership.objects.current().filter(respondent=respondent, user=person).exists():
        raise ValidationError(_("You are already in this team."))
    membership = Membership(
        user=person,
        role=invitation.role,
        respondent=respondent,
        institution=invitation.institution,
        since=timezone.localdate(),
        until=invitation.until,
        granted_by=invitation.invited_by,
        invitation=invitation,
    )
    invitation.accepted_at, invitation.accepted_by = timezone.now(), person
    invitation.forget_address()
    invitation.save(update_fields=["accepted_at", "accepted_by", "email", "salt"])
    add_role(membership, by=person)
    return_submissions(user=person, by=person)
    _record("invitation accepted", invitation, person, ["accepted_at", "accepted_by", "email"])
    for person in focal_points_of(respondent):
        mail.send_later("membership_granted", person, membership=membership)
    return membership


def _record(action: str, invitation: Invitation, by: User, fields: Collection[str] = ()) -> None:
    """Record the event without the address: events name nobody."""
    until = invitation.until or "further notice"
    record_event(
        action=action,
        target=f"invitation {invitation.pk}",
        by=by,
        respondent=invitation.respondent,
        after=f"{invitation.role}, to {until}",
        rows=[invitation],
        fields=fields,
    )

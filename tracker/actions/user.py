"""Add people, end their roles, and deactivate them. Nobody is deleted. What gives access is in `access_change`."""

import datetime
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Model
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommendations.error_messages import PAGE_CHANGED
from recommendations.languages import language_of_site
from tracker.actions import mail
from tracker.actions.event import record_event, save_fields
from tracker.actions.remark import return_submissions
from tracker.actions.respondent import lock_respondent
from tracker.actions.session import end_all_sessions, forget_devices, set_session_end
from tracker.audit.rows import name_of
from tracker.models import AccessChange, Membership, Respondent, User
from tracker.models.access_change import AccessChangeKind, AccessChangeStage
from tracker.models.user import INVITED_AS, Role
from tracker.permissions import can_change_membership, can_manage_people, can_manage_team, check_permission


@transaction.atomic
def add_person(*, email: str, name: str, by: User) -> User:
    check_permission(can_manage_people(by))
    user = new_person(email, name, by)
    mail_password_link(user)
    return user


def mail_password_link(user: User) -> None:
    mail.send_later("person_added", user, person=user.name, link=password_link(user))


def password_link(user: User) -> str:
    """The link works once, within PASSWORD_RESET_TIMEOUT."""
    token = {"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}
    return settings.SITE_URL + reverse("account_reset_password_from_key", kwargs=token)


@transaction.atomic
def correct_name(*, user: User, name: str, by: User) -> None:
    check_permission(can_manage_people(by))
    user.name = name
    user.full_clean()
    save_fields(user, ["name"], "person changed", by)


@transaction.atomic
def close_account(*, user: User, by: User) -> None:
    """Stop a person from signing in and end all sessions, even of the last focal point of a State."""
    respondents = sorted(user.respondents, key=lambda respondent: respondent.pk)
    for respondent in respondents:
        lock_respondent(respondent, by)
    check_permission(can_manage_people(by))
    _refuse_last_administrator(lambda membership: membership.user_id == user.pk)
    user.is_active = False
    user.save(update_fields=["is_active"])
    end_all_sessions(user=user)
    _mail_end([m for m in user.current_memberships if m.role == Role.FOCAL_POINT])
    return_submissions(user=user, by=by)
    record = partial(record_event, action="person deactivated", target=f"person {user.pk}", by=by)
    chains: list[Respondent | None] = [*respondents]
    for chain in chains or [None]:  # of each State: a save that began before is then checked again
        record(respondent=chain, rows=[user], fields=["is_active"])


@transaction.atomic
def end_membership(*, membership: Membership, by: User, leaves_desk: bool = False) -> None:
    """End a role now, and all sessions of the person.

    Unless `leaves_desk`, the last focal point of a State is not ended.
    """
    if membership.respondent:
        lock_respondent(membership.respondent, by)
    check_permission(can_change_membership(by, membership))
    if membership.role == Role.ADMINISTRATOR:
        _refuse_last_administrator(lambda administrator: administrator.pk == membership.pk)
    if Membership.objects.select_for_update(of=("self",)).get(pk=membership.pk).ended_at:
        raise ValidationError(PAGE_CHANGED)
    if not leaves_desk:
        _refuse_last_focal_point(membership)
    membership.ended_at = timezone.now()
    membership.save(update_fields=["ended_at"])
    end_all_sessions(user=membership.user)
    _mail_end([membership] if membership.role == Role.FOCAL_POINT else [])
    return_submissions(user=membership.user, by=by)
    _record("membership ended", membership, by, before=membership.describe(), fields=["ended_at"])


@transaction.atomic
def change_last_day(*, membership: Membership, until: datetime.date | None, by: User) -> None:
    """Change the last day of a contributor or viewer, as a focal point. What administrators give ends as appointed."""
    check_permission(membership.role in INVITED_AS and can_manage_team(by, membership.respondent))
    membership = Membership.objects.select_for_update(of=("self",)).get(pk=membership.pk)
    if membership.ended_at:
        raise ValidationError(PAGE_CHANGED)
    if until and until < timezone.localdate():
        raise ValidationError(
            {"until": _("The last day must be today or later. To end the role immediately, use “End this role now”.")}
        )
    if until == membership.until:
        return
    before = membership.describe()
    membership.until = until
    membership.full_clean()
    membership.save(update_fields=["until"])
    set_session_end(user=membership.user)
    _record("membership changed", membership, by, before=before, after=membership.describe(), fields=["until"])


@transaction.atomic
def note_first_page(*, by: User) -> None:
    by.welcomed_at = timezone.now()
    save_fields(by, ["welcomed_at"], "person welcomed", by)


@transaction.atomic
def set_password(*, user: User, password: str, is_same: bool = False) -> None:
    """Store the digest of a password that the user chose, or entered at a sign-in: then it is the same."""
    user.set_password(password)
    if not is_same:
        forget_devices(user=user)
    save_fields(user, ["password"], "password hashed again" if is_same else "password changed", by=user)


@transaction.atomic
def choose_language(*, language: str, by: User) -> None:
    by.language = language_of_site(language)
    by.save(update_fields=["language"])


def _mail_end(memberships: Iterable[Membership]) -> None:
    """Mail former focal points what they can still stop: they read no page of their State any more."""
    for membership in memberships:
        user, respondent = membership.user, membership.respondent
        changes = list(AccessChange.objects.open().of_team(respondent).select_related("user"))
        person = mail.isolated(user.name)
        mail.send_later("focal_point_ended", user, person=person, respondent=respondent, changes=changes)


def _refuse_last_administrator(is_gone: Callable[[Membership], bool]) -> None:
    """Lock the rows, so that two administrators cannot end each other's role at once; before any single row, so that
    neither waits for the other.
    """
    administrators = Membership.objects.current().filter(role=Role.ADMINISTRATOR).select_for_update().order_by("pk")
    if all(is_gone(membership) for membership in administrators):
        raise ValidationError("This is the last administrator. Make another person an administrator first.")


def _refuse_last_focal_point(membership: Membership) -> None:
    if membership.role != Role.FOCAL_POINT:
        return
    focal_points = Membership.objects.current().filter(role=Role.FOCAL_POINT, respondent=membership.respondent)
    if set(focal_points.values_list("user", flat=True)) == {membership.user_id}:
        raise ValidationError(
            _(
                # Translators: %(state)s is the name of a State.
                "%(state)s: this is the last focal point. Add another focal point first, or confirm that the "
                "State will have none."
            ),
            params={"state": membership.respondent},
        )


def insert_once(row: Model) -> None:
    """Insert a row that was checked. Raises ValidationError where the same was inserted at the same moment."""
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        row.full_clean()  # the other row is visible now
        raise


def new_person(
    email: str,
    name: str,
    by: User | None,
    password: str | None = None,
    is_own: bool = False,
    language: str = settings.LANGUAGE_CODE,
) -> User:
    """`is_own`: the person adds the account, by a link."""
    user = User(email=email, name=name, language=language_of_site(language))
    user.set_password(password)
    user.full_clean()
    insert_once(user)
    record_event(action="person added", target=f"person {user.pk}", by=user if is_own else by, rows=[user])
    return user


def add_role(membership: Membership, by: User | None) -> None:
    User.objects.select_for_update(no_key=True).get(pk=membership.user_id)  # it is not granted twice
    if AccessChange.objects.open().filter(user=membership.user_id).exclude(kind=AccessChangeKind.ROLE).exists():
        raise ValidationError(  # the State of the role would not know of it
            _("Administrators are changing the access to this account. Try again when this is done or declined.")
        )
    if _is_prepared(membership):
        _begin_afresh(membership.user, by)
    membership.full_clean()
    membership.save()
    set_session_end(user=membership.user)
    _record("membership granted", membership, by, after=membership.describe(), fields=[])


def _is_prepared(membership: Membership) -> bool:
    """Return whether administrators set the address or the identity of a person whom the team does not know."""
    changes = membership.user.access_changes.filter(state=AccessChangeStage.DONE)
    is_known = Membership.objects.recent().filter(user=membership.user, respondent=membership.respondent).exists()
    return not is_known and changes.filter(kind__in=[AccessChangeKind.ADDRESS, AccessChangeKind.IDENTITY]).exists()


def _begin_afresh(user: User, by: User | None) -> None:
    """Leave the account to the person who reads its mail: an administrator who had the address or the identity of
    before may have set a password, added a passkey and begun a session.
    """
    user.set_unusable_password()
    user.save(update_fields=["password"])
    deleted = delete_of(user, Authenticator) + delete_of(user, SocialAccount)
    end_all_sessions(user=user)
    mail_password_link(user)
    target = f"person {user.pk}"
    record_event(action="person changed", target=target, by=by, rows=[user], fields=["password"], deleted=deleted)


def delete_of(user: User, model: type[Authenticator | SocialAccount]) -> list[str]:
    """Delete what a user has of a model, and return the names of the rows."""
    rows = list(model.objects.filter(user=user))
    model.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return [name_of(row) for row in rows]


def _record(action: str, membership: Membership, by: User | None, **details: Any) -> None:
    record_event(
        action=action,
        target=f"membership {membership.pk}",
        by=by,
        respondent=membership.respondent,
        rows=[membership],
        **details,
    )

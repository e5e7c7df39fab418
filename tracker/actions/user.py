"""Add people, give and end their roles, and deactivate them. Nobody is deleted."""

import datetime
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommendations.error_messages import CHOOSE_FILE, PAGE_CHANGED
from recommendations.languages import language_of_site
from tracker.actions import mail
from tracker.actions.event import record_event
from tracker.actions.evidence import delete_file, store_upload
from tracker.actions.remark import return_submissions
from tracker.actions.respondent import lock_respondent
from tracker.actions.session import end_all_sessions, set_session_end
from tracker.documents.exchange.uploads import Upload
from tracker.models import Membership, Respondent, Session, User
from tracker.models.invitation import INVITED_AS
from tracker.models.respondent import RespondentKind
from tracker.models.user import Role, generated_document_name
from tracker.permissions import can_change_membership, can_manage_people

APPOINTMENT = {
    "until": _("Enter the last day: the appointment of a focal point must have an end date."),
    "appointing_document": _("Enter the reference of the appointing document."),
    "appointed_on": _("Enter the date of the appointing document."),
    "file": CHOOSE_FILE,
}


@transaction.atomic
def add_person(*, email: str, name: str, by: User) -> User:
    _check_administrator(by)
    user = new_person(email, name, by)
    context = {"person": user.name, "link": password_link(user)}
    transaction.on_commit(partial(mail.send, "person_added", user.email, user.language, **context))
    return user


@transaction.atomic
def add_administrator(*, email: str, name: str) -> User:
    """Make the person with this address an administrator from today, and add the person if needed.

    It checks no permission: it is for people who run commands on the server, and for the first administrator.
    """
    user = User.objects.filter(email=email.lower()).first() or new_person(email, name, by=None)
    if not can_manage_people(user):
        add_role(Membership(user=user, role=Role.ADMINISTRATOR), by=None)
    return user


def password_link(user: User) -> str:
    """The link works once, within PASSWORD_RESET_TIMEOUT."""
    token = {"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}
    return settings.SITE_URL + reverse("account_reset_password_from_key", kwargs=token)


@transaction.atomic
def change_person(*, user: User, email: str, name: str, by: User) -> None:
    """Correct a name or an address.

    The old address is notified of a new one: anyone who reads mail there can set a password.
    """
    _check_administrator(by)
    before = User.objects.select_for_update().get(pk=user.pk).email
    user.email, user.name = email, name
    user.full_clean()
    user.save(update_fields=["email", "name"])
    record_event(action="person changed", target=_reference(user), by=by)
    if user.email != before:
        context = {"person": user.name, "address": user.email}
        transaction.on_commit(partial(mail.send, "address_changed", before, user.language, **context))


@transaction.atomic
def close_account(*, user: User, by: User) -> None:
    """Stop a person from signing in and end all sessions, even of the last focal point of a State."""
    for respondent in sorted(user.respondents, key=lambda respondent: respondent.pk):
        lock_respondent(respondent, by)
    _check_administrator(by)
    _refuse_last_administrator(lambda membership: membership.user_id == user.pk)
    user.is_active = False
    user.save(update_fields=["is_active"])
    end_all_sessions(user=user)
    return_submissions(user=user, by=by)
    record_event(action="person deactivated", target=_reference(user), by=by)


@transaction.atomic
def open_account(*, user: User, by: User) -> None:
    _check_administrator(by)
    user.is_active = True
    user.save(update_fields=["is_active"])
    record_event(action="person reactivated", target=_reference(user), by=by)


@transaction.atomic
def reset_second_factor(*, user: User, by: User) -> None:
    _check_administrator(by)
    Authenticator.objects.filter(user=user).delete()
    record_event(action="second factor reset", target=_reference(user), by=by)


@transaction.atomic
def add_membership(
    *,
    user: User,
    role: str,
    respondent: Respondent | None,
    since: datetime.date,
    until: datetime.date | None,
    appointing_document: str,
    by: User,
    appointed_on: datetime.date | None = None,
    file: Upload | None = None,
) -> Membership:
    """Give a person a role and notify the respondent's focal points; `appointing_document` is a reference, `file` the
    document.
    """
    _check_administrator(by)
    fields = {
        "role": role,
        "respondent": respondent,
        "until": until,
        "appointing_document": appointing_document,
        "appointed_on": appointed_on,
    }
    if missing := missing_appointing_fields({**fields, "file": file}):
        raise ValidationError(missing)
    membership = Membership(user=user, since=since, **fields)
    with _store_document(membership, file):
        add_role(membership, by)
    transaction.on_commit(partial(notify_respondent, membership))
    return membership


def missing_appointing_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the appointment of a focal point lacks, by field: a State appoints by a document, until a day."""
    respondent = fields["respondent"]
    if fields["role"] != Role.FOCAL_POINT or respondent is None or respondent.kind == RespondentKind.SECRETARIAT:
        return {}
    return {name: missing for name, missing in APPOINTMENT.items() if not fields[name]}


@transaction.atomic
def end_membership(*, membership: Membership, by: User, leaves_desk: bool = False) -> None:
    """End a role now, and all sessions of the person.

    Unless `leaves_desk`, the last focal point of a State is not ended.
    """
    if membership.respondent:
        lock_respondent(membership.respondent, by)
    if not can_change_membership(by, membership):
        raise PermissionDenied
    if membership.role == Role.ADMINISTRATOR:
        _refuse_last_administrator(lambda administrator: administrator.pk == membership.pk)
    if Membership.objects.select_for_update(of=("self",)).get(pk=membership.pk).ended_at:
        raise ValidationError(PAGE_CHANGED)
    if not leaves_desk:
        _refuse_last_focal_point(membership)
    membership.ended_at = timezone.now()
    membership.save(update_fields=["ended_at"])
    end_all_sessions(user=membership.user)
    return_submissions(user=membership.user, by=by)
    _record("membership ended", membership, by, before=_describe(membership))


@transaction.atomic
def change_last_day(*, membership: Membership, until: datetime.date | None, by: User) -> None:
    """Change the last day of a contributor or viewer. The role of a focal point ends as appointed."""
    if membership.role not in INVITED_AS or not can_change_membership(by, membership):
        raise PermissionDenied
    membership = Membership.objects.select_for_update(of=("self",)).get(pk=membership.pk)
    if membership.ended_at:
        raise ValidationError(PAGE_CHANGED)
    if until and until < timezone.localdate():
        raise ValidationError(
            {"until": _("The last day must be today or later. To end the role immediately, use “End this role now”.")}
        )
    if until == membership.until:
        return
    before = _describe(membership)
    membership.until = until
    membership.full_clean()
    membership.save(update_fields=["until"])
    set_session_end(user=membership.user)
    _record("membership changed", membership, by, before=before, after=_describe(membership))


@transaction.atomic
def note_second_factor(*, by: User, session_key: str) -> None:
    """Record that a person set up a second factor, and end all other sessions, which have not shown it."""
    Session.objects.filter(user=by).exclude(session_key=session_key).delete()
    record_event(action="second factor set up", target=_reference(by), by=by)


@transaction.atomic
def note_first_page(*, by: User) -> None:
    by.welcomed_at = timezone.now()
    by.save(update_fields=["welcomed_at"])
    record_event(action="person welcomed", target=_reference(by), by=by)


@transaction.atomic
def choose_language(*, language: str, by: User) -> None:
    by.language = language_of_site(language)
    by.save(update_fields=["language"])


def _check_administrator(by: User) -> None:
    if not can_manage_people(by):
        raise PermissionDenied


def _refuse_last_administrator(is_gone: Callable[[Membership], bool]) -> None:
    """Lock the rows, so that two administrators cannot end each other's role at once; before any single row, so that
    neither waits for the other.
    """
    administrators = Membership.objects.current().filter(role=Role.ADMINISTRATOR).select_for_update().order_by("pk")
    if all(is_gone(membership) for membership in administrators):
        raise ValidationError(_("This is the last administrator. Make another person an administrator first."))


def _refuse_last_focal_point(membership: Membership) -> None:
    if membership.role != Role.FOCAL_POINT:
        return
    active = Membership.objects.current().filter(role=Role.FOCAL_POINT, respondent=membership.respondent)
    focal_points = list(active.select_for_update(of=("self",)).order_by("pk"))
    if focal_points and all(other.user_id == membership.user_id for other in focal_points):
        raise ValidationError(
            _(
                # Translators: %(state)s is the name of a State.
                "%(state)s: this is the last focal point. Add another focal point first, or confirm that the "
                "State will have none."
            ),
            params={"state": membership.respondent},
        )


@contextmanager
def _store_document(membership: Membership, document: Upload | None) -> Iterator[None]:
    if document is None:
        yield
        return
    name = generated_document_name(membership, document.name)
    try:
        membership.document = store_upload(name, document)
        membership.document_name, membership.document_type = document.name, document.content_type
        membership.document_sha256 = document.sha256
        yield
    except BaseException:
        delete_file(name)
        raise


def new_person(email: str, name: str, by: User | None, password: str | None = None, is_own: bool = False) -> User:
    """`is_own`: the person adds the account, by a link."""
    user = User(email=email, name=name)
    user.set_password(password)
    user.full_clean()
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError:
        user.full_clean()  # the address was added at the same moment: the other person is visible now
        raise
    record_event(action="person added", target=_reference(user), by=user if is_own else by)
    return user


def add_role(membership: Membership, by: User | None, granted_by: User | None = None) -> None:
    membership.granted_by = granted_by or by
    User.objects.select_for_update(no_key=True).get(pk=membership.user_id)  # it is not granted twice
    membership.full_clean()
    membership.save()
    set_session_end(user=membership.user)
    _record("membership granted", membership, by, after=_describe(membership))


def notify_respondent(membership: Membership) -> None:
    if membership.respondent is None:
        return
    focal_points = Membership.objects.current().filter(role=Role.FOCAL_POINT, respondent=membership.respondent)
    for email, language in sorted(set(focal_points.values_list("user__email", "user__language"))):
        mail.send("membership_granted", email, language, membership=membership)


def _record(action: str, membership: Membership, by: User | None, before: str = "", after: str = "") -> None:
    record_event(
        action=action,
        target=f"membership {membership.pk}",
        by=by,
        respondent=membership.respondent,
        before=before,
        after=after,
    )


def _reference(user: User) -> str:
    return f"person {user.pk}"


def _describe(membership: Membership) -> str:
    until = membership.until or "further notice"
    terms = f"{membership.role} of person {membership.user_id}, {membership.since} to {until}"
    return f"{terms}, document {membership.document_sha256}" if membership.document_sha256 else terms

"""Give access with two administrators: one requests, another confirms. Where there are too few, an operator does it.

For a State that has a focal point it then takes effect after 72 hours, or as soon as a focal point confirms it too.
Until then a focal point can stop it.
"""

import datetime
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from functools import partial
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommendations.error_messages import CHOOSE_FILE, PAGE_CHANGED
from recommendations.groups import group_pairs
from tracker.actions import mail
from tracker.actions.event import record_event, save_fields
from tracker.actions.file_scan import lock_scans
from tracker.actions.identity import bind_identity
from tracker.actions.notification import notify
from tracker.actions.session import end_all_sessions
from tracker.actions.stored_file import delete_file, store_upload
from tracker.actions.user import add_role, delete_of, insert_once, mail_password_link, new_person
from tracker.documents.exchange.uploads import Upload
from tracker.models import AccessChange, Membership, Respondent, User
from tracker.models.access_change import DELAY, AccessChangeKind, AccessChangeStage
from tracker.models.notification import NotificationKind
from tracker.models.respondent import RespondentKind
from tracker.models.user import Appointed, Role, generated_document_name
from tracker.permissions import (
    can_confirm_access_change,
    can_manage_people,
    can_second_access_change,
    can_stop_access_change,
    check_permission,
    focal_points_of,
    guards_of,
    people_with_role,
)
from tracker.queries.identity import identity_providers

ENDED = ("state", "ended_by", "ended_at")
CHANGED = {  # the fields of a request that an action changes, by its event
    "access change confirmed": ("state", "confirmed_by", "confirmed_at", "due_at", "ended_at", "membership"),
    "access change declined": ENDED,
    "access change seconded": ("state", "seconded_by", "ended_at", "membership"),
    "access change stopped": ENDED,
    "access change in effect": ("state", "ended_at", "membership"),
}
APPOINTMENT = {
    "until": "Enter the last day: the appointment of a focal point must have an end date.",
    "appointing_document": "Enter the reference of the appointing document.",
    "appointed_on": "Enter the date of the appointing document.",
    "file": CHOOSE_FILE,
}


def request_role(
    *,
    user: User,
    role: str,
    respondent: Respondent | None,
    since: datetime.date,
    until: datetime.date | None,
    appointing_document: str,
    by: User | None,
    appointed_on: datetime.date | None = None,
    file: Upload | None = None,
) -> AccessChange:
    """Request a role for a person; `appointing_document` is a reference, `file` the document."""
    fields = {
        "role": role,
        "respondent": respondent,
        "until": until,
        "appointing_document": appointing_document,
        "appointed_on": appointed_on,
    }
    if missing := missing_appointing_fields({**fields, "file": file}):
        raise ValidationError(missing)
    return _request(AccessChange(kind=AccessChangeKind.ROLE, user=user, since=since, **fields), by, file)


def request_address(*, user: User, email: str, by: User | None) -> AccessChange:
    return _request(AccessChange(kind=AccessChangeKind.ADDRESS, user=user, email=email.lower()), by)


def request_identity(*, user: User, provider: str, subject: str, by: User | None) -> AccessChange:
    """Request that an identity at a provider signs the person in from then on, in place of a password."""
    change = AccessChange(kind=AccessChangeKind.IDENTITY, user=user, provider=provider, subject=subject)
    return _request(change, by)


def request_second_factor_reset(*, user: User, by: User | None) -> AccessChange:
    return _request(AccessChange(kind=AccessChangeKind.SECOND_FACTOR, user=user), by)


def request_reactivation(*, user: User, by: User | None) -> AccessChange:
    return _request(AccessChange(kind=AccessChangeKind.ACCOUNT, user=user), by)


@transaction.atomic
def add_administrator(*, email: str, name: str) -> User:
    """Make the person with this address an administrator from today, and add the person if needed; for operators."""
    user = User.objects.filter(email=email.lower()).first() or new_person(email, name, by=None)
    if not can_manage_people(user):
        request_role(
            user=user,
            role=Role.ADMINISTRATOR,
            respondent=None,
            since=timezone.localdate(),
            until=None,
            appointing_document="",
            by=None,
        )
    return user


@transaction.atomic
def confirm_access_change(*, change: AccessChange, by: User) -> AccessChange:
    return _confirm(change, by)


@transaction.atomic
def confirm_together(*, keys: Collection[int], by: User) -> list[AccessChange]:
    """Confirm the requests for States without users that a page showed: all or none.

    Focal points come last: contributors do not wait for those who come with them. A second focal point waits.
    """
    check_permission(can_manage_people(by))
    changes = list(AccessChange.objects.to_confirm_together().filter(pk__in=keys).select_related("user"))
    if not changes or len(changes) != len(set(keys)):
        raise ValidationError(PAGE_CHANGED)
    changes.sort(key=lambda change: (change.respondent_id or 0, change.role == Role.FOCAL_POINT, change.pk))
    return [_confirm(change, by, is_one_of_many=True) for change in changes]


def _confirm(change: AccessChange, by: User, is_one_of_many: bool = False) -> AccessChange:
    change = _lock(change)
    check_permission(can_manage_people(by))
    if not can_confirm_access_change(by, change):
        raise ValidationError(_("Another administrator must confirm: you made the request, or it concerns you."))
    if change.state != AccessChangeStage.REQUESTED:
        raise ValidationError(PAGE_CHANGED)
    if change.requested_by is None or not can_manage_people(change.requested_by):
        raise ValidationError(
            _("The person who made the request is no longer an administrator. Decline the request and make another.")
        )
    change.confirmed_by, change.confirmed_at = by, timezone.now()
    _put_into_effect_or_wait(change, by)
    _finish(change, "access change confirmed", by, is_one_of_many)
    return change


@transaction.atomic
def decline_access_change(*, change: AccessChange, by: User) -> None:
    check_permission(can_manage_people(by))
    change = _lock(change)
    _end(change, AccessChangeStage.REFUSED, by)
    _finish(change, "access change declined", by)


@transaction.atomic
def second_access_change(*, change: AccessChange, by: User) -> None:
    """Confirm the change as a focal point: it need not wait any more."""
    change = _lock(change)
    check_permission(can_second_access_change(by, change, _guards_of(change)))
    if not change.is_open or change.seconded_by:
        raise ValidationError(PAGE_CHANGED)
    change.seconded_by = by
    change.save(update_fields=["seconded_by"])
    if change.state == AccessChangeStage.CONFIRMED:
        _check_administrators(change)
        _put_into_effect(change, by)
    _finish(change, "access change seconded", by)


@transaction.atomic
def stop_access_change(*, change: AccessChange, by: User) -> None:
    """Stop the change as a focal point."""
    change = _lock(change)
    check_permission(can_stop_access_change(by, _guards_of(change)))
    _end(change, AccessChangeStage.STOPPED, by)
    _finish(change, "access change stopped", by)


@transaction.atomic
def stop_by_link(*, token: str) -> None:
    """Stop the change from the old address, or as a former focal point: to have the mailed link is the permission."""
    change = AccessChange.objects.of_link(token).first()
    if change is None:
        raise ValidationError(PAGE_CHANGED)
    change = _lock(change)
    _end(change, AccessChangeStage.STOPPED, None)
    _finish(change, "access change stopped", None)


def apply_due_changes() -> int:
    """Put into effect what has waited long enough; return the number. Several processes may do so at once."""
    return sum(_apply_due(pk) for pk in AccessChange.objects.due().values_list("pk", flat=True))


@transaction.atomic
def _apply_due(pk: int) -> bool:
    change = AccessChange.objects.due().select_for_update(of=("self",)).filter(pk=pk).first()
    if change is None:
        return False
    try:
        _check_administrators(change)
        _put_into_effect(change, None)
    except ValidationError:  # for example, another person has the address by now
        _end(change, AccessChangeStage.REFUSED, None)
        _finish(change, "access change declined", None)
        return False
    _finish(change, "access change in effect", None)
    return True


def missing_appointing_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the appointment of a focal point lacks, by field: a State appoints by a document, until a day."""
    respondent = fields["respondent"]
    if fields["role"] != Role.FOCAL_POINT or respondent is None or respondent.kind == RespondentKind.SECRETARIAT:
        return {}
    return {name: missing for name, missing in APPOINTMENT.items() if not fields[name]}


def _request(change: AccessChange, by: User | None, file: Upload | None = None) -> AccessChange:
    """Save the request; without an administrator, an operator's command confirms it."""
    if by:
        check_permission(can_manage_people(by))
    with store_document(change, file):
        return _save_request(change, by)


@transaction.atomic
def _save_request(change: AccessChange, by: User | None) -> AccessChange:
    if by is None and len({*people_with_role(Role.ADMINISTRATOR)} - {change.user}) > 1:
        raise ValidationError(
            _("Two administrators can do this on the administration pages: one requests, one confirms.")
        )
    insert_request(change, by)
    if by is None:
        _put_into_effect_or_wait(change, None)
    _finish(change, "access change requested" if by else "access changed by command", by)
    return change


def insert_request(change: AccessChange, by: User | None) -> None:
    """Check a request and insert it, as a part of an action."""
    User.objects.select_for_update(no_key=True).get(pk=change.user_id)  # nothing is requested twice
    change.requested_by = by
    check, _effect = ACTS[AccessChangeKind(change.kind)]
    check(change)
    change.full_clean()
    insert_once(change)


def finish_requests(changes: Iterable[AccessChange], by: User, thing: str) -> None:
    """Record inserted requests and notify the States; notify the administrators of all of them once."""
    changes = sorted(changes, key=lambda change: change.respondent_id or 0)  # chains are locked in one order
    for change in changes:
        _finish(change, "access change requested", by, is_one_of_many=True)
    notify(
        [person for person in people_with_role(Role.ADMINISTRATOR) if person != by],
        kind=NotificationKind.ACCESS_CHANGED,
        thing=thing,
        path=reverse("designations"),
        context={"designations": len(changes)},
    )


def _check_address(change: AccessChange) -> None:
    if change.email == change.user.email:
        raise ValidationError({"email": _("This is already the e-mail address of this person. Enter another.")})
    _with_address(change).full_clean()


def _check_identity(change: AccessChange) -> None:
    if change.provider not in identity_providers():
        raise ValidationError({"provider": _("Choose a provider.")})
    if not change.subject:
        raise ValidationError({"subject": _("Enter the identity, as the page of the provider’s sign-in shows it.")})
    if SocialAccount.objects.filter(provider=change.provider, uid=change.subject).exists():
        raise ValidationError({"subject": _("This identity belongs to another user. Check it and enter another.")})


def _check_account(change: AccessChange) -> None:
    if change.user.is_active:
        raise ValidationError(PAGE_CHANGED)


def _guards_of(change: AccessChange) -> list[Membership]:
    return guards_of([change])[change]


def _put_into_effect_or_wait(change: AccessChange, by: User | None) -> None:
    """Ask today's roles whether the focal point who confirmed before still may."""
    guards, second = _guards_of(change), change.seconded_by
    if not guards or (second and can_second_access_change(second, change, guards)):
        _put_into_effect(change, by)
        return
    change.state, change.due_at = AccessChangeStage.CONFIRMED, timezone.now() + DELAY
    change.save()


def _put_into_effect(change: AccessChange, by: User | None) -> None:
    _check, effect = ACTS[AccessChangeKind(change.kind)]
    effect(change, by)
    change.state, change.ended_at = AccessChangeStage.DONE, timezone.now()
    change.save()


def _give_role(change: AccessChange, by: User | None) -> None:
    membership = _membership_of(change)
    membership.granted_by, membership.confirmed_by = change.requested_by, change.confirmed_by
    add_role(membership, by)
    change.membership = membership
    designations = AccessChange.objects.filter(user=change.user, requested_at=change.user.joined_at)
    if change.user.last_login is None and designations.exists():
        mail_password_link(change.user)


def _set_address(change: AccessChange, by: User | None) -> None:
    user = _with_address(change)
    user.full_clean()
    user.save(update_fields=["email"])
    end_all_sessions(user=user)
    record_event(action="person changed", target=f"person {user.pk}", by=by, rows=[user], fields=["email"])


def _bind_identity(change: AccessChange, by: User | None) -> None:
    bind_identity(change.user, change.provider, change.subject, by)
    end_all_sessions(user=change.user)


def _reset_second_factor(change: AccessChange, by: User | None) -> None:
    deleted = delete_of(change.user, Authenticator)
    end_all_sessions(user=change.user)
    record_event(action="second factor reset", target=f"person {change.user_id}", by=by, deleted=deleted)


def _open_account(change: AccessChange, by: User | None) -> None:
    change.user.is_active = True
    save_fields(change.user, ["is_active"], "person reactivated", by)


# How a request is checked, and what it does.
ACTS: dict[AccessChangeKind, tuple[Callable[[AccessChange], None], Callable[[AccessChange, User | None], None]]] = {
    AccessChangeKind.ROLE: (lambda change: _membership_of(change).full_clean(), _give_role),
    AccessChangeKind.ADDRESS: (_check_address, _set_address),
    AccessChangeKind.IDENTITY: (_check_identity, _bind_identity),
    AccessChangeKind.SECOND_FACTOR: (lambda change: None, _reset_second_factor),
    AccessChangeKind.ACCOUNT: (_check_account, _open_account),
}


def _membership_of(change: AccessChange) -> Membership:
    """Return the role that the change gives. Saves nothing."""
    names = ["user", "role", "respondent", "since", "until", *(field.name for field in Appointed._meta.get_fields())]
    return Membership(**{name: getattr(change, name) for name in names})


def _with_address(change: AccessChange) -> User:
    """Return the person with the new address. Saves nothing."""
    user = copy(change.user)
    user.email = change.email
    return user


def _check_administrators(change: AccessChange) -> None:
    """Refuse what waits if one of its two administrators is no administrator any more."""
    people = (change.requested_by, change.confirmed_by) if change.requested_by else ()
    if not all(person and can_manage_people(person) for person in people):
        raise ValidationError(
            _(
                "A person who made or confirmed the request is no longer an administrator. "
                "Ask the administrators for another request."
            )
        )


def _lock(change: AccessChange) -> AccessChange:
    locked = AccessChange.objects.select_for_update(of=("self",))
    return locked.select_related("user", "respondent", "requested_by").get(pk=change.pk)


def _end(change: AccessChange, stage: AccessChangeStage, by: User | None) -> None:
    if not change.is_open:
        raise ValidationError(PAGE_CHANGED)
    change.state, change.ended_by, change.ended_at = stage, by, timezone.now()
    change.save(update_fields=ENDED)


def _finish(change: AccessChange, action: str, by: User | None, is_one_of_many: bool = False) -> None:
    """Notify everyone concerned, and record the event. Of one of many, the administrators get no mail of its own."""
    thing = f"access {change.pk} {action}"
    context = {"access_change": change.pk}
    send = partial(notify, kind=NotificationKind.ACCESS_CHANGED, thing=thing, context=context)
    people = [] if is_one_of_many else people_with_role(Role.ADMINISTRATOR)
    administrators = [person for person in people if person != by]
    send(administrators, path=reverse("admin:tracker_accesschange_change", args=[change.pk]))
    former: list[User] = []
    guards = ((guard.respondent, guard.user) for guard in _guards_of(change) if guard.respondent)
    for respondent, people in group_pairs(guards).items():
        path = reverse("people", args=[respondent.code])
        present = focal_points_of(respondent)
        send(present, path=path, respondent=respondent)
        former += [] if present else people
    transaction.on_commit(partial(_mail_links, change, former))
    after = f"{change.kind}, person {change.user_id}"
    record_event(
        action=action,
        target=f"access {change.pk}",
        by=by,
        respondent=change.respondent,
        after=_membership_of(change).describe() if change.role else after,
        rows=[change, *(() if action in CHANGED else lock_scans(change.document_sha256))],
        fields=CHANGED.get(action, ()),
    )


def _mail_links(change: AccessChange, former: Iterable[User]) -> None:
    """Mail the link that stops the change to the person, at the old address, and to former focal points of a State
    that has no other. The new address gets no link.
    """
    stop = settings.SITE_URL + reverse("access_stop", args=[change.token]) if change.is_open else ""
    send = partial(mail.send, "access_change", change=change)
    for user in {*former} if change.role else {change.user, *former}:
        send(to=user.email, language=user.language, person=mail.isolated(user.name), stop=stop)
    if change.email:
        user = change.user
        send(to=change.email, language=user.language, person=mail.isolated(user.name), stop="")


@contextmanager
def store_document(appointed: Appointed, document: Upload | None) -> Iterator[None]:
    """Store a document before anything is locked, and delete it when the block fails."""
    if document is None:
        yield
        return
    name = store_upload(generated_document_name(appointed, document.name), document)
    try:
        appointed.document = name
        appointed.document_name, appointed.document_type = document.name, document.content_type
        appointed.document_sha256 = document.sha256
        yield
    except BaseException:
        delete_file(name)
        raise

"""Record changes of second factors, postpone and require them, and encrypt their secrets with a new key."""

from collections.abc import Iterable

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from tracker.actions import mail
from tracker.actions.event import record_event, save_fields
from tracker.actions.respondent import lock_respondent, set_field
from tracker.actions.session import forget_devices
from tracker.audit.rows import name_of
from tracker.models import Respondent, Session, User
from tracker.models.event import Action
from tracker.models.second_factor import SECRETS, encrypt_again, second_factors_of
from tracker.permissions import can_manage_team, check_permission


@transaction.atomic
def note_second_factor(*, added: Authenticator, row_key: str, by: User) -> None:
    """Record a passkey or an app that was added. The first ends all other sessions: they have not shown it.

    Recovery codes are made with the first, which the mail about this one says.
    """
    if added.type == Authenticator.Type.RECOVERY_CODES:
        record_event(action="recovery codes created", target=f"person {by.pk}", by=by, rows=[added])
        return
    if not second_factors_of(by).exclude(pk=added.pk).exists():
        Session.objects.filter(user=by).exclude(pk=row_key).delete()
    _record(Action.SECOND_FACTOR_SET_UP, by, rows=[added])


@transaction.atomic
def note_second_factor_removed(*, removed: Authenticator, by: User) -> None:
    """Record a passkey or an app that was removed; the recovery codes are deleted with the last."""
    if removed.type == Authenticator.Type.RECOVERY_CODES:
        return
    gone = [removed]
    if not second_factors_of(by).exists():
        gone.append(Authenticator(user=by, type=Authenticator.Type.RECOVERY_CODES))
    _record(Action.SECOND_FACTOR_REMOVED, by, deleted=[name_of(factor) for factor in gone])


@transaction.atomic
def note_recovery_codes(*, added: Authenticator, by: User) -> None:
    """Record that a person replaced the recovery codes."""
    _record(Action.RECOVERY_CODES_CREATED, by, rows=[added])


@transaction.atomic
def postpone_second_factor(*, by: User) -> None:
    """Let a person go on without a second factor until the next sign-in. This is allowed once."""
    check_permission(User.objects.select_for_update().get(pk=by.pk).second_factor_postponed_at is None)
    by.second_factor_postponed_at = timezone.now()
    save_fields(by, ["second_factor_postponed_at"], "second factor postponed", by)


@transaction.atomic
def ask_second_factor(*, respondent: Respondent, is_asked: bool, by: User) -> None:
    """Require a second factor of the contributors and viewers of a State, or no longer."""
    locked = lock_respondent(respondent, by, can_manage_team)
    action = "second factor asked of team" if is_asked else "second factor left to team"
    set_field(locked, "asks_second_factor", is_asked, action=action, by=by)


@transaction.atomic
def encrypt_second_factors() -> int:
    """Encrypt all secrets with the first of `SECOND_FACTOR_KEYS`; return how many.

    It checks no permission: it is for people who run commands on the server. It raises UnreadableSecret, and changes
    nothing, where the key of a secret is missing.
    """
    count = 0
    rows = list(Authenticator.objects.select_for_update().order_by("pk"))
    for row in rows:
        names = [name for name in SECRETS if name in row.data]
        row.data |= {name: encrypt_again(row.data[name]) for name in names}
        row.save(update_fields=["data"])
        count += len(names)
    record_event(action="second factors encrypted", target="site", by=None, rows=rows, fields=["data"])
    return count


def _record(action: Action, by: User, rows: Iterable[Authenticator] = (), deleted: Iterable[str] = ()) -> None:
    """Record a change of the ways to sign in, forget browsers, and notify the person, who may not have made it."""
    forget_devices(user=by)
    record_event(action=action.value, target=f"person {by.pk}", by=by, rows=rows, deleted=deleted)
    context = {"person": by.name, "change": action.label, "path": reverse("account"), "at": timezone.now()}
    mail.send_later("second_factor_changed", by, **context)

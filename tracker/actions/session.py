"""Sign people out: of sessions that they choose, or of all sessions when a role ends."""

from django.db import transaction
from django.db.models import F

from tracker.actions.draft import drop_forms
from tracker.actions.event import record_event
from tracker.models import Membership, Session, User


@transaction.atomic
def end_session(*, number: str, by: User) -> int:
    """End the user's own session that has this number; return how many ended."""
    return _end([session for session in by.sessions.all() if session.pk == number], by)


@transaction.atomic
def end_sessions_elsewhere(*, row_key: str, by: User) -> int:
    """Forget the browsers of the user too: the caller makes this one known again."""
    forget_devices(user=by)
    return _end(list(by.sessions.exclude(pk=row_key)), by)


def end_all_sessions(*, user: User) -> None:
    forget_devices(user=user)
    user.sessions.all().delete()
    drop_forms(author=user)


def forget_devices(*, user: User) -> None:
    """Let no browser be known or remembered any more, by cookies of an earlier generation (tracker/web/devices.py)."""
    User.objects.filter(pk=user.pk).update(device_generation=F("device_generation") + 1)
    user.refresh_from_db(fields=["device_generation"])


def set_session_end(*, user: User) -> None:
    """Shorten a person's sessions to the end of the first of their memberships."""
    for end_time in Membership.objects.first_end(user):
        user.sessions.filter(ends_by__gt=end_time).update(ends_by=end_time)
        user.sessions.filter(expire_date__gt=end_time).update(expire_date=end_time)


def _end(sessions: list[Session], by: User) -> int:
    if sessions:
        Session.objects.filter(pk__in=[session.pk for session in sessions]).delete()
        record_event(action="sessions ended", target=f"person {by.pk}", by=by, after=str(len(sessions)))
    return len(sessions)

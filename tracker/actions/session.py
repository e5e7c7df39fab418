"""Signing people out: of sessions of their own, by themselves; of all of them, where a role ends."""

from django.db import transaction

from tracker import kept
from tracker.actions.event import record_event
from tracker.models import Membership, Session, User


@transaction.atomic
def end_session(*, number: str, by: User) -> int:
    """End the one of a person's own sessions that has this number; how many ended, which is none where none has it."""
    return _end([session for session in by.sessions.all() if session.number == number], by)


@transaction.atomic
def end_other_sessions(*, session_key: str, by: User) -> int:
    """End all of a person's own sessions but this one; how many."""
    return _end(list(by.sessions.exclude(session_key=session_key)), by)


def sign_out_everywhere(*, user: User) -> None:
    """End all sessions of a person, with what she typed and could not save."""
    user.sessions.all().delete()
    kept.forget_author(user.pk)


def shorten_sessions(*, user: User) -> None:
    """Let no session of a person outlive the first of her memberships that ends."""
    for ends_at in Membership.objects.ends(user):
        user.sessions.filter(expire_date__gt=ends_at).update(expire_date=ends_at)


def _end(sessions: list[Session], by: User) -> int:
    ended = len(sessions)
    if not ended:
        return 0
    Session.objects.filter(pk__in=[session.pk for session in sessions]).delete()
    record_event(action="sessions ended", target=f"person {by.pk}", by=by, after=str(ended))
    return ended

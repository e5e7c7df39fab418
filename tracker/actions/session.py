"""Signing people out: of sessions of their own, by themselves; of all of them, where a role ends."""

from collections.abc import Callable

from django.db import transaction
from django.db.models import QuerySet

from tracker.actions.event import record_event
from tracker.models import Membership, Session, User
from tracker.models.matching import holds
from tracker.models.session import UNSAVED_INPUT


@transaction.atomic
def end_session(*, number: str, by: User) -> int:
    """End the one of a person's own sessions that has this number; how many ended, which is none where none has it."""
    return _end([session for session in by.sessions.all() if session.number == number], by)


@transaction.atomic
def end_sessions_elsewhere(*, session_key: str, by: User) -> int:
    """End all of a person's own sessions but this one; how many."""
    return _end(list(by.sessions.exclude(session_key=session_key)), by)


def end_all_sessions(*, user: User) -> None:
    """End all sessions of a person, with what she typed and could not save."""
    user.sessions.all().delete()
    _drop_unsaved_input(Session.objects.filter(user=None), lambda _path, entry: entry["author"] == user.pk)


def set_session_end(*, user: User) -> None:
    """Let no session of a person outlive the first of her memberships that ends."""
    for ends_at in Membership.objects.ends(user):
        user.sessions.filter(expire_date__gt=ends_at).update(expire_date=ends_at)


def drop_unsaved_input(*, code: str, words: str) -> None:
    """Drop, from every session, what was posted about the respondent of this code and holds the words."""
    _drop_unsaved_input(Session.objects.all(), lambda path, entry: f"/{code}/" in path and _holds(entry, words))


def _drop_unsaved_input(sessions: QuerySet[Session], is_dropped: Callable[[str, dict], bool]) -> None:
    for session in sessions.iterator():
        data = session.get_decoded()
        entries = data.get(UNSAVED_INPUT, {})
        left = {path: entry for path, entry in entries.items() if not is_dropped(path, entry)}
        if left != entries:
            session.session_data = Session.objects.encode(data | {UNSAVED_INPUT: left})
            session.save(update_fields=["session_data"])


def _holds(entry: dict, words: str) -> bool:
    return any(holds([value], words) for values in entry["typed"].values() for value in values)


def _end(sessions: list[Session], by: User) -> int:
    ended = len(sessions)
    if not ended:
        return 0
    Session.objects.filter(pk__in=[session.pk for session in sessions]).delete()
    record_event(action="sessions ended", target=f"person {by.pk}", by=by, after=str(ended))
    return ended

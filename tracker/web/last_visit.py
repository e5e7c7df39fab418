from datetime import datetime

from django.utils.dateparse import parse_datetime

from tracker.web.request import Request

LAST_VISIT = "last_visit"  # a session key


def note_last_visit(request: Request, signed_in_at: datetime | None) -> None:
    """Store in a new session the time of the sign-in before this one."""
    if signed_in_at:
        request.session[LAST_VISIT] = signed_in_at.isoformat()


def last_visit(request: Request) -> datetime | None:
    return parse_datetime(request.session.get(LAST_VISIT, ""))

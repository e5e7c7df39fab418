from datetime import datetime

from django.db.models import Max
from django.utils.dateparse import parse_datetime

from tracker.models import Session, User
from tracker.web.request import Request

LAST_VISIT = "last_visit"  # a session key


def note_last_visit(request: Request, user: User, signed_in_at: datetime | None) -> None:
    """Keep in a new session when the user was here before: last seen in another session, or else signed in."""
    seen = Session.objects.filter(user=user).exclude(session_key=request.session.session_key)
    moments = [moment for moment in (seen.aggregate(at=Max("seen_at"))["at"], signed_in_at) if moment]
    if moments:
        request.session[LAST_VISIT] = max(moments).isoformat()


def last_visit(request: Request) -> datetime | None:
    return parse_datetime(request.session.get(LAST_VISIT, ""))

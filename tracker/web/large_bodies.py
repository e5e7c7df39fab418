"""Refuse a large body before it is read, unless its sender has a session or sends a form of the site.

The form of a user whose session ended has their author token in its address, so that nothing typed is lost. nginx asks
`CHECK` before it reads a large body, with the cookies of the request and the token.
"""

import threading

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpResponse, QueryDict, UnreadablePostError
from django.utils import timezone
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext as _

from tracker.models import Session
from tracker.models.session import digest_of_key
from tracker.web import unsaved_input
from tracker.web.busy import answer_unavailable, busy_page
from tracker.web.request import Request

LIMIT = 100 * 1024  # bytes
CHECK = "/large-body"
AT_ONCE = 6  # half of the threads of a worker (gunicorn.conf.py)
IS_KNOWN = "tracker.sender_is_known"  # in the environment of a request with a large body

_places = threading.BoundedSemaphore(AT_ONCE)


class LargeBodyMiddleware(MiddlewareMixin):
    """Take the author token out of the address too, so that no page, redirect or further token repeats it."""

    def process_request(self, request: Request) -> HttpResponse | None:
        is_author = unsaved_input.read_author_token(_take_token(request)) is not None
        if request.path_info == CHECK:
            return HttpResponse(status=204 if is_author or _may_have_session(request) else 403)
        if not _is_large(request):
            return None
        if not is_author and not _has_session(request):
            return _refuse(request)
        request.META[IS_KNOWN] = True
        return _receive(request)


def may_read(request: Request) -> bool:
    """Return whether the body may be read: it is small, or its sender is known."""
    return IS_KNOWN in request.META or not _is_large(request)


def _receive(request: Request) -> HttpResponse | None:
    """Read a form now, a few at a time, so that slow senders leave threads to others; return a refusal, if any."""
    if not _places.acquire(timeout=0.5):
        return answer_unavailable()
    try:
        request.POST  # noqa: B018  # this reads it
    except UnreadablePostError:
        return HttpResponse(status=408)
    finally:
        _places.release()
    return None


def _refuse(request: Request) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return HttpResponse(status=401)
    advice = _("You are not signed in. Sign in in another tab, then go back and send the form again.")
    return busy_page(None, _("Sign in"), advice, status=413)


def _take_token(request: Request) -> str:
    if unsaved_input.FIELD not in request.META["QUERY_STRING"]:
        return ""
    query = QueryDict(request.META["QUERY_STRING"], mutable=True)
    tokens = query.pop(unsaved_input.FIELD, [""])
    request.META["QUERY_STRING"] = query.urlencode()
    return str(tokens[-1])


def _is_large(request: Request) -> bool:
    """A body that arrives in pieces says no size."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    return "HTTP_TRANSFER_ENCODING" in request.META or not length.isdecimal() or int(length) > LIMIT


def _has_session(request: Request) -> bool:
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    live = Session.objects.filter(pk=digest_of_key(key), user__isnull=False, expire_date__gt=timezone.now())
    return live.exists()


def _may_have_session(request: Request) -> bool:
    """While the database is away let the request itself get the page that says so."""
    try:
        return _has_session(request)
    except (InterfaceError, OperationalError):
        return True

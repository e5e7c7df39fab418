"""Answer a request that failed: with 503 while the database is away or refuses a row, else with 500."""

import logging
import sys

from django.core.exceptions import SuspiciousOperation
from django.db import IntegrityError, InterfaceError, OperationalError
from django.http import HttpResponse, HttpResponseServerError
from django.http.multipartparser import MultiPartParserError
from django.template.loader import render_to_string

from tracker.web.busy import UNAVAILABLE, UNAVAILABLE_SECONDS, answer_unavailable
from tracker.web.large_bodies import may_read
from tracker.web.logs import request_id
from tracker.web.request import Request

logger = logging.getLogger(__name__)


def answer_failure(request: Request) -> HttpResponse:
    """Django calls it as `handler500`, while it handles the error."""
    error = sys.exception()
    if isinstance(error, (OperationalError, InterfaceError)):
        return _answer_without_database(request, error)
    if isinstance(error, IntegrityError):  # by another act at the same moment, say: sent again it may be saved
        return _answer_unavailable(request)
    return HttpResponseServerError(render_to_string("500.html", {"reference": request_id.get()}))


def _answer_without_database(request: Request, error: Exception) -> HttpResponse:
    """Log one line for each request."""
    if "tracker.is_away" not in request.META:
        request.META["tracker.is_away"] = True
        logger.error("the database is away: %s %s", type(error).__name__, _code(error))
    response = _answer_unavailable(request)
    response._has_been_logged = True  # type: ignore[attr-defined]  # Django would log the error with all its calls
    return response


def _answer_unavailable(request: Request) -> HttpResponse:
    """Return a page that needs no database, and can send again what was posted."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=UNAVAILABLE, headers={"Retry-After": str(UNAVAILABLE_SECONDS)})
    return answer_unavailable(request.get_full_path(), _read_posted(request))


def _read_posted(request: Request) -> list[tuple[str, str]]:
    """Return the fields of the form without passwords; none of a form that is not complete."""
    if request.method != "POST" or not may_read(request):
        return []
    try:
        posted = request.POST
    except (SuspiciousOperation, MultiPartParserError, OSError):
        return []
    return [(name, str(value)) for name, values in posted.lists() if "password" not in name for value in values]


def _code(error: Exception) -> str:
    """Return the code of the database for an error, which quotes no value."""
    cause = error.__cause__
    return getattr(cause, "sqlite_errorname", None) or getattr(cause, "sqlstate", None) or ""

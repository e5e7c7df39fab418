from collections.abc import Callable
from typing import cast

from allauth.account.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.contrib.sessions import middleware as sessions
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import redirect
from django.urls import reverse

from tracker.audit import origin
from tracker.models.session import SessionStore
from tracker.web import unsaved_input
from tracker.web.request import Request

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class OriginMiddleware:
    """Tells the audit trail from which network address a request came, by the rule that throttling counts by."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponseBase:
        token = origin.address.set(_address_of(request))
        try:
            return self.get_response(request)
        finally:
            origin.address.reset(token)


def _address_of(request: Request) -> str:
    """Empty where it cannot be known, as in a health check that comes round the proxies."""
    try:
        return get_adapter().get_client_ip(request).partition("%")[0]  # without the zone of a local address
    except PermissionDenied:
        return ""


class PageCompressionMiddleware(GZipMiddleware):
    """Pages are compressed for slow lines. Files are not: their length shows how much of one is still to come."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        return response if isinstance(response, FileResponse) else super().process_response(request, response)


class SessionMiddleware(sessions.SessionMiddleware):
    """A cookie with a NUL in it, which PostgreSQL would refuse to look for, names no session. When one was last seen is
    written down. Only what ends a session takes its cookie away: an answer of one that had ended before may come after
    another has begun, whose cookie it would be.
    """

    def process_request(self, request: HttpRequest) -> None:
        if "\0" in request.COOKIES.get(settings.SESSION_COOKIE_NAME, ""):
            del request.COOKIES[settings.SESSION_COOKIE_NAME]
        super().process_request(request)

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        session = cast(SessionStore, request.session)
        session.note_seen()
        if not session.is_found:
            request.COOKIES.pop(settings.SESSION_COOKIE_NAME, None)
        return super().process_response(request, response)


class SignInMiddleware(LoginRequiredMiddleware):
    """Signing in is required everywhere, unless a view is public by name; what was typed is kept."""

    def handle_no_permission(  # type: ignore[override]  # htmx follows no redirect
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponse:
        if request.headers.get("HX-Request"):
            return HttpResponse(status=401)
        if request.method == "POST":
            return redirect_to_login(unsaved_input.keep(cast(Request, request)) or reverse("home"))
        return super().handle_no_permission(request, view_func)

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """What is read by somebody signed in stays in no cache, of a proxy or of a browser that others use too."""
        if request.session.accessed and request.user.is_authenticated:
            response.setdefault("Cache-Control", "private, no-store")
        return response


class SecondFactorMiddleware:
    """Whoever has a role in the Secretariat sets up a second factor before anything else."""

    before = ("account_", "mfa_", "livez", "readyz")  # names of what opens without one

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: Request, *view: object) -> HttpResponse | None:
        if request.resolver_match.view_name.startswith(self.before) or not request.user.is_authenticated:
            return None
        if not request.user.is_secretariat or is_mfa_enabled(request.user, [Authenticator.Type.TOTP]):
            return None
        if request.headers.get("HX-Request"):
            return HttpResponse(status=403)
        return redirect("mfa_activate_totp")


class AdminMiddleware:
    """What Django's admin would let through. It gives what its filters are asked to the database as it is, and
    PostgreSQL refuses a NUL; and its view_on_site leads to the page of any row of any model, past `visible_to`.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: Request, *view: object) -> None:
        if request.resolver_match.view_name == "admin:view_on_site":
            raise Http404
        if request.resolver_match.app_name == "admin" and "%00" in request.META["QUERY_STRING"]:
            raise BadRequest

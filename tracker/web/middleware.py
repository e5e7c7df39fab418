import logging
from collections.abc import Callable
from types import MappingProxyType
from typing import cast

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.contrib.sessions import middleware as sessions
from django.core.exceptions import BadRequest, PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.middleware import security
from django.middleware.locale import LocaleMiddleware
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import activate
from django.utils.translation import gettext as _
from django_http_compression import middleware as http_compression

from recommendations.languages import language_of_site, languages_to_choose
from recommendations.model_admin import UNSAVED_INPUT
from tracker.audit import origin
from tracker.models.second_factor import UnreadableSecret
from tracker.models.session import SessionStore
from tracker.web import devices, fresh_sign_in, second_factor, unsaved_input
from tracker.web.logs import choose_request_id, request_id
from tracker.web.request import Request, SignedInRequest
from tracker.web.second_factor import has_second_step_of_provider

logger = logging.getLogger(__name__)

GetResponse = Callable[[HttpRequest], HttpResponseBase]


# What no page uses: neither a script that gets in nor a frame may ask for it. Passkeys are not in the list.
DENIED_FEATURES = (
    "accelerometer camera display-capture geolocation gyroscope hid idle-detection local-fonts magnetometer "
    "microphone midi payment screen-wake-lock serial usb xr-spatial-tracking"
)


class RequestIdMiddleware(MiddlewareMixin):
    """Number each request in the log and in the response, by the number of a trusted proxy where there is one."""

    def process_request(self, request: HttpRequest) -> None:
        proposed = request.headers.get("X-Request-ID", "") if settings.TRUSTED_PROXY_COUNT else ""
        request_id.set(choose_request_id(proposed))

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        response.headers["X-Request-ID"] = request_id.get()
        return response


class HeadersMiddleware(security.SecurityMiddleware):
    """Add two headers that Django does not know, and all where SecurityMiddleware itself refuses a wrong host."""

    headers = {
        "Permissions-Policy": ", ".join(f"{feature}=()" for feature in DENIED_FEATURES.split()),
        "Cross-Origin-Resource-Policy": "same-origin",
    }

    def process_request(self, request: HttpRequest) -> None:
        """Leave the redirect to SecurityMiddleware."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        for name, value in self.headers.items():
            response.headers[name] = value
        return super().process_response(request, response)


class OriginMiddleware:
    """Give the audit trail the network address of a request, by the rule that throttling uses."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponseBase:
        token = origin.address.set(_address_of(request))
        try:
            return self.get_response(request)
        finally:
            origin.address.reset(token)


def _address_of(request: Request) -> str:
    """Return an empty address where it is not known, as in a health check that bypasses the proxies."""
    try:
        return get_adapter().get_client_ip(request).partition("%")[0]  # without the zone of a local address
    except PermissionDenied:
        return ""


PAGES_IN_ENGLISH = ("/admin/", "/curate/", "/progress/paper")


class LanguageMiddleware(LocaleMiddleware):
    """Use English where curators and administrators work on English texts; elsewhere the language of the account, the
    cookie or the browser, in this order.
    """

    def process_request(self, request: Request) -> None:  # type: ignore[override]
        super().process_request(request)
        if request.path.startswith(PAGES_IN_ENGLISH):
            activate(settings.LANGUAGE_CODE)
        elif languages_to_choose() and request.user.is_authenticated:
            activate(language_of_site(request.user.language))


# Brotli before Zstandard, and one step better than the package's own: a page is then a seventh smaller than with
# Zstandard and a tenth smaller than with gzip, in the time that gzip takes.
http_compression.codings = MappingProxyType({"br": 0, "zstd": 1, "gzip": 2, "identity": 3})
http_compression.BROTLI_QUALITY = 5


class PageCompressionMiddleware(http_compression.HttpCompressionMiddleware):
    """Compress pages and files of text that are made here; but not stored files: their length lets the browser show the
    progress of a download.
    """

    def maybe_compress(self, request: HttpRequest, response: HttpResponseBase) -> None:
        if not isinstance(response, FileResponse):
            super().maybe_compress(request, response)


class SessionMiddleware(sessions.SessionMiddleware):
    """Save when a session was last used."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        session = cast(SessionStore, request.session)
        if response.status_code < 500:  # perhaps the database is away
            try:
                session.note_seen()
            except (OperationalError, InterfaceError):  # as on a full disk: pages can still be read
                logger.exception("the last use of a session was not saved")
        # A late response of an ended session must not delete the cookie of the session that began since.
        if not session.has_row:
            request.COOKIES.pop(settings.SESSION_COOKIE_NAME, None)
        return super().process_response(request, response)


class DeviceMiddleware(MiddlewareMixin):
    """Make a browser known to the person who signed in or set a password in this request."""

    def process_response(self, request: Request, response: HttpResponseBase) -> HttpResponseBase:
        if user := request.META.get(devices.PROVEN_USER):
            devices.set_cookie(request, response, user)
        return response


class SignInMiddleware(LoginRequiredMiddleware):
    """Require signing in for every view that is not `login_not_required`, and keep the input of a posted form."""

    def handle_no_permission(  # type: ignore[override]  # htmx follows no redirect
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponse:
        if request.headers.get("HX-Request"):
            return HttpResponse(status=401)
        if request.method == "POST":
            page = unsaved_input.keep(cast(Request, request))
            if page is None:
                messages.warning(request, _("You were signed out, so nothing was done. Sign in and try again."))
            return redirect_to_login(page or unsaved_input.page_before(cast(Request, request)))
        return super().handle_no_permission(request, view_func)

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Forbid proxies and shared browsers to cache what a signed-in user reads."""
        if response.status_code < 500 and request.session.accessed and request.user.is_authenticated:
            response.headers["Cache-Control"] = "private, no-store"
        return response


class SecondFactorMiddleware(MiddlewareMixin):
    """Redirect people whose role requires a second factor, and who have none, to the page where they choose it."""

    # how the names of views begin that need no second factor
    exempt = (
        "account_",
        "access_stop",
        "mfa_",
        "openid_connect_",
        "second_factor",
        "security_contact",
        "session_end",
        "language",
    )

    def process_view(self, request: Request, *view: object) -> HttpResponse | None:
        if request.resolver_match.view_name.startswith(self.exempt) or not request.user.is_authenticated:
            return None
        if not request.user.needs_second_factor or request.user.has_second_factor:
            return None
        if request.session.get(second_factor.POSTPONED):
            return None
        if has_second_step_of_provider(request, request.user):
            return None
        if request.headers.get("HX-Request"):
            return HttpResponse(status=403)
        page = unsaved_input.keep(request) if request.method == "POST" else request.get_full_path()
        return redirect(reverse("second_factor", query={"next": page or unsaved_input.page_before(request)}))

    def process_exception(self, request: Request, exception: Exception) -> HttpResponse | None:
        """Say that codes cannot be checked, in place of an error of the server: a key is missing in the settings."""
        if not isinstance(exception, UnreadableSecret):
            return None
        logger.error("SECOND_FACTOR_KEYS has no key that decrypts a secret of two-step sign-in")
        messages.error(
            request,
            _("Codes cannot be checked at present. Use a passkey, or notify the administrators in the Secretariat."),
        )
        return redirect("account" if request.user.is_authenticated else "account_login")


class ErrorPageMiddleware(MiddlewareMixin):
    def process_response(self, request: Request, response: HttpResponseBase) -> HttpResponseBase:
        """Add a page where the address of a button is opened: Django's response is empty."""
        if isinstance(response, HttpResponseNotAllowed) and not request.headers.get("HX-Request"):
            response.content = render_to_string("405.html", request=request)
        return response


class FreshSignInMiddleware(MiddlewareMixin):
    def process_view(self, request: Request, view: Callable[..., object], *args: object) -> HttpResponse | None:
        return fresh_sign_in.ask(request, view)


class AdminMiddleware(MiddlewareMixin):
    """Refuse what Django's admin allows: view_on_site, which opens any row of any model without `visible_to`, and a
    NUL in a filter, which PostgreSQL refuses. Give its forms the input that could not be saved.
    """

    def process_view(self, request: Request, *view: object) -> None:
        if request.resolver_match.view_name == "admin:view_on_site":
            raise Http404
        if request.resolver_match.app_name == "admin" and "%00" in request.META["QUERY_STRING"]:
            raise BadRequest
        if request.resolver_match.app_name == "admin" and request.method == "GET" and request.user.is_authenticated:
            request.META[UNSAVED_INPUT] = unsaved_input.take(cast(SignedInRequest, request))

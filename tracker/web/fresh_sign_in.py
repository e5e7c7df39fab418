"""Ask for a fresh sign-in before acts that nobody should do in a session that somebody else left open.

A sign-in is fresh for 15 minutes, and again after the person confirms with a password, a code or a passkey. Each view
that accepts POST, and each file with answers that are not submitted, says beside its permission whether it asks.
`tests/tracker/web/test_fresh_sign_in.py` lists the choices. What was typed is on the page again afterwards
(tracker/web/unsaved_input.py).
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from enum import Enum
from functools import partial
from typing import cast

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import get_authentication_records
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from tracker.models.session import BEGAN
from tracker.web import unsaved_input
from tracker.web.request import Request, SignedInRequest


class WhenAsked(Enum):
    """When a view asks for a fresh sign-in. A view that has not chosen asks as TO_POST does."""

    NEVER = "never"
    TO_POST = "to post"
    TO_OPEN = "to open"  # the form too, so that nothing is typed in vain
    TO_DOWNLOAD = "to download"


NEVER, TO_POST, TO_OPEN, TO_DOWNLOAD = WhenAsked


def asks(fresh_sign_in: WhenAsked, methods: Sequence[str] = ()) -> Callable:
    """Mark a view with its choice. With `methods` it accepts no others."""

    def decorator(view: Callable) -> Callable:
        view.fresh_sign_in = fresh_sign_in  # type: ignore[attr-defined]
        return require_http_methods(methods)(view) if methods else view

    return decorator


form_view = partial(asks, methods=["GET", "HEAD", "POST"])
button_view = partial(asks, methods=["POST"])
file_view = partial(asks, methods=["GET", "HEAD"])

PROVIDER = "socialaccount"  # in allauth, the method of an identity provider
METHODS = {"password": "reauthenticate", "totp": "mfa_reauthenticate", "webauthn": "mfa_reauthenticate:webauthn"}


def is_fresh(request: Request) -> bool:
    """A sign-in at a provider is not fresh by itself: the provider may ask for nothing. Its confirmation is."""
    records = get_authentication_records(request, request.user)
    moments = [record["at"] for record in records if record.get("reauthenticated")]
    began = request.session.get(BEGAN)
    if began and not any(record["method"] == PROVIDER for record in records):
        moments.append(datetime.fromisoformat(began["at"]).timestamp())
    now = timezone.now().timestamp()
    return any(0 <= now - moment < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT for moment in moments)


def last_method(request: Request) -> str | None:
    """Return how the person signed in or confirmed last, as the adapter names the ways to confirm."""
    records = get_authentication_records(request, request.user)
    if not records:
        return None
    if records[-1]["method"] == PROVIDER:
        return f"provider:{records[-1]['provider']}"
    return METHODS.get(records[-1].get("type", records[-1]["method"]))


def choice_of(view: Callable) -> WhenAsked | None:
    """Return the choice of a view, None where it has not chosen."""
    return getattr(view, "fresh_sign_in", None)


def ask(request: Request, view: Callable) -> HttpResponse | None:
    """Redirect to the page that asks for a fresh sign-in where this request needs it; keep what was typed."""
    if not request.user.is_authenticated:
        return None
    request = cast(SignedInRequest, request)
    if not _needs_fresh_sign_in(request, view) or is_fresh(request):
        return None
    if request.headers.get("HX-Request"):
        return HttpResponse(status=403)
    ways = get_adapter().get_reauthentication_methods(request.user)
    url = ways[0]["url"] if ways else reverse("account_reauthenticate")
    return redirect(f"{url}?{urlencode({'next': _page_of(request, view)})}")


def _needs_fresh_sign_in(request: SignedInRequest, view: Callable) -> bool:
    when = choice_of(view)
    if not _is_read(request):
        return when != NEVER
    return when in (TO_OPEN, TO_DOWNLOAD)


def _page_of(request: SignedInRequest, view: Callable) -> str:
    """Return the page of the form or of the button, where the person goes on; what was typed there is kept."""
    kept = None if _is_read(request) else unsaved_input.keep(request)
    if kept or choice_of(view) == TO_OPEN:
        return kept or request.get_full_path()
    return unsaved_input.keep_query(request) if _is_read(request) else unsaved_input.page_before(request)


def _is_read(request: Request) -> bool:
    return request.method in ("GET", "HEAD")

"""Ask for a fresh sign-in before acts that nobody should do in a session that somebody else left open.

A sign-in is fresh for 15 minutes, and again after the person confirms with a password, a code or a passkey. `FORMS` are
asked for it before they open, so that nothing is typed in vain. `ACTS` are asked for it at the button: what was typed
is on the page again afterwards (tracker/web/unsaved_input.py).
"""

from datetime import datetime

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import get_authentication_records
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from tracker.models.session import BEGAN
from tracker.web import unsaved_input
from tracker.web.request import Request

# The names of the views. Submitting replies is not among them: a reply is read before anything follows from it.
FORMS = {
    # Publishing, and permissions to use a submission
    "submission_publish",
    "submission_use",
    # Roles, and what a role opens
    "invitation_add",
    "membership",
}
ACTS = {
    "check",  # submitting
    "access_step",  # letting a change of access take effect at once, or stopping it
    "institution_opening",
    "invitation_step",
    "people_second_factor",
    # Export of everything
    "answers",
    "answers_csv",
    "export_again",
    "export_file",
    "handover_pdf",
}
FILES = {"answers_csv", "export_file", "handover_pdf"}  # of ACTS: GET is the act
# In the admin: everything that changes people and roles
ADMIN = "admin:tracker_"
ADMIN_FORMS = ("_add", "_change")

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


def ask(request: Request) -> HttpResponse | None:
    """Redirect to the page that asks for a fresh sign-in where this request needs it; keep what was posted."""
    if not _needs_fresh_sign_in(request) or not request.user.is_authenticated or is_fresh(request):
        return None
    if request.headers.get("HX-Request"):
        return HttpResponse(status=403)
    ways = get_adapter().get_reauthentication_methods(request.user)
    url = ways[0]["url"] if ways else reverse("account_reauthenticate")
    return redirect(f"{url}?{urlencode({'next': _page_of(request)})}")


def _needs_fresh_sign_in(request: Request) -> bool:
    name, is_read = request.resolver_match.view_name, request.method in ("GET", "HEAD")
    if name.startswith(ADMIN):
        return not is_read or name.endswith(ADMIN_FORMS)
    return name in FORMS or name in (FILES if is_read else ACTS)


def _page_of(request: Request) -> str:
    """Return the page of the form or of the button, where the person goes on."""
    name = request.resolver_match.view_name
    if request.method != "POST" and name not in FILES:
        return request.get_full_path()
    kept = unsaved_input.keep(request) if request.method == "POST" else None
    return kept or unsaved_input.page_before(request)

"""Confirm a new address as a focal point, and stop it by the link that the old address got."""

from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from tracker.actions.access_change import second_address, stop_address
from tracker.models import AccessChange
from tracker.permissions import can_manage_team
from tracker.views import show_errors
from tracker.web.desks import get_whole_desk_or_404
from tracker.web.fresh_sign_in import NEVER, TO_POST, button_view, form_view
from tracker.web.request import Request, SignedInRequest

TOKEN = "address_stop"  # noqa: S105 (where a session keeps the token, so that it does not stay in the address)


@button_view(fresh_sign_in=TO_POST)
def address_second(request: SignedInRequest, code: str, pk: int) -> HttpResponse:
    desk = get_whole_desk_or_404(request.user, code, can_manage_team)
    change = get_object_or_404(AccessChange.objects.of_team(desk).select_related("user"), pk=pk)
    with show_errors(request):
        second_address(change=change, by=request.user)
        # Translators: person: name of a user.
        messages.success(request, _("New e-mail address confirmed: %(person)s.") % {"person": change.user})
    return redirect("people", code)


@login_not_required
@require_safe
@cache_control(private=True, no_store=True)
def address_stop(request: Request, token: str) -> HttpResponse:
    """Move the token of the mailed link to the session, so that it is in no address and no history."""
    if too_many := ratelimit.consume_or_429(request, action="address_stop", limit_get=True):
        return too_many
    request.session[TOKEN] = token
    return redirect("address_stop_confirm")


@login_not_required
@form_view(fresh_sign_in=NEVER)
@cache_control(private=True, no_store=True)
def address_stop_confirm(request: Request) -> HttpResponse:
    """Show the change to anyone who has the link, signed in or not, and stop it on POST."""
    token = request.session.get(TOKEN, "")
    changes = AccessChange.objects.of_link(token).select_related("user", "requested_by", "confirmed_by", "seconded_by")
    change = changes.first()
    if request.method == "POST" and change and change.is_open:
        with show_errors(request):
            stop_address(token=token)
        change.refresh_from_db()
    return render(request, "tracker/access_change/stop.html", {"change": change})

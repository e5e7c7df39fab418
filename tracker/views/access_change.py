"""Confirm or stop a change of access as a focal point, and stop it by a mailed link."""

from allauth.core import ratelimit
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from tracker.actions.access_change import second_access_change, stop_access_change, stop_by_link
from tracker.models import AccessChange
from tracker.permissions import can_manage_team
from tracker.views import carry_out, show_errors
from tracker.web.desks import get_whole_desk_or_404
from tracker.web.fresh_sign_in import NEVER, TO_POST, button_view, form_view
from tracker.web.request import Request, SignedInRequest

STEPS = {
    # Translators: person: name of a user.
    "second": (second_access_change, _("Change of access confirmed: %(person)s.")),
    # Translators: person: name of a user.
    "stop": (stop_access_change, _("Change of access stopped: %(person)s.")),
}
TOKEN = "access_stop"  # noqa: S105 (where a session keeps the token, so that it does not stay in the address)


@button_view(fresh_sign_in=TO_POST)
def access_step(request: SignedInRequest, code: str, pk: int) -> HttpResponse:
    """Confirm or stop, as `step` says."""
    desk = get_whole_desk_or_404(request.user, code, can_manage_team)
    change = get_object_or_404(AccessChange.objects.of_team(desk).select_related("user"), pk=pk)
    if step := STEPS.get(request.POST.get("step", "")):
        act, text = step
        carry_out(request, act, text % {"person": change.user}, change=change)
    return redirect("people", code)


@login_not_required
@require_safe
@cache_control(private=True, no_store=True)
def access_stop(request: Request, token: str) -> HttpResponse:
    """Move the token of the mailed link to the session, so that it is in no address and no history."""
    if too_many := ratelimit.consume_or_429(request, action="access_stop", limit_get=True):
        return too_many
    request.session[TOKEN] = token
    return redirect("access_stop_confirm")


@login_not_required
@form_view(fresh_sign_in=NEVER)
@cache_control(private=True, no_store=True)
def access_stop_confirm(request: Request) -> HttpResponse:
    """Show the change to anyone who has the link, signed in or not, and stop it on POST."""
    token = request.session.get(TOKEN, "")
    change = AccessChange.objects.of_link(token).with_people().first()
    if request.method == "POST" and change and change.is_open:
        with show_errors(request):
            stop_by_link(token=token)
        change.refresh_from_db()
    return render(request, "tracker/access_change/stop.html", {"change": change})

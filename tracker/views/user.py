from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from tracker.actions import user as actions
from tracker.models import User
from tracker.queries.desk.overview import short_section
from tracker.queries.desk.units import UnitGroup, unit_rows
from tracker.web.request import SignedInRequest


@require_http_methods(["GET", "HEAD", "POST"])
def welcome(request: SignedInRequest) -> HttpResponse:
    if request.method == "POST":
        actions.note_first_page(by=request.user)
        section = request.POST.get("section")
        desks = request.user.respondents
        if section and desks:
            return redirect(reverse("record_list", args=[desks[0].code], query={"theme": section}))
        return redirect("home")
    return render(request, "tracker/user/welcome.html", {"short_section": _short_section(request.user)})


@require_safe
def account(request: SignedInRequest) -> HttpResponse:
    context = {
        "memberships": request.user.memberships.select_related("respondent").order_by("-since", "-pk"),
        "has_recovery_codes": is_mfa_enabled(request.user, [Authenticator.Type.RECOVERY_CODES]),
        "has_second_factor": is_mfa_enabled(request.user, [Authenticator.Type.TOTP]),
    }
    return render(request, "tracker/user/account.html", context)


def _short_section(user: User) -> UnitGroup | None:
    """Return the short section of the only whole desk; users who see a part have their items first instead."""
    if len(user.respondents) != 1 or user.respondents[0].pk not in user.whole_desks:
        return None
    rows = unit_rows(user.respondents[0], user).to_answer
    return short_section(rows) if rows else None

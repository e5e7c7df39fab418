from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from recommendations.languages import language_of_site
from tracker.actions import user as actions
from tracker.models import User
from tracker.queries.desk.overview import short_section
from tracker.queries.desk.units import UnitGroup, unit_rows
from tracker.web.request import Request, SignedInRequest

YEAR = 365 * 24 * 3600


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


@login_not_required
@require_POST
def language(request: Request) -> HttpResponse:
    """Keep the chosen language in the account, and in a cookie for pages before signing in."""
    chosen = language_of_site(request.POST.get("language", ""))
    if isinstance(request.user, User):
        actions.choose_language(language=chosen, by=request.user)
    back = request.POST.get("next", "")
    is_own = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    response = redirect(back if is_own else "home")
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        chosen,
        max_age=YEAR,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
    )
    return response


def _short_section(user: User) -> UnitGroup | None:
    """Return the short section of the only whole desk; users who see a part have their items first instead."""
    if len(user.respondents) != 1 or user.respondents[0].pk not in user.whole_desks:
        return None
    rows = unit_rows(user.respondents[0], user).to_answer
    return short_section(rows) if rows else None

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from recommendations.languages import language_of_site
from tracker.actions import user as actions
from tracker.models import User
from tracker.models.user import Role
from tracker.queries.desk.overview import short_section
from tracker.queries.desk.units import UnitGroup, unit_rows
from tracker.queries.help import GUIDE_OF_ROLE
from tracker.queries.identity import identities_of
from tracker.queries.second_factor import own_second_factors
from tracker.views import own_page
from tracker.web.fresh_sign_in import NEVER, button_view, form_view
from tracker.web.request import Request, SignedInRequest

YEAR = 365 * 24 * 3600

# What a user does first, by role.
IN_PART = "in_part"  # a contributor who reads the answers that are assigned
FIRST_STEPS = {
    Role.FOCAL_POINT: (
        _("Choose a status for each recommendation, describe the measures and cite evidence."),
        _("Assign recommendations to ministries, and check the answers that they send to you."),
        _("Submit the answers that are ready. You can submit again while the round is open."),
    ),
    Role.CONTRIBUTOR: (
        _("Choose a status for each recommendation, describe the measures and cite evidence."),
        _("Add each law, report or link once, and cite it wherever it is relevant."),
        _("A focal point marks complete answers ready and submits them."),
    ),
    IN_PART: (
        _("Recommendations assigned to you or your institution are listed first, with the note and the due date."),
        _("Choose a status for each recommendation, describe the measures and cite evidence."),
        _("Send the answer to the focal point, who accepts it or returns it with a note."),
    ),
    Role.VIEWER: (
        _("Read everything that your team records: answers, evidence and submissions."),
        _("Read the comments below each answer. You cannot change anything."),
        _("Download the report at any time, as PDF or Word."),
    ),
    # Translators: Button: ask a State about an answer.
    Role.REVIEWER: (_("Plan and open a round"), _("Read a submission"), _("Request clarification")),
    Role.CURATOR: (_("Import a paper"), _("Edit titles, guidance and themes"), _("Confirm treaty status")),
    Role.ADMINISTRATOR: (_("Add a person"), _("Give or end a role"), _("Decide on a removal request")),
}


@form_view(fresh_sign_in=NEVER)
def welcome(request: SignedInRequest) -> HttpResponse:
    if request.method == "POST":
        actions.note_first_page(by=request.user)
        section = request.POST.get("section")
        desks = request.user.respondents
        if section and desks:
            return redirect(reverse("record_list", args=[desks[0].code], query={"theme": section}))
        return redirect("home")
    role = _first_role(request.user)
    context = {
        "steps": FIRST_STEPS[_reader(request.user, role)] if role else (),
        "guide": GUIDE_OF_ROLE[role] if role else "",
        "short_section": _short_section(request.user),
    }
    return render(request, "tracker/user/welcome.html", context)


@require_safe
def account(request: SignedInRequest) -> HttpResponse:
    context = {
        "memberships": request.user.memberships.select_related("respondent").order_by("-since", "-pk"),
        "identities": identities_of(request.user),
        "second_factors": own_second_factors(request.user),
    }
    return render(request, "tracker/user/account.html", context)


@login_not_required
@button_view(fresh_sign_in=NEVER)
def language(request: Request) -> HttpResponse:
    """Keep the chosen language in the account, and in a cookie for pages before signing in."""
    chosen = language_of_site(request.POST.get("language", ""))
    if isinstance(request.user, User):
        actions.choose_language(language=chosen, by=request.user)
    response = HttpResponseRedirect(own_page(request, request.POST.get("next", "")))
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        chosen,
        max_age=YEAR,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
    )
    return response


def _first_role(user: User) -> Role | None:
    roles = {membership.role for membership in user.current_memberships}
    return next((role for role in Role if role in roles), None)


def _reader(user: User, role: Role) -> str:
    return IN_PART if role == Role.CONTRIBUTOR and user.desks_in_part else role


def _short_section(user: User) -> UnitGroup | None:
    """Return the short section of the only whole desk; users who see a part have their items first instead."""
    if len(user.respondents) != 1 or user.respondents[0].pk not in user.whole_desks:
        return None
    rows = unit_rows(user.respondents[0], user, with_answers=False).to_answer
    return short_section(rows) if rows else None

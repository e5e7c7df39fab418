"""Invite people to a State's desk, and join it by the mailed link."""

from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from tracker.actions.invitation import (
    accept_as_new_person,
    accept_invitation,
    send_invitation,
    send_invitation_again,
    withdraw_invitation,
)
from tracker.forms.invitation import InvitationForm, JoinForm
from tracker.models import Invitation, User
from tracker.permissions import can_manage_team
from tracker.queries.desk.assignments import institutions_offered
from tracker.queries.desk.team import invitation_of
from tracker.views import form_data, form_errors, show_errors
from tracker.web import devices
from tracker.web.desks import get_whole_desk_or_404
from tracker.web.fresh_sign_in import TO_OPEN, TO_POST, button_view, form_view
from tracker.web.request import Request, SignedInRequest
from tracker.web.second_factor import IDENTITY

TOKEN = "invitation"  # noqa: S105 (where a session keeps the token, so that it does not stay in the address)
STEPS = ("renew", "withdraw")


@form_view(fresh_sign_in=TO_OPEN)
def invitation_add(request: SignedInRequest, code: str) -> HttpResponse:
    desk = get_whole_desk_or_404(request.user, code, can_manage_team)
    form = InvitationForm(form_data(request), institutions=institutions_offered(desk, request.user))
    if request.method == "POST" and form.is_valid():
        with form_errors(form):
            _show_sent(request, send_invitation(respondent=desk, by=request.user, **form.cleaned_data))
            return redirect("people", code)
    context = {"form": form}
    return render(request, "tracker/invitation/add.html", context)


@button_view(fresh_sign_in=TO_POST)
def invitation_step(request: SignedInRequest, code: str, pk: int) -> HttpResponse:
    desk = get_whole_desk_or_404(request.user, code, can_manage_team)
    found = get_object_or_404(Invitation.objects.visible_to(request.user).select_related("respondent"), pk=pk)
    if found.respondent != desk or request.POST.get("step") not in STEPS:
        return redirect("people", code)
    with show_errors(request):
        if request.POST["step"] == "renew":
            _show_sent(request, send_invitation_again(invitation=found, by=request.user))
        else:
            withdraw_invitation(invitation=found, by=request.user)
            # Translators: email: an e-mail address.
            messages.success(request, _("The invitation to %(email)s was withdrawn.") % {"email": found.email})
    return redirect("people", code)


def _show_sent(request: SignedInRequest, invitation: Invitation) -> None:
    if invitation.is_mailed:
        # Translators: email: an e-mail address.
        messages.success(request, _("The invitation was sent to %(email)s.") % {"email": invitation.email})
        return
    # Translators: email: an e-mail address.
    message = _("The invitation is saved, but no e-mail could be sent to %(email)s. Send a new link later.")
    messages.warning(request, message % {"email": invitation.email})


@login_not_required
@require_safe
@cache_control(private=True, no_store=True)
def invitation(request: Request, token: str) -> HttpResponse:
    """Move the token of the mailed link to the session, so that it is in no address and no history."""
    if too_many := ratelimit.consume_or_429(request, action="invitation", limit_get=True):
        return too_many
    request.session.pop(IDENTITY, None)
    found = invitation_of(token)
    if found and found.is_current():
        request.session[TOKEN] = token
    else:
        request.session.pop(TOKEN, None)
    return redirect("invitation_accept")


@login_not_required
@form_view(fresh_sign_in=TO_POST)
@cache_control(private=True, no_store=True)
def invitation_accept(request: Request) -> HttpResponse:
    found = invitation_of(request.session.get(TOKEN, ""))
    if found is None or not found.is_current():
        return render(request, "tracker/invitation/stopped.html")
    person = User.objects.filter(email=found.email).first()
    user = request.user
    if person is None and not user.is_authenticated:
        return _add_person(request, found)
    if not user.is_authenticated or user != person:
        context = {"invitation": found, "is_let_in": person is not None and person.is_active}
        return render(request, "tracker/invitation/sign_in.html", context)
    return _accept(request, found, user)


def _add_person(request: Request, found: Invitation) -> HttpResponse:
    if "password" in request.POST:
        request.session.pop(IDENTITY, None)
        return redirect("invitation_accept")
    identity = request.session.get(IDENTITY)
    data = request.POST if request.method == "POST" else None
    form = JoinForm(data, invitation=found, has_identity=identity is not None)
    if request.method == "POST" and form.is_valid():
        name, password = form.cleaned_data["name"], form.cleaned_data.get("password1")
        with form_errors(form):
            person = accept_as_new_person(token=request.session[TOKEN], name=name, password=password, identity=identity)
            devices.note_device(request, person)
            del request.session[TOKEN]
            request.session.pop(IDENTITY, None)
            # Translators: state: name of a State.
            message = _("You have joined the team: %(state)s.")
            messages.success(request, message % {"state": found.respondent})
            return redirect("account_login")
    context = {"form": form, "invitation": found, "identity": identity}
    return render(request, "tracker/invitation/join.html", context)


def _accept(request: Request, found: Invitation, user: User) -> HttpResponse:
    refused = None
    if request.method == "POST":
        try:
            accept_invitation(token=request.session[TOKEN], by=user)
        except ValidationError as error:
            refused = " ".join(error.messages)
        else:
            del request.session[TOKEN]
            if not request.session.exists(request.session.session_key or ""):  # the account began afresh
                logout(request)
            # Translators: state: name of a State.
            messages.success(request, _("You have joined the team: %(state)s.") % {"state": found.respondent})
            return redirect("respondent_desk", found.respondent.code)
    return render(request, "tracker/invitation/accept.html", {"invitation": found, "refused": refused})

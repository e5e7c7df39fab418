"""The people of a State, for its focal points."""

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tracker.actions.institution import set_institution
from tracker.actions.second_factor import ask_second_factor
from tracker.actions.user import change_last_day, end_membership
from tracker.disclosure import can_read_appointing_document, why_file_is_closed
from tracker.forms.membership import MembershipForm
from tracker.models import AccessChange, Membership
from tracker.models.user import INVITED_AS, Role
from tracker.permissions import (
    can_manage_team,
    can_second_access_change,
    guards_of,
)
from tracker.queries.desk.assignments import institutions_offered
from tracker.queries.desk.team import (
    access_change_rows,
    invitation_rows,
    members,
    memberships_to_end,
)
from tracker.queries.second_factor import second_factors
from tracker.views import carry_out, form_data, form_errors
from tracker.web.desks import get_whole_desk_or_404
from tracker.web.files import file_download, no_file, open_stored
from tracker.web.fresh_sign_in import TO_OPEN, TO_POST, button_view, form_view
from tracker.web.request import SignedInRequest


@require_safe
def people(request: SignedInRequest, code: str) -> HttpResponse:
    desk = get_whole_desk_or_404(request.user, code, can_manage_team)
    team, today = members(desk), timezone.localdate()
    changes = access_change_rows(desk, request.user)
    guards = guards_of([change for change in changes if change.is_open and not change.seconded_by])
    context = {
        "changes": changes,
        "to_second": [row.pk for row, of in guards.items() if can_second_access_change(request.user, row, of)],
        "members": [(row, second_factors(row.user)) for row in team],
        "focal_points": {row.user_id for row in team if row.role == Role.FOCAL_POINT and row.since <= today},
        "ending": memberships_to_end(team),
        "invitations": invitation_rows(desk, request.user),
    }
    return render(request, "tracker/membership/people.html", context)


@button_view(fresh_sign_in=TO_POST)
def people_second_factor(request: SignedInRequest, code: str) -> HttpResponse:
    """Require a second factor of contributors and viewers, or no longer."""
    desk = get_whole_desk_or_404(request.user, code, can_manage_team)
    if (asked := request.POST.get("asked")) in ("yes", "no"):
        ask_second_factor(respondent=desk, is_asked=asked == "yes", by=request.user)
        messages.success(request, _("Your changes were saved."))
    return redirect("people", code)


@form_view(fresh_sign_in=TO_OPEN)
def membership(request: SignedInRequest, code: str, pk: int) -> HttpResponse:
    """Change institution and last day of a member; `step` ends the role now."""
    desk = get_whole_desk_or_404(request.user, code, can_manage_team)
    found = next((membership for membership in members(desk) if membership.pk == pk), None)
    if found is None:
        raise Http404
    if request.POST.get("step") == "end":
        # Translators: %(person)s: name of a user.
        carry_out(request, end_membership, _("Role ended: %(person)s.") % {"person": found.user}, membership=found)
        return redirect("people", code)
    may_end = found.role in INVITED_AS
    offered = institutions_offered(desk, request.user)
    form = MembershipForm(form_data(request), membership=found, institutions=offered, may_end=may_end)
    if request.method == "POST" and form.is_valid():
        with form_errors(form):
            if "until" in form.cleaned_data:
                change_last_day(membership=found, until=form.cleaned_data["until"], by=request.user)
            set_institution(membership=found, institution=form.cleaned_data["institution"], by=request.user)
            messages.success(request, _("Your changes were saved."))
            return redirect("people", code)
    context = {
        "form": form,
        "membership": found,
        "may_end": may_end,
    }
    return render(request, "tracker/membership/membership.html", context)


@require_safe
def appointing_document(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Serve the file; 404 to users who may not read it."""
    return _document(request, get_object_or_404(Membership.objects.select_related("respondent"), pk=pk))


@require_safe
def access_document(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Serve the document of a request; 404 to users who may not read it."""
    return _document(request, get_object_or_404(AccessChange.objects.select_related("respondent"), pk=pk))


def _document(request: SignedInRequest, appointed: Membership | AccessChange) -> HttpResponseBase:
    """Serve the file; administrators upload it, so it is closed to focal points until it is scanned."""
    if not appointed.document or not can_read_appointing_document(request.user, appointed):
        raise Http404
    is_own = request.user.has_role(Role.ADMINISTRATOR)
    if reason := why_file_is_closed(appointed.document_sha256, is_own=is_own):
        return no_file(request, {}, reason)
    stored = open_stored(appointed)
    if stored is None:
        return no_file(request, {})
    return file_download(stored, appointed.document_name, appointed.document_type)

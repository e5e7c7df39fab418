from copy import copy
from typing import NamedTuple

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from tracker.actions.institution import (
    add_institution,
    change_institution,
    close_institution,
    open_desk,
    open_institution,
    set_institution,
)
from tracker.forms.institution import InstitutionForm
from tracker.models import Institution, Membership, Respondent, User
from tracker.models.institution import InstitutionKind
from tracker.models.user import Role
from tracker.permissions import can_assign
from tracker.queries.desk.assignments import institutions_of, named_in_answers, team_contributors
from tracker.web import unsaved_input
from tracker.web.desks import get_whole_desk_or_404
from tracker.web.request import SignedInRequest

OPENED = {
    "all": _("All contributors read and write everything now."),
    "assigned": _("Contributors read and write what is assigned to them now."),
}
STEPS = {"close": close_institution, "reopen": open_institution}


class InstitutionRow(NamedTuple):
    institution: Institution
    people: list[Membership]


@require_http_methods(["GET", "HEAD", "POST"])
def institution_list(request: SignedInRequest, code: str) -> HttpResponse:
    """POST adds an institution as typed, or by a name that is in an answer."""
    desk = get_whole_desk_or_404(request.user, code)
    if request.method == "POST":
        return _add(request, desk)
    typed = unsaved_input.take(request)
    return _show(request, desk, InstitutionForm(typed), is_unsaved=typed is not None)


@require_http_methods(["GET", "HEAD", "POST"])
def institution(request: SignedInRequest, code: str, pk: int) -> HttpResponse:
    """Change the name or the kind; `step` closes or reopens it."""
    desk = get_whole_desk_or_404(request.user, code)
    if not can_assign(request.user, desk):
        raise PermissionDenied
    found = get_object_or_404(institutions_of(desk, request.user).select_related("respondent"), pk=pk)
    if request.POST.get("step") in STEPS:
        return _step(request, found)
    data = request.POST if request.method == "POST" else unsaved_input.take(request)
    form = InstitutionForm(data, instance=copy(found))
    if request.method == "POST" and _change(form, found, request.user):
        messages.success(request, _("%(name)s is saved.") % {"name": found})
        return redirect("institution_list", code)
    context = {
        "desk": desk,
        "tab": "assignments",
        "form": form,
        "institution": found,
        "is_unsaved": request.method != "POST" and form.is_bound,
    }
    return render(request, "tracker/institution/institution.html", context)


@require_POST
def institution_person(request: SignedInRequest, code: str, pk: int) -> HttpResponse:
    desk = get_whole_desk_or_404(request.user, code)
    if not can_assign(request.user, desk):
        raise PermissionDenied
    memberships = Membership.objects.current().filter(respondent=desk, role=Role.CONTRIBUTOR).select_related("user")
    membership = get_object_or_404(memberships, pk=pk)
    chosen = request.POST.get("institution", "")
    found = None
    if chosen:
        offered = {str(institution.pk): institution for institution in institutions_of(desk, request.user)}
        found = offered.get(chosen)
    if chosen and found is None:
        messages.warning(request, _("Choose an institution of your list."))
        return redirect("institution_list", code)
    try:
        set_institution(membership=membership, institution=found, by=request.user)
    except ValidationError as error:
        messages.warning(request, " ".join(error.messages))
    else:
        message = _("%(person)s: %(institution)s.")
        of = found or _("of no institution")
        messages.success(request, message % {"person": membership.user, "institution": of})
    return redirect("institution_list", code)


@require_POST
def institution_opening(request: SignedInRequest, code: str) -> HttpResponse:
    desk = get_whole_desk_or_404(request.user, code)
    if not can_assign(request.user, desk):
        raise PermissionDenied
    message = OPENED.get(request.POST.get("opens", ""))
    if message:
        open_desk(respondent=desk, opens_all=request.POST["opens"] == "all", by=request.user)
        messages.success(request, message)
    return redirect("institution_list", code)


def _add(request: SignedInRequest, desk: Respondent) -> HttpResponse:
    if not can_assign(request.user, desk):
        raise PermissionDenied
    form = InstitutionForm(request.POST)
    if form.is_valid():
        try:
            added = add_institution(respondent=desk, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error("name", error.messages)
        else:
            messages.success(request, _("%(name)s is on the list.") % {"name": added})
            return redirect("institution_list", desk.code)
    return _show(request, desk, form)


def _change(form: InstitutionForm, found: Institution, user: User) -> bool:
    if not form.is_valid():
        return False
    try:
        change_institution(institution=found, by=user, **form.cleaned_data)
    except ValidationError as error:
        form.add_error("name", error.messages)
        return False
    return True


def _step(request: SignedInRequest, found: Institution) -> HttpResponse:
    try:
        STEPS[request.POST["step"]](institution=found, by=request.user)
    except ValidationError as error:
        messages.warning(request, " ".join(error.messages))
    else:
        closed = _("%(name)s is closed.") if found.closed_at else _("%(name)s is open again.")
        messages.success(request, closed % {"name": found})
    return redirect("institution_list", found.respondent.code)


def _show(request: SignedInRequest, desk: Respondent, form: InstitutionForm, is_unsaved: bool = False) -> HttpResponse:
    listed = list(institutions_of(desk, request.user))
    people = team_contributors(desk)
    context = {
        "desk": desk,
        "tab": "assignments",
        "form": form,
        "is_unsaved": is_unsaved,
        "institutions": [
            InstitutionRow(institution, [m for m in people if m.institution_id == institution.pk])
            for institution in listed
        ],
        "offered": [institution for institution in listed if institution.is_offered],
        "people": people,
        "named": named_in_answers(desk, request.user),
        "default_kind": InstitutionKind.OTHER,
        "may_assign": can_assign(request.user, desk),
    }
    return render(request, "tracker/institution/list.html", context)

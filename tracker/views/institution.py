from copy import copy

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _

from tracker.actions.institution import (
    add_institution,
    change_institution,
    close_institution,
    open_desk,
    open_institution,
    set_institution,
)
from tracker.forms.institution import InstitutionForm
from tracker.models import Membership
from tracker.models.institution import InstitutionKind
from tracker.models.user import Role
from tracker.permissions import can_assign, check_permission
from tracker.queries.desk.assignments import contributors_on_desk, institutions_of, named_in_answers
from tracker.views import carry_out, form_data, form_errors, show_errors
from tracker.web.desks import get_whole_desk_or_404
from tracker.web.fresh_sign_in import NEVER, TO_POST, button_view, form_view
from tracker.web.request import SignedInRequest

ACCESS_MESSAGES = {
    "all": _("Every contributor can see and edit all answers and evidence."),
    "assigned": _("Contributors can see and edit only what is assigned to them or to their institution."),
}
STEPS = {"close": close_institution, "reopen": open_institution}


@form_view(fresh_sign_in=NEVER)
def institution_list(request: SignedInRequest, code: str) -> HttpResponse:
    desk = get_whole_desk_or_404(request.user, code)
    may_assign = can_assign(request.user, desk)
    check_permission(may_assign or request.method != "POST")
    form = InstitutionForm(form_data(request))
    if request.method == "POST" and form.is_valid():
        with form_errors(form, "name"):
            added = add_institution(respondent=desk, by=request.user, **form.cleaned_data)
            # Translators: name: name of the institution.
            messages.success(request, _("Added to the list: %(name)s") % {"name": added})
            return redirect("institution_list", desk.code)
    listed = list(institutions_of(desk, request.user))
    people = contributors_on_desk(desk)
    context = {
        "form": form,
        "institutions": [
            (institution, [m for m in people if m.institution_id == institution.pk]) for institution in listed
        ],
        "offered": [institution for institution in listed if institution.is_offered],
        "people": people,
        "named": named_in_answers(desk, request.user),
        "default_kind": InstitutionKind.OTHER,
        "may_assign": may_assign,
    }
    return render(request, "tracker/institution/list.html", context)


@form_view(fresh_sign_in=TO_POST)
def institution(request: SignedInRequest, code: str, pk: int) -> HttpResponse:
    """Change the name or the kind; `step` closes or reopens it."""
    desk = get_whole_desk_or_404(request.user, code, can_assign)
    found = get_object_or_404(institutions_of(desk, request.user).select_related("respondent"), pk=pk)
    if request.POST.get("step") in STEPS:
        with show_errors(request):
            STEPS[request.POST["step"]](institution=found, by=request.user)
            # Translators: name: name of the institution.
            closed = _("Closed: %(name)s")
            # Translators: name: name of the institution.
            message = closed if found.closed_at else _("Reopened: %(name)s")
            messages.success(request, message % {"name": found})
        return redirect("institution_list", code)
    data = form_data(request)
    form, base = InstitutionForm(data, instance=copy(found)), found.base if data is None else data.get("base", "")
    if request.method == "POST" and form.is_valid():
        with form_errors(form, "name"):
            change_institution(institution=found, base=base, by=request.user, **form.cleaned_data)
            messages.success(request, _("Your changes were saved."))
            return redirect("institution_list", code)
        base = found.base  # the page shows what changed
    context = {"form": form, "institution": found, "base": base}
    return render(request, "tracker/institution/institution.html", context)


@button_view(fresh_sign_in=TO_POST)
def institution_person(request: SignedInRequest, code: str, pk: int) -> HttpResponse:
    desk = get_whole_desk_or_404(request.user, code, can_assign)
    memberships = Membership.objects.current().filter(respondent=desk, role=Role.CONTRIBUTOR).select_related("user")
    membership = get_object_or_404(memberships, pk=pk)
    chosen = request.POST.get("institution", "")
    listed = institutions_of(desk, request.user) if chosen else ()
    found = next((row for row in listed if str(row.pk) == chosen), None)
    if chosen and found is None:
        messages.warning(request, _("Choose an institution from your list."))
        return redirect("institution_list", code)
    # Translators: person: name of a user.
    done = _("Changes saved: %(person)s.") % {"person": membership.user}
    carry_out(request, set_institution, done, membership=membership, institution=found)
    return redirect("institution_list", code)


@button_view(fresh_sign_in=TO_POST)
def institution_open(request: SignedInRequest, code: str) -> HttpResponse:
    desk = get_whole_desk_or_404(request.user, code, can_assign)
    message = ACCESS_MESSAGES.get(request.POST.get("opens", ""))
    if message:
        open_desk(respondent=desk, opens_all=request.POST["opens"] == "all", by=request.user)
        messages.success(request, message)
    return redirect("institution_list", code)

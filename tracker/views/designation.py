"""Designations: an administrator uploads a table with notes verbales, and another confirms the requests."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations.intake.table import CellProblem
from tracker.actions.access_change import confirm_together
from tracker.actions.designation import (
    NO_LONGER_HELD,
    DesignationsRefused,
    describe_designations,
    hold_designations,
    request_designations,
)
from tracker.actions.held_upload import discard_held_upload
from tracker.forms.designation import COLUMNS, EXAMPLE, ROWS, DesignationsForm
from tracker.forms.record import read_number
from tracker.models import HeldUpload
from tracker.permissions import can_manage_people, check_permission
from tracker.queries.designations import open_requests
from tracker.views import carry_out
from tracker.web.fresh_sign_in import TO_OPEN, TO_POST, button_view, form_view
from tracker.web.request import SignedInRequest


@form_view(fresh_sign_in=TO_OPEN)
def designations(request: SignedInRequest) -> HttpResponse:
    """List the open requests for roles of States; POST reads an archive."""
    check_permission(can_manage_people(request.user))
    problems: list[CellProblem] = []
    form = DesignationsForm(request.POST, request.FILES) if request.method == "POST" else DesignationsForm()
    if form.is_bound and form.is_valid():
        problems = form.problems
        if not problems:
            try:
                held = hold_designations(upload=form.cleaned_data["file"], rows=form.rows, by=request.user)
                return redirect("designations_preview", held.pk)
            except DesignationsRefused as refused:
                problems = refused.problems
            except ValidationError as error:
                form.add_error("file", error.messages)
    context = {
        "form": form,
        "problems": problems,
        "uploads": HeldUpload.objects.designations_of(request.user),
        "requests": open_requests(request.user),
        "columns": zip(COLUMNS, EXAMPLE, strict=True),
        "limit": ROWS,
    }
    return render(request, "tracker/designation/designations.html", context)


@form_view(fresh_sign_in=TO_OPEN)
def designations_preview(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show what an upload would request; POST requests it or deletes the upload."""
    check_permission(can_manage_people(request.user))
    held = HeldUpload.objects.designations_of(request.user).filter(pk=pk).first()
    if held is None:
        messages.warning(request, NO_LONGER_HELD)
        return redirect("designations")
    if request.method != "POST":
        context = {"held": held, "rows": describe_designations(held)}
        return render(request, "tracker/designation/preview.html", context)
    if "discard" in request.POST:
        discard_held_upload(held=held, by=request.user)
        messages.success(request, _("The upload was deleted. Nothing was requested."))
    else:
        done = _("The roles are requested. Another administrator must confirm them.")
        carry_out(request, request_designations, done, held=held)
    return redirect("designations")


@button_view(fresh_sign_in=TO_POST)
def designations_confirm(request: SignedInRequest) -> HttpResponse:
    """Confirm together the requests that the page showed."""
    check_permission(can_manage_people(request.user))
    keys = [read_number(key) for key in request.POST.getlist("shown")]
    # Translators: count: number of requests for roles.
    done = ngettext("%(count)d request confirmed.", "%(count)d requests confirmed.", len(keys)) % {"count": len(keys)}
    carry_out(request, confirm_together, done, keys=keys)
    return redirect("designations")

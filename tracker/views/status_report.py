"""Report a wrong treaty status of one's State; the curators answer in views/treaty_act.py."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tracker.actions.status_report import report_status
from tracker.forms.status_report import StatusReportForm
from tracker.permissions import can_report_status
from tracker.queries.addressees import treaty_status
from tracker.web import unsaved_input
from tracker.web.desks import get_whole_desk_or_404
from tracker.web.request import SignedInRequest


@require_http_methods(["GET", "HEAD", "POST"])
def status_report_add(request: SignedInRequest, code: str) -> HttpResponse:
    desk = get_whole_desk_or_404(request.user, code)
    if not can_report_status(request.user, desk):
        raise PermissionDenied
    typed = unsaved_input.take(request) if request.method != "POST" else None
    form = StatusReportForm(request.POST if request.method == "POST" else typed)
    if request.method == "POST" and form.is_valid():
        try:
            report_status(respondent=desk, **form.cleaned_data, by=request.user)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Reported to the curators of the Secretariat. They answer by mail, and here."))
            return redirect("units_asked", desk.code)
    context = {
        "desk": desk,
        "tab": "desk",
        "form": form,
        "treaty_status": treaty_status(desk),
        "is_unsaved": typed is not None,
        "crumbs": [(reverse("units_asked", args=[desk.code]), _("Which recommendations, and why")), ("", _("Report"))],
    }
    return render(request, "tracker/status_report/add.html", context)

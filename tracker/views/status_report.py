"""Report a wrong treaty status of one's State; the curators answer in views/treaty_act.py."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from tracker.actions.status_report import report_status
from tracker.forms.status_report import StatusReportForm
from tracker.permissions import can_report_status
from tracker.queries.addressees import treaty_status
from tracker.views import form_data, save_form
from tracker.web.desks import get_whole_desk_or_404
from tracker.web.fresh_sign_in import NEVER, form_view
from tracker.web.request import SignedInRequest


@form_view(fresh_sign_in=NEVER)
def status_report_add(request: SignedInRequest, code: str) -> HttpResponse:
    desk = get_whole_desk_or_404(request.user, code, can_report_status)
    form = StatusReportForm(form_data(request))
    done = _("Your report was sent to the Secretariat. The response arrives by e-mail and on this page.")
    if save_form(request, form, report_status, done, respondent=desk):
        return redirect("units_asked", desk.code)
    context = {
        "form": form,
        "treaty_status": treaty_status(desk),
        "crumbs": [(reverse("units_asked", args=[desk.code]), _("Which recommendations, and why")), ("", _("Report"))],
    }
    return render(request, "tracker/status_report/add.html", context)

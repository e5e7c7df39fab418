"""The retraction of an import, for curators."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from recommendations.models import PaperImport
from recommendations.undo import find_retraction_problem, retract_import
from tracker.forms.shared import ReasonForm
from tracker.permissions import can_edit_catalogue, check_permission
from tracker.views import form_data, save_form
from tracker.web.fresh_sign_in import TO_OPEN, form_view
from tracker.web.request import SignedInRequest


@form_view(fresh_sign_in=TO_OPEN)
def paper_import_retract(request: SignedInRequest, pk: int) -> HttpResponse:
    check_permission(can_edit_catalogue(request.user))
    paper_import = get_object_or_404(PaperImport.objects.select_related("body").defer("document"), pk=pk)
    if not paper_import.is_published or paper_import.is_retracted:
        return redirect("paper_import", pk)
    form = ReasonForm(form_data(request))
    done = _("The import was retracted. Its texts are no longer public.")
    if save_form(request, form, retract_import, done, paper_import=paper_import):
        return redirect("paper_import", pk)
    context = {"paper_import": paper_import, "form": form, "problem": find_retraction_problem(paper_import)}
    return render(request, "tracker/paper_import/retract.html", context)

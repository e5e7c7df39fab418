"""Opening a paper to answers: one person who manages rounds proposes it, another confirms it."""

from django.core.exceptions import BadRequest
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from recommendations.models import Addressee, Paper
from tracker.actions.paper_opening import confirm_opening, propose_opening, withdraw_opening
from tracker.forms.paper_opening import MandateForm
from tracker.permissions import can_confirm_opening, can_manage_rounds, check_permission
from tracker.queries.addressees import units_of_paper
from tracker.views import carry_out, form_data, save_form
from tracker.web.fresh_sign_in import TO_POST, form_view
from tracker.web.request import SignedInRequest


@form_view(fresh_sign_in=TO_POST)
def paper_opening(request: SignedInRequest, pk: int) -> HttpResponse:
    check_permission(can_manage_rounds(request.user))
    papers = Paper.objects.with_texts().select_related("body", "opening_proposed_by", "opened_by")
    paper = get_object_or_404(papers, pk=pk)
    step = request.POST.get("step")
    form = MandateForm(form_data(request) if step is None else None)
    if step == "confirm":
        done = _("The paper is open to answers. The States were notified.")
        carry_out(request, confirm_opening, done, paper=paper, base=request.POST.get("base", ""))
    elif step == "withdraw":
        carry_out(request, withdraw_opening, _("The proposal was withdrawn."), paper=paper)
    elif step is not None:
        raise BadRequest
    done = _("The opening is proposed. Another person who manages rounds confirms the opening on this page.")
    if step or save_form(request, form, propose_opening, done, paper=paper):
        return redirect("paper_opening", pk)
    units = units_of_paper(paper).select_related("current_wording")
    context = {
        "paper": paper,
        "form": form,
        "units": units,
        "addressees": Addressee.objects.filter(recommendations__in=units).annotate(units=Count("recommendations")),
        "may_confirm": can_confirm_opening(request.user, paper),
    }
    return render(request, "tracker/round/paper_opening.html", context)

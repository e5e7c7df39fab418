"""The publication of a paper: a curator offers the draft; another person compares it with the document and decides."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from recommendations.error_messages import PAGE_CHANGED
from recommendations.models import PaperImport
from recommendations.outline.pdf_source import render_page
from recommendations.paper_import.plan import PublicationPlan
from recommendations.places import place_for_file
from tracker.actions.paper_publication import offer_publication, publish_paper, return_draft
from tracker.forms.shared import ReasonForm
from tracker.permissions import can_edit_catalogue, can_publish_paper, can_read_papers, check_permission, publishers_of
from tracker.views import carry_out, form_data, save_form
from tracker.web.fresh_sign_in import TO_POST, form_view
from tracker.web.request import SignedInRequest


@form_view(fresh_sign_in=TO_POST)
def paper_import_publish(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show what would be published and what a person decided; offer the draft, publish it or return it."""
    check_permission(can_read_papers(request.user))
    drafts = PaperImport.objects.select_related("body", "offered_by", "returned_by").defer("document")
    draft = get_object_or_404(drafts.prefetch_related("editors", "meetings"), pk=pk)
    form = ReasonForm(form_data(request))
    if request.method == "POST" and _decide(request, draft, form):
        return redirect("paper_import_publish", pk)
    may_edit = can_edit_catalogue(request.user)
    if draft.is_published:
        return redirect("paper_import", pk) if may_edit else redirect("desks")
    plan = PublicationPlan(draft)
    context = {
        "plan": plan,
        "paper_import": draft,
        "form": form,
        "may_edit": may_edit,
        "may_publish": plan.is_offered and can_publish_paper(request.user, draft),
        "publishers": publishers_of(draft) if plan.is_offered else [],
        "printed": plan.choose_page(request.GET.get("printed"), plan.nodes),
    }
    return render(request, "tracker/paper_import/publish.html", context)


@require_safe
def paper_import_page(request: SignedInRequest, pk: int, number: int) -> HttpResponse:
    """Draw a page of the document of a draft."""
    check_permission(can_read_papers(request.user))
    draft = get_object_or_404(PaperImport.objects.only("document"), pk=pk, document__isnull=False)
    try:
        with place_for_file():
            return HttpResponse(render_page(bytes(draft.document or b""), number), content_type="image/png")
    except ValidationError as error:
        raise Http404 from error


def _decide(request: SignedInRequest, draft: PaperImport, form: ReasonForm) -> bool:
    """Do what a button of the page says; return whether the page is read again, with a message."""
    values = {"paper_import": draft, "stamp": request.POST.get("stamp", "")}
    if "return" in request.POST:
        return save_form(request, form, return_draft, _("The draft was returned to the curators."), **values)
    if "offer" in request.POST:
        done = _("The publication is requested. Secretariat officers and curators are notified.")
        carry_out(request, offer_publication, done, **values)
    elif "publish" in request.POST:
        carry_out(request, publish_paper, _("The paper was published."), **values)
    else:
        messages.warning(request, PAGE_CHANGED)
    return True

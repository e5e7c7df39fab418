"""The handover of a desk: what a new focal point needs to know, and the drafts to take over."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tracker.actions.draft import take_over_draft
from tracker.documents.handover import handover_pdf
from tracker.permissions import can_read_handover
from tracker.queries.desk.handover import desk_to_take_over, handover
from tracker.views import download, show_errors
from tracker.web.desks import get_desk_or_404
from tracker.web.fresh_sign_in import TO_DOWNLOAD, TO_POST, button_view, file_view
from tracker.web.request import SignedInRequest


@require_safe
def handover_page(request: SignedInRequest, code: str) -> HttpResponse:
    desk = get_desk_or_404(request.user, code, can_read_handover)
    context = {
        "handover": handover(desk, request.user),
        "is_first_page": desk == desk_to_take_over(request.user),
    }
    return render(request, "tracker/handover/handover.html", context)


@file_view(fresh_sign_in=TO_DOWNLOAD)
def handover_file(request: SignedInRequest, code: str) -> HttpResponse:
    desk = get_desk_or_404(request.user, code, can_read_handover)
    name = f"{desk.code}-handover-{timezone.localdate():%Y-%m-%d}.pdf"
    content = handover(desk, request.user)
    return download(lambda: handover_pdf(content), name)


@button_view(fresh_sign_in=TO_POST)
def draft_take_over(request: SignedInRequest, code: str, pk: int) -> HttpResponse:
    desk = get_desk_or_404(request.user, code, can_read_handover)
    with show_errors(request):
        draft = take_over_draft(respondent=desk, pk=pk, by=request.user)
        messages.success(request, _("The draft is now yours. It becomes part of the answer only when you save it."))
        return redirect(reverse("record", args=[desk.code, draft.unit.slug]) + f"?draft={draft.pk}")  # type: ignore[union-attr]
    return redirect("handover", desk.code)

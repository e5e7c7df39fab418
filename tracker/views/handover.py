"""The handover of a desk: what a new focal point needs to know, and the drafts to take over."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tracker.actions.draft import take_over_draft
from tracker.documents.handover import handover_pdf
from tracker.documents.statements import statements_for
from tracker.models import Respondent, User
from tracker.permissions import can_read_handover
from tracker.queries.desk.handover import handover
from tracker.web.desks import get_desk_or_404
from tracker.web.request import SignedInRequest
from tracker.workflow import NotAllowed


@require_safe
def handover_pack(request: SignedInRequest, code: str) -> HttpResponse:
    desk = _desk_or_refuse(request.user, code)
    context = {
        "desk": desk,
        "tab": "desk",
        "handover": handover(desk, request.user),
        "statements": statements_for(desk),
    }
    return render(request, "tracker/handover/handover.html", context)


@require_safe
def handover_file(request: SignedInRequest, code: str) -> HttpResponse:
    desk = _desk_or_refuse(request.user, code)
    name = f"{desk.code}-handover-{timezone.localdate():%Y-%m-%d}.pdf"
    return HttpResponse(
        handover_pdf(handover(desk, request.user)),
        content_type="application/pdf",
        headers={"Content-Disposition": content_disposition_header(True, name)},
    )


@require_POST
def draft_take_over(request: SignedInRequest, code: str, pk: int) -> HttpResponse:
    desk = _desk_or_refuse(request.user, code)
    try:
        draft = take_over_draft(respondent=desk, pk=pk, by=request.user)
    except NotAllowed:
        message = _(
            "Nothing was taken over: the draft is gone, or it is of somebody who is one of your State's people."
        )
        messages.warning(request, message)
        return redirect("handover", desk.code)
    messages.success(request, _("The draft is yours now. It is no answer until you save it."))
    return redirect(reverse("record", args=[desk.code, draft.unit.slug]) + f"?draft={draft.pk}")


def _desk_or_refuse(user: User, code: str) -> Respondent:
    desk = get_desk_or_404(user, code)
    if not can_read_handover(user, desk):
        raise PermissionDenied
    return desk

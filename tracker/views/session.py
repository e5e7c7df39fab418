from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import ngettext

from recommendations.error_messages import PAGE_CHANGED
from tracker.actions.session import end_session, end_sessions_elsewhere
from tracker.models.session import SessionStore
from tracker.queries.session import session_rows
from tracker.web import devices
from tracker.web.fresh_sign_in import NEVER, TO_POST, form_view
from tracker.web.request import Request, SignedInRequest


@form_view(fresh_sign_in=TO_POST)
def session_list(request: SignedInRequest) -> HttpResponse:
    key = request.session.row_key
    if request.method == "POST":
        ended = _end(request, key)
        if ended:
            # Translators: %(ended)d: a count.
            text = ngettext("%(ended)d session was ended.", "%(ended)d sessions were ended.", ended)
            messages.success(request, text % {"ended": ended})
        else:
            messages.info(request, PAGE_CHANGED)
        return redirect("session_list")
    return render(request, "tracker/session/list.html", {"sessions": session_rows(request.user, key)})


def _end(request: SignedInRequest, key: str) -> int:
    if "others" in request.POST:
        devices.note_device(request, request.user)
        return end_sessions_elsewhere(row_key=key, by=request.user)
    return end_session(number=request.POST.get("number", ""), by=request.user)


@login_not_required
@form_view(fresh_sign_in=NEVER)
def session_end(request: Request) -> JsonResponse:
    """Return the seconds that are left of the session, 0 after its end, and the dialog that warns of the end. A GET is
    no activity. A POST extends the session, at most to twelve hours or until a role of the user ends.
    """
    session = cast(SessionStore, request.session)
    session.is_activity = request.method == "POST"
    if request.method == "POST" and request.user.is_authenticated:
        session.save()
        session.modified = True  # the cookie is sent again
    seconds = session.seconds_left if request.user.is_authenticated else 0
    return JsonResponse({"seconds": seconds, "dialog": render_to_string("tracker/session/end.html", request=request)})

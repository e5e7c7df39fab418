from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render

from tracker.web import unsaved_input
from tracker.web.request import Request

FROM_ANOTHER_SITE = ("Origin checking failed", "Referer checking failed")  # how Django's reasons begin


def refuse_request(request: Request, reason: str = "") -> HttpResponse:
    """Lead a form with a stale CSRF token back to its page with everything typed, if it names its author.

    Input from another site is not kept: its session would replace the visitor's. A fetch by the author, who signed in
    again in another tab, gets the new token in a header and tries again.
    """
    if request.headers.get("HX-Request"):
        response = HttpResponse(status=403 if request.user.is_authenticated else 401)
        if unsaved_input.is_author(request):
            response["X-CSRFToken"] = get_token(request)
        return response
    page = None if reason.startswith(FROM_ANOTHER_SITE) else unsaved_input.keep(request)
    if page is None:
        return render(request, "403_csrf.html", status=403)
    return redirect(page) if request.user.is_authenticated else redirect_to_login(page)

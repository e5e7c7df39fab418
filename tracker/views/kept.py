from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponse
from django.shortcuts import redirect, render

from tracker import kept

FROM_ANOTHER_SITE = ("Origin checking failed", "Referer checking failed")  # how Django's reasons begin


def csrf_failure(request, reason=""):
    """A form came with a stale CSRF token: back to its page with everything typed, if it names its author.

    What another site sends is not kept: the session that it would be kept in would take the place of the visitor's.
    """
    if request.headers.get("HX-Request"):
        return HttpResponse(status=403 if request.user.is_authenticated else 401)
    page = None if reason.startswith(FROM_ANOTHER_SITE) else kept.keep(request)
    if page is None:
        return render(request, "403_csrf.html", status=403)
    return redirect(page) if request.user.is_authenticated else redirect_to_login(page)

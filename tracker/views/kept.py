from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponse
from django.shortcuts import redirect, render

from tracker import kept


def csrf_failure(request, reason=""):
    """A form came with a stale CSRF token: back to its page with everything typed, if it names its author."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=403 if request.user.is_authenticated else 401)
    page = kept.keep(request)
    if page is None:
        return render(request, "403_csrf.html", status=403)
    return redirect(page) if request.user.is_authenticated else redirect_to_login(page)

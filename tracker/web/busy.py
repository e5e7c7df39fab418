"""Answer a request that can be made again later: a page with advice, and Retry-After."""

from collections.abc import Sequence

from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from tracker.web.logs import request_id
from tracker.web.request import Request

TOO_LARGE, TOO_MANY, UNAVAILABLE = 422, 429, 503
UNAVAILABLE_SECONDS = 30
ATTEMPT_SECONDS = 300  # in which allauth forgets most attempts


def busy_page(
    shown_to: Request | None,
    title: str | Promise,
    advice: str | Promise,
    *,
    status: int,
    seconds: int = 0,
    back: str = "",
    posted: Sequence[tuple[str, str]] = (),
) -> HttpResponse:
    """Return the page. Where `shown_to` is no request, its head needs no database and shows no user.

    `seconds`: after which a program may try again; `back`: the address of the page to return to; `posted`: fields that
    a button sends to `back` again.
    """
    context = {"title": title, "advice": advice, "back": back, "posted": posted}
    if status == UNAVAILABLE:
        context["number"] = request_id.get()
    page = render_to_string("busy.html", context, shown_to)
    headers = {"Cache-Control": "private, no-store"} | ({"Retry-After": str(seconds)} if seconds else {})
    return HttpResponse(page, status=status, headers=headers)


def answer_unavailable(back: str = "", posted: Sequence[tuple[str, str]] = ()) -> HttpResponse:
    """Answer without the database, and offer to send again what was posted."""
    advice = (
        _("Your text is not saved yet. Leave this page open, and try again in a minute. Choose files again later.")
        if posted
        else _("Nothing that was saved is lost. Wait a minute, then try again.")
    )
    title = _("The site is not available at present")
    return busy_page(None, title, advice, status=UNAVAILABLE, seconds=UNAVAILABLE_SECONDS, back=back, posted=posted)


def refuse_attempt(request: Request) -> HttpResponse:
    """Answer too many attempts to sign in or to use a link: `handler429`, which allauth calls."""
    return busy_page(
        request,
        _("Too many attempts"),
        _("To protect accounts, the site counts attempts from one network. Wait a few minutes and try again."),
        status=TOO_MANY,
        seconds=ATTEMPT_SECONDS,
    )

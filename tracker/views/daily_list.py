"""The daily list: its days, its files, and the check of a line that a State kept."""

import json
from datetime import date

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.db.models import Min
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from tracker.forms.daily_list import LineForm
from tracker.models import DailyList
from tracker.models.digest import as_text
from tracker.views import download
from tracker.web.fresh_sign_in import NEVER, form_view
from tracker.web.request import Request

PAGE = 100


@login_not_required
@form_view(fresh_sign_in=NEVER)
def daily_list(request: Request) -> HttpResponse:
    """Show the lists, the newest first; on POST compare a line with the list of its day and with its chain."""
    form = LineForm(request.POST if request.method == "POST" else None)
    lists = DailyList.objects.defer("lines")
    keys = lists.order_by("key_number").values("key_number", "public_key", "log").annotate(since=Min("day"))
    context = {
        "page": Paginator(lists, PAGE).get_page(request.GET.get("page")),
        "keys": keys,
        "form": form,
        "checked": form.cleaned_data["line"] if form.is_valid() else None,
    }
    return render(request, "tracker/daily_list/daily_list.html", context)


@login_not_required
@require_safe
def daily_list_log(request: Request) -> HttpResponse:
    """Serve all lists from the first on, each with the digest of its lines."""
    lists = DailyList.objects.defer("lines").order_by("number")
    return _json_file([row.statement | row.signatures for row in lists], "log.json")


@login_not_required
@require_safe
def daily_list_day(request: Request, day: str) -> HttpResponse:
    """Serve the list of one day with its lines."""
    try:
        found = get_object_or_404(DailyList, day=date.fromisoformat(day))
    except ValueError:
        raise Http404 from None
    return _json_file(found.statement | {"lines": found.lines} | found.signatures, f"{found.day}.json")


def _json_file(content: list | dict, name: str) -> HttpResponse:
    return download(lambda: json.dumps(content, indent=1, default=as_text) + "\n", name)

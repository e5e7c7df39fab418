from collections.abc import Sequence
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from recommendations.filters import find_texts
from recommendations.queries import published_nodes
from tracker.forms.search import SearchForm
from tracker.queries.help import find_help
from tracker.web.request import Request

PAGE = 25
TEXTS, HELP = "texts", "help"


@login_not_required
@require_safe
def search(request: Request) -> HttpResponse:
    """Search what is public: the adopted texts with their titles, and help."""
    form = SearchForm(request.GET)
    typed = form.cleaned_data["q"] if form.is_valid() else ""
    hits: dict[str, Sequence[Any]] = {
        TEXTS: find_texts(published_nodes(), typed) if typed else [],
        HELP: find_help(typed),
    }
    asked = request.GET.get("in")
    shown = asked if asked in hits else TEXTS if hits[TEXTS] or not hits[HELP] else HELP
    context = {
        "form": form,
        "typed": typed,
        "shown": shown,
        "counts": {kind: len(found) for kind, found in hits.items()},
        "page": Paginator(hits[shown], PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "tracker/search/search.html", context)

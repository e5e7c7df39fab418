"""The public figures: of no State by name, and none of fewer than five."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from recommendations.models import Body
from tracker.documents.public_figures import figures_csv, figures_json
from tracker.documents.statements import USUAL
from tracker.figures.progress import rounds
from tracker.figures.public_figures import public_figures
from tracker.formats.files import language_of_file
from tracker.views import FileWriters, download
from tracker.web.bodies import BodyChoice, choose_body
from tracker.web.request import Request

WRITERS: FileWriters = {"csv": figures_csv, "json": figures_json}
in_no_shared_cache = cache_control(private=True, no_cache=True)


@login_not_required
@require_safe
@in_no_shared_cache
def figures(request: Request) -> HttpResponse:
    choice = _choose_body(request)
    context = {"tab": "figures", "body_choice": choice, "figures": public_figures(choice.body), "statements": USUAL}
    return render(request, "tracker/figures/figures.html", context)


@login_not_required
@require_safe
@in_no_shared_cache
def figures_file(request: Request, kind: str) -> HttpResponse:
    with language_of_file(kind):
        return download(WRITERS[kind](public_figures(_choose_body(request).body)), f"figures.{kind}")


def _choose_body(request: Request) -> BodyChoice:
    return choose_body(request, Body.objects.filter(pk__in=rounds().values("body")))

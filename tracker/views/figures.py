"""The figures that everybody reads: of no State by name, and none of fewer than five."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from tracker.reports import public_figures
from tracker.reports.statements import USUAL

in_no_shared_cache = cache_control(private=True, no_cache=True)


@login_not_required
@require_safe
@in_no_shared_cache
def figures(request):
    context = {"tab": "figures", "figures": public_figures.public_figures(), "statements": USUAL}
    return render(request, "tracker/figures/figures.html", context)


@login_not_required
@require_safe
@in_no_shared_cache
def figures_csv(request):
    return HttpResponse(
        public_figures.figures_csv(public_figures.public_figures()),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="figures.csv"'},
    )


@login_not_required
@require_safe
@in_no_shared_cache
def figures_json(request):
    return HttpResponse(
        public_figures.figures_json(public_figures.public_figures()),
        content_type="application/json",
        headers={"Content-Disposition": 'attachment; filename="figures.json"'},
    )

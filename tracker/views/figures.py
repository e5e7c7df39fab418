"""The public figures: those of a release, which are rounded."""

from django.contrib.auth.decorators import login_not_required
from django.db.models import QuerySet
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from recommendations.models import Body
from tracker.documents.report.files import FILE_KINDS
from tracker.documents.statements import ROUNDED, USUAL
from tracker.figures.public_figures import PublicFigures, newest_release, releases
from tracker.models import Release, ReleaseFile
from tracker.views import in_no_shared_cache
from tracker.web.bodies import BodyChoice, choose_body
from tracker.web.files import open_stored
from tracker.web.request import Request


@login_not_required
@require_safe
@in_no_shared_cache
def figures(request: Request) -> HttpResponse:
    """Show the newest release of a body."""
    choice = _choose_body(request)
    return _show(request, newest_release(choice.body), choice)


@login_not_required
@require_safe
@in_no_shared_cache
def release(request: Request, round_code: str) -> HttpResponse:
    return _show(request, get_object_or_404(Release, round__code=round_code))


@login_not_required
@require_safe
@in_no_shared_cache
def newest_figures_file(request: Request, kind: str) -> HttpResponseBase:
    return _download(request, release=newest_release(_choose_body(request).body), kind=kind)


@login_not_required
@require_safe
@in_no_shared_cache
def release_file(request: Request, round_code: str, kind: str) -> HttpResponseBase:
    return _download(request, release__round__code=round_code, kind=kind)


def _show(
    request: Request, found: Release | None, choice: BodyChoice | None = None, is_missing: bool = False
) -> HttpResponse:
    of_body = releases().filter(round__body=found.round.body).prefetch_related("files") if found else ()
    context = {
        "body_choice": choice,
        "figures": PublicFigures(found) if found else None,
        "releases": list(of_body),
        "is_missing": is_missing,
        "rounded": ROUNDED[0],
        "statements": USUAL,
    }
    return render(request, "tracker/figures/figures.html", context, status=404 if is_missing else 200)


def _download(request: Request, **where: object) -> HttpResponseBase:
    file = get_object_or_404(ReleaseFile.objects.select_related("release__round"), **where)
    stored = open_stored(file)
    if stored is None:
        return _show(request, file.release, is_missing=True)
    content_type = FILE_KINDS[file.kind].content_type
    return FileResponse(stored, as_attachment=True, filename=file.name, content_type=content_type)


def _choose_body(request: Request) -> BodyChoice:
    of_releases: QuerySet = releases().order_by().values("round__body")
    return choose_body(request, Body.objects.filter(pk__in=of_releases))

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from recommendations.places import place_for_file
from tracker.actions.export import discard_export, request_export
from tracker.documents.answers import can_use_export, file_name, title
from tracker.documents.report.files import FILE_KINDS
from tracker.models import Export, User
from tracker.models.export import LIFETIME, ExportStage
from tracker.permissions import check_permission
from tracker.web.files import file_download, open_stored
from tracker.web.fresh_sign_in import TO_DOWNLOAD, TO_POST, button_view, file_view
from tracker.web.request import SignedInRequest


@require_safe
def export_list(request: SignedInRequest) -> HttpResponse:
    found = [(export, title(export.rounds)) for export in Export.objects.visible_to(request.user)]
    return render(request, "tracker/export/list.html", {"exports": found, "days": LIFETIME.days})


@require_safe
def export(request: SignedInRequest, pk: int) -> HttpResponse:
    request.session.is_activity = not request.htmx  # the page polls while the file is made
    return _show(request, _get_export(request.user, pk))


@file_view(fresh_sign_in=TO_DOWNLOAD)
def export_file(request: SignedInRequest, pk: int) -> HttpResponseBase:
    found = _get_export(request.user, pk, state=ExportStage.DONE)
    check_permission(can_use_export(found))
    stored = open_stored(found)
    if stored is None:
        return _show(request, found, is_missing=True)
    return file_download(stored, file_name(found.rounds, "xlsx"), FILE_KINDS["xlsx"].content_type)


@button_view(fresh_sign_in=TO_POST)
def export_again(request: SignedInRequest, pk: int) -> HttpResponse:
    found = _get_export(request.user, pk)
    with place_for_file():
        return redirect(request_export(rounds=found.rounds, by=request.user))


@button_view(fresh_sign_in=TO_POST)
def export_discard(request: SignedInRequest, pk: int) -> HttpResponse:
    if discard_export(export=_get_export(request.user, pk), by=request.user):
        messages.success(request, _("The file was deleted."))
    else:
        messages.error(request, _("The file could not be deleted. It will be deleted automatically after one week."))
    return redirect("export_list")


def _show(request: SignedInRequest, found: Export, is_missing: bool = False) -> HttpResponse:
    context = {
        "export": found,
        "title": title(found.rounds),
        "may": can_use_export(found),
        "is_missing": is_missing,
    }
    name = "tracker/export/export.html"
    return render(request, f"{name}#standing" if request.htmx else name, context, status=404 if is_missing else 200)


def _get_export(user: User, pk: int, **where: object) -> Export:
    found = get_object_or_404(Export.objects.visible_to(user), pk=pk, **where)
    found.owner = user
    return found

"""A State's answers by provision, as pages and as files: a draft for other reports that it owes."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tracker.documents.provisions import IS_DRAFT, TITLE, ProvisionReport, draft, draft_csv, draft_docx
from tracker.documents.report.files import FILE_KINDS
from tracker.models import Respondent
from tracker.web.request import SignedInRequest
from tracker.web.shortcuts import body_of_desk, get_whole_desk_or_404


@require_safe
def provision_list(request: SignedInRequest, code: str) -> HttpResponse:
    desk = get_whole_desk_or_404(request, code)
    context = {
        "tab": "report",
        "title": TITLE,
        "is_draft": IS_DRAFT,
        "draft": draft(desk, request.user, body=body_of_desk(request, desk)),
    }
    return render(request, "tracker/provision/list.html", context)


@require_safe
def provision(request: SignedInRequest, code: str, slug: str) -> HttpResponse:
    desk = get_whole_desk_or_404(request, code)
    found = _draft_or_404(request, desk, slug)
    context = {
        "tab": "report",
        "is_draft": IS_DRAFT,
        "report": found.report,
        "found": found.provisions[0],
        "crumbs": [
            (reverse("report", args=[code]), _("Report")),
            (reverse("provision_list", args=[code]) + (request.of_body and f"?{request.of_body}"), TITLE),
            ("", str(found.provisions[0].provision)),
        ],
    }
    return render(request, "tracker/provision/provision.html", context)


@require_safe
def provisions_csv(request: SignedInRequest, code: str) -> HttpResponse:
    desk = get_whole_desk_or_404(request, code)
    return _file(draft_csv(_draft_or_404(request, desk, _chosen(request))).encode(), desk, "csv")


@require_safe
def provisions_docx(request: SignedInRequest, code: str) -> HttpResponse:
    desk = get_whole_desk_or_404(request, code)
    return _file(draft_docx(_draft_or_404(request, desk, _chosen(request))), desk, "docx")


def _chosen(request: SignedInRequest) -> str:
    """The slug of one provision, or of all where none is named."""
    return request.GET.get("provision", "")


def _draft_or_404(request: SignedInRequest, desk: Respondent, slug: str) -> ProvisionReport:
    found = draft(desk, request.user, slug, body_of_desk(request, desk))
    if slug and not found.provisions:
        raise Http404
    return found


def _file(content: bytes, desk: Respondent, kind: str) -> HttpResponse:
    disposition = content_disposition_header(True, f"{desk.code}-by-provision.{kind}")
    headers = {"Content-Disposition": disposition}
    return HttpResponse(content, content_type=FILE_KINDS[kind].content_type, headers=headers)

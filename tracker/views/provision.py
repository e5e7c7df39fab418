"""A State's answers by provision, as pages and as files: a draft for other reports."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from recommendations.models import Body
from tracker.documents.provisions import IS_DRAFT, TITLE, ProvisionReport, draft, draft_csv, draft_docx
from tracker.formats.files import language_of_file
from tracker.models import Respondent, User
from tracker.views import FileWriters, download
from tracker.web.bodies import choose_body_of_desk
from tracker.web.desks import get_whole_desk_or_404
from tracker.web.fresh_sign_in import TO_DOWNLOAD, file_view
from tracker.web.request import SignedInRequest

WRITERS: FileWriters = {"csv": draft_csv, "docx": draft_docx}


@require_safe
def provision_list(request: SignedInRequest, code: str) -> HttpResponse:
    desk = get_whole_desk_or_404(request.user, code)
    body_choice = choose_body_of_desk(request, desk)
    context = {
        "body_choice": body_choice,
        "title": TITLE,
        "is_draft": IS_DRAFT,
        "draft": draft(desk, request.user, body=body_choice.body, with_answers=False),
    }
    return render(request, "tracker/provision/list.html", context)


@require_safe
def provision(request: SignedInRequest, code: str, slug: str) -> HttpResponse:
    desk = get_whole_desk_or_404(request.user, code)
    body_choice = choose_body_of_desk(request, desk)
    found = _draft_or_404(request.user, desk, slug, body_choice.body)
    query = f"?{body_choice.query}" if body_choice.query else ""
    context = {
        "body_choice": body_choice,
        "is_draft": IS_DRAFT,
        "report": found.report,
        "found": found.provisions[0],
        "crumbs": [
            (reverse("report", args=[code]), _("Report")),
            (reverse("provision_list", args=[code]) + query, TITLE),
            ("", str(found.provisions[0].provision)),
        ],
    }
    return render(request, "tracker/provision/provision.html", context)


@file_view(fresh_sign_in=TO_DOWNLOAD)
def provisions_file(request: SignedInRequest, code: str, kind: str) -> HttpResponse:
    """Serve the draft of the provision that the address names, or of all provisions."""
    desk = get_whole_desk_or_404(request.user, code)
    body = choose_body_of_desk(request, desk).body
    with language_of_file(kind):
        found = _draft_or_404(request.user, desk, request.GET.get("provision", ""), body)
        return download(lambda: WRITERS[kind](found), f"{desk.code}-by-provision.{kind}")


def _draft_or_404(user: User, desk: Respondent, slug: str, body: Body | None) -> ProvisionReport:
    found = draft(desk, user, slug, body)
    if slug and not found.provisions:
        raise Http404
    return found

"""The progress report as a paper for the Working Group: its settings, its length and its files."""

from collections.abc import Callable

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from tracker.documents.paper.chapters import paper
from tracker.documents.paper.docx import paper_docx
from tracker.documents.paper.pdf import paper_pdf
from tracker.documents.paper.tree import WORD_LIMIT, Paper
from tracker.documents.statements import USUAL
from tracker.figures.progress import round_progress, rounds
from tracker.forms.paper import PaperForm
from tracker.models import User
from tracker.permissions import can_see_progress
from tracker.web.request import SignedInRequest

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@require_safe
def progress_paper(request: SignedInRequest) -> HttpResponse:
    form = _form(request)
    return _show(request, form, _paper(request.user, form) if form and form.is_valid() else None)


@require_safe
def progress_paper_docx(request: SignedInRequest) -> HttpResponse:
    return _file(request, paper_docx, "docx", DOCX)


@require_safe
def progress_paper_pdf(request: SignedInRequest) -> HttpResponse:
    return _file(request, paper_pdf, "pdf", "application/pdf")


def _file(request: SignedInRequest, write: Callable[[Paper], bytes], extension: str, content_type: str) -> HttpResponse:
    form = _form(request)
    if form is None or not form.is_valid():
        return _show(request, form, None)
    made = _paper(request.user, form)
    name = f"progress-report-{form.cleaned_data['round'].code}-{made.date:%Y-%m-%d}.{extension}"
    headers = {"Content-Disposition": content_disposition_header(True, name)}
    return HttpResponse(write(made), content_type=content_type, headers=headers)


def _form(request: SignedInRequest) -> PaperForm | None:
    """Return None where no round has been opened. Refuse users who may not see progress."""
    if not can_see_progress(request.user):
        raise PermissionDenied
    found = sorted(rounds(), key=lambda round_: not round_.body.is_first)
    return PaperForm(request.GET, found) if found else None


def _paper(user: User, form: PaperForm) -> Paper:
    return paper(round_progress(form.cleaned_data["round"]), form.choice, user)


def _show(request: SignedInRequest, form: PaperForm | None, made: Paper | None) -> HttpResponse:
    words = made.word_count if made else 0
    context = {
        "tab": "progress",
        "form": form,
        "paper": made,
        "words": words,
        "limit": WORD_LIMIT,
        "over": max(0, words - WORD_LIMIT),
        "statements": USUAL,
    }
    status = 400 if form and form.errors else 200
    return render(request, "tracker/progress/paper.html", context, status=status)

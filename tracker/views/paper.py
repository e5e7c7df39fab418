"""The progress report as a paper for the Working Group: its settings, its length and its files."""

from dataclasses import asdict

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from tracker.actions.kept_file import find_shelf
from tracker.documents.docx import write_docx
from tracker.documents.paper.chapters import changes_since, paper
from tracker.documents.paper.tree import WORD_LIMIT, count_words
from tracker.documents.pdf import write_pdf
from tracker.documents.statements import USUAL
from tracker.documents.tree import Document
from tracker.figures.public_figures import PublicProgress, releases
from tracker.forms.paper import PaperForm
from tracker.permissions import can_quote, can_see_progress, check_permission
from tracker.queries.quotations import open_quotations
from tracker.views import FileWriters, download
from tracker.web.request import SignedInRequest

WRITERS: FileWriters = {"docx": write_docx, "pdf": write_pdf}


@require_safe
def progress_paper(request: SignedInRequest) -> HttpResponse:
    form = _form(request)
    return _show(request, form, _paper(form) if form and form.is_valid() else None)


@require_safe
def progress_paper_file(request: SignedInRequest, kind: str) -> HttpResponse:
    form = _form(request)
    if form is None or not form.is_valid():
        return _show(request, form, None)
    shelf = find_shelf()
    made = _paper(form)
    release = form.cleaned_data["release"]
    name = f"progress-report-{release}.{kind}"
    return download(lambda: WRITERS[kind](made), name, shelf.file(kind, "paper", asdict(made)))


@require_safe
def progress_paper_changes(request: SignedInRequest) -> HttpResponse:
    """List the paragraphs that differ from the paper on the release of the round before."""
    form = _form(request)
    if form is None or not form.is_valid():
        return _show(request, form, None)
    release = form.cleaned_data["release"]
    before = PublicProgress(release).before
    context = {
        "release": release,
        "before": before.release if before else None,
        "changes": changes_since(before, release) if before else [],
    }
    return render(request, "tracker/progress/paper_changes.html", context)


def _form(request: SignedInRequest) -> PaperForm | None:
    """Return None where there is no release. Refuse users who may not see progress."""
    check_permission(can_see_progress(request.user))
    found = sorted(releases(), key=lambda release: not release.round.body.is_first)
    return PaperForm(request.GET, found) if found else None


def _paper(form: PaperForm) -> Document:
    return paper(form.cleaned_data["release"], form.choice)


def _show(request: SignedInRequest, form: PaperForm | None, made: Document | None) -> HttpResponse:
    words = count_words(made) if made else 0
    release = form.cleaned_data["release"] if form and made else None
    tray = reverse("quotation_list", query={"release": str(release)}) if release else ""
    context = {
        "form": form,
        "paper": made,
        "release": release,
        "open_quotations": open_quotations(release) if release else [],
        "tray": tray if can_quote(request.user) else "",
        "words": words,
        "limit": WORD_LIMIT,
        "over": max(0, words - WORD_LIMIT),
        "statements": USUAL,
    }
    status = 400 if form and form.errors else 200
    return render(request, "tracker/progress/paper.html", context, status=status)

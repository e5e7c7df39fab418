"""Published submissions, for everybody; and how a State publishes and unpublishes."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db.models import FETCH_PEERS, QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from recommendations.error_messages import PAGE_CHANGED
from recommendations.groups import group_pairs
from tracker.actions.submission import change_use
from tracker.documents.publication import publication_csv, publication_json
from tracker.documents.report.sealed import sealed_themes, submission_report
from tracker.documents.statements import USUAL
from tracker.formats.files import language_of_file
from tracker.forms.submission import PublishForm
from tracker.models import Citation, Submission, SubmissionEvidence
from tracker.queries.submissions.publication import (
    former_publication,
    is_published,
    publication_history,
    published_submissions,
)
from tracker.views import (
    FileWriters,
    carry_out,
    download,
    form_data,
    get_own_submission,
    in_no_shared_cache,
    keep_from_archives,
    show_errors,
)
from tracker.web.files import file_response
from tracker.web.fresh_sign_in import TO_OPEN, TO_POST, form_view
from tracker.web.request import Request, SignedInRequest

WRITERS: FileWriters = {"csv": publication_csv, "json": publication_json}


@login_not_required
@require_safe
@in_no_shared_cache
def published_list(request: Request) -> HttpResponse:
    context = {"submissions": published_submissions(), "statements": USUAL}
    return render(request, "tracker/publication/list.html", context)


@login_not_required
@require_safe
@in_no_shared_cache
def published(request: Request, code: str, round_code: str, number: int) -> HttpResponse:
    """Show the answers of one theme: `?section=`, or that of the unit `?unit=`, or the first."""
    found = _published(code, round_code, number)
    if found is None:
        return _published_before_or_404(request, code, round_code, number)
    context = _shown(found, SubmissionEvidence.objects.published(), request.GET)
    return keep_from_archives(render(request, "tracker/publication/published.html", context))


@login_not_required
@require_safe
@in_no_shared_cache
def published_file(request: Request, code: str, round_code: str, number: int, kind: str) -> HttpResponse:
    found = _published(code, round_code, number)
    if found is None:
        return _published_before_or_404(request, code, round_code, number)
    evidence = SubmissionEvidence.objects.published()
    with language_of_file(kind):
        name = f"{found.reference.replace('/', '-')}-published.{kind}"
        return download(lambda: WRITERS[kind](submission_report(found, evidence)), name)


@login_not_required
@require_safe
def published_evidence_file(
    request: Request, code: str, round_code: str, number: int, slug: str, position: int
) -> HttpResponseBase:
    """Serve a file that was public when it was submitted and is public today."""
    found = _published(code, round_code, number)
    if found is None:
        return _published_before_or_404(request, code, round_code, number)
    pieces = SubmissionEvidence.objects.published().select_related(
        "citation__evidence_version__file__withdrawal", "citation__evidence_version__evidence"
    )
    piece = get_object_or_404(pieces, item__submission=found, item__unit__slug=slug, position=position)
    back = f"{found.get_public_url()}?unit={slug}#{slug}"
    return file_response(request, piece.citation.evidence_version, back=back, to=found.reference, is_public=True)


@form_view(fresh_sign_in=TO_OPEN)
def submission_publish(request: SignedInRequest, code: str, round_code: str, number: int) -> HttpResponse:
    """Show what would become public, as everybody would read it; POST publishes it."""
    found = get_own_submission(request.user, code, round_code, number)
    if found.is_withdrawn:
        messages.warning(request, PAGE_CHANGED)
        return redirect(found)
    if is_published(publication_history(found)):
        return _redirect_published(request, found)
    form = PublishForm(form_data(request))
    if request.method == "POST" and form.is_valid():
        with show_errors(request):
            change_use(submission=found, published=True, by=request.user)
            return _redirect_published(request, found)
        return redirect(found)
    pieces = SubmissionEvidence.objects.visible_to(request.user)
    cited = pieces.filter(item__submission=found)
    context = _shown(found, pieces.public(), request.GET) | {
        "form": form,
        "left_out": cited.exclude(pk__in=cited.public().values("pk")).count(),
    }
    return render(request, "tracker/publication/publish.html", context)


@form_view(fresh_sign_in=TO_POST)
def submission_take_back(request: SignedInRequest, code: str, round_code: str, number: int) -> HttpResponse:
    found = get_own_submission(request.user, code, round_code, number)
    if not is_published(publication_history(found)):
        messages.info(request, PAGE_CHANGED)
        return redirect(found)
    if request.method == "POST":
        # Translators: reference: reference of a submission. Shown after it was unpublished.
        done = _("%(reference)s is no longer published.") % {"reference": found.reference}
        carry_out(request, change_use, done, submission=found, published=False)
        return redirect(found)
    context = {"submission": found}
    return render(request, "tracker/publication/take_back.html", context)


def _redirect_published(request: SignedInRequest, submission: Submission) -> HttpResponse:
    """Say so to the second press of the button too."""
    # Translators: reference: reference of a submission. Shown after it was published.
    messages.success(request, _("%(reference)s is published.") % {"reference": submission.reference})
    return redirect(submission)


def _published(code: str, round_code: str, number: int) -> Submission | None:
    submissions = Submission.objects.published().select_related("respondent", "round__body", "participation")
    return submissions.filter(respondent__code=code, round__code=round_code, number=number).first()


def _published_before_or_404(request: Request, code: str, round_code: str, number: int) -> HttpResponse:
    """Answer 410, without a word of the content, where the submission was published once; else 404."""
    former = former_publication(code, round_code, number)
    if former is None:
        raise Http404
    return render(request, "tracker/publication/gone.html", {"gone": former}, status=410)


def _shown(submission: Submission, evidence: QuerySet[SubmissionEvidence], query: QueryDict) -> dict:
    """Return the context of a page: the themes, and the report of the chosen theme between its neighbours."""
    overall, themes = sealed_themes(submission)
    chosen = (theme.slug == query.get("section") or query.get("unit") in theme.units for theme in themes)
    place = next((place for place, is_chosen in enumerate(chosen) if is_chosen), 0)
    report = submission_report(submission, evidence, themes[place])
    cited = _citations(evidence.filter(item__submission=submission, item__unit__in=themes[place].units.values()))
    return {
        "submission": submission,
        "report": report,
        "answers": [(entry, cited[entry.revision.pk] if entry.revision else []) for entry in report.entries],
        "overall": overall,
        "themes": themes,
        "chosen": themes[place],
        "before": themes[place - 1] if place else None,
        "after": themes[place + 1] if place + 1 < len(themes) else None,
    }


def _citations(evidence: QuerySet[SubmissionEvidence]) -> dict[int, list[Citation]]:
    """Return what the page shows more of than a file: notes in place of removed titles, and the forms of evidence."""
    pieces = evidence.filter(withheld=False).order_by("item", "position").fetch_mode(FETCH_PEERS)
    pieces = pieces.select_related("citation__evidence_version__evidence", "citation__evidence_version__file")
    return group_pairs((piece.citation.revision_id, piece.citation) for piece in pieces)

"""Good practices that States share, and the figures of a round about them."""

from typing import NamedTuple

from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from recommendations.models import Body
from tracker.documents.statements import USUAL
from tracker.figures.practices import (
    PracticeAnswer,
    evidence_of,
    list_practices,
    practices,
    read_practices,
    shared_practices,
)
from tracker.figures.progress import round_progress, rounds
from tracker.forms.filters import PracticeFilter
from tracker.models import SubmissionEvidence, User
from tracker.web.bodies import choose_body
from tracker.web.files import file_response
from tracker.web.request import SignedInRequest
from tracker.web.rounds import choose_round
from tracker.web.units import get_unit_or_404

PAGE = 25


class PracticeRow(NamedTuple):
    """`is_own`: of the reader's own State."""

    practice: PracticeAnswer
    pieces: list[SubmissionEvidence]
    is_own: bool


@require_safe
def practice_list(request: SignedInRequest) -> HttpResponse:
    choice = choose_body(request, Body.objects.filter(pk__in=rounds().values("body")))
    listed = PracticeFilter(request.GET, list_practices(request.user, choice.body))
    page = Paginator(listed.shown, PAGE).get_page(request.GET.get("page"))
    rows = _practice_rows(request.user, read_practices(list(page), request.user))
    context = {
        "body_choice": choice,
        "tab": "practices",
        "listed": listed,
        "form": listed.form,
        "page": page,
        "rows": rows,
    }
    return render(request, "tracker/practice/list.html", context)


@require_safe
def practice_unit(request: SignedInRequest, slug: str) -> HttpResponse:
    """htmx gets the list alone, which the page of an answer shows."""
    unit = get_unit_or_404(slug)
    rows = _practice_rows(request.user, shared_practices(request.user, unit))
    template = "tracker/practice/unit.html"
    context = {"tab": "practices", "unit": unit, "rows": rows}
    return render(request, f"{template}#shared" if request.htmx else template, context)


@require_safe
def practice_evidence_file(
    request: SignedInRequest, slug: str, respondent_code: str, round_code: str, number: int, position: int
) -> HttpResponseBase:
    pieces = SubmissionEvidence.objects.of_shared_practices(request.user).select_related(
        "citation__evidence_version__file__withdrawal", "citation__evidence_version__evidence"
    )
    piece = get_object_or_404(
        pieces,
        item__unit__slug=slug,
        item__submission__respondent__code=respondent_code,
        item__submission__round__code=round_code,
        item__submission__number=number,
        position=position,
    )
    back, to = reverse("practice_unit", args=[slug]), f"{respondent_code}/{round_code}/{number}"
    return file_response(request, piece.citation.evidence_version, back=back, to=to, is_public=True)


@require_safe
def progress_practices(request: SignedInRequest) -> HttpResponse:
    choice = choose_round(request)
    context: dict[str, object] = {
        "tab": "practice_figures",
        "rounds": choice.rounds,
        "body_choice": choice.body_choice,
        "statements": USUAL,
        "found": None,
    }
    if choice.round is not None:
        found = round_progress(choice.round)
        context |= {"found": found, "practices": practices(found)}
    return render(request, "tracker/practice/progress.html", context)


def _practice_rows(user: User, shared: list[PracticeAnswer]) -> list[PracticeRow]:
    evidence = evidence_of(shared, user)
    own = user.respondent_ids
    return [PracticeRow(practice, evidence[practice.item.pk], practice.respondent.pk in own) for practice in shared]

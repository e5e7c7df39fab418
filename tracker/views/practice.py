"""Good practices that States share or publish, and the figures of a round about them."""

from typing import NamedTuple

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from recommendations.models import Body
from tracker.actions.kept_file import find_shelf
from tracker.documents.docx import write_docx
from tracker.documents.pdf import write_pdf
from tracker.documents.practices import compendium, practices_csv, practices_document, practices_json
from tracker.figures.practices import (
    PracticeAnswer,
    PracticeEntry,
    evidence_of,
    group_by_family,
    group_by_theme,
    list_practices,
    practices,
    read_practices,
    shared_practices,
)
from tracker.figures.progress import rounds
from tracker.formats.files import language_of_file
from tracker.forms.filters import PracticeFilter
from tracker.models import CourtesyTranslation, SubmissionEvidence, User
from tracker.queries.submissions.items import translations_of
from tracker.views import FileWriters, download, in_no_shared_cache, keep_from_archives
from tracker.web.bodies import choose_body
from tracker.web.files import file_response
from tracker.web.request import Request, SignedInRequest
from tracker.web.rounds import choose_round, show_round
from tracker.web.units import get_unit_or_404

PAGE = 25
BY_FAMILY = "group"
PRACTICE_WRITERS: FileWriters = {
    "docx": lambda made: write_docx(practices_document(made)),
    "pdf": lambda made: write_pdf(practices_document(made)),
    "csv": practices_csv,
    "json": practices_json,
}


class PracticeRow(NamedTuple):
    """`pieces`: the public evidence; `translation`: for users with a role; `is_own`: of the reader's own State;
    `group`: title of the theme, or of the group of similar recommendations, under which the row is; `place`: of the row
    on the page.
    """

    practice: PracticeAnswer
    pieces: list[SubmissionEvidence]
    translation: CourtesyTranslation | None
    is_own: bool
    group: str = ""
    place: int = 0


@login_not_required
@require_safe
def practice_list(request: Request) -> HttpResponse:
    """List what States share for users with a role, and for everyone what States publish."""
    reader = _reader(request)
    choice = choose_body(request, Body.objects.filter(pk__in=rounds().values("body")))
    listed = PracticeFilter(request.GET, list_practices(reader, choice.body))
    is_by_family = listed.clean_value("by") == BY_FAMILY
    groups = group_by_family(listed.shown) if is_by_family else group_by_theme(listed.shown)
    pairs = [(str(group.title), practice) for group in groups for practice in group.practices]
    page = Paginator(pairs, PAGE).get_page(request.GET.get("page"))
    context = {
        "body_choice": choice,
        "listed": listed,
        "form": listed.form,
        "page": page,
        "rows": _listed_rows(reader, list(page)),
        "is_for_everyone": reader is None,
        "is_by_family": is_by_family,
        "by_theme": listed.address(by=""),
        "by_family": listed.address(by=BY_FAMILY),
    }
    return keep_from_archives(render(request, "tracker/practice/list.html", context))


@login_not_required
@require_safe
@in_no_shared_cache
def practice_file(request: Request, kind: str) -> HttpResponse:
    """Write what States publish, the same for every reader."""
    choice = choose_body(request, Body.objects.filter(pk__in=rounds().values("body")))
    with language_of_file(kind):
        shelf = find_shelf()
        listed = list_practices(None, choice.body)
        made = compendium(listed, choice.body or Body.objects.get(is_first=True))
        name = f"good-practices{f'-{choice.body.slug}' if choice.body and choice.body.slug else ''}.{kind}"
        kept_file = shelf.file(kind, "practices", made.body.slug, made.shown) if kind == "pdf" else None
        return download(lambda: PRACTICE_WRITERS[kind](made), name, kept_file)


@login_not_required
@require_safe
def practice_unit(request: Request, slug: str) -> HttpResponse:
    """htmx gets the list alone, which the page of an answer shows."""
    unit = get_unit_or_404(slug)
    reader = _reader(request)
    rows = _practice_rows(reader, shared_practices(reader, unit))
    template = "tracker/practice/unit.html"
    context = {"unit": unit, "rows": rows, "is_for_everyone": reader is None}
    return keep_from_archives(render(request, f"{template}#shared" if request.htmx else template, context))


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
    found = choice.progress()
    return show_round(
        request,
        choice,
        "tracker/practice/progress.html",
        found,
        title=_("Good practices"),
        practices=practices(found) if found else None,
    )


def _reader(request: Request) -> User | None:
    """Return the user if they have a role; everyone else reads what is published."""
    return request.user if isinstance(request.user, User) and request.user.current_memberships else None


def _listed_rows(reader: User | None, pairs: list[tuple[str, PracticeEntry]]) -> list[PracticeRow]:
    """Return the rows of practices that can still be read, each under the title of its group."""
    read = read_practices([practice for _title, practice in pairs], reader)
    found = {row.practice.item.pk: row for row in _practice_rows(reader, read)}
    return [
        found[practice.item]._replace(group=title, place=place)
        for place, (title, practice) in enumerate(pairs)
        if practice.item in found
    ]


def _practice_rows(reader: User | None, shared: list[PracticeAnswer]) -> list[PracticeRow]:
    evidence = evidence_of(shared, reader)
    own = reader.respondent_ids if reader else ()
    answers = [practice.item.revision for practice in shared if practice.item.revision and reader]
    translations = translations_of(answers)
    return [
        PracticeRow(
            practice,
            evidence[practice.item.pk],
            translations.get(practice.item.revision_id or 0, {}).get("measures"),
            practice.respondent.pk in own,
        )
        for practice in shared
    ]

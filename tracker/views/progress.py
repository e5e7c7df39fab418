"""The Secretariat's pages of progress, which are in no document."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from recommendations.models import Family, Theme, read_notes
from tracker.documents.progress import csv, file_name, workbook
from tracker.figures.answers import Progress
from tracker.figures.comparison import compare
from tracker.figures.progress import (
    RoundProgress,
    progress_by_round,
    progress_of_others,
    reasons_not_applicable,
    round_progress,
    states_by_theme,
)
from tracker.formats.files import language_of_file
from tracker.models import Respondent, Round, RoundUnit, User
from tracker.views import FileWriters, download
from tracker.web.request import SignedInRequest
from tracker.web.rounds import choose_round, find_round, show_round
from tracker.web.units import get_unit_or_404

WRITERS: FileWriters = {"csv": csv, "xlsx": workbook}
GAPS_SHOWN = 5
GAPS = {
    "no_information": _("Least answered"),
    "implemented": _("Least implemented"),
    "considered": _("Considered, not taken up"),
    "not_applicable": _("Not applicable"),
}
GAP_TABLES = {  # (title, rows of the figures of a round, numerator and denominator of a row)
    "no_information": [
        (GAPS["no_information"], lambda found: found.most_unanswered_of_many, lambda row: row.progress.no_information)
    ],
    "implemented": [(GAPS["implemented"], lambda found: found.most_not_implemented, lambda row: row.implemented)],
    "considered": [
        (
            _("Recommendations that ask for more than consideration"),
            lambda found: found.most_considered_elsewhere,
            lambda row: row.progress.considered,
        ),
        (
            _("Recommendations that ask States to consider a measure"),
            lambda found: found.most_considered_where_asked,
            lambda row: row.progress.considered,
        ),
    ],
    "not_applicable": [
        (GAPS["not_applicable"], lambda found: found.most_not_applicable, lambda row: row.not_applicable)
    ],
}


@require_safe
def progress(request: SignedInRequest) -> HttpResponse:
    choice = choose_round(request)
    found = choice.progress()
    if found is None:
        return show_round(request, choice, "tracker/progress/progress.html", None)
    context = {
        "others": _others(found, request.user),
        "rows": states_by_theme(found),
        "unread": request.user.restricted_ids,
        "gaps": found.most_unanswered_of_many[:GAPS_SHOWN],
    }
    return show_round(request, choice, "tracker/progress/progress.html", found, **context)


@require_safe
def progress_theme(request: SignedInRequest, slug: str) -> HttpResponse:
    """Show the units with this primary theme and, apart, those that also concern it."""
    choice = choose_round(request)
    theme = _name_in_round(choice.round, "themes", slug) or get_object_or_404(Theme, slug=slug).name
    entries = choice.round.units.select_related("unit") if choice.round else []
    return show_round(
        request,
        choice,
        "tracker/progress/part.html",
        choice.progress(theme=slug),
        title=theme,
        also=[entry.unit for entry in entries if slug in dict(entry.themes[1:])],
    )


@require_safe
def progress_family(request: SignedInRequest, slug: str) -> HttpResponse:
    choice = choose_round(request)
    family = _name_in_round(choice.round, "families", slug) or get_object_or_404(Family, slug=slug).name
    return show_round(request, choice, "tracker/progress/part.html", choice.progress(family=slug), title=family)


@require_safe
def progress_recommendation(request: SignedInRequest, slug: str) -> HttpResponse:
    """Show the text of one unit and its figures by regional group; no State is named."""
    unit = get_unit_or_404(slug)
    choice = choose_round(request, unit.body)
    read_notes([unit, *unit.chapeaux, *unit.unit_items])
    found = choice.progress(unit=unit.slug)
    return show_round(
        request,
        choice,
        "tracker/progress/recommendation.html",
        found,
        title=unit.label_with_title,
        unit=unit,
        items=unit.unit_items,
        reasons=reasons_not_applicable(found).get(unit.pk) if found else None,
    )


@require_safe
def progress_gaps(request: SignedInRequest) -> HttpResponse:
    choice = choose_round(request)
    kind = request.GET.get("of", "no_information")
    if kind not in GAPS:
        raise Http404
    found = choice.progress()
    return show_round(
        request,
        choice,
        "tracker/progress/gaps.html",
        found,
        title=_("Gaps"),
        kind=kind,
        kinds=GAPS,
        lists=_list_gaps(found, kind) if found else [],
    )


@require_safe
def progress_regions(request: SignedInRequest) -> HttpResponse:
    choice = choose_round(request)
    title = _("Themes by regional group")
    return show_round(request, choice, "tracker/progress/by_region_and_theme.html", choice.progress(), title=title)


@require_safe
def progress_states(request: SignedInRequest) -> HttpResponse:
    choice = choose_round(request)
    found = choice.progress()
    return show_round(
        request,
        choice,
        "tracker/progress/states_in_numbers.html",
        found,
        title=_("Recommendations answered, by State and theme"),
        rows=states_by_theme(found) if found else [],
        unread=request.user.restricted_ids,
    )


@require_safe
def progress_changes(request: SignedInRequest) -> HttpResponse:
    """Compare two rounds on what they have in common, by default with the round before."""
    choice = choose_round(request)
    later = choice.round
    earlier = (find_round(choice.rounds, request.GET.get("with")) or choice.before) if later else None
    if earlier and later and choice.rounds.index(earlier) < choice.rounds.index(later):
        earlier, later = later, earlier
    return show_round(
        request,
        choice,
        "tracker/progress/changes.html",
        compare(earlier, later) if earlier and later and earlier != later else None,
        title=_("Changes between rounds"),
        earlier=earlier,
        later=later,
        unread=request.user.restricted_ids,
    )


@require_safe
def progress_rounds(request: SignedInRequest) -> HttpResponse:
    choice = choose_round(request)
    levels = progress_by_round(choice.round.body if choice.round else None)
    # Translators: Title of a page and link to it: figures of all reporting rounds.
    title = _("All rounds")
    return show_round(request, choice, "tracker/progress/all_rounds.html", None, title=title, levels=levels)


@require_safe
def progress_file(request: SignedInRequest, kind: str) -> HttpResponse:
    round_ = choose_round(request).round
    if round_ is None:
        raise Http404
    with language_of_file(kind):
        found = round_progress(round_)
        others = _others(found, request.user)
        return download(lambda: WRITERS[kind](found, others), file_name(found, kind))


def _list_gaps(found: RoundProgress, kind: str) -> list[tuple]:
    """Return (title, [(unit, numerator and denominator, reasons)]) of each list."""
    reasons = reasons_not_applicable(found) if kind == "not_applicable" else {}
    return [
        (title, [(row, figure(row), reasons.get(row.unit.pk, [])) for row in rows_of(found)])
        for title, rows_of, figure in GAP_TABLES[kind]
    ]


def _others(found: RoundProgress, user: User) -> list[tuple[Respondent, Progress]]:
    """Leave out respondents for which the user may not read."""
    return [
        (respondent, others)
        for respondent, others in progress_of_others(found)
        if respondent.pk not in user.restricted_ids
    ]


def _name_in_round(round_: Round | None, field: str, slug: str) -> str:
    """Return the name that a theme or family had when the round was opened."""
    entries = RoundUnit.objects.filter(round=round_).values_list(field, flat=True) if round_ else []
    return next((name for pairs in entries for code, name in pairs if code == slug), "")

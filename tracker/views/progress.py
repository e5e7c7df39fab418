"""The Secretariat's pages of progress, which are in no document."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from recommendations.models import Family, Theme, read_notes
from tracker.documents.progress import csv, file_name, workbook
from tracker.documents.statements import USUAL
from tracker.figures.answers import Progress
from tracker.figures.comparison import RoundChanges, compare
from tracker.figures.progress import (
    RoundProgress,
    progress_of_others,
    reasons_not_applicable,
    round_progress,
    states_by_theme,
)
from tracker.figures.trend import progress_by_round
from tracker.formats.files import language_of_file
from tracker.models import Respondent, Round, RoundUnit, User
from tracker.models.user import Role
from tracker.views import FileWriters, download
from tracker.web.request import SignedInRequest
from tracker.web.rounds import RoundChoice, choose_round, find_round
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
            lambda row: row.considered,
        ),
        (
            _("Recommendations that ask States to consider a measure"),
            lambda found: found.most_considered_where_asked,
            lambda row: row.considered,
        ),
    ],
    "not_applicable": [
        (GAPS["not_applicable"], lambda found: found.most_not_applicable, lambda row: row.not_applicable)
    ],
}


@require_safe
def progress(request: SignedInRequest) -> HttpResponse:
    choice = choose_round(request)
    if choice.round is None:
        return _show(request, choice, "progress", None)
    found = round_progress(choice.round)
    context = {
        "others": _others(found, request.user),
        "rows": states_by_theme(found),
        "unread": request.user.restricted_ids,
        "may_read": request.user.has_role(Role.REVIEWER),
        "gaps": found.most_unanswered_of_many[:GAPS_SHOWN],
    }
    return _show(request, choice, "progress", found, **context)


@require_safe
def progress_theme(request: SignedInRequest, slug: str) -> HttpResponse:
    """Show the units with this primary theme and, apart, those that also concern it."""
    choice = choose_round(request)
    theme = _name_in_round(choice.round, "themes", slug) or get_object_or_404(Theme, slug=slug).name
    if choice.round is None:
        return _show(request, choice, "part", None, title=theme)
    found = round_progress(choice.round, theme=slug)
    units = [entry.unit for entry in choice.round.units.select_related("unit") if slug in dict(entry.themes[1:])]
    return _show(request, choice, "part", found, title=theme, also=units)


@require_safe
def progress_family(request: SignedInRequest, slug: str) -> HttpResponse:
    choice = choose_round(request)
    family = _name_in_round(choice.round, "families", slug) or get_object_or_404(Family, slug=slug).name
    found = round_progress(choice.round, family=slug) if choice.round else None
    return _show(request, choice, "part", found, title=family)


@require_safe
def progress_recommendation(request: SignedInRequest, slug: str) -> HttpResponse:
    """Show the text of one unit and its figures by regional group; no State is named."""
    unit = get_unit_or_404(slug)
    choice = choose_round(request, unit.body)
    read_notes([unit, *unit.chapeaux, *unit.unit_items])
    context = {"unit": unit, "items": unit.unit_items, "title": unit.label_with_title}
    if choice.round is None:
        return _show(request, choice, "recommendation", None, **context)
    found = round_progress(choice.round, unit=unit.slug)
    reasons = reasons_not_applicable(found).get(unit.pk, [])
    return _show(request, choice, "recommendation", found, reasons=reasons, **context)


@require_safe
def progress_gaps(request: SignedInRequest) -> HttpResponse:
    choice = choose_round(request)
    kind = request.GET.get("of", "no_information")
    if kind not in GAPS:
        raise Http404
    if choice.round is None:
        return _show(request, choice, "gaps", None, kind=kind, kinds=GAPS)
    found = round_progress(choice.round)
    reasons = reasons_not_applicable(found) if kind == "not_applicable" else {}
    return _show(request, choice, "gaps", found, kind=kind, kinds=GAPS, lists=_list_gaps(found, kind, reasons))


@require_safe
def progress_regions(request: SignedInRequest) -> HttpResponse:
    choice = choose_round(request)
    return _show(request, choice, "by_region_and_theme", round_progress(choice.round) if choice.round else None)


@require_safe
def progress_states(request: SignedInRequest) -> HttpResponse:
    choice = choose_round(request)
    if choice.round is None:
        return _show(request, choice, "states_in_numbers", None)
    found = round_progress(choice.round)
    context = {"rows": states_by_theme(found), "unread": request.user.restricted_ids}
    return _show(request, choice, "states_in_numbers", found, **context)


@require_safe
def progress_changes(request: SignedInRequest) -> HttpResponse:
    """Compare two rounds on what they have in common, by default with the round before."""
    choice = choose_round(request)
    later = choice.round
    earlier = (find_round(choice.rounds, request.GET.get("with")) or choice.before) if later else None
    if earlier and later and choice.rounds.index(earlier) < choice.rounds.index(later):
        earlier, later = later, earlier
    found = compare(earlier, later) if earlier and later and earlier != later else None
    context = {"earlier": earlier, "later": later, "unread": request.user.restricted_ids}
    return _show(request, choice, "changes", found, **context)


@require_safe
def progress_rounds(request: SignedInRequest) -> HttpResponse:
    choice = choose_round(request)
    return _show(
        request, choice, "all_rounds", None, levels=progress_by_round(choice.round.body if choice.round else None)
    )


@require_safe
def progress_file(request: SignedInRequest, kind: str) -> HttpResponse:
    round_ = choose_round(request).round
    if round_ is None:
        raise Http404
    with language_of_file(kind):
        found = round_progress(round_)
        others = _others(found, request.user)
        return download(lambda: WRITERS[kind](found, others), file_name(found, kind))


def _list_gaps(found: RoundProgress, kind: str, reasons: dict) -> list[tuple]:
    """Return (title, [(unit, numerator and denominator, reasons)]) of each list."""
    return [
        (title, [(row, figure(row), reasons.get(row.unit.pk, [])) for row in rows_of(found)])
        for title, rows_of, figure in GAP_TABLES[kind]
    ]


def _show(
    request: SignedInRequest,
    choice: RoundChoice,
    template: str,
    found: RoundProgress | RoundChanges | None,
    **context: object,
) -> HttpResponse:
    may_review = request.user.has_role(Role.REVIEWER)
    everything = {
        "tab": "progress",
        "found": found,
        "rounds": choice.rounds,
        "body_choice": choice.body_choice,
        "statements": USUAL,
        "may_review": may_review,
        "opens_figures": may_review,
        **context,
    }
    return render(request, f"tracker/progress/{template}.html", everything)


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

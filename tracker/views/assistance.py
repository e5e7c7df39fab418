"""Needs for technical assistance: the Secretariat's figures and work list of a round, and a State's own needs."""

from collections.abc import Sequence
from typing import NamedTuple

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from tracker.actions.assistance import close_need, mark_need
from tracker.disclosure import respondents_not_read_by
from tracker.documents.needs import csv, file_name, workbook
from tracker.figures.assistance import KINDS, Need, needs, words_of
from tracker.figures.progress import round_progress
from tracker.formats.files import language_of_file
from tracker.forms.filters import NeedFilter
from tracker.models import AssistanceNeed, Respondent, Revision
from tracker.permissions import can_close_need, check_permission, is_reviewer
from tracker.queries.desk.assistance import own_needs
from tracker.views import FileWriters, download, show_errors
from tracker.web.desks import get_whole_desk_or_404
from tracker.web.fresh_sign_in import NEVER, TO_POST, button_view
from tracker.web.request import SignedInRequest
from tracker.web.rounds import choose_round, show_round
from tracker.web.units import get_unit_or_404
from tracker.workflow import ASSISTANCE

PAGE = 25
WRITERS: FileWriters = {"csv": csv, "xlsx": workbook}
MARKS = {"see": gettext_lazy("Mark as seen"), "contact": gettext_lazy("Mark as in contact")}


class NeedRow(NamedTuple):
    """`marks`: what a reviewer may do with the need, as (transition, label)."""

    need: Need
    answer: Revision
    marks: Sequence[tuple[str, str | Promise]]

    @property
    def words(self) -> str:
        return self.answer.shown_value("assistance")


@require_safe
def progress_assistance(request: SignedInRequest) -> HttpResponse:
    choice = choose_round(request)
    found = choice.progress()
    context: dict[str, object] = {"title": _("Technical assistance"), "kinds": KINDS}
    if found:
        context["needs"] = everything = needs(found)
        if is_reviewer(request.user):
            listed = _filter(request, everything.rows)
            page = Paginator(listed.shown, PAGE).get_page(request.GET.get("page"))
            context |= {"listed": listed, "page": page, "rows": _rows(list(page)), "query": request.GET.urlencode()}
    return show_round(request, choice, "tracker/assistance/progress.html", found, **context)


@require_safe
def needs_file(request: SignedInRequest, kind: str) -> HttpResponse:
    """Refuse users who see figures but do not read submissions."""
    round_ = choose_round(request).round
    check_permission(is_reviewer(request.user))
    if round_ is None:
        raise Http404
    with language_of_file(kind):
        found = round_progress(round_)
        shown = _filter(request, needs(found).rows).shown
        return download(lambda: WRITERS[kind](found, shown), file_name(found, kind))


@button_view(fresh_sign_in=NEVER)
def need_mark(request: SignedInRequest, code: str, slug: str) -> HttpResponse:
    respondent, unit = get_object_or_404(Respondent, code=code), get_unit_or_404(slug)
    with show_errors(request):
        need = mark_need(
            respondent=respondent,
            unit=unit,
            transition=request.POST.get("transition", ""),
            base=request.POST.get("base", ""),
            by=request.user,
        )
        _show_need(request, need)
    query = QueryDict(request.POST.get("query", "")).urlencode()
    return redirect(f"{reverse('progress_assistance')}{'?' + query if query else ''}#needs")


@require_safe
def assistance(request: SignedInRequest, code: str) -> HttpResponse:
    desk = get_whole_desk_or_404(request.user, code)
    context = {
        "needs": own_needs(desk, request.user),
        "may_close": can_close_need(request.user, desk),
    }
    return render(request, "tracker/assistance/assistance.html", context)


@button_view(fresh_sign_in=TO_POST)
def need_close(request: SignedInRequest, code: str, slug: str) -> HttpResponse:
    desk, unit = get_whole_desk_or_404(request.user, code), get_unit_or_404(slug)
    with show_errors(request):
        need = close_need(respondent=desk, unit=unit, base=request.POST.get("base", ""), by=request.user)
        _show_need(request, need)
    return redirect("assistance", code)


def _show_need(request: SignedInRequest, need: AssistanceNeed) -> None:
    names = {"name": need.respondent, "label": need.unit.label_with_title, "state": need.get_state_display()}
    # Translators: %(name)s is the name of a State, %(label)s the label of a recommendation, %(state)s the new
    # state of a need, such as “Seen”.
    messages.success(request, _("%(name)s, %(label)s: %(state)s.") % names)


def _filter(request: SignedInRequest, rows: list[Need]) -> NeedFilter:
    """Leave out States for which this reviewer may not read."""
    not_read = respondents_not_read_by(request.user)
    return NeedFilter(request.GET, [need for need in rows if need.respondent.pk not in not_read])


def _rows(listed: list[Need]) -> list[NeedRow]:
    answers, rows = words_of(listed), []
    for need in listed:
        marks = [(name, words) for name, words in MARKS.items() if need.state in ASSISTANCE[name].before]
        rows.append(NeedRow(need, answers[need.item], marks))
    return rows

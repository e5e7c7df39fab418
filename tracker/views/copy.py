"""Copy an answer to others of its family, and offer them an update when it changes."""

from typing import NamedTuple

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from recommendations.error_messages import PAGE_CHANGED
from recommendations.lists import format_list
from recommendations.models import Recommendation
from tracker.actions.copy import accept_update, copy_answer, decline_update, is_copied, make_copy, reason_not_copied
from tracker.actions.record import NotSaved, SeenAnswer, StaleAnswer, changes_to
from tracker.actions.workbook import NOT_OPEN
from tracker.forms.seen import read_seen_answer, stamp_of
from tracker.forms.shared import UnitsForm
from tracker.models import Respondent, Revision, User
from tracker.models.record import Answer, answer_of
from tracker.permissions import can_answer_some, can_decide_updates, check_permission, units_written
from tracker.queries.desk.copies import RelatedUnit, Update, current_revisions, related_units, update_of
from tracker.queries.difference import Difference
from tracker.views import form_data
from tracker.web.answer_messages import NO_CHANGES, describe_stale_answer, show_unsaved_answers
from tracker.web.desks import get_desk_or_404
from tracker.web.fresh_sign_in import NEVER, form_view
from tracker.web.request import SignedInRequest
from tracker.web.units import get_open_unit_or_404

SAME_ALREADY = gettext_lazy("This recommendation already has the same answer.")


class CopyRow(NamedTuple):
    """`why_not`: why nothing can be copied to this unit; else `changes`: what copying would change."""

    kin: RelatedUnit
    why_not: str | Promise | None
    changes: list[Difference]

    @property
    def unit(self) -> Recommendation:
        return self.kin.unit

    @property
    def stamp(self) -> str:
        return stamp_of(self.kin.current)


class CopyPage(NamedTuple):
    desk: Respondent
    unit: Recommendation
    source: Revision
    rows: list[CopyRow]

    @property
    def seen(self) -> str:
        return stamp_of(self.source)


@form_view(fresh_sign_in=NEVER)
def copy(request: SignedInRequest, code: str, slug: str) -> HttpResponse:
    """POST shows what copying changes in each selected unit; `act` copies."""
    desk = get_desk_or_404(request.user, code)
    unit = get_open_unit_or_404(request.user, desk, slug)
    check_permission(can_answer_some(request.user, desk))
    source = current_revisions([unit], desk, request.user).get(unit.pk)
    if source is None:
        # Translators: label: label of the recommendation, with its short title.
        message = _("Answer %(label)s first. You can then copy the answer.")
        messages.info(request, message % {"label": unit.label_with_title})
        return redirect("record", code, unit.slug)
    page = _page(request.user, desk, unit, source)
    may_be_sent = (None, SAME_ALREADY) if "act" in request.POST else (None,)  # the same after a double click
    form = UnitsForm(form_data(request), offered=[row.unit for row in page.rows if row.why_not in may_be_sent])
    if request.method != "POST" or "again" in request.POST or not form.is_valid():
        return _show(request, page, form, "copy")
    if "act" in request.POST:
        return _copy(request, page, form)
    return _show_changes(request, page, form)


@form_view(fresh_sign_in=NEVER)
def update(request: SignedInRequest, code: str, slug: str) -> HttpResponse:
    """Show the newer answer of the source of a copied answer; POST accepts or declines it."""
    desk = get_desk_or_404(request.user, code)
    unit = get_open_unit_or_404(request.user, desk, slug)
    offered = update_of(unit, desk, request.user)
    check_permission(request.method != "POST" or can_decide_updates(request.user, desk))
    if offered is None:
        messages.info(request, PAGE_CHANGED)
        return redirect("record", code, unit.slug)
    if not {"take", "decline"}.isdisjoint(request.POST):
        return _decide(request, desk, unit, offered)
    return _show_update(request, desk, unit, offered)


def _page(user: User, desk: Respondent, unit: Recommendation, source: Revision) -> CopyPage:
    values, writable = answer_of(source), units_written(user, desk)
    rows = [_row(kin, values, writable) for kin in related_units(unit, desk, user)]
    return CopyPage(desk, unit, source, rows)


def _row(kin: RelatedUnit, copied: Answer, writable: set[int] | None) -> CopyRow:
    own = answer_of(kin.current) if kin.current else None
    why_not = reason_not_copied(copied, kin.unit)
    if writable is not None and kin.unit.pk not in writable:
        why_not = NOT_OPEN
    elif not why_not and is_copied(copied, own):
        why_not = SAME_ALREADY
    return CopyRow(kin, why_not, [] if why_not else changes_to(kin.current, make_copy(copied, own)))


def _show_changes(request: SignedInRequest, page: CopyPage, form: UnitsForm, status: int = 200) -> HttpResponse:
    chosen = set(form.units)
    rows = [row for row in page.rows if row.unit in chosen and not row.why_not]
    return _show(request, page, form, "preview", status, chosen=rows)


def _copy(request: SignedInRequest, page: CopyPage, form: UnitsForm) -> HttpResponse:
    to = [read_seen_answer(request.POST.get(f"seen-{unit.slug}"), unit) for unit in form.units]
    source = read_seen_answer(request.POST.get("source"), page.unit)
    try:
        saved = copy_answer(respondent=page.desk, source=source, to=to, by=request.user)
    except StaleAnswer as stale:
        messages.warning(request, describe_stale_answer(page.unit.label_with_title, stale))
    except NotSaved as refused:
        show_unsaved_answers(request, refused)
    else:
        if saved:
            messages.success(request, _copied_text(page.unit, saved))
        else:
            messages.info(request, NO_CHANGES)
        return redirect("record", page.desk.code, page.unit.slug)
    return _show_changes(request, page, form, 409)


def _copied_text(unit: Recommendation, saved: list[Revision]) -> str:
    message = ngettext(
        # Translators: label: label of the recommendation, with its short title; count: number of recommendations;
        # labels: their labels.
        "The answer to %(label)s was copied to %(count)d recommendation: %(labels)s. Check it, then mark it ready.",
        "The answer to %(label)s was copied to %(count)d recommendations: %(labels)s. Check each, then mark it ready.",
        len(saved),
    )
    labels = format_list(revision.record.recommendation.label_with_title for revision in saved)
    return message % {"label": unit.label_with_title, "count": len(saved), "labels": labels}


def _show(
    request: SignedInRequest, page: CopyPage, form: UnitsForm, template: str, status: int = 200, **context: object
) -> HttpResponse:
    context |= {"page": page, "unit": page.unit, "source": page.source, "form": form}
    return render(request, f"tracker/copy/{template}.html", context, status=status)


def _decide(request: SignedInRequest, desk: Respondent, unit: Recommendation, offered: Update) -> HttpResponse:
    source = read_seen_answer(request.POST.get("source"), offered.source.record.recommendation)
    try:
        message = (_decline if "decline" in request.POST else _accept)(request, desk, unit, source)
    except StaleAnswer as stale:
        messages.warning(request, describe_stale_answer(source.unit.label_with_title, stale))
    except NotSaved as refused:
        show_unsaved_answers(request, refused)
    else:
        messages.success(request, message)
        return redirect("record", desk.code, unit.slug)
    return _show_update(request, desk, unit, offered, 409)


def _accept(request: SignedInRequest, desk: Respondent, unit: Recommendation, source: SeenAnswer) -> str:
    to = read_seen_answer(request.POST.get("seen"), unit)
    accept_update(respondent=desk, source=source, to=to, by=request.user)
    # Translators: label, source: labels of two recommendations.
    message = _("%(label)s now has the same answer as %(source)s. Check it, then mark it ready.")
    return message % {"label": unit.label_with_title, "source": source.unit.label_with_title}


def _decline(request: SignedInRequest, desk: Respondent, unit: Recommendation, source: SeenAnswer) -> str:
    decline_update(respondent=desk, source=source, unit=unit, by=request.user)
    # Translators: label, source: labels of two recommendations.
    message = _("Update declined: %(label)s. An update is available again when the answer to %(source)s changes.")
    return message % {"label": unit.label_with_title, "source": source.unit.label_with_title}


def _show_update(
    request: SignedInRequest, desk: Respondent, unit: Recommendation, offered: Update, status: int = 200
) -> HttpResponse:
    values, own = answer_of(offered.source), answer_of(offered.current)
    context = {
        "unit": unit,
        "update": offered,
        "changes": changes_to(offered.current, make_copy(values, own)),
        "source_stamp": stamp_of(offered.source),
        "stamp": stamp_of(offered.current),
        "may_decide": can_decide_updates(request.user, desk),
    }
    return render(request, "tracker/copy/update.html", context, status=status)

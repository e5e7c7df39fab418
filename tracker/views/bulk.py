"""Change several selected answers: status, lead institution, target date, readiness; or confirm them for a round."""

from typing import NamedTuple

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from recommendations.lists import format_list
from recommendations.models import Body, Recommendation
from tracker.actions.bulk import AT_ONCE, change_together, empty_answers, mark_ready, undo_change
from tracker.actions.record import NotSaved, changes_to
from tracker.actions.submission import confirm_answers
from tracker.forms.bulk import EDITED_TOGETHER, READY, BulkForm, ConfirmationForm
from tracker.forms.filters import UnitFilter
from tracker.forms.record import read_number
from tracker.forms.seen import read_seen_answer, stamp_of
from tracker.models import Record, Respondent, Revision, Round
from tracker.permissions import can_answer_some, can_mark_ready, can_submit, units_written
from tracker.queries.desk.assignments import institutions_offered
from tracker.queries.desk.copies import current_revisions
from tracker.queries.desk.history import last_language
from tracker.queries.desk.units import UnitRow
from tracker.queries.difference import Difference
from tracker.queries.submissions.check import check_submission
from tracker.queries.themes import ThemeGroup, by_frozen_theme
from tracker.views import form_data, form_errors, listed_rows, read_filters, show_errors
from tracker.web.answer_messages import NO_CHANGES, show_unsaved_answers
from tracker.web.bodies import choose_body_of_desk
from tracker.web.desks import get_desk_or_404, get_whole_desk_or_404
from tracker.web.fresh_sign_in import NEVER, form_view
from tracker.web.request import SignedInRequest

MARK_READY = "mark_ready"
WHY_NOT_UNDONE = {
    # Translators: labels: labels of recommendations, with their short titles.
    gettext_lazy("Not undone, because the answer was changed afterwards: %(labels)s."): False,
    # Translators: labels: labels of recommendations, with their short titles.
    gettext_lazy("Not undone, because the answer can no longer be changed: %(labels)s."): True,
}


class BulkRow(NamedTuple):
    unit: Recommendation
    current: Revision | None
    changes: list[Difference]

    @property
    def stamp(self) -> str:
        return stamp_of(self.current)


@form_view(fresh_sign_in=NEVER)
def bulk(request: SignedInRequest, code: str) -> HttpResponse:
    """At first select the targets of the list; `?mark_ready=` shows at once what marking them ready changes.

    POST shows the changes, `act` makes them, `undo` undoes those that were made last.
    """
    desk = get_desk_or_404(request.user, code, can_answer_some)
    if "undo" in request.POST:
        return _undo(request, desk)
    typed = form_data(request)
    is_unsaved = typed is not None and request.method != "POST"
    body_choice = choose_body_of_desk(request, desk)
    rows, tasks = _rows(request, desk, body_choice.body)
    slugs = {row.unit.slug for row in tasks.targets} if tasks.is_limited else set()
    targets = [row for row in rows if row.unit.slug in slugs]
    back = reverse("record_list", args=[desk.code]) + tasks.address()
    if typed is None and MARK_READY in request.GET and can_mark_ready(request.user, desk):
        if targets and not any(row.is_answered for row in targets):
            messages.warning(request, _("None of these recommendations has an answer. Only answers are marked ready."))
            return redirect(back)
        typed = _marked_ready(targets)
    form = _form(request, desk, rows, targets, typed)
    context: dict[str, object] = {
        "is_whole": desk.pk in request.user.whole_desks,
        "body_choice": body_choice,
        "form": form,
        "back": back,
    }
    if is_unsaved or "again" in request.POST or not form.is_valid():
        return _show(request, form, rows, {**context, "is_unsaved": is_unsaved})
    if "act" in request.POST:
        return _change(request, desk, form, context)
    return _show_changes(request, form, context)


@form_view(fresh_sign_in=NEVER)
def still_correct(request: SignedInRequest, code: str, round_code: str) -> HttpResponse:
    """Confirm the answers of an earlier round that are shown, one theme at a time: all, or the targets of the list."""
    desk = get_whole_desk_or_404(request.user, code, can_submit)
    round_ = get_object_or_404(Round.objects.opened().select_related("body"), code=round_code)
    rows, tasks = _rows(request, desk, round_.body)
    typed = form_data(request)
    form = ConfirmationForm(typed, initial={"as_at": request.GET.get("as_at")})
    if request.method == "POST" and form.is_valid():
        with show_errors(request), form_errors(form):
            shown, as_at = {read_number(key) for key in request.POST.getlist("revision")}, form.cleaned_data["as_at"]
            count = confirm_answers(respondent=desk, round_=round_, revisions=shown, as_at=as_at, by=request.user)
            if count:
                # Translators: %(count)d is a number of answers.
                messages.success(request, _("Confirmed as still correct: %(count)d.") % {"count": count})
            else:  # a double click
                messages.info(request, NO_CHANGES)
            return redirect(request.path + tasks.address(show=request.POST.get("show"), as_at=request.POST["as_at"]))
    units = {row.unit.pk: row for row in (tasks.targets if tasks.is_limited else rows)}
    waiting = check_submission(desk, round_).by_reason["unconfirmed"]
    found = [(checked, units[checked.unit.pk]) for checked in waiting if checked.unit.pk in units]
    sections = by_frozen_theme(((pair[0].themes, pair) for pair in found if not pair[1].doubts), round_)
    chosen = _choose_section(sections, round_, (typed or request.GET).get("show"))
    context = {
        "form": form,
        "round": round_,
        "in_doubt": [row for _checked, row in found if row.doubts],
        "sections": sections,
        "chosen": chosen,
        "back": reverse("record_list", args=[desk.code]) + tasks.address() if tasks.is_limited else "",
    }
    return render(request, "tracker/bulk/still_correct.html", context)


def _choose_section(sections: list[ThemeGroup], round_: Round, slug: str | None) -> ThemeGroup | None:
    """Return the section of this theme, the next where it has none any more, or the first."""
    order = [*round_.theme_order, ""]
    following = order[order.index(slug) :] if slug in order else []
    return next((section for section in sections if section.slug in following), next(iter(sections), None))


def _rows(request: SignedInRequest, desk: Respondent, body: Body | None) -> tuple[list[UnitRow], UnitFilter]:
    """Return the rows that the user may change, and the filters and the selection of the list."""
    to_answer, others = listed_rows(request, desk, body)
    writable = units_written(request.user, desk)
    rows = [row for row in (*to_answer, *others) if writable is None or row.unit.pk in writable]
    return rows, read_filters(request, to_answer, others)


def _marked_ready(targets: list[UnitRow]) -> QueryDict:
    """Return what the form sends to mark ready the targets that have an answer."""
    data = QueryDict(mutable=True)
    data.setlist("unit", [row.unit.slug for row in targets if row.is_answered])
    data["ready"] = READY
    return data


def _form(
    request: SignedInRequest, desk: Respondent, rows: list[UnitRow], targets: list[UnitRow], typed: QueryDict | None
) -> BulkForm:
    selected = [row.unit.slug for row in targets]
    slugs = set(typed.getlist("unit") if typed is not None else selected)
    units = [row.unit for row in rows if row.unit.slug in slugs]
    return BulkForm(
        typed,
        offered=[row.unit for row in rows],
        selected=selected,
        current=current_revisions(units, desk, request.user),
        former={row.unit.pk for row in rows if row.answers_former_wording},
        language=last_language(desk, request.user),
        institutions=[institution.name for institution in institutions_offered(desk, request.user)],
        marks_ready=can_mark_ready(request.user, desk),
    )


def _show(request: SignedInRequest, form: BulkForm, rows: list[UnitRow], context: dict[str, object]) -> HttpResponse:
    """Leave out units that are not selected, except where none is."""
    selected = [row for row in rows if row.unit.slug in form.chosen]
    context |= {"rows": selected or rows, "most": AT_ONCE}
    return render(request, "tracker/bulk/bulk.html", context)


def _show_changes(
    request: SignedInRequest, form: BulkForm, context: dict[str, object], status: int = 200
) -> HttpResponse:
    rows = [_row(form, unit) for unit in form.units]
    context |= {"changed": [row for row in rows if row.changes], "same": [row for row in rows if not row.changes]}
    return render(request, "tracker/bulk/preview.html", context, status=status)


def _row(form: BulkForm, unit: Recommendation) -> BulkRow:
    current = form.current.get(unit.pk)
    return BulkRow(unit, current, changes_to(current, form.answer_to(unit)))


def _change(request: SignedInRequest, desk: Respondent, form: BulkForm, context: dict[str, object]) -> HttpResponse:
    answers = [read_seen_answer(request.POST.get(f"seen-{unit.slug}"), unit) for unit in form.units]
    try:
        if form.only_marks_ready:
            saved = mark_ready(respondent=desk, answers=answers, by=request.user)
        elif form.is_emptied:
            saved = empty_answers(respondent=desk, answers=answers, by=request.user)
        else:
            saved = change_together(
                respondent=desk,
                answers=answers,
                changes=form.changes,
                language=form.language,
                by=request.user,
                change_reason=form.cleaned_data["change_reason"],
            )
    except NotSaved as refused:
        show_unsaved_answers(request, refused)
        return _show_changes(request, form, context, status=409)
    if not saved:  # a double click: the edit before can still be undone
        messages.info(request, NO_CHANGES)
        return redirect(str(context["back"]))
    message = ngettext(
        # Translators: count: number of answers.
        "%(count)d answer changed and saved as a new version.",
        "%(count)d answers changed, each saved as a new version.",
        len(saved),
    )
    messages.success(request, message % {"count": len(saved)})
    request.session[EDITED_TOGETHER] = [revision.pk for revision in saved]
    return redirect(str(context["back"]))


def _undo(request: SignedInRequest, desk: Respondent) -> HttpResponse:
    edited = {read_number(key) for key in request.POST.getlist("revision")}
    back = redirect(reverse("record_list", args=[desk.code], query=request.GET or None))
    try:
        restored = undo_change(respondent=desk, revisions=edited, by=request.user)
    except NotSaved as refused:
        show_unsaved_answers(request, refused)
        return back
    if restored:
        message = ngettext(
            # Translators: count: number of answers.
            "%(count)d answer restored as it was before.",
            "%(count)d answers restored as they were before.",
            len(restored),
        )
        messages.success(request, message % {"count": len(restored)})
    else:
        messages.warning(request, _("No answer was restored."))
    left = Record.objects.visible_to(request.user).filter(respondent=desk, revisions__in=edited)
    left = left.exclude(pk__in=[revision.record_id for revision in restored]).order_by("recommendation__position")
    for why, is_newest in WHY_NOT_UNDONE.items():
        found = left.filter(current__in=edited) if is_newest else left.exclude(current__in=edited)
        if labels := [record.recommendation.label_with_title for record in found.select_related("recommendation")]:
            messages.info(request, why % {"labels": format_list(labels)})
    request.session.pop(EDITED_TOGETHER, None)
    return back

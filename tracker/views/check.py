"""Check and submit: what a submission would seal, what it would leave out, and the deliberate act itself."""

import datetime
from collections.abc import Collection
from dataclasses import replace
from typing import NamedTuple

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from recommendations.models import Recommendation
from tracker.actions.bulk import mark_ready
from tracker.actions.record import NotSaved, SeenAnswer
from tracker.actions.submission import StaleCheck, submit
from tracker.forms.seen import read_seen_answer, stamp_of
from tracker.forms.submission import SubmissionForm
from tracker.models import Assignment, Citation, Respondent, Round, Submission
from tracker.models.evidence import EvidenceReader
from tracker.permissions import can_mark_ready, can_submit, check_permission
from tracker.queries.desk.assignments import assignees_by_unit, assignments_of
from tracker.queries.submissions.check import (
    Check,
    CheckedUnit,
    LeftOutReason,
    check_submission,
    published_in,
    read_citations,
    reader_of,
    use_in_force,
    uses_in_round,
)
from tracker.queries.submissions.questions import open_clarifications_of
from tracker.queries.themes import by_frozen_theme
from tracker.views import Link
from tracker.web import unsaved_input
from tracker.web.answer_messages import NO_CHANGES, SUBMITTED, show_unsaved_answers
from tracker.web.desks import get_whole_desk_or_404
from tracker.web.fresh_sign_in import NEVER, TO_POST, button_view, form_view
from tracker.web.request import SignedInRequest
from tracker.workflow import NotAllowed

SUBMITTED_BEFORE = gettext_lazy(
    "The same answers were submitted before. What you entered under “Check and submit” was not saved. You can edit the "
    "permitted use below."
)


class IncludedAnswers(NamedTuple):
    """What will be submitted, compared with the previous submission."""

    changed: list[CheckedUnit]
    new: list[CheckedUnit]
    as_before: list[CheckedUnit]


class UnansweredUnit(NamedTuple):
    unit: Recommendation
    holders: list[str]


class UnreadyAnswer(NamedTuple):
    """An answer that is not marked ready. `sent_by`: the assignee who sent it to the focal point, to be checked first;
    `holders`: who else has it; `stamp`: what the page shows of it, "" where it cannot be marked ready here.
    """

    checked: CheckedUnit
    sent_by: str
    holders: list[str]
    stamp: str
    is_selected: bool
    is_left_out: bool


@form_view(fresh_sign_in=TO_POST)
def check(request: SignedInRequest, code: str, round_code: str) -> HttpResponse:
    """Show what would be submitted; POST submits it. Contributors may open the page to prepare it."""
    desk = get_whole_desk_or_404(request.user, code)
    round_ = _get_round(round_code)
    if request.method == "POST":
        return _submit(request, desk, round_)
    now = check_submission(desk, round_)
    typed = unsaved_input.take(request)
    marking = unsaved_input.take(request, reverse("mark_ready", args=[desk.code, round_.code]))
    form = _form(now, typed)
    return _show(
        request,
        now,
        form.with_input(marking.dict()) if marking and not typed else form,
        is_unsaved=typed is not None,
        selected=marking.getlist("unit") if marking else (),
        left_out=(typed or marking or request.POST).getlist("leave_out"),
    )


@button_view(fresh_sign_in=NEVER)
def ready(request: SignedInRequest, code: str, round_code: str) -> HttpResponse:
    """Mark the selected answers ready, or all that the page showed; keep what was typed on the page."""
    desk = get_whole_desk_or_404(request.user, code, can_mark_ready)
    round_ = _get_round(round_code)
    shown = {unit.slug: unit for unit in desk.units_open() if f"seen-{unit.slug}" in request.POST}
    slugs = shown if "all" in request.POST else [slug for slug in request.POST.getlist("unit") if slug in shown]
    unsaved_input.keep(request)
    if not slugs:
        messages.warning(request, _("Select at least one answer."))
        return redirect("check", desk.code, round_.code)
    _mark(request, desk, [read_seen_answer(request.POST[f"seen-{slug}"], shown[slug]) for slug in slugs])
    return redirect("check", desk.code, round_.code)


@form_view(fresh_sign_in=NEVER)
def check_answer(request: SignedInRequest, code: str, round_code: str, slug: str) -> HttpResponse:
    """Show one answer among those that are not marked ready, or among those that are included; POST marks it ready."""
    desk = get_whole_desk_or_404(request.user, code)
    now = check_submission(desk, _get_round(round_code))
    checked = next((unit for unit in now.units if unit.unit.slug == slug), None)
    if checked is None or checked.current is None:
        raise Http404
    answers = now.by_reason["not_ready"] if checked.left == LeftOutReason.NOT_READY else now.included
    place = answers.index(checked) + 1 if checked in answers else 0
    before, after = answers[place - 2] if place > 1 else None, answers[place] if place < len(answers) else None
    if request.method == "POST":
        check_permission(can_mark_ready(request.user, desk))
        is_marked = _mark(request, desk, [read_seen_answer(request.POST.get("seen"), checked.unit)])
        rest = now.units[now.units.index(checked) + 1 :]  # not of `answers`: after a second click this answer is ready
        following = (unit.unit.slug for unit in rest if unit.left == LeftOutReason.NOT_READY)
        if shown := next(following, None) if is_marked else slug:
            return redirect("check_answer", desk.code, now.round.code, shown)
        return redirect("check", desk.code, now.round.code)
    cited = read_citations(filter(None, (checked.current, checked.former)))
    evidence = [(citation, reader_of(citation)) for citation in cited.get(checked.current.pk, ())]
    checked = replace(checked, cited=cited)
    [unready] = _unready_answers(assignments_of([checked.unit], desk, request.user), [checked])
    context = {
        "now": now,
        "row": checked,
        "answer": unready,
        "is_unready": checked.left == LeftOutReason.NOT_READY,
        "may_mark": bool(unready.stamp) and can_mark_ready(request.user, desk),
        "changes": checked.changes_since_former,
        "evidence": evidence,
        "place": place,
        "of": len(answers),
        "before": _answer_link(now, before),
        "after": _answer_link(now, after),
    }
    return render(request, "tracker/submission/check_answer.html", context)


@require_safe
def check_sheet(request: SignedInRequest, code: str, round_code: str) -> HttpResponse:
    """Show a sheet to print, on which the clearing office signs what would be submitted."""
    desk = get_whole_desk_or_404(request.user, code)
    now = check_submission(desk, _get_round(round_code))
    context = {
        "now": now,
        "at": timezone.now(),
        "included": _included_answers(now),
        "evidence": [(reader, len(items)) for reader, items in _evidence_by_reader(now.included)],
    }
    return render(request, "tracker/submission/check_sheet.html", context)


def _answer_link(now: Check, checked: CheckedUnit | None) -> Link | None:
    if checked is None:
        return None
    address = reverse("check_answer", args=[now.respondent.code, now.round.code, checked.unit.slug])
    return Link(address, checked.unit)


def _mark(request: SignedInRequest, desk: Respondent, seen: list[SeenAnswer]) -> bool:
    """Mark the answers ready; say in messages what was done, or why nothing was."""
    try:
        marked = mark_ready(respondent=desk, answers=seen, by=request.user)
    except NotSaved as refused:
        show_unsaved_answers(request, refused)
        return False
    if marked:
        # Translators: count: number of answers.
        message = ngettext("%(count)d answer is marked ready.", "%(count)d answers are marked ready.", len(marked))
        messages.success(request, message % {"count": len(marked)})
    else:
        messages.info(request, NO_CHANGES)
    return True


def _form(now: Check, data: QueryDict | None = None) -> SubmissionForm:
    if now.current is None:
        return SubmissionForm(data, check=now)
    uses = uses_in_round(now.current)
    permitted = [name for name, is_permitted in use_in_force(now.current, uses).items() if is_permitted]
    return SubmissionForm(data, check=now, permitted=permitted, published=next(iter(published_in(uses)), None))


def _submit(request: SignedInRequest, desk: Respondent, round_: Round) -> HttpResponse:
    check_permission(can_submit(request.user, desk))
    now = check_submission(desk, round_)
    slugs = request.POST.getlist("leave_out")
    unready = (checked for checked in now.by_reason["not_ready"] if checked.sealed)
    leave_out = [checked.unit.pk for checked in unready if checked.unit.slug in slugs]
    form = _form(now, request.POST)
    is_valid = form.is_valid()
    if now.current and now.is_same_as_current and not leave_out:
        if not _has_statements(request, form, now.current):
            messages.warning(request, SUBMITTED_BEFORE)
        return redirect(now.current)
    if not is_valid:
        return _show(request, now, form)
    try:
        submission = submit(
            respondent=desk,
            round_=round_,
            fingerprint=form.cleaned_data["fingerprint"],
            statements=form.statements,
            leave_out=leave_out,
            by=request.user,
        )
    except NotAllowed:
        return _show(request, check_submission(desk, round_), form)
    except StaleCheck as stale:
        again = _form(stale.check).with_input(request.POST.dict())
        return _show(request, stale.check, again, is_stale=True, since=form.cleaned_data["checked_at"])
    except ValidationError as error:
        form.refuse(error)
        return _show(request, now, form)
    if submission.sealed_by_id == request.user.pk:
        messages.success(request, SUBMITTED)
    else:
        messages.warning(request, SUBMITTED_BEFORE)
    return redirect(submission)


def _has_statements(request: SignedInRequest, form: SubmissionForm, submission: Submission) -> bool:
    """Return whether the user made this submission with what is typed.

    After a first click the form asks otherwise for what is permitted already: this is compared as it was sent.
    """
    names = ("authority", "cleared_by", "cleared_on", "note_verbale")
    stated = {name: getattr(submission, name) for name in names}
    stated["is_complete"] = submission.participation.is_complete
    permitted = {name: request.POST.get(name) == "on" for name in ("in_aggregates", "quoted", "published")}
    is_same = permitted == submission.use and stated.items() <= form.cleaned_data.items()
    return is_same and submission.sealed_by_id == request.user.pk


def _show(
    request: SignedInRequest,
    now: Check,
    form: SubmissionForm,
    *,
    is_stale: bool = False,
    since: datetime.datetime | None = None,
    is_unsaved: bool = False,
    selected: Collection[str] = (),
    left_out: Collection[str] = (),
) -> HttpResponse:
    """`is_stale`: the answers have changed `since` they were checked; None where that time is not known."""
    gaps = now.gaps
    clarifications = open_clarifications_of(now.participation, request.user) if now.participation else []
    not_ready = now.by_reason["not_ready"]
    open_units = [checked.unit for checked in (*not_ready, *gaps["unanswered"])]
    assigned = assignments_of(open_units, now.respondent, request.user) if open_units else []
    unready = _unready_answers(assigned, not_ready, selected, left_out or request.POST.getlist("leave_out"))
    marks_ready = can_mark_ready(request.user, now.respondent)
    may_leave_out = any(row.checked.sealed for row in unready)
    context = {
        "now": now,
        "form": form,
        "is_unsaved": is_unsaved,
        "may_submit": can_submit(request.user, now.respondent),
        "is_to_submit": now.is_open and bool(now.included) and (may_leave_out or not now.is_same_as_current),
        "questions": clarifications,
        "unanswered_questions": [row for row in clarifications if not row.is_answered],
        "included": _included_answers(now),
        "gaps": gaps,
        "unready": unready,
        "may_leave_out": may_leave_out,
        "markable": sum(bool(row.stamp) for row in unready) if marks_ready and now.is_open else 0,
        "unanswered": _unanswered(now, assigned),
        "withdrawn": [unit for unit in now.units if unit.is_answer_withdrawn],
        "evidence": _evidence_by_reader(now.included),
        "is_stale": is_stale,
        "saved_since": [unit for unit in now.units if since and unit.current and unit.current.created_at >= since],
    }
    return render(request, "tracker/submission/check.html", context)


def _included_answers(now: Check) -> IncludedAnswers:
    included = now.included
    if now.current is None:
        return IncludedAnswers([], included, [])
    return IncludedAnswers(
        [unit for unit in included if unit.former and unit.is_changed],
        [unit for unit in included if not unit.former],
        [unit for unit in included if not unit.is_changed],
    )


def _unready_answers(
    assigned: list[Assignment],
    unready: list[CheckedUnit],
    selected: Collection[str] = (),
    left_out: Collection[str] = (),
) -> list[UnreadyAnswer]:
    sent = {row.unit_id: row.assignee for row in assigned if row.is_ready}
    holders = assignees_by_unit(row for row in assigned if not row.is_ready)
    return [
        UnreadyAnswer(
            checked,
            sent.get(checked.unit.pk, ""),
            holders[checked.unit.pk],
            "" if checked.unit.pk in sent or checked.needs_reading else _stamp(checked),
            checked.unit.slug in selected,
            checked.unit.slug in left_out,
        )
        for checked in unready
    ]


def _unanswered(now: Check, assigned: list[Assignment]) -> list[tuple[str, list[UnansweredUnit], int]]:
    """Return each theme, as the round froze it, with its units without an answer and the number of its units."""
    holders, found = assignees_by_unit(assigned), []
    missing = {checked.unit.pk for checked in now.by_reason["unanswered"]}
    for _slug, name, all_units in by_frozen_theme(((unit.themes, unit.unit) for unit in now.units), now.round):
        if units := [UnansweredUnit(unit, holders[unit.pk]) for unit in all_units if unit.pk in missing]:
            found.append((name, units, len(all_units)))
    return found


def _get_round(code: str) -> Round:
    return get_object_or_404(Round.objects.opened().select_related("body"), code=code)


def _stamp(checked: CheckedUnit) -> str:
    return stamp_of(checked.current, checked.cited.get(checked.current.pk, ())) if checked.current else ""


def _evidence_by_reader(units: list[CheckedUnit]) -> list[tuple[EvidenceReader, list]]:
    """Group the cited evidence items by who may read them once they are submitted, each with its answers."""
    found: dict[EvidenceReader, dict[int, tuple[Citation, list[CheckedUnit]]]] = {
        reader: {} for reader in EvidenceReader
    }
    for unit in units:
        for citation in unit.citations:
            items = found[reader_of(citation)]
            items.setdefault(citation.evidence_version.evidence_id, (citation, []))[1].append(unit)
    return [(reader, list(found[reader].values())) for reader in EvidenceReader if found[reader]]

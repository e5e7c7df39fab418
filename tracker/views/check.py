"""Check and submit: what a submission would seal, what it would leave out, and the deliberate act itself."""

import datetime
from typing import NamedTuple

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from recommendations.error_messages import PAGE_CHANGED
from tracker.actions.submission import StaleCheck, check_submission, confirm_answers, submit
from tracker.forms.submission import SubmissionForm, ThemeConfirmationForm
from tracker.models import Citation, Respondent, Round
from tracker.models.round import RoundStage
from tracker.models.status import Status
from tracker.models.submission import NextSubmission
from tracker.permissions import can_answer_all, can_submit
from tracker.queries.submissions.check import Check, CheckedUnit
from tracker.queries.submissions.questions import sent_clarifications
from tracker.queries.themes import by_frozen_theme
from tracker.views import check_permission
from tracker.web import unsaved_input
from tracker.web.desks import get_whole_desk_or_404
from tracker.web.request import SignedInRequest
from tracker.workflow import NotAllowed


class CheckSection(NamedTuple):
    """`units` of one theme, as the round froze it, out of `of` units to answer."""

    slug: str
    name: str
    units: list[CheckedUnit]
    of: int
    form: ThemeConfirmationForm | None = None


@require_http_methods(["GET", "HEAD", "POST"])
def check(request: SignedInRequest, code: str, round_code: str) -> HttpResponse:
    """Show what would be submitted; POST submits it. Contributors may open the page to prepare it."""
    desk = get_whole_desk_or_404(request.user, code)
    round_ = _get_round(round_code)
    if request.method == "POST":
        return _submit(request, desk, round_)
    now = check_submission(desk, round_)
    typed = unsaved_input.take(request)
    confirming = unsaved_input.take(request, reverse("confirm_answers", args=[desk.code, round_.code]))
    left = {"desk": desk.code, "round": round_.code}
    if request.session.get("checking") != left:
        request.session["checking"] = left
    return _show(
        request,
        now,
        SubmissionForm(typed, check=now),
        is_unsaved=typed is not None or confirming is not None,
        confirming=_confirmation_form(confirming) if confirming else None,
    )


@require_POST
def confirm(request: SignedInRequest, code: str, round_code: str) -> HttpResponse:
    desk = get_whole_desk_or_404(request.user, code)
    check_permission(can_submit(request.user, desk))
    now = check_submission(desk, _get_round(round_code))
    form = _confirmation_form(request.POST)
    if form.is_valid():
        slug = form.cleaned_data["theme"]
        units = [unit.unit.pk for theme in _by_theme(now, "unconfirmed") if theme.slug == slug for unit in theme.units]
        try:
            count = confirm_answers(
                respondent=desk, round_=now.round, units=units, as_at=form.cleaned_data["as_at"], by=request.user
            )
        except NotAllowed:
            messages.warning(request, PAGE_CHANGED)
            return redirect("check", desk.code, now.round.code)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            # Translators: %(count)d is a number of answers.
            messages.success(request, _("Confirmed as still correct: %(count)d.") % {"count": count})
            return redirect("check", desk.code, now.round.code)
    return _show(request, now, SubmissionForm(check=now), confirming=form)


def _submit(request: SignedInRequest, desk: Respondent, round_: Round) -> HttpResponse:
    check_permission(can_submit(request.user, desk))
    now = check_submission(desk, round_)
    if now.current and now.is_same_as_current:
        return redirect(now.current)
    form = SubmissionForm(request.POST, check=now)
    if not form.is_valid():
        return _show(request, now, form)
    try:
        submission = submit(
            respondent=desk,
            round_=round_,
            fingerprint=form.cleaned_data["fingerprint"],
            statements=form.statements,
            by=request.user,
        )
    except NotAllowed:
        return _show(request, check_submission(desk, round_), form)
    except StaleCheck as stale:
        return _show(
            request, stale.check, form.start_again(stale.check), is_stale=True, since=form.cleaned_data["checked_at"]
        )
    except ValidationError as error:
        form.refuse(error)
        return _show(request, now, form)
    request.session.pop("checking", None)
    messages.success(request, _("Submitted. Focal points and the Secretariat have been notified by e-mail."))
    return redirect(submission)


def _show(
    request: SignedInRequest,
    now: Check,
    form: SubmissionForm,
    *,
    is_stale: bool = False,
    since: datetime.datetime | None = None,
    is_unsaved: bool = False,
    confirming: ThemeConfirmationForm | None = None,
) -> HttpResponse:
    """`is_stale`: the answers have changed `since` they were checked; None where that time is not known."""
    gaps = now.gaps
    clarifications = sent_clarifications([now.answers_to], request.user) if now.answers_to else []
    context = {
        "desk": now.respondent,
        "tab": "submissions",
        "now": now,
        "form": form,
        "is_unsaved": is_unsaved,
        "may_submit": can_submit(request.user, now.respondent),
        "may_answer": can_answer_all(request.user, now.respondent),
        "is_open": now.allows != NextSubmission.NOTHING,
        "answers_alone": now.allows == NextSubmission.ANSWERS_ALONE,
        "questions": clarifications,
        "unanswered_questions": [row for row in clarifications if not row.is_answered],
        "counts": {status.value: now.counts[status.value] for status in Status},
        "missing": now.counts["asked"] - now.counts["answered"],
        "gaps": gaps,
        "has_gaps": any(gaps.values()),
        "unanswered": _by_theme(now, "unanswered"),
        "unconfirmed": _to_confirm(_by_theme(now, "unconfirmed"), confirming),
        "kept": _evidence_kept_by_state(gaps["evidence_kept"]),
        "cited": sum(len(unit.citations) for unit in now.units),
        "changed": [unit for unit in now.units if unit.is_changed] if now.current else [],
        "is_stale": is_stale,
        "saved_since": _saved_since(now, since) if since else [],
    }
    return render(request, "tracker/submission/check.html", context)


def _get_round(code: str) -> Round:
    return get_object_or_404(Round.objects.select_related("body").exclude(state=RoundStage.PLANNED), code=code)


def _by_theme(now: Check, gap: str) -> list[CheckSection]:
    wanted = {unit.unit.pk for unit in now.gaps[gap]}
    if not wanted:
        return []
    sections = [
        CheckSection(slug, name, [unit for unit in units if unit.unit.pk in wanted], len(units))
        for slug, name, units in by_frozen_theme(((unit.themes, unit) for unit in now.units), now.round)
    ]
    return [section for section in sections if section.units]


def _confirmation_form(data: QueryDict) -> ThemeConfirmationForm:
    return ThemeConfirmationForm(data, prefix=data.get("section", ""))


def _to_confirm(sections: list[CheckSection], bound: ThemeConfirmationForm | None) -> list[CheckSection]:
    today = timezone.localdate()
    forms = [
        bound
        if bound is not None and bound.prefix == section.slug
        else ThemeConfirmationForm(prefix=section.slug, initial={"theme": section.slug, "as_at": today})
        for section in sections
    ]
    return [section._replace(form=form) for section, form in zip(sections, forms, strict=True)]


def _evidence_kept_by_state(units: list[CheckedUnit]) -> list[tuple[Citation, list[CheckedUnit]]]:
    found: dict[int, tuple[Citation, list[CheckedUnit]]] = {}
    for unit in units:
        for citation in unit.withheld:
            found.setdefault(citation.evidence_version.evidence_id, (citation, []))[1].append(unit)
    return list(found.values())


def _saved_since(now: Check, since: datetime.datetime) -> list[CheckedUnit]:
    return [unit for unit in now.units if unit.current and unit.current.created_at >= since]

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from tracker.figures.answers import figures
from tracker.figures.comparison import changes_since
from tracker.forms.filters import OLD, PASSED, situation_codes, target_codes
from tracker.models import Respondent, User
from tracker.models.respondent import UNITS_ON_THE_CONVENTION, TreatyStatus
from tracker.permissions import (
    can_add_evidence,
    can_assign,
    can_decide_proposals,
    can_object,
    can_read_handover,
    can_read_trail,
    can_report_status,
    can_submit,
)
from tracker.queries.addressees import ACT_NAMES, addressee_counts, describe_unit_count, treaty_status
from tracker.queries.desk.assignments import items_on_desk
from tracker.queries.desk.assistance import needs_in_progress
from tracker.queries.desk.handover import parts_without_user
from tracker.queries.desk.overview import (
    LastRound,
    counts_by_assignee,
    last_round,
    newest_changes,
    next_units,
    own_draft,
    rounds_on_desk,
)
from tracker.queries.desk.proposals import offered_on_desk
from tracker.queries.desk.team import memberships_to_end
from tracker.queries.desk.units import UnitRow, count_skipped, unit_rows
from tracker.queries.quotations import OpenQuotations, open_quotations_of
from tracker.queries.status_reports import status_report_rows
from tracker.queries.submissions.questions import read_open_clarifications
from tracker.queries.treaty_acts import treaty_source
from tracker.web.bodies import choose_body_of_desk
from tracker.web.desks import get_desk_or_404
from tracker.web.last_visit import last_visit
from tracker.web.request import SignedInRequest

OFFERED = 10
TASKS = ("came_back", "open_quotations", "passed", "on_a_former_wording", "updates", "with_nobody", "ending")


@require_safe
def respondent_desk(request: SignedInRequest, code: str) -> HttpResponse:
    """Show the overview; to users who see a part, their items and figures over those alone."""
    desk = get_desk_or_404(request.user, code)
    body_choice = choose_body_of_desk(request, desk)
    rows = unit_rows(desk, request.user, body=body_choice.body, with_answers=False)
    items = items_on_desk(desk, request.user)
    is_whole = desk.pk in request.user.whole_desks
    rounds = rounds_on_desk(desk, request.user) if is_whole else []
    rounds.sort(key=lambda round_row: round_row.round.body != body_choice.body)
    may_answer = can_add_evidence(request.user, desk)
    before = last_round(desk, request.user, body_choice.body) if is_whole else None
    since = last_visit(request)
    context: dict[str, Any] = {
        "body_choice": body_choice,
        "my_items": items.of(request.user, desk),
        "desk_items": items if can_assign(request.user, desk) else None,
        "addressed": describe_unit_count(desk, len(rows.to_answer)),
        "rounds": rounds,
        "came_back": read_open_clarifications(desk, request.user) if any(row.asks for row in rounds) else [],
        "open_quotations": _open_quotations(desk, request.user, before),
        "in_contact": needs_in_progress(desk, request.user),
        "offered": offered_on_desk(desk, request.user)[:OFFERED],
        "may_decide": can_decide_proposals(request.user, desk),
        "on_a_former_wording": [row for row in rows.to_answer if row.answers_former_wording],
        "updates": [row for row in (*rows.to_answer, *rows.others) if row.update_from],
        "passed": _count_passed(rows.to_answer),
        "figures": figures(rows.to_answer, timezone.now()),
        "draft": own_draft(desk, request.user) if may_answer else None,
        "next_units": next_units(rows.to_answer),
        "skipped": count_skipped(rows.to_answer),
        "assignees": counts_by_assignee(items, rows.to_answer) if is_whole else [],
        "last_round": before,
        "changes_since": changes_since(before.statuses, rows.to_answer) if before else {},
        "last_visit": since,
        "recent_changes": newest_changes(desk, request.user, since),
        "may_answer": may_answer,
        "may_submit": can_submit(request.user, desk),
        "may_read_trail": can_read_trail(request.user, desk),
        "with_nobody": parts_without_user(items) if can_read_handover(request.user, desk) else [],
        "ending": memberships_to_end(m for m in request.user.current_memberships if m.respondent_id == desk.pk),
    }
    context["has_tasks"] = _has_tasks(context)
    template = "tracker/respondent/desk.html" if is_whole else "tracker/respondent/desk_in_part.html"
    return render(request, template, context)


def _count_passed(rows: Iterable[UnitRow]) -> list[tuple[str, str]]:
    """Return what to say of answers whose date has passed, and the filter of the list that shows them."""
    counts = Counter(code for row in rows for code in (*target_codes(row), *situation_codes(row)))
    lines = [
        # Translators: count: number of answers.
        (PASSED, gettext("Target date passed: %(count)s"), f"target={PASSED}"),
        # Translators: count: number of answers.
        (OLD, gettext("Situation older than twelve months: %(count)s"), f"situation={OLD}"),
    ]
    return [(words % {"count": counts[code]}, query) for code, words, query in lines if counts[code]]


def _open_quotations(desk: Respondent, user: User, before: LastRound | None) -> list[OpenQuotations]:
    is_asked = before is not None and before.is_quoted and can_object(user, desk)
    return open_quotations_of(desk, user) if is_asked else []


def _has_tasks(context: dict[str, Any]) -> bool:
    """Return whether anything on the overview waits for the reader."""
    items = context["desk_items"]
    return (
        any(context[name] for name in TASKS)
        or bool(items and (items.ready or items.overdue))
        or bool(context["may_decide"] and any(proposal.decided_at is None for proposal in context["offered"]))
    )


@require_safe
def units_to_answer(request: SignedInRequest, code: str) -> HttpResponse:
    desk = get_desk_or_404(request.user, code)
    is_whole = desk.pk in request.user.whole_desks
    body_choice = choose_body_of_desk(request, desk)
    body = body_choice.body
    units = desk.units_to_answer().of(body).order_by("position")
    listed = list(units)
    is_asked_more = desk.treaty_status == TreatyStatus.CONVENTION_ONLY and not body_choice.query
    context = {
        "body_choice": body_choice,
        "addressed": describe_unit_count(desk, len(listed)),
        "treaty_status": treaty_status(desk),
        "treaty_source": treaty_source(desk),
        "treaty_acts": [ACT_NAMES.get(act, act) for act in (desk.protocol_act, desk.convention_act)],
        "status_reports": status_report_rows(desk, request.user) if is_whole else [],
        "may_report_status": can_report_status(request.user, desk),
        "addressee_counts": addressee_counts(desk, body),
        "on_the_convention": [unit for unit in listed if is_asked_more and unit.label in UNITS_ON_THE_CONVENTION],
        "others": desk.units_open().of(body).exclude(pk__in=units.values("pk")).order_by("position"),
    }
    return render(request, "tracker/respondent/units_asked.html", context)

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter

from django.db.models import F, Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from tracker.forms.bulk import EDITED_TOGETHER
from tracker.forms.filters import UnitFilter, section_key
from tracker.models import Respondent, Revision
from tracker.models.change import ChangeCode
from tracker.permissions import can_assign, can_fill_workbook, can_mark_ready, can_submit, units_written
from tracker.queries.desk import units
from tracker.queries.desk.units import UnitRow
from tracker.queries.submissions.check import round_to_confirm_for
from tracker.views import listed_rows
from tracker.web.bodies import choose_body_of_desk
from tracker.web.desks import get_desk_or_404
from tracker.web.request import SignedInRequest

SELECTION = "id_unit"  # the element of the page that has the buttons for what is selected


@dataclass(frozen=True)
class ListSection:
    """`rows`: all units of a theme or meeting, over which bar and counts are; `shown`: those that the filters leave."""

    name: str
    rows: list[UnitRow]
    shown: list[UnitRow]
    key: str

    @property
    def counts(self) -> Counter[str]:
        return units.count_statuses(self.rows)

    @cached_property
    def answered(self) -> int:
        return units.count_answered(self.rows)

    @property
    def has_unanswered(self) -> bool:
        return self.answered < len(self.rows)

    @cached_property
    def unready(self) -> list[UnitRow]:
        return [row for row in self.rows if row.is_answered and not row.is_ready]


@require_safe
def record_list(request: SignedInRequest, code: str) -> HttpResponse:
    desk = get_desk_or_404(request.user, code)
    body_choice = choose_body_of_desk(request, desk)
    rows, others = listed_rows(request, desk, body_choice.body)
    tasks = UnitFilter(request.GET, rows, others)
    is_whole = desk.pk in request.user.whole_desks
    context = {
        "is_whole": is_whole,
        "tasks": tasks,
        "may_assign": can_assign(request.user, desk),
        "may_fill": can_fill_workbook(request.user, desk),
        "may_mark": can_mark_ready(request.user, desk),
        "to_confirm": round_to_confirm_for(desk, body_choice.body) if can_submit(request.user, desk) else None,
    }
    if request.htmx.target == SELECTION:
        return render(request, "tracker/record/list.html#selection", context)
    sections = _list_sections(tasks)
    unanswered = units.next_unanswered([row for row in tasks.shown if row.is_to_answer]) or units.next_unanswered(rows)
    context |= {
        "body_choice": body_choice,
        "asked": len(rows),
        "answered": units.count_answered(rows),
        "came_back": sum(row.came_back for row in (*rows, *others)),
        "may_select": any(context[name] for name in ("may_assign", "may_fill")),
        "with_assignees": is_whole and any(map(attrgetter("assigned"), tasks.listed)),
        "selected": {row.unit.slug for row in tasks.selected},
        "written": units_written(request.user, desk),
        "ready": sum(row.is_ready for row in rows),
        "form": tasks.form,
        "edited": _edits_to_undo(request, desk),
        "sections": sections,
        "wanting": next((section for section in sections if section.has_unanswered), None),
        "unanswered": unanswered,
        "skipped": units.count_skipped(rows),
        "now": timezone.now(),
        "midnight": timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0),
    }
    return render(request, "tracker/record/list.html", context)


def _edits_to_undo(request: SignedInRequest, desk: Respondent) -> list[int]:
    """Return the revisions that the last edit saved, without those that have a newer one."""
    keys = request.session.get(EDITED_TOGETHER)
    if not keys:
        return []
    newest = Q(record__current=F("pk")) | Q(record__current__isnull=True, change_code=ChangeCode.EMPTIED)
    edited = Revision.objects.visible_to(request.user).filter(newest, record__respondent=desk, pk__in=keys)
    return list(edited.values_list("pk", flat=True))


def _list_sections(tasks: UnitFilter) -> list[ListSection]:
    groups = units.by_meeting(tasks.listed) if tasks.by_meeting else units.by_theme(tasks.listed)
    shown = {row.unit.id for row in tasks.shown}
    sections = [
        ListSection(
            str(of or _("No theme")),
            rows,
            [row for row in rows if row.unit.id in shown],
            section_key(rows[0], tasks.by_meeting),
        )
        for of, rows in groups
    ]
    return [section for section in sections if section.shown]

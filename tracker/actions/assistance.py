"""Move a need for assistance: the Secretariat has seen it or is in contact, and the State closes it."""

from django.db import transaction
from django.utils import timezone

from recommendations.models import Recommendation
from tracker.actions.event import record_event
from tracker.actions.respondent import lock_respondent
from tracker.models import AssistanceNeed, Respondent, User
from tracker.permissions import can_close_need, can_mark_need
from tracker.queries.desk.assistance import has_need, need_of, state_of
from tracker.workflow import ASSISTANCE, NotAllowed, next_state

EVENTS = {"see": "need seen", "contact": "need in contact", "close": "need closed"}


class StaleNeed(NotAllowed):
    """`need` is the current state, None where it is open."""

    def __init__(self, need: AssistanceNeed | None):
        super().__init__("the need stands elsewhere by now")
        self.need = need


@transaction.atomic
def mark_need(*, respondent: Respondent, unit: Recommendation, transition: str, base: str, by: User) -> AssistanceNeed:
    """Mark a need as seen ("see") or in contact ("contact"); StaleNeed where its state is not `base` any more."""
    lock_respondent(respondent, by, can_mark_need)  # else two would add a row
    if transition not in {"see", "contact"}:
        raise NotAllowed(f"a reviewer does not {transition} a need")
    return _move(respondent, unit, transition, base, by)


@transaction.atomic
def close_need(*, respondent: Respondent, unit: Recommendation, base: str, by: User) -> AssistanceNeed:
    """Close a need that is met, or needed no more; a later submission that asks again opens it."""
    lock_respondent(respondent, by, can_close_need)
    return _move(respondent, unit, "close", base, by)


def _move(respondent: Respondent, unit: Recommendation, transition: str, base: str, by: User) -> AssistanceNeed:
    if not has_need(respondent, unit):
        raise NotAllowed("nothing that stands asks for assistance on this unit")
    current = need_of(respondent, unit)
    if state_of(current) != base:
        raise StaleNeed(current)
    before, need = reference(current), current or AssistanceNeed(respondent=respondent, unit=unit)
    need.state, need.by, need.at = next_state(ASSISTANCE, transition, base), by, timezone.now()
    need.save()
    record_event(
        action=EVENTS[transition],
        target=f"need {unit.full_label}",
        by=by,
        respondent=respondent,
        before=before,
        after=reference(need),
    )
    return need


def reference(need: AssistanceNeed | None) -> str:
    return f"{need.state} {need.make_digest()}" if need else ""

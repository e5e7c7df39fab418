"""Treaty acts as curators read them."""

from typing import NamedTuple

from tracker.models import Respondent, TreatyAct
from tracker.models.treaty_act import acts_on_file

State = TreatyAct.State


class Waiting(NamedTuple):
    """An act to be confirmed, and the one of the same key that counts today, if one does."""

    act: TreatyAct
    counts: TreatyAct | None


def waiting_acts() -> list[Waiting]:
    """By State, in alphabetical order; in two queries."""
    waiting = TreatyAct.objects.filter(state=State.TO_BE_CONFIRMED).select_related("respondent", "entered_by")
    acts = list(waiting.order_by("respondent__sort_key", "instrument", "pk"))
    confirmed = TreatyAct.objects.filter(state=State.CONFIRMED, respondent__in={act.respondent_id for act in acts})
    by_key = {act.key: act for act in sorted(confirmed, key=lambda act: act.age)}
    known = {respondent for respondent, *_of in by_key}
    on_file = {one.key: one for act in acts if act.respondent_id not in known for one in acts_on_file(act.respondent)}
    return [Waiting(act, by_key.get(act.key) or on_file.get(act.key)) for act in acts]


def acts_of(respondent: Respondent) -> list[TreatyAct]:
    """All that was entered, the newest first; what is on file where nothing was decided yet."""
    acts = list(respondent.treaty_acts.select_related("entered_by", "decided_by").order_by("-pk"))
    is_decided = any(act.state != State.TO_BE_CONFIRMED for act in acts)
    return acts if is_decided else acts + acts_on_file(respondent)

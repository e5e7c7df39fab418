from django.db.models import QuerySet

from tracker.models import Respondent, TreatyAct
from tracker.models.treaty_act import TreatyActStage, acts_on_file

State = TreatyActStage


def waiting_acts() -> QuerySet[TreatyAct]:
    waiting = TreatyAct.objects.filter(state=State.TO_BE_CONFIRMED).select_related("respondent", "entered_by")
    return waiting.order_by("respondent__sort_key", "instrument", "pk")


def acts_of(respondent: Respondent) -> list[TreatyAct]:
    acts = list(respondent.treaty_acts.select_related("entered_by", "decided_by").order_by("-pk"))
    is_decided = any(act.state != State.TO_BE_CONFIRMED for act in acts)
    return acts if is_decided else acts + acts_on_file(respondent)

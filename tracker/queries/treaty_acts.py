from django.db.models import QuerySet
from django.utils.translation import gettext as _

from recommendations.days import day_in_words
from tracker.models import CompleteActs, Respondent, TreatyAct
from tracker.models.treaty_act import TreatyActStage, acts_on_file

State = TreatyActStage


def waiting_acts() -> QuerySet[TreatyAct]:
    waiting = TreatyAct.objects.filter(state=State.TO_BE_CONFIRMED).select_related("respondent", "entered_by")
    return waiting.order_by("respondent__sort_key", "instrument", "pk")


def complete_acts() -> CompleteActs | None:
    """Return the newest confirmation that the acts of all States are complete.

    Without one, no page and no file lists States by treaty status.
    """
    return CompleteActs.objects.select_related("confirmed_by").last()


def describe_status_lists(complete: CompleteActs | None) -> str:
    """Say of which day and source a list by treaty status is, or why it has none."""
    if complete:
        values = {"date": day_in_words(complete.as_at), "source": complete.source}
        # Translators: date: day of the information. source: where it is published. Both are of the acts of all States.
        return _("Treaty status is as at %(date)s (%(source)s), or as confirmed since.") % values
    return _("Treaty status is not listed: the treaty acts of all States are not yet confirmed as complete.")


def treaty_source(respondent: Respondent) -> str:
    """Return the source of the newest information on the treaty status of a State; empty where there is none."""
    acts = [act for act in acts_of(respondent) if act.state == State.CONFIRMED]
    return max(acts, key=lambda act: act.date_key).source_in_words if acts else ""


def acts_of(respondent: Respondent) -> list[TreatyAct]:
    acts = list(respondent.treaty_acts.select_related("entered_by", "decided_by").order_by("-pk"))
    is_decided = any(act.state != State.TO_BE_CONFIRMED for act in acts)
    return acts if is_decided else acts + acts_on_file(respondent)

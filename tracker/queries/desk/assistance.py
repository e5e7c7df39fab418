from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import Exists, OuterRef, QuerySet

from recommendations.models import Recommendation
from tracker.models import AssistanceNeed, Respondent, Revision, SubmissionItem, User
from tracker.models.answer_fields import AssistanceKind
from tracker.models.assistance import NeedStage, with_newest_need
from tracker.models.submission import is_withdrawn

KIND_ORDER = AssistanceKind.values


class OwnNeed(NamedTuple):
    item: SubmissionItem
    mark: AssistanceNeed | None

    @property
    def unit(self) -> Recommendation:
        return self.item.unit

    @property
    def answer(self) -> Revision:
        return self.item.revision  # type: ignore[return-value]  # what asks is answered

    @property
    def kind_names(self) -> list[str]:
        return names_of(in_order(self.answer.assistance_kinds))

    @property
    def words(self) -> str:
        return self.answer.shown_value("assistance")

    @property
    def state(self) -> str:
        return state_of(self.mark)


def own_needs(respondent: Respondent, reader: User) -> list[OwnNeed]:
    """List a unit where the answer submitted last on it asks for assistance, in the order of the paper."""
    last = {item.unit_id: item for item in _current_answers(respondent).order_by("submission_id")}
    keys = [item.pk for item in last.values() if item.asks_for_assistance]
    items = SubmissionItem.objects.visible_to(reader).filter(pk__in=keys)
    items = items.select_related(
        "unit__current_wording", "revision__withdrawal", "submission__round", "submission__respondent"
    )
    marks = needs_by_key([respondent])
    return [OwnNeed(item, marks.get((respondent.pk, item.unit_id))) for item in items.order_by("unit__position")]


def needs_in_progress(respondent: Respondent, reader: User) -> QuerySet[AssistanceNeed]:
    needed = _current_answers(respondent).filter(unit=OuterRef("unit"), asks_for_assistance=True)
    marks = AssistanceNeed.objects.visible_to(reader).filter(Exists(needed), respondent=respondent)
    return marks.filter(state=NeedStage.IN_CONTACT).select_related("unit").order_by("unit__position")


def has_need(respondent: Respondent, unit: Recommendation) -> bool:
    return _current_answers(respondent).filter(unit=unit, asks_for_assistance=True).exists()


def need_of(respondent: Respondent, unit: Recommendation) -> AssistanceNeed | None:
    return needs_by_key([respondent]).get((respondent.pk, unit.pk))


def state_of(mark: AssistanceNeed | None) -> str:
    return mark.current_state if mark else NeedStage.OPEN


def in_order(kinds: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({*kinds}, key=KIND_ORDER.index))


def names_of(kinds: Iterable[str]) -> list[str]:
    return [str(AssistanceKind(kind).label) for kind in kinds]


def _current_answers(respondent: Respondent) -> QuerySet[SubmissionItem]:
    return (
        SubmissionItem.objects.for_readers_of(respondent)
        .of_newest_in_round()
        .filter(revision__isnull=False)
        .exclude(is_withdrawn("submission__"))
        .only("unit", "submission", "asks_for_assistance")
    )


def needs_by_key(respondents: Iterable[Respondent]) -> dict[tuple[int, int], AssistanceNeed]:
    marks = with_newest_need(AssistanceNeed.objects.for_readers_of(*respondents)).select_related("by")
    return {(mark.respondent_id, mark.unit_id): mark for mark in marks}

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from recommendations.groups import group_pairs
from recommendations.models import Recommendation, Wording
from tracker.models import Revision


class WordingChange(NamedTuple):
    node: Recommendation
    before: Wording
    after: Wording

    @property
    def since(self) -> datetime | None:
        return self.after.since


def wording_changes(revision: Revision, nodes: Collection[Recommendation]) -> list[WordingChange]:
    """Return the texts that have a new wording since the answer was saved, in one query or none."""
    changed = [node for node in nodes if node.current_wording and node.current_wording.since]
    if not changed:
        return []
    found = Wording.objects.filter(recommendation__in=changed).order_by("number")
    wordings = group_pairs((wording.recommendation_id, wording) for wording in found)
    read = [(node, _as_answered(revision, wordings[node.pk])) for node in changed]
    return [
        WordingChange(node, before, node.current_wording)  # type: ignore[arg-type]  # those in `changed` have one
        for node, before in read
        if before and before.since != node.current_wording.since  # type: ignore[union-attr]
    ]


def texts_of_answer(unit_id: int) -> list[Recommendation]:
    unit = Recommendation.objects.filter(pk=unit_id)
    found = unit.with_those_above() | Recommendation.objects.below(unit_id)
    return list(found.select_related("current_wording").order_by("position"))


def _as_answered(revision: Revision, wordings: list[Wording]) -> Wording | None:
    """Return the wording that the revision answered; for texts around the unit, the wording when it was saved."""
    own = (wording for wording in wordings if wording.pk == revision.wording_id)
    earlier = [wording for wording in wordings if wording.created_at <= revision.created_at]
    return next(own, earlier[-1] if earlier else None)

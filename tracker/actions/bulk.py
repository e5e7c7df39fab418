"""Make the same change in several answers: some fields, and never their texts."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from recommendations.models import Recommendation
from tracker.actions.record import (
    NotSaved,
    SeenAnswer,
    StaleAnswer,
    answers_former_wording,
    lock_records,
    read_answers,
    save_together,
)
from tracker.actions.respondent import lock_respondent
from tracker.models import Respondent, Revision, User
from tracker.models.answer_fields import names_where
from tracker.models.change import Change, ChangeCode
from tracker.models.record import Answer
from tracker.models.status import Status
from tracker.permissions import can_answer_some

AT_ONCE = 25
NEW_WORDING = _(
    "The wording of the recommendation has changed. Read the new wording on the answer page and save the answer, "
    "or deselect the recommendation."
)
CHANGED = names_where(lambda field: field.is_set_together)


def change_answer(own: Answer | None, changes: Mapping[str, Any], language: str) -> Answer:
    answer = replace(own or Answer(status="", language=language), **changes)
    return answer if answer.status == Status.NOT_APPLICABLE else replace(answer, reason_code="")


@transaction.atomic
def change_together(
    *,
    respondent: Respondent,
    answers: Sequence[SeenAnswer],
    changes: Mapping[str, Any],
    language: str,
    by: User,
    change_reason: str = "",
) -> list[Revision]:
    """Set these fields (some of CHANGED) in all of these answers, or in none. Raises NotSaved."""
    lock_records(respondent, [seen.unit for seen in answers])
    lock_respondent(respondent, by)
    if not can_answer_some(by, respondent) or set(changes) - set(CHANGED):
        raise PermissionDenied
    if len(answers) > AT_ONCE:
        # Translators: count: number of selected recommendations; most: largest number allowed.
        message = _("Selected: %(count)d. The limit is %(most)d at a time: deselect some recommendations.")
        raise ValidationError(message, params={"count": len(answers), "most": AT_ONCE})
    if refused := _former_wording_errors(respondent, answers):
        raise NotSaved(refused)
    own = read_answers(respondent, [seen.unit for seen in answers])
    return save_together(
        respondent=respondent,
        answers=[(seen, change_answer(own.get(seen.unit), changes, language)) for seen in answers],
        by=by,
        change=Change.of(ChangeCode.LIST),
        change_reason=change_reason,
    )


def _former_wording_errors(
    respondent: Respondent, answers: Sequence[SeenAnswer]
) -> dict[Recommendation, StaleAnswer | ValidationError]:
    """Refuse answers to a former wording: saving would say, unread, that they hold for the new wording."""
    units = [seen.unit for seen in answers]
    current = Revision.everyones.filter(record__respondent=respondent, record__recommendation__in=units)
    found = current.filter(pk=F("record__current")).select_related("record__recommendation")
    return {
        revision.record.recommendation: ValidationError(NEW_WORDING)
        for revision in found
        if answers_former_wording(revision, revision.record.recommendation)
    }

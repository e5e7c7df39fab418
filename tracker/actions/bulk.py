"""Make the same change in several answers: some fields, and never their texts. Undo it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from recommendations.models import Recommendation
from tracker.actions.record import (
    RevisionDetails,
    SeenAnswer,
    answers_former_wording,
    lock_all_to_answer,
    lock_records,
    restore_revision,
    save_locked,
)
from tracker.actions.respondent import lock_respondent
from tracker.models import Respondent, Revision, User
from tracker.models.answer_fields import names_where
from tracker.models.change import Change, ChangeCode
from tracker.models.record import Answer
from tracker.models.status import Status
from tracker.permissions import can_answer_some, can_mark_ready, units_written

AT_ONCE = 25
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
    locked = lock_all_to_answer(respondent, [seen.unit for seen in answers], by)
    if not can_answer_some(by, respondent) or set(changes) - set(CHANGED):
        raise PermissionDenied
    if "ready" in changes and not can_mark_ready(by, respondent):
        raise PermissionDenied
    if len(answers) > AT_ONCE:
        # Translators: count: number of selected recommendations; most: largest number allowed.
        message = _("Selected: %(count)d. The limit is %(most)d at a time: deselect some recommendations.")
        raise ValidationError(message, params={"count": len(answers), "most": AT_ONCE})
    return save_locked(
        locked,
        [(seen, change_answer(locked.answer(seen.unit), changes, language)) for seen in answers],
        RevisionDetails(Change.of(ChangeCode.LIST), change_reason),
        by=by,
    )


@transaction.atomic
def mark_ready(*, respondent: Respondent, answers: Sequence[SeenAnswer], by: User) -> list[Revision]:
    """Mark all of these answers ready as they were read, or none, in a fixed number of queries. Raises NotSaved.

    Answers that are ready already are left out, as on a double click.
    """
    locked = lock_all_to_answer(respondent, [seen.unit for seen in answers], by)
    if not can_mark_ready(by, respondent):
        raise PermissionDenied
    given = [(seen, locked.answer(seen.unit) or Answer(status="")) for seen in answers]
    return save_locked(
        locked,
        [(seen, replace(answer, ready=True)) for seen, answer in given if not answer.ready],
        RevisionDetails(Change.of(ChangeCode.READY)),
        by=by,
        action="answer marked ready",
    )


@transaction.atomic
def undo_change(*, respondent: Respondent, revisions: Collection[int], by: User) -> list[Revision]:
    """Restore, each as a new version, the answers as they were before these revisions of `change_together` or
    `mark_ready`.

    `revisions` are keys. Left as they are: answers that have changed since, that had no version before, whose text has
    a new wording since, or that the user may not write any more.
    """
    changed = Revision.everyones.filter(
        record__respondent=respondent, change_code__in=(ChangeCode.LIST, ChangeCode.READY), pk__in=revisions
    )
    lock_records(respondent, Recommendation.objects.filter(records__revisions__in=changed))
    lock_respondent(respondent, by)
    if not can_answer_some(by, respondent):
        raise PermissionDenied
    writable = units_written(by, respondent)
    current = changed.filter(pk=F("record__current"), number__gt=1).select_related("record__recommendation")
    restored = []
    for revision in current.order_by("record__recommendation__position"):
        unit = revision.record.recommendation
        if (writable is None or unit.pk in writable) and not answers_former_wording(revision, unit):
            before = Revision.everyones.get(record=revision.record, number=revision.number - 1)
            restored.append(restore_revision(revision=before, base=revision.number, by=by))
    return [revision for revision in restored if revision]

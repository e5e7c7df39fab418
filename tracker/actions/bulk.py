"""Make the same change in several answers: some fields, and never their texts. Undo it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from recommendations.models import Recommendation
from tracker.actions.record import (
    CITATIONS,
    UNREAD,
    LockedRecords,
    RevisionDetails,
    SeenAnswer,
    answers_former_wording,
    lock_all_to_answer,
    read_records,
    save_locked,
)
from tracker.actions.respondent import lock_respondent
from tracker.models import Record, Respondent, Revision, User
from tracker.models.answer_fields import names_where
from tracker.models.change import Change, ChangeCode
from tracker.models.combination import NO_ANSWER
from tracker.models.record import Answer, answer_of
from tracker.models.status import Status
from tracker.permissions import can_answer_some, can_mark_ready, check_permission, units_written

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
    check_permission(can_answer_some(by, respondent) and set(changes) <= set(CHANGED))
    check_permission("ready" not in changes or can_mark_ready(by, respondent))
    if len(answers) > AT_ONCE:
        # Translators: count: number of selected recommendations; most: largest number allowed.
        message = _("Selected: %(count)d. The limit is %(most)d at a time: deselect some recommendations.")
        raise ValidationError(message, params={"count": len(answers), "most": AT_ONCE})
    details = RevisionDetails(Change.of(ChangeCode.LIST), change_reason)
    changed = [(seen, change_answer(locked.answer(seen.unit), changes, language), details) for seen in answers]
    return save_locked(locked, changed, by=by)


@transaction.atomic
def mark_ready(*, respondent: Respondent, answers: Sequence[SeenAnswer], by: User) -> list[Revision]:
    """Mark all of these answers ready as they were read, or none, in a fixed number of queries. Raises NotSaved.

    Answers that are ready already are left out, as on a double click.
    """
    locked = lock_all_to_answer(respondent, [seen.unit for seen in answers], by)
    check_permission(can_mark_ready(by, respondent))
    given = [(seen, locked.answer(seen.unit) or Answer(status="")) for seen in answers]
    details = RevisionDetails(Change.of(ChangeCode.READY))
    marked = [(seen, replace(answer, ready=True), details) for seen, answer in given if not answer.ready]
    return save_locked(locked, marked, by=by, action="answer marked ready")


@transaction.atomic
def empty_answers(*, respondent: Respondent, answers: Sequence[SeenAnswer], by: User) -> list[Revision]:
    """Have all of these answers say nothing from now on (*No information*), or none. Raises NotSaved.

    Their versions stay in the history. Recommendations without an answer are left out, as on a double click.
    """
    locked = lock_all_to_answer(respondent, [seen.unit for seen in answers], by)
    check_permission(can_mark_ready(by, respondent))
    emptied = [(seen, *_restored_or_emptied(locked.by_unit[seen.unit.pk].current)) for seen in answers]
    return save_locked(locked, emptied, by=by)


@transaction.atomic
def undo_change(*, respondent: Respondent, revisions: Collection[int], by: User) -> list[Revision]:
    """Restore, each as a new version, the answers as they were before these revisions of `change_together` or
    `mark_ready`, in a fixed number of queries.

    `revisions` are keys. An answer that had no version before is emptied. Left as they are: answers that have changed
    since, whose text has a new wording or is withdrawn since, or that the user may not write any more.
    """
    locked = lock_respondent(respondent, by, can_answer_some)
    codes = (*UNREAD, ChangeCode.EMPTIED)
    changed = Revision.everyones.filter(record__respondent=respondent, change_code__in=codes, pk__in=revisions)
    records = read_records(locked, Recommendation.objects.filter(records__revisions__in=changed))
    keys = set(changed.values_list("pk", flat=True))
    unchanged = [record for record in records.values() if record.last and record.last.pk in keys]
    return save_locked(LockedRecords(locked, records), _restore(_find_open(locked, unchanged, by)), by=by)


def _find_open(respondent: Respondent, records: Sequence[Record], by: User) -> list[Record]:
    """Return the records whose units the user may answer now, with no new wording since the current answer."""
    written = units_written(by, respondent)
    keys = respondent.find_units_open([record.recommendation for record in records])
    if written is not None:
        keys &= written
    return [record for record in records if record.recommendation_id in keys and not answers_former_wording(record)]


def _restore(records: Sequence[Record]) -> list[tuple[SeenAnswer, Answer, RevisionDetails]]:
    """Return the answer before the current one of each record, as `save_locked` takes it."""
    numbers = {record.pk: record.last.number - 1 for record in records if record.last}
    found = Revision.everyones.filter(record__in=numbers, number__in=set(numbers.values()))
    before = {(each.record_id, each.number): each for each in found.prefetch_related(CITATIONS)}
    return [
        (
            SeenAnswer.of_fetched(record.recommendation, record.current),
            *_restored_or_emptied(record.current, before.get((record.pk, numbers[record.pk]))),
        )
        for record in records
    ]


def _restored_or_emptied(current: Revision | None, before: Revision | None = None) -> tuple[Answer, RevisionDetails]:
    if before and before.status:
        return answer_of(before), RevisionDetails(Change.of(ChangeCode.RESTORED, [str(before.number)]), source=before)
    answer = Answer(status="", language=current.language) if current else NO_ANSWER
    return answer, RevisionDetails(Change.of(ChangeCode.EMPTIED))

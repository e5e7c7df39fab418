"""Make the same change in several answers: some fields, and never their texts. Undo it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F, Prefetch
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommendations.models import Recommendation, read_items
from tracker.actions.event import record_together
from tracker.actions.record import (
    NotSaved,
    SeenAnswer,
    StaleAnswer,
    answer_errors,
    answers_former_wording,
    lock_records,
    next_revision,
    read_answers,
    reference,
    restore_revision,
    save_together,
)
from tracker.actions.respondent import CANNOT_ANSWER, lock_respondent
from tracker.models import Citation, Record, Respondent, Revision, User
from tracker.models.answer_fields import names_where
from tracker.models.change import Change, ChangeCode
from tracker.models.record import Answer, answer_of
from tracker.models.status import Status
from tracker.permissions import can_answer_some, can_mark_ready, units_written

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
    if "ready" in changes and not can_mark_ready(by, respondent):
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


@transaction.atomic
def mark_ready(*, respondent: Respondent, answers: Sequence[SeenAnswer], by: User) -> list[Revision]:
    """Mark all of these answers ready as they were read, or none, in a fixed number of queries. Raises NotSaved.

    Answers that are ready already are left out, as on a double click.
    """
    lock_records(respondent, [seen.unit for seen in answers])
    lock_respondent(respondent, by)
    if not can_mark_ready(by, respondent):
        raise PermissionDenied
    records = read_records(respondent, [seen.unit for seen in answers])
    if refused := _ready_errors(respondent, answers, records):
        raise NotSaved(refused)
    to_mark = [(record, record.current) for record in records.values() if record.current and not record.current.ready]
    at, change = timezone.now(), Change.of(ChangeCode.READY)
    made = [
        next_revision(record, current, replace(answer_of(current), ready=True), by=by, at=at, change=change)
        for record, current in to_mark
    ]
    revisions = [revision for revision, _citations in made]
    Revision.everyones.bulk_create(revisions)
    Citation.everyones.bulk_create(citation for _revision, citations in made for citation in citations)
    for revision in revisions:
        revision.record.current = revision
    Record.everyones.bulk_update([record for record, _current in to_mark], ["current"])
    rows = [
        (f"record {record.recommendation.full_label}", reference(current), reference(revision))
        for (record, current), revision in zip(to_mark, revisions, strict=True)
    ]
    if rows:
        record_together(rows, action="answer marked ready", by=by, respondent=respondent)
    return revisions


def read_records(respondent: Respondent, asked: Iterable[Recommendation]) -> dict[int, Record]:
    """Return the records by unit, with everything that the next revision is made from."""
    units = Recommendation.objects.with_text().in_bulk([unit.pk for unit in asked])
    read_items(units.values())
    citations = Citation.everyones.order_by("position").select_related("evidence_version__evidence")
    found = Record.everyones.filter(respondent=respondent, recommendation__in=units).order_by(
        "recommendation__position"
    )
    found = found.select_related("current__author", "current__wording")
    records = {}
    for record in found.prefetch_related(Prefetch("current__citations", citations)):
        record.respondent, record.recommendation = respondent, units[record.recommendation_id]
        records[record.recommendation_id] = record
    return records


def _ready_errors(
    respondent: Respondent, answers: Sequence[SeenAnswer], records: Mapping[int, Record]
) -> dict[Recommendation, StaleAnswer | ValidationError]:
    can_be_answered = set(respondent.units_open().filter(pk__in=records).values_list("pk", flat=True))
    refused: dict[Recommendation, StaleAnswer | ValidationError] = {}
    for unit, base, withdrawn in answers:
        record = records[unit.pk]
        unit, current = record.recommendation, record.current
        if current and current.ready:
            continue
        if unit.pk not in can_be_answered:
            refused[unit] = ValidationError(CANNOT_ANSWER)
        elif current and (base, withdrawn) != (current.number, current.last_withdrawal(current.citations.all())):
            refused[unit] = StaleAnswer(current)
        elif current and current.answers_former_wording(unit, unit.unit_items):
            refused[unit] = ValidationError(NEW_WORDING)
        elif broken := answer_errors(unit, answer_of(current) if current else Answer(status="")):
            refused[unit] = ValidationError(broken)
    return refused


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

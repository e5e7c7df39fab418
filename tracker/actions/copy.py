"""Copy an answer to other units of its family; each copy is an answer of its own from then on."""

from collections.abc import Sequence
from dataclasses import replace

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from recommendations.models import Recommendation, units_in_families_of
from tracker.actions.event import record_event
from tracker.actions.record import (
    NotSaved,
    RevisionDetails,
    SeenAnswer,
    StaleAnswer,
    last_withdrawal,
    lock_all_to_answer,
    reference,
    save_locked,
)
from tracker.actions.respondent import lock_respondent
from tracker.models import Record, Respondent, Revision, User
from tracker.models.answer_fields import COPIED, FIELDS, CopyKind
from tracker.models.change import Change, ChangeCode
from tracker.models.record import Answer
from tracker.models.status import CONSIDERED, Status
from tracker.permissions import can_decide_updates, check_permission

NOT_APPLICABLE = _("“Not applicable” cannot be copied. Each recommendation needs its own reason.")
ASKS_FOR_MORE = _(
    "“Considered, not taken up” cannot be copied to a recommendation that asks for more than consideration."
)


def make_copy(source: Answer, own: Answer | None) -> Answer:
    """Return the answer that a unit would have: the source's texts and evidence, and the items met of its own answer.

    It is neither ready nor a good practice until somebody has read it beside the unit's own text.
    """
    empty = Answer(status="")
    by_rule = {CopyKind.SOURCE: source, CopyKind.OWN: own or empty, CopyKind.EMPTY: empty}
    return replace(source, **{field.name: getattr(by_rule[field.copying], field.name) for field in FIELDS})


def is_copied(source: Answer, own: Answer | None) -> bool:
    return own is not None and source.citations == own.citations and source.of_fields(COPIED) == own.of_fields(COPIED)


def reason_not_copied(source: Answer, unit: Recommendation) -> Promise | None:
    if source.status == Status.NOT_APPLICABLE:
        return NOT_APPLICABLE
    if source.status == CONSIDERED and not unit.asks_to_consider:
        return ASKS_FOR_MORE
    return None


@transaction.atomic
def copy_answer(*, respondent: Respondent, source: SeenAnswer, to: Sequence[SeenAnswer], by: User) -> list[Revision]:
    """Copy the answer to each of these units of the family, or to none; equal answers are left as they are.

    Raises StaleAnswer where the source has changed, or NotSaved.
    """
    locked = lock_all_to_answer(respondent, [seen.unit for seen in to], by)
    revision = _current_revision(respondent, source, by)
    kin = set(units_in_families_of(source.unit).values_list("pk", flat=True))
    check_permission(all(seen.unit.pk in kin for seen in to))
    answer = Answer.of(revision)
    if refused := {seen.unit: ValidationError(why) for seen in to if (why := reason_not_copied(answer, seen.unit))}:  # type: ignore[arg-type]
        raise NotSaved(refused)  # type: ignore[arg-type]
    details = RevisionDetails(Change.of(ChangeCode.COPIED), source=revision)
    pairs = [(seen, locked.answer(seen.unit)) for seen in to]
    copies = [(seen, make_copy(answer, own), details) for seen, own in pairs if not is_copied(answer, own)]
    return save_locked(locked, copies, by=by)


@transaction.atomic
def accept_update(*, respondent: Respondent, source: SeenAnswer, to: SeenAnswer, by: User) -> Revision | None:
    lock_respondent(respondent, by, can_decide_updates)
    saved = copy_answer(respondent=respondent, source=source, to=[to], by=by)
    return saved[0] if saved else None


@transaction.atomic
def decline_update(*, respondent: Respondent, source: SeenAnswer, unit: Recommendation, by: User) -> None:
    """Leave the unit's answer as it is, until the source changes again. Raises StaleAnswer."""
    lock_respondent(respondent, by, can_decide_updates)
    revision = _current_revision(respondent, source, by)
    record, _created = Record.everyones.get_or_create(respondent=respondent, recommendation=unit)
    if record.update_declined_id == revision.pk:
        return
    record.update_declined = revision
    record.save(update_fields=["update_declined"])
    record_event(
        action="update declined",
        target=f"record {unit.full_label}",
        by=by,
        respondent=respondent,
        after=f"{source.unit.full_label} {reference(revision)}",
    )


def _current_revision(respondent: Respondent, source: SeenAnswer, by: User) -> Revision:
    """Return the current revision. Raises StaleAnswer where it is not the one that was read."""
    record = Record.objects.visible_to(by).filter(respondent=respondent, recommendation=source.unit).first()
    if record is None or record.current is None:
        raise PermissionDenied
    if (record.current.number, last_withdrawal(record.current)) != (source.base, source.withdrawn):
        raise StaleAnswer(record.current)
    return record.current

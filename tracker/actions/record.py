"""Saving answers: each save is a new revision, and nobody's save is lost to another's."""

from dataclasses import dataclass, field, fields

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommendations.models import Recommendation
from tracker.actions.event import record_event
from tracker.models import Citation, EvidenceVersion, Record, Respondent, Revision, User
from tracker.models.digest import salted
from tracker.models.language import Language
from tracker.models.record import ReasonCode, Status
from tracker.permissions import can_answer


class StaleAnswer(Exception):
    """Somebody saved a newer revision after this answer was begun. `current` is that revision."""

    def __init__(self, current: Revision):
        super().__init__(f"revision {current.number} is newer")
        self.current = current


@dataclass(frozen=True)
class Answer:
    """What a respondent says on a unit: the axes of DESIGN.md, section 3, and the evidence cited.

    `citations` are (evidence version, pinpoint) pairs in the order in which they are shown.
    """

    status: str
    reason_code: str = ""
    reasons: str = ""
    measures: str = ""
    difficulties: str = ""
    assistance_kinds: list[str] = field(default_factory=list)
    assistance: str = ""
    good_practice: bool = False
    good_practice_shared: bool = False
    items_met: list[str] = field(default_factory=list)
    lead_institution: str = ""
    target_date: object = None
    situation_as_at: object = None
    language: str = Language.ENGLISH
    ready: bool = False
    citations: list[tuple[EvidenceVersion, str]] = field(default_factory=list)

    @classmethod
    def of(cls, revision: Revision) -> "Answer":
        """The answer that a revision holds."""
        said = {name: getattr(revision, name) for name in Revision.answer_fields}
        citations = Citation.everyones.filter(revision=revision).select_related("evidence_version")
        return cls(**said, citations=[(c.evidence_version, c.pinpoint) for c in citations])

    def said(self) -> dict:
        """The fields by name, citations apart."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name != "citations"}


@transaction.atomic
def save_answer(
    *,
    respondent: Respondent,
    unit: Recommendation,
    base: int,
    answer: Answer,
    by: User,
    change_reason: str = "",
    source: Revision | None = None,
) -> Revision | None:
    """Save an answer as the next revision; None when it says nothing new.

    `base` is the number of the revision that the answer was begun from, 0 where there was none.
    Raises PermissionDenied, ValidationError (by field), or StaleAnswer when `base` is not current any more.
    """
    if not can_answer(by, respondent):
        raise PermissionDenied
    if not respondent.units_open().filter(pk=unit.pk).exists():
        raise ValidationError(_("This is not a unit that %(name)s answers."), params={"name": respondent.name})
    _check_rules(unit, answer, respondent)
    record, _created = Record.everyones.select_for_update(of=("self",)).get_or_create(
        respondent=respondent, recommendation=unit
    )
    current = record.current
    if current and answer == Answer.of(current):
        return None
    if base != (current.number if current else 0):
        raise StaleAnswer(current)
    revision = _append_revision(record, answer, by, change_reason, source)
    record_event(
        action="answer saved",
        target=f"record {unit.label}",
        by=by,
        respondent=respondent,
        before=_reference(current),
        after=_reference(revision),
    )
    return revision


def restore_revision(*, revision: Revision, base: int, by: User) -> Revision | None:
    """Say again what an earlier revision said, as a new revision. Raises as `save_answer` does."""
    record = revision.record
    return save_answer(
        respondent=record.respondent,
        unit=record.recommendation,
        base=base,
        answer=Answer.of(revision),
        by=by,
        change_reason=str(_("Restored from revision %(number)s") % {"number": revision.number}),
        source=revision,
    )


@transaction.atomic
def save_note(*, respondent: Respondent, unit: Recommendation, note: str, by: User) -> None:
    """Keep the desk's own note on a unit. It is no part of the answer and never handed in."""
    if not can_answer(by, respondent):
        raise PermissionDenied
    record, _created = Record.everyones.get_or_create(respondent=respondent, recommendation=unit)
    record.note = note
    record.save(update_fields=["note"])
    record_event(action="note saved", target=f"record {unit.label}", by=by, respondent=respondent)


def _check_rules(unit: Recommendation, answer: Answer, respondent: Respondent) -> None:
    errors = {}
    if answer.status not in Status.values:
        errors["status"] = _("Choose a status.")
    if answer.status == Status.NOT_APPLICABLE and answer.reason_code not in ReasonCode.values:
        errors["reason_code"] = _("Say why it does not apply.")
    if answer.status != Status.NOT_APPLICABLE and answer.reason_code:
        errors["reason_code"] = _("This reason goes with “Not applicable” only.")
    if _needs_reasons(answer) and not answer.reasons.strip():
        errors["reasons"] = _("Give the reasons.")
    if answer.good_practice_shared and not answer.good_practice:
        errors["good_practice_shared"] = _("Only a good practice can be shared.")
    if set(answer.items_met) - set(unit.items.values_list("label", flat=True) if unit.kind == "chapeau" else []):
        errors["items_met"] = _("Choose from the items of this text.")
    if any(version.evidence.respondent_id != respondent.pk for version, _pinpoint in answer.citations):
        raise PermissionDenied
    if errors:
        raise ValidationError(errors)


def _needs_reasons(answer: Answer) -> bool:
    return answer.status == Status.CONSIDERED_NOT_TAKEN_UP or answer.reason_code == ReasonCode.OTHER


def _append_revision(record, answer, by, change_reason, source) -> Revision:
    current = record.current
    revision = Revision(
        record=record,
        number=current.number + 1 if current else 1,
        wording=record.recommendation.current_wording,
        **answer.said(),
        change_reason=change_reason,
        source=source,
        author=by,
        created_at=timezone.now(),
        previous_digest=current.digest if current else "",
    )
    revision.salts, revision.field_digests = salted(revision.digested_fields())
    citations = [
        _citation(revision, position, version, pinpoint)
        for position, (version, pinpoint) in enumerate(answer.citations, start=1)
    ]
    revision.digest = revision.compute_digest(citations)
    try:
        with transaction.atomic():
            revision.save(force_insert=True)
    except IntegrityError as error:
        newest = Revision.everyones.filter(record=record).order_by("-number").first()
        if newest and newest.number >= revision.number:
            raise StaleAnswer(newest) from error
        raise
    Citation.everyones.bulk_create(citations)
    moved = Record.everyones.filter(pk=record.pk, current=current).update(current=revision)
    if not moved:
        raise StaleAnswer(Record.everyones.get(pk=record.pk).current)
    record.current = revision
    return revision


def _citation(revision, position, version, pinpoint) -> Citation:
    citation = Citation(revision=revision, evidence_version=version, position=position, pinpoint=pinpoint)
    citation.salts, citation.field_digests = salted(citation.digested_fields())
    citation.digest = citation.compute_digest()
    return citation


def _reference(revision: Revision | None) -> str:
    return f"revision {revision.number} {revision.digest}" if revision else ""

"""Save answers: each save is a new revision, and two people never overwrite each other."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Prefetch
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommendations.models import Recommendation, read_stamp
from recommendations.text_cache import texts_at
from tracker.actions.draft import Tab, close_draft
from tracker.actions.event import record_event, record_together
from tracker.actions.respondent import CANNOT_ANSWER, lock_respondent, read_then_lock, write_locked
from tracker.actions.search import AnalysedText, analyse_record
from tracker.models import ChainHead, Citation, EvidenceVersion, Record, Respondent, Revision, User
from tracker.models.answer_rules import answer_errors
from tracker.models.change import Change, ChangeCode
from tracker.models.combination import NO_ANSWER, Combination, combine
from tracker.models.digest import salt_fields
from tracker.models.record import NOT_RECEIVED, Answer, ReceivedDetails, answer_of
from tracker.models.validators import TEXT_LIMIT, check_text
from tracker.permissions import can_answer, can_mark_ready, check_permission, units_written
from tracker.queries.difference import Difference, answer_in_words, compare_fields, words_of

CITATIONS = Prefetch("citations", Citation.everyones.order_by("position").select_related("evidence_version__evidence"))


class StaleAnswer(Exception):
    """`combination` has the fields to decide about; None where the two versions cannot be combined."""

    def __init__(self, current: Revision, combination: Combination | None = None):
        super().__init__(f"revision {current.number} is newer")
        self.current, self.combination = current, combination


class StaleNote(Exception):
    def __init__(self, current: str):
        super().__init__("the note was changed")
        self.current = current


class NotSaved(Exception):
    """No answer was saved: `why` has the error of each of these units."""

    def __init__(self, why: Mapping[Recommendation, StaleAnswer | ValidationError]):
        super().__init__(", ".join(unit.full_label for unit in why))
        self.why = why


class SeenAnswer(NamedTuple):
    """The answer to a unit as it was read: `base` is the number of its revision, 0 where there was none, and
    `withdrawn` its last withdrawal.
    """

    unit: Recommendation
    base: int = 0
    withdrawn: int | None = None

    @classmethod
    def of(cls, unit: Recommendation, current: Revision | None) -> "SeenAnswer":
        return cls(unit, current.number, last_withdrawal(current)) if current else cls(unit)

    @classmethod
    def of_fetched(cls, unit: Recommendation, current: Revision | None) -> "SeenAnswer":
        """Return the answer of a revision whose citations are fetched."""
        return cls(unit, current.number, current.last_withdrawal()) if current else cls(unit)


class LockedRecords(NamedTuple):
    """A locked respondent, and its records by unit: until the transaction ends other people wait."""

    respondent: Respondent
    by_unit: dict[int, Record]

    def answer(self, unit: Recommendation) -> Answer | None:
        record = self.by_unit.get(unit.pk)
        return answer_of(record.current) if record and record.current else None


def changes_to(current: Revision | None, answer: Answer) -> list[Difference]:
    """Compare with the current revision, whose citations are fetched."""
    return compare_fields(words_of(current), answer_in_words(answer))


WRITTEN = Change()  # by its author, on the page of the answer
UNREAD = (ChangeCode.LIST, ChangeCode.READY)  # changes that are made on pages without the wording
NEW_WORDING = _(
    "The wording of the recommendation has changed. Read the new wording on the answer page and save the answer, "
    "or deselect the recommendation."
)


@dataclass(frozen=True)
class RevisionDetails:
    """What a revision has beside the answer: why it was saved, from whom it was received, and its source."""

    change: Change = WRITTEN
    change_reason: str = ""
    received: ReceivedDetails = NOT_RECEIVED
    source: Revision | None = None


def save_answer(
    *,
    respondent: Respondent,
    unit: Recommendation,
    base: int,
    answer: Answer,
    by: User,
    withdrawn: int | None = None,
    tab: Tab | None = None,
    **details: Any,
) -> Revision | None:
    """Save an answer as the next revision; return None when nothing differs, as on a double click.

    The same answer received from an institution counts as a difference, and so does the same answer to a new wording.
    `base` is the number of the revision from which the answer began, 0 where there was none; `withdrawn` is that
    revision's `last_withdrawal`, which stops an old page from restoring removed text. `details` are RevisionDetails,
    and the draft of `tab` is closed. Raises PermissionDenied, ValidationError by field, or StaleAnswer when `base` is
    not current.
    """
    seen = SeenAnswer(unit, base, withdrawn)
    return read_then_lock(respondent, partial(_save, respondent, seen, answer, RevisionDetails(**details), by, tab))


def save_edit(
    *,
    respondent: Respondent,
    unit: Recommendation,
    base: int,
    answer: Answer,
    by: User,
    withdrawn: int | None = None,
    tab: Tab | None = None,
    **details: Any,
) -> Revision | None:
    """Save what `answer` changes in revision `base`, with what others have changed since.

    The arguments and errors are those of `save_answer`. StaleAnswer has the combination where both changed a field, and
    none where words were removed from `base` since it was read.
    """
    seen = SeenAnswer(unit, base, withdrawn)
    save = partial(_save, respondent, seen, answer, RevisionDetails(**details), by, tab, is_edit=True)
    return read_then_lock(respondent, save)


def _combine(
    record: Record, seen: SeenAnswer, answer: Answer, details: RevisionDetails
) -> tuple[SeenAnswer, Answer, RevisionDetails]:
    """Return what `save_edit` saves: where the current answer is newer than the seen one, both combined."""
    current, base, withdrawn = record.current, seen.base, seen.withdrawn
    combination = combine_with(current, base, withdrawn, answer) if current and base < current.number else None
    if current is None or combination is None:
        return seen, answer, details
    if combination.clashes:
        raise StaleAnswer(current, combination)
    if details.change == WRITTEN and not _only_adds_evidence(combination.theirs, combination.answer):
        details = replace(details, change=Change.of(ChangeCode.COMBINED, [str(current.number)]))
    return SeenAnswer.of_fetched(seen.unit, current), combination.answer, details


def _read_to_answer(respondent: Respondent, unit: Recommendation, by: User) -> Record:
    """Read the roles of the user again, and return the record as `read_records` does. Raises PermissionDenied, or
    ValidationError where the unit is not open.
    """
    by.read_memberships_again()
    check_permission(can_answer(by, respondent, unit))
    records = read_records(Respondent.objects.get(pk=respondent.pk), [unit])
    record = records.get(unit.pk)
    if record is None or unit.pk not in record.respondent.find_units_open([record.recommendation]):
        raise ValidationError(CANNOT_ANSWER)
    return record


def _save(
    respondent: Respondent,
    seen: SeenAnswer,
    answer: Answer,
    details: RevisionDetails,
    by: User,
    tab: Tab | None,
    head: ChainHead | None,
    is_edit: bool = False,
) -> Revision | None:
    """Read the record and save an answer to it, as `save_answer` or `save_edit` says."""
    record = _read_to_answer(respondent, seen.unit, by)
    if is_edit:
        seen, answer, details = _combine(record, seen, answer, details)
    made = _make_next(record, seen, answer, details, by=by, at=timezone.now())
    refuse_evidence_of_others(respondent, [answer], by, _already_cited(record))
    text = analyse_record(record, made[0] if made[0].status else None) if made else None
    with write_locked(respondent):
        if tab:
            close_draft(respondent=respondent, unit=seen.unit, tab=tab, by=by)
        saved = _append_revisions(respondent, [made], "answer saved", by, head, text) if made else []
    return saved[0] if saved else None


def _make_next(
    record: Record, seen: SeenAnswer, answer: Answer, details: RevisionDetails, *, by: User, at: datetime
) -> tuple[Revision, list[Citation]] | None:
    """Return the next revision of a record and its citations, or None where nothing differs. Saves nothing."""
    unit, current, received = record.recommendation, record.current, details.received
    answers_former = answers_former_wording(record)
    if answers_former and details.change.code in UNREAD:
        raise ValidationError(NEW_WORDING)
    is_emptied = details.change.code == ChangeCode.EMPTIED
    if not is_emptied and (broken := answer_errors(unit, answer, details.change_reason, received)):
        raise ValidationError(broken)
    former = answer_of(current) if current else None
    answer = with_mark(answer, former, marks_ready=can_mark_ready(by, record.respondent))
    if current:
        if answer == former and received in (NOT_RECEIVED, ReceivedDetails.of(current)) and not answers_former:
            return None
        if (seen.base, seen.withdrawn) != (current.number, current.last_withdrawal()):
            raise StaleAnswer(current)
    elif is_emptied:
        return None
    elif record.emptied and seen.base not in (0, record.emptied.number):
        raise StaleAnswer(record.emptied)
    if details.change == WRITTEN and former and _only_adds_evidence(former, answer):
        details = replace(details, change=Change.of(ChangeCode.EVIDENCE))
    return next_revision(record, answer, details, by=by, at=at)


def with_mark(answer: Answer, former: Answer | None, *, marks_ready: bool) -> Answer:
    """Return the answer to save. If the user may not mark it ready, it stays so only where nothing else changes."""
    return answer if marks_ready else replace(answer, ready=replace(answer, ready=True) == former)


def combine_with(later: Revision, base: int, withdrawn: int | None, answer: Answer) -> Combination | None:
    """Combine a later revision with an answer that began from `base`, and ask about fields that do not fit together.

    Return None where words were removed from `base` since.
    """
    before = Revision.everyones.filter(record=later.record_id, number=base).first()
    if base and (before is None or last_withdrawal(before) != withdrawn):
        return None
    combination = combine(Answer.of(before) if before else NO_ANSWER, Answer.of(later), answer)
    unit = later.record.recommendation
    broken = answer_errors(unit, combination.answer)
    return combination.ask_about(broken) if broken and not answer_errors(unit, answer) else combination


@transaction.atomic
def restore_revision(*, revision: Revision, base: int, by: User) -> Revision | None:
    """Save an earlier revision again as a new one. Raises as `save_answer` does.

    It is read after its respondent is locked: words may have been removed from it since it was looked up.
    """
    record = revision.record
    lock_respondent(record.respondent, by)
    revision.refresh_from_db()
    base_revision = Revision.everyones.filter(record=record, number=base).first()
    return save_answer(
        respondent=record.respondent,
        unit=record.recommendation,
        base=base,
        answer=Answer.of(revision),
        by=by,
        change=Change.of(ChangeCode.RESTORED, [str(revision.number)]),
        source=revision,
        withdrawn=last_withdrawal(base_revision) if base_revision else None,
    )


@transaction.atomic
def save_together(
    *, respondent: Respondent, answers: Sequence[tuple[SeenAnswer, Answer]], by: User, **details: Any
) -> list[Revision]:
    """Save all of these, or none, in a fixed number of queries; those in which nothing differs are left out.

    `details` are RevisionDetails, the same for all. Raises PermissionDenied, or NotSaved with every error.
    """
    locked = lock_all_to_answer(respondent, [seen.unit for seen, _answer in answers], by)
    same_details = RevisionDetails(**details)
    return save_locked(locked, [(seen, answer, same_details) for seen, answer in answers], by=by)


def lock_all_to_answer(respondent: Respondent, units: Sequence[Recommendation], by: User) -> LockedRecords:
    """Lock the respondent and read the records. Raises PermissionDenied."""
    locked, written = lock_respondent(respondent, by), units_written(by, respondent)
    check_permission(written is None or all(unit.pk in written for unit in units))
    return LockedRecords(locked, read_records(locked, units))


def save_locked(
    locked: LockedRecords,
    answers: Sequence[tuple[SeenAnswer, Answer, RevisionDetails]],
    *,
    by: User,
    action: str = "answer saved",
) -> list[Revision]:
    """Save answers to these records, as `save_together` says. `action` is that of the events."""
    respondent, records = locked
    refuse_evidence_of_others(respondent, [answer for _seen, answer, _details in answers], by)
    units_open = respondent.find_units_open([record.recommendation for record in records.values()])
    at, made, refused = timezone.now(), [], {}
    for seen, answer, details in sorted(answers, key=lambda each: each[0].unit.position):
        try:
            if seen.unit.pk not in units_open:
                raise ValidationError(CANNOT_ANSWER)
            made.append(_make_next(records[seen.unit.pk], seen, answer, details, by=by, at=at))
        except (StaleAnswer, ValidationError) as why:
            refused[seen.unit] = why
    if refused:
        raise NotSaved(refused)
    return _append_revisions(respondent, list(filter(None, made)), action, by)


def read_records(respondent: Respondent, units: Iterable[Recommendation]) -> dict[int, Record]:
    """Return the records by unit, with everything that the next revision is made from; new ones where there are none.
    Texts that were retracted are left out.
    """
    texts = texts_at(read_stamp()).nodes(unit.pk for unit in units)
    found = Record.everyones.filter(respondent=respondent, recommendation__in=texts)
    found = found.select_related("current__author", "current__wording")
    records = {key: Record(respondent=respondent, recommendation=text) for key, text in texts.items()}
    for record in found.prefetch_related(Prefetch("current__citations", CITATIONS.queryset)):
        record.respondent, record.recommendation = respondent, texts[record.recommendation_id]
        records[record.recommendation_id] = record
    without = {record.pk: record for record in records.values() if record.pk and record.current is None}
    if without:
        for revision in Revision.everyones.filter(record__in=without).select_related("author").order_by("number"):
            without[revision.record_id].emptied = revision
    return records


def _append_revisions(
    respondent: Respondent,
    made: Sequence[tuple[Revision, list[Citation]]],
    action: str,
    by: User,
    head: ChainHead | None = None,
    text: AnalysedText | None = None,
) -> list[Revision]:
    revisions = [revision for revision, _citations in made]
    Record.everyones.bulk_create(revision.record for revision in revisions if revision.record.pk is None)
    Revision.everyones.bulk_create(revisions)
    Citation.everyones.bulk_create(citation for _revision, citations in made for citation in citations)
    rows = []
    for revision in revisions:
        record = revision.record
        if text:
            text.row.key = record.pk
        before = reference(record.last)
        rows.append((f"record {record.recommendation.full_label}", before, reference(revision)))
        record.current = revision if revision.status else None
    if rows:
        record_together(rows, action=action, by=by, respondent=respondent, head=head, text=text)
    return revisions


def save_note(*, respondent: Respondent, unit: Recommendation, note: str, by: User, base: str = Record.NO_NOTE) -> None:
    """Save the internal note on a unit, unless it is the one of `base`, a `note_digest`: a page that did not change it
    leaves a newer one, and locks nothing. StaleNote where `base` is not current.
    """
    if Record(note=note).note_digest != base:
        read_then_lock(respondent, partial(_save_note, respondent, unit, note, by, base))


def _save_note(
    respondent: Respondent, unit: Recommendation, note: str, by: User, base: str, head: ChainHead | None
) -> None:
    record = _read_to_answer(respondent, unit, by)
    check_text("note", note, TEXT_LIMIT)
    if note == record.note:
        return
    if base != record.note_digest:
        raise StaleNote(record.note)
    record.note = note
    text = analyse_record(record, record.current)
    with write_locked(respondent):
        record.save(update_fields=["note"] if record.pk else None)
        if text:
            text.row.key = record.pk
        target = f"record {unit.full_label}"
        record_event(action="note saved", target=target, by=by, respondent=respondent, head=head, text=text)


def _only_adds_evidence(before: Answer, answer: Answer) -> bool:
    same = [citation for citation in answer.citations if citation in before.citations]
    return len(same) < len(answer.citations) and replace(answer, citations=same) == before


def last_withdrawal(revision: Revision) -> int | None:
    return revision.last_withdrawal(Citation.everyones.filter(revision=revision))


def read_answers(respondent: Respondent, units: Sequence[Recommendation]) -> dict[Recommendation, Answer]:
    current = Revision.everyones.filter(record__respondent=respondent, record__recommendation__in=units)
    current = current.filter(pk=F("record__current")).select_related("record__recommendation")
    return {revision.record.recommendation: answer_of(revision) for revision in current.prefetch_related(CITATIONS)}


def _already_cited(record: Record) -> set[int]:
    """Return the evidence of the current answer, whose citations are fetched: it was checked when it was cited."""
    return {citation.evidence_version_id for citation in record.current.citations.all()} if record.current else set()


def refuse_evidence_of_others(
    respondent: Respondent, answers: Iterable[Answer], by: User, known: Collection[int] = ()
) -> None:
    cited = {version.pk for answer in answers for version, _pinpoint in answer.citations}.difference(known)
    if not cited:
        return
    visible = EvidenceVersion.objects.visible_to(by).filter(evidence__respondent=respondent, pk__in=cited)
    check_permission(visible.count() == len(cited))


def answers_former_wording(record: Record) -> bool:
    """Return whether the text has a newer wording than that of the current answer."""
    unit, current = record.recommendation, record.current
    return current is not None and current.answers_former_wording(unit, unit.unit_items)


def next_revision(
    record: Record, answer: Answer, details: RevisionDetails = RevisionDetails(), *, by: User, at: datetime
) -> tuple[Revision, list[Citation]]:
    """Return the revision that follows the last one of the record, with its citations. Saves nothing."""
    last = record.last
    revision = Revision(
        record=record,
        number=last.number + 1 if last else 1,
        wording=record.recommendation.current_wording,
        **answer.as_fields(),
        change_code=details.change.code,
        change_details=details.change.details,
        change_reason=details.change_reason,
        received_from=details.received.institution,
        received_on=details.received.on,
        source=details.source,
        author=by,
        created_at=at,
        previous_digest=last.digest if last else "",
    )
    revision.salts, revision.field_digests = salt_fields(revision.digested_fields())
    citations = [
        _make_citation(revision, position, version, pinpoint)
        for position, (version, pinpoint) in enumerate(answer.citations, start=1)
    ]
    revision.digest = revision.make_digest(citations)
    return revision, citations


def _make_citation(revision: Revision, position: int, version: EvidenceVersion, pinpoint: str) -> Citation:
    citation = Citation(revision=revision, evidence_version=version, position=position, pinpoint=pinpoint)
    citation.set_digest()
    return citation


def reference(revision: Revision | None) -> str:
    return f"revision {revision.number} {revision.digest}" if revision else ""

"""Suggest answers to the focal point: an accepted proposal becomes the State's next revision and names its author."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Prefetch
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommendations.lists import format_list
from recommendations.models import Recommendation
from tracker.actions.assignment import assignments_of, settle_assignments
from tracker.actions.draft import Tab, close_draft
from tracker.actions.event import record_together
from tracker.actions.record import (
    CITATIONS,
    LockedRecords,
    RevisionDetails,
    SeenAnswer,
    StaleAnswer,
    combine_with,
    last_withdrawal,
    lock_all_to_answer,
    refuse_evidence_of_others,
    save_edit,
    save_locked,
)
from tracker.actions.respondent import check_unit, lock_respondent
from tracker.models import EvidenceVersion, Proposal, Record, Respondent, Revision, User
from tracker.models.answer_rules import answer_errors
from tracker.models.change import Change, ChangeCode
from tracker.models.combination import NO_ANSWER, Combination, combine
from tracker.models.digest import as_text, salt_fields
from tracker.models.matching import holds
from tracker.models.proposal import ProposalStage
from tracker.models.record import NOT_RECEIVED, Answer, ReceivedDetails, answer_of
from tracker.models.validators import TEXT_LIMIT, check_text, problems_of
from tracker.permissions import can_add_proposal, can_decide_proposals, can_withdraw_proposal, check_permission
from tracker.workflow import PROPOSAL, NotAllowed, next_state

DECISION = ("state", "decided_by", "decided_at", "decline_reason", "revision", "salts", "field_digests")
OF_ONE_CLICK = ("respondent", "unit", "author", "origin", "state", "received_on", "received_from", "reference", "base")
EVENTS = {"accept": "proposal taken", "decline": "proposal declined", "withdraw": "proposal taken back"}


class SeenProposal(NamedTuple):
    """A proposal as it was read, with the number and the `last_withdrawal` of the current revision then."""

    proposal: Proposal
    base: int = 0
    withdrawn: int | None = None


def fields_of(answer: Answer) -> dict:
    fields = {name: as_text(value) if isinstance(value, date) else value for name, value in answer.as_fields().items()}
    return fields | {"citations": [[version.pk, pinpoint] for version, pinpoint in answer.citations]}


def answers_of(proposals: Sequence[Proposal]) -> list[Answer]:
    keys = {key for proposal in proposals for key, _pinpoint in proposal.citations}
    versions = EvidenceVersion.everyones.in_bulk(list(keys))
    return [
        Answer(**proposal.offered_fields, citations=[(versions[key], pinpoint) for key, pinpoint in proposal.citations])
        for proposal in proposals
    ]


@transaction.atomic
def add_proposal(
    *,
    respondent: Respondent,
    unit: Recommendation,
    base: int,
    answer: Answer,
    by: User,
    origin: str = Proposal.Origin.DRAFT,
    received: ReceivedDetails = NOT_RECEIVED,
    reference: str = "",
    withdrawn: int | None = None,
    tab: Tab | None = None,
) -> Proposal:
    """Suggest an answer to the focal point; the same again (a double click) returns the proposal that waits.

    `base` is the number of the revision from which it began, 0 where there was none; `withdrawn` is that revision's
    `last_withdrawal`, which stops an old page from restoring removed text. `reference` names the State's written
    request, for a transcription. The draft of `tab` is closed. Raises PermissionDenied, ValidationError by field, or
    StaleAnswer when words were removed since.
    """
    lock_respondent(respondent, by)  # as removing words does, so that no new words escape the search
    check_permission(can_add_proposal(by, respondent, unit, origin))
    check_unit(respondent, unit)
    if broken := answer_errors(unit, answer, received=received) | _reference_errors(origin, reference):
        raise ValidationError(broken)
    refuse_evidence_of_others(respondent, [answer], by)
    if origin == Proposal.Origin.DRAFT:
        _refuse_withdrawn(respondent, unit, base, withdrawn)
    if tab:
        close_draft(respondent=respondent, unit=unit, tab=tab, by=by)
    proposal = Proposal(
        respondent=respondent,
        unit=unit,
        origin=origin,
        author=by,
        received_from=received.institution,
        received_on=received.on,
        reference=reference,
        base=base,
        fields=fields_of(answer),
    )
    if waiting := _find_waiting(proposal):
        return waiting
    save_proposals(respondent, [proposal], by)
    return proposal


def save_proposals(respondent: Respondent, proposals: Sequence[Proposal], by: User) -> None:
    """Save proposals that were checked, of a locked respondent, in a fixed number of queries."""
    for proposal in proposals:
        proposal.set_digest()
    Proposal.everyones.bulk_create(proposals)
    if proposals:
        rows = [(reference(proposal), "", _state_reference(proposal)) for proposal in proposals]
        record_together(rows, action="proposal offered", by=by, respondent=respondent)


@transaction.atomic
def accept_proposals(*, respondent: Respondent, proposals: Sequence[SeenProposal], by: User) -> list[Revision]:
    """Make each of these the next revision of its unit as it is, or none, in a fixed number of queries.

    What a proposal changed in the revision from which it began is added to the current one, and where both changed the
    same, the proposal counts. Where its unit is assigned to its institution, it is ready, and ends the assignment.
    A proposal that equals the current revision is linked to it, and a double click makes one revision. Raises
    PermissionDenied, NotAllowed as `merge_proposals` does, ValidationError where several are accepted and one has to be
    compared with somebody else's words, or NotSaved with every other error.
    """
    locked = lock_all_to_answer(respondent, [seen.proposal.unit for seen in proposals], by)
    check_permission(can_decide_proposals(by, respondent))
    rows = _read_again(respondent, [seen.proposal for seen in proposals])
    _refuse_several_on_one_unit(rows)
    combined = _add_to_current(rows, locked)
    assigned = {assignment.unit_id for assignment in assignments_of(rows)}
    answers = [
        replace(combination.answer, ready=True) if row.unit_id in assigned else combination.answer
        for row, combination in zip(rows, combined, strict=True)
    ]
    if not all(_was_accepted(row, answer, by) for row, answer in zip(rows, answers, strict=True)):
        _change_states(rows, "accept")
        saved = [
            (SeenAnswer(row.unit, base, withdrawn), answer, _details_of(row))
            for row, (_proposal, base, withdrawn), answer in zip(rows, proposals, answers, strict=True)
        ]
        save_locked(locked, saved, by=by)
        _refuse_shared(respondent, rows, combined)
        for row in rows:
            row.revision = locked.by_unit[row.unit_id].current
        _decide(rows, "accept", by)
    return [row.revision for row in rows if row.revision]


@transaction.atomic
def merge_proposals(
    *,
    proposals: Sequence[Proposal],
    base: int,
    answer: Answer,
    by: User,
    withdrawn: int | None = None,
    change_reason: str = "",
    received: ReceivedDetails | None = None,
    tab: Tab | None = None,
) -> Revision:
    """Save an answer that the focal point made from proposals on one unit, as the next revision.

    Proposals are given as they were read; `base`, `withdrawn` and `tab` are those of `save_edit`. An answer that equals
    the current revision links them to it, and a double click makes one revision. Raises as `save_edit` does, or
    NotAllowed when a proposal does not wait any more or lost words since it was read.
    """
    respondent, unit = proposals[0].respondent, proposals[0].unit
    lock_respondent(respondent, by, can_decide_proposals)
    rows = _read_again(respondent, proposals)
    check_permission(all(row.unit_id == unit.pk for row in rows))
    if done := _find_revision(rows, answer, base, withdrawn, by):
        return done
    _change_states(rows, "accept")
    saved = save_edit(
        respondent=respondent,
        unit=unit,
        base=base,
        answer=answer,
        by=by,
        change=_change_of(rows),
        change_reason=change_reason,
        received=first_received(rows) if received is None else received,
        withdrawn=withdrawn,
        tab=tab,
    )
    revision = saved or Record.everyones.get(respondent=respondent, recommendation=unit).current  # nothing differs
    for row in rows:
        row.revision = revision
    _decide(rows, "accept", by)
    return revision  # type: ignore[return-value]


@transaction.atomic
def decline_proposals(
    *, respondent: Respondent, proposals: Sequence[Proposal], reason: str, by: User
) -> list[Proposal]:
    """Decline all for one reason, or none. An assignment of the unit to the institution that sent one is returned with
    the reason as its note. Raises as `merge_proposals` does, or ValidationError where there is no reason.
    """
    lock_respondent(respondent, by, can_decide_proposals)  # so that no new words escape a removal
    check_text("decline_reason", reason, TEXT_LIMIT, _("Enter the reason."))
    declined = _change_states(_read_again(respondent, proposals), "decline")
    for row in declined:
        row.decline_reason = reason
        salts, digests = salt_fields({"decline_reason": reason})
        row.salts |= salts
        row.field_digests |= digests
    return _decide(declined, "decline", by, reason)


@transaction.atomic
def withdraw_proposal(*, proposal: Proposal, by: User) -> Proposal:
    lock_respondent(proposal.respondent, by)
    check_permission(can_withdraw_proposal(by, proposal))
    [withdrawn] = _decide(_change_states(_read_again(proposal.respondent, [proposal]), "withdraw"), "withdraw", by)
    return withdrawn


def fields_with_words(proposal: Proposal, words: str) -> tuple[str, ...]:
    return tuple(name for name, text in proposal.texts.items() if holds([text], words))


def _add_to_current(proposals: Sequence[Proposal], locked: LockedRecords) -> list[Combination]:
    """Combine the current answer to the unit of each with its changes, which count where both changed."""
    numbers = {proposal.base for proposal in proposals}
    keys = [record.pk for record in locked.by_unit.values()]
    revisions = Revision.everyones.filter(record__in=keys, number__in=numbers)
    bases = {(before.record_id, before.number): answer_of(before) for before in revisions.prefetch_related(CITATIONS)}
    combined = []
    for proposal, answer in zip(proposals, answers_of(proposals), strict=True):
        record = locked.by_unit.get(proposal.unit_id)
        combination = Combination(answer, answer, answer, answer)
        if record and record.current and record.current.number != proposal.base:
            before = bases.get((record.pk, proposal.base), NO_ANSWER)
            combination = combine(before, answer_of(record.current), answer)
        combined.append(combination)
    return combined


def _reference_errors(origin: str, reference: str) -> dict[str, list]:
    is_missing = origin == Proposal.Origin.TRANSCRIPTION and not reference.strip()
    problems: list = [_("Enter the reference of the State’s written request.")] if is_missing else []
    problems += problems_of(reference, TEXT_LIMIT)
    return {"reference": problems} if problems else {}


def _refuse_withdrawn(respondent: Respondent, unit: Recommendation, base: int, withdrawn: int | None) -> None:
    of_unit = Revision.everyones.filter(record__respondent=respondent, record__recommendation=unit)
    base_revision = of_unit.filter(number=base).first()
    if base_revision and last_withdrawal(base_revision) != withdrawn:
        raise StaleAnswer(of_unit.latest("number"))


def _find_waiting(proposal: Proposal) -> Proposal | None:
    same = Proposal.everyones.filter(**{name: getattr(proposal, name) for name in OF_ONE_CLICK})
    return next((waiting for waiting in same if waiting.fields == proposal.fields), None)


def _read_again(respondent: Respondent, proposals: Sequence[Proposal]) -> list[Proposal]:
    """Return the same proposals in the same order, of a locked respondent; PermissionDenied where one is of another,
    and NotAllowed where words were removed from one since it was read.
    """
    keys = [proposal.pk for proposal in proposals]
    rows = Proposal.everyones.filter(respondent=respondent).select_related("respondent", "unit", "author")
    found = rows.prefetch_related(Prefetch("revision__citations", CITATIONS.queryset)).in_bulk(keys)
    check_permission(len(found) == len(set(keys)))
    if any(found[read.pk].withdrawal_id != read.withdrawal_id for read in proposals):
        raise NotAllowed("words were withdrawn from it since it was read")
    return [found[key] for key in keys]


def _refuse_several_on_one_unit(proposals: Sequence[Proposal]) -> None:
    counts = Counter(proposal.unit_id for proposal in proposals)
    _refuse_to_compare([proposal.unit for proposal in proposals if counts[proposal.unit_id] > 1])


def _refuse_shared(respondent: Respondent, proposals: Sequence[Proposal], combined: Sequence[Combination]) -> None:
    """Refuse several at once where somebody else changed the same field, or suggests another answer to the unit."""
    if len(proposals) > 1:
        waiting = Proposal.everyones.filter(respondent=respondent, state=ProposalStage.OFFERED)
        counts = Counter(waiting.values_list("unit", flat=True))
        pairs = zip(proposals, combined, strict=True)
        _refuse_to_compare([row.unit for row, both in pairs if counts[row.unit_id] > 1 or both.clashes])


def _refuse_to_compare(units: Sequence[Recommendation]) -> None:
    if units:
        message = _(
            # Translators: labels: labels of recommendations.
            "More than one institution or person changed these answers. Compare the suggestions, and decide one by "
            "one: %(labels)s."
        )
        raise ValidationError(message, params={"labels": format_list(unit.full_label for unit in dict.fromkeys(units))})


def _was_accepted(proposal: Proposal, answer: Answer, by: User) -> bool:
    """Return whether the same click accepted it before."""
    revision = proposal.revision
    return revision is not None and proposal.decided_by_id == by.pk and answer_of(revision) == answer


def _change_states(proposals: list[Proposal], transition: str) -> list[Proposal]:
    for proposal in proposals:
        proposal.state = next_state(PROPOSAL, transition, proposal.state)
    return proposals


def _find_revision(
    proposals: list[Proposal], answer: Answer, base: int, withdrawn: int | None, by: User
) -> Revision | None:
    """Return the revision that the same click made before: of this answer, perhaps combined with a newer one."""
    revision = proposals[0].revision
    if revision is None or any((row.revision_id, row.decided_by_id) != (revision.pk, by.pk) for row in proposals):
        return None
    combination = combine_with(revision, base, withdrawn, answer)
    return revision if answer_of(revision) in (answer, combination and combination.answer) else None


def first_received(proposals: Sequence[Proposal]) -> ReceivedDetails:
    return next((ReceivedDetails.of(row) for row in proposals if row.received_from and row.received_on), NOT_RECEIVED)


def _details_of(proposal: Proposal) -> RevisionDetails:
    return RevisionDetails(_change_of([proposal]), received=first_received([proposal]))


def _change_of(proposals: Sequence[Proposal]) -> Change:
    """Name the State's written requests or, where there is none or its reference was removed, the authors."""
    transcribed = {bool(row.reference) for row in proposals}
    code = ChangeCode.SUGGESTION_AND_TRANSCRIPTION
    if len(transcribed) == 1:
        code = ChangeCode.TRANSCRIPTION if transcribed.pop() else ChangeCode.SUGGESTION
    return Change.of(code, dict.fromkeys(row.reference or row.received_from or str(row.author) for row in proposals))


def _decide(proposals: list[Proposal], transition: str, by: User, reason: str = "") -> list[Proposal]:
    at, rows = timezone.now(), []
    for proposal in proposals:
        proposal.decided_by, proposal.decided_at = by, at
        rows.append((reference(proposal), f"{ProposalStage.OFFERED} {proposal.digest}", _state_reference(proposal)))
    Proposal.everyones.bulk_update(proposals, DECISION)
    record_together(rows, action=EVENTS[transition], by=by, respondent=proposals[0].respondent)
    settle_assignments(proposals, transition, by, reason)
    return proposals


def _state_reference(proposal: Proposal) -> str:
    return f"{proposal.state} {proposal.state_digest()}"


def reference(proposal: Proposal) -> str:
    return f"proposal {proposal.pk} on {proposal.unit.full_label}"

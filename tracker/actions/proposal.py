"""Suggest answers to the focal point: an accepted proposal becomes the State's next revision and names its author."""

from collections.abc import Sequence
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommendations.models import Recommendation
from tracker.actions.draft import Tab, close_draft
from tracker.actions.event import record_event, record_together
from tracker.actions.record import (
    NOT_RECEIVED,
    ReceivedDetails,
    StaleAnswer,
    answer_errors,
    combine_with,
    last_withdrawal,
    lock_record,
    refuse_evidence_of_others,
    save_answer,
    save_edit,
)
from tracker.actions.respondent import check_unit, lock_respondent
from tracker.models import EvidenceVersion, Proposal, Respondent, Revision, User
from tracker.models.change import Change, ChangeCode
from tracker.models.combination import NO_ANSWER, combine
from tracker.models.digest import as_text, salt_fields
from tracker.models.matching import holds
from tracker.models.proposal import ProposalStage
from tracker.models.record import Answer
from tracker.models.validators import TEXT_LIMIT, check_text, problems_of
from tracker.permissions import can_add_proposal, can_decide_proposals, can_withdraw_proposal
from tracker.workflow import PROPOSAL, NotAllowed, next_state

State = ProposalStage
OFFERED = "proposal offered"
EVENTS = {"accept": "proposal taken", "decline": "proposal declined", "withdraw": "proposal taken back"}


def fields_of(answer: Answer) -> dict:
    fields = {name: as_text(value) if isinstance(value, date) else value for name, value in answer.as_fields().items()}
    return fields | {"citations": [[version.pk, pinpoint] for version, pinpoint in answer.citations]}


def answer_of(proposal: Proposal) -> Answer:
    versions = EvidenceVersion.everyones.in_bulk([key for key, _pinpoint in proposal.citations])
    return Answer(
        **proposal.offered_fields, citations=[(versions[key], pinpoint) for key, pinpoint in proposal.citations]
    )


def received_of(proposal: Proposal) -> ReceivedDetails:
    return ReceivedDetails(proposal.received_from, proposal.received_on)


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
    if not can_add_proposal(by, respondent, unit, origin):
        raise PermissionDenied
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
    proposal.set_digest()
    proposal.save(force_insert=True)
    _record(OFFERED, proposal, by)
    return proposal


def save_proposals(respondent: Respondent, proposals: Sequence[Proposal], by: User) -> None:
    """Save proposals that were checked, of a locked respondent, in a fixed number of queries."""
    for proposal in proposals:
        proposal.set_digest()
    Proposal.everyones.bulk_create(proposals)
    if proposals:
        rows = [(reference(proposal), "", _state_reference(proposal)) for proposal in proposals]
        record_together(rows, action=OFFERED, by=by, respondent=respondent)


@transaction.atomic
def accept_proposal(
    *,
    proposal: Proposal,
    base: int,
    by: User,
    answer: Answer | None = None,
    also: Sequence[Proposal] = (),
    withdrawn: int | None = None,
    change_reason: str = "",
    received: ReceivedDetails | None = None,
    tab: Tab | None = None,
) -> Revision:
    """Make a proposal the next revision, as it is or as the focal point merged it with the proposals in `also`.

    As it is: what it changed in the revision from which it began is added to the current one, and where both changed
    the same, the proposal counts. Proposals are given as they were read; `base`, `withdrawn` and `tab` are those of
    `save_edit`. A proposal that equals the current revision is linked to it, and a double click makes one revision.
    Raises StaleAnswer, or NotAllowed when a proposal does not wait any more or lost words since it was read.
    """
    respondent, unit = proposal.respondent, proposal.unit
    record = lock_record(respondent, unit)
    lock_respondent(respondent, by)
    if not can_decide_proposals(by, respondent):
        raise PermissionDenied
    locked = _lock([proposal, *also])
    save = save_edit if answer else save_answer
    answer = answer or _add_to_current(respondent, unit, locked[0].base, answer_of(locked[0]))
    if done := _find_revision(locked, answer, base, withdrawn, by):
        return done
    for row in locked:
        row.state = next_state(PROPOSAL, "accept", row.state)
    saved = save(
        respondent=respondent,
        unit=unit,
        base=base,
        answer=answer,
        by=by,
        change=_change_of(locked),
        change_reason=change_reason,
        received=first_received(locked) if received is None else received,
        withdrawn=withdrawn,
        tab=tab,
    )
    revision = saved or record.current  # as it was locked: nothing differs
    for row in locked:
        row.revision = revision
        _decide(row, "accept", by)
    return revision  # type: ignore[return-value]


@transaction.atomic
def decline_proposal(*, proposal: Proposal, reason: str, by: User) -> Proposal:
    lock_respondent(proposal.respondent, by)  # as removing words does, so that no new words escape the search
    if not can_decide_proposals(by, proposal.respondent):
        raise PermissionDenied
    check_text("decline_reason", reason, TEXT_LIMIT, _("Enter the reason."))
    [declined] = _lock([proposal])
    declined.state, declined.decline_reason = next_state(PROPOSAL, "decline", declined.state), reason
    salts, digests = salt_fields({"decline_reason": reason})
    declined.salts |= salts
    declined.field_digests |= digests
    return _decide(declined, "decline", by)


@transaction.atomic
def withdraw_proposal(*, proposal: Proposal, by: User) -> Proposal:
    if not can_withdraw_proposal(by, proposal):
        raise PermissionDenied
    [withdrawn_proposal] = _lock([proposal])
    withdrawn_proposal.state = next_state(PROPOSAL, "withdraw", withdrawn_proposal.state)
    return _decide(withdrawn_proposal, "withdraw", by)


def fields_with_words(proposal: Proposal, words: str) -> tuple[str, ...]:
    return tuple(name for name, text in proposal.texts.items() if holds([text], words))


def _add_to_current(respondent: Respondent, unit: Recommendation, base: int, answer: Answer) -> Answer:
    """Return the current answer with the changes of one that began from `base`, which count where both changed."""
    of_unit = Revision.everyones.filter(record__respondent=respondent, record__recommendation=unit)
    current = of_unit.filter(pk=F("record__current")).first()
    if current is None or current.number == base:
        return answer
    before = of_unit.filter(number=base).first()
    return combine(Answer.of(before) if before else NO_ANSWER, Answer.of(current), answer).answer


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
    same = Proposal.everyones.filter(
        respondent=proposal.respondent,
        unit=proposal.unit,
        author=proposal.author,
        origin=proposal.origin,
        state=State.OFFERED,
        received_on=proposal.received_on,
        received_from=proposal.received_from,
        reference=proposal.reference,
        base=proposal.base,
    )
    return next((waiting for waiting in same if waiting.fields == proposal.fields), None)


def _lock(proposals: Sequence[Proposal]) -> list[Proposal]:
    """Return the same proposals in the same order, locked; NotAllowed where words were removed from one since it was
    read.
    """
    keys = [proposal.pk for proposal in proposals]
    rows = Proposal.everyones.select_for_update(of=("self",)).select_related("respondent", "unit", "author")
    locked = {row.pk: row for row in rows.filter(pk__in=keys).order_by("pk")}
    if len({(row.respondent_id, row.unit_id) for row in locked.values()}) > 1:
        raise PermissionDenied
    if any(locked[read.pk].withdrawal_id != read.withdrawal_id for read in proposals):
        raise NotAllowed("words were withdrawn from it since it was read")
    return [locked[key] for key in dict.fromkeys(keys)]


def _find_revision(
    proposals: list[Proposal], answer: Answer, base: int, withdrawn: int | None, by: User
) -> Revision | None:
    """Return the revision that the same click made before: of this answer, perhaps combined with a newer one."""
    revision = proposals[0].revision
    if revision is None or any((row.revision_id, row.decided_by) != (revision.pk, by) for row in proposals):
        return None
    combination = combine_with(revision, base, withdrawn, answer)
    return revision if Answer.of(revision) in (answer, combination and combination.answer) else None


def first_received(proposals: Sequence[Proposal]) -> ReceivedDetails:
    return next((received_of(row) for row in proposals if row.received_from and row.received_on), NOT_RECEIVED)


def _change_of(proposals: Sequence[Proposal]) -> Change:
    """Name the State's written requests or, where there is none or its reference was removed, the authors."""
    transcribed = {bool(row.reference) for row in proposals}
    code = ChangeCode.SUGGESTION_AND_TRANSCRIPTION
    if len(transcribed) == 1:
        code = ChangeCode.TRANSCRIPTION if transcribed.pop() else ChangeCode.SUGGESTION
    return Change.of(code, dict.fromkeys(row.reference or row.received_from or str(row.author) for row in proposals))


def _decide(proposal: Proposal, transition: str, by: User) -> Proposal:
    before = f"{State.OFFERED} {proposal.digest}"
    proposal.decided_by, proposal.decided_at = by, timezone.now()
    proposal.save()
    _record(EVENTS[transition], proposal, by, before)
    return proposal


def _record(action: str, proposal: Proposal, by: User, before: str = "") -> None:
    record_event(
        action=action,
        target=reference(proposal),
        by=by,
        respondent=proposal.respondent,
        before=before,
        after=_state_reference(proposal),
    )


def _state_reference(proposal: Proposal) -> str:
    return f"{proposal.state} {proposal.state_digest()}"


def reference(proposal: Proposal) -> str:
    return f"proposal {proposal.pk} on {proposal.unit.full_label}"

"""Enter answers for a State that sends paper: as proposals, which the State's focal point accepts or declines."""

from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommendations.models import Recommendation
from tracker.actions import mail
from tracker.actions.event import record_event
from tracker.actions.proposal import add_proposal, withdraw_proposal
from tracker.actions.respondent import lock_respondent
from tracker.disclosure import can_read_for
from tracker.models import Proposal, Respondent, TranscriptionRequest, User
from tracker.models.proposal import ProposalStage
from tracker.models.record import NOT_RECEIVED, Answer, ReceivedDetails
from tracker.models.transcription import REFERENCE_LIMIT
from tracker.models.validators import text_problems
from tracker.permissions import can_end_transcription, can_transcribe, check_permission, focal_points_of
from tracker.queries.transcription import offered_for_request
from tracker.workflow import NotAllowed

LONGEST = timedelta(days=366)
VICTIM_TEXT_REMOVED = _(
    "Text that identified a victim was removed after you opened this page. Delete it from your text and try again."
)
NO_EVIDENCE = _("Evidence cannot be entered here. A focal point of the State adds the evidence.")


@transaction.atomic
def add_request(
    *, respondent: Respondent, reference: str, requested_on: date, ends_on: date, by: User
) -> TranscriptionRequest:
    """Save a State's written request to have its answers entered, and mail its focal points at once.

    The same again (a double click) returns the open request.
    """
    lock_respondent(respondent, by, can_read_for)  # so that no new words escape a removal
    if broken := _find_errors(reference, requested_on, ends_on):
        raise ValidationError(broken)
    fields = {"reference": reference, "requested_on": requested_on, "ends_on": ends_on}
    own = TranscriptionRequest.objects.to_transcribe(by).filter(respondent=respondent)
    if existing := own.filter(**fields).first():
        return existing
    request = TranscriptionRequest(respondent=respondent, entered_by=by, **fields)
    request.set_digest()
    request.save(force_insert=True)
    _record("transcription requested", request, by)
    for person in focal_points_of(respondent):
        mail.send_later("transcription_requested", person, person=person.name, request=request)
    return request


@transaction.atomic
def end_request(*, pk: int, by: User) -> TranscriptionRequest:
    """End a request: its transcriber enters and sees no more; what waits stays with the State."""
    respondent = TranscriptionRequest.everyones.select_related("respondent").get(pk=pk).respondent
    lock_respondent(respondent, by)
    request = TranscriptionRequest.everyones.select_related("respondent").get(pk=pk)  # read again after the lock
    if not request.is_open:
        raise NotAllowed("it is ended already")
    check_permission(can_end_transcription(by, request))
    before = request.state_digest()
    request.closed_by, request.closed_at = by, timezone.now()
    request.save(update_fields=["closed_by", "closed_at"])
    _record("transcription ended", request, by, before)
    return request


@transaction.atomic
def transcribe(
    *,
    request: TranscriptionRequest,
    unit: Recommendation,
    answer: Answer,
    by: User,
    received: ReceivedDetails = NOT_RECEIVED,
    seen: str = "",
) -> Proposal:
    """Suggest what the State's paper says to its focal points, in place of what waits under the same request.

    The State's present answer is neither read nor shown: the proposal begins from none. `seen` is the stamp of the last
    proposal when the page was opened: it stops an old page from restoring removed text. Raises PermissionDenied, or
    ValidationError by field.
    """
    if answer.citations:
        raise ValidationError({"citations": NO_EVIDENCE})
    respondent = request.respondent
    lock_respondent(respondent, by)
    check_permission(can_transcribe(by, respondent, request.reference))
    newest = offered_for_request(request, by).filter(unit=unit).last()
    if newest and newest.withdrawal_id and newest.stamp != seen:
        raise ValidationError(VICTIM_TEXT_REMOVED)
    waiting = list(_waiting_proposals(request, unit, by))
    proposal = add_proposal(
        respondent=respondent,
        unit=unit,
        base=0,
        answer=answer,
        by=by,
        origin=Proposal.Origin.TRANSCRIPTION,
        received=received,
        reference=request.reference,
    )
    for earlier in waiting:
        if earlier != proposal:
            withdraw_proposal(proposal=earlier, by=by)
    return proposal


@transaction.atomic
def withdraw_transcription(*, request: TranscriptionRequest, unit: Recommendation, by: User) -> None:
    check_permission(can_transcribe(by, request.respondent, request.reference))
    waiting = list(_waiting_proposals(request, unit, by))
    if not waiting:
        raise NotAllowed("nothing waits")
    for proposal in waiting:
        withdraw_proposal(proposal=proposal, by=by)


def _waiting_proposals(request: TranscriptionRequest, unit: Recommendation, by: User) -> QuerySet[Proposal]:
    return offered_for_request(request, by).filter(unit=unit, state=ProposalStage.OFFERED)


def _find_errors(reference: str, requested_on: date, ends_on: date) -> dict[str, list]:
    today = timezone.localdate()
    broken = text_problems([("reference", reference, REFERENCE_LIMIT)])
    if not reference.strip():
        broken["reference"].append(_("Enter the reference of the State’s written request."))
    if requested_on > today:
        broken["requested_on"].append(_("The date must be today or earlier."))
    if not today <= ends_on <= today + LONGEST:
        broken["ends_on"].append(_("The last day must be between today and one year from today."))
    return broken


def _record(action: str, request: TranscriptionRequest, by: User, before: str = "") -> None:
    record_event(
        action=action,
        target=f"transcription {request.pk}",
        by=by,
        respondent=request.respondent,
        before=before,
        after=f"until {request.ends_on} {request.state_digest()}",
    )

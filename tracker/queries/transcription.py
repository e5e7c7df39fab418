"""Read what the Secretariat enters for States that send paper, for its transcriber and for the State.

Transcribers see nothing of a State's answers except their own suggestions.
"""

from typing import NamedTuple

from django.db.models import Count, Q, QuerySet

from recommendations.models import Body, Recommendation
from tracker.models import Proposal, Respondent, TranscriptionRequest, User
from tracker.models.proposal import ProposalStage

TRANSCRIPTION = Proposal.Origin.TRANSCRIPTION


class TranscriptionRow(NamedTuple):
    unit: Recommendation
    proposal: Proposal | None


def entered_request_rows(reader: User, *, with_ended: bool = False) -> QuerySet[TranscriptionRequest]:
    return TranscriptionRequest.objects.to_transcribe(reader, with_ended=with_ended).select_related("respondent")


def counts_of(requests: list[TranscriptionRequest], reader: User) -> dict[tuple[int, str], dict[str, int]]:
    """Count the reader's suggestions by (State key, reference) and stage, in one query."""
    own = _offered_by(reader).filter(respondent__in=[request.respondent_id for request in requests])
    counts = {state: Count("pk", filter=Q(state=state)) for state in ProposalStage.values}
    rows = own.order_by().values("respondent", "reference").annotate(**counts)
    return {(row["respondent"], row["reference"]): row for row in rows}


def rows_of(request: TranscriptionRequest, reader: User, body: Body | None = None) -> list[TranscriptionRow]:
    newest = {row.unit_id: row for row in offered_for_request(request, reader)}
    units = request.respondent.units_open().of(body).select_related("current_wording", "meeting").order_by("position")
    return [TranscriptionRow(unit, newest.get(unit.pk)) for unit in units]


def offered_for_request(request: TranscriptionRequest, reader: User) -> QuerySet[Proposal]:
    own = _offered_by(reader).filter(respondent=request.respondent_id, reference=request.reference)
    return own.exclude(state=ProposalStage.TAKEN_BACK).order_by("pk")


def request_rows(respondent: Respondent, reader: User) -> QuerySet[TranscriptionRequest]:
    found = TranscriptionRequest.objects.visible_to(reader).filter(respondent=respondent)
    return found.select_related("entered_by", "closed_by", "withdrawal")


def waiting_transcription_rows(respondent: Respondent, reader: User) -> QuerySet[Proposal]:
    waiting = Proposal.objects.visible_to(reader).waiting().filter(respondent=respondent, origin=TRANSCRIPTION)
    return waiting.select_related("unit", "author").order_by("unit__position", "pk")


def _offered_by(reader: User) -> QuerySet[Proposal]:
    return Proposal.objects.visible_to(reader).filter(author=reader, origin=TRANSCRIPTION)

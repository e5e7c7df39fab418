"""One suggestion is read, accepted as it is, or declined."""

from tracker.actions.proposal import SeenProposal, accept_proposals, answers_of, decline_proposals
from tracker.models import Proposal, Revision, User
from tracker.models.record import Answer


def answer_of(proposal: Proposal) -> Answer:
    [answer] = answers_of([proposal])
    return answer


def accept(proposal: Proposal, *, base: int = 0, withdrawn: int | None = None, by: User) -> Revision:
    seen = SeenProposal(proposal, base, withdrawn)
    [revision] = accept_proposals(respondent=proposal.respondent, proposals=[seen], by=by)
    return revision


def decline(proposal: Proposal, *, reason: str, by: User) -> Proposal:
    [declined] = decline_proposals(respondent=proposal.respondent, proposals=[proposal], reason=reason, by=by)
    return declined

"""Say what the state of a thing allows: transitions as data. Who may make them is in permissions.py."""

from typing import NamedTuple

from tracker.models import Assignment, Round, Submission
from tracker.models.assignment import AssignmentStage
from tracker.models.assistance import NeedStage
from tracker.models.proposal import ProposalStage
from tracker.models.round import RoundStage
from tracker.models.status_report import StatusReportStage
from tracker.models.submission import NextSubmission, SubmissionStage
from tracker.models.treaty_act import TreatyActStage
from tracker.models.withdrawal import WithdrawalStage


class Transition(NamedTuple):
    before: frozenset[str]
    after: str


WITHDRAWAL = {
    "confirm": Transition(frozenset({WithdrawalStage.REQUESTED}), WithdrawalStage.CONFIRMED),
    "refuse": Transition(frozenset({WithdrawalStage.REQUESTED}), WithdrawalStage.REFUSED),
}

ROUND = {
    "plan": Transition(frozenset({RoundStage.PLANNED}), RoundStage.PLANNED),
    "open": Transition(frozenset({RoundStage.PLANNED}), RoundStage.OPEN),
    "close": Transition(frozenset({RoundStage.OPEN}), RoundStage.CLOSED),
}

_State = SubmissionStage
SUBMISSION = {
    "take": Transition(frozenset({_State.SUBMITTED}), _State.UNDER_REVIEW),
    "release": Transition(frozenset({_State.UNDER_REVIEW}), _State.SUBMITTED),
    "ask": Transition(frozenset({_State.UNDER_REVIEW}), _State.CLARIFICATION_REQUESTED),
    "close": Transition(frozenset({_State.UNDER_REVIEW, _State.CLARIFICATION_REQUESTED}), _State.REVIEW_CLOSED),
    "withdraw": Transition(frozenset(set(_State) - {_State.WITHDRAWN}), _State.WITHDRAWN),
}

# The Secretariat sees the need and makes contact, in either order, to correct a mistake; the State closes.
_Need = NeedStage
ASSISTANCE = {
    "see": Transition(frozenset({_Need.OPEN, _Need.IN_CONTACT}), _Need.SEEN),
    "contact": Transition(frozenset({_Need.OPEN, _Need.SEEN}), _Need.IN_CONTACT),
    "close": Transition(frozenset({_Need.OPEN, _Need.SEEN, _Need.IN_CONTACT}), _Need.CLOSED),
}

# The focal point accepts or declines; the author withdraws.
PROPOSAL = {
    "accept": Transition(frozenset({ProposalStage.OFFERED}), ProposalStage.TAKEN),
    "decline": Transition(frozenset({ProposalStage.OFFERED}), ProposalStage.DECLINED),
    "withdraw": Transition(frozenset({ProposalStage.OFFERED}), ProposalStage.TAKEN_BACK),
}

_Assignment = AssignmentStage
ASSIGNMENT = {
    "send": Transition(frozenset(Assignment.TO_BE_WRITTEN), _Assignment.READY),
    "undo": Transition(frozenset({_Assignment.READY}), _Assignment.ASSIGNED),
    "return": Transition(frozenset({_Assignment.READY}), _Assignment.RETURNED),
    "accept": Transition(frozenset({_Assignment.READY}), _Assignment.ACCEPTED),
    "end": Transition(frozenset(Assignment.CURRENT), _Assignment.ENDED),
}

# An act confirmed by mistake is declined later; a declined act is entered again.
_Act = TreatyActStage
TREATY_ACT = {
    "confirm": Transition(frozenset({_Act.TO_BE_CONFIRMED}), _Act.CONFIRMED),
    "decline": Transition(frozenset({_Act.TO_BE_CONFIRMED, _Act.CONFIRMED}), _Act.DECLINED),
}

STATUS_REPORT = {
    "accept": Transition(frozenset({StatusReportStage.WAITING}), StatusReportStage.ACCEPTED),
    "decline": Transition(frozenset({StatusReportStage.WAITING}), StatusReportStage.DECLINED),
}

# Where another reviewer takes over a reading from a reviewer who may no longer read for the State.
TAKEN_OVER_IN = frozenset({_State.UNDER_REVIEW, _State.CLARIFICATION_REQUESTED})

NEXT_SUBMISSION = {
    _State.SUBMITTED: NextSubmission.EVERYTHING,
    _State.UNDER_REVIEW: NextSubmission.NOTHING,
    _State.CLARIFICATION_REQUESTED: NextSubmission.ANSWERS_ALONE,
    _State.REVIEW_CLOSED: NextSubmission.EVERYTHING,
    _State.WITHDRAWN: NextSubmission.EVERYTHING,
}


class NotAllowed(Exception):
    pass


def next_state(transitions: dict[str, Transition], name: str, state: str) -> str:
    transition = transitions[name]
    if state not in transition.before:
        raise NotAllowed(f"{name} is not allowed when {state}")
    return transition.after


def next_submission(round: Round, current: Submission | None) -> NextSubmission:
    """Return what a State may submit now.

    A submission that replies to a clarification is followed by other replies to the same clarification. After a round
    is closed only replies to open clarifications can be submitted; a closed reading ends nothing.
    """
    if current and current.answers_to and _is_still_open(current, current.answers_to):
        return NextSubmission.ANSWERS_ALONE
    allowed = NEXT_SUBMISSION[_State(current.standing.state)] if current else NextSubmission.EVERYTHING
    if allowed == NextSubmission.EVERYTHING and round.state != RoundStage.OPEN:
        return NextSubmission.NOTHING
    return allowed


def _is_still_open(current: Submission, asking: Submission) -> bool:
    """Return whether replies can be replaced; withdrawn replies, while the clarification is open."""
    if current.standing.state == _State.WITHDRAWN:
        return asking.standing.state == _State.CLARIFICATION_REQUESTED
    return current.standing.state == _State.SUBMITTED

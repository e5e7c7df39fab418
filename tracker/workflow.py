"""What the state of a thing allows: transitions as data. Who may make them stands in permissions.py."""

from typing import NamedTuple

from tracker.models import (
    Assignment,
    Round,
    Submission,
)
from tracker.models.assignment import AssignmentStage
from tracker.models.assistance import NeedStage
from tracker.models.proposal import ProposalStage
from tracker.models.round import RoundStage
from tracker.models.status_report import StatusReportStage
from tracker.models.submission import NextHandIn, SubmissionStage
from tracker.models.treaty_act import TreatyActStage
from tracker.models.withdrawal import WithdrawalStage


class Transition(NamedTuple):
    """From any of the states `before` to `after`."""

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

# The Secretariat sees and makes contact, also the one after the other by mistake; the State closes.
_Need = NeedStage
ASSISTANCE = {
    "see": Transition(frozenset({_Need.OPEN, _Need.IN_CONTACT}), _Need.SEEN),
    "contact": Transition(frozenset({_Need.OPEN, _Need.SEEN}), _Need.IN_CONTACT),
    "close": Transition(frozenset({_Need.OPEN, _Need.SEEN, _Need.IN_CONTACT}), _Need.CLOSED),
}

# The focal point takes or declines; its author takes it back.
PROPOSAL = {
    "take": Transition(frozenset({ProposalStage.OFFERED}), ProposalStage.TAKEN),
    "decline": Transition(frozenset({ProposalStage.OFFERED}), ProposalStage.DECLINED),
    "take back": Transition(frozenset({ProposalStage.OFFERED}), ProposalStage.TAKEN_BACK),
}

_Assignment = AssignmentStage
ASSIGNMENT = {
    "hand back": Transition(frozenset(Assignment.TO_BE_WRITTEN), _Assignment.READY),
    "return": Transition(frozenset({_Assignment.READY}), _Assignment.RETURNED),
    "accept": Transition(frozenset({_Assignment.READY}), _Assignment.ACCEPTED),
    "take back": Transition(frozenset(Assignment.STANDING), _Assignment.ENDED),
}

# What was confirmed by mistake is declined later; what is declined is entered anew.
_Act = TreatyActStage
TREATY_ACT = {
    "confirm": Transition(frozenset({_Act.TO_BE_CONFIRMED}), _Act.CONFIRMED),
    "decline": Transition(frozenset({_Act.TO_BE_CONFIRMED, _Act.CONFIRMED}), _Act.DECLINED),
}

STATUS_REPORT = {
    "accept": Transition(frozenset({StatusReportStage.WAITING}), StatusReportStage.ACCEPTED),
    "decline": Transition(frozenset({StatusReportStage.WAITING}), StatusReportStage.DECLINED),
}

# Where another reviewer takes a reading over, as it stands, from one who may no longer read for the State.
TAKEN_OVER_IN = frozenset({_State.UNDER_REVIEW, _State.CLARIFICATION_REQUESTED})

NEXT_HAND_IN = {
    _State.SUBMITTED: NextHandIn.EVERYTHING,
    _State.UNDER_REVIEW: NextHandIn.NOTHING,
    _State.CLARIFICATION_REQUESTED: NextHandIn.ANSWERS_ALONE,
    _State.REVIEW_CLOSED: NextHandIn.EVERYTHING,
    _State.WITHDRAWN: NextHandIn.EVERYTHING,
}


class NotAllowed(Exception):
    """The thing is in a state from which this cannot be done."""


def next_state(transitions: dict[str, Transition], name: str, state: str) -> str:
    transition = transitions[name]
    if state not in transition.before:
        raise NotAllowed(f"{name} is not allowed when {state}")
    return transition.after


def next_hand_in(round: Round, current: Submission | None) -> NextHandIn:
    """What a State may hand in now: closing a round ends all but the answers to clarifications, and what answers
    questions is followed by answers to the same questions alone. A reading that is closed ends nothing: while the
    round is open, everything may be handed in anew.
    """
    if current and current.answers_to and _answers_still(current, current.answers_to):
        return NextHandIn.ANSWERS_ALONE
    allowed = NEXT_HAND_IN[_State(current.standing.state)] if current else NextHandIn.EVERYTHING
    if allowed == NextHandIn.EVERYTHING and round.state != RoundStage.OPEN:
        return NextHandIn.NOTHING
    return allowed


def _answers_still(current: Submission, asking: Submission) -> bool:
    """Whether what answers questions can be replaced; once it is withdrawn, while they are open."""
    if current.standing.state == _State.WITHDRAWN:
        return asking.standing.state == _State.CLARIFICATION_REQUESTED
    return current.standing.state == _State.SUBMITTED

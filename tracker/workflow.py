"""Say what the state of a thing allows: transitions as data. Who may make them is in permissions.py."""

from typing import NamedTuple

from tracker.models import Assignment, Participation, Round
from tracker.models.assignment import AssignmentStage
from tracker.models.assistance import NeedStage
from tracker.models.proposal import ProposalStage
from tracker.models.round import RoundStage
from tracker.models.status_report import StatusReportStage
from tracker.models.submission import SubmissionStage
from tracker.models.treaty_act import TreatyActStage
from tracker.models.withdrawal import WithdrawalStage


class Transition(NamedTuple):
    before: frozenset[str]
    after: str


WITHDRAWAL = {
    "confirm": Transition(frozenset({WithdrawalStage.REQUESTED}), WithdrawalStage.CONFIRMED),
    "refuse": Transition(frozenset({WithdrawalStage.REQUESTED}), WithdrawalStage.REFUSED),
}

# A round is closed once its closing date is over, without a step.
ROUND = {
    "plan": Transition(frozenset({RoundStage.PLANNED}), RoundStage.PLANNED),
    "open": Transition(frozenset({RoundStage.PLANNED}), RoundStage.OPEN),
    "set closing date": Transition(frozenset({RoundStage.OPEN}), RoundStage.OPEN),
    "make release": Transition(frozenset({RoundStage.CLOSED}), RoundStage.CLOSED),
}

_Stage = SubmissionStage
# Where an officer reads and remarks, and another takes over from an officer who may no longer read for the State.
READ_IN = frozenset({_Stage.UNDER_REVIEW, _Stage.CLARIFICATION_REQUESTED})
# One reading of a respondent's submissions to a round. The State submits, replies and withdraws; the other acts are an
# officer's. A submission leaves a reading in progress as it is; the last open reply gives it back to the officer.
SUBMISSION = {
    "submit": Transition(frozenset({_Stage.SUBMITTED, _Stage.REVIEW_CLOSED, _Stage.WITHDRAWN}), _Stage.SUBMITTED),
    "take": Transition(frozenset({_Stage.SUBMITTED}), _Stage.UNDER_REVIEW),
    "release": Transition(frozenset({_Stage.UNDER_REVIEW}), _Stage.SUBMITTED),
    "ask": Transition(READ_IN, _Stage.CLARIFICATION_REQUESTED),
    "reply": Transition(frozenset({_Stage.CLARIFICATION_REQUESTED}), _Stage.UNDER_REVIEW),
    "close": Transition(READ_IN, _Stage.REVIEW_CLOSED),
    "withdraw": Transition(frozenset(set(_Stage) - {_Stage.WITHDRAWN}), _Stage.WITHDRAWN),
}

# The Secretariat sees the need and makes contact, in either order, to correct a mistake; the State closes.
ASSISTANCE = {
    "see": Transition(frozenset({NeedStage.OPEN, NeedStage.IN_CONTACT}), NeedStage.SEEN),
    "contact": Transition(frozenset({NeedStage.OPEN, NeedStage.SEEN}), NeedStage.IN_CONTACT),
    "close": Transition(frozenset({NeedStage.OPEN, NeedStage.SEEN, NeedStage.IN_CONTACT}), NeedStage.CLOSED),
}

# The focal point accepts or declines; the author withdraws.
PROPOSAL = {
    "accept": Transition(frozenset({ProposalStage.OFFERED}), ProposalStage.TAKEN),
    "decline": Transition(frozenset({ProposalStage.OFFERED}), ProposalStage.DECLINED),
    "withdraw": Transition(frozenset({ProposalStage.OFFERED}), ProposalStage.TAKEN_BACK),
}

ASSIGNMENT = {
    "send": Transition(frozenset(Assignment.TO_BE_WRITTEN), AssignmentStage.READY),
    "undo": Transition(frozenset({AssignmentStage.READY}), AssignmentStage.ASSIGNED),
    "return": Transition(frozenset({AssignmentStage.READY}), AssignmentStage.RETURNED),
    "accept": Transition(frozenset({AssignmentStage.READY}), AssignmentStage.ACCEPTED),
    "end": Transition(frozenset(Assignment.CURRENT), AssignmentStage.ENDED),
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


class NotAllowed(Exception):
    pass


def next_state(transitions: dict[str, Transition], name: str, state: str) -> str:
    transition = transitions[name]
    if state not in transition.before:
        raise NotAllowed(f"{name} is not allowed when {state}")
    return transition.after


def may_submit(round: Round) -> bool:
    """Return whether a State may submit everything that is ready: while the round is open, whatever is read."""
    return round.stage == RoundStage.OPEN


def may_reply(participation: Participation | None) -> bool:
    """Return whether requests for clarification wait for replies, in an open round or a closed one."""
    return participation is not None and participation.state == _Stage.CLARIFICATION_REQUESTED

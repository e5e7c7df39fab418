"""Say what the state of a thing allows: transitions as data. Who may make them is in permissions.py."""

from collections.abc import Collection
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
    before: Collection[str]
    after: str


WITHDRAWAL = {
    "confirm": Transition({WithdrawalStage.REQUESTED}, WithdrawalStage.CONFIRMED),
    "refuse": Transition({WithdrawalStage.REQUESTED}, WithdrawalStage.REFUSED),
}

# A round is closed once its closing date is over, without a step.
ROUND = {
    "plan": Transition({RoundStage.PLANNED}, RoundStage.PLANNED),
    "open": Transition({RoundStage.PLANNED}, RoundStage.OPEN),
    "move due date": Transition({RoundStage.OPEN}, RoundStage.OPEN),
    "set closing date": Transition({RoundStage.OPEN}, RoundStage.OPEN),
    "remind": Transition({RoundStage.OPEN}, RoundStage.OPEN),
    "make release": Transition({RoundStage.CLOSED}, RoundStage.CLOSED),
}

_Stage = SubmissionStage
# Where an officer reads and remarks, and another takes over from an officer who may no longer read for the State.
READ_IN = {_Stage.UNDER_REVIEW, _Stage.CLARIFICATION_REQUESTED}
# Where a reading can be assigned to an officer: before it starts, or to continue it.
NOT_READ = {_Stage.SUBMITTED} | READ_IN
# One reading of a respondent's submissions to a round. The State submits, replies and withdraws; the other acts are an
# officer's. A submission leaves a reading in progress as it is; the last open reply gives it back to the officer.
SUBMISSION = {
    "submit": Transition({_Stage.SUBMITTED, _Stage.REVIEW_CLOSED, _Stage.WITHDRAWN}, _Stage.SUBMITTED),
    "take": Transition({_Stage.SUBMITTED}, _Stage.UNDER_REVIEW),
    "release": Transition({_Stage.UNDER_REVIEW}, _Stage.SUBMITTED),
    "ask": Transition(READ_IN, _Stage.CLARIFICATION_REQUESTED),
    "reply": Transition({_Stage.CLARIFICATION_REQUESTED}, _Stage.UNDER_REVIEW),
    "close": Transition(READ_IN, _Stage.REVIEW_CLOSED),
    "withdraw": Transition(set(_Stage) - {_Stage.WITHDRAWN}, _Stage.WITHDRAWN),
}

# The Secretariat sees the need and makes contact, in either order, to correct a mistake; the State closes.
ASSISTANCE = {
    "see": Transition({NeedStage.OPEN, NeedStage.IN_CONTACT}, NeedStage.SEEN),
    "contact": Transition({NeedStage.OPEN, NeedStage.SEEN}, NeedStage.IN_CONTACT),
    "close": Transition({NeedStage.OPEN, NeedStage.SEEN, NeedStage.IN_CONTACT}, NeedStage.CLOSED),
}

# The focal point accepts or declines; the author withdraws.
PROPOSAL = {
    "accept": Transition({ProposalStage.OFFERED}, ProposalStage.TAKEN),
    "decline": Transition({ProposalStage.OFFERED}, ProposalStage.DECLINED),
    "withdraw": Transition({ProposalStage.OFFERED}, ProposalStage.TAKEN_BACK),
}

# What came back in a completed questionnaire is accepted with its suggestion at any stage, and unchanged as it is.
ASSIGNMENT = {
    "send": Transition(Assignment.TO_BE_WRITTEN, AssignmentStage.READY),
    "come back": Transition(Assignment.TO_BE_WRITTEN, AssignmentStage.READY),
    "undo": Transition({AssignmentStage.READY}, AssignmentStage.ASSIGNED),
    "return": Transition({AssignmentStage.READY}, AssignmentStage.RETURNED),
    "accept": Transition(Assignment.CURRENT, AssignmentStage.ACCEPTED),
    "end": Transition(Assignment.CURRENT, AssignmentStage.ENDED),
}

# An act confirmed by mistake is declined later; a declined act is entered again.
TREATY_ACT = {
    "confirm": Transition({TreatyActStage.TO_BE_CONFIRMED}, TreatyActStage.CONFIRMED),
    "decline": Transition({TreatyActStage.TO_BE_CONFIRMED, TreatyActStage.CONFIRMED}, TreatyActStage.DECLINED),
}

STATUS_REPORT = {
    "accept": Transition({StatusReportStage.WAITING}, StatusReportStage.ACCEPTED),
    "decline": Transition({StatusReportStage.WAITING}, StatusReportStage.DECLINED),
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

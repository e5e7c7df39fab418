"""What the state of a thing allows: transitions as data. Who may make them stands in permissions.py."""

from tracker.models import Withdrawal

WITHDRAWAL = {
    "confirm": (Withdrawal.State.REQUESTED, Withdrawal.State.CONFIRMED),
    "refuse": (Withdrawal.State.REQUESTED, Withdrawal.State.REFUSED),
}


class NotAllowed(Exception):
    """The thing is in a state from which this cannot be done."""


def next_state(transitions: dict, name: str, state: str) -> str:
    before, after = transitions[name]
    if state != before:
        raise NotAllowed(f"{name} is not allowed when {state}")
    return after

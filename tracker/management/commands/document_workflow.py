from django.core.management.base import BaseCommand
from django.db.models import TextChoices
from django.utils.translation import override

from tracker.models.assignment import AssignmentStage
from tracker.models.assistance import NeedStage
from tracker.models.proposal import ProposalStage
from tracker.models.round import RoundStage
from tracker.models.status_report import StatusReportStage
from tracker.models.submission import SubmissionStage
from tracker.models.treaty_act import TreatyActStage
from tracker.models.withdrawal import WithdrawalStage
from tracker.workflow import (
    ASSIGNMENT,
    ASSISTANCE,
    PROPOSAL,
    ROUND,
    STATUS_REPORT,
    SUBMISSION,
    TREATY_ACT,
    WITHDRAWAL,
    Transition,
)

THINGS: dict[str, tuple[type[TextChoices], TextChoices, dict[str, Transition]]] = {
    "The reading of a State's submissions to a round": (SubmissionStage, SubmissionStage.SUBMITTED, SUBMISSION),
    "A round": (RoundStage, RoundStage.PLANNED, ROUND),
    "A removal of identifying information": (WithdrawalStage, WithdrawalStage.REQUESTED, WITHDRAWAL),
    "An assignment": (AssignmentStage, AssignmentStage.ASSIGNED, ASSIGNMENT),
    "A need for technical assistance": (NeedStage, NeedStage.OPEN, ASSISTANCE),
    "A suggestion": (ProposalStage, ProposalStage.OFFERED, PROPOSAL),
    "A treaty act of a State": (TreatyActStage, TreatyActStage.TO_BE_CONFIRMED, TREATY_ACT),
    "A report of an error in treaty status": (StatusReportStage, StatusReportStage.WAITING, STATUS_REPORT),
}

HEAD = """\
# The workflow

Which step may follow at each stage of a thing. `manage.py document_workflow` writes this page from the tables in
`tracker/workflow.py`; a test compares them. Who may make a step is in the [permissions](permissions.md). The actions
check all other conditions. A round is closed once its closing date is over, without a step.
"""


class Command(BaseCommand):
    help = "Writes docs/reference/workflow.md to standard output, from the tables of transitions."

    def handle(self, *args, **options):
        self.stdout.write(write_page(), ending="")


def write_page() -> str:
    with override("en"):
        return "\n".join([HEAD, *(_part(title, *thing) for title, thing in THINGS.items())])


def _part(title: str, states: type[TextChoices], first: TextChoices, transitions: dict[str, Transition]) -> str:
    steps = [
        (state, name, transition.after)
        for name, transition in transitions.items()
        for state in states
        if state in transition.before
    ]
    named = [f'    state "{state.label}" as {state.value}' for state in states]
    drawn = [f"    {before.value} --> {states(after).value}: {name}" for before, name, after in steps]
    diagram = ["```mermaid", "stateDiagram-v2", *named, f"    [*] --> {first.value}", *drawn, "```"]
    rows = [f"| {before.label} | {name} | {states(after).label} |" for before, name, after in steps]
    table = ["| from | transition | to |", "| --- | --- | --- |", *rows]
    return "\n".join([f"## {title}", "", *diagram, "", *table, ""])

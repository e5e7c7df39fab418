from dataclasses import dataclass, field

from recommendations.groups import group_pairs
from tracker.audit.seal import Seal
from tracker.models import Participation, Remark, Reply, Revision, Submission, SubmissionEvidence, SubmissionItem
from tracker.models.remark import RemarkKind, digest_of_participation
from tracker.workflow import SUBMISSION, next_state


@dataclass
class GeneratedSubmission:
    """A submission, with the participation in its round and the remarks of the one reading."""

    submission: Submission
    items: list[SubmissionItem]
    participation: Participation
    replies: list[Reply]
    evidence: list[SubmissionEvidence]
    remarks: list[Remark] = field(default_factory=list)

    @property
    def target(self) -> str:
        return f"submission {self.submission.reference}"

    @property
    def questions(self) -> list[Remark]:
        return [remark for remark in self.remarks if remark.kind == RemarkKind.CLARIFICATION]

    @property
    def digest(self) -> str:
        return digest_of_participation(self.participation, [(remark.digest, remark.sent_at) for remark in self.remarks])

    @property
    def revisions(self) -> dict[int, Revision]:
        return {item.unit_id: item.revision for item in self.items if item.revision}

    @property
    def seal(self) -> Seal:
        evidence = group_pairs((piece.item.pk, piece) for piece in self.evidence)
        return Seal(self.submission, self.items, evidence, self.replies, {})

    def move(self, transition: str, **values) -> None:
        self.participation.state = next_state(SUBMISSION, transition, self.participation.state)
        for name, value in values.items():
            setattr(self.participation, name, value)

    def count_unanswered(self, answer: "GeneratedSubmission | None") -> int:
        """Count the questions that a later submission leaves open, as `unanswered_questions` does."""
        if answer is None:
            return len(self.questions)
        replied = {reply.remark_id for reply in answer.replies}
        revisions = answer.revisions
        return sum(
            question.pk not in replied and revisions[question.item.unit_id].pk == question.item.revision_id
            for question in self.questions
        )

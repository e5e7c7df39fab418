from dataclasses import dataclass, field

from tracker.models import Remark, Reply, Revision, Submission, SubmissionItem, SubmissionState
from tracker.models.remark import RemarkKind, digest_of_standing
from tracker.workflow import SUBMISSION, next_state


@dataclass
class GeneratedSubmission:
    submission: Submission
    items: list[SubmissionItem]
    standing: SubmissionState
    replies: list[Reply]
    remarks: list[Remark] = field(default_factory=list)

    @property
    def target(self) -> str:
        return f"submission {self.submission.reference}"

    @property
    def questions(self) -> list[Remark]:
        return [remark for remark in self.remarks if remark.kind == RemarkKind.CLARIFICATION]

    @property
    def digest(self) -> str:
        return digest_of_standing(self.standing, [(remark.digest, remark.sent_at) for remark in self.remarks])

    @property
    def revisions(self) -> dict[int, Revision]:
        return {item.unit_id: item.revision for item in self.items if item.revision}

    def move(self, transition: str, **values) -> None:
        self.standing.state = next_state(SUBMISSION, transition, self.standing.state)
        for name, value in values.items():
            setattr(self.standing, name, value)

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

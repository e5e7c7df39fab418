"""Read the reasons that States give in words for "considered, not taken up" and "not applicable".

They are for reviewers, who read submissions. figures/progress.py counts the coded reasons.
"""

from typing import NamedTuple

from recommendations.models import Recommendation
from tracker.figures.progress import RoundProgress
from tracker.models import Respondent, Revision, Submission, SubmissionItem, User
from tracker.models.status import NEED_REASONS, Status

WITH_REASONS = NEED_REASONS


class StateReason(NamedTuple):
    respondent: Respondent
    submission: Submission
    answer: Revision

    @property
    def words(self) -> str:
        return self.answer.shown_value("reasons")


def state_reasons(found: RoundProgress, unit: Recommendation, reader: User) -> list[tuple[Status, list[StateReason]]]:
    submissions = {standing.submission.pk: standing.submission for standing in found.counted if standing.submission}
    items = SubmissionItem.objects.to_be_read_by(reader).filter(
        submission__in=submissions, unit=unit, status__in=WITH_REASONS
    )
    answers = {item.submission_id: item.revision for item in items.select_related("revision__withdrawal")}
    given = [
        StateReason(submission.respondent, submission, answers[pk])
        for pk, submission in submissions.items()
        if answers.get(pk)
    ]
    return [(status, [reason for reason in given if reason.answer.status == status]) for status in WITH_REASONS]

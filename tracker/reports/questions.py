"""Questions of the Secretariat, and what has answered them."""

from tracker.models import Remark, Submission, SubmissionItem, SubmissionReply, SubmissionState


def unanswered_questions(submission: Submission) -> int:
    """How many of the questions about a submission, and about those whose questions it answers, neither words nor a
    new revision have answered. What was withdrawn answers nothing.
    """
    standing = SubmissionState.everyones.filter(
        submission__respondent=submission.respondent, submission__round=submission.round
    ).exclude(state=SubmissionState.State.WITHDRAWN)
    handed_in = standing.order_by("submission__number").values_list("pk", flat=True)
    questions = Remark.everyones.filter(item__submission__in=submission.chain, sent_at__isnull=False)
    in_words = SubmissionReply.everyones.filter(submission__in=handed_in.order_by())
    answered = set(in_words.values_list("reply__remark_id", flat=True))
    newest = SubmissionItem.everyones.filter(submission=handed_in.last())
    anew = dict(newest.values_list("unit_id", "revision_id"))
    return sum(
        question.pk not in answered and anew.get(question.item.unit_id) == question.item.revision_id
        for question in questions.select_related("item")
    )

"""Read a sealed submission whole, and check that its rows are those that were sealed."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils import timezone

from recommendations.groups import group_pairs
from recommendations.models import Wording
from tracker.models import Reply, Revision, Submission, SubmissionEvidence, SubmissionItem
from tracker.models.digest import FORM, digest_value
from tracker.models.submission import content_digest, content_of, counts_of

Cited = tuple[str, int]


@dataclass(frozen=True)
class Seal:
    """`evidence` is by the key of its item, in order; `texts` has the wordings of the items by label and number."""

    submission: Submission
    items: list[SubmissionItem]
    evidence: dict[int, list[SubmissionEvidence]]
    replies: list[Reply]
    texts: dict[Cited, str]

    @property
    def content_digest(self) -> str:
        content = [content_of(item, self.evidence[item.pk]) for item in self.items]
        return content_digest(content, [reply.digest for reply in self.replies])


def read_seal(submission: Submission) -> Seal:
    items = list(
        SubmissionItem.everyones.filter(submission=submission)
        .select_related(
            "unit",
            "wording__recommendation",
            "revision__source",
            "revision__record__respondent",
            "revision__record__recommendation",
        )
        .order_by("position")
    )
    return Seal(
        submission, items, _read_evidence(submission), _read_reply_rows(submission), read_texts(submission, items)
    )


def form_error(form: int) -> str:
    return f"form {form} is unknown: a newer version of this site can verify it"


def find_errors(seal: Seal) -> Iterator[str]:
    submission = seal.submission
    if submission.canonical_form != FORM:
        yield form_error(submission.canonical_form)
        return
    for position, item in enumerate(seal.items, start=1):
        for fault in _item_errors(item, seal):
            yield f"{item.unit.label}: {fault}"
        if item.position != position:
            yield f"{item.unit.label}: is in another place"
    if submission.content_digest != seal.content_digest:
        yield "the digest of the content does not match"
    if [reply.digest for reply in seal.replies] != submission.replies:
        yield "the replies differ"
    if submission.make_digest([item.digest for item in seal.items]) != submission.digest:
        yield "the digest does not match"
    if not submission.is_reply and submission.late != (timezone.localdate(submission.sealed_at) > submission.due_on):
        yield "the due date differs"
    if submission.counts != counts_of(item.status for item in seal.items):
        yield "the counts differ"


def _item_errors(item: SubmissionItem, seal: Seal) -> Iterator[str]:
    evidence = seal.evidence[item.pk]
    for position, sealed in enumerate(evidence, start=1):
        if (sealed.position, sealed.make_digest()) != (position, sealed.digest):
            yield f"the digest of evidence {position} does not match"
    if (item.status, item.asks_for_assistance, item.good_practice) != _copied_fields(item.revision):
        yield "the answer differs"
    if item.revision and item.revision.record.recommendation_id != item.unit_id:
        yield "the answer belongs to another text"
    if [sealed.citation.revision_id for sealed in evidence] != [item.revision_id] * len(evidence):
        yield "the evidence belongs to another answer"
    if item.wording.recommendation_id != item.unit_id:
        yield "the wording belongs to another text"
    for label, number, digest in (*item.chapeaux, *item.answered_with):
        if digest_value(seal.texts.get((label, number), "")) != digest:
            yield f"the wording of {label} was altered"
    if item.make_digest([sealed.digest for sealed in evidence]) != item.digest:
        yield "the digest does not match"


def _copied_fields(answer: Revision | None) -> tuple[str, bool, bool]:
    return (answer.status, answer.asks_for_assistance, answer.good_practice) if answer else ("", False, False)


def _read_evidence(submission: Submission) -> dict[int, list[SubmissionEvidence]]:
    rows = SubmissionEvidence.everyones.filter(item__submission=submission).select_related(
        "citation__evidence_version__file", "citation__evidence_version__evidence__respondent"
    )
    return group_pairs((row.item_id, row) for row in rows.order_by("item", "position"))


def _read_reply_rows(submission: Submission) -> list[Reply]:
    replies = Reply.everyones.filter(submission__participation=submission.participation, digest__in=submission.replies)
    replies = replies.select_related("remark__item__unit")
    return list(replies.order_by("remark__item__position", "remark"))


def read_texts(submission: Submission, items: list[SubmissionItem]) -> dict[Cited, str]:
    labels = {label for item in items for label, _number, _digest in (*item.chapeaux, *item.answered_with)}
    wordings = Wording.objects.filter(
        recommendation__body=submission.round.body_id, recommendation__label__in=labels
    ).values_list("recommendation__label", "number", "text")
    return {(label, number): text for label, number, text in wordings}

"""A submission as it was sealed, read whole, and whether the rows are those that were sealed."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from recommendations.models import Wording
from tracker.models import Reply, Revision, Submission, SubmissionEvidence, SubmissionItem, SubmissionReply
from tracker.models.digest import sha256
from tracker.models.submission import content_digest, counts_of

Cited = tuple[str, int]


@dataclass(frozen=True)
class Seal:
    """`evidence` by the key of its item, in order; `texts` of all wordings of the items, by label and number."""

    submission: Submission
    items: list[SubmissionItem]
    evidence: dict[int, list[SubmissionEvidence]]
    replies: list[Reply]
    texts: dict[Cited, str]

    @property
    def content_digest(self) -> str:
        said = [
            [
                item.unit.full_label,
                item.revision.digest if item.revision else "",
                item.still_correct_as_at,
                [[piece.citation.digest, piece.withheld] for piece in self.evidence[item.pk]],
            ]
            for item in self.items
        ]
        return content_digest(said, [reply.digest for reply in self.replies])


def read_seal(submission: Submission) -> Seal:
    """All of a submission, in a fixed number of queries."""
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
    return Seal(submission, items, _evidence(submission), _replies(submission), texts_of(submission, items))


def faults(seal: Seal) -> Iterator[str]:
    """What is not as it was sealed, in words."""
    submission = seal.submission
    for place, item in enumerate(seal.items, start=1):
        for fault in _faults_of(item, seal):
            yield f"{item.unit.label}: {fault}"
        if item.position != place:
            yield f"{item.unit.label}: stands in another place"
    if submission.content_digest != seal.content_digest:
        yield "the digest of the content does not hold"
    sealed = submission.compute_digest([item.digest for item in seal.items], [reply.digest for reply in seal.replies])
    if sealed != submission.digest:
        yield "the digest does not hold"
    if submission.counts != counts_of(item.status for item in seal.items):
        yield "the counts are others"


def _faults_of(item: SubmissionItem, seal: Seal) -> Iterator[str]:
    pieces = seal.evidence[item.pk]
    for place, piece in enumerate(pieces, start=1):
        if (piece.position, piece.compute_digest()) != (place, piece.digest):
            yield f"evidence {place} does not hold"
    if (item.status, item.asks_for_assistance, item.good_practice) != _said(item.revision):
        yield "the answer is another"
    if item.revision and item.revision.record.recommendation_id != item.unit_id:
        yield "the answer is another text's"
    if [piece.citation.revision_id for piece in pieces] != [item.revision_id] * len(pieces):
        yield "the evidence is another answer's"
    if item.wording.recommendation_id != item.unit_id:
        yield "the wording is another text's"
    for label, number, digest in (*item.chapeaux, *item.answered_with):
        if sha256(seal.texts.get((label, number), "")) != digest:
            yield f"the wording of {label} was altered"
    if item.compute_digest([piece.digest for piece in pieces]) != item.digest:
        yield "does not hold"


def _said(answer: Revision | None) -> tuple[str, bool, bool]:
    return (answer.status, answer.asks_for_assistance, answer.good_practice) if answer else ("", False, False)


def _evidence(submission: Submission) -> dict[int, list[SubmissionEvidence]]:
    evidence = defaultdict(list)
    pieces = SubmissionEvidence.everyones.filter(item__submission=submission).select_related(
        "citation__evidence_version__file", "citation__evidence_version__evidence__respondent"
    )
    for piece in pieces.order_by("item", "position"):
        evidence[piece.item_id].append(piece)
    return evidence


def _replies(submission: Submission) -> list[Reply]:
    handed_in = SubmissionReply.everyones.filter(submission=submission).values("reply")
    replies = Reply.everyones.filter(pk__in=handed_in).select_related("remark__item__unit")
    return list(replies.order_by("remark__item__position", "number"))


def texts_of(submission: Submission, items: list[SubmissionItem]) -> dict[Cited, str]:
    labels = {label for item in items for label, _number, _digest in (*item.chapeaux, *item.answered_with)}
    wordings = Wording.objects.filter(
        recommendation__body=submission.round.body_id, recommendation__label__in=labels
    ).values_list("recommendation__label", "number", "text")
    return {(label, number): text for label, number, text in wordings}

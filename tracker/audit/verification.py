"""Whether the audit trail is what was written, and all that it names is what was saved.

One chain at a time, in its order, and in as much memory as one respondent's chain takes. While a chain is read its head
is locked, as a writing action locks it last: what is read belongs together.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from django.core.exceptions import ObjectDoesNotExist
from django.db import DatabaseError, transaction
from django.db.models import Prefetch

from recommendations.models import Wording
from tracker.audit import seal
from tracker.models import (
    Assignment,
    AssistanceNeed,
    ChainHead,
    Citation,
    Comment,
    Confirmation,
    Event,
    Evidence,
    EvidenceFile,
    EvidenceVersion,
    Proposal,
    Record,
    Remark,
    Reply,
    Respondent,
    Revision,
    Round,
    SharedPractice,
    StatusReport,
    Submission,
    SubmissionState,
    TranscriptionRequest,
    Use,
    Withdrawal,
)
from tracker.models.confirmation import digest_of
from tracker.models.event import SITE, Action
from tracker.models.remark import RemarkKind, standing_digest
from tracker.models.submission import practices_shared_by
from tracker.models.treaty_act import TreatyActStage
from tracker.models.treaty_act import standing_digest as treaty_standing_digest
from tracker.models.withdrawal import Digested, WithdrawalStage

AT_A_TIME = 250

# These events name a row, by the digest that their `after` ends with…
NAMING = {
    Action.ANSWER_SAVED,
    Action.COMMENT_WRITTEN,
    Action.EVIDENCE_ADDED,
    Action.EVIDENCE_CHANGED,
    Action.HANDED_IN,
    Action.USE_PERMITTED,
    Action.QUESTION_ANSWERED,
    Action.CONFIRMED_STILL_CORRECT,
}
# … and these leave a thing that can change as the digest says that their `after` ends with: the last one counts.
MOVING = {
    Action.SUBMISSION_TAKEN,
    Action.SUBMISSION_TAKEN_OVER,
    Action.SUBMISSION_RELEASED,
    Action.QUESTIONS_SENT,
    Action.REVIEW_CLOSED,
    Action.SUBMISSION_WITHDRAWN,
    Action.PROPOSAL_OFFERED,
    Action.PROPOSAL_TAKEN,
    Action.PROPOSAL_DECLINED,
    Action.PROPOSAL_TAKEN_BACK,
    Action.TRANSCRIPTION_REQUESTED,
    Action.TRANSCRIPTION_ENDED,
    Action.TREATY_STATUS_CONFIRMED,
    Action.TREATY_ACT_DECLINED,
    Action.STATUS_REPORTED,
    Action.STATUS_REPORT_ANSWERED,
    Action.NEED_SEEN,
    Action.NEED_IN_CONTACT,
    Action.NEED_CLOSED,
    Action.UNIT_ASSIGNED,
    Action.ASSIGNMENT_CHANGED,
    Action.ASSIGNMENT_READY,
    Action.ASSIGNMENT_RETURNED,
    Action.ASSIGNMENT_ACCEPTED,
    Action.ASSIGNMENT_ENDED,
    Action.WITHDRAWAL_REQUESTED,
    Action.WITHDRAWAL_CONFIRMED,
    Action.WITHDRAWAL_REFUSED,
    Action.ROUND_PLANNED,
    Action.ROUND_CHANGED,
    Action.ROUND_OPENED,
    Action.ROUND_CLOSED,
}

Named = tuple[str, str]  # what an event is about, and the digest that it names
Emptied = dict[
    str, tuple[set[str], int]
]  # by the digest of a row: the fields withdrawn from it, and by which withdrawal


class Found(NamedTuple):
    """A row: what it is; what is wrong with it, if anything; and as what an event must name it, if one must."""

    what: str
    fault: str = ""
    named: Named | None = None


class ChainClaims(NamedTuple):
    """What the events of a chain say: the rows that they name, in words, and the digest of what can change."""

    rows: dict[Named, str]
    moved: dict[str, str]


def faults() -> Iterator[str]:
    """What does not hold, in words, chain by chain; nothing when all does."""
    respondents = {respondent.code: respondent for respondent in Respondent.objects.order_by("code")}
    wordings = {wording.pk: wording for wording in Wording.objects.all()}
    chains = {*Event.everyones.values_list("chain", flat=True).order_by().distinct()}
    chains |= {*ChainHead.objects.values_list("chain", flat=True)}
    for name in (SITE, *respondents, *sorted(chains - respondents.keys() - {SITE})):
        try:
            for found in _read(name, respondents.get(name), wordings):
                if found.fault:
                    yield f"{name}, {found.what}: {found.fault}"
        except (DatabaseError, LookupError, ObjectDoesNotExist, TypeError, ValueError) as error:
            yield f"{name}: holds what cannot be read: {error}"


def is_in_chain(chain: str, number: int, digest: str) -> bool:
    """Whether an event of which number and digest are known from elsewhere, as from a receipt, stands in its chain."""
    return Event.everyones.filter(chain=chain, number=number, digest=digest).exists()


def _read(name: str, respondent: Respondent | None, wordings: dict[int, Wording]) -> Iterator[Found]:
    """All that a chain holds and names."""
    told = ChainClaims({}, {})
    with transaction.atomic():
        head = ChainHead.objects.select_for_update().filter(chain=name).first()
        yield from _events(name, respondent, head, told)
        rows = _rows(respondent, wordings, told) if respondent else _rounds(told) if name == SITE else ()
        for found in rows:
            yield found
            if found.named and told.rows.pop(found.named, None) is None:
                yield Found(found.what, "no event names it")
        for what in (*told.rows.values(), *told.moved):
            yield Found(what, "missing")


def _events(name: str, respondent: Respondent | None, head: ChainHead | None, told: ChainClaims) -> Iterator[Found]:
    number, digest = 0, ""
    for event in Event.everyones.filter(chain=name).order_by("number").iterator(AT_A_TIME):
        if event.number != number + 1:
            yield Found(f"event {number + 1}", "missing")
        is_own = event.respondent_id == (respondent.pk if respondent else None)
        altered = not is_own or event.compute_digest() != event.digest
        yield Found(f"event {event.number}", _fault(altered, event.previous_digest != digest))
        number, digest = event.number, event.digest
        _hear(event, told)
    if head is None and number:
        yield Found("head of the chain", "missing")
    if head and head.number > number:
        yield Found(f"event {number + 1}", "missing")
    elif head and (head.number, head.digest) != (number, digest):
        yield Found("head of the chain", "altered")


def _hear(event: Event, told: ChainClaims) -> None:
    words, _space, digest = event.after.rpartition(" ")
    if event.action in NAMING:
        told.rows[event.target, digest] = f"{event.target}, {words} (event {event.number})"
    if event.action in MOVING:
        told.moved[event.target] = digest


def _fault(altered: bool, out_of_order: bool) -> str:
    return "altered" if altered else "does not follow the one before it" if out_of_order else ""


def _rows(respondent: Respondent, wordings: dict[int, Wording], told: ChainClaims) -> Iterator[Found]:
    emptied: Emptied = {}
    yield from _withdrawals(respondent, emptied, told)
    yield from _files(respondent, emptied)
    yield from _evidence(respondent, emptied)
    yield from _revisions(respondent, wordings, emptied)
    yield from _confirmations(respondent)
    yield from _needs(respondent, told)
    yield _shared_practices(respondent)
    yield from _proposals(respondent, emptied, told)
    yield from _comments(respondent, emptied)
    yield from _transcriptions(respondent, emptied, told)
    yield from _status_reports(respondent, emptied, told)
    yield from _assignments(respondent, told)
    yield _treaty_standing(respondent, told)
    for submission in _submissions(respondent):
        yield from _submission(submission, told)
        yield from _uses(submission)
        yield from _reading(submission, emptied)


def _rounds(told: ChainClaims) -> Iterator[Found]:
    for round_ in Round.objects.order_by("pk"):
        what = f"round {round_.code}"
        yield Found(what, _fault(told.moved.pop(what, "") != round_.compute_digest(), False))


def _withdrawals(respondent: Respondent, emptied: Emptied, told: ChainClaims) -> Iterator[Found]:
    for withdrawal in Withdrawal.everyones.filter(respondent=respondent).order_by("decided_at", "pk"):
        withdrawal.respondent = respondent
        for digest, field in withdrawal.places if withdrawal.state == WithdrawalStage.CONFIRMED else ():
            fields, _by = emptied.get(digest, (set(), None))
            emptied[digest] = {*fields, field}, withdrawal.pk
        what = f"withdrawal {withdrawal.pk}"
        yield Found(what, _fault(told.moved.pop(what, "") != withdrawal.compute_digest(), False))


def _confirmations(respondent: Respondent) -> Iterator[Found]:
    """Those of one event were saved at once."""
    confirmations = Confirmation.everyones.filter(revision__record__respondent=respondent)
    rows = confirmations.select_related("round", "revision").order_by("round", "saved_at")
    for (code, saved_at), at_once in groupby(rows, lambda row: (row.round.code, row.saved_at)):
        what = f"round {code}"
        yield Found(f"{what}, confirmations of {saved_at:%Y-%m-%d}", named=(what, digest_of(at_once)))


def _needs(respondent: Respondent, told: ChainClaims) -> Iterator[Found]:
    for need in AssistanceNeed.everyones.filter(respondent=respondent).select_related("unit").order_by("pk"):
        need.respondent = respondent
        what = f"need {need.unit.full_label}"
        yield Found(what, _fault(told.moved.pop(what, "") != need.compute_digest(), False))


def _shared_practices(respondent: Respondent) -> Found:
    shared, last = (
        {(row.item_id, row.respondent_id, row.unit_id) for row in rows}
        for rows in (SharedPractice.everyones.filter(respondent=respondent), practices_shared_by([respondent]))
    )
    return Found("shared good practices", "are not what was handed in last" if shared != last else "")


def _proposals(respondent: Respondent, emptied: Emptied, told: ChainClaims) -> Iterator[Found]:
    proposals = Proposal.everyones.filter(respondent=respondent).select_related("unit")
    rows = proposals.prefetch_related(Prefetch("revision", Revision.everyones.only("digest")))
    for proposal in rows.order_by("pk").iterator(AT_A_TIME):
        proposal.respondent = respondent
        what = f"proposal {proposal.pk} on {proposal.unit.full_label}"
        stands = told.moved.pop(what, "") == proposal.standing_digest()
        altered = not stands or not proposal.holds() or _was_emptied_otherwise(proposal, emptied)
        yield Found(what, _fault(altered, False))


def _assignments(respondent: Respondent, told: ChainClaims) -> Iterator[Found]:
    """All but their words, which are no part of what is digested."""
    for row in Assignment.everyones.filter(respondent=respondent).select_related("unit").order_by("pk"):
        row.respondent = respondent
        what = f"assignment {row.pk} of {row.unit.full_label}"
        yield Found(what, _fault(told.moved.pop(what, "") != row.compute_digest(), False))


def _treaty_standing(respondent: Respondent, told: ChainClaims) -> Found:
    """What is on file of its treaty acts. That on which nothing was ever decided came with the site."""
    what = f"respondent {respondent.code}"
    if digest := told.moved.pop(what, ""):
        return Found(what, _fault(digest != treaty_standing_digest(respondent), False))
    decided = respondent.treaty_acts.exclude(state=TreatyActStage.TO_BE_CONFIRMED)
    return Found(what, _fault(decided.exists() or respondent.former_standings.exists(), False))


def _comments(respondent: Respondent, emptied: Emptied) -> Iterator[Found]:
    rows = Comment.everyones.filter(respondent=respondent).select_related("unit").order_by("unit", "number")
    for _unit, thread in groupby(rows.iterator(AT_A_TIME), attrgetter("unit_id")):
        for number, comment in enumerate(thread, start=1):
            comment.respondent = respondent
            thing = f"comments on {comment.unit.full_label}"
            if comment.number != number:
                yield Found(f"{thing}, comment {number}", "missing")
            altered = not comment.holds() or _was_emptied_otherwise(comment, emptied)
            yield Found(f"{thing}, comment {comment.number}", _fault(altered, False), (thing, comment.digest))


def _transcriptions(respondent: Respondent, emptied: Emptied, told: ChainClaims) -> Iterator[Found]:
    for request in TranscriptionRequest.everyones.filter(respondent=respondent).order_by("pk"):
        request.respondent = respondent
        what = f"transcription {request.pk}"
        stands = told.moved.pop(what, "") == request.standing_digest()
        altered = not stands or not request.holds() or _was_emptied_otherwise(request, emptied)
        yield Found(what, _fault(altered, False))


def _status_reports(respondent: Respondent, emptied: Emptied, told: ChainClaims) -> Iterator[Found]:
    for report in StatusReport.everyones.filter(respondent=respondent).order_by("pk"):
        report.respondent = respondent
        what = f"status-report {report.pk}"
        stands = told.moved.pop(what, "") == report.standing_digest()
        altered = not stands or not report.holds() or _was_emptied_otherwise(report, emptied)
        yield Found(what, _fault(altered, False))


def _was_emptied_otherwise(row: Digested, emptied: Emptied) -> bool:
    """Whether other fields of a row are empty than withdrawals say, or by another withdrawal."""
    fields = {name for name in row.field_digests if row.is_withdrawn(name)}
    return (fields, row.withdrawal_id) != emptied.get(row.digest, (set(), None))


def _files(respondent: Respondent, emptied: Emptied) -> Iterator[Found]:
    for file in EvidenceFile.everyones.filter(respondent=respondent).iterator(AT_A_TIME):
        fields = set() if file.file else {"file"}
        altered = (fields, file.withdrawal_id) != emptied.get(file.sha256, (set(), None))
        yield Found(f"file {file.sha256}", _fault(altered, False))


def _evidence(respondent: Respondent, emptied: Emptied) -> Iterator[Found]:
    pieces = {piece.pk: piece for piece in Evidence.everyones.filter(respondent=respondent)}
    versions = EvidenceVersion.everyones.filter(evidence__in=pieces).select_related("file")

    def holds(version: EvidenceVersion) -> bool:
        version.evidence = piece
        return version.holds() and (version.file is None or version.file.respondent_id == respondent.pk)

    for key, rows in groupby(versions.order_by("evidence", "number").iterator(AT_A_TIME), attrgetter("evidence_id")):
        piece = pieces[key]
        piece.respondent = respondent
        yield from _versions(f"evidence {piece}", "version", rows, holds, piece.current_id, emptied)


def _revisions(respondent: Respondent, wordings: dict[int, Wording], emptied: Emptied) -> Iterator[Found]:
    of_respondent = Record.everyones.filter(respondent=respondent).select_related("recommendation")
    records = {record.pk: record for record in of_respondent}
    revisions = Revision.everyones.filter(record__in=records).prefetch_related(
        Prefetch("source", Revision.everyones.only("digest")),
        Prefetch("citations", Citation.everyones.order_by("position")),
        Prefetch("citations__evidence_version", EvidenceVersion.everyones.only("digest")),
    )

    def holds(revision: Revision) -> bool:
        revision.record, revision.wording = record, wordings[revision.wording_id]
        citations = list(revision.citations.all())
        return (
            revision.wording.recommendation_id == record.recommendation_id
            and revision.holds(citations)
            and not any(_was_emptied_otherwise(citation, emptied) for citation in citations)
        )

    for key, rows in groupby(revisions.order_by("record", "number").iterator(AT_A_TIME), attrgetter("record_id")):
        record = records[key]
        record.respondent = respondent
        label = record.recommendation.full_label
        yield from _versions(f"record {label}", "revision", rows, holds, record.current_id, emptied)


def _versions(
    thing: str, noun: str, rows: Iterable, holds: Callable[..., bool], current: int | None, emptied: Emptied
) -> Iterator[Found]:
    """The versions of one thing, in their order; `current` is the key of the one that it points to."""
    number, digest, newest = 0, "", None
    for row in rows:
        if row.number != number + 1:
            yield Found(f"{thing}, {noun} {number + 1}", "missing")
        altered = not holds(row) or _was_emptied_otherwise(row, emptied)
        fault = _fault(altered, row.previous_digest != digest)
        yield Found(f"{thing}, {noun} {row.number}", fault, (thing, row.digest))
        number, digest, newest = row.number, row.digest, row.pk
    if current != newest:
        yield Found(thing, f"its newest {noun} is not its current one")


def _submissions(respondent: Respondent) -> Iterator[Submission]:
    submissions = Submission.everyones.filter(respondent=respondent).select_related(
        "respondent", "round", "standing", "answers_to__respondent", "answers_to__round"
    )
    return iter(submissions.order_by("round", "number"))


def _submission(submission: Submission, told: ChainClaims) -> Iterator[Found]:
    what = f"submission {submission.reference}"
    yield Found(what, named=(what, submission.digest))
    for fault in seal.faults(seal.read_seal(submission)):
        yield Found(what, fault)
    stands = standing_digest(submission.standing)
    handed_in = standing_digest(SubmissionState(submission=submission))
    if stands != told.moved.pop(what, handed_in):
        yield Found(what, "its state is not what the events say")


def _uses(submission: Submission) -> Iterator[Found]:
    """What it may be used for: first as stated when it was handed in, then as stated anew."""
    what = f"submission {submission.reference}"
    first, *later = Use.everyones.filter(submission=submission).order_by("said_at", "pk") or [Use()]
    if (first.said, first.said_by_id, first.said_at) != (submission.use, submission.sealed_by_id, submission.sealed_at):
        yield Found(what, "its permitted use is not what was stated")
    for use in later:
        use.submission = submission
        yield Found(f"{what}, use of {use.said_at:%Y-%m-%d}", named=(what, use.compute_digest()))


def _reading(submission: Submission, emptied: Emptied) -> Iterator[Found]:
    """The remarks, and the answers to questions in words."""
    what = f"submission {submission.reference}"
    remarks = list(
        Remark.everyones.filter(item__submission=submission).select_related("item__unit").order_by("item__position")
    )
    for remark in remarks:
        noun = "question" if remark.kind == RemarkKind.QUESTION else "remark"
        yield Found(f"{what}, {noun} on {remark.item.unit.full_label}", _fault(not _holds(remark, emptied), False))
    by_pk = {remark.pk: remark for remark in remarks}
    for reply in Reply.everyones.filter(remark__in=remarks).order_by("remark__item__position", "number"):
        reply.remark = by_pk[reply.remark_id]
        label = reply.remark.item.unit.full_label
        fault = _fault(not _holds(reply, emptied), False)
        yield Found(f"{what}, reply {reply.number} on {label}", fault, (what, reply.digest))


def _holds(row: Remark | Reply, emptied: Emptied) -> bool:
    return row.fields_hold() and row.compute_digest() == row.digest and not _was_emptied_otherwise(row, emptied)

"""Check that the audit trail and all rows that it names are what was saved.

One chain at a time, in its order, in as much memory as one respondent's chain takes. While a chain is read its head is
locked, as every action locks it last: so the rows and the events belong together.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from django.core.exceptions import ObjectDoesNotExist
from django.db import DatabaseError, transaction
from django.db.models import Model, Prefetch, QuerySet

from recommendations.models import Wording
from tracker.audit import daily_list, seal
from tracker.audit.rows import find_errors as find_row_errors
from tracker.models import (
    Assignment,
    AssistanceNeed,
    BriefText,
    ChainHead,
    Citation,
    Comment,
    Confirmation,
    Event,
    EventRow,
    Evidence,
    EvidenceFile,
    EvidenceVersion,
    HiddenText,
    Participation,
    Proposal,
    Record,
    Release,
    Remark,
    Reply,
    Respondent,
    Revision,
    SharedPractice,
    StatusReport,
    Submission,
    TranscriptionRequest,
    Use,
    Withdrawal,
)
from tracker.models.confirmation import digest_of
from tracker.models.digest import FORM, field_digest
from tracker.models.event import SITE, Action
from tracker.models.remark import RemarkKind, state_digest
from tracker.models.submission import practices_shared_by
from tracker.models.withdrawal import Digested, WithdrawalStage

AT_A_TIME = 250

# These events name a row by the digest at the end of their `after`…
NAMING = {
    Action.ANSWER_SAVED,
    Action.ANSWER_MARKED_READY,
    Action.COMMENT_WRITTEN,
    Action.BRIEF_SAVED,
    Action.EVIDENCE_ADDED,
    Action.EVIDENCE_CHANGED,
    Action.SUBMITTED,
    Action.QUESTIONS_ANSWERED,
    Action.RELEASE_MADE,
    Action.USE_PERMITTED,
    Action.CONFIRMED_STILL_CORRECT,
}
# … and these a thing that can change, in its new state: the last event counts. A submission is both: it ends with the
# participation in its round, after it.
NOUNS_MOVED = ("assignment ", "need ", "proposal ", "status ", "submission ", "transcription ", "withdrawal ")
MOVING = {action for action in Action if action.value.startswith(NOUNS_MOVED)} | {
    Action.SUBMITTED,
    Action.QUESTIONS_ANSWERED,
    Action.QUESTIONS_SENT,
    Action.REVIEW_CLOSED,
    Action.MARKED_COMPLETE,
    Action.COMPLETE_MARK_REMOVED,
    Action.UNIT_ASSIGNED,
}

Claim = tuple[str, str]  # the target of an event, and the digest that it names


class CheckedRow(NamedTuple):
    """A row, its fault, and the claim that an event must make about it, if any."""

    what: str
    fault: str = ""
    claim: Claim | None = None


@dataclass
class EmptiedRow:
    """What withdrawals took out of a row: the names of the fields, and by name the text that is only hidden."""

    fields: set[str] = field(default_factory=set)
    hidden: dict[str, HiddenText] = field(default_factory=dict)
    withdrawals: set[int | None] = field(default_factory=set)


EmptiedFields = dict[str, EmptiedRow]  # by the digest of the row
NOT_EMPTIED = EmptiedRow(withdrawals={None})


class ChainRows(NamedTuple):
    """What the events of a chain claim: rows, each with a description, and the digest of each thing that can change.

    `unread` are the things whose last event has an unknown form, with it.
    """

    rows: dict[Claim, str]
    moved: dict[str, str]
    unread: dict[str, int]


def find_errors() -> Iterator[str]:
    codes = list(Respondent.objects.order_by("code").values_list("code", flat=True))
    chains = {*Event.everyones.values_list("chain", flat=True).order_by().distinct()}
    chains |= {*ChainHead.objects.values_list("chain", flat=True)}
    yield from find_chain_errors([SITE, *codes, *sorted(chains - {SITE, *codes})])
    yield from find_row_errors()
    yield from daily_list.find_errors()


def find_chain_errors(names: Iterable[str]) -> Iterator[str]:
    respondents = {respondent.code: respondent for respondent in Respondent.objects.all()}
    wordings = {wording.pk: wording for wording in Wording.objects.all()}
    for name in names:
        try:
            for found in _check_chain(name, respondents.get(name), wordings):
                if found.fault:
                    yield f"{name}, {found.what}: {found.fault}"
        except (DatabaseError, LookupError, ObjectDoesNotExist, TypeError, ValueError) as error:
            yield f"{name}: holds what cannot be read: {error}"


def is_in_chain(chain: str, number: int, digest: str) -> bool:
    return Event.everyones.filter(chain=chain, number=number, digest=digest).exists()


def _check_chain(name: str, respondent: Respondent | None, wordings: dict[int, Wording]) -> Iterator[CheckedRow]:
    claims = ChainRows({}, {}, {})
    with transaction.atomic():
        head = ChainHead.objects.select_for_update().filter(chain=name).first()
        if respondent is None and name != SITE:
            yield CheckedRow("chain", "of no respondent")
        yield from _check_event_rows(name, respondent, head, claims)
        if respondent:
            yield from _check_claims(_check_rows(respondent, wordings, claims), claims)
        elif name == SITE:
            yield from _check_claims(_check_releases(), claims)
        for what in (*claims.rows.values(), *claims.moved):
            yield CheckedRow(what, "missing")


def _check_claims(rows: Iterable[CheckedRow], claims: ChainRows) -> Iterator[CheckedRow]:
    """Yield the rows, and those that no event names. The cursor of the rows is closed before the transaction ends."""
    for found in rows:
        yield CheckedRow(found.what, _row_error(False, form=claims.unread.get(found.what, FORM)) or found.fault)
        if found.claim and claims.rows.pop(found.claim, None) is None:
            yield CheckedRow(found.what, "no event names it")


def _check_event_rows(
    name: str, respondent: Respondent | None, head: ChainHead | None, claims: ChainRows
) -> Iterator[CheckedRow]:
    number, digest, key = 0, "", 0
    events = Event.everyones.filter(chain=name).prefetch_related(Prefetch("rows", EventRow.everyones.order_by("pk")))
    for event in events.order_by("number").iterator(AT_A_TIME):
        if event.number != number + 1:
            yield CheckedRow(f"event {number + 1}", "missing")
        is_own = event.respondent_id == (respondent.pk if respondent else None)
        altered = not is_own or event.make_digest(event.rows.all()) != event.digest
        yield CheckedRow(
            f"event {event.number}", _row_error(altered, event.previous_digest != digest, event.canonical_form)
        )
        # Digests do not cover keys, and the key says which event about a row is the last one.
        yield CheckedRow(f"event {event.number}", "stored in another order" if event.pk < key else "")
        number, digest, key = event.number, event.digest, event.pk
        _read_event(event, claims)
    if head is None and number:
        yield CheckedRow("head of the chain", "missing")
    if head and head.number > number:
        yield CheckedRow(f"event {number + 1}", "missing")
    elif head and (head.number, head.digest) != (number, digest):
        yield CheckedRow("head of the chain", "altered")


def _read_event(event: Event, claims: ChainRows) -> None:
    for thing in (event.target, _thing_moved(event.target)):
        claims.unread.pop(thing, None)
        if event.canonical_form != FORM:
            claims.unread[thing] = event.canonical_form
    words, _space, digest = event.after.rpartition(" ")
    if event.action in MOVING:
        claims.moved[_thing_moved(event.target)] = digest
        words, _space, digest = words.rpartition(" ")
    if event.action in NAMING:
        claims.rows[event.target, digest] = f"{event.target}, {words} (event {event.number})"


def _thing_moved(target: str) -> str:
    """Return the thing that an event moves: of a submission, the participation in its round."""
    noun, _space, name = target.partition(" ")
    return f"participation {name.rpartition('/')[0]}" if noun == "submission" else target


def _row_error(altered: bool, out_of_order: bool = False, form: int = FORM) -> str:
    """A digest of an unknown form says nothing about its row."""
    if form != FORM:
        return seal.form_error(form)
    return "altered" if altered else "does not follow the one before it" if out_of_order else ""


def _form_of(*rows: Digested) -> int:
    """Return the form of the rows, or the first that is unknown."""
    return next((row.canonical_form for row in rows if row.canonical_form != FORM), FORM)


def _check_state(what: str, digest: str, claims: ChainRows, is_unchanged: bool = True, form: int = FORM) -> CheckedRow:
    """Compare a thing that can change with the last event about it."""
    return CheckedRow(what, _row_error(claims.moved.pop(what, "") != digest or not is_unchanged, form=form))


def _check_states(
    respondent: Respondent,
    emptied: EmptiedFields,
    claims: ChainRows,
    rows: QuerySet,
    describe: Callable[[Any], str],
    digest: Callable[[Any], str],
) -> Iterator[CheckedRow]:
    """Compare things of the respondent that can change, each with the last event about it."""
    for row in rows.filter(respondent=respondent).order_by("pk").iterator(AT_A_TIME):
        row.respondent = respondent
        is_unchanged, form = (_holds(row, emptied), _form_of(row)) if isinstance(row, Digested) else (True, FORM)
        yield _check_state(describe(row), digest(row), claims, is_unchanged, form)


def _check_rows(respondent: Respondent, wordings: dict[int, Wording], claims: ChainRows) -> Iterator[CheckedRow]:
    emptied: EmptiedFields = {}
    yield from _check_withdrawal_rows(respondent, emptied, claims)
    yield from _check_files(respondent, emptied)
    yield from _check_evidence(respondent, emptied)
    yield from _check_revisions(respondent, wordings, emptied)
    yield from _check_confirmation_rows(respondent)
    check_states = partial(_check_states, respondent, emptied, claims)
    needs = AssistanceNeed.everyones.select_related("unit")
    yield from check_states(needs, lambda row: f"need {row.unit.full_label}", AssistanceNeed.make_digest)
    yield _check_shared_practices(respondent)
    proposals = Proposal.everyones.select_related("unit").prefetch_related(
        Prefetch("revision", Revision.everyones.only("digest"))
    )
    yield from check_states(proposals, lambda row: f"proposal {row.pk} on {row.unit.full_label}", Proposal.state_digest)
    yield from _check_comment_rows(respondent, emptied)
    briefs = BriefText.everyones.filter(respondent=respondent).order_by("number")
    yield from _check_numbered_rows("brief", "version", briefs, respondent, emptied)
    requests = TranscriptionRequest.everyones.all()
    yield from check_states(requests, lambda row: f"transcription {row.pk}", TranscriptionRequest.state_digest)
    reports = StatusReport.everyones.all()
    yield from check_states(reports, lambda row: f"status-report {row.pk}", StatusReport.state_digest)
    assignments = Assignment.everyones.select_related("unit")  # no digest covers their texts
    yield from check_states(
        assignments, lambda row: f"assignment {row.pk} of {row.unit.full_label}", Assignment.make_digest
    )
    participations = Participation.everyones.all()
    yield from check_states(participations, lambda row: f"participation {row.reference}", state_digest)
    submissions = Submission.everyones.filter(respondent=respondent).select_related("respondent", "round")
    for submission in submissions.order_by("round", "number"):
        yield from _check_submission(submission)
        yield from _check_use_rows(submission)
        yield from _check_reading(submission, emptied)


def _check_releases() -> Iterator[CheckedRow]:
    for release in Release.objects.order_by("pk"):
        what = f"release {release}"
        yield CheckedRow(what, claim=(what, release.make_digest()))


def _check_withdrawal_rows(respondent: Respondent, emptied: EmptiedFields, claims: ChainRows) -> Iterator[CheckedRow]:
    withdrawals = Withdrawal.everyones.filter(respondent=respondent).prefetch_related(
        Prefetch("hidden_texts", HiddenText.everyones.all())
    )
    for withdrawal in withdrawals.order_by("pk"):
        withdrawal.respondent = respondent
        hidden = list(withdrawal.hidden_texts.all())
        for digest, name in withdrawal.places if withdrawal.state == WithdrawalStage.CONFIRMED else ():
            _note_emptied(emptied, digest, name, withdrawal)
        for text in hidden:
            _note_emptied(emptied, text.digest, text.name, withdrawal)
            emptied[text.digest].hidden[text.name] = text
        is_decided = bool(hidden) and withdrawal.state != WithdrawalStage.REQUESTED
        what = f"withdrawal {withdrawal.pk}"
        yield _check_state(what, withdrawal.make_digest(), claims, is_unchanged=not is_decided)


def _note_emptied(emptied: EmptiedFields, digest: str, name: str, withdrawal: Withdrawal) -> None:
    row = emptied.setdefault(digest, EmptiedRow())
    row.fields.add(name)
    row.withdrawals.add(withdrawal.pk)


def _check_confirmation_rows(respondent: Respondent) -> Iterator[CheckedRow]:
    confirmations = Confirmation.everyones.filter(revision__record__respondent=respondent)
    rows = confirmations.select_related("round", "revision").order_by("round", "saved_at")
    for (code, saved_at), at_once in groupby(rows, lambda row: (row.round.code, row.saved_at)):
        what = f"round {code}"
        yield CheckedRow(f"{what}, confirmations of {saved_at:%Y-%m-%d}", claim=(what, digest_of(at_once)))


def _check_shared_practices(respondent: Respondent) -> CheckedRow:
    shared, last = (
        {(row.item_id, row.respondent_id, row.unit_id) for row in rows}
        for rows in (SharedPractice.everyones.filter(respondent=respondent), practices_shared_by([respondent]))
    )
    return CheckedRow("shared good practices", "are not what was submitted last" if shared != last else "")


def _check_comment_rows(respondent: Respondent, emptied: EmptiedFields) -> Iterator[CheckedRow]:
    rows = Comment.everyones.filter(respondent=respondent).select_related("unit").order_by("unit", "number")
    for unit, thread in groupby(rows.iterator(AT_A_TIME), attrgetter("unit")):
        yield from _check_numbered_rows(f"comments on {unit.full_label}", "comment", thread, respondent, emptied)


def _check_numbered_rows(
    thing: str, noun: str, rows: Iterable, respondent: Respondent, emptied: EmptiedFields
) -> Iterator[CheckedRow]:
    number = 0
    for row in rows:
        row.respondent = respondent
        if row.number != number + 1:
            yield CheckedRow(f"{thing}, {noun} {number + 1}", "missing")
        fault = _row_error(not _holds(row, emptied), form=_form_of(row))
        yield CheckedRow(f"{thing}, {noun} {row.number}", fault, (thing, row.digest))
        number = row.number


def _is_empty_without_withdrawal(row: Digested, emptied: EmptiedFields) -> bool:
    """Return whether the empty fields of a row, its withdrawal, or its hidden text differ from the withdrawals."""
    known = emptied.get(row.digest, NOT_EMPTIED)
    fields = row.field_digests.keys() - row.salts.keys()
    return (
        fields != known.fields
        or row.withdrawal_id not in known.withdrawals
        or any(
            _is_of_another_row(text, row) or field_digest(text.salt, text.value) != row.field_digests[name]
            for name, text in known.hidden.items()
        )
    )


def _is_of_another_row(text: HiddenText, row: Model) -> bool:
    return (text.table, text.row) != (row._meta.db_table, row.pk)


def _check_files(respondent: Respondent, emptied: EmptiedFields) -> Iterator[CheckedRow]:
    for file in EvidenceFile.everyones.filter(respondent=respondent).iterator(AT_A_TIME):
        known = emptied.get(file.sha256, NOT_EMPTIED)
        altered = bool(file.file) == bool(known.fields) or file.withdrawal_id not in known.withdrawals
        altered |= not known.fields <= {"file"}
        altered |= any(_is_of_another_row(text, file) or text.salt for text in known.hidden.values())
        yield CheckedRow(f"file {file.sha256}", _row_error(altered))


def _check_evidence(respondent: Respondent, emptied: EmptiedFields) -> Iterator[CheckedRow]:
    pieces = {piece.pk: piece for piece in Evidence.everyones.filter(respondent=respondent)}
    versions = EvidenceVersion.everyones.filter(evidence__in=pieces).select_related("file")

    def holds(version: EvidenceVersion) -> bool:
        version.evidence = piece
        return version.holds() and (version.file is None or version.file.respondent_id == respondent.pk)

    for key, rows in groupby(versions.order_by("evidence", "number").iterator(AT_A_TIME), attrgetter("evidence_id")):
        piece = pieces[key]
        piece.respondent = respondent
        yield from _check_version_rows(f"evidence {piece}", "version", rows, holds, piece.current_id, emptied)


def _check_revisions(
    respondent: Respondent, wordings: dict[int, Wording], emptied: EmptiedFields
) -> Iterator[CheckedRow]:
    of_respondent = Record.everyones.filter(respondent=respondent).select_related("recommendation")
    records = {record.pk: record for record in of_respondent}
    revisions = Revision.everyones.filter(record__in=records).prefetch_related(
        Prefetch("source", Revision.everyones.only("digest")),
        Prefetch("citations", Citation.everyones.order_by("position")),
        Prefetch("citations__evidence_version", EvidenceVersion.everyones.only("digest")),
    )

    def holds(revision: Revision) -> bool:
        if revision.wording_id not in wordings:  # added since the first chain was read
            wordings[revision.wording_id] = Wording.objects.get(pk=revision.wording_id)
        revision.record, revision.wording = record, wordings[revision.wording_id]
        citations = list(revision.citations.all())
        return (
            revision.wording.recommendation_id == record.recommendation_id
            and revision.holds(citations)
            and not any(_is_empty_without_withdrawal(citation, emptied) for citation in citations)
        )

    for key, rows in groupby(revisions.order_by("record", "number").iterator(AT_A_TIME), attrgetter("record_id")):
        record = records[key]
        record.respondent = respondent
        label = record.recommendation.full_label
        yield from _check_version_rows(f"record {label}", "revision", rows, holds, record.current_id, emptied)


def _check_version_rows(
    thing: str, noun: str, rows: Iterable, holds: Callable[..., bool], current: int | None, emptied: EmptiedFields
) -> Iterator[CheckedRow]:
    """Check the versions of one thing, in order; `current` is the key of the version it points to."""
    number, digest, newest = 0, "", None
    for row in rows:
        if row.number != number + 1:
            yield CheckedRow(f"{thing}, {noun} {number + 1}", "missing")
        altered = not holds(row) or _is_empty_without_withdrawal(row, emptied)
        form = _form_of(row, *(row.citations.all() if noun == "revision" else ()))
        fault = _row_error(altered, row.previous_digest != digest, form)
        yield CheckedRow(f"{thing}, {noun} {row.number}", fault, (thing, row.digest))
        number, digest, newest = row.number, row.digest, row.pk if getattr(row, "status", noun) else None
    if current != newest:
        yield CheckedRow(thing, f"its newest {noun} is not its current one")


def _check_submission(submission: Submission) -> Iterator[CheckedRow]:
    what = f"submission {submission.reference}"
    yield CheckedRow(what, claim=(what, submission.digest))
    for fault in seal.find_errors(seal.read_seal(submission)):
        yield CheckedRow(what, fault)


def _check_use_rows(submission: Submission) -> Iterator[CheckedRow]:
    """Check the permitted use: first as stated on submission, except with replies, then each later statement."""
    what = f"submission {submission.reference}"
    later = list(Use.everyones.filter(submission=submission).order_by("pk"))
    if not submission.is_reply:
        first = later.pop(0) if later else Use()
        stated = (submission.use, submission.sealed_by_id, submission.sealed_at)
        if (first.as_fields, first.said_by_id, first.said_at) != stated:
            yield CheckedRow(what, "its permitted use is not what was stated")
    for use in later:
        use.submission = submission
        yield CheckedRow(f"{what}, use of {use.said_at:%Y-%m-%d}", claim=(what, use.make_digest()))


def _check_reading(submission: Submission, emptied: EmptiedFields) -> Iterator[CheckedRow]:
    what = f"submission {submission.reference}"
    remarks = list(
        Remark.everyones.filter(item__submission=submission).select_related("item__unit").order_by("item__position")
    )
    for remark in remarks:
        noun = "question" if remark.kind == RemarkKind.CLARIFICATION else "remark"
        fault = _row_error(not _holds(remark, emptied), form=_form_of(remark))
        yield CheckedRow(f"{what}, {noun} on {remark.item.unit.full_label}", fault)
    by_pk = {remark.pk: remark for remark in remarks}
    replies = Reply.everyones.filter(remark__in=remarks).select_related("submission")
    for reply in replies.order_by("remark__item__position"):
        reply.remark = by_pk[reply.remark_id]
        label = reply.remark.item.unit.full_label
        fault = _row_error(not _holds(reply, emptied), form=_form_of(reply)) or (
            "" if reply.digest in reply.submission.replies else "in no submission"
        )
        yield CheckedRow(f"{what}, reply on {label}", fault)


def _holds(row: Digested, emptied: EmptiedFields) -> bool:
    return row.holds() and not _is_empty_without_withdrawal(row, emptied)

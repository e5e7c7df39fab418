"""Submit: seal what a respondent says for a round; then withdraw, change the permitted use, or confirm answers."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain
from typing import NamedTuple

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommendations.models import Recommendation
from tracker.actions.event import record_event, record_submission_event
from tracker.actions.kept_file import delete_kept_files
from tracker.actions.notification import notify
from tracker.actions.quotation import delete_quotations_in
from tracker.actions.record import NotSaved
from tracker.actions.respondent import lock_respondent
from tracker.disclosure import is_kept_by_state, readers_of
from tracker.models import (
    Citation,
    Confirmation,
    Notification,
    Participation,
    Reply,
    Respondent,
    Revision,
    Round,
    SharedPractice,
    Submission,
    SubmissionEvidence,
    SubmissionItem,
    Use,
    User,
)
from tracker.models.answer_rules import IN_THE_FUTURE
from tracker.models.confirmation import digest_of
from tracker.models.digest import wording_reference
from tracker.models.notification import NotificationKind
from tracker.models.remark import state_digest
from tracker.models.submission import STATEMENT_LIMIT, practices_shared_by
from tracker.models.validators import TEXT_LIMIT, check_text, text_problems
from tracker.permissions import can_submit, focal_points_of
from tracker.queries.desk.units import unit_rows
from tracker.queries.submissions.check import (
    Check,
    CheckedUnit,
    check_submission,
    published_in,
    use_in_force,
    uses_in_round,
)
from tracker.queries.submissions.questions import units_with_clarification
from tracker.workflow import NOT_READ, READ_IN, SUBMISSION, NotAllowed, may_reply, may_submit, next_state

CHANGED = _("Nothing was confirmed, because this answer changed after you opened the page.")
IN_DOUBT = _("Nothing was confirmed, because this answer must be read on its own page first.")


class StaleCheck(Exception):
    def __init__(self, check: Check):
        super().__init__("the check is of another state")
        self.check = check


@dataclass(frozen=True)
class Statements:
    """What the focal point states with a submission.

    `names_no_victim` is the one confirmation: the gaps were seen, and nothing identifies a victim. `published`: whether
    to publish this submission instead of what is published of the round; None leaves that as it is.
    """

    names_no_victim: bool
    in_aggregates: bool = False
    quoted: bool = False
    published: bool | None = None
    authority: str = ""
    cleared_by: str = ""
    cleared_on: date | None = None
    note_verbale: str = ""
    is_complete: bool = False

    @property
    def use(self) -> dict[str, bool]:
        return {"in_aggregates": self.in_aggregates, "quoted": self.quoted, "published": bool(self.published)}


def missing_statements(statements: Statements, now: Check) -> dict[str, list]:
    names = ("authority", "cleared_by", "note_verbale")
    errors = text_problems((name, getattr(statements, name), STATEMENT_LIMIT) for name in names)
    if statements.cleared_on and statements.cleared_on > timezone.localdate():
        errors["cleared_on"] = [IN_THE_FUTURE]
    if not statements.names_no_victim:
        errors["names_no_victim"] = [
            _("Select the box to confirm what is left out, and that nothing identifies a victim.")
        ]
    if not now.counts["answered"]:
        errors[NON_FIELD_ERRORS] = [
            _("No answer is marked ready. Mark at least one answer ready, or confirm an answer from an earlier round.")
        ]
    return errors


@transaction.atomic
def submit(
    *,
    respondent: Respondent,
    round_: Round,
    fingerprint: str,
    statements: Statements,
    leave_out: Collection[int] = (),
    by: User,
) -> Submission:
    """Seal what was checked; return the current submission where nothing differs (a double click).

    `leave_out`: see `check_submission`. Raises StaleCheck when `fingerprint` is not that of the answers now.
    """
    seen = check_submission(respondent, lock_to_submit(respondent, round_, by))
    now = check_submission(respondent, seen.round, leave_out) if leave_out else seen
    if now.current and now.is_same_as_current:
        return now.current
    if not now.is_open:
        raise NotAllowed("nothing can be submitted for this round now")
    if fingerprint != seen.digest:
        raise StaleCheck(seen)
    if missing := missing_statements(statements, now):
        raise ValidationError(missing)
    submission = save_seal(seal(now, statements, by=by, at=timezone.now()))
    participation = now.participation or Participation(respondent=respondent, round=now.round)
    move_on(participation, submission, replies_to_all=now.replies_to_all)
    participation.is_complete = statements.is_complete
    participation.save()
    record_new_submission("submitted", submission, participation, before=now.current)
    return submission


def record_new_submission(
    action: str, submission: Submission, participation: Participation, before: Submission | None
) -> None:
    """Record the event of a new submission, and notify people."""
    record_submission_event(
        action,
        submission,
        submission.sealed_by,
        before=reference(before),
        after=f"{reference(submission)} {state_digest(participation)}",
    )
    _notify_both_sides(submission, NotificationKind.SUBMITTED)


def move_on(participation: Participation, submission: Submission, *, replies_to_all: bool) -> None:
    """Make a submission the current one of its round. A reading assigned or in progress stays with its officer. Saves
    nothing.
    """
    participation.current = submission
    if participation.state not in NOT_READ:
        participation.taken_by = participation.taken_at = participation.closed_at = participation.unanswered = None
    if participation.state not in READ_IN:
        participation.state = next_state(SUBMISSION, "submit", participation.state)
    elif may_reply(participation) and replies_to_all:
        participation.state = next_state(SUBMISSION, "reply", participation.state)


@transaction.atomic
def withdraw_from_round(*, submission: Submission, reason: str, by: User) -> None:
    """Withdraw the current submission, and every earlier one of its round.

    None of them counts or is published any more, and the requests for clarification of them lapse.
    """
    participation = _lock_participation(submission, by)
    check_text("reason", reason, TEXT_LIMIT, _("Enter the reason."))
    if participation.current_id not in {None, submission.pk}:
        raise NotAllowed("a later submission is current")
    participation.state = next_state(SUBMISSION, "withdraw", participation.state)
    participation.current, participation.withdrawn_to = None, submission.number
    participation.withdrawn_at, participation.withdrawal_reason = timezone.now(), reason.strip()
    participation.is_complete = False
    participation.save()
    record_submission_event(
        "submission withdrawn", submission, by, before=reference(submission), after=state_digest(participation)
    )
    _notify_both_sides(submission, NotificationKind.WITHDRAWN)
    delete_quotations_in(submission.respondent, submission.round, by)
    delete_kept_files(submission.respondent)


@transaction.atomic
def mark_complete(*, submission: Submission, is_complete: bool, by: User) -> None:
    """Mark the current submission complete for its round, or remove the mark, while the State may submit again."""
    participation = _lock_participation(submission, by)
    if participation.current_id != submission.pk or not may_submit(participation.round):
        raise NotAllowed("only the current submission of an open round is complete or not")
    if participation.is_complete == is_complete:
        return
    participation.is_complete = is_complete
    participation.save(update_fields=["is_complete"])
    action = "marked complete" if is_complete else "complete mark removed"
    record_submission_event(action, submission, by, after=state_digest(participation))


@transaction.atomic
def change_use(
    *,
    submission: Submission,
    in_aggregates: bool | None = None,
    quoted: bool | None = None,
    published: bool | None = None,
    by: User,
) -> Use:
    """State what the State permits from now on; an argument of None keeps the former statement.

    What was permitted last holds for the round, whichever submission it was said of. One submission of a round is
    published at a time: publishing another replaces it. Former statements stay on record with their dates.
    """
    participation = _lock_participation(submission, by)
    former = use_in_force(submission, uses_in_round(submission))
    own = Use.everyones.filter(submission=submission).order_by("pk").last()
    arguments = {"in_aggregates": in_aggregates, "quoted": quoted, "published": published}
    permitted = former | {name: is_permitted for name, is_permitted in arguments.items() if is_permitted is not None}
    if own and own.as_fields == permitted == former:
        return own
    if submission.number <= participation.withdrawn_to:
        raise NotAllowed("a withdrawn submission is not used")
    use = Use.everyones.create(submission=submission, **permitted, said_by=by)
    record_submission_event("use permitted", submission, by, after=use_reference(use))
    if former["quoted"] and not use.quoted:
        delete_quotations_in(submission.respondent, submission.round, by)
    if published:
        _end_publication_of_others(submission, by=by)
    return use


@transaction.atomic
def confirm_answers(*, respondent: Respondent, round_: Round, revisions: Collection[int], as_at: date, by: User) -> int:
    """Confirm that answers sealed by an earlier round are still correct, all or none; return how many.

    `revisions` are keys of the versions that were shown; those that need no confirmation are ignored. Raises NotSaved
    where an answer is another one now, or is in doubt.
    """
    now = check_submission(respondent, lock_to_submit(respondent, round_, by))
    if as_at > timezone.localdate():
        raise ValidationError({"as_at": IN_THE_FUTURE})
    if not may_submit(now.round):
        raise NotAllowed("answers of before are confirmed for what can be submitted")
    if refused := _refuse_to_confirm(now, set(revisions), by):
        raise NotSaved(refused)
    waiting = [unit for unit in now.by_reason["unconfirmed"] if unit.current and unit.current.pk in revisions]
    saved_at = timezone.now()
    confirmations = Confirmation.everyones.bulk_create(
        Confirmation(revision=unit.current, round=round_, as_at=as_at, author=by, saved_at=saved_at) for unit in waiting
    )
    if waiting:
        record_event(
            action="confirmed still correct",
            target=f"round {round_.code}",
            by=by,
            respondent=respondent,
            after=confirmation_reference(confirmations, as_at),
        )
    return len(waiting)


def _refuse_to_confirm(now: Check, shown: set[int], by: User) -> dict[Recommendation, ValidationError]:
    """Return the units whose answer is not the one that was shown, and those in doubt, with the error of each."""
    of_respondent = Revision.everyones.filter(record__respondent=now.respondent, pk__in=shown)
    units = set(of_respondent.values_list("record__recommendation", flat=True))
    changed = [unit.unit for unit in now.units if unit.unit.pk in units and getattr(unit.current, "pk", 0) not in shown]
    asked = units_with_clarification(now.respondent, by)
    rows = chain(*unit_rows(now.respondent, by, asked, now.round.body, with_answers=False))
    waiting = {unit.unit.pk for unit in now.by_reason["unconfirmed"]} & units
    in_doubt = [row.unit for row in rows if row.unit.pk in waiting and row.doubts]
    return dict.fromkeys(in_doubt, ValidationError(IN_DOUBT)) | dict.fromkeys(changed, ValidationError(CHANGED))


def _lock_participation(submission: Submission, by: User) -> Participation:
    lock_respondent(submission.respondent, by, can_submit)
    return Participation.everyones.select_for_update(of=("self",)).get(submissions=submission)


def lock_to_submit(respondent: Respondent, round_: Round, by: User) -> Round:
    lock_respondent(respondent, by, can_submit)
    participations = Participation.everyones.filter(respondent=respondent, round=round_)
    list(participations.select_for_update(of=("self",)).values_list("pk"))
    return Round.objects.get(pk=round_.pk)


class SealedRows(NamedTuple):
    """`replies` are those that are made with this submission."""

    submission: Submission
    items: list[SubmissionItem]
    evidence: list[SubmissionEvidence]
    replies: Sequence[Reply] = ()
    use: Use | None = None
    ends_publication: bool = False


def seal(now: Check, statements: Statements, *, by: User, at: datetime) -> SealedRows:
    """Make the sealed rows of what was checked. Saves nothing."""
    submission = Submission(
        respondent=now.respondent,
        round=now.round,
        number=now.number,
        sealed_at=at,
        sealed_by=by,
        due_on=now.round.due_on,
        late=timezone.localdate(at) > now.round.due_on,
        counts=now.counts,
        confirmed_gaps={name: len(units) for name, units in now.gaps.items()},
        names_no_victim=statements.names_no_victim,
        use=statements.use,
        authority=statements.authority,
        cleared_by=statements.cleared_by,
        cleared_on=statements.cleared_on,
        note_verbale=statements.note_verbale,
        replies=[reply.digest for reply in now.replies],
        content_digest=now.content_digest,
    )
    items = [make_item(submission, position, unit) for position, unit in enumerate(now.units, start=1)]
    submission.digest = submission.make_digest([item.digest for item, _evidence in items])
    return SealedRows(
        submission,
        [item for item, _evidence in items],
        [piece for _item, evidence in items for piece in evidence],
        use=Use(submission=submission, **statements.use, said_by=by, said_at=at),
        ends_publication=statements.published is not None,
    )


def save_seal(sealed: SealedRows) -> Submission:
    submission = sealed.submission
    submission.save(force_insert=True)
    SubmissionItem.everyones.bulk_create(sealed.items)
    SubmissionEvidence.everyones.bulk_create(sealed.evidence)
    Reply.everyones.bulk_create(sealed.replies)
    if sealed.use:
        sealed.use.submission = submission  # so that its key is set
        sealed.use.save(force_insert=True)
    share_practices([submission.respondent])
    if sealed.use and not sealed.use.quoted:
        delete_quotations_in(submission.respondent, submission.round, submission.sealed_by)
    if sealed.ends_publication:
        _end_publication_of_others(submission, by=submission.sealed_by)
    return submission


def _end_publication_of_others(submission: Submission, *, by: User) -> None:
    """Unpublish the other submissions of the round: one at a time is published."""
    for other in published_in(uses_in_round(submission)):
        if other != submission:
            change_use(submission=other, published=False, by=by)


def share_practices(respondents: list[Respondent]) -> None:
    SharedPractice.everyones.filter(respondent__in=respondents).delete()
    SharedPractice.everyones.bulk_create(practices_shared_by(respondents))


def make_item(
    submission: Submission, position: int, checked: CheckedUnit
) -> tuple[SubmissionItem, list[SubmissionEvidence]]:
    item = SubmissionItem(
        submission=submission,
        unit=checked.unit,
        position=position,
        wording=checked.sealed.wording if checked.sealed else checked.unit.current_wording,
        chapeaux=[wording_reference(node.label, node.current_wording) for node in checked.unit.chapeaux],
        answered_with=[wording_reference(item.label, item.current_wording) for item in checked.unit.unit_items],
        revision=checked.sealed,
        status=checked.status,
        asks_for_assistance=bool(checked.sealed and checked.sealed.asks_for_assistance),
        good_practice=bool(checked.sealed and checked.sealed.good_practice),
        still_correct_as_at=checked.still_correct_as_at,
        answer_withdrawn=checked.is_answer_withdrawn,
    )
    evidence = [_make_evidence(item, place, citation) for place, citation in enumerate(checked.citations, start=1)]
    item.digest = item.make_digest([piece.digest for piece in evidence])
    return item, evidence


def _make_evidence(item: SubmissionItem, position: int, citation: Citation) -> SubmissionEvidence:
    piece = SubmissionEvidence(item=item, citation=citation, position=position, withheld=is_kept_by_state(citation))
    piece.digest = piece.make_digest()
    return piece


def _notify_both_sides(submission: Submission, kind: NotificationKind) -> None:
    """Notify the focal points of each act, and each officer of the first act of the State on a day."""
    acts = (NotificationKind.SUBMITTED, NotificationKind.WITHDRAWN)
    of_today = Notification.objects.filter(
        kind__in=acts, respondent=submission.respondent, created_at__date=timezone.localdate()
    )
    notified = set(of_today.values_list("user", flat=True))
    officers = [officer for officer in readers_of(submission.respondent) if officer.pk not in notified]
    notify(
        [*focal_points_of(submission.respondent), *officers],
        kind=kind,
        thing=submission.reference,
        path=submission.get_absolute_url(),
        submission=submission,
    )


def reference(submission: Submission | None) -> str:
    return f"submission {submission.number} {submission.digest}" if submission else ""


def use_reference(use: Use) -> str:
    permitted = " ".join(name for name, is_permitted in use.as_fields.items() if is_permitted)
    return f"{permitted or 'nothing'} {use.make_digest()}"


def confirmation_reference(confirmations: list[Confirmation], as_at: date) -> str:
    return f"{len(confirmations)} answers as at {as_at.isoformat()} {digest_of(confirmations)}"

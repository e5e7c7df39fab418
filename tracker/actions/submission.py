"""Submit: seal what a respondent says for a round; then withdraw, change the permitted use, or confirm answers."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tracker.actions.event import record_event, record_submission_event
from tracker.actions.notification import notify
from tracker.actions.respondent import lock_respondent
from tracker.disclosure import is_kept_by_state, readers_of
from tracker.models import (
    Citation,
    Confirmation,
    Respondent,
    Round,
    SharedPractice,
    Submission,
    SubmissionEvidence,
    SubmissionItem,
    SubmissionReply,
    SubmissionState,
    Use,
    User,
)
from tracker.models.confirmation import digest_of
from tracker.models.digest import wording_reference
from tracker.models.notification import NotificationKind
from tracker.models.remark import state_digest
from tracker.models.submission import STATEMENT_LIMIT, NextSubmission, practices_shared_by
from tracker.models.validators import TEXT_LIMIT, check_text, problems_of
from tracker.permissions import can_submit, focal_points_of
from tracker.queries.submissions.check import Check, CheckedUnit, check, current_submission
from tracker.workflow import SUBMISSION, NotAllowed, next_state, next_submission

IN_THE_FUTURE = _("The date must be today or earlier.")


class StaleCheck(Exception):
    def __init__(self, check: Check):
        super().__init__("the check is of another state")
        self.check = check


@dataclass(frozen=True)
class Statements:
    """What the focal point states with a submission.

    `names_no_victim` is the one confirmation: the gaps were seen, and nothing identifies a victim.
    """

    names_no_victim: bool
    in_aggregates: bool = False
    quoted: bool = False
    published: bool = False
    authority: str = ""
    cleared_by: str = ""
    cleared_on: date | None = None
    note_verbale: str = ""

    @property
    def use(self) -> dict[str, bool]:
        return {"in_aggregates": self.in_aggregates, "quoted": self.quoted, "published": self.published}


def check_submission(respondent: Respondent, round_: Round) -> Check:
    current = current_submission(respondent, round_)
    return check(respondent, round_, current, next_submission(round_, current))


def missing_statements(statements: Statements, now: Check) -> dict[str, list]:
    errors: dict[str, list] = {}
    for name in ("authority", "cleared_by", "note_verbale"):
        if problems := problems_of(getattr(statements, name), STATEMENT_LIMIT):
            errors[name] = problems
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
def submit(*, respondent: Respondent, round_: Round, fingerprint: str, statements: Statements, by: User) -> Submission:
    """Seal what was checked; return the current submission where nothing differs (a double click).

    Raises StaleCheck when `fingerprint` is not that of what would be submitted now.
    """
    now = check_submission(respondent, _lock(respondent, round_, by))
    if now.current and now.is_same_as_current:
        return now.current
    if now.allows == NextSubmission.NOTHING:
        raise NotAllowed("nothing can be handed in for this round now")
    if fingerprint != now.digest:
        raise StaleCheck(now)
    if missing := missing_statements(statements, now):
        raise ValidationError(missing)
    submission = _save(seal(now, statements, by=by, at=timezone.now()))
    record_submission_event("handed in", submission, by, before=reference(now.current), after=reference(submission))
    _notify_people(NotificationKind.HANDED_IN, submission)
    return submission


@transaction.atomic
def withdraw_submission(*, submission: Submission, reason: str, by: User) -> None:
    if not can_submit(by, submission.respondent):
        raise PermissionDenied
    check_text("reason", reason, TEXT_LIMIT, _("Enter the reason."))
    standing = SubmissionState.everyones.select_for_update().get(pk=submission.pk)
    standing.state = next_state(SUBMISSION, "withdraw", standing.state)
    standing.withdrawn_at, standing.withdrawal_reason = timezone.now(), reason.strip()
    standing.save(update_fields=["state", "withdrawn_at", "withdrawal_reason"])
    record_submission_event(
        "submission withdrawn", submission, by, before=reference(submission), after=state_digest(standing)
    )
    _notify_people(NotificationKind.WITHDRAWN, submission)


@transaction.atomic
def change_use(
    *,
    submission: Submission,
    in_aggregates: bool | None = None,
    quoted: bool | None = None,
    published: bool | None = None,
    by: User,
) -> Use:
    """State what a submission may be used for from now on; an argument of None keeps the former statement.

    Former statements stay on record with their dates. Publishing and unpublishing are this action.
    """
    if not can_submit(by, submission.respondent):
        raise PermissionDenied
    SubmissionState.everyones.select_for_update().get(pk=submission.pk)
    former = Use.everyones.filter(submission=submission).latest("said_at", "pk")
    arguments = {"in_aggregates": in_aggregates, "quoted": quoted, "published": published}
    permitted = former.as_fields | {
        name: is_permitted for name, is_permitted in arguments.items() if is_permitted is not None
    }
    if permitted == former.as_fields:
        return former
    use = Use.everyones.create(submission=submission, **permitted, said_by=by)
    record_submission_event("use permitted", submission, by, after=use_reference(use))
    return use


@transaction.atomic
def confirm_answers(*, respondent: Respondent, round_: Round, units: list[int], as_at: date, by: User) -> int:
    """Confirm that answers sealed by an earlier round are still correct; return how many.

    `units` are keys of units; those whose answer needs no confirmation are ignored.
    """
    now = check_submission(respondent, _lock(respondent, round_, by))
    if as_at > timezone.localdate():
        raise ValidationError({"as_at": IN_THE_FUTURE})
    if now.allows != NextSubmission.EVERYTHING:
        raise NotAllowed("answers of before are confirmed for what can be handed in")
    waiting = [unit for unit in now.gaps["unconfirmed"] if unit.unit.pk in set(units)]
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


def _lock(respondent: Respondent, round_: Round, by: User) -> Round:
    lock_respondent(respondent, by)
    if not can_submit(by, respondent):
        raise PermissionDenied
    standings = SubmissionState.everyones.filter(submission__respondent=respondent, submission__round=round_)
    list(standings.select_for_update(of=("self",)).order_by("pk"))
    return Round.objects.get(pk=round_.pk)


class SealedRows(NamedTuple):
    submission: Submission
    items: list[SubmissionItem]
    evidence: list[SubmissionEvidence]
    replies: list[SubmissionReply]
    use: Use


def seal(now: Check, statements: Statements, *, by: User, at: datetime) -> SealedRows:
    """Make the sealed rows of what was checked. Saves nothing."""
    submission = Submission(
        respondent=now.respondent,
        round=now.round,
        number=now.number,
        answers_to=now.answers_to,
        sealed_at=at,
        sealed_by=by,
        late=timezone.localdate(at) > now.round.due_on,
        counts=now.counts,
        confirmed_gaps={name: len(units) for name, units in now.gaps.items()},
        names_no_victim=statements.names_no_victim,
        use=statements.use,
        authority=statements.authority,
        cleared_by=statements.cleared_by,
        cleared_on=statements.cleared_on,
        note_verbale=statements.note_verbale,
        content_digest=now.content_digest,
    )
    items = [_make_item(submission, position, unit) for position, unit in enumerate(now.units, start=1)]
    submission.digest = submission.make_digest(
        [item.digest for item, _evidence in items], [reply.digest for reply in now.replies]
    )
    return SealedRows(
        submission,
        [item for item, _evidence in items],
        [piece for _item, evidence in items for piece in evidence],
        [SubmissionReply(submission=submission, reply=reply) for reply in now.replies],
        Use(submission=submission, **statements.use, said_by=by, said_at=at),
    )


def _save(sealed: SealedRows) -> Submission:
    submission = sealed.submission
    submission.save(force_insert=True)
    SubmissionItem.everyones.bulk_create(sealed.items)
    SubmissionEvidence.everyones.bulk_create(sealed.evidence)
    SubmissionReply.everyones.bulk_create(sealed.replies)
    SubmissionState.everyones.create(submission=submission)
    sealed.use.submission = submission  # so that its key is set
    sealed.use.save(force_insert=True)
    share_practices([submission.respondent])
    return submission


def share_practices(respondents: list[Respondent]) -> None:
    SharedPractice.everyones.filter(respondent__in=respondents).delete()
    SharedPractice.everyones.bulk_create(practices_shared_by(respondents))


def _make_item(
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
    )
    evidence = [_make_evidence(item, place, citation) for place, citation in enumerate(checked.citations, start=1)]
    item.digest = item.make_digest([piece.digest for piece in evidence])
    return item, evidence


def _make_evidence(item: SubmissionItem, position: int, citation: Citation) -> SubmissionEvidence:
    piece = SubmissionEvidence(item=item, citation=citation, position=position, withheld=is_kept_by_state(citation))
    piece.digest = piece.make_digest()
    return piece


def _notify_people(kind: NotificationKind, submission: Submission) -> None:
    notify(
        [*focal_points_of(submission.respondent), *readers_of(submission.respondent)],
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

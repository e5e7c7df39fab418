"""Reply to requests for clarification: the last submission again, changed only in the items replied to."""

from collections.abc import Collection, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from django.db.models import F, Model
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommendations.models import Recommendation, read_items
from tracker.actions.submission import SealedRows, lock_to_submit, make_item, move_on, record_new_submission, save_seal
from tracker.audit.seal import Seal, read_seal
from tracker.models import (
    Citation,
    Remark,
    Reply,
    Respondent,
    Revision,
    Round,
    Submission,
    SubmissionEvidence,
    SubmissionItem,
    User,
)
from tracker.models.submission import content_digest, content_of, counts_of
from tracker.models.validators import TEXT_LIMIT, check_text
from tracker.queries.submissions.check import CheckedUnit, open_requests, participation_in, read_citations
from tracker.workflow import NotAllowed, may_reply


@dataclass(frozen=True)
class GivenReply:
    """Reply to a request: in words, or that there is no further information, or with a changed answer.

    `revision` is the key of the version to submit. Words may go with it.
    """

    remark: Remark
    text: str = ""
    has_nothing_further: bool = False
    revision: int | None = None


class StaleReplies(NotAllowed):
    """`closed`: the requests that are not open any more; `changed`: those whose answer has another version now."""

    def __init__(self, closed: Collection[Remark], changed: Collection[Remark]):
        super().__init__("the requests or the answers are others now")
        self.closed, self.changed = closed, changed


def find_missing(given: GivenReply) -> dict[str, list]:
    """Return what is wrong with a reply, by field."""
    if given.has_nothing_further and (given.text.strip() or given.revision is not None):
        return {"has_nothing_further": [_("Deselect “No further information”, or remove the rest of the reply.")]}
    if not (given.text.strip() or given.has_nothing_further or given.revision is not None):
        return {"text": [_("Enter the reply.")]}
    return {}


@transaction.atomic
def submit_replies(
    *, respondent: Respondent, round_: Round, given: Sequence[GivenReply], names_no_victim: bool, by: User
) -> Submission:
    """Submit the last submission again, with these replies; return the current one if it has them (a double click).

    No use is stated and no clearance given: what the State permitted last stays in force, what is published stays
    published. Raises StaleReplies when a request or an answer is not as the user saw it.
    """
    now = participation_in(respondent, lock_to_submit(respondent, round_, by))
    if now is None or now.current is None:
        raise NotAllowed("nothing is submitted")
    _check(given, names_no_victim)
    former = read_seal(now.current)
    if all(_is_in(former, reply) for reply in given):
        return now.current
    requests = {request.pk: request for request in open_requests(now)} if may_reply(now) else {}
    replies = [(reply, requests.get(reply.remark.pk)) for reply in given]
    revisions = _current_versions(respondent, [reply.revision for reply in given if reply.revision is not None])
    closed = [reply.remark for reply, request in replies if request is None]
    changed = [reply.remark for reply, request in replies if request and not _may_carry(reply, request, revisions)]
    if closed or changed:
        raise StaleReplies(closed, changed)
    at = timezone.now()
    made = [next_reply(reply, by=by, at=at) for reply in given if reply.has_nothing_further or reply.text.strip()]
    changes = _checked_units(list(revisions.values()))
    submission = save_seal(seal_replies(former, made, changes, by=by, at=at))
    move_on(now, submission, replies_to_all={reply.remark.pk for reply in given} >= requests.keys())
    now.save()
    record_new_submission("questions answered", submission, now, before=former.submission)
    return submission


def next_reply(given: GivenReply, *, by: User, at: datetime) -> Reply:
    """Saves nothing."""
    reply = Reply(
        remark=given.remark,
        text=given.text,
        has_nothing_further=given.has_nothing_further,
        author=by,
        saved_at=at,
    )
    reply.set_digest()
    return reply


def seal_replies(
    former: Seal, made: Sequence[Reply], changes: dict[int, CheckedUnit], *, by: User, at: datetime
) -> SealedRows:
    """Make the sealed rows of `former` once more, with replies and with the changed answers by unit. Saves nothing."""
    last = former.submission
    submission = Submission(
        respondent=last.respondent,
        round=last.round,
        number=last.number + 1,
        sealed_at=at,
        sealed_by=by,
        due_on=last.due_on,
        late=last.late,
        is_reply=True,
        names_no_victim=True,
    )
    items = [
        make_item(submission, item.position, changes[item.unit_id])
        if item.unit_id in changes
        else _copy_item(submission, item, former.evidence.get(item.pk, []))
        for item in former.items
    ]
    for reply in made:
        reply.submission = submission
    replies = sorted([*former.replies, *made], key=lambda reply: (reply.remark.item.position, reply.remark_id))
    submission.replies = [reply.digest for reply in replies]
    submission.counts = counts_of(item.status for item, _evidence in items)
    submission.content_digest = content_digest(
        [content_of(item, evidence) for item, evidence in items], submission.replies
    )
    submission.digest = submission.make_digest([item.digest for item, _evidence in items])
    return SealedRows(
        submission,
        [item for item, _evidence in items],
        [piece for _item, evidence in items for piece in evidence],
        made,
    )


def _check(given: Sequence[GivenReply], names_no_victim: bool) -> None:
    if not given:
        raise ValidationError({NON_FIELD_ERRORS: [_("Reply to at least one request for clarification.")]})
    if not names_no_victim:
        raise ValidationError({"names_no_victim": [_("Select the box to confirm that nothing identifies a victim.")]})
    for reply in given:
        if missing := find_missing(reply):
            raise ValidationError(missing)
        check_text("text", reply.text, TEXT_LIMIT)


def _is_in(seal: Seal, given: GivenReply) -> bool:
    """Return whether a submission has this reply already."""
    made = next((reply for reply in seal.replies if reply.remark_id == given.remark.pk), None)
    if given.revision is not None:
        asked = given.remark.item
        item = next(item for item in seal.items if item.unit_id == asked.unit_id)
        if item.revision_id != given.revision or given.revision == asked.revision_id:
            return False
        if not given.text.strip():
            return True
    return made is not None and (made.text, made.has_nothing_further) == (given.text, given.has_nothing_further)


def _current_versions(respondent: Respondent, keys: list[int]) -> dict[int, Revision]:
    """Read those of the versions that are current answers and marked ready."""
    revisions = Revision.everyones.filter(pk__in=keys, ready=True, record__respondent=respondent)
    revisions = revisions.filter(record__current=F("pk")).select_related("wording", "record__respondent")
    return {revision.pk: revision for revision in revisions.select_related("record__recommendation")}


def _may_carry(given: GivenReply, remark: Remark, revisions: dict[int, Revision]) -> bool:
    if given.revision is None:
        return True
    revision = revisions.get(given.revision)
    is_of_unit = revision is not None and revision.record.recommendation_id == remark.item.unit_id
    return is_of_unit and given.revision != remark.item.revision_id


def _checked_units(revisions: list[Revision]) -> dict[int, CheckedUnit]:
    """Prepare the changed answers for their items, by unit."""
    if not revisions:
        return {}
    keys = [revision.record.recommendation_id for revision in revisions]
    units = Recommendation.objects.with_text().in_bulk(keys)
    read_items(units.values())
    cited = read_citations(revisions)
    return {
        unit.pk: changed_unit(unit, revision, cited.get(revision.pk, []))
        for revision in revisions
        for unit in [units[revision.record.recommendation_id]]
    }


def changed_unit(unit: Recommendation, revision: Revision, citations: list[Citation]) -> CheckedUnit:
    return CheckedUnit(
        unit=unit,
        themes=[],
        current=revision,
        sealed=revision,
        left=None,
        still_correct_as_at=None,
        former=None,
        cited={revision.pk: citations},
    )


def _copy_item(
    submission: Submission, item: SubmissionItem, evidence: Sequence[SubmissionEvidence]
) -> tuple[SubmissionItem, list[SubmissionEvidence]]:
    """Copy an item with its evidence. Their digests are of what they say, and stay."""
    same = _copy(item, submission=submission)
    return same, [_copy(piece, item=same) for piece in evidence]


def _copy[Row: Model](row: Row, **values: object) -> Row:
    made = copy(row)
    made.pk = None
    made._state.adding = True
    for name, value in values.items():
        setattr(made, name, value)
    return made

"""Remove what identifies a victim: one person asks, another confirms, and then it is destroyed."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tracker.actions.draft import empty_draft
from tracker.actions.event import record_event
from tracker.actions.evidence import delete_file
from tracker.actions.held_upload import destroy_held_uploads
from tracker.actions.proposal import empty_proposal
from tracker.actions.session import drop_unsaved_input
from tracker.actions.word_search import FoundFiles, WordPlace, find_files, find_rows
from tracker.models import (
    Assignment,
    ChainHead,
    Draft,
    EvidenceFile,
    HeldUpload,
    Institution,
    Participation,
    Proposal,
    Record,
    Respondent,
    User,
    Withdrawal,
    WorkbookUpload,
)
from tracker.models.matching import plain_words
from tracker.models.withdrawal import Digested, WithdrawalStage
from tracker.permissions import can_decide_withdrawal, can_delete_files, can_request_withdrawal
from tracker.workflow import WITHDRAWAL, next_state

SHORTEST = 2  # letters or digits; fewer would match nearly everything


class FoundWords(NamedTuple):
    """What would be destroyed, and `unsearched`: files whose whole text could not be read."""

    places: list[WordPlace]
    files: set[EvidenceFile]
    unsearched: list[EvidenceFile | HeldUpload]


def find_withdrawable(*, respondent: Respondent, by: User, words: str, files: Iterable[EvidenceFile]) -> FoundWords:
    """Return what would be destroyed, including files that hold the words in their name or text."""
    files = set(files)
    if not can_request_withdrawal(by, respondent) or any(file.respondent_id != respondent.pk for file in files):
        raise PermissionDenied
    if not words and not files:
        raise ValidationError(_("Enter the words, choose files, or do both."))
    if words and len(plain_words(words).replace(" ", "")) < SHORTEST:
        raise ValidationError({"words": _("Enter at least two letters or digits.")})
    if not words:
        return FoundWords([], files, [])
    found = find_files(respondent, words)
    places = [*find_rows(respondent, words), *(WordPlace(held, ("name",)) for held in found.uploads)]
    if not places and not found.files:
        raise ValidationError({"words": _("Nothing that your team recorded contains these words. Check the spelling.")})
    return FoundWords(places, files | found.files, [file for file in found.unsearched if file not in files])


def request_withdrawal(
    *, respondent: Respondent, by: User, words: str, files: Iterable[EvidenceFile], reason: str
) -> Withdrawal:
    """Request that words, files or both be destroyed; the same again (a double click) returns the same request."""
    find_withdrawable(respondent=respondent, by=by, words=words, files=files)
    withdrawal = Withdrawal(respondent=respondent, words=words, reason=reason, requested_by=by)
    withdrawal.clean_fields(exclude=["decided_by", "decided_at", "undestroyed"])
    return _save_request(withdrawal, set(files))


@transaction.atomic
def _save_request(withdrawal: Withdrawal, files: set[EvidenceFile]) -> Withdrawal:
    respondent, by = withdrawal.respondent, withdrawal.requested_by
    Respondent.objects.select_for_update(no_key=True).get(pk=respondent.pk)
    waiting = Withdrawal.everyones.filter(
        respondent=respondent,
        state=WithdrawalStage.REQUESTED,
        requested_by=by,
        words=withdrawal.words,
        reason=withdrawal.reason,
    )
    for same in waiting:
        if set(_files(same).all()) == files:
            return same
    withdrawal.save(force_insert=True)
    _files(withdrawal).set(files)
    _record("withdrawal requested", withdrawal, by, after=withdrawal.make_digest())
    return withdrawal


def confirm_withdrawal(*, pk: int, by: User) -> Withdrawal:
    """Destroy what was requested. The digests stay and verify; the words are deleted with the request.

    Bytes are deleted after the commit; where that fails, their names stay in `undestroyed` for `delete_files`.
    """
    withdrawal = Withdrawal.everyones.select_related("respondent").get(pk=pk)
    if not can_decide_withdrawal(by, withdrawal):
        raise PermissionDenied
    words = withdrawal.words
    return _confirm(pk, by, find_files(withdrawal.respondent, words) if words else FoundFiles())


@transaction.atomic
def _confirm(pk: int, by: User, found: FoundFiles) -> Withdrawal:
    withdrawal = _decide(pk, "confirm", by)
    respondent, words = withdrawal.respondent, withdrawal.words
    _lock_respondent_rows(respondent)
    places: list[WordPlace] = []
    files = set(_files(withdrawal).all()) | found.files
    if words:
        newer = find_files(respondent, words, found.searched)
        files |= newer.files
        places = [*find_rows(respondent, words), *(WordPlace(held, ("name",)) for held in newer.uploads)]
    files = {file for file in files if not file.withdrawal_id}
    withdrawal.words = ""
    withdrawal.places = sorted(
        [[place.row.digest, name] for place in places if isinstance(place.row, Digested) for name in place.fields]
        + [[file.sha256, "file"] for file in files]
    )
    withdrawal.undestroyed = sorted(str(file.file.name) for file in files) + _destroy_held(respondent, places, files)
    withdrawal.save()
    _files(withdrawal).set(files)
    for place in places:
        _empty(place, words, withdrawal)
    for file in files:
        file.file, file.withdrawal = "", withdrawal
        file.save(update_fields=["file", "withdrawal"])
    if words:
        drop_unsaved_input(code=respondent.code, words=words)
    destroyed = f"{len(places)} places, {len(files)} files {withdrawal.make_digest()}"
    _record("withdrawal confirmed", withdrawal, by, after=destroyed)
    transaction.on_commit(lambda: _delete_files(pk, by))
    return withdrawal


@transaction.atomic
def refuse_withdrawal(*, pk: int, by: User) -> Withdrawal:
    withdrawal = _decide(pk, "refuse", by)
    withdrawal.words = ""
    withdrawal.save()
    _files(withdrawal).clear()
    _record("withdrawal refused", withdrawal, by, after=withdrawal.make_digest())
    return withdrawal


def delete_files(*, pk: int, by: User) -> bool:
    withdrawal = Withdrawal.everyones.select_related("respondent").get(pk=pk)
    if not can_delete_files(by, withdrawal):
        raise PermissionDenied
    return _delete_files(pk, by)


@transaction.atomic
def _delete_files(pk: int, by: User) -> bool:
    withdrawal = Withdrawal.everyones.select_for_update(of=("self",)).select_related("respondent").get(pk=pk)
    if not withdrawal.undestroyed:
        return True
    left = [name for name in withdrawal.undestroyed if not delete_file(name)]
    gone = len(withdrawal.undestroyed) - len(left)
    withdrawal.undestroyed = left
    withdrawal.save(update_fields=["undestroyed"])
    _record("withdrawn files destroyed", withdrawal, by, after=f"{gone} destroyed, {len(left)} left")
    return not left


def _decide(pk: int, transition: str, by: User) -> Withdrawal:
    withdrawal = Withdrawal.everyones.select_for_update(of=("self",)).select_related("respondent").get(pk=pk)
    if not can_decide_withdrawal(by, withdrawal):
        raise PermissionDenied
    withdrawal.state = next_state(WITHDRAWAL, transition, withdrawal.state)
    withdrawal.decided_by, withdrawal.decided_at = by, timezone.now()
    return withdrawal


def _files(withdrawal: Withdrawal) -> Any:  # the type of a manager by name is not known
    return withdrawal.files(manager="everyones")


def _record(action: str, withdrawal: Withdrawal, by: User, after: str = "") -> None:
    record_event(
        action=action,
        target=f"withdrawal {withdrawal.pk}",
        by=by,
        respondent=withdrawal.respondent,
        before=withdrawal.reason,
        after=after,
    )


def _lock_respondent_rows(respondent: Respondent) -> None:
    """Wait for every save in progress, so that its words are seen.

    A save locks its record first, then the respondent, and the head of the chain last; a draft, a proposal, a
    comment and points for decision lock the respondent; sending a clarification and replying lock the participation in
    the round.
    """
    records = Record.everyones.select_for_update(no_key=True).filter(respondent=respondent).order_by("pk")
    list(records.values_list("pk"))
    Respondent.objects.select_for_update(no_key=True).get(pk=respondent.pk)
    proposals = Proposal.everyones.select_for_update(of=("self",)).filter(respondent=respondent)
    list(proposals.order_by("pk").values_list("pk"))
    list(Draft.everyones.select_for_update(of=("self",)).filter(respondent=respondent).order_by("pk").values_list("pk"))
    participations = Participation.everyones.select_for_update(of=("self",)).filter(respondent=respondent)
    list(participations.order_by("pk").values_list("pk"))
    list(ChainHead.objects.select_for_update().filter(chain=respondent.code))


def _empty(place: WordPlace, words: str, withdrawal: Withdrawal) -> None:
    row = place.row
    if isinstance(row, HeldUpload):
        return  # destroyed with the files
    if isinstance(row, Draft):
        empty_draft(row, words, withdrawal)
        return
    if isinstance(row, Proposal):
        empty_proposal(row, place.fields, withdrawal)
        return
    if isinstance(row, WorkbookUpload):
        row.delete()
        return
    for name in place.fields:
        setattr(row, name, "")
    if isinstance(row, Record):
        row.save(update_fields=place.fields)
        return
    if isinstance(row, Assignment | Institution):
        row.withdrawal = withdrawal
        row.save(update_fields=[*place.fields, "withdrawal"])
        return
    for name in place.fields:
        del row.salts[name]
    row.withdrawal = withdrawal
    row.save(update_fields=[*place.fields, "salts", "withdrawal"])


def _destroy_held(respondent: Respondent, places: Iterable[WordPlace], files: Iterable[EvidenceFile]) -> list[str]:
    """Delete held uploads that hold the words, copies of the files, and what is being stored, which was not searched.

    Return the names of their bytes.
    """
    found = {place.row for place in places if isinstance(place.row, HeldUpload)}
    others = Q(sha256__in=[file.sha256 for file in files]) | Q(is_stored=False)
    return destroy_held_uploads(found | set(HeldUpload.everyones.filter(others, respondent=respondent)))

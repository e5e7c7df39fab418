"""Remove what identifies a victim: one person hides it at once, another confirms, and then it is destroyed."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommendations.error_messages import TRY_LATER
from recommendations.search.tables import empty_full_text
from tracker.actions.event import record_event
from tracker.actions.hidden_text import hide, put_back
from tracker.actions.notification import notify
from tracker.actions.remainder import check_remainders, find_remainders
from tracker.actions.respondent import lock_respondent
from tracker.actions.stored_file import delete_file
from tracker.actions.word_search import FoundFiles, WordPlace, find_files, find_hidden_texts, find_rows
from tracker.models import EvidenceFile, HeldUpload, HiddenText, Participation, Respondent, User, Withdrawal
from tracker.models.matching import plain_words
from tracker.models.notification import NotificationKind
from tracker.models.withdrawal import WithdrawalStage
from tracker.permissions import (
    can_confirm_withdrawal,
    can_delete_files,
    can_refuse_withdrawal,
    can_request_withdrawal,
    check_permission,
    confirmers_of,
)
from tracker.workflow import WITHDRAWAL, next_state

NOBODY_CONFIRMS = _("No other person can confirm the removal. Invite another focal point, then request the removal.")
NO_REMAINDERS: Mapping[str, Mapping[str, str]] = {}
SHORTEST = 2  # letters or digits; fewer would match nearly everything


class FoundWords(NamedTuple):
    """What would be hidden, and `unsearched`: files whose whole text could not be read."""

    places: list[WordPlace]
    files: set[EvidenceFile]
    unsearched: list[EvidenceFile | HeldUpload]


def find_withdrawable(*, respondent: Respondent, by: User, words: str, files: Iterable[EvidenceFile]) -> FoundWords:
    """Return what would be hidden, including files that hold the words in their name or text."""
    places, found = _search(respondent, by, words, set(files))
    all_files = found.files | set(files)
    return FoundWords(places, all_files, [file for file in found.unsearched if file not in all_files])


def _search(
    respondent: Respondent, by: User, words: str, files: set[EvidenceFile]
) -> tuple[list[WordPlace], FoundFiles]:
    check_permission(can_request_withdrawal(by, respondent))
    check_permission(all(file.respondent_id == respondent.pk for file in files))
    if not words and not files:
        raise ValidationError(_("Enter the words, choose files, or do both."))
    if words and len(plain_words(words).replace(" ", "")) < SHORTEST:
        raise ValidationError({"words": _("Enter at least two letters or digits.")})
    found = find_files(respondent, words) if words else FoundFiles()
    places = _find_places(respondent, words, found)
    is_hidden = bool(words and (found.hidden or find_hidden_texts(respondent, words)))
    if words and not places and not found.files and not is_hidden:
        raise ValidationError({"words": _("Nothing that your team recorded contains these words. Check the spelling.")})
    return places, found


def _find_places(respondent: Respondent, words: str, found: FoundFiles) -> list[WordPlace]:
    rows = find_rows(respondent, words) if words else ()
    return [*rows, *(WordPlace(held, ()) for held in found.uploads)]


def request_withdrawal(
    *,
    respondent: Respondent,
    by: User,
    words: str,
    files: Iterable[EvidenceFile],
    reason: str,
    remainders: Mapping[str, Mapping[str, str]] = NO_REMAINDERS,
) -> Withdrawal:
    """Hide words, files or both at once, and request their destruction.

    `remainders` are the texts by field, by keys of what `find_remainders` returns, that are saved as the next version.
    The same again (a double click) returns the same request, which then also hides what was written since.
    """
    withdrawal = Withdrawal(respondent=respondent, words=words, reason=reason, requested_by=by)
    withdrawal.clean_fields(exclude=["decided_by", "decided_at", "undestroyed"])
    chosen = set(files)
    _places, found = _search(respondent, by, words, chosen)
    if not confirmers_of(respondent, by):
        raise ValidationError(NOBODY_CONFIRMS)
    return _save_request(withdrawal, chosen, found, remainders)


def _find_same(withdrawal: Withdrawal, chosen: set[EvidenceFile]) -> Withdrawal | None:
    waiting = Withdrawal.everyones.filter(
        respondent=withdrawal.respondent,
        state=WithdrawalStage.REQUESTED,
        requested_by=withdrawal.requested_by,
        words=withdrawal.words,
        reason=withdrawal.reason,
    )
    return next((same for same in waiting if set(_files(same).all()) == chosen), None)


@transaction.atomic
def _save_request(
    withdrawal: Withdrawal,
    chosen: set[EvidenceFile],
    found: FoundFiles,
    remainders: Mapping[str, Mapping[str, str]],
) -> Withdrawal:
    respondent, words, by = withdrawal.respondent, withdrawal.words, withdrawal.requested_by
    _lock_respondent_and_readings(respondent, by)
    check_permission(can_request_withdrawal(by, respondent))
    same = _find_same(withdrawal, chosen)
    if same is None:
        withdrawal.save(force_insert=True)
        _files(withdrawal).set(chosen)
    else:
        withdrawal = same
    possible = find_remainders(respondent, find_rows(respondent, words), words) if remainders else []
    kept = [remainder for remainder in possible if remainder.key in remainders]
    check_remainders(kept, remainders, words)
    _hide_all(withdrawal, found, by)
    withdrawal.save(update_fields=["undestroyed"])
    if same is None:
        _record("withdrawal requested", withdrawal, by, after=withdrawal.make_digest())
        _notify_confirmers(withdrawal)
    for remainder in kept:
        remainder.save(remainders[remainder.key], respondent, by)
    if withdrawal.undestroyed:
        transaction.on_commit(lambda: _delete_files(withdrawal.pk, by))
    return withdrawal


def _notify_confirmers(withdrawal: Withdrawal) -> None:
    respondent, pk = withdrawal.respondent, withdrawal.pk
    people = confirmers_of(respondent, withdrawal.requested_by)
    team = [person for person in people if respondent.pk in person.respondent_ids]
    for group, path in (
        (team, reverse("withdrawal", args=[respondent.code, pk])),
        ([person for person in people if person not in team], reverse("withdrawal_decide", args=[pk])),
    ):
        notify(
            group,
            kind=NotificationKind.REMOVAL_REQUESTED,
            thing=f"withdrawal {pk}",
            path=path,
            respondent=respondent,
            context={"withdrawal": pk},
        )


def _hide_all(withdrawal: Withdrawal, found: FoundFiles, by: User) -> None:
    """Hide the chosen files and what holds the words now, which may be more than before the rows were locked."""
    respondent, words = withdrawal.respondent, withdrawal.words
    newer = find_files(respondent, words, found.searched) if words else FoundFiles()
    newer.uploads |= found.uploads
    keys = {file.pk for file in (*found.files, *newer.files, *_files(withdrawal).all())}
    files = EvidenceFile.everyones.filter(pk__in=keys, withdrawal__isnull=True)
    hide(withdrawal, _find_places(respondent, words, newer), files, by)


def confirm_withdrawal(*, pk: int, by: User) -> Withdrawal:
    """Destroy what was hidden, and what holds the words since. The digests stay and verify; the words are deleted.

    Bytes are deleted after the commit; where that fails, their names stay in `undestroyed` for `delete_files`.
    """
    withdrawal = Withdrawal.everyones.select_related("respondent").get(pk=pk)
    check_permission(can_confirm_withdrawal(by, withdrawal))
    found = find_files(withdrawal.respondent, withdrawal.words) if withdrawal.words else FoundFiles()
    if found.unread:
        raise ValidationError(TRY_LATER)
    return _confirm(pk, by, found)


@transaction.atomic
def _confirm(pk: int, by: User, found: FoundFiles) -> Withdrawal:
    withdrawal = _decide(pk, "confirm", can_confirm_withdrawal, by)
    respondent, words = withdrawal.respondent, withdrawal.words
    texts = HiddenText.everyones.filter(withdrawal=withdrawal)
    shown: set[EvidenceFile] = set()
    if words:
        hidden = [text for text in found.hidden if text.withdrawal_id != pk]
        hidden += [text for text in find_hidden_texts(respondent, words) if text.withdrawal_id != pk]
        shown = put_back(hidden, by)
        found.files |= shown
    _hide_all(withdrawal, found, by)
    files = [text for text in texts if text.table == EvidenceFile._meta.db_table]
    withdrawal.words = ""
    withdrawal.places = sorted([text.digest, text.name] for text in texts if text.digest)
    withdrawal.undestroyed = sorted({*withdrawal.undestroyed, *(file.value for file in files)})
    _files(withdrawal).set(EvidenceFile.everyones.filter(pk__in=[file.row for file in files]))
    rows = {(text.table, text.row) for text in texts}
    texts.delete()
    withdrawal.save()
    _hide_again(respondent, shown, by)
    destroyed = f"{len(rows) - len(files)} places, {len(files)} files {withdrawal.make_digest()}"
    _record("withdrawal confirmed", withdrawal, by, after=destroyed)
    transaction.on_commit(empty_full_text, robust=True)
    transaction.on_commit(_empty_log, robust=True)
    transaction.on_commit(lambda: _delete_files(pk, by))
    return withdrawal


def _empty_log() -> None:
    """Destroy the words in the write-ahead log of SQLite too, where they stay while the site is connected."""
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@transaction.atomic
def refuse_withdrawal(*, pk: int, by: User) -> Withdrawal:
    """Show again what was hidden, except what another pending request hides."""
    withdrawal = _decide(pk, "refuse", can_refuse_withdrawal, by)
    respondent = withdrawal.respondent
    hidden = HiddenText.everyones.filter(withdrawal=withdrawal)
    files = put_back(list(hidden.select_related("withdrawal__respondent")), by)
    withdrawal.words = ""
    withdrawal.save()
    _files(withdrawal).clear()
    _record("withdrawal refused", withdrawal, by, after=withdrawal.make_digest())
    _hide_again(respondent, files, by)
    return withdrawal


def _hide_again(respondent: Respondent, files: set[EvidenceFile], by: User) -> None:
    """Hide what was put back, these files included, where another pending request has its words."""
    unaffected = set(EvidenceFile.everyones.filter(respondent=respondent)) - files
    others = Withdrawal.everyones.filter(respondent=respondent, state=WithdrawalStage.REQUESTED)
    for other in others.select_related("respondent").order_by("pk"):
        searched: set[EvidenceFile | HeldUpload] = {*unaffected, *HeldUpload.everyones.filter(respondent=respondent)}
        _hide_all(other, FoundFiles(searched=searched), by)
        other.save(update_fields=["undestroyed"])


def delete_files(*, pk: int, by: User) -> bool:
    withdrawal = Withdrawal.everyones.select_related("respondent").get(pk=pk)
    check_permission(can_delete_files(by, withdrawal))
    return _delete_files(pk, by)


def _delete_files(pk: int, by: User) -> bool:
    """Delete the files without a lock: nobody waits for the storage."""
    names = Withdrawal.everyones.values_list("undestroyed", flat=True).get(pk=pk)
    return not names or _record_deleted(pk, {name for name in names if delete_file(name)}, by)


@transaction.atomic
def _record_deleted(pk: int, deleted: set[str], by: User) -> bool:
    withdrawal = _lock_withdrawal(pk, by)
    left = [name for name in withdrawal.undestroyed if name not in deleted]
    gone = len(withdrawal.undestroyed) - len(left)
    withdrawal.undestroyed = left
    withdrawal.save(update_fields=["undestroyed"])
    _record("withdrawn files destroyed", withdrawal, by, after=f"{gone} destroyed, {len(left)} left")
    return not left


def _decide(pk: int, transition: str, is_allowed: Callable[[User, Withdrawal], bool], by: User) -> Withdrawal:
    withdrawal = _lock_withdrawal(pk, by)
    check_permission(is_allowed(by, withdrawal))
    withdrawal.state = next_state(WITHDRAWAL, transition, withdrawal.state)
    withdrawal.decided_by, withdrawal.decided_at = by, timezone.now()
    return withdrawal


def _files(withdrawal: Withdrawal) -> Any:
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


def _lock_withdrawal(pk: int, by: User) -> Withdrawal:
    """Return the withdrawal as it is while its respondent and the readings are locked."""
    withdrawals = Withdrawal.everyones.select_related("respondent")
    _lock_respondent_and_readings(withdrawals.get(pk=pk).respondent, by)
    return withdrawals.get(pk=pk)


def _lock_respondent_and_readings(respondent: Respondent, by: User) -> None:
    """Wait for every save in progress, so that its words are seen: all that is written on the desk of a State locks the
    respondent first, and sending a request for clarification locks the participation in the round.
    """
    lock_respondent(respondent, by)
    participations = Participation.everyones.select_for_update(of=("self",)).filter(respondent=respondent)
    list(participations.order_by("pk").values_list("pk"))

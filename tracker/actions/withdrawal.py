"""Remove what identifies a victim: one person asks, another confirms, and then it is destroyed."""

import codecs
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any
from urllib.parse import unquote_plus

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Model, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommendations.error_messages import TRY_LATER
from tracker.actions.draft import empty_draft, holds_words
from tracker.actions.event import record_event
from tracker.actions.evidence import delete_file
from tracker.actions.held_upload import destroy_held_uploads
from tracker.actions.proposal import empty_proposal, fields_with_words
from tracker.actions.session import drop_unsaved_input
from tracker.actions.workbook import workbook_holds
from tracker.documents.exchange.uploads import TEXT_TYPES
from tracker.models import (
    Assignment,
    ChainHead,
    Citation,
    Comment,
    DecisionList,
    Draft,
    EvidenceFile,
    EvidenceVersion,
    HeldUpload,
    Institution,
    Participation,
    Proposal,
    Record,
    Remark,
    Reply,
    Respondent,
    Revision,
    StatusReport,
    SubmissionItem,
    TranscriptionRequest,
    User,
    Withdrawal,
    WorkbookUpload,
)
from tracker.models.matching import holds, plain_words
from tracker.models.withdrawal import Digested, WithdrawalStage
from tracker.permissions import can_decide_withdrawal, can_delete_files, can_request_withdrawal
from tracker.workflow import WITHDRAWAL, next_state

logger = logging.getLogger(__name__)

SHORTEST = 2  # letters or digits; fewer would match nearly everything
ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "cp1252", "cp1251", "cp1256", "gb18030")
PIECE = 1024 * 1024  # bytes
PAGE = 500  # rows


Searched = (
    Revision
    | Citation
    | EvidenceVersion
    | Remark
    | Reply
    | Assignment
    | Institution
    | Comment
    | DecisionList
    | TranscriptionRequest
    | StatusReport
)


@dataclass(frozen=True)
class WordPlace:
    row: Searched | Record | Draft | Proposal | WorkbookUpload | HeldUpload
    fields: tuple[str, ...]

    @property
    def where(self) -> str:
        match self.row:
            case Revision():
                return _of_revision(self.row)
            case Citation():
                return _of_revision(self.row.revision)
            case EvidenceVersion():
                # Translators: name: code of an evidence item or label of a recommendation; number: of its version.
                return gettext("%(name)s, version %(number)s") % {
                    "name": self.row.evidence,
                    "number": self.row.number,
                }
            case Remark():
                return _of_item(self.row.item)
            case Reply():
                return _of_item(self.row.remark.item)
            case TranscriptionRequest():
                # Translators: date: date of the State’s written request.
                return gettext("Request to the Secretariat to enter answers, %(date)s") % {
                    "date": date_format(self.row.requested_on, "DATE_FORMAT")
                }
            case StatusReport():
                # Translators: date: date of the report.
                return gettext("Report of an error in the treaty status, %(date)s") % {
                    "date": date_format(self.row.reported_at, "DATE_FORMAT")
                }
            case Assignment():
                # Translators: label: label of a recommendation; who: person or institution.
                return gettext("%(label)s: assignment to %(who)s") % {
                    "label": self.row.unit.label_with_title,
                    "who": self.row.assignee,
                }
            case Institution():
                return gettext("List of institutions")
            case Comment():
                # Translators: label: label of a recommendation; number: number of the comment.
                return gettext("%(label)s: comment %(number)s") % {
                    "label": self.row.unit.label_with_title,
                    "number": self.row.number,
                }
            case DecisionList():
                # Translators: number: of a version of the points for decision in the brief for the minister.
                return gettext("Brief for the minister: points for decision, version %(number)s") % {
                    "number": self.row.number
                }
            case Draft():
                # Translators: label: label of a recommendation; who: name of the author of the draft.
                return gettext("%(label)s: unsaved draft, %(who)s") % {
                    "label": self.row.unit.label_with_title,
                    "who": self.row.author,
                }
            case Proposal():
                # Translators: label: label of a recommendation; who: name of the author of the suggestion.
                return gettext("%(label)s: suggestion, %(who)s") % {
                    "label": self.row.unit.label_with_title,
                    "who": self.row.author,
                }
            case WorkbookUpload():
                # Translators: who: name of the person who uploaded it.
                return gettext("Uploaded workbook, not yet applied: %(who)s") % {"who": self.row.owner}
            case HeldUpload():
                # Translators: who: name of the person who uploaded it.
                return gettext("Uploaded file, not yet saved: %(who)s") % {"who": self.row.owner}
        return self.row.recommendation.label_with_title

    @property
    def names(self) -> list[str]:
        if isinstance(self.row, Proposal):
            return [self.row.label_of(name) for name in self.fields]
        fields: list[Any] = [self.row._meta.get_field(name) for name in self.fields]
        return [str(field.verbose_name) for field in fields]


def _of_revision(revision: Revision) -> str:
    label = revision.record.recommendation.label_with_title
    return gettext("%(name)s, version %(number)s") % {"name": label, "number": revision.number}


def _of_item(item: SubmissionItem) -> str:
    # Translators: label: label of a recommendation; submission: reference of a submission.
    return gettext("%(label)s: request for clarification or reply, %(submission)s") % {
        "label": item.unit.label_with_title,
        "submission": item.submission.reference,
    }


def find_withdrawable(
    *, respondent: Respondent, by: User, words: str, files: Iterable[EvidenceFile]
) -> tuple[list[WordPlace], set[EvidenceFile]]:
    """Return what would be destroyed, including files that hold the words in their name or plain text."""
    files = set(files)
    if not can_request_withdrawal(by, respondent) or any(file.respondent_id != respondent.pk for file in files):
        raise PermissionDenied
    if not words and not files:
        raise ValidationError(_("Enter the words, choose files, or do both."))
    if words and len(plain_words(words).replace(" ", "")) < SHORTEST:
        raise ValidationError({"words": _("Enter at least two letters or digits.")})
    places, holding = _find_words(respondent, words)
    if words and not places and not holding:
        raise ValidationError({"words": _("Nothing that your team recorded contains these words. Check the spelling.")})
    return places, files | holding


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


@transaction.atomic
def confirm_withdrawal(*, pk: int, by: User) -> Withdrawal:
    """Destroy what was requested. The digests stay and verify; the words are deleted with the request.

    Bytes are deleted after the commit; where that fails, their names stay in `undestroyed` for `delete_files`.
    """
    withdrawal = _decide(pk, "confirm", by)
    respondent, words = withdrawal.respondent, withdrawal.words
    _lock_respondent_rows(respondent)
    places, files = _find_words(respondent, words)
    files |= set(_files(withdrawal).filter(withdrawal__isnull=True))
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


def _find_words(respondent: Respondent, words: str) -> tuple[list[WordPlace], set[EvidenceFile]]:
    if not words:
        return [], set()
    return list(_find_rows(respondent, words)), set(_find_files(respondent, words))


def _find_rows(respondent: Respondent, words: str) -> Iterator[WordPlace]:
    rows: Iterator[Searched] = chain(
        Revision.everyones.filter(record__respondent=respondent)
        .select_related("record__recommendation")
        .iterator(PAGE),
        Citation.everyones.filter(revision__record__respondent=respondent)
        .select_related("revision__record__recommendation")
        .iterator(PAGE),
        EvidenceVersion.everyones.filter(evidence__respondent=respondent).select_related("evidence").iterator(PAGE),
        Remark.everyones.filter(item__submission__respondent=respondent, sent_at__isnull=False)
        .select_related("item__unit", "item__submission__respondent", "item__submission__round")
        .iterator(PAGE),
        TranscriptionRequest.everyones.filter(respondent=respondent).iterator(PAGE),
        StatusReport.everyones.filter(respondent=respondent).iterator(PAGE),
        Reply.everyones.filter(remark__item__submission__respondent=respondent)
        .select_related("remark__item__unit", "remark__item__submission__respondent", "remark__item__submission__round")
        .iterator(PAGE),
        Assignment.everyones.filter(respondent=respondent)
        .select_related("unit", "institution", "person")
        .iterator(PAGE),
        Institution.everyones.filter(respondent=respondent).iterator(PAGE),
        Comment.everyones.filter(respondent=respondent).select_related("unit").iterator(PAGE),
        DecisionList.everyones.filter(respondent=respondent).iterator(PAGE),
    )
    for row in rows:
        if fields := tuple(name for name in row.withdrawable if _field_holds(row, name, words)):
            yield WordPlace(row, fields)
    for record in Record.everyones.filter(respondent=respondent).exclude(note="").select_related("recommendation"):
        if holds([record.note], words):
            yield WordPlace(record, ("note",))
    for draft in Draft.everyones.filter(respondent=respondent).select_related("unit", "author").iterator(PAGE):
        if holds_words(draft, words):
            yield WordPlace(draft, ("fields",))
    proposals = Proposal.everyones.filter(respondent=respondent).select_related("unit", "author")
    for proposal in proposals.iterator(PAGE):
        if names := fields_with_words(proposal, words):
            yield WordPlace(proposal, names)
    for held in HeldUpload.everyones.filter(respondent=respondent, is_stored=True).select_related("owner"):
        if holds([held.name], words) or (held.file and _is_text(held) and _text_holds(held, words)):
            yield WordPlace(held, ("name",))
    for upload in WorkbookUpload.everyones.filter(respondent=respondent).select_related("owner"):
        if workbook_holds(upload, words):
            yield WordPlace(upload, ("rows",))


def _field_holds(row: Model, name: str, words: str) -> bool:
    value = getattr(row, name)
    return holds([value], words) or (name == "url" and holds([unquote_plus(value)], words))


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


def _find_files(respondent: Respondent, words: str) -> Iterator[EvidenceFile]:
    names = EvidenceVersion.everyones.filter(evidence__respondent=respondent).values_list("file", "file_name")
    named_files = {file for file, name in names if holds([name], words)}
    for file in EvidenceFile.everyones.filter(respondent=respondent, withdrawal__isnull=True):
        if file.pk in named_files or (_is_text(file) and _text_holds(file, words)):
            yield file


def _destroy_held(respondent: Respondent, places: Iterable[WordPlace], files: Iterable[EvidenceFile]) -> list[str]:
    """Delete held uploads that hold the words, copies of the files, and what is being stored, which was not searched.

    Return the names of their bytes.
    """
    found = {place.row for place in places if isinstance(place.row, HeldUpload)}
    others = Q(sha256__in=[file.sha256 for file in files]) | Q(is_stored=False)
    return destroy_held_uploads(found | set(HeldUpload.everyones.filter(others, respondent=respondent)))


def _is_text(file: EvidenceFile | HeldUpload) -> bool:
    return file.content_type in TEXT_TYPES.values()


def _text_holds(file: EvidenceFile | HeldUpload, words: str) -> bool:
    try:
        return any(holds(_read_text(file, encoding), words) for encoding in ENCODINGS)
    except FileNotFoundError:
        logger.exception("a file is missing in storage")
        return False
    except Exception as error:  # storage backends have no error class in common
        logger.exception("reading a file failed")
        raise ValidationError(TRY_LATER) from error


def _read_text(file: EvidenceFile | HeldUpload, encoding: str) -> Iterator[str]:
    with file.file.storage.open(str(file.file.name)) as stream:
        yield from codecs.iterdecode(stream.chunks(PIECE), encoding, errors="replace")

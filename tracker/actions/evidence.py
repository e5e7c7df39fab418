"""Add and change evidence: each change is a new version, and what a revision cites is never deleted."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommendations.models import EvidenceKind
from tracker.actions.event import record_event
from tracker.actions.evidence_text import keep_text_of
from tracker.actions.file_scan import lock_scans
from tracker.actions.held_upload import discard_held_upload, find_library_file, hold_upload
from tracker.actions.respondent import lock_respondent
from tracker.disclosure import why_file_is_closed, why_never_public
from tracker.documents.exchange.uploads import Upload
from tracker.models import Evidence, EvidenceFile, EvidenceVersion, HeldUpload, Respondent, User
from tracker.models.evidence import EvidenceReader
from tracker.permissions import can_add_evidence, can_change_evidence, check_permission

Form = EvidenceVersion.Form

NOTHING_GIVEN = _("Provide a file, a link or a citation, or several of these.")
NOT_HELD = _("The uploaded file was deleted after a day. Choose the file again.")
REFERENCE_NEEDED = _("Enter the reference of the other report, such as its symbol and paragraphs.")


class StaleEvidence(Exception):
    def __init__(self, current: EvidenceVersion):
        super().__init__(f"version {current.number} is newer")
        self.current = current


@dataclass(frozen=True)
class EvidenceDetails:
    """`upload` is held, or the result of `uploads.check_upload`.

    An item has an upload, a link, a citation, or several of them. A change without an upload leaves the current file,
    unless it `removes_file`.
    """

    title: str
    kind: str
    language: str
    document_date: date | None = None
    disclosure: str = EvidenceReader.STATE
    upload: HeldUpload | Upload | None = None
    url: str = ""
    citation: str = ""
    removes_file: bool = False

    def as_fields(self) -> dict:
        return {name: value for name, value in vars(self).items() if name not in ("upload", "removes_file")}


def add_evidence(*, respondent: Respondent, by: User, details: EvidenceDetails) -> EvidenceVersion:
    """Add an item to the library; the same item again (a double click) returns the existing one."""
    with _hold_first(respondent, details, by) as held:
        return _add(respondent, by, details, held)


@transaction.atomic
def _add(respondent: Respondent, by: User, details: EvidenceDetails, held: HeldUpload | None) -> EvidenceVersion:
    lock_respondent(respondent, by, can_add_evidence)  # one at a time in a library, which counts its numbers
    check_details(details, has_file=held is not None)
    version = EvidenceVersion(
        evidence=Evidence(respondent=respondent, number=_next_number(respondent)),
        **_content(details, _find_file(respondent, held, by), held.name if held else ""),
    )
    if existing := _find_same(respondent, version, by):
        return existing
    _save_file(version.file, held)
    version.evidence.save(force_insert=True)
    return _append_version(version, None, by)


def change_evidence(*, evidence: Evidence, base: str, by: User, details: EvidenceDetails) -> EvidenceVersion | None:
    """Save a change as the item's next version; return None when nothing differs.

    `base` is that of the version from which the change began: StaleEvidence where it is not current.
    """
    with _hold_first(evidence.respondent, details, by) as held:
        return _change(evidence, base, by, details, held)


@transaction.atomic
def _change(
    evidence: Evidence, base: str, by: User, details: EvidenceDetails, held: HeldUpload | None
) -> EvidenceVersion | None:
    respondent = evidence.respondent
    lock_respondent(respondent, by)
    check_permission(can_change_evidence(by, evidence))
    current = EvidenceVersion.everyones.select_related("file").get(evidence=evidence, evidence__current=F("pk"))
    if held:
        file, name = _find_file(respondent, held, by), held.name
    elif details.removes_file:
        file, name = None, ""
    else:
        file, name = current.file, current.file_name
    check_details(details, has_file=file is not None)
    content = _content(details, file, name)
    if all(getattr(current, name) == value for name, value in content.items()):
        return None
    if base != current.base:
        raise StaleEvidence(current)
    _save_file(content["file"], held)
    return _append_version(EvidenceVersion(evidence=evidence, **content), current, by)


@contextmanager
def _hold_first(respondent: Respondent, details: EvidenceDetails, by: User) -> Iterator[HeldUpload | None]:
    """Store an upload before the respondent is locked: nobody waits for the storage. What is not saved is deleted."""
    if not isinstance(details.upload, Upload):
        yield details.upload
        return
    held = hold_upload(respondent=respondent, upload=details.upload, by=by)
    try:
        yield held
    finally:
        discard_held_upload(held=held, by=by)


def check_details(details: EvidenceDetails, has_file: bool) -> None:
    if not (has_file or details.url or details.citation):
        raise ValidationError({"upload": NOTHING_GIVEN})
    if details.kind == EvidenceKind.REPORTED and not details.citation.strip():
        raise ValidationError({"citation": REFERENCE_NEEDED})
    if not details.title.strip():
        raise ValidationError({"title": _("Enter the title.")})
    fields = details.as_fields()
    others = {field.name for field in EvidenceVersion._meta.fields} - fields.keys()
    EvidenceVersion(**fields).clean_fields(exclude=others)


def _find_file(respondent: Respondent, held: HeldUpload | None, by: User) -> EvidenceFile | None:
    """Return the existing row of these bytes, which are stored once, or a new one."""
    if held is None:
        return None
    if existing := find_library_file(respondent, held):
        return existing
    _check_is_held(respondent, held, by)
    return EvidenceFile(respondent=respondent, size=held.size, sha256=held.sha256, content_type=held.content_type)


def _save_file(file: EvidenceFile | None, held: HeldUpload | None) -> None:
    """Give the bytes of a held upload to the library, unless it has them."""
    if file is None or file.pk or held is None:
        return
    file.file = held.file.name
    file.save(force_insert=True)
    transaction.on_commit(partial(keep_text_of.enqueue, file.pk), robust=True)
    HeldUpload.everyones.filter(pk=held.pk).update(file="")


def _check_is_held(respondent: Respondent, upload: HeldUpload, by: User) -> None:
    held = HeldUpload.everyones.select_for_update(of=("self",)).filter(
        pk=upload.pk, respondent=respondent, owner=by, is_stored=True, expires_at__gt=timezone.now()
    )
    if held.exclude(file="").first() is None:
        raise ValidationError({"upload": NOT_HELD})


def _next_number(respondent: Respondent) -> int:
    return (Evidence.everyones.filter(respondent=respondent).aggregate(Max("number"))["number__max"] or 0) + 1


def _content(details: EvidenceDetails, file: EvidenceFile | None, file_name: str) -> dict:
    form = Form.FILE if file else Form.LINK if details.url else Form.CITATION
    return {**details.as_fields(), "form": form, "file": file, "file_name": file_name}


def _find_same(respondent: Respondent, version: EvidenceVersion, by: User) -> EvidenceVersion | None:
    if version.file and not version.file.pk:
        return None
    visible = EvidenceVersion.objects.visible_to(by)
    return visible.filter(
        evidence__respondent=respondent, evidence__current=F("pk"), file=version.file, **version.digested_fields()
    ).first()


def make_next_version(version: EvidenceVersion, previous: EvidenceVersion | None, *, by: User, at: datetime) -> None:
    """Set what makes it the next version, or an item's first. Saves nothing."""
    version.number = previous.number + 1 if previous else 1
    version.author = by
    version.created_at = at
    version.previous_digest = previous.digest if previous else ""
    version.set_digest()


def _append_version(version: EvidenceVersion, previous: EvidenceVersion | None, by: User) -> EvidenceVersion:
    _check_file(version, previous)
    make_next_version(version, previous, by=by, at=timezone.now())
    version.evidence, version.file = version.evidence, version.file  # so that their keys are set
    version.save(force_insert=True)
    evidence = version.evidence
    evidence.current = version
    record_event(
        action="evidence changed" if previous else "evidence added",
        target=f"evidence {evidence}",
        by=by,
        respondent=evidence.respondent,
        before=reference(previous),
        after=reference(version),
        rows=lock_scans(version.file.sha256) if version.file else (),
        fields=(),
    )
    return version


def _check_file(version: EvidenceVersion, previous: EvidenceVersion | None) -> None:
    """Refuse malware in a new file, and a public file that may never be public."""
    if version.file is None:
        return
    is_new = previous is None or previous.file_id != version.file.pk
    if is_new and (reason := why_file_is_closed(version.file.sha256, is_own=True)):
        raise ValidationError({"upload": reason})
    if version.disclosure == EvidenceReader.PUBLIC and (reasons := why_never_public(version.file.sha256)):
        raise ValidationError({"disclosure": reasons})


def reference(version: EvidenceVersion | None) -> str:
    return f"version {version.number} {version.digest}" if version else ""

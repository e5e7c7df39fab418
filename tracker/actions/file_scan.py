"""Have files scanned for malware: at once where they are uploaded, and by a job those that wait."""

import hashlib
import logging
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommendations.links import FileLink
from tracker.actions.event import record_event
from tracker.audit.rows import name_of
from tracker.documents.exchange.clamav import NotScannedError, find_malware, responds
from tracker.documents.exchange.uploads import Upload
from tracker.models import AccessChange, EventRow, EvidenceFile, FileScan, HeldUpload, Membership, Respondent

logger = logging.getLogger(__name__)

UPLOAD_SECONDS = 5  # that a user waits
JOB_SECONDS = 120
RESPONSE_SECONDS = 10
PIECE = 256 * 1024
NAME_LIMIT = 150

MALWARE_IN_UPLOAD = _(
    # Translators: found: name of the malware, in the words of ClamAV.
    "Malware was found in this file: %(found)s. The file was not stored. Ask your IT service to check your computer."
)


def scan_upload(upload: Upload) -> Upload:
    """Return the upload with the time of its scan; without it where ClamAV is not used or does not respond in time.

    Raise ValidationError for malware. Nothing is locked: nobody else waits for ClamAV.
    """
    known = FileScan.objects.filter(sha256=upload.sha256).exclude(found="").first()
    found = known.found if known else ""
    scanned_at = None
    if settings.CLAMAV_SOCKET:
        try:
            found, scanned_at = find_malware(upload.file.chunks(PIECE), UPLOAD_SECONDS), timezone.now()
        except NotScannedError:
            logger.exception("an uploaded file was not scanned: it waits for scan_files")
        finally:
            upload.file.seek(0)
    if found:
        logger.warning("malware was found in an uploaded file")
        if not known and FileScan.objects.filter(sha256=upload.sha256).exists():
            _save_result(upload.sha256, found)  # the same bytes were stored when nothing was found in them
        raise ValidationError(MALWARE_IN_UPLOAD, params={"found": found})
    return replace(upload, scanned_at=scanned_at)


def note_content(upload: Upload) -> None:
    """Save what is known of bytes that are about to be stored: also what they link to under another name."""
    known = {"links": _together(upload.links), "scanned_at": upload.scanned_at}
    scan, is_new = FileScan.objects.get_or_create(sha256=upload.sha256, defaults=known)
    links = _together(upload.links.union(scan.links.split()))
    if not is_new and not EventRow.everyones.filter(name=name_of(scan)).exists():
        known["links"] = links
        FileScan.objects.filter(pk=scan.pk).update(**known)  # no event names it: anybody may have written it
        return
    if links != scan.links:
        _change(scan, "links found", links, links=links)
    if upload.scanned_at and not scan.scanned_at:
        _save_result(upload.sha256, "")


def _together(links: Iterable[str]) -> str:
    return " ".join(sorted(links))


def lock_scans(sha256: str) -> list[FileScan]:
    """Return what is known of bytes, for the event of the action that stores them: from then on every change has one.

    Lock it before the head of a chain.
    """
    return list(FileScan.objects.select_for_update().filter(sha256=sha256))


def scan_stored_files(*, again: bool = False) -> Counter[str]:
    """Scan the files that wait, or `again` all of them; count those `scanned`, `infected` and `waiting`.

    Stop where ClamAV does not respond.
    """
    counts = Counter[str]()
    done = set() if again else set(FileScan.objects.exclude(scanned_at=None).values_list("sha256", flat=True))
    for sha256, name in _stored_files():
        if sha256 in done:
            continue
        try:
            found = _scan(name, sha256)
        except Exception:  # the kinds of storage have no error in common
            logger.exception("a stored file was not scanned")
            counts["waiting"] += 1
            if not responds(RESPONSE_SECONDS):
                break
        else:
            _save_result(sha256, found)
            counts["scanned"] += 1
            counts["infected"] += bool(found)
            done.add(sha256)
    return counts


def _stored_files() -> list[tuple[str, str]]:
    """Return the digest and the name in storage of everything that was uploaded and can be opened."""
    held = HeldUpload.everyones.filter(is_stored=True)
    places: list[tuple[str, str]] = []
    for files in (EvidenceFile.everyones, held):
        places += files.exclude(file="").values_list("sha256", "file")
    for model in (Membership, AccessChange):
        places += model._default_manager.exclude(document="").values_list("document_sha256", "document")
    return places


def _scan(name: str, sha256: str) -> str:
    """Return what is found in a stored file. Raise NotScannedError where its bytes are not those of the digest."""
    digest = hashlib.sha256()

    def pieces() -> Iterator[bytes]:
        for piece in stored.chunks(PIECE):
            digest.update(piece)
            yield piece

    with default_storage.open(name) as stored:
        found = find_malware(pieces(), JOB_SECONDS)
    if digest.hexdigest() != sha256:
        raise NotScannedError("the bytes are not those that were stored")
    return found


@transaction.atomic
def _save_result(sha256: str, found: str) -> None:
    """Save a result that is new.

    Of a file without a row nothing is known: it is treated as a file with links.
    """
    unknown = {"links": FileLink.OTHER}
    scan, _is_row_new = FileScan.objects.select_for_update().get_or_create(sha256=sha256, defaults=unknown)
    found = found[:NAME_LIMIT]
    if scan.scanned_at and scan.found == found:
        return
    if found:
        logger.error("malware was found in a stored file")
    action = "malware found" if found else "no malware found"
    _change(scan, action, found, scanned_at=timezone.now(), found=found)


@transaction.atomic
def _change(scan: FileScan, action: str, after: str, **changed: object) -> None:
    """Change what is known of a file, with an event in the chain of each owner."""
    FileScan.objects.filter(pk=scan.pk).update(**changed)
    for owner in _owners(scan.sha256):
        record_event(
            action=action,
            target=f"file {scan.sha256}",
            by=None,
            respondent=owner,
            after=after,
            rows=[scan],
            fields=changed,
        )


def _owners(sha256: str) -> Iterator[Respondent | None]:
    """Yield the respondents that have the file in their library, by code, and None where it is of a person."""
    yield from Respondent.objects.filter(files__sha256=sha256).order_by("code")
    if any(model._default_manager.filter(document_sha256=sha256).exists() for model in (Membership, AccessChange)):
        yield None

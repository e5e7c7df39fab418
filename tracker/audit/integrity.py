"""Check that everything saved is unchanged: the audit trail, the rows it names, and the bytes of stored files."""

import hashlib
from collections.abc import Iterator
from itertools import chain

from django.db.models.fields.files import FieldFile

from tracker.audit import verification
from tracker.models import AccessChange, EvidenceFile, Membership, ReleaseFile

AT_A_TIME = 1000


def find_errors() -> Iterator[str]:
    return chain(verification.find_errors(), _file_errors(), _membership_errors())


def _file_errors() -> Iterator[str]:
    for file in EvidenceFile.everyones.exclude(file="").select_related("respondent").iterator(AT_A_TIME):
        if not _holds(file.file, file.sha256):
            yield f"{file.respondent.code}, file {file.file.name}: missing or altered"
    for released in ReleaseFile.objects.select_related("release__round").iterator(AT_A_TIME):
        if not _holds(released.file, released.sha256):
            yield f"release {released.release.reference}, file {released.file.name}: missing or altered"


def _membership_errors() -> Iterator[str]:
    for noun, model in (("membership", Membership), ("access", AccessChange)):
        for row in model._default_manager.exclude(document="").iterator(AT_A_TIME):
            if not _holds(row.document, row.document_sha256):
                yield f"{noun} {row.pk}, file {row.document.name}: missing or altered"


def _holds(file: FieldFile, sha256: str) -> bool:
    try:
        with file.open("rb") as stored:
            return hashlib.file_digest(stored, "sha256").hexdigest() == sha256
    except Exception:  # the kinds of storage have no error in common
        return False

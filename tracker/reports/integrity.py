"""Whether all that was saved still is what was saved: the trail and all that it names, and the bytes of kept files."""

import hashlib
from collections.abc import Iterator
from itertools import chain

from tracker.models import EvidenceFile
from tracker.reports import audit

AT_A_TIME = 1000


def faults() -> Iterator[str]:
    return chain(audit.faults(), _faults_of_files())


def _faults_of_files() -> Iterator[str]:
    for file in EvidenceFile.everyones.exclude(file="").select_related("respondent").iterator(AT_A_TIME):
        if not _bytes_hold(file):
            yield f"{file.respondent.code}, file {file.file.name}: missing or altered"


def _bytes_hold(file: EvidenceFile) -> bool:
    try:
        with file.file.open("rb") as stored:
            return hashlib.file_digest(stored, "sha256").hexdigest() == file.sha256
    except Exception:  # the kinds of storage have no error in common
        return False

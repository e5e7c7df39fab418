"""Keep files that cost seconds and are made from what is sealed: each PDF of it, and the paper, is made once.

The name of a kept file is a digest of all that the file shows and that can change. It begins with a mark that changes
with the key and the code of the site, the catalogue, and each removal of identifying information. A removal deletes the
files too.
"""

import hashlib
import json
import logging
from datetime import timedelta
from functools import cache, partial
from hmac import compare_digest
from importlib.metadata import distributions
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Count, Max
from django.utils import timezone
from django.utils.crypto import get_random_string, salted_hmac
from django.utils.translation import get_language

from recommendations.child import OUTPUT
from recommendations.groups import group_pairs
from recommendations.models import read_stamp
from tracker.actions.stored_file import delete_file, is_stored_before
from tracker.audit.integrity import list_names_in
from tracker.models import Respondent, Withdrawal

logger = logging.getLogger(__name__)

FOLDER, OF_SEVERAL = "kept", "several"  # no code of a respondent has small letters
LIFETIME = timedelta(days=30)
MOST = 100  # files of a respondent: what users type for a cover makes another file
MARK = 16  # hexadecimal digits
SEAL = hashlib.sha256().digest_size  # bytes at the head of a file
CODE = ("tracker", "recommendations", "locale")


class KeptFile(NamedTuple):
    shelf: "Shelf"
    name: str

    def read(self) -> bytes | None:
        """Return the bytes if they are those that were saved, otherwise None."""
        try:
            with default_storage.open(self.name) as stored:
                content = stored.read() if stored.size <= SEAL + OUTPUT else b""
        except FileNotFoundError:
            return None
        except Exception:  # storage backends have no error class in common
            logger.exception("reading a kept file failed")
            return None
        if compare_digest(content[:SEAL], _seal(self.name, content[SEAL:])):
            return content[SEAL:]
        logger.critical("kept file %s: altered", self.name)
        delete_file(self.name)
        return None

    def save(self, content: bytes) -> None:
        """Save the bytes, unless something was removed since the shelf was found: the bytes may have it."""
        try:
            if len(list(list_names_in(self.shelf.folder))) >= MOST:
                return
            name = default_storage.save(self.name, ContentFile(_seal(self.name, content) + content))
        except Exception:  # storage backends have no error class in common
            logger.exception("storing a kept file failed")
            return
        if name != self.name or _read_removals(self.shelf.respondent) != self.shelf.removals:
            delete_file(name)


class Shelf(NamedTuple):
    """Hold the files of a respondent, or those with words of several (None)."""

    respondent: Respondent | None
    mark: str
    removals: dict[str, object]

    @property
    def folder(self) -> str:
        return f"{FOLDER}/{self.respondent.code if self.respondent else OF_SEVERAL}"

    def file(self, extension: str, *shown: object) -> KeptFile:
        """Return the file that shows these plain values, in the language of the reader."""
        return KeptFile(self, f"{self.folder}/{self.mark}-{_digest(get_language(), *shown)}.{extension}")


def find_shelf(respondent: Respondent | None = None) -> Shelf:
    """Return the shelf of now. Find it before you read what the file shows: a removal may come between."""
    removals = _read_removals(respondent)
    stamp = read_stamp()
    of_catalogue = get_random_string(MARK) if stamp is None else stamp  # while migrations run, nothing is kept
    return Shelf(respondent, _digest(_code_digest(), of_catalogue, removals)[:MARK], removals)


def delete_kept_files(respondent: Respondent) -> None:
    """Delete the files of a respondent after the commit. What the storage does not delete, the daily job does."""
    for folder in (f"{FOLDER}/{respondent.code}", f"{FOLDER}/{OF_SEVERAL}"):
        transaction.on_commit(partial(_delete_all, folder), robust=True)


def tidy_kept_files() -> int:
    """Delete files with an old mark and those made `LIFETIME` ago. Return how many stay."""
    before = timezone.now() - LIFETIME
    respondents = {respondent.code: respondent for respondent in Respondent.objects.all()}
    left = 0
    folders = group_pairs((name.split("/")[1], name) for name in list_names_in(FOLDER))
    for folder, names in folders.items():
        shelf = find_shelf(respondents.get(folder))
        current = f"{shelf.folder}/{shelf.mark}-"
        old = [name for name in names if not name.startswith(current) or is_stored_before(name, before)]
        left += sum(not delete_file(name) for name in old)
    return left


def _read_removals(respondent: Respondent | None) -> dict[str, object]:
    """Return values that change with each removal of identifying information."""
    removals = Withdrawal.everyones.filter(respondent=respondent) if respondent else Withdrawal.everyones.all()
    return removals.aggregate(Max("requested_at"), Max("decided_at"), Count("hidden_texts"), Max("hidden_texts"))


def _delete_all(folder: str) -> None:
    for name in list_names_in(folder):
        delete_file(name)


def _seal(name: str, content: bytes) -> bytes:
    return salted_hmac("kept file", name.encode() + content, algorithm="sha256").digest()


def _digest(*values: object) -> str:
    """Digest with the key of the site: another key gives other names, so that no file seems altered."""
    return salted_hmac("kept file", json.dumps(values, sort_keys=True, default=str), algorithm="sha256").hexdigest()


@cache
def _code_digest() -> str:
    """Cover the code of the site and the versions of its packages."""
    digest = hashlib.sha256()
    for folder in CODE:
        for path in sorted((Path(settings.BASE_DIR) / folder).rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                digest.update(path.read_bytes())
    for package in sorted(f"{found.name} {found.version}" for found in distributions()):
        digest.update(package.encode())
    return digest.hexdigest()

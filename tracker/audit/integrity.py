"""Check that everything saved is unchanged: the audit trail, the rows it names, and the bytes of stored files."""

import hashlib
import logging
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import chain
from typing import IO, Any, NamedTuple

from django.conf import settings
from django.core.files.storage import default_storage
from django.db.models import F, Model, QuerySet

from tracker.audit import verification
from tracker.models import (
    AccessChange,
    Evidence,
    EvidenceFile,
    Export,
    HeldUpload,
    HiddenText,
    Membership,
    ReleaseFile,
    Respondent,
    Withdrawal,
)
from tracker.models.event import SITE

logger = logging.getLogger(__name__)

AT_A_TIME = 1000
PIECE = 64 * 1024  # bytes
FOLDERS = ("appointments", "evidence", "exports", "releases")  # of the storage; whatever else is in it is not ours


class StoredFileKind(NamedTuple):
    """Rows with a stored file: what an event says of it, and the columns of its name and digest."""

    rows: QuerySet
    describe: Callable[[Any], str]
    file: str = "file"
    sha256: str = "sha256"


def _describe_evidence(row: EvidenceFile) -> str:
    return str(Evidence.everyones.filter(versions__file=row).order_by("number").first())


def _documents_of(appointed: QuerySet) -> StoredFileKind:
    rows = appointed.select_related("respondent")
    return StoredFileKind(rows, lambda row: f"person {row.user_id}", "document", "document_sha256")


FILE_KINDS: dict[type[Model], StoredFileKind] = {
    ReleaseFile: StoredFileKind(ReleaseFile.objects.select_related("release__round"), lambda row: str(row.release)),
    EvidenceFile: StoredFileKind(EvidenceFile.everyones.select_related("respondent"), _describe_evidence),
    Membership: _documents_of(Membership.objects.all()),
    AccessChange: _documents_of(AccessChange.objects.all()),
    Export: StoredFileKind(Export.objects.all(), lambda row: f"person {row.owner_id}"),
}


class StoredFile(NamedTuple):
    """The file of a row. A removal that is not confirmed yet hides the name of an evidence file from its row."""

    row: Model
    name: str

    def __str__(self):
        return f"{self.chain}, {self.row._meta.object_name} {self.row.pk}, file {self.name}"

    @property
    def sha256(self) -> str:
        return getattr(self.row, FILE_KINDS[type(self.row)].sha256)

    @property
    def size(self) -> int:
        """Return the number of bytes, or the most that they can be."""
        return getattr(self.row, "size", settings.EVIDENCE_FILE_LIMIT)

    @property
    def respondent(self) -> Respondent | None:
        return getattr(self.row, "respondent", None)

    @property
    def chain(self) -> str:
        return self.respondent.code if self.respondent else SITE

    @property
    def description(self) -> str:
        """Name the row for events, without words."""
        return FILE_KINDS[type(self.row)].describe(self.row)


class FileDiffers(Exception):
    """A file is missing from storage, or its bytes have another digest."""

    def __init__(self, is_missing: bool = False):
        super().__init__("missing" if is_missing else "altered")
        self.is_missing = is_missing


def stored_file(row: Model) -> StoredFile:
    return StoredFile(row, str(getattr(row, FILE_KINDS[type(row)].file).name))


def stored_files(share: int = 0, of: int = 1) -> Iterator[StoredFile]:
    """Return all files that rows name, or one of `of` equal shares of them."""
    hidden = {text.row: text.value for text in _hidden_names()}
    for model, kind in FILE_KINDS.items():
        rows = kind.rows.alias(share=F("pk") % of).filter(share=share).order_by("pk")
        for row in rows.iterator(AT_A_TIME):
            found = stored_file(row)
            name = found.name or (hidden.get(row.pk, "") if model is EvidenceFile else "")
            if name:
                yield found._replace(name=name)


def is_named(found: StoredFile) -> bool:
    """Return whether a row still names the file, which may have been deleted since its row was read."""
    kind = FILE_KINDS[type(found.row)]
    named = kind.rows.filter(pk=found.row.pk, **{kind.file: found.name})
    return named.exists() or _hidden_names().filter(value=found.name).exists()


def open_checked(found: StoredFile) -> IO[bytes]:
    """Return a copy of the bytes, which are those that were saved; nothing can alter the copy.

    Raises FileDiffers, or the storage's own error when it does not respond.
    """
    copy = tempfile.SpooledTemporaryFile(PIECE)  # noqa: SIM115 - the caller closes it
    try:
        with closing(_open(found.name)) as stored:
            _copy(stored, copy, found)
        copy.seek(0)
    except BaseException:
        copy.close()
        raise
    return copy  # type: ignore[return-value]  # it has all methods of IO[bytes] since Python 3.11


def _open(name: str) -> IO[bytes]:
    try:
        return default_storage.open(name)  # type: ignore[return-value]
    except FileNotFoundError as error:
        raise FileDiffers(is_missing=True) from error


def _copy(stored: Any, copy: Any, found: StoredFile) -> None:
    """Copy no more than the bytes that were saved: what replaced them may fill the disk."""
    digest, left = hashlib.sha256(), found.size
    if stored.size > left:
        raise FileDiffers
    while piece := stored.read(PIECE):
        left -= len(piece)
        if left < 0:
            raise FileDiffers
        digest.update(piece)
        copy.write(piece)
    if digest.hexdigest() != found.sha256:
        raise FileDiffers


def find_errors() -> Iterator[str]:
    return chain(verification.find_errors(), _file_errors())


def _file_errors() -> Iterator[str]:
    for found in stored_files():
        try:
            open_checked(found).close()
        except FileDiffers as difference:
            if is_named(found):
                yield f"{found}: {difference}"
        except Exception:  # the kinds of storage have no error in common
            logger.exception("reading a file failed")
            yield f"{found}: cannot be read"


class FilesInStorage(NamedTuple):
    """The files that rows name, and the others. A file that is being uploaded is not one of the others for long."""

    known: set[str]
    unknown: set[str]


def list_files() -> FilesInStorage:
    found, known = set(chain.from_iterable(map(list_names_in, FOLDERS))), _known_names()
    return FilesInStorage(found & known, found - known)


def list_names_in(folder: str) -> Iterator[str]:
    """List the files in a folder of the storage and in its folders."""
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:  # nothing was ever stored there
        return
    yield from (f"{folder}/{name}" for name in files)
    for name in folders:
        yield from list_names_in(f"{folder}/{name}")


def _known_names() -> set[str]:
    """Read in one statement, since a removal moves a name from one table to another. The last place is read last."""
    first, *others = (kind.rows.order_by().values_list(kind.file) for kind in FILE_KINDS.values())
    held = HeldUpload.everyones.order_by().values_list("file")
    hidden = _hidden_names().order_by().values_list("value")
    known = {name for (name,) in first.union(*others, held, hidden, all=True).order_by()}
    for names in Withdrawal.everyones.values_list("undestroyed", flat=True):
        known.update(names)
    return known


def _hidden_names() -> QuerySet[HiddenText]:
    return HiddenText.everyones.filter(table=EvidenceFile._meta.db_table)

"""Hold uploaded files for a day, for their uploaders alone. They change no record, so there are no events."""

from collections.abc import Callable, Collection

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Sum
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommendations.error_messages import TRY_LATER
from tracker.actions.file_scan import note_content
from tracker.actions.respondent import lock_respondent
from tracker.actions.stored_file import delete_file, store_upload
from tracker.documents.exchange.uploads import Upload
from tracker.models import EvidenceFile, HeldUpload, Respondent, User
from tracker.models.evidence import generated_name
from tracker.permissions import can_add_evidence, check_permission

WAS_REMOVED = _(
    "This file was removed because it identifies a victim. It cannot be uploaded again. Choose another file."
)
NO_SPACE = _("There is not enough space for this file. Enter a link or a citation instead.")
# Translators: size, room: sizes, such as 12 MB.
LITTLE_SPACE = _("This file is %(size)s, but the space left is %(room)s. Enter a link or a citation instead.")


def hold_upload(
    *,
    respondent: Respondent,
    upload: Upload,
    by: User,
    is_allowed: Callable[[User, Respondent], bool] = can_add_evidence,
) -> HeldUpload:
    """Store an upload for its uploader until it expires. Raises ValidationError on `upload`.

    The row is saved before the bytes, so that an interruption leaves no bytes without a row.
    """
    held = _add_row(respondent, upload, by, is_allowed)
    if held.is_stored:
        note_content(upload)
        return held
    rows = HeldUpload.everyones.filter(pk=held.pk)
    try:
        held.file.name = store_upload(str(held.file.name), upload)
    except BaseException:
        rows.delete()
        raise
    if not rows.update(file=held.file.name, is_stored=True):
        delete_file(held.file.name)
        raise ValidationError({"upload": TRY_LATER})  # a removal destroyed it while it was stored
    held.is_stored = True
    return held


def discard_held_upload(*, held: HeldUpload, by: User) -> bool:
    check_permission(held.owner_id == by.pk)
    return _discard(held.pk)


def tidy_held_uploads() -> int:
    """Return of how many expired uploads the bytes cannot be deleted."""
    expired = HeldUpload.everyones.filter(expires_at__lte=timezone.now())
    return sum(not _discard(pk) for pk in expired.values_list("pk", flat=True))


@transaction.atomic
def destroy_held_uploads(uploads: Collection[HeldUpload]) -> list[str]:
    """Delete the rows; return the names of the bytes, which the caller destroys after the commit."""
    HeldUpload.everyones.filter(pk__in=[held.pk for held in uploads]).delete()
    return [str(held.file.name) for held in uploads if held.file]


@transaction.atomic
def _add_row(
    respondent: Respondent, upload: Upload, by: User, is_allowed: Callable[[User, Respondent], bool]
) -> HeldUpload:
    lock_respondent(respondent, by, is_allowed)  # one at a time in a library, which counts its bytes
    held = HeldUpload(
        respondent=respondent,
        owner=by,
        name=upload.name,
        size=upload.size,
        sha256=upload.sha256,
        content_type=upload.content_type,
    )
    if find_library_file(respondent, upload):
        held.is_stored = True
    else:
        check_size(respondent, upload, by)
        held.file.name = generated_name(held, upload.name)
    held.save(force_insert=True)
    return held


def _discard(pk: int) -> bool:
    """Delete the row, then its bytes, so that no lock waits for the storage. Bytes that stay are deleted next day."""
    with transaction.atomic():
        held = HeldUpload.everyones.select_for_update(of=("self",)).filter(pk=pk).first()
        HeldUpload.everyones.filter(pk=pk).delete()
    return held is None or not held.file.name or delete_file(held.file.name)


def find_library_file(respondent: Respondent, upload: HeldUpload | Upload) -> EvidenceFile | None:
    """Return the row of these bytes, if they are in the library. Raises ValidationError where they were destroyed."""
    existing = EvidenceFile.everyones.filter(respondent=respondent, sha256=upload.sha256).first()
    if existing and existing.withdrawal_id:
        raise ValidationError({"upload": WAS_REMOVED})
    return existing


def check_size(respondent: Respondent, upload: Upload, by: User) -> None:
    """Refuse an upload for which there is no room. Only readers of the whole desk see how much room there is."""
    room = settings.EVIDENCE_QUOTA - stored_size(respondent)
    if upload.size <= room:
        return
    if respondent.pk not in by.whole_desks:
        raise ValidationError({"upload": NO_SPACE})
    sizes = {"room": filesizeformat(max(0, room)), "size": filesizeformat(upload.size)}
    raise ValidationError({"upload": ValidationError(LITTLE_SPACE, params=sizes)})


def stored_size(respondent: Respondent) -> int:
    """Return the bytes that the respondent's files and held uploads take."""
    files = EvidenceFile.everyones.filter(respondent=respondent, withdrawal__isnull=True)
    held = HeldUpload.everyones.filter(respondent=respondent).exclude(file="")
    return sum(rows.aggregate(Sum("size"))["size__sum"] or 0 for rows in (files, held))

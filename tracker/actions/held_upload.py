"""Hold uploaded files for a day, for their uploaders alone. They change no record, so there are no events."""

from collections.abc import Collection

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from recommendations.error_messages import TRY_LATER
from tracker.actions.evidence import check_size, delete_file, find_library_file, store_upload
from tracker.actions.respondent import lock_respondent
from tracker.documents.exchange.uploads import Upload
from tracker.models import HeldUpload, Respondent, User
from tracker.models.evidence import generated_name
from tracker.permissions import can_add_evidence


def hold_upload(*, respondent: Respondent, upload: Upload, by: User) -> HeldUpload:
    """Store an upload for its uploader until it expires. Raises ValidationError on `upload`.

    The row is saved before the bytes, so that an interruption leaves no bytes without a row.
    """
    held = _add_row(respondent, upload, by)
    if held.is_stored:
        return held
    name = str(held.file.name)
    try:
        held.file.name = store_upload(name, upload)
        if not HeldUpload.everyones.filter(pk=held.pk).update(file=held.file.name, is_stored=True):
            raise ValidationError({"upload": TRY_LATER})  # it was destroyed while it was stored
    except BaseException:
        if delete_file(name):
            HeldUpload.everyones.filter(pk=held.pk).delete()
        raise
    held.is_stored = True
    return held


def discard_held_upload(*, held: HeldUpload, by: User) -> bool:
    if held.owner_id != by.pk:
        raise PermissionDenied
    return _discard(held.pk)


def tidy_held_uploads() -> int:
    """Return how many expired uploads cannot be deleted; they stay."""
    expired = HeldUpload.everyones.filter(expires_at__lte=timezone.now())
    return sum(not _discard(pk) for pk in expired.values_list("pk", flat=True))


@transaction.atomic
def destroy_held_uploads(uploads: Collection[HeldUpload]) -> list[str]:
    """Delete the rows; return the names of the bytes, which the caller destroys after the commit."""
    HeldUpload.everyones.filter(pk__in=[held.pk for held in uploads]).delete()
    return [str(held.file.name) for held in uploads if held.file]


@transaction.atomic
def _add_row(respondent: Respondent, upload: Upload, by: User) -> HeldUpload:
    lock_respondent(respondent, by)  # one at a time in a library, which counts its bytes
    if not can_add_evidence(by, respondent):
        raise PermissionDenied
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


@transaction.atomic
def _discard(pk: int) -> bool:
    """Delete the bytes first: a row without bytes is found again, bytes without a row are not."""
    held = HeldUpload.everyones.select_for_update(of=("self",)).filter(pk=pk).first()
    if held and held.file.name and not delete_file(held.file.name):
        return False
    HeldUpload.everyones.filter(pk=pk).delete()
    return True

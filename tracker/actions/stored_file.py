"""Store and delete files, and compare them day by day with what was saved."""

import logging
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from recommendations.error_messages import TRY_LATER
from tracker.actions.event import record_event
from tracker.actions.file_scan import note_content
from tracker.audit import origin
from tracker.audit.integrity import FileDiffers, StoredFile, is_named, list_files, open_checked, stored_files
from tracker.documents.exchange.uploads import Upload
from tracker.models import Event
from tracker.models.event import Action

logger = logging.getLogger(__name__)

DAYS = 30  # in which each file is read
ONE_DAY = timedelta(days=1)
FEW_UNKNOWN, MOST_UNKNOWN = 10, 100  # files: interrupted uploads leave fewer


def store_upload(name: str, upload: Upload) -> str:
    """Return the name in storage. Raises ValidationError on `upload`."""
    note_content(upload)
    try:
        return default_storage.save(name, upload.file)
    except Exception as error:  # storage backends have no error class in common
        logger.exception("storing a file failed")
        raise ValidationError({"upload": TRY_LATER}) from error


def delete_file(name: str) -> bool:
    try:
        default_storage.delete(name)
    except Exception:  # storage backends have no error class in common
        logger.exception("destroying a file failed")
        return False
    return True


@transaction.atomic
def record_difference(found: StoredFile, difference: FileDiffers) -> bool:
    """Record once a day that a file is missing or altered, unless it was deleted since. Its readers are not named."""
    if not is_named(found):
        return False
    logger.critical("%s: %s", found, difference)
    action = Action.FILE_MISSING if difference.is_missing else Action.FILE_ALTERED
    after = f"{found.description} {found.sha256}"
    lately = Event.everyones.filter(chain=found.chain, at__gt=timezone.now() - ONE_DAY)
    if lately.filter(action=action, after=after).exists():
        return True
    token = origin.address.set("")
    try:
        record_event(action=action, target="file", by=None, respondent=found.respondent, after=after)
    finally:
        origin.address.reset(token)
    return True


def check_files(day: date) -> int:
    """Read the files of a day, each on one of `DAYS` days; return how many differ or cannot be read."""
    return sum(not _is_unchanged(found) for found in stored_files(day.toordinal() % DAYS, DAYS))


def _is_unchanged(found: StoredFile) -> bool:
    try:
        open_checked(found).close()
    except FileDiffers as difference:
        return not record_difference(found, difference)
    except Exception:  # storage backends have no error class in common
        logger.exception("reading a file failed")
        return False
    return True


def delete_unknown_files() -> int:
    """Delete files that no row has named for a day; return how many stay: all of them where they are too many.

    A few, or as many as rows name, are not too many.
    """
    before = timezone.now() - ONE_DAY
    known, unknown = list_files()
    old = [name for name in unknown if is_stored_before(name, before)]
    if len(old) > min(MOST_UNKNOWN, max(FEW_UNKNOWN, len(known))):
        logger.error("%s files have no row, so none is deleted: this may be the database of another site", len(old))
        return len(old)
    return sum(not delete_file(name) for name in old)


def is_stored_before(name: str, time: datetime) -> bool:
    try:
        return default_storage.get_modified_time(name) < time
    except Exception:  # storage backends have no error class in common
        logger.exception("reading the time of a file failed")  # it may have been deleted since
        return False

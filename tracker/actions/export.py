"""Request files that take long to make. They change no record, so there are no events."""

from functools import partial

from django.db import transaction
from django.utils import timezone

from tracker.actions.stored_file import delete_file
from tracker.actions.tasks import write_export
from tracker.documents.answers import can_use_export
from tracker.models import Export, Respondent, Submission, User
from tracker.models.export import LIFETIME, ExportStage
from tracker.permissions import check_permission


@transaction.atomic
def request_export(*, rounds: list[str], by: User) -> Export:
    """Have a file of the answers of rounds made, by their codes, or of all where there is none.

    The same file in progress is returned (a second click); one that failed is replaced.
    """
    export = Export(owner=by, rounds=rounds)
    check_permission(can_use_export(export))
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    for existing in Export.objects.filter(owner=by).exclude(state=ExportStage.DONE):
        if existing.rounds != rounds:
            continue
        if existing.is_in_progress:
            return existing
        existing.delete()
    export.save(force_insert=True)
    transaction.on_commit(lambda: write_export.enqueue(export.pk), robust=True)
    return export


def discard_export(*, export: Export, by: User) -> bool:
    check_permission(export.owner_id == by.pk)
    return _remove(export)


def tidy_export_files() -> int:
    """Return how many were deleted. Those that cannot be deleted stay."""
    return sum(_remove(export) for export in Export.objects.to_delete())


def delete_exports_of(respondent: Respondent) -> None:
    """Delete the files that hold answers of a respondent, and those in preparation; their owners request them again.

    They expire at once: where the storage does not delete the bytes, nobody can download them, and it is tried again.
    """
    keys = set(Submission.everyones.filter(respondent=respondent).values_list("pk", flat=True))
    found = [export for export in Export.objects.all() if not export.is_ready or keys.intersection(export.sources)]
    Export.objects.filter(pk__in=[export.pk for export in found]).update(created_at=timezone.now() - LIFETIME)
    for export in found:
        transaction.on_commit(partial(_remove, export))


def _remove(export: Export) -> bool:
    """Delete the bytes first: a row without bytes is found again, bytes without a row are not."""
    if export.file.name and not delete_file(export.file.name):
        return False
    Export.objects.filter(pk=export.pk).delete()
    return True

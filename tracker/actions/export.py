"""Asking for files that take long to make. They change no record: no events."""

from django.core.exceptions import PermissionDenied
from django.db import transaction

from tracker.actions.evidence import destroy_bytes
from tracker.actions.tasks import write_export
from tracker.documents.exports import KINDS
from tracker.models import Export, User
from tracker.models.export import ExportStage


@transaction.atomic
def request_export(*, kind: str, parameters: dict, by: User) -> Export:
    """Have a file made; the same that is under way (a second press) is that one, and what was not made is replaced.

    `parameters` are what JSON gives back: lists, no tuples, dates as text; whoever calls has checked them.
    Raises PermissionDenied.
    """
    export = Export(owner=by, kind=kind, parameters=parameters)
    if not KINDS[kind].may(export):
        raise PermissionDenied
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    for there in Export.objects.filter(owner=by, kind=kind).exclude(state=ExportStage.DONE):
        if there.parameters != parameters:
            continue
        if there.is_under_way:
            return there
        there.delete()
    export.save(force_insert=True)
    transaction.on_commit(lambda: write_export.enqueue(export.pk), robust=True)
    return export


def discard_export(*, export: Export, by: User) -> bool:
    """Delete one's own file, or give up what is under way; whether it is gone. Raises PermissionDenied."""
    if export.owner_id != by.pk:
        raise PermissionDenied
    return _remove(export)


def discard_expired_exports() -> int:
    """Delete the files that have been kept for long enough; return how many. Those that cannot be deleted stay."""
    return sum(_remove(export) for export in Export.objects.expired())


def _remove(export: Export) -> bool:
    """The bytes first: a row without them is found again, bytes without a row are not."""
    if export.file.name and not destroy_bytes(export.file.name):
        return False
    Export.objects.filter(pk=export.pk).delete()
    return True

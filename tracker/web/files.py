import logging
from typing import IO

from django.db.models import Model
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.functional import Promise

from tracker.actions.stored_file import record_difference
from tracker.audit.integrity import FileDiffers, open_checked, stored_file
from tracker.disclosure import why_file_is_closed, why_never_public
from tracker.models import EvidenceVersion
from tracker.web.request import Request

logger = logging.getLogger(__name__)


def open_stored(row: Model) -> IO[bytes] | None:
    """Return the bytes of a row's file if they are those that were saved, otherwise None: not one other byte is served.

    Every view that serves a stored file takes its bytes from here.
    """
    found = stored_file(row)
    try:
        return open_checked(found)
    except FileDiffers as difference:
        record_difference(found, difference)
    except Exception:  # the kinds of storage have no error in common
        logger.exception("opening a file failed")
    return None


def file_response(
    request: Request, version: EvidenceVersion, *, back: str, to: str, is_public: bool = False
) -> HttpResponseBase:
    """Return the bytes of a version, or a page that says why there are none, with a link back to `to`."""
    context = {"version": version, "back": back, "to": to}
    file = version.file
    if file is None:
        raise Http404
    if file.withdrawal_id:
        return render(request, "tracker/evidence/file_withdrawn.html", context, status=410)
    if is_public and why_never_public(file.sha256):
        raise Http404
    if reason := why_file_is_closed(file.sha256, is_own=_is_of_team(request, file.respondent_id)):
        return no_file(request, context, reason)
    stored = open_stored(file)
    if stored is None:
        return no_file(request, context)
    return file_download(stored, version.file_name or str(version.evidence), file.content_type)


def no_file(request: Request, context: dict, reason: str | Promise = "") -> HttpResponse:
    """Return a page in place of a file: why it is closed or, without a reason, that it is missing."""
    context |= {"reason": reason}
    return render(request, "tracker/evidence/file_missing.html", context, status=403 if reason else 404)


def _is_of_team(request: Request, respondent: int) -> bool:
    return request.user.is_authenticated and respondent in request.user.respondent_ids


def file_download(stored: IO[bytes], name: str, content_type: str) -> FileResponse:
    """Return a private file that no browser opens as a page of ours and no cache keeps."""
    return FileResponse(
        stored,
        as_attachment=True,
        filename=name,
        content_type=content_type,
        headers={"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"},
    )

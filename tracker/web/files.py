import logging
from typing import IO

from django.http import FileResponse, Http404, HttpResponseBase
from django.shortcuts import render

from tracker.models import EvidenceVersion, Respondent
from tracker.web.request import Request

logger = logging.getLogger(__name__)


def file_response(
    request: Request, version: EvidenceVersion, *, back: str, to: str, desk: Respondent | None = None
) -> HttpResponseBase:
    """Return the bytes of a version, or a page of the desk that says why there are none, with a link back to `to`."""
    context = {"version": version, "back": back, "to": to} | ({"desk": desk} if desk else {})
    file = version.file
    if file is None:
        raise Http404
    if file.withdrawal_id:
        return render(request, "tracker/evidence/file_withdrawn.html", context, status=410)
    try:
        stored = file.file.open("rb")
    except Exception:  # the kinds of storage have no error in common
        logger.exception("opening a file failed")
        return render(request, "tracker/evidence/file_missing.html", context, status=404)
    return file_download(stored, version.file_name or str(version.evidence), file.content_type)


def file_download(stored: IO[bytes], name: str, content_type: str) -> FileResponse:
    """Return a private file that no browser opens as a page of ours and no cache keeps."""
    return FileResponse(
        stored,
        as_attachment=True,
        filename=name,
        content_type=content_type,
        headers={"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"},
    )

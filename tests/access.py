"""Roles as two administrators give them: the first requests, the second confirms."""

import datetime

from django.core.files.uploadedfile import SimpleUploadedFile

from tracker.actions.access_change import confirm_access_change, request_role
from tracker.actions.stored_file import store_upload
from tracker.documents.exchange.uploads import check_upload
from tracker.models import AccessChange, Membership, Respondent, User
from tracker.models.user import Role

NEW_YEAR = datetime.date(2026, 1, 1)


def note_verbale() -> dict:
    return {
        "appointing_document": "NV 12/2026",
        "appointed_on": NEW_YEAR,
        "file": check_upload(SimpleUploadedFile("note.txt", b"Arandia appoints.")),
    }


def requested_role(user: User, role: str, respondent: Respondent | None = None, *, by: User, **typed) -> AccessChange:
    fields = {"since": NEW_YEAR, "until": None, "appointing_document": ""} | typed
    return request_role(user=user, role=role, respondent=respondent, by=by, **fields)


def given_role(user: User, role: str, respondent: Respondent | None = None, *, by: tuple[User, User], **typed):
    requester, confirmer = by
    change = requested_role(user, role, respondent, by=requester, **typed)
    return confirm_access_change(change=change, by=confirmer).membership


def appointed(user: User, respondent: Respondent, *, by: tuple[User, User], **typed) -> Membership:
    """As focal point, by a note verbale of which the file is stored."""
    whole = note_verbale() | {"until": datetime.date(2099, 12, 31)}
    return given_role(user, Role.FOCAL_POINT, respondent, by=by, **whole | typed)


def keep_note(person: User, content: bytes) -> str:
    """Store a file as the document that appointed a person; return its name in storage."""
    note = check_upload(SimpleUploadedFile("note.txt", content))
    name = store_upload("appointments/1", note)
    fields = {"document_name": note.name, "document_type": note.content_type, "document_sha256": note.sha256}
    person.memberships.update(document=name, **fields)
    return name

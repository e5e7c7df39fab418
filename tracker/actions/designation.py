"""Request roles for the people whom States designated, from one archive: a table and the notes verbales.

The archive is held for its uploader while it is previewed, and deleted when its requests are made.
"""

import datetime
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack
from itertools import chain
from typing import NamedTuple

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recommendations.archives import open_archive
from recommendations.error_messages import TRY_LATER
from recommendations.intake.table import CellProblem, list_cell_problems
from tracker.actions.access_change import (
    finish_requests,
    insert_request,
    missing_appointing_fields,
    store_document,
)
from tracker.actions.file_scan import scan_upload
from tracker.actions.held_upload import hold_upload
from tracker.actions.stored_file import delete_file
from tracker.actions.user import new_person
from tracker.documents.exchange.uploads import Upload, check_upload
from tracker.models import AccessChange, HeldUpload, Invitation, Membership, Respondent, User
from tracker.models.access_change import AccessChangeKind
from tracker.models.respondent import RespondentKind
from tracker.permissions import can_manage_people, check_permission

NO_LONGER_HELD = gettext_lazy("This upload is no longer available. Choose the file again.")
COLUMNS = {"user": "name", "appointing_document": "note_verbale", "appointed_on": "date", "until": "last_day"}


class Designation(NamedTuple):
    """A row of the table, as a held upload has it. `number` is its row; `note` names the file in the archive, with this
    `sha256` when it was checked.
    """

    number: int
    code: str
    name: str
    office: str
    email: str
    language: str
    role: str
    appointing_document: str
    appointed_on: str
    until: str
    note: str
    sha256: str

    @property
    def label(self) -> str:
        return f"{self.code} · {self.name}"


class ShownDesignation(NamedTuple):
    """A row as the preview shows it. `change` is not saved; `person` has the address already; `waits`: it is confirmed
    alone, and where a State can object after 72 hours.
    """

    row: Designation
    change: AccessChange
    person: User | None
    language: str
    waits: bool


class DesignationsRefused(ValidationError):
    """No row was requested; `problems` are those of all rows."""

    def __init__(self, problems: list[CellProblem]):
        self.problems = problems
        # Translators: number: of a row; label: State and person; problem: a sentence.
        text = _("Row %(number)d, %(label)s: %(problem)s")
        super().__init__([text % each._asdict() for each in problems])


def check_note(read: Callable[[], File]) -> Upload:
    """Check a file of the archive as any upload, and have it scanned."""
    return scan_upload(check_upload(read()))


def hold_designations(*, upload: Upload, rows: list[Designation], by: User) -> HeldUpload:
    """Hold an archive that was read, for its uploader to look at.

    Raises DesignationsRefused where a row cannot be requested.
    """
    check_permission(can_manage_people(by))
    respondents = _respondents(rows)
    with transaction.atomic():
        _insert(rows, [_change_of(row, respondents) for row in rows], by)
        transaction.set_rollback(True)  # it was a trial
    secretariat = Respondent.objects.get(kind=RespondentKind.SECRETARIAT)
    held = hold_upload(
        respondent=secretariat, upload=upload, by=by, is_allowed=lambda user, _of: can_manage_people(user)
    )
    held.rows = [row._asdict() for row in rows]
    HeldUpload.everyones.filter(pk=held.pk).update(rows=held.rows)
    return held


def rows_of(held: HeldUpload) -> list[Designation]:
    return [Designation(**row) for row in held.rows]


def describe_designations(held: HeldUpload) -> list[ShownDesignation]:
    rows = rows_of(held)
    people = {user.email: user for user in User.objects.filter(email__in=[row.email for row in rows])}
    known, languages = known_addresses([row.email for row in rows]), dict(settings.LANGUAGES)
    respondents = _respondents(rows)
    teams = set(
        Membership.objects.recent()
        .filter(respondent__in=respondents.values())
        .values_list("respondent__code", flat=True)
    )
    return [
        ShownDesignation(
            row=row,
            change=_change_of(row, respondents),
            person=people.get(row.email),
            language=languages.get(row.language, row.language),
            waits=row.email in known or row.code in teams,
        )
        for row in rows
    ]


def known_addresses(emails: Collection[str]) -> set[str]:
    """Return the addresses that the site knows: of people, of open invitations and of requests."""
    users = User.objects.filter(email__in=emails).values_list("email", flat=True)
    invited = Invitation.everyones.filter(email__in=emails, withdrawn_at=None, accepted_at=None)
    requested = AccessChange.objects.open().filter(email__in=emails)
    return {*users, *chain(*(found.values_list("email", flat=True) for found in (invited, requested)))}


def request_designations(*, held: HeldUpload, by: User) -> list[AccessChange]:
    """Request the role of each row, all or none, and delete the upload. Documents are stored before anything is locked.

    A row ends no role and replaces none. Raises DesignationsRefused.
    """
    check_permission(can_manage_people(by))
    rows = rows_of(held)
    respondents = _respondents(rows)
    with ExitStack() as stack:
        changes = []
        for row, note in zip(rows, _read_notes(held, rows), strict=True):
            change = _change_of(row, respondents)
            stack.enter_context(store_document(change, note))
            changes.append(change)
        _request(held, rows, changes, by)
    delete_file(str(held.file.name))
    return changes


def _read_notes(held: HeldUpload, rows: list[Designation]) -> Iterator[Upload]:
    """Yield the note verbale of each row with what was found in it. Raise ValidationError for any other bytes."""
    try:
        stored = default_storage.open(str(held.file.name))
    except OSError as error:
        raise ValidationError(NO_LONGER_HELD) from error
    with stored, open_archive(stored) as files:
        for row in rows:
            upload = check_note(files[row.note])
            if upload.sha256 != row.sha256:
                raise ValidationError(TRY_LATER)
            yield upload


@transaction.atomic
def _request(held: HeldUpload, rows: list[Designation], changes: list[AccessChange], by: User) -> None:
    if not HeldUpload.everyones.select_for_update(of=("self",)).filter(pk=held.pk, owner=by).exists():
        raise ValidationError(NO_LONGER_HELD)
    HeldUpload.everyones.filter(pk=held.pk).delete()
    by.read_memberships_again()
    check_permission(can_manage_people(by))
    _insert(rows, changes, by)
    finish_requests(changes, by, f"designations {held.key}")


def _insert(rows: list[Designation], changes: list[AccessChange], by: User) -> None:
    """Insert the requests, in one order for all, and the people who are new.

    Raises DesignationsRefused with all problems.
    """
    known, problems = known_addresses([row.email for row in rows]), []
    for row, change in sorted(zip(rows, changes, strict=True), key=lambda pair: pair[1].respondent_id or 0):
        try:
            with transaction.atomic():
                _insert_row(row, change, known, by)
        except ValidationError as error:
            found: dict[str, list] = error.update_error_dict({})
            errors = {_column_of(name): ValidationError(each).messages for name, each in found.items()}
            problems += list_cell_problems(row.number, row.label, errors)
    if problems:
        raise DesignationsRefused(sorted(problems))


def _column_of(field: str) -> str:
    return COLUMNS.get(field, field if field in Designation._fields else "")


def _insert_row(row: Designation, change: AccessChange, known: set[str], by: User) -> None:
    fields = {"role": change.role, "respondent": change.respondent, "until": change.until, "file": row.note}
    if missing := missing_appointing_fields(
        {**fields, "appointing_document": row.appointing_document, "appointed_on": change.appointed_on}
    ):
        raise ValidationError(missing)
    user = User.objects.filter(email=row.email).first()
    change.user = user or new_person(row.email, row.name, by, language=row.language)
    if row.email not in known:
        change.requested_at = change.user.joined_at
    insert_request(change, by)


def _respondents(rows: list[Designation]) -> dict[str, Respondent]:
    return {each.code: each for each in Respondent.objects.filter(code__in=[row.code for row in rows])}


def _change_of(row: Designation, respondents: dict[str, Respondent]) -> AccessChange:
    return AccessChange(
        kind=AccessChangeKind.ROLE,
        role=row.role,
        respondent=respondents[row.code],
        office=row.office,
        since=timezone.localdate(),
        until=_day(row.until),
        appointing_document=row.appointing_document,
        appointed_on=_day(row.appointed_on),
    )


def _day(text: str) -> datetime.date | None:
    return datetime.date.fromisoformat(text) if text else None

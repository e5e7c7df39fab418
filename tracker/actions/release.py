"""Make releases: dated sets of public figures, with their files."""

import hashlib

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext

from tracker.actions.event import record_event
from tracker.actions.stored_file import delete_file
from tracker.documents.public_figures import RELEASE_WRITERS
from tracker.figures.release import NOT_SHOWN, STATES, ReleaseDraft, draft_release
from tracker.formats.files import language_of_file
from tracker.models import Release, ReleaseFile, ReleaseStanding, Round, User
from tracker.permissions import can_manage_rounds, check_permission
from tracker.workflow import ROUND, NotAllowed, next_state


def release_problem(draft: ReleaseDraft) -> str:
    """Return why a release would show nothing; empty where there is no reason."""
    if any(row["figures"] == STATES and NOT_SHOWN not in row.values() for row in draft.release.figures):
        return ""
    return gettext("There are no figures to show: a figure needs six States that never published their answer.")


def make_release(*, round: Round, by: User) -> Release:
    """Freeze the figures of a closed round as they are now, and store their files. Nothing changes them later."""
    stored: list[str] = []
    try:
        with transaction.atomic():
            return _make_release(round, by, stored)
    except BaseException:
        for name in stored:
            delete_file(name)
        raise


def _make_release(round: Round, by: User, stored: list[str]) -> Release:
    check_permission(can_manage_rounds(by))
    round = Round.objects.select_for_update(of=("self",)).select_related("body").get(pk=round.pk)
    next_state(ROUND, "make release", round.stage)
    if Release.objects.filter(round=round).exists():
        raise ValidationError(gettext("This round already has a release. Correct an error in it by a note."))
    with language_of_file("json"):
        draft = draft_release(round)
    if problem := release_problem(draft):
        raise ValidationError(problem)
    return save_release(draft, by, stored)


def save_release(draft: ReleaseDraft, by: User, stored: list[str]) -> Release:
    """Save a release and its files, whose names in storage are added to `stored`. The caller has checked both."""
    release = draft.release
    release.made_by = by
    release.save(force_insert=True)
    for standing in draft.standings:
        standing.release = release
    ReleaseStanding.everyones.bulk_create(draft.standings)
    for kind, write in RELEASE_WRITERS.items():
        with language_of_file(kind):
            content = write(release).encode()
        file = ReleaseFile(release=release, kind=kind, size=len(content), sha256=hashlib.sha256(content).hexdigest())
        stored.append(default_storage.save(f"releases/{file.name}", ContentFile(content)))
        file.file = stored[-1]
        file.save(force_insert=True)
    release.refresh_from_db()
    digest = release.make_digest()
    record_event(action="release made", target=f"release {release}", by=by, after=digest)
    return release


@transaction.atomic
def note_on_release(*, round: Round, release_note: str, by: User) -> None:
    """Correct the public figures of a round in words, beside them. An empty note removes the note."""
    check_permission(can_manage_rounds(by))
    round = Round.objects.select_for_update().get(pk=round.pk)
    if not Release.objects.filter(round=round).exists():
        raise NotAllowed("a note is on a release")
    if round.release_note == release_note:
        return
    round.release_note = release_note
    round.save(update_fields=["release_note"])
    record_event(action="round changed", target=f"round {round.code}", by=by, rows=[round], fields=["release_note"])

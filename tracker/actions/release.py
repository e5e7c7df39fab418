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
from tracker.figures.release import ReleaseDraft, draft_release
from tracker.figures.suppression import FEWEST
from tracker.formats.files import language_of_file
from tracker.models import Release, ReleaseFile, ReleaseStanding, Round, User
from tracker.permissions import can_manage_rounds, check_permission
from tracker.workflow import ROUND, next_state


def release_problem(draft: ReleaseDraft) -> str:
    """Return why a release would show nothing, or less than it gives away; empty where there is no reason."""
    if draft.is_of_few:
        return gettext(
            "There are no figures to show: fewer than five States are covered, or fewer than five of them have not "
            "published their answers."
        )
    if draft.changed < FEWEST:
        return gettext("The last release applies: the submissions of fewer than five States have changed since.")
    return ""


def make_release(*, round: Round, by: User) -> Release:
    """Freeze the figures of a closed round as they are now, and store their files. Nothing changes a release."""
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
    record_event(action="release made", target=f"release {release.reference}", by=by, after=digest)
    return release

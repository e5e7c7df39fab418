"""A generated world of invented States, of any size, to measure and to try things on.

Rows are made by the functions of the actions, one State after another and each in the order of time, and are inserted
many at once. The same seed on the same day gives the same texts, users and times; salts and verification codes differ.
"""

from contextlib import suppress
from random import Random
from typing import cast

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.test.utils import override_settings
from django.utils import timezone

from recommendations.fixtures import load_catalogue
from tools.world.rows import update_row_counts
from tools.world.state import GeneratedState
from tools.world.world import DAY, World
from tracker.actions.courtesy_translation import save_translations
from tracker.actions.quotation import notify_of_quotations, save_quotation
from tracker.actions.release import make_release
from tracker.actions.stored_file import delete_file
from tracker.actions.submission import share_practices
from tracker.demo.people import NO_MAIL, PASSWORD
from tracker.demo.sentences import Writer
from tracker.models import Release, Revision, Round, SubmissionItem, User
from tracker.queries.quotations import read_quotable_submissions

QUOTATIONS = 80


def make_world(*, respondents: int, rounds: int, seed: int) -> None:
    # As in the demonstration: a password that everybody knows is for where DEBUG is on.
    password = PASSWORD if settings.DEBUG else None
    with override_settings(DEBUG=False, MAILERS=NO_MAIL), transaction.atomic():  # with DEBUG all queries are kept
        load_catalogue()
        world = World(rounds, Random(f"{seed}"), timezone.localdate(), password)  # noqa: S311
        _fill(world, respondents, seed)
        update_row_counts()
        _release(world)


def _release(world: World) -> None:
    """Make releases of the two newest closed rounds, where enough States can be covered. Quote for the last."""
    release = None
    for closed in reversed(Round.objects.closed()[:2]):
        with suppress(ValidationError):
            release = make_release(round=closed, by=world.reviewers[0])
    if release:
        _quote(release, world)


def _quote(release: Release, world: World) -> None:
    """Quote some answers that States permit to quote. Notify the States, but not of the last."""
    officer = world.reviewers[0]
    items = SubmissionItem.objects.to_be_read_by(officer).filter(submission__in=read_quotable_submissions(release))
    items = items.exclude(revision__measures="", revision__reasons="").filter(revision__isnull=False).order_by("pk")
    keys = list(items.values_list("pk", flat=True))
    if not keys:
        return
    *chosen, last = world.random.sample(keys, min(QUOTATIONS, len(keys)))
    rows = items.select_related("submission__respondent", "submission__round", "revision", "unit")
    for item in rows.filter(pk__in=chosen):
        _quote_answer(release, item, world, officer)
    notify_of_quotations(release=release, language="en", object_by=world.today + 14 * DAY, by=officer)
    _quote_answer(release, rows.get(pk=last), world, officer)


def _quote_answer(release: Release, item: SubmissionItem, world: World, officer: User) -> None:
    """Quote the measures or else the reasons, with an English translation where they are in another language."""
    revision = cast(Revision, item.revision)
    field, translation = "measures" if revision.measures else "reasons", ""
    if revision.language != "en":
        writer = Writer(world.random, "en", world.today.year)
        translation = writer.text(getattr(writer.bank, field))
        save_translations(revision=revision, language="en", texts={field: translation}, by=officer)
    words = getattr(revision, field)
    save_quotation(release=release, item=item, field=field, words=words, translated=translation, by=officer)


def _fill(world: World, respondents: int, seed: int) -> None:
    try:
        for respondent in world.states(respondents):
            GeneratedState(world, respondent, Random(f"{seed} {respondent.code}")).add_all()  # noqa: S311
            world.rows.save_all()
            share_practices([respondent])
        world.add_pending_request()
        world.write_trail()
    except BaseException:
        for name in world.stored:
            delete_file(name)
        raise
    world.rows.reset_keys()

"""A generated world of invented States, of any size, to measure and to try things on.

Rows are made by the functions of the actions, one State after another and each in the order of time, and are inserted
many at once. The same seed on the same day gives the same texts, users and times; salts and verification codes differ.
"""

from contextlib import suppress
from random import Random

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.test.utils import override_settings
from django.utils import timezone

from recommendations.fixtures import load_catalogue
from tracker.actions.release import make_release
from tracker.actions.stored_file import delete_file
from tracker.actions.submission import share_practices
from tracker.demo.sample import PASSWORD
from tracker.demo.world.state import GeneratedState
from tracker.demo.world.world import World
from tracker.models import Round


def make_world(*, respondents: int, rounds: int, seed: int) -> None:
    # As in the demonstration: a password that everybody knows is for where DEBUG is on.
    password = PASSWORD if settings.DEBUG else None
    with override_settings(DEBUG=False), transaction.atomic():  # with DEBUG the words of every query are kept
        load_catalogue()
        world = World(rounds, Random(f"{seed}"), timezone.localdate(), password)  # noqa: S311
        _fill(world, respondents, seed)
        _release(world)


def _release(world: World) -> None:
    """Make releases of the two newest closed rounds, where enough States can be covered."""
    for closed in reversed(Round.objects.closed()[:2]):
        with suppress(ValidationError):
            make_release(round=closed, by=world.reviewers[0])


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

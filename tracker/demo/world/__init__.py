"""A whole world of invented States, as large as is asked for, to measure and to try things on.

Rows are made by the same functions as those that the actions save, one State after another and each in the order of
time, and are inserted many at once. What is said, by whom and when is the same for the same seed on the same day; the
random values beside the digests, and the verification codes, are new each time.
"""

from random import Random

from django.conf import settings
from django.db import transaction
from django.test.utils import override_settings
from django.utils import timezone

from recommendations.fixtures import load_catalogue
from tracker.actions.evidence import destroy_bytes
from tracker.actions.submission import share_practices
from tracker.demo.sample import PASSWORD
from tracker.demo.world.desk import Desk
from tracker.demo.world.site import Site


def make_world(*, respondents: int, rounds: int, seed: int) -> None:
    """Add the catalogue, so many invented States with all that is theirs, and so many rounds, the last one open:
    everything or nothing.
    """
    # As in the demonstration: a password that everybody knows is for where DEBUG is on.
    password = PASSWORD if settings.DEBUG else None
    with override_settings(DEBUG=False), transaction.atomic():  # with DEBUG the words of every query are kept
        load_catalogue()
        site = Site(rounds, Random(f"{seed}"), timezone.localdate(), password)  # noqa: S311
        _fill(site, respondents, seed)


def _fill(site: Site, respondents: int, seed: int) -> None:
    try:
        for respondent in site.states(respondents):
            Desk(site, respondent, Random(f"{seed} {respondent.code}")).work()  # noqa: S311
            site.rows.insert()
            share_practices([respondent])
        site.write_trail()
    except BaseException:
        for name in site.stored:
            destroy_bytes(name)
        raise
    site.rows.leave_off()

"""The list behind each figure of random rounds has as many rows as the figure says."""

from collections.abc import Iterator

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings

from tests.thorough import times
from tests.worlds import build, worlds
from tracker.figures.answers import Figure, Progress
from tracker.figures.assistance import needs
from tracker.figures.behind import Behind
from tracker.figures.practices import practices
from tracker.figures.progress import RoundProgress, progress_of_others, round_progress
from tracker.figures.selection import Selection

pytestmark = pytest.mark.django_db


def figures_of(found: RoundProgress) -> Iterator[Figure]:
    """Yield the figures of all pages of a round."""
    yield from (found.invited, found.all_counted, found.submitted, found.left_out, found.withdrawn)
    parts = [found.overall, *(progress for _respondent, progress in progress_of_others(found))]
    for grouped in (found.by_theme, found.by_meeting, found.by_strength, found.by_unit, found.by_region):
        parts += [part.progress for part in grouped]
    for progress in parts:
        yield from _figures_of_progress(progress)
    for region in found.by_region:
        yield from (region.submitted, region.counted)
    for counts in (needs(found), practices(found)):
        for part in (counts.overall, *counts.by_theme, *counts.by_family, *counts.by_region):
            yield from _figures_of_part(part)


def _figures_of_progress(progress: Progress) -> Iterator[Figure]:
    yield from (progress.all, progress.response_rate, progress.no_information, *progress.distribution.values())
    yield from (progress.considered_where_asked, progress.considered_elsewhere)


def _figures_of_part(part) -> Iterator[Figure]:
    yield from (value for value in part if isinstance(value, Figure))
    for count in (part.all, *part.by_kind.values()) if hasattr(part, "by_kind") else ():
        yield from count


@given(world=worlds)
@settings(max_examples=times(5, 50), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_list_has_as_many_rows_as_the_figure_says(bob, world):
    with transaction.atomic():
        round_ = build(world, bob)
        found = round_progress(round_)
        figures = list(figures_of(found))
        listed = [Behind(figure.selection, found).size for figure in figures]
        transaction.set_rollback(True)
    assert listed == [figure.numerator for figure in figures]


def test_a_selection_is_its_address():
    assert Selection("2026").query == "round=2026"
    assert Selection("2026", theme="", status="answered").query == "round=2026&theme=-&status=answered"
